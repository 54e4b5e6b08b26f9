#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Storms of clients against the console's limits, watched by somebody who counts the descriptors of its process.

    guarded_storm_test.py PATH_OF_THE_CONSOLE

With ACTORNET_SOAK=1 ten thousand clients, else a tenth of that.
"""

import collections
import contextlib
import random
import struct

from console_process import *
from storm import Observer, on_threads

SOAK = os.environ.get("ACTORNET_SOAK") == "1"
CLIENTS = 10_000 if SOAK else 1_000
THREADS = 8
LOOPS = 4
LIMIT = 100
# SO_LINGER on, 0 s: the client's port is free at once, however many came before from the few that one address has.
WITH_A_RESET = struct.pack("ii", 1, 0)


class Storm(ConsoleTest):
    def address_of(self, console):
        return parse_address(console.ask("address")["local"])

    def until(self, console, wanted):
        """Asks until `info` is as wanted."""
        end = time.monotonic() + 4 * DEADLINE
        while time.monotonic() < end:
            info = console.ask("info")
            if wanted(info):
                return info
        self.fail(f"waited in vain; {info}")

    def storm(self, address, clients):
        """Clients connect as fast as they can, and stay until so many others came, which chance decides."""
        def connect_and_leave(number):
            chance = random.Random(number)
            open_ones = collections.deque()
            for _ in range(clients // THREADS):
                try:
                    open_ones.append(socket.create_connection(address, timeout=DEADLINE))
                except ConnectionResetError:
                    pass  # accepted, and reset before connect(2) was done
                while len(open_ones) > chance.randrange(40):
                    open_ones.popleft().close()
            for each in open_ones:
                each.close()

        on_threads(THREADS, connect_and_leave)

    def test_never_more_than_the_limit_however_many_come(self):
        for policy in ("drop", "reset"):
            with self.subTest(policy=policy):
                console = self.listener("--loops", str(LOOPS), "--max-connections", str(LIMIT), "--over-limit", policy,
                                        "--handler", "echo", "--backlog", "4096")
                address = console.address()
                with Observer(console.process.pid) as observer:
                    self.storm(address, CLIENTS)
                    info = self.until(console, lambda info: info["connections"] == 0 and
                                      info["accepted"] + info["dropped"] == CLIENTS)
                    self.assertGreaterEqual(info["accepted"], LIMIT)
                    self.serve_at_once(address, LIMIT)
                    observer.until_seen(LIMIT)
                self.assertGreater(observer.looks, 10)
                self.assertLessEqual(observer.most, LIMIT + LOOPS)
                self.assertEqual(console.ask("info")["dropped"], info["dropped"])
                console.close()

    def serve_at_once(self, address, count):
        """So many clients get their word back, and stay until the end of the test."""
        fresh = [self.client(address) for _ in range(count)]
        for each in fresh:
            each.sendall(b"hello")
        for each in fresh:
            self.assertEqual(self.receive(each, 5), b"hello")

    def test_never_more_than_the_limit_where_clients_wait_and_nobody_is_refused(self):
        console = self.listener("--loops", str(LOOPS), "--max-connections", "10", "--over-limit", "wait",
                                "--handler", "echo", "--backlog", "4096")
        address = console.address()
        with Observer(console.process.pid) as observer:
            self.storm(address, CLIENTS)
            info = self.until(console, lambda info: info["connections"] == 0 and info["accepted"] == CLIENTS)
            self.serve_at_once(address, 10)
            observer.until_seen(10)
        self.assertGreater(observer.looks, 10)
        self.assertLessEqual(observer.most, 10)
        self.assertEqual(info["dropped"], 0)

    def test_twenty_clients_at_a_limit_of_ten_are_all_served_one_after_the_other(self):
        console = self.listener("--max-connections", "10", "--over-limit", "wait", "--handler", "echo")
        address = console.address()
        clients = [self.client(address) for _ in range(20)]
        for each in clients:
            each.sendall(b"hello")
        for each in clients:
            self.assertEqual(self.receive(each, 5), b"hello")
            each.close()
        info = self.until(console, lambda info: info["connections"] == 0)
        self.assertEqual((info["accepted"], info["dropped"]), (20, 0))

    def test_fifty_addresses_have_a_limit_each(self):
        console = self.listener("--max-per-address", "3", "--backlog", "4096")
        address = console.address()
        for last in range(1, 51):
            for _ in range(5):
                self.client(address, source_address=(f"127.0.0.{last}", 0))
        info = self.until(console, lambda info: info["accepted"] + info["dropped"] == 250)
        self.assertEqual((info["accepted"], info["dropped"]), (150, 100))
        served = collections.Counter(each["remote"].rsplit(":", 1)[0] for each in console.of("connected"))
        self.assertEqual(served, {f"127.0.0.{last}": 3 for last in range(1, 51)})
        self.assertEqual({each["reason"] for each in console.of("dropped")}, {"max_per_address"})

    def test_no_more_than_the_rate_are_served_of_the_many_that_come(self):
        rate, seconds = 200, 5 if SOAK else 2
        console = self.listener("--accept-rate", str(rate), "--handler", "echo")
        address = console.address()
        end = time.monotonic() + seconds

        # Each waits for what becomes of it. Else a slow console had many at each turn of its loop, by which it counts tokens,
        # and the times of its events told less about them.
        def connect(_):
            while time.monotonic() < end:
                with socket.create_connection(address, timeout=DEADLINE) as client:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, WITH_A_RESET)
                    with contextlib.suppress(ConnectionError):
                        client.sendall(b"x")
                        client.recv(1)

        on_threads(2, connect)
        self.until(console, lambda info: info["connections"] == 0)
        came = sorted(each["t"] / 1000 for each in console.of("connected") + console.of("dropped"))
        served = len(console.of("connected"))
        self.assertGreater(len(console.of("dropped")), served)
        self.assertLessEqual(served, rate * (came[-1] - came[0]) * 1.05 + rate / 20)
        # Where the machine had no time for clients, tokens were lost: what came when tells how many.
        expected = self.served_of(came, rate, rate / 20)
        self.assertAlmostEqual(served / expected, 1, delta=0.05)

    def served_of(self, times, rate, burst):
        """How many of those a bucket of tokens serves."""
        served, tokens, before = 0, burst, times[0]
        for now in times:
            tokens = min(burst, tokens + (now - before) * rate)
            before = now
            if tokens >= 1:
                tokens -= 1
                served += 1
        return served


if __name__ == "__main__":
    main()
