#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample idle_timeout, with nc and a bare socket.

    idle_timeout_test.py PATH_OF_THE_SAMPLE
"""

import select

from sample_process import *

QUESTION = b"are you there?\n"
GOODBYE = b"goodbye\n"


class IdleTimeout(SampleTest):
    def test_a_silent_client_is_asked_and_then_sent_away(self):
        _, (host, port) = self.served("--silence=100ms")
        client = self.start(["nc", host, str(port)])
        self.assertEqual(client.stdout.readline(), QUESTION)
        self.assertEqual(client.stdout.readline(), GOODBYE)

    def test_the_server_does_not_wait_for_a_client_that_does_not_finish(self):
        _, address = self.served("--silence=100ms")
        client = self.client(address)
        self.assertEqual(self.receive_all(client), QUESTION + GOODBYE)
        self.wait_for_reset(client)

    def wait_for_reset(self, client):
        """What is sent to a closed socket is answered by RST."""
        errors = select.poll()
        errors.register(client, 0)
        end = time.monotonic() + DEADLINE
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):
            while time.monotonic() < end:
                client.sendall(b"x")
                errors.poll(50)

    def test_a_client_that_answers_may_stay(self):
        _, address = self.served("--silence=1s")  # time enough to answer
        client = self.client(address)
        self.assertEqual(self.receive(client, len(QUESTION)), QUESTION)
        client.sendall(b"yes\n")
        self.assertEqual(self.receive_all(client), QUESTION + GOODBYE)

    def test_the_silence_lasts_as_long_as_is_said(self):
        _, address = self.served("--silence=300ms")
        client = self.client(address)
        begin = time.monotonic()
        self.receive(client, len(QUESTION))
        self.assertGreaterEqual(time.monotonic() - begin, 0.2)
        self.assertEqual(self.receive_all(client), GOODBYE)
        self.assertGreaterEqual(time.monotonic() - begin, 0.5)


if __name__ == "__main__":
    main()
