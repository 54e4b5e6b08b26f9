#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample unref, with nc and bare sockets.

    unref_test.py PATH_OF_THE_SAMPLE
"""

from sample_process import *


class Unref(SampleTest):
    def assert_echoes(self, client):
        client.sendall(b"hello")
        self.assertEqual(self.receive(client, 5), b"hello")

    def test_it_ends_with_its_last_connection_though_it_still_listens(self):
        server, address = self.served()
        first = self.client(address)
        self.assert_echoes(first)
        second = self.client(address)
        self.assert_echoes(second)
        first.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(first), b"")
        third = self.client(address)  # it listens
        self.assert_echoes(third)
        for client in (second, third):
            self.assertTrue(server.is_running())
            self.assert_echoes(client)
            client.close()
        self.assertEqual(server.ended(), (0, [], ""))
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(address, timeout=DEADLINE)

    def test_it_waits_for_its_first_client_and_ends_with_it(self):
        server, (host, port) = self.served()
        self.assertTrue(server.is_running())
        done = subprocess.run(["nc", "-N", host, str(port)], input=b"hello", capture_output=True, timeout=DEADLINE)
        self.assertEqual(done.stdout, b"hello")
        self.assertEqual(server.ended(), (0, [], ""))


if __name__ == "__main__":
    main()
