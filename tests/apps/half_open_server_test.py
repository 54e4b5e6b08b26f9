#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample half_open_server, with nc, socat and a bare socket.

    half_open_server_test.py PATH_OF_THE_SAMPLE
"""

from sample_process import *


class HalfOpenServer(SampleTest):
    def test_clients_are_told_how_much_they_sent(self):
        _, (host, port) = self.served()
        for command in (["nc", "-N", host, str(port)], ["socat", "-t", str(DEADLINE), "STDIO", f"TCP:{host}:{port}"]):
            for size in (0, 5, 1_000_000):
                with self.subTest(command=command, size=size):
                    done = subprocess.run(command, input=pattern(size), capture_output=True, timeout=DEADLINE)
                    self.assertEqual(done.stdout, b"%d bytes\n" % size, done.stderr)

    def test_the_answer_waits_for_the_clients_end_and_then_the_server_finishes(self):
        _, address = self.served()
        client = self.client(address)
        client.sendall(b"hello")
        another = self.client(address)
        another.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(another), b"0 bytes\n")
        client.setblocking(False)
        with self.assertRaises(BlockingIOError):
            client.recv(1)
        client.settimeout(DEADLINE)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(client), b"5 bytes\n")


if __name__ == "__main__":
    main()
