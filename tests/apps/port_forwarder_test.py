#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample port_forwarder, between sockets of ours and with socat.

    port_forwarder_test.py PATH_OF_THE_SAMPLE
"""

import threading

from sample_process import *

MUCH = 10_000_000


class PortForwarder(SampleTest):
    def forwarded(self):
        """(sample, our client, our server's end of its connection)"""
        far = self.server()
        server, address = self.served(f"--to={url_of(far)}")
        client = self.client(address)
        return server, client, self.accept(far)

    def test_much_goes_both_ways_at_once(self):
        server, client, far = self.forwarded()
        senders = [threading.Thread(target=self.send, args=pair, daemon=True)
                   for pair in ((client, pattern(MUCH)), (far, pattern(MUCH)[::-1]))]
        got = {}
        receivers = [threading.Thread(target=lambda end=end: got.update({end: self.receive_all(end)}), daemon=True)
                     for end in (client, far)]
        for thread in senders + receivers:
            thread.start()
        for thread in senders + receivers:
            thread.join(DEADLINE)
        self.assertEqual(got[far], pattern(MUCH))
        self.assertEqual(got[client], pattern(MUCH)[::-1])
        self.assertEqual(server.line(), f"{MUCH} there, {MUCH} back")

    def send(self, end, data):
        end.sendall(data)
        end.shutdown(socket.SHUT_WR)

    def test_a_question_through_socat(self):
        echo = self.server()
        server, (host, port) = self.served(f"--to={url_of(echo)}")
        asker = self.start(["socat", "-t", str(DEADLINE), "STDIO", f"TCP:{host}:{port}"])
        asker.stdin.write(b"a question")
        asker.stdin.close()
        answerer = self.accept(echo)
        self.assertEqual(self.receive_all(answerer), b"a question")
        answerer.sendall(b"an answer")
        answerer.close()
        self.assertEqual(asker.stdout.read(), b"an answer")
        self.assertEqual(server.line(), "10 there, 9 back")

    def test_a_reset_reaches_the_other_side(self):
        _, client, far = self.forwarded()
        client.sendall(b"x")
        self.receive(far, 1)
        reset(client)
        with self.assertRaises(ConnectionResetError):
            self.receive_all(far)

    def test_a_server_that_is_not_there_ends_the_client(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            nobody = url_of(gone)
        server, address = self.served(f"--to={nobody}")
        self.assertEqual(self.receive_all(self.client(address)), b"")
        self.assertEqual(server.line(), "0 there, 0 back")


if __name__ == "__main__":
    main()
