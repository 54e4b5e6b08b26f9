# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of the samples share: a sample as a process whose lines are waited for with deadlines.

Started by CTest as `SOMETHING_test.py PATH_OF_THE_SAMPLE`.
"""

import queue
import subprocess
import threading

import console_process
from console_process import *


class Sample:
    """A running sample."""

    def __init__(self, *arguments):
        backend = [f"--actornet.backend={console_process.BACKEND}"] if console_process.BACKEND else []
        self._process = subprocess.Popen([console_process.PROGRAM, *backend, *arguments], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._lines = queue.Queue()
        self._errors = []
        self._threads = [threading.Thread(target=self._read_output, daemon=True),
                         threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _read_output(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _read_errors(self):
        self._errors.extend(self._process.stderr)

    def line(self):
        """The next line of its output; none at its end."""
        return self._lines.get(timeout=DEADLINE)

    def address(self):
        """Its first line, if it is a server: (host, port)."""
        return parse_address(self.line())

    def ended(self):
        """Waits for its end: status, the lines that were left, standard error."""
        status = self._process.wait(DEADLINE)
        for thread in self._threads:
            thread.join(DEADLINE)
        return status, list(iter(self.line, None)), "".join(self._errors)

    def is_running(self):
        return self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    @property
    def process_id(self):
        return self._process.pid

    def close(self):
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(DEADLINE)
        self._process.stdout.close()
        self._process.stderr.close()


class SampleTest(ConsoleTest):
    """Samples, sockets and other programs that are gone after the test."""

    def sample(self, *arguments):
        made = Sample(*arguments)
        self.addCleanup(made.close)
        return made

    def served(self, *arguments):
        """A server: (sample, its address)."""
        server = self.sample(*arguments, "tcp://127.0.0.1:0")
        return server, server.address()


__all__ = ["SampleTest", "subprocess", *console_process.__all__]
