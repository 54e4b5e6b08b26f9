#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the servers under test and the load generator, in turn, and prints how they compare.

See README.md beside this file for what is measured and how.
"""

import argparse
import dataclasses
import datetime
import os
import pathlib
import platform
import shlex
import shutil
import signal
import sys
import tempfile
import time

from aims import judge
from document import write_document, write_results
from machine import (choose_cores, congestion_control, enter_own_network, processor,
                     raise_descriptor_limit, warn)
from groups import GROUPS
from measure import DISTURBED_SHARE, Bench, Effort
from outcome import Outcome
from peer import BACKENDS, choose_peers, default_names
from server_process import Trouble
from table import LEGEND, print_group, print_outcome, print_verdicts

ROOT = pathlib.Path(__file__).resolve().parent.parent
DESCRIPTORS_BESIDE = 64  # what a server or the generator has open beside its connections
FILE_BYTES_PER_SECOND = 3e9  # that a server writes; none of docs/performance.md was faster

MODEST = Effort(rounds=3, seconds=0.4, warmup=0.15, repeated_share=0.2)
FULL = Effort(rounds=5, seconds=2, warmup=0.3, repeated_share=1)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP",
                        help=f"of workloads: {', '.join(GROUPS)}; default: all")
    parser.add_argument("--peers", type=listed, default=default_names(), help="default %(default)s")
    parser.add_argument("--backends", type=listed, default=[], metavar="B,B",
                        help=f"of actornet, instead of the usual: {', '.join(BACKENDS)}")
    parser.add_argument("--full", action="store_true", help="more and longer rounds: three quarters of an hour")
    parser.add_argument("--rounds", type=positive(int))
    parser.add_argument("--seconds", type=positive(float), help="of one run")
    parser.add_argument("--connections", type=positive(int), help="one workload of each group,")
    parser.add_argument("--size", type=positive(int), help="with messages of so many bytes,")
    parser.add_argument("--in-flight", type=positive(int), help="so many on each connection")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results to it")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its plots")
    parser.add_argument("--docs", type=pathlib.Path, default=ROOT / "docs", metavar="DIR",
                        help="where that document is")
    parser.add_argument("--directory", type=existing_directory, default=default_directory(), metavar="DIR",
                        help="for the files that servers write; default %(default)s")
    parser.add_argument("--build-dir", type=pathlib.Path, default=ROOT / "build" / "release")
    args = parser.parse_args()
    wrong = [name for name in args.groups if name not in GROUPS]
    if wrong:
        parser.error(f"there is no group '{wrong[0]}', there are {', '.join(GROUPS)}")
    return args


def default_directory():
    """In memory, where that can be, so that no disk is measured."""
    memory = pathlib.Path("/dev/shm")
    return memory if memory.is_dir() else pathlib.Path(tempfile.gettempdir())


def existing_directory(text):
    if not pathlib.Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {text}")
    return pathlib.Path(text)


def listed(text):
    return [name for name in text.split(",") if name]


def positive(kind):
    def parse(text):
        value = kind(text)
        if value <= 0:
            raise ValueError
        return value

    parse.__name__ = f"positive {kind.__name__}"  # argparse says it when the text is refused
    return parse


def choose_effort(args):
    usual = FULL if args.full else MODEST
    return Effort(args.rounds or usual.rounds, args.seconds or usual.seconds, usual.warmup,
                  usual.repeated_share)


def choose_workloads(args, effort, peers, cores, descriptors, say):
    chosen = []
    for group in [GROUPS[name] for name in args.groups] or GROUPS.values():
        reason = why_not(group, peers, cores) or why_no_room(group, effort, args.directory)
        if reason:
            say(f"{group.name} is skipped: {reason}")
            continue
        for workload in group.workloads(args.full, args.connections, args.size, args.in_flight):
            chosen.append(within_limit(workload, descriptors, say))
    if not chosen:
        raise Trouble("there is nothing to measure")
    return list(dict.fromkeys(chosen))


def why_not(group, peers, cores):
    if not group.variants(peers):
        return group.needs
    if group.shares_cores and len(set(cores)) < 2:
        return "it needs two cores"
    return None


def why_no_room(group, effort, directory):
    if not group.writes_files:
        return None
    wanted, free = FILE_BYTES_PER_SECOND * (effort.warmup + effort.seconds), shutil.disk_usage(directory).free
    if free >= wanted:
        return None
    return f"its files may need {wanted / 1e9:.1f} GB, and {directory} has {free / 1e9:.1f} GB; --directory names another"


def within_limit(workload, descriptors, say):
    """The same with as many connections as a process may have descriptors."""
    most = descriptors - DESCRIPTORS_BESIDE
    if workload.connections <= most:
        return workload
    most = most // 100 * 100 or most
    say(f"{workload.group.name} {workload} is measured with {most} connections: "
        f"a process may open {descriptors} descriptors")
    return dataclasses.replace(workload, connections=most)


def facts_of(bench, own_network):
    network = "a namespace of its own" if own_network else "loopback"
    return {
        "command": shlex.join(["./run", "bench", *sys.argv[1:]]),
        "machine": f"{os.cpu_count()} cores, {processor()}; Linux {kernel_version()}",
        "network": f"{network}, congestion control {congestion_control()}",
        "cores": f"server on {bench.server_core}, generator on {bench.load_core}",
        "rounds": f"{bench.effort.rounds} of {bench.effort.seconds:g} s",
        "date": datetime.date.today().isoformat(),
    }


def kernel_version():
    """Without what whoever built it adds, which says nothing to others."""
    return platform.release().split("-")[0]


def print_facts(facts):
    for name, value in facts.items():
        print(f"{name:<8} {value}")
    print(LEGEND)


def run_workload(bench, workload, chosen):
    peers = workload.group.variants(chosen)
    runs_of = {peer.name: [] for peer in peers}
    for _ in range(bench.effort.rounds):
        for peer in peers:
            runs_of[peer.name].append(bench.measure(peer, workload))
    return Outcome(workload, runs_of)


def run_all(bench, workloads, peers, keep):
    """`keep` is told all outcomes so far after each, so that none is lost if a later one fails."""
    group, outcomes = None, []
    for workload in workloads:
        if workload.group is not group:
            group = workload.group
            print_group(group)
        outcome = run_workload(bench, workload, peers)
        print_outcome(outcome)
        outcomes.append(outcome)
        keep(outcomes)
    return outcomes


def run(args):
    began = time.monotonic()
    load = args.build_dir.resolve() / "bench" / "load"
    if not load.exists():
        raise Trouble(f"{load} is missing; ./run build makes it")
    remarks = []

    def say(sentence):
        remarks.append(sentence)
        print(sentence, flush=True)

    descriptors = raise_descriptor_limit()
    own_network = enter_own_network()
    if not own_network:
        warn(f"no network namespace permitted: plain loopback with {congestion_control()}")
    if congestion_control() == "bbr":
        warn("the servers' congestion control is bbr, which paces even loopback")
    cores = choose_cores()
    peers = choose_peers(args.peers, args.backends, args.build_dir.resolve(), cores[0], say)
    effort = choose_effort(args)
    workloads = choose_workloads(args, effort, peers, cores, descriptors, say)
    run_count = sum(len(workload.group.variants(peers)) for workload in workloads) * effort.rounds
    bench = Bench(load, cores, effort, run_count, args.directory)
    os.sched_setaffinity(0, {bench.load_core})
    facts = facts_of(bench, own_network)
    print_facts(facts)
    results = args.json or args.build_dir / "bench" / "results.json"
    outcomes = run_all(bench, workloads, peers, lambda so_far: write_results(results, so_far, remarks, facts))
    if any(outcome.is_disturbed(peer) for outcome in outcomes for peer in outcome.peers):
        print(f"\n* others used over {DISTURBED_SHARE:.0%} of a core during a round")
    verdicts = judge(outcomes)
    print_verdicts(verdicts)
    if args.write:
        write_document(args.docs, outcomes, verdicts, remarks, facts, results)
    print(f"\ntook {time.monotonic() - began:.0f} s")


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
