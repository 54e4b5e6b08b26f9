#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample connection_counter, with socat and bare sockets.

    connection_counter_test.py PATH_OF_THE_SAMPLE
"""

from sample_process import *


class ConnectionCounter(SampleTest):
    def connected(self, server, address, count):
        made = self.client(address)
        self.assertEqual(server.line(), f"{count} connected")
        return made

    def assert_echoes(self, client):
        client.sendall(b"still here")
        self.assertEqual(self.receive(client, 10), b"still here")

    def test_it_closes_the_listener_at_two_and_keeps_the_two(self):
        server, address = self.served()
        first = self.connected(server, address, 1)
        second = self.connected(server, address, 2)
        self.assertEqual(server.line(), "closed, nobody else can connect")
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(address, timeout=DEADLINE)
        for client in (first, second):
            self.assert_echoes(client)
        first.close()
        self.assert_echoes(second)
        self.assertTrue(server.is_running())
        second.close()
        self.assertEqual(server.ended(), (0, ["the last one is gone"], ""))

    def test_how_many_are_enough_may_be_said(self):
        server, (host, port) = self.served("--enough=1")
        client = self.start(["socat", "-t", str(DEADLINE), "STDIO", f"TCP:{host}:{port}"])
        self.assertEqual((server.line(), server.line()), ("1 connected", "closed, nobody else can connect"))
        self.assertEqual(client.communicate(b"hello", timeout=DEADLINE)[0], b"hello")
        self.assertEqual(server.ended(), (0, ["the last one is gone"], ""))

    def test_of_a_crowd_no_more_are_kept_than_are_enough(self):
        server, address = self.served("--enough=3")
        crowd = []
        for _ in range(20):
            made = socket.socket()
            self.addCleanup(made.close)
            made.setblocking(False)
            made.connect_ex(address)
            crowd.append(made)
        lines = iter(server.line, "closed, nobody else can connect")
        self.assertIn("3 connected", list(lines))
        kept = [client for client in crowd if self.is_kept(client)]
        self.assertEqual(len(kept), 3)

    def is_kept(self, client):
        """Whether it gets back what it sends."""
        client.settimeout(DEADLINE)
        try:
            client.sendall(b"x")
            return client.recv(1) == b"x"
        except OSError:
            return False


if __name__ == "__main__":
    main()
