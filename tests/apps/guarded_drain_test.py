#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample guarded_server with a thousand connections to drain, and with hundreds of slow clients beside good ones.

    guarded_drain_test.py PATH_OF_THE_SAMPLE

With ACTORNET_SOAK=1 in full, and with the times that are promised on a machine that has nothing else to do.
"""

import resource

from sample_process import *

SOAK = os.environ.get("ACTORNET_SOAK") == "1"
CONNECTIONS = 1_000 if SOAK else 200
SLOW = 500 if SOAK else 200
ROUNDS = 2_000 if SOAK else 300


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
        self.assertEqual(lines[-1], f"served {CONNECTIONS}, finished {each}, forced {2 * each}")
        self.assertGreaterEqual(took, 1)  # from the last turn of a loop that was busy
        self.assertLessEqual(took, 2.2 if SOAK else 2 + DEADLINE)
        del silent

    def latencies(self, client):
        """Of round trips of a good client, sorted."""
        result = []
        for _ in range(ROUNDS):
            begin = time.monotonic()
            client.sendall(b"are you there?")
            self.receive(client, 14)
            result.append(time.monotonic() - begin)
        return sorted(result)

    def test_slow_clients_do_not_make_good_ones_wait(self):
        allow_descriptors(4096)
        _, address = self.served("--total=600")
        good = self.client(address)
        self.latencies(good)
        alone = self.latencies(good)
        slow = [self.client(address) for _ in range(SLOW)]
        beside = []
        for part in range(4):
            for client in slow:  # a byte at a time, of a request that never ends
                client.sendall(b"GET /"[part:part + 1])
            beside += self.latencies(good)
        beside.sort()
        p99 = [times[len(times) * 99 // 100] for times in (alone, beside)]
        self.assertLess(p99[1], 2 * p99[0] + 0.0002 if SOAK else 2 * p99[0] + 1)
        fresh = self.client(address)
        fresh.sendall(b"served")
        self.assertEqual(self.receive(fresh, 6), b"served")


if __name__ == "__main__":
    main()
