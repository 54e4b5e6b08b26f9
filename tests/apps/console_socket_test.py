#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The options of sockets, as the kernel has them: the test keeps a duplicate of the console's descriptor, or asks ss."""

import pathlib
import re
import subprocess

from console_process import *


def ss(*arguments):
    """One row for each socket, as words."""
    done = subprocess.run(["ss", "-H", "-n", *arguments], capture_output=True, text=True, timeout=DEADLINE, check=True)
    return [line.split() for line in done.stdout.splitlines()]


class Streams(ConsoleTest):
    def adopted(self, *options):
        """A console that adopts a connection of ours: (console, the same socket)."""
        server = self.server()
        ours = self.client(server.getsockname())
        self.accept(server)
        console = self.console("connect", f"fd:{ours.fileno()}", *options, pass_fds=(ours.fileno(),))
        console.event("connected", id=1)
        return console, ours

    def is_no_delay(self, of):
        return of.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0

    def keep_alive_s(self, of):
        """The silence before the first probe; None: there is no probe."""
        if of.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0:
            return None
        return of.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)

    def test_no_delay_is_off_unless_it_is_asked_for(self):
        console, ours = self.adopted()
        self.assertFalse(self.is_no_delay(ours))
        console.ask("no-delay 1 on")
        self.assertTrue(self.is_no_delay(ours))
        console.ask("no-delay 1 off")
        self.assertFalse(self.is_no_delay(ours))

    def test_no_delay_is_an_option_of_the_start(self):
        console, ours = self.adopted("--no-delay")
        self.assertTrue(self.is_no_delay(ours))

    def test_keep_alive_is_off_unless_it_is_asked_for(self):
        console, ours = self.adopted()
        system = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
        self.assertIsNone(self.keep_alive_s(ours))
        console.ask("keep-alive 1 on")
        self.assertEqual(self.keep_alive_s(ours), system)
        console.ask("keep-alive 1 on 999")  # whole seconds, and none is no change
        self.assertEqual(self.keep_alive_s(ours), system)
        console.ask("keep-alive 1 on 5999")
        self.assertEqual(self.keep_alive_s(ours), 5)
        console.ask("keep-alive 1 on 0")
        self.assertEqual(self.keep_alive_s(ours), 5)
        console.ask("keep-alive 1 off")
        self.assertIsNone(self.keep_alive_s(ours))

    def test_keep_alive_is_an_option_of_the_start(self):
        console, ours = self.adopted("--keep-alive", "7000")
        self.assertEqual(self.keep_alive_s(ours), 7)

    def test_what_a_listener_accepts_is_kept_alive(self):
        for options, is_kept in (([], False), (["--keep-alive", "5000"], True)):
            with self.subTest(options=options):
                console, client = self.served(*options)
                [row] = ss("-t", "-o", "sport", "=", f":{client.getpeername()[1]}", "and", "dport", "=",
                           f":{client.getsockname()[1]}")
                # "timer:(keepalive,4.9sec,0)"
                found = re.search(r"timer:\(keepalive,([\d.]+)(ms|sec)", row[-1])
                self.assertEqual(found is not None, is_kept, row)
                if found:
                    self.assertLessEqual(float(found[1]) * (0.001 if found[2] == "ms" else 1), 5)


class Listeners(ConsoleTest):
    def backlog(self, console):
        """ss(8): of a listening socket, Send-Q is its backlog."""
        [[_, _, backlog, *_]] = ss("-l", "-t", "sport", "=", f":{console.address()[1]}")
        return int(backlog)

    def test_the_backlog_is_the_kernels(self):
        self.assertEqual(self.backlog(self.listener("--backlog", "7")), 7)

    def test_the_backlog_is_511_unless_it_is_said_or_the_system_allows_less(self):
        most = int(pathlib.Path("/proc/sys/net/core/somaxconn").read_text())
        self.assertEqual(self.backlog(self.listener()), min(511, most))


if __name__ == "__main__":
    main()
