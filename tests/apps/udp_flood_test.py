#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A flood of datagrams, faster than the console can print: its memory stays small, and each that was sent is accounted for.

    udp_flood_test.py PATH_OF_THE_CONSOLE

Half a second, or ten with ACTORNET_SOAK=1.
"""

from udp_process import *

SECONDS = 10 if os.environ.get("ACTORNET_SOAK") == "1" else 0.5
# ThreadSanitizer's shadow, four bytes for each, counts as the console's.
GROWTH_MAX = (64 << 20) * (5 if "TSAN_OPTIONS" in os.environ else 1)
UDP_SEGMENT = 103  # of <netinet/udp.h>
RUN_BYTES_MAX = 65000
# AddressSanitizer keeps 256 MiB of what was freed, which looks like growth.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"


def memory(process, name):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(name))


class Flood(UdpTest):
    def test_memory_stays_small_and_every_datagram_is_accounted_for(self):
        for size in (0, 64, 1400):
            with self.subTest(size=size):
                self.flood(size)

    def sender_of(self, size):
        """Sends as many as it says: a run of them as one, so that nobody can print them as fast."""
        made = self.socket()
        if size == 0:
            return made, b"", 1
        made.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
        count = min(64, RUN_BYTES_MAX // size)
        return made, bytes(size * count), count

    def flood(self, size):
        console = self.udp("udp4://127.0.0.1:0", "--show-bytes", "0")
        address = console.address()
        before = memory(console.process, "VmRSS")
        sender, payload, count = self.sender_of(size)
        sent = 0
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for _ in range(100):
                sender.sendto(payload, address)
            sent += 100 * count
        info = self.settled(console, sent)
        self.assertEqual(info["received"] + info["dropped"] + info["dropped_by_kernel"], sent)
        self.assertGreater(info["received"], 0)
        if count > 1:
            self.assertGreater(info["dropped_by_kernel"], 0)
        self.assertLess(memory(console.process, "VmHWM") - before, GROWTH_MAX)
        console.say("close")
        self.assert_ended(console)
        self.assertEqual(len(console.of("datagram")), info["received"])

    def settled(self, console, sent):
        """Once everything has arrived or is dropped."""
        end = time.monotonic() + 10 * DEADLINE
        while True:
            console.say("info")
            info = console.wait(reply="info")
            if info["received"] + info["dropped"] + info["dropped_by_kernel"] >= sent or time.monotonic() > end:
                return info


if __name__ == "__main__":
    main()
