#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample guarded_server: two listeners, every policy, and how it drains.

    guarded_server_test.py PATH_OF_THE_SAMPLE
"""

import re

from sample_process import *

STOPS = b"the server stops\n"


class GuardedServer(SampleTest):
    def guarded(self, *arguments):
        """A server on two ports: (sample, the addresses)."""
        server = self.sample(*arguments, "tcp://127.0.0.1:0", "tcp://127.0.0.1:0")
        return server, [server.address(), server.address()]

    def served_client(self, address, **options):
        client = self.client(address, **options)
        client.sendall(b"hello")
        self.assertEqual(self.receive(client, 5), b"hello")
        return client

    def test_both_listeners_share_one_limit(self):
        server, (one, other) = self.guarded("--total=2")
        first = self.served_client(one)
        self.served_client(other)
        self.assertEqual(server.line(), "limit reached: total")
        for address in (one, other):
            self.assertEqual(self.receive_all(self.client(address)), b"")
        first.close()
        self.assertEqual(server.line(), "limit cleared: total")
        self.served_client(other)

    def test_beyond_it_clients_are_reset(self):
        _, (one, _) = self.guarded("--total=0", "--policy=reset")
        with self.assertRaises(ConnectionResetError):
            self.receive_all(self.client(one))

    def test_beyond_it_clients_are_told_a_farewell(self):
        _, (one, _) = self.guarded("--total=0", "--policy=reply", "--farewell=full")
        client = self.client(one)
        client.sendall(b"a request that nobody reads")
        self.assertEqual(self.receive_all(client), b"full")

    def test_beyond_it_clients_wait(self):
        _, (one, other) = self.guarded("--total=1", "--policy=wait")
        first = self.served_client(one)
        waiting = self.client(other)
        waiting.sendall(b"hello")
        first.close()
        self.assertEqual(self.receive(waiting, 5), b"hello")

    def test_addresses_and_networks_have_limits(self):
        for option in ("--per-address=1", "--per-prefix=1"):
            server, (one, other) = self.guarded(option)
            self.served_client(one, source_address=("127.0.1.1", 0))
            self.assertEqual(self.receive_all(self.client(other, source_address=("127.0.1.1", 0))), b"")
            self.assertEqual(server.line(), "limit reached: " + ("address" if "address" in option else "prefix"))
            self.served_client(other, source_address=("127.0.2.1", 0))

    def test_a_policy_that_there_is_not_is_told(self):
        _, lines, errors = self.sample("--policy=burn").ended()
        self.assertEqual((lines, errors.count("\n")), ([], 1))
        self.assertIn("--policy=burn", errors)

    def test_at_sigterm_it_drains_and_reports(self):
        server, (one, other) = self.guarded("--deadline=1s")
        leaves = self.served_client(one)
        stays = self.served_client(other)
        server.signal(signal.SIGTERM)
        self.assertEqual(self.receive_all(leaves), STOPS)
        leaves.close()
        self.assertEqual(self.receive(stays, len(STOPS)), STOPS)
        status, lines, _ = server.ended()  # a busy machine may have made a handler slow, which is told
        self.assertEqual(status, 0)
        self.assertIn("served 2, finished 1, forced 1", lines)
        self.assertTrue(all(re.fullmatch(r"\d+ left", each) for each in lines[:-1]), lines)


if __name__ == "__main__":
    main()
