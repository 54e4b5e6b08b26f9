#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample guarded_server besieged by hundreds of hostile clients of each kind, while good ones are served.

    guarded_siege_test.py PATH_OF_THE_SAMPLE

With ACTORNET_SOAK=1 in full, and with the latencies that are promised on a machine that has nothing else to do.
"""

import pathlib
import resource
import statistics
import sys

from hostile_clients import KINDS
from sample_process import *

SOAK = os.environ.get("ACTORNET_SOAK") == "1"
LIMIT = 600
HOSTILE = 500 if SOAK else 100
GOOD = 10
ROUNDS = 400 if SOAK else 30  # of each good client, in one look
LOOKS = 7 if SOAK else 1
BOUND = 0.05 if SOAK else 1  # seconds, for anybody good; a busy machine may make anybody wait
ATTACK = pathlib.Path(__file__).with_name("hostile_clients.py")
WORD = b"are you there?"


def p99(times):
    return sorted(times)[len(times) * 99 // 100]


class Siege(SampleTest):
    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))

    def attack(self, kind, address):
        attackers = subprocess.Popen([sys.executable, "-B", ATTACK, kind, *map(str, address), str(HOSTILE)],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(attackers.stdout.close)
        self.addCleanup(attackers.wait)
        self.addCleanup(attackers.kill)
        self.assertEqual(attackers.stdout.readline(), b"ready\n")
        return attackers

    def over(self, attackers):
        self.assertIsNone(attackers.poll(), "the attack has broken down")
        attackers.stdin.close()
        self.assertEqual(attackers.wait(DEADLINE), 0)

    def round_trip(self, client):
        begin = time.perf_counter()
        client.sendall(WORD)
        self.assertEqual(self.receive(client, len(WORD)), WORD)
        return time.perf_counter() - begin

    def latencies(self, clients):
        return [self.round_trip(client) for _ in range(ROUNDS) for client in clients]

    def arrival(self, address):
        """How long it takes somebody new to connect and be answered."""
        begin = time.perf_counter()
        client = self.client(address)
        self.round_trip(client)
        client.close()
        return time.perf_counter() - begin

    def test_good_clients_are_served_in_time_whoever_else_is_there(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                server, address = self.served(f"--total={LIMIT}", "--per-address=1000")
                good = [self.client(address) for _ in range(GOOD)]
                attackers = self.attack(kind, address)
                seen = self.latencies(good) + [self.arrival(address) for _ in range(ROUNDS)]
                self.over(attackers)
                self.assertLess(p99(seen), BOUND)
                server.close()

    def test_good_clients_are_served_in_time_beside_slow_loris_ones(self):
        """And in the long form no later than twice what they wait alone, which a busy machine could not tell."""
        _, address = self.served(f"--total={LIMIT}")
        good = [self.client(address) for _ in range(GOOD)]
        self.latencies(good)
        ratios = []
        for _ in range(LOOKS):
            alone = p99(self.latencies(good))
            attackers = self.attack("slow_loris", address)
            beside = p99(self.latencies(good))
            self.over(attackers)
            self.assertLess(beside, BOUND)
            ratios.append(beside / alone)
        print(f"p99 beside slow-loris clients, to p99 alone: {', '.join(f'{each:.2f}' for each in ratios)}", file=sys.stderr)
        if SOAK:
            self.assertLess(statistics.median(ratios), 2)
        self.round_trip(self.client(address))


if __name__ == "__main__":
    main()
