# SPDX-License-Identifier: BSD-3-Clause
"""Runs a server and the load generator against it, and tells what came of it."""

import dataclasses
import json
import resource
import subprocess
import tempfile
import time

from machine import busy_seconds, cpu_seconds
from server_process import Trouble, end, running_server, start

DISTURBED_SHARE = 0.05  # of one core, used by anybody else during a run
GENERATOR_DEADLINE_S = 120  # beyond the seconds that it was asked to measure


@dataclasses.dataclass(frozen=True)
class Effort:
    rounds: int
    seconds: float  # of one run
    warmup: float
    repeated_share: float  # of all runs, at most so many may be repeated because of a disturbance


@dataclasses.dataclass(frozen=True)
class Run:
    figures: dict  # by the keys of the group's metrics
    foreign: float  # share of one core that others used

    @property
    def disturbed(self):
        return self.foreign > DISTURBED_SHARE


class Bench:
    def __init__(self, load, cores, effort, run_count, directory=None):
        self.load = load
        self.directory = directory  # for files; None: where temporary ones are
        self.effort = effort
        self.repeats_left = int(run_count * effort.repeated_share)
        self.server_core, self.load_core = cores

    def measure(self, peer, workload):
        """One run; if others disturb it, the less disturbed of two."""
        run = self.run_once(peer, workload)
        if not run.disturbed or self.repeats_left == 0:
            return run
        self.repeats_left -= 1
        return min(run, self.run_once(peer, workload), key=lambda one: one.foreign)

    def run_once(self, peer, workload):
        if not workload.group.writes_files:
            return self.run_in(None, peer, workload)
        with tempfile.TemporaryDirectory(dir=self.directory) as directory:
            return self.run_in(directory, peer, workload)

    def run_in(self, directory, peer, workload):
        def command_line(port):
            return peer.command_line(workload.group.mode, port, workload.size, directory)

        with running_server(peer.name, command_line, self.cores_of(peer)) as server:
            began, busy = time.monotonic(), self.foreign_clock(server)
            report = self.run_load(server, workload, peer, directory)
            foreign = (self.foreign_clock(server) - busy) / (time.monotonic() - began)
        if workload.group.counts_bytes:
            check_count(server.last_words, report["sent_bytes"], peer)
        # Who else is running does not change how much memory a server needs.
        figures = workload.group.figures(report, workload, peer)
        return Run(figures, foreign if workload.group.is_timed else 0)

    def cores_of(self, peer):
        return {self.server_core} if peer.loops == 1 else self.cores

    def load_cores_for(self, group):
        return self.cores if group.shares_cores else {self.load_core}

    @property
    def cores(self):
        return {self.server_core, self.load_core}

    def foreign_clock(self, server):
        """CPU seconds of everybody but the server and the children that have ended."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = cpu_seconds(server.pid) + children.ru_utime + children.ru_stime
        return busy_seconds(self.cores) - ours

    def run_load(self, server, workload, peer, directory):
        options = {"port": server.port, "server-pid": server.pid, **workload.load_options()}
        if workload.group.is_timed:
            options |= {"seconds": self.effort.seconds, "warmup": self.effort.warmup}
        if directory:
            options["files"] = directory
        command = [str(self.load), workload.group.load, *workload.group.load_flags]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        generator = start(command, self.load_cores_for(workload.group))
        try:
            deadline = self.effort.seconds + GENERATOR_DEADLINE_S
            said = generator.communicate(timeout=deadline)[0].decode()
        except subprocess.TimeoutExpired:
            raise Trouble(f"the generator did not come to an end against {peer.name}") from None
        finally:
            end(generator)
        if generator.returncode != 0:
            where = f"{peer.name}, {workload.group.name} {workload}"
            raise Trouble(f"the generator found errors: {where}: {said.strip()}")
        return json.loads(said)


def check_count(last_words, sent_bytes, peer):
    """A sink says `count MESSAGES BYTES`; nothing may be missing, and nothing be made up."""
    words = last_words[-1].split() if last_words else []
    if len(words) != 3 or words[0] != "count":
        raise Trouble(f"{peer.name} ended with {last_words} instead of its count")
    if int(words[2]) != sent_bytes:
        raise Trouble(f"{peer.name} has counted {words[2]} bytes of the {sent_bytes} sent")
