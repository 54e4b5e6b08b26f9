#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The same scenarios with Node and with the console, against the same plain sockets: their traces must be equal.

    differential_test.py CONSOLE TOPIC [SCENARIO...]
"""

import concurrent.futures
import importlib
import inspect
import pathlib
import shutil
import subprocess
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "apps"))
from comparison import complaints
from differences import DIFFERENCES
from stage import Stage
from subjects import subjects

AT_ONCE = 4  # scenarios; they wait more than they compute


def scenarios_of(topic):
    """The functions that the module defines, by name."""
    module = importlib.import_module(f"scenarios.{topic}")
    return {name: function for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__ and not name.startswith("_")}


def perform(scenario, subject):
    """(strands, what went wrong or None)"""
    stage = Stage(subject)
    try:
        scenario(stage)
        stage.settle()
        return stage.trace(), None
    except Exception:
        return stage.trace(), traceback.format_exc()
    finally:
        stage.close()


def node_version():
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return int(done.stdout.lstrip("v").split(".")[0])


def shown(name, strands):
    return "\n".join([f"    {name}:"] + [f"      {strand}: {strands[strand]}" for strand in sorted(strands)])


class Run:
    def __init__(self, console):
        self._subjects = subjects(console)
        self._node_version = node_version()

    def can(self, scenario):
        return self._node_version >= getattr(scenario, "since_node", 0)

    def report(self, name, scenario):
        """What is wrong, or nothing."""
        with concurrent.futures.ThreadPoolExecutor(len(self._subjects)) as pool:
            results = list(pool.map(lambda subject: perform(scenario, subject), self._subjects))
        wrong = [f"  {subject.name}: {error}" for subject, (_, error) in zip(self._subjects, results) if error]
        if not wrong:
            (node, _), *ours = results
            wrong = [f"  {subject.name}: {complaint}" for subject, (strands, _) in zip(self._subjects[1:], ours)
                     for complaint in complaints(name, node, strands, DIFFERENCES, self._node_version)]
        if wrong:
            wrong += [shown(subject.name, strands) for subject, (strands, _) in zip(self._subjects, results)]
        return "\n".join(wrong)


def main():
    console, topic, *chosen = sys.argv[1:]
    if not shutil.which("node"):
        sys.exit("node is needed for this test")
    run = Run(console)
    asked_for = {name: scenario for name, scenario in scenarios_of(topic).items() if not chosen or name in chosen}
    scenarios = {name: scenario for name, scenario in asked_for.items() if run.can(scenario)}
    for name in asked_for.keys() - scenarios.keys():
        print("skip", name.replace("_", " "), "(this Node is too old)")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        reports = pool.map(lambda item: run.report(*item), scenarios.items())
        for name, report in zip(scenarios, reports):
            failed += bool(report)
            print("FAIL" if report else "ok  ", name.replace("_", " "))
            if report:
                print(report, flush=True)
    print(f"{len(scenarios)} scenarios, {failed} failed")
    sys.exit(failed > 0 or not scenarios)


if __name__ == "__main__":
    main()
