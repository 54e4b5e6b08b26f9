# SPDX-License-Identifier: BSD-3-Clause
"""The echo server under test as a process of its own, and what the kernel says about it."""

import os
import pathlib
import resource
import subprocess


class ServerProcess:
    """echo_program: see its first lines for what it prints and obeys."""

    def __init__(self, program):
        raise_descriptor_limit()
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if len(words) != 3 or words[0] != "listening":
            raise SystemExit(f"the server said {words} instead of where it listens")
        self.port = int(words[1])
        self.is_instrumented = words[2] == "instrumented"

    def _ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def connection_count(self):
        return int(self._ask("count"))

    def trim(self):
        check(self._ask("trim") == "trimmed", "the server gives free memory back")

    def descriptor_count(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory_kib(self, name):
        """VmRSS: what is in memory; VmHWM: the most that ever was. See proc(5)."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise SystemExit(f"no {name} of the server")

    def end(self):
        """As a program ends; a sanitizer that found something makes the status another one."""
        self.process.stdin.close()
        check(self.process.wait(timeout=60) == 0, f"the server ends with status 0, not {self.process.returncode}")


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def check(is_so, sentence):
    if not is_so:
        raise SystemExit(f"FAILED: {sentence}")


def is_soak():
    return os.environ.get("ACTORNET_SOAK") == "1"
