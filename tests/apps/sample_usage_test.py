#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The command lines of the samples: what is explained, and what is refused with a line.

    sample_usage_test.py PATH_OF_A_SAMPLE...
"""

import pathlib
import subprocess
import sys
import unittest

from console_process import DEADLINE, socket, url_of

PROGRAMS = {pathlib.Path(path).name: path for path in sys.argv[1:]}

# Each sample, its own options, and a value that one of them refuses.
SAMPLES = {
    "chat_server": (["--places", "--per-address"], "--places=many"),
    "connection_counter": (["--enough"], "--enough=many"),
    "echo_server": ([], None),
    "file_receiver": (["--path", "--seconds"], "--seconds=soon"),
    "file_server": (["--folder"], None),
    "greeting_client": (["--greeting", "--patience"], "--patience=long"),
    "guarded_server": (["--total", "--per-listener", "--per-address", "--per-prefix", "--rate", "--policy", "--farewell",
                        "--deadline"], "--deadline=3"),
    "half_open_server": ([], None),
    "idle_timeout": (["--silence"], "--silence=3"),
    "keep_alive": (["--delay", "--interval", "--probes", "--type-of-service"], "--type-of-service=256"),
    "paused_receiver": (["--path", "--milliseconds"], "--milliseconds=few"),
    "port_forwarder": (["--to"], None),
    "slow_writer": (["--file", "--piece", "--high-water-mark"], "--piece=small"),
    "unref": ([], None),
}
CLIENTS = {"greeting_client"}
# The same of samples with UDP endpoints.
DATAGRAM_SAMPLES = {
    "broadcast_client": ([], None),
    "broadcast_server": (["--to", "--message", "--every"], "--every=often"),
    "multicast_clock": (["--group", "--interface", "--hops", "--every"], "--hops=far"),
    "multicast_listener": (["--group", "--interface", "--source"], None),
    "session_server": (["--idle", "--most"], "--most=many"),
    "udp_client": (["--message", "--patience"], "--patience=long"),
    "udp_echo_server": ([], None),
}
ALL = SAMPLES | DATAGRAM_SAMPLES
# Those that bind an address for themselves alone.
DATAGRAM_SERVERS = {"session_server", "udp_echo_server"}


def run(name, *arguments):
    return subprocess.run([PROGRAMS[name], *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE)


class Usage(unittest.TestCase):
    def test_every_sample_is_tested(self):
        self.assertEqual(PROGRAMS.keys(), ALL.keys())

    def test_help_names_the_options(self):
        for name in ALL:
            with self.subTest(sample=name):
                got = run(name, "--help")
                self.assertEqual(got.returncode, 0)
                for option in ["--help", *ALL[name][0]]:
                    self.assertIn(option, got.stdout + got.stderr)

    def test_an_option_that_there_is_not_is_refused_by_its_name(self):
        for name in ALL:
            with self.subTest(sample=name):
                got = run(name, "--nonsense")
                self.assertEqual((got.returncode, got.stdout, got.stderr.count("\n")), (1, "", 1))
                self.assertIn("--nonsense", got.stderr)

    def test_a_value_that_makes_no_sense_is_refused(self):
        for name, (_, wrong) in ALL.items():
            if wrong:
                with self.subTest(sample=name):
                    got = run(name, wrong)
                    self.assertEqual((got.returncode, got.stdout, got.stderr.count("\n")), (1, "", 1))
                    self.assertIn(wrong, got.stderr)

    def test_an_address_that_makes_no_sense_is_refused_with_what_would(self):
        for name in SAMPLES:
            with self.subTest(sample=name):
                got = run(name, "127.0.0.1:80")
                self.assertEqual((got.stdout, got.stderr.count("\n")), ("", 1))
                self.assertIn("tcp://", got.stderr)

    def test_an_address_that_is_for_streams_is_refused_with_what_would(self):
        for name in DATAGRAM_SAMPLES.keys() - {"udp_client"}:
            with self.subTest(sample=name):
                got = run(name, "tcp://127.0.0.1:0")
                self.assertEqual((got.stdout, got.stderr.count("\n")), ("", 1))
                self.assertIn("udp4:", got.stderr)
        got = run("udp_client", "nowhere")
        self.assertEqual((got.stdout, got.stderr.count("\n")), ("", 1))
        self.assertIn("HOST:PORT", got.stderr)

    def test_a_server_of_datagrams_says_that_its_address_is_in_use(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            for name in DATAGRAM_SERVERS:
                with self.subTest(sample=name):
                    got = run(name, f"udp4://127.0.0.1:{taken.getsockname()[1]}")
                    self.assertEqual((got.stdout, got.stderr.count("\n")), ("", 1))
                    self.assertIn("EADDRINUSE", got.stderr)

    def test_a_server_says_that_its_address_is_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for name in SAMPLES.keys() - CLIENTS:
                with self.subTest(sample=name):
                    got = run(name, url_of(taken))
                    self.assertEqual((got.stdout, got.stderr.count("\n")), ("", 1))
                    self.assertIn("EADDRINUSE", got.stderr)

    def test_a_server_says_that_its_name_has_no_address(self):
        for name in SAMPLES.keys() - CLIENTS:
            with self.subTest(sample=name):
                got = run(name, "tcp://name.invalid:0")
                self.assertEqual((got.stdout, got.stderr.count("\n")), ("", 1))
                self.assertIn("name.invalid", got.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
