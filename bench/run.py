#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the servers under test and the load generator, in turn, and prints how they compare.

See README.md beside this file for what is measured and how.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import resource
import shlex
import signal
import statistics
import subprocess
import sys
import time

from machine import (busy_seconds, choose_cores, congestion_control, cpu_seconds, enter_own_network,
                     processor, raise_descriptor_limit, warn)
from server_process import Trouble, end, running_server, start

ROOT = pathlib.Path(__file__).resolve().parent.parent
YARDSTICK = "epoll"
DISTURBED_SHARE = 0.05  # of one core, used by anybody else during a run


@dataclasses.dataclass(frozen=True)
class Workload:
    connections: int
    size: int
    in_flight: int
    rounds: int
    seconds: float

    def __str__(self):
        size = f"{self.size // 1024} KiB" if self.size % 1024 == 0 else f"{self.size} B"
        burst = f", {self.in_flight} in flight" if self.in_flight > 1 else ""
        return f"{self.connections} x {size}{burst}"


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    program: pathlib.Path
    options: tuple = ()

    def command(self, port, workload):
        return [str(self.program), "tcp-echo", str(port), str(workload.size), *self.options]


@dataclasses.dataclass(frozen=True)
class Run:
    rate: float
    busy: float  # share of its core that the server used
    cpu_per_million: float  # server CPU seconds per million messages
    p50_us: float
    p99_us: float
    p999_us: float
    slack: float  # share of the generator's polls that found nothing: it could have done more
    foreign: float  # share of one core that others used

    @property
    def disturbed(self):
        return self.foreign > DISTURBED_SHARE


# --- measuring ---------------------------------------------------------------------------------


class Bench:
    def __init__(self, load, cores, attempts_max):
        self.load = load
        self.attempts_max = attempts_max
        self.server_core, self.load_core = cores

    def measure(self, peer, workload):
        """One run; repeated while others disturb it, the least disturbed one counts."""
        runs = []
        while not runs or (runs[-1].disturbed and len(runs) < self.attempts_max):
            runs.append(self.run_once(peer, workload))
        return min(runs, key=lambda run: run.foreign)

    def run_once(self, peer, workload):
        with running_server(peer, workload, self.server_core) as (server, port):
            began, busy = time.monotonic(), self.foreign_clock(server)
            report = self.run_load(server, port, workload, peer)
            foreign = (self.foreign_clock(server) - busy) / (time.monotonic() - began)
        cpu = report["server_cpu_seconds"]
        return Run(
            rate=report["rate"],
            busy=cpu / report["seconds"],
            cpu_per_million=cpu / report["messages"] * 1e6,
            p50_us=report["p50_us"],
            p99_us=report["p99_us"],
            p999_us=report["p999_us"],
            slack=report["empty_polls"],
            foreign=foreign,
        )

    def foreign_clock(self, server):
        """CPU seconds of everybody but the server and the children that have ended."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = cpu_seconds(server.pid) + children.ru_utime + children.ru_stime
        return busy_seconds({self.server_core, self.load_core}) - ours

    def run_load(self, server, port, workload, peer):
        options = {
            "port": port,
            "connections": workload.connections,
            "size": workload.size,
            "in-flight": workload.in_flight,
            "seconds": workload.seconds,
            "server-pid": server.pid,
        }
        command = [str(self.load), "echo"]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        generator = start(command, self.load_core)
        try:
            report = generator.communicate(timeout=workload.seconds + 60)[0]
        except subprocess.TimeoutExpired:
            raise Trouble(f"the generator did not come to an end against {peer.name}") from None
        finally:
            end(generator)
        if generator.returncode != 0:
            said = report.decode().strip()
            raise Trouble(f"the generator found errors: {peer.name}, {workload}: {said}")
        return json.loads(report)


# --- telling -----------------------------------------------------------------------------------

COLUMNS = {  # and their widths; a negative one aligns to the left
    "connections x size": -30,
    "server": -18,
    "messages/s": 11,
    "rate ratio": 10,
    "busy": 5,
    "CPU s/M": 8,
    "CPU ratio": 9,
    "p50 us": 9,
    "p99 us": 9,
    "p999 us": 9,
    "slack": 5,
}


def print_row(cells):
    row = [
        cell.ljust(-width) if width < 0 else cell.rjust(width)
        for cell, width in zip(cells, COLUMNS.values())
    ]
    print("  ".join(row), flush=True)


def median(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def ratio(runs, others, field):
    """The median over the rounds: neighbours in time are compared, so a slow drift cancels out."""
    if not others:
        return "-"
    pairs = zip(runs, others)
    return f"{statistics.median(getattr(a, field) / getattr(b, field) for a, b in pairs):.2f}"


def print_result(workload, runs_of):
    yardstick = runs_of.get(YARDSTICK)
    for name, runs in runs_of.items():
        mark = " *" if any(run.disturbed for run in runs) else ""
        print_row((
            str(workload),
            name + mark,
            f"{median(runs, 'rate'):,.0f}",
            ratio(runs, yardstick, "rate"),
            f"{median(runs, 'busy'):.0%}",
            f"{median(runs, 'cpu_per_million'):.2f}",
            ratio(runs, yardstick, "cpu_per_million"),
            *(f"{median(runs, f'{p}_us'):,.1f}" for p in ("p50", "p99", "p999")),
            f"{median(runs, 'slack'):.0%}",
        ))


def print_head(bench, own_network):
    print(f"command  {shlex.join(['bench/run.py', *sys.argv[1:]])}")
    print(f"machine  {os.cpu_count()} cores, {processor()}; Linux {platform.release()}")
    network = "a namespace of its own" if own_network else "loopback"
    print(f"network  {network}, congestion control {congestion_control()}")
    print(f"cores    server on {bench.server_core}, generator on {bench.load_core}")
    print(f"figures  medians; ratios to {YARDSTICK} in the same round; busy: of the server's core;")
    print("         CPU s/M: server CPU seconds per million messages;")
    print("         slack: polls of the generator that found nothing\n")
    print_row(COLUMNS)


# --- what to run -------------------------------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("workload", nargs="?", default="echo", choices=["echo"])
    parser.add_argument("--peers", default="epoll,actornet", help="default %(default)s")
    parser.add_argument("--connections", type=positive(int))
    parser.add_argument("--size", type=positive(int), help="bytes of a message")
    parser.add_argument("--in-flight", type=positive(int), help="messages on each connection")
    parser.add_argument("--seconds", type=positive(float), help="of one run")
    parser.add_argument("--rounds", type=positive(int))
    parser.add_argument("--backend", default="epoll", help="of actornet (default %(default)s)")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter rounds, not repeated")
    parser.add_argument("--build-dir", type=pathlib.Path, default=ROOT / "build" / "release")
    return parser.parse_args()


def positive(kind):
    def parse(text):
        value = kind(text)
        if value <= 0:
            raise ValueError
        return value

    parse.__name__ = f"positive {kind.__name__}"  # argparse says it when the text is refused
    return parse


def choose_workloads(args):
    """All four, or the one that the arguments describe."""
    rounds, rounds_of_others, seconds = (3, 1, 1) if args.quick else (5, 3, 2)
    if args.connections or args.size or args.in_flight:
        chosen = [(args.connections or 64, args.size or 64, args.in_flight or 1, rounds)]
    else:
        chosen = [(64, 64, 1, rounds)]
        chosen += [(n, size, 1, rounds_of_others) for n, size in ((1, 64), (1000, 64), (64, 4096))]
    return [
        Workload(*shape, args.rounds or default_rounds, args.seconds or seconds)
        for *shape, default_rounds in chosen
    ]


def choose_peers(args):
    programs = args.build_dir.resolve() / "bench"
    known = {
        "epoll": Peer("epoll", programs / "peers" / "epoll_server"),
        "actornet": Peer(
            f"actornet/{args.backend}",
            programs / "actornet_server",
            ("--backend", args.backend, "--loops", "1"),
        ),
    }
    chosen = []
    for name in dict.fromkeys(args.peers.split(",")):
        if name not in known:
            raise Trouble(f"there is no peer '{name}', there are {', '.join(known)}")
        if known[name].program.exists():
            chosen.append(known[name])
        else:
            warn(f"{name} is skipped: {known[name].program} is missing")
    if not chosen:
        raise Trouble("there is no server to measure; ./run build makes them")
    return chosen


def run_workload(bench, workload, peers):
    runs_of = {peer.name: [] for peer in peers}
    for _ in range(workload.rounds):
        for peer in peers:
            runs_of[peer.name].append(bench.measure(peer, workload))
    print_result(workload, runs_of)
    return any(run.disturbed for runs in runs_of.values() for run in runs)


def run(args):
    peers = choose_peers(args)
    load = args.build_dir.resolve() / "bench" / "load"
    if not load.exists():
        raise Trouble(f"{load} is missing; ./run build makes it")
    raise_descriptor_limit()
    own_network = enter_own_network()
    if not own_network:
        warn(f"no network namespace permitted: plain loopback with {congestion_control()}")
    if congestion_control() == "bbr":
        warn("the servers' congestion control is bbr, which paces even loopback")
    bench = Bench(load, choose_cores(), attempts_max=1 if args.quick else 2)
    os.sched_setaffinity(0, {bench.load_core})
    print_head(bench, own_network)
    disturbed = [run_workload(bench, workload, peers) for workload in choose_workloads(args)]
    if any(disturbed):
        share = f"{DISTURBED_SHARE:.0%} of a core"
        print(f"\n* others used over {share} during a round")


def main():
    # An end from outside passes through the finally clauses, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        run(parse_arguments())
    except Trouble as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
