# SPDX-License-Identifier: BSD-3-Clause
"""Keeps one of the servers from rotting: it serves, briefly, in every mode. Skipped where it is not installed, or where the
kernel refuses io_uring to it.

    peer_test.py BENCH_DIR BUILD_DIR PEER
"""

import ctypes
import errno
import sys
import unittest

from bench_support import BUILD, SKIPPED, run_bench

import peer

NAME = sys.argv.pop(1)
MODES = {"echo": "tcp-echo", "sink": "tcp-sink", "fanout": "broadcast"}  # by a group that needs it
DATAGRAM_MODES = {"udp-echo": "udp-echo", "udp-sink": "udp-sink", "udp-runs": "udp-sink"}


class Peer(unittest.TestCase):
    def test_it_serves_in_every_mode(self):
        done = run_bench(*MODES, "--peers", NAME, "--connections", 5, "--size", 64, "--seconds", 0.1)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        rows = [line for line in done.stdout.splitlines() if line.startswith("5 x 64 B") and f" {NAME} " in line]
        self.assertEqual(len(rows), len(MODES), done.stdout)

    def test_it_serves_datagrams_if_it_is_said_to(self):
        tested = peer.known_peers(BUILD)[NAME]
        if not tested.has_datagrams:
            return
        names = [NAME, f"{NAME}-offload"] if tested.has_offload else [NAME]
        done = run_bench(*DATAGRAM_MODES, "--peers", NAME, "--connections", 2, "--size", 64, "--seconds", 0.5)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name in names:
            rows = [line for line in done.stdout.splitlines() if line.startswith("2 x 64 B") and f" {name} " in line]
            self.assertEqual(len(rows), len(DATAGRAM_MODES), done.stdout)


def kernel_has_io_uring():
    libc = ctypes.CDLL(None, use_errno=True)
    setup = 425  # io_uring_setup(2), with a number of entries that is never valid
    libc.syscall(setup, 0, None)
    return ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)


def why_not():
    tested = peer.known_peers(BUILD)[NAME]
    if not tested.is_there():
        return f"it needs {tested.needs}"
    if NAME.endswith("uring") and not kernel_has_io_uring():
        return "the kernel refuses io_uring"
    return None


if __name__ == "__main__":
    if why_not():
        print(f"{NAME} is not tested: {why_not()}")
        sys.exit(SKIPPED)
    unittest.main()
