# SPDX-License-Identifier: BSD-3-Clause
"""The plots that go with the tables. Skipped where Debian's Python has no matplotlib.

    plot_test.py BENCH_DIR BUILD_DIR
"""

import pathlib
import shutil
import sys
import tempfile
import unittest
import xml.etree.ElementTree

from bench_support import DOCS, SKIPPED, made_up, run, run_bench

import document
import groups

PEERS = ["epoll", "actornet", "actornet-2-loops"]


def outcomes():
    for group in groups.GROUPS.values():
        for workload in group.workloads(is_full=True):
            yield made_up(workload, {peer: {} for peer in PEERS})


def words_in(svg):
    return {"".join(element.itertext()).strip() for element in xml.etree.ElementTree.parse(svg).iter()}


class Plots(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def draw(self, name):
        results = self.folder / "results.json"
        document.write_results(results, list(outcomes()), [], {})
        document.plot(results, self.folder / name)
        return {path.stem: path for path in (self.folder / name).iterdir()}

    def test_each_group_has_one_that_names_peers_workloads_and_yardstick(self):
        drawn = self.draw("plots")
        self.assertEqual(set(drawn), set(groups.GROUPS))
        for name, group in groups.GROUPS.items():
            words = words_in(drawn[name])
            self.assertLessEqual(set(PEERS), words)
            for workload in group.workloads(is_full=True):
                self.assertIn(str(workload).split(", ")[0], " ".join(words))
        self.assertIn("rate, relative to epoll (more is better)", words_in(drawn["echo"]))
        self.assertIn("rate, relative to one loop (more is better)", words_in(drawn["loops"]))
        self.assertIn("rate, relative to no broker (more is better)", words_in(drawn["guarded"]))

    def test_the_same_results_give_the_same_files(self):
        first, second = self.draw("first"), self.draw("second")
        for name, path in first.items():
            self.assertEqual(path.read_bytes(), second[name].read_bytes(), name)

    def test_a_run_writes_document_and_plot(self):
        shutil.copy(DOCS / document.DOCUMENT, self.folder)
        done = run_bench("churn", "--seconds", 0.1, "--peers", "epoll,actornet", "--write", "--docs", self.folder,
                         "--json", self.folder / "results.json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        written = (self.folder / document.DOCUMENT).read_text(encoding="utf-8")
        self.assertIn(" churn --seconds 0.1 --peers epoll,actornet --write ", written)
        self.assertLessEqual({"epoll", "actornet"}, words_in(self.folder / document.PLOTS / "churn.svg"))


if __name__ == "__main__":
    if run(document.PYTHON, "-c", "import matplotlib").returncode != 0:
        print(f"plots are not tested: {document.PYTHON} has no matplotlib (python3-matplotlib)")
        sys.exit(SKIPPED)
    unittest.main()
