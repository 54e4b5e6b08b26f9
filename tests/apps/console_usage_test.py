#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The command line of the console: what is refused, with status 2 and one line, and what is explained."""

import subprocess

import console_process
from console_process import *

LISTEN = ["listen", "tcp://127.0.0.1:0"]
CONNECT = ["connect", "tcp://127.0.0.1:1"]
UDP = ["udp", "udp4:"]

# Wrong arguments, and a word of the line that says what would be right.
WRONG = [
    ([], "listen"),
    (["serve"], "listen"),
    (["listen"], "ADDRESS"),
    (["listen", "127.0.0.1:80"], "tcp://"),
    (["listen", "tcp://127.0.0.1"], "tcp://"),
    (["listen", "tcp://127.0.0.1:65536"], "65535"),
    (["listen", "tcp://1.2.3.4.5:1"], "1.2.3.4.5"),
    (["listen", "unix:"], "unix:"),
    (["listen", "fd:x"], "fd:"),
    (["listen", "udp4://127.0.0.1:0"], "tcp://"),
    (["connect", "udp6:"], "tcp://"),
    (["connect", "tcp://*:80"], "localhost"),
    (LISTEN + ["more"], "--events"),
    (LISTEN + ["--events", "xml"], "text, json, none"),
    (LISTEN + ["--show-bytes", "-1"], "number"),
    (LISTEN + ["--show-bytes", "many"], "number"),
    (LISTEN + ["--backend", "kqueue"], "kqueue"),
    (LISTEN + ["--loops", "0"], "from 1"),
    (LISTEN + ["--seconds", "-1"], "number"),
    (LISTEN + ["--seconds", "soon"], "number"),
    (LISTEN + ["--seconds", "1", "--seconds", "2"], "--seconds"),
    (LISTEN + ["--handler", "file:"], "console, echo, discard, chat, file:PATH, forward:ADDRESS"),
    (LISTEN + ["--handler", "forward:127.0.0.1:1"], "tcp://HOST:PORT"),
    (LISTEN + ["--handler"], "--handler"),
    (LISTEN + ["--backlog", "-5"], "number"),
    (LISTEN + ["--max-connections", "1e3"], "number"),
    (LISTEN + ["--over-limit", "burn"], "drop, reset, wait"),
    (LISTEN + ["--max-per-address", "-1"], "number"),
    (LISTEN + ["--accept-rate", "fast"], "number"),
    (LISTEN + ["--allow", "10.0.0.0/33"], "above 32"),
    (LISTEN + ["--deny", "localhost"], "numeric address"),
    (LISTEN + ["--deny"], "--deny"),
    (LISTEN + ["--deny", "10.0.0.1", "10.0.0.2"], "--events"),
    (LISTEN + ["--idle-timeout", "1s"], "number"),
    (LISTEN + ["--keep-alive", "on"], "number"),
    (LISTEN + ["--high-water-mark", "64k"], "number"),
    (LISTEN + ["--encoding", "utf-32"], "utf16le, utf-16le"),
    (LISTEN + ["--encoding", ""], "utf16le, utf-16le"),
    (CONNECT + ["--encoding", "none"], "utf16le, utf-16le"),
    (["udp"], "ADDRESS"),
    (["udp", "tcp://127.0.0.1:80"], "udp4://"),
    (["udp", "unix:@x"], "udp4://"),
    (["udp", "udp4://[::1]:0"], "IPv4"),
    (["udp", "udp6://127.0.0.1:0"], "IPv6"),
    (["udp", "udp4://name.test:0"], "numeric"),
    (["udp", "udp4://127.0.0.1:65536"], "65535"),
    (UDP + ["--connect", "127.0.0.1"], "HOST:PORT"),
    (UDP + ["--connect", "*:80"], "HOST:PORT"),
    (UDP + ["--join", "somewhere"], "somewhere"),
    (UDP + ["--join", "239.1.1.1@"], "GROUP[@INTERFACE][,SOURCE]"),
    (UDP + ["--ttl", "0"], "from 1 to 255"),
    (UDP + ["--ttl", "256"], "from 1 to 255"),
    (UDP + ["--multicast-ttl", "-1"], "from 0 to 255"),
    (UDP + ["--multicast-loopback", "yes"], "on, off"),
    (UDP + ["--receive-buffer", "-1"], "number"),
    (UDP + ["--send-buffer", "much"], "number"),
    (UDP + ["--handler", "echo"], "--echo"),
    (UDP + ["--half-open"], "--echo"),
    (LISTEN + ["--echo"], "--handler"),
    (CONNECT + ["--broadcast"], "--from"),
    # Of later versions, or of the other command.
    (LISTEN + ["--from", "tcp://127.0.0.1:0"], "--max-connections"),
    (CONNECT + ["--handler", "echo"], "--connect-timeout"),
    (CONNECT + ["--backlog", "1"], "--connect-timeout"),
    (CONNECT + ["--deny", "10.0.0.1"], "--connect-timeout"),
    (CONNECT + ["--family", "5"], "4, 6"),
    (CONNECT + ["--connect-timeout", "-1"], "number"),
    (CONNECT + ["--from", "127.0.0.1"], "tcp://"),
    (CONNECT + ["--from", "tcp://*:0"], "tcp://127.0.0.2:0"),
    (CONNECT + ["--from", "tcp://localhost:0"], "tcp://127.0.0.2:0"),
    (CONNECT + ["--from", "unix:@x"], "tcp://127.0.0.2:0"),
    (CONNECT + ["--from", "unix:"], "unix:@name"),
    (["connect", "unix:@x", "--from", "tcp://127.0.0.2:0"], "unix:PATH"),
    (["connect", "fd:0", "--from", "tcp://127.0.0.2:0"], "connected already"),
]


def run(arguments):
    return subprocess.run([console_process.PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE)


class Usage(unittest.TestCase):
    def test_wrong_usage_ends_with_status_2_and_one_line_that_says_what_would_be_right(self):
        for arguments, hint in WRONG:
            with self.subTest(arguments=arguments):
                got = run(arguments)
                self.assertEqual((got.returncode, got.stdout), (2, ""), got.stderr)
                self.assertEqual(got.stderr.count("\n"), 1, got.stderr)
                self.assertIn(hint, got.stderr)

    def test_a_line_break_in_an_argument_does_not_break_the_line(self):
        got = run(["listen", "tcp://a\nb:1"])
        self.assertEqual((got.returncode, got.stderr.count("\n")), (2, 1), got.stderr)

    def test_the_version_is_told(self):
        got = run(["--version"])
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        self.assertRegex(got.stdout, r"^actornet \d+\.\d+\.\d+\n$")

    def test_help_names_the_commands(self):
        got = run(["--help"])
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        self.assertIn("listen", got.stdout)
        self.assertIn("connect", got.stdout)
        self.assertIn("udp", got.stdout)

    def test_help_of_a_command_names_its_options(self):
        for command, options in (("listen", ["--handler", "--backlog", "--max-connections", "--allow", "--deny",
                                             "--reuse-port"]),
                                 ("connect", ["--from", "--connect-timeout", "--family"])):
            got = run([command, "--help"])
            self.assertEqual((got.returncode, got.stderr), (0, ""))
            for option in options + ["--events", "--show-bytes", "--unref", "--half-open"]:
                self.assertIn(option, got.stdout)
        got = run(["udp", "--help"])
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        for option in ("--echo", "--connect", "--join", "--broadcast", "--ttl", "--multicast-ttl", "--multicast-loopback",
                       "--multicast-interface", "--reuse-address", "--ipv6-only", "--receive-buffer", "--send-buffer",
                       "--events", "--show-bytes", "--backend", "--loops", "--seconds", "--unref"):
            self.assertIn(option, got.stdout)
        self.assertNotIn("--half-open", got.stdout)


if __name__ == "__main__":
    main()
