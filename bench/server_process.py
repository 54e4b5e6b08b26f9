# SPDX-License-Identifier: BSD-3-Clause
"""Starts servers and generators on their cores, and ends them in any case."""

import contextlib
import os
import select
import signal
import subprocess
import time

from machine import LIBC, free_port

READY_DEADLINE_S = 10
STOP_DEADLINE_S = 10
PR_SET_PDEATHSIG = 1  # sys/prctl.h


class Trouble(Exception):
    """Something that ends the benchmark, told in one sentence."""


def start(command, cores):
    def prepare():
        os.sched_setaffinity(0, cores)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # even if this process is killed

    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=prepare
    )


def wait_until_ready(server, name):
    deadline = time.monotonic() + READY_DEADLINE_S
    said = b""
    while b"ready" not in said.splitlines() or not said.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([server.stdout], [], [], left)[0]:
            raise Trouble(f"{name} was not ready after {READY_DEADLINE_S} s")
        part = os.read(server.stdout.fileno(), 4096)
        if not part:
            raise Trouble(f"{name} ended before it was ready, with status {server.wait()}")
        said += part


class RunningServer:
    def __init__(self, process, port):
        self.process = process
        self.pid = process.pid
        self.port = port
        self.last_words = []  # lines, once it has ended


@contextlib.contextmanager
def running_server(name, command_line, cores):
    """A server that is listening; `command_line` makes its command from a port. It has ended
    afterwards, in any case."""
    port = free_port()
    process = start(command_line(port), cores)
    server = RunningServer(process, port)
    try:
        wait_until_ready(process, name)
        yield server
        stop(process, name)
        server.last_words = process.stdout.read().decode().splitlines()
    finally:
        end(process)


def stop(server, name):
    if server.poll() is not None:
        raise Trouble(f"{name} ended by itself, with status {server.returncode}")
    server.terminate()
    try:
        status = server.wait(STOP_DEADLINE_S)
    except subprocess.TimeoutExpired:
        raise Trouble(f"{name} did not end within {STOP_DEADLINE_S} s of SIGTERM") from None
    if status not in (0, -signal.SIGTERM):
        raise Trouble(f"{name} ended with status {status}")


def end(process):
    if process.poll() is None:
        process.kill()
        process.wait()
    process.stdout.close()
