#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Which I/O backend a console gets, where the kernel allows little."""

import collections
import contextlib
import ctypes
import errno
import resource

from console_process import *

LIBC = ctypes.CDLL(None, use_errno=True)

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_CAPBSET_DROP, CAP_IPC_LOCK = 24, 14
PR_SET_NO_NEW_PRIVS = 38
SETUP = 425  # io_uring_setup(2), the same number on all processors


class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("if_true", ctypes.c_ubyte), ("if_false", ctypes.c_ubyte),
                ("value", ctypes.c_uint)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("first", ctypes.POINTER(Instruction))]


def prctl(*arguments):
    if LIBC.prctl(*arguments) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def refuse_io_uring(number):
    """For `preexec_fn`: io_uring_setup fails with that error from now on."""
    def set_filter():
        instructions = (Instruction * 4)(
            Instruction(0x20, 0, 0, 0),  # the number of the system call
            Instruction(0x15, 0, 1, SETUP),
            Instruction(0x06, 0, 0, 0x00050000 | number),  # SECCOMP_RET_ERRNO
            Instruction(0x06, 0, 0, 0x7FFF0000))  # SECCOMP_RET_ALLOW
        program = Program(len(instructions), instructions)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return set_filter


def lock_little_memory():
    if os.geteuid() == 0:
        prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (64 * 1024, 64 * 1024))


def waits_of(console):
    """What the loops of a console wait in, and how many: {"io_uring": 2} or {"eventpoll": 2}."""
    found = collections.Counter()
    folder = f"/proc/{console.process.pid}/fd"
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # a client's, closed just now
            kind = os.readlink(f"{folder}/{name}").removeprefix("anon_inode:[").removesuffix("]")
            if kind in ("io_uring", "eventpoll"):
                found[kind] += 1
    return dict(found)


class Backends(ConsoleTest):
    def echoes(self, address):
        client = self.client(address)
        client.sendall(b"hello")
        self.assertEqual(self.receive(client, 5), b"hello")
        client.close()

    def test_each_can_be_chosen(self):
        for name, waits in (("uring", "io_uring"), ("epoll", "eventpoll"), ("auto", "io_uring")):
            console = self.listener("--backend", name, "--handler", "echo", "--loops", "2")
            self.echoes(console.address())
            self.assertEqual(waits_of(console), {waits: 2})
            console.signal(signal.SIGTERM)
            self.assert_ended(console)
            self.assertEqual(console.errors(), "")

    def test_where_io_uring_is_forbidden_auto_is_epoll_and_says_why_once(self):
        for number, why in ((errno.EPERM, "forbids"), (errno.ENOSYS, "hides"), (errno.EINVAL, "6.0")):
            console = self.console("listen", "tcp://127.0.0.1:0", "--handler", "echo", "--loops", "3",
                                   preexec_fn=refuse_io_uring(number))
            self.echoes(console.address())
            self.assertEqual(waits_of(console), {"eventpoll": 3})
            console.signal(signal.SIGTERM)
            self.assert_ended(console)
            [line] = console.errors().splitlines()
            self.assertTrue(line.startswith("actornet: epoll instead of io_uring: "), line)
            self.assertIn(errno.errorcode[number], line)
            self.assertIn(why, line)

    def test_where_io_uring_is_forbidden_asking_for_epoll_is_nothing_to_talk_about(self):
        console = self.console("listen", "tcp://127.0.0.1:0", "--backend", "epoll", "--handler", "echo",
                               preexec_fn=refuse_io_uring(errno.EPERM))
        self.echoes(console.address())
        console.signal(signal.SIGTERM)
        self.assert_ended(console)
        self.assertEqual(console.errors(), "")

    def test_where_io_uring_is_forbidden_asking_for_it_is_an_error(self):
        console = self.console("listen", "tcp://127.0.0.1:0", "--backend", "uring",
                               preexec_fn=refuse_io_uring(errno.EPERM))
        self.assert_ended(console, 1)
        self.assertEqual(console.messages, [])
        self.assertIn("EPERM", console.errors())

    def test_two_at_once_need_no_more_locked_memory_than_64_kib(self):
        both = [self.console("listen", "tcp://127.0.0.1:0", "--backend", "uring", "--handler", "echo",
                             "--loops", "2", preexec_fn=lock_little_memory) for _ in range(2)]
        for console in both:
            self.echoes(console.address())
        for console in both:
            console.signal(signal.SIGTERM)
            self.assert_ended(console)

    def test_where_memory_for_queues_runs_out_auto_still_serves(self):
        console = self.console("listen", "tcp://127.0.0.1:0", "--handler", "echo", "--loops", "20",
                               preexec_fn=lock_little_memory)
        address = console.address()
        for _ in range(20):
            self.echoes(address)
        waits = waits_of(console)
        self.assertEqual(sum(waits.values()), 20)
        console.signal(signal.SIGTERM)
        self.assert_ended(console)
        # How much of its memory the kernel counts as locked differs with its version.
        told = console.errors().splitlines()
        self.assertEqual(len(told), 1 if "eventpoll" in waits else 0)
        for line in told:
            self.assertIn("RLIMIT_MEMLOCK", line)


if __name__ == "__main__":
    main()
