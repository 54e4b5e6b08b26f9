# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of the benchmarks stand on. Each is started as

    TEST.py BENCH_DIR BUILD_DIR [MORE...]
"""

import pathlib
import subprocess
import sys

BENCH = pathlib.Path(sys.argv.pop(1)).resolve()
BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
DOCS = BENCH.parent / "docs"
sys.path.insert(0, str(BENCH))

import measure
import outcome

DEADLINE_S = 120
SKIPPED = 77  # the status of a test that this machine cannot run, as ctest was told


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=DEADLINE_S)


def run_bench(*arguments, build=BUILD):
    return run(sys.executable, BENCH / "run.py", "--build-dir", build, "--rounds", 1, *arguments)


def made_up(workload, figures_of, disturbed=()):
    """An outcome of one round. `figures_of` has values by metrics' keys by peers; others are 1."""
    usual = {metric.key: 1.0 for metric in workload.group.metrics}
    return outcome.Outcome(workload, {
        peer: [measure.Run(usual | figures, foreign=1 if peer in disturbed else 0)] for peer, figures in figures_of.items()
    })


def workload_of(group, shape):
    return next(one for one in group.workloads(is_full=True) if one.shape == shape)
