#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample guarded_server with a thousand connections to drain, and in a storm of clients at four listeners.

    guarded_drain_test.py PATH_OF_THE_SAMPLE

With ACTORNET_SOAK=1 in full, and with the times that are promised on a machine that has nothing else to do.
"""

import collections
import random
import resource

from sample_process import *
from storm import Observer, on_threads

SOAK = os.environ.get("ACTORNET_SOAK") == "1"
CONNECTIONS = 1_000 if SOAK else 200
CLIENTS = 10_000 if SOAK else 1_000
LIMIT = 100
LOOPS = 4
THREADS = 8


def allow_descriptors(count):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count), hard))


class Drain(SampleTest):
    def test_connections_in_mixed_states_are_drained_by_the_deadline_with_a_correct_report(self):
        allow_descriptors(4096)
        server, address = self.served("--total=2000", "--deadline=2s")
        kinds = [self.client(address) for _ in range(CONNECTIONS)]
        for client in kinds:
            client.sendall(b"hello")
        for client in kinds:
            self.assertEqual(self.receive(client, 5), b"hello")
        leaving, halved, silent, deaf = (kinds[first::4] for first in range(4))
        for client in halved:
            client.shutdown(socket.SHUT_WR)
        for client in halved:
            self.assertEqual(self.receive_all(client), b"")
        for client in deaf:  # more than all buffers hold comes back to who does not read
            client.setblocking(False)
            try:
                while True:
                    client.send(bytes(1 << 16))
            except BlockingIOError:
                pass
        begin = time.monotonic()
        server.signal(signal.SIGTERM)
        for client in leaving:
            self.receive_all(client)
            client.close()
        status, lines, _ = server.ended()  # a busy machine may have made a handler slow, which is told
        took = time.monotonic() - begin
        self.assertEqual(status, 0)
        each = CONNECTIONS // 4
        self.assertEqual(report_among(lines), f"served {CONNECTIONS}, finished {each}, forced {2 * each}")
        self.assertGreaterEqual(took, 1)  # from the last turn of a loop that was busy
        self.assertLessEqual(took, 2.2 if SOAK else 2 + DEADLINE)
        del silent


def report_among(lines):
    """Another actor tells how far the drain has come, and may do so later."""
    return next(line for line in lines if line.startswith("served "))


def is_served(client):
    """Whether it gets its word back, or an end or a reset instead."""
    try:
        client.sendall(b"x")
        return client.recv(1) == b"x"
    except (ConnectionResetError, BrokenPipeError):
        return False


class Storm(SampleTest):
    def storm(self, addresses, staying_max):
        """Clients that connect as fast as they can, at all listeners in turn, and stay until so many others came, which
        chance decides; how many of them are served, and refused."""

        def connect_and_leave(number):
            chance = random.Random(number)
            staying = collections.deque()
            count = collections.Counter()
            for each in range(CLIENTS // THREADS):
                try:
                    client = socket.create_connection(addresses[each % len(addresses)], timeout=DEADLINE)
                except ConnectionResetError:  # accepted, and reset before connect(2) was done
                    count[False] += 1
                    continue
                count[is_served(client)] += 1
                staying.append(client)
                while len(staying) > chance.randint(0, staying_max):
                    staying.popleft().close()
            for each in staying:
                each.close()
            return count

        return sum(on_threads(THREADS, connect_and_leave), collections.Counter())

    def weather_a_storm(self, policy, limit, staying_max, refused_at_once):
        server = self.sample(f"--actornet.loops={LOOPS}", f"--total={limit}", f"--policy={policy}",
                             *["tcp://127.0.0.1:0"] * LOOPS)
        addresses = [server.address() for _ in range(LOOPS)]
        with Observer(server.process_id) as observer:
            count = self.storm(addresses, staying_max)
            self.assertEqual(count.total(), CLIENTS)
            self.until_all_have_left(observer)
            fresh = [self.client(addresses[each % LOOPS]) for each in range(limit)]
            self.assertTrue(all(map(is_served, fresh)))
            observer.until_seen(limit)
        self.assertGreater(observer.looks, 10)
        self.assertLessEqual(observer.most, limit + refused_at_once)
        for each in fresh:
            each.close()
        server.signal(signal.SIGTERM)
        _, lines, _ = server.ended()
        self.assertRegex(report_among(lines), rf"^served {count[True] + limit}, ")
        return count

    def until_all_have_left(self, observer):
        end = time.monotonic() + DEADLINE
        while observer.count() > observer.at_first:
            self.assertLess(time.monotonic(), end)

    def test_four_listeners_on_four_loops_never_have_more_than_the_limit_together(self):
        for policy in ("drop", "reset"):
            with self.subTest(policy=policy):
                count = self.weather_a_storm(policy, LIMIT, 39, refused_at_once=LOOPS)
                self.assertGreater(count[False], 0)

    def test_where_clients_wait_none_is_refused_at_four_listeners_on_four_loops(self):
        # Who stays while he waits for another must leave a place for somebody.
        count = self.weather_a_storm("wait", THREADS + 2, 1, refused_at_once=0)
        self.assertEqual(count[False], 0)


if __name__ == "__main__":
    main()
