#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The limits of the console's listener, with bare sockets: how many, from where, how fast, and what becomes of others.

    console_limits_test.py PATH_OF_THE_CONSOLE
"""

import select

from console_process import *


class Limits(ConsoleTest):
    def address_of(self, console):
        return parse_address(console.ask("address")["local"])

    def told(self, console, clients):
        """Waits until so many clients were served or refused: what it knows then, and has printed."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            info = console.ask("info")
            if info["accepted"] + info["dropped"] == clients:
                return info
        self.fail(f"{clients} clients, but {info}")

    def test_beyond_the_limit_a_client_is_reset_if_that_is_said(self):
        console, _ = self.served("--max-connections", "1", "--over-limit", "reset")
        address = self.address_of(console)
        with self.assertRaises(ConnectionResetError):  # perhaps before connect(2) is done
            self.receive_all(self.client(address))
        event = console.event("dropped")
        self.assertEqual(list(event), ["t", "event", "local", "remote", "reason"])
        self.assertEqual(event["reason"], "max_connections")

    def test_beyond_the_limit_a_client_is_told_a_farewell_if_that_is_said(self):
        console, _ = self.served("--max-connections", "1", "--over-limit", "reply", "--farewell", "come back later")
        client = self.client(self.address_of(console))
        client.sendall(b"a request that nobody reads")
        self.assertEqual(self.receive_all(client), b"come back later")
        self.assertEqual(console.event("dropped")["reason"], "max_connections")

    def test_a_network_has_its_limit(self):
        console = self.listener("--max-per-prefix", "2", "--handler", "echo")
        address = console.address()
        clients = [self.client(address, source_address=(f"127.0.{net}.{host}", 0))
                   for net in (1, 2) for host in (1, 2, 3)]
        info = self.told(console, len(clients))
        self.assertEqual((info["accepted"], info["dropped"]), (4, 2))
        self.assertEqual({each["reason"] for each in console.of("dropped")}, {"max_per_prefix"})

    def test_lists_change_while_it_runs_and_close_nobody(self):
        console, client = self.served("--handler", "echo", "--deny", "127.0.0.2")
        address = self.address_of(console)

        def is_let_in(host):
            one = self.client(address, source_address=(host, 0))
            try:
                one.sendall(b"hello")
                return one.recv(5) == b"hello"
            except (ConnectionResetError, BrokenPipeError):
                return False

        self.assertFalse(is_let_in("127.0.0.2"))
        self.assertEqual(list(console.ask("deny 127.0.0.3 127.0.1.0/24")), ["t", "reply", "tag"])
        self.assertEqual([is_let_in(f"127.0.{each}") for each in ("0.2", "0.3", "1.9")], [True, False, False])
        console.ask("allow 127.0.0.0/30")
        self.assertEqual([is_let_in(f"127.0.{each}") for each in ("0.2", "0.3", "0.4")], [True, False, False])
        console.ask("allow all")
        console.ask("deny none")
        self.assertTrue(is_let_in("127.0.1.9"))
        client.sendall(b"still there")
        self.assertEqual(self.receive(client, 11), b"still there")

    def test_beyond_the_limit_clients_wait_if_that_is_said_and_none_is_refused(self):
        console = self.listener("--max-connections", "2", "--over-limit", "wait", "--handler", "echo")
        address = console.address()
        clients = [self.client(address) for _ in range(6)]
        for client in clients:
            client.sendall(b"hello")
        for client in clients[:2]:
            self.assertEqual(self.receive(client, 5), b"hello")
        waiting = select.poll()
        for client in clients[2:]:
            waiting.register(client, select.POLLIN)
        self.assertEqual(waiting.poll(100), [])
        info = console.ask("info")
        self.assertEqual((info["connections"], info["accepted"], info["dropped"]), (2, 2, 0))
        for done, client in enumerate(clients):
            if done >= 2:
                self.assertEqual(self.receive(client, 5), b"hello")
            client.close()
        for number in range(1, 7):
            console.event("closed", id=number)
        self.assertEqual(console.of("dropped"), [])

    def test_raising_the_limit_serves_who_waits(self):
        console = self.listener("--max-connections", "0", "--over-limit", "wait")
        address = console.address()
        self.client(address)
        self.assertEqual(console.ask("connections")["count"], 0)
        console.ask("max-connections 1")
        console.event("connected", id=1)
        self.client(address)
        console.ask("max-connections none")
        console.event("connected", id=2)

    def test_lowering_the_limit_closes_nobody(self):
        console, client = self.served("--max-connections", "5", "--over-limit", "reset", "--handler", "echo")
        console.ask("max-connections 0")
        client.sendall(b"still here")
        self.assertEqual(self.receive(client, 10), b"still here")

    def test_each_address_has_its_limit(self):
        console = self.listener("--max-per-address", "2")
        address = console.address()
        number = 0
        for source in ("127.0.0.1", "127.0.0.2"):
            for _ in range(2):
                number += 1
                self.client(address, source_address=(source, 0))
                console.event("connected", id=number)
            refused = self.client(address, source_address=(source, 0))
            self.assertEqual(self.receive_all(refused), b"")
            event = console.event("dropped", remote=f"{source}:{refused.getsockname()[1]}")
            self.assertEqual(event["reason"], "max_per_address")
        console.ask("destroy 1")
        self.client(address, source_address=("127.0.0.1", 0))
        console.event("connected", id=5)

    def test_who_comes_too_fast_is_dropped(self):
        console = self.listener("--accept-rate", "1")
        address = console.address()
        for _ in range(5):
            self.client(address)
        info = self.told(console, 5)
        self.assertGreaterEqual(info["accepted"], 1)
        self.assertGreaterEqual(info["dropped"], 1)
        self.assertEqual({each["reason"] for each in console.of("dropped")}, {"accept_rate"})

    def test_who_comes_too_fast_waits_if_that_is_said(self):
        console = self.listener("--accept-rate", "20", "--over-limit", "wait")
        address = console.address()
        begin = time.monotonic()
        for _ in range(11):
            self.client(address)
        for number in range(1, 12):
            console.event("connected", id=number)
        self.assertGreaterEqual(time.monotonic() - begin, 0.45)
        self.assertEqual(console.of("dropped"), [])

    def test_every_refusal_is_told_however_many(self):
        console = self.listener("--max-connections", "0")
        address = console.address()
        for _ in range(1500):
            self.client(address).close()
        self.told(console, 1500)
        self.assertEqual(len(console.of("dropped")), 1500)


if __name__ == "__main__":
    main()
