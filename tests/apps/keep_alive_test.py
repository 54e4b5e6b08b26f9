#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample keep_alive, looked at with ss.

    keep_alive_test.py PATH_OF_THE_SAMPLE
"""

import re

from sample_process import *


class KeepAlive(SampleTest):
    def connected(self, *options):
        """(our socket, what the server tells about its)"""
        server, address = self.served(*options)
        client = self.client(address)
        return client, dict(server.line().split() for _ in range(6))

    def kernels_row(self, client, *options):
        """What ss tells about the server's side of our connection."""
        (our_host, our_port), (host, port) = client.getsockname(), client.getpeername()
        return subprocess.run(["ss", "-tnH", *options, "src", f"{host}:{port}", "and", "dst", f"{our_host}:{our_port}"],
                              capture_output=True, text=True, timeout=DEADLINE, check=True).stdout

    def test_what_is_set_is_read_back(self):
        _, told = self.connected("--delay=100", "--interval=7", "--probes=4", "--type-of-service=40")
        self.assertEqual(told, {"SO_KEEPALIVE": "1", "TCP_KEEPIDLE": "100", "TCP_KEEPINTVL": "7", "TCP_KEEPCNT": "4",
                                "TCP_NODELAY": "1", "IP_TOS": "40"})

    def test_the_kernel_has_a_timer_for_the_delay(self):
        client, _ = self.connected("--delay=50")
        row = self.kernels_row(client, "-o")
        found = re.search(r"timer:\(keepalive,(\d+)(?:\.\d+)?sec,0\)", row)  # "timer:(keepalive,49sec,0)"
        self.assertTrue(found, row)
        self.assertTrue(50 - DEADLINE <= int(found[1]) <= 50, row)

    def test_segments_carry_the_type_of_service(self):
        client, _ = self.connected("--type-of-service=40")
        self.assertIn("tos:0x28", self.kernels_row(client, "-i", "--tos"))


if __name__ == "__main__":
    main()
