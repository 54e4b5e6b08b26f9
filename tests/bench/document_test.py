# SPDX-License-Identifier: BSD-3-Clause
"""What the runner writes into a copy of docs/performance.md, without the plots.

    document_test.py BENCH_DIR BUILD_DIR
"""

import pathlib
import re
import tempfile
import unittest
import unittest.mock

from bench_support import BENCH, BUILD, DOCS, made_up, workload_of

import aims
import document
import groups
import peer
import server_process

ECHO = groups.GROUPS["echo"]
SINK = groups.GROUPS["sink"]
FACTS = {"command": "./run bench", "date": "2001-02-03"}


def echo_with(rate, disturbed=()):
    return made_up(workload_of(ECHO, (64, 64, 1)), {"epoll": {"rate": 100_000}, "actornet": {"rate": rate}}, disturbed)


def place(name):
    return re.compile(f"(?<=<!-- bench {name} -->\n).*?(?=<!-- end of {name} -->)", re.S)


def section(text, name):
    return place(name).search(text).group()


class Document(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(unittest.mock.patch.object(document, "plot"))
        kept = (DOCS / document.DOCUMENT).read_text(encoding="utf-8")
        # Without what has been measured: no test may depend on that.
        empty = re.sub(r"(<!-- bench (\w+) -->\n).*?(<!-- end of \2 -->)", r"\1\3", kept, flags=re.S)
        (self.folder / document.DOCUMENT).write_text(empty, encoding="utf-8")

    def enterContext(self, context):  # unittest has it from Python 3.11 on
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def text(self):
        return (self.folder / document.DOCUMENT).read_text(encoding="utf-8")

    def write(self, *outcomes, remarks=(), date=FACTS["date"]):
        facts = FACTS | {"date": date}
        document.write_document(self.folder, outcomes, aims.judge(outcomes), list(remarks), facts, "results.json")
        return self.text()

    def test_there_is_a_place_for_each_group(self):
        usual = {"epoll": {}, "actornet": {}, "actornet-shared": {}, "actornet-2-loops": {}, "actornet-broker": {}}
        outcomes = [made_up(one, usual) for group in groups.GROUPS.values() for one in group.workloads(True)]
        written = self.write(*outcomes)
        for name, group in groups.GROUPS.items():
            self.assertIn(f"![{group.title}](performance/{name}.svg)", section(written, name))
            for workload in group.workloads(True):
                self.assertIn(f"| {workload} | ", section(written, name))

    def test_a_cell_has_the_figure_and_its_ratio(self):
        part = section(self.write(echo_with(95_000)), "echo")
        self.assertIn("| messages/s | epoll | actornet |\n| --- | ---: | ---: |\n"
                      "| 64 x 64 B | 100,000 (1.00) | 95,000 (0.95) |\n", part)
        self.assertIn("| p999 us | epoll | actornet |\n| --- | ---: | ---: |\n| 64 x 64 B | 1.0 (1.00) | 1.0 (1.00) |\n", part)

    def test_what_was_disturbed_is_marked_and_what_is_compared_with_it(self):
        part = section(self.write(echo_with(95_000, disturbed=("actornet",))), "echo")
        self.assertIn("| 64 x 64 B | 100,000 (1.00) | 95,000 (0.95) \\* |\n", part)
        self.assertIn("| p50 us | epoll | actornet |\n| --- | ---: | ---: |\n| 64 x 64 B | 1.0 | 1.0 \\* |\n", part)
        part = section(self.write(echo_with(95_000, disturbed=("epoll",))), "echo")
        self.assertIn("| 64 x 64 B | 100,000 (1.00) \\* | 95,000 (0.95) \\* |\n", part)
        self.assertIn("| p50 us | epoll | actornet |\n| --- | ---: | ---: |\n| 64 x 64 B | 1.0 \\* | 1.0 |\n", part)

    def test_it_says_where_the_figures_are_from_and_what_is_missing(self):
        part = section(self.write(echo_with(1), remarks=["go is skipped: it needs Go", "another"]), "echo")
        self.assertIn("- command: ./run bench\n- date: 2001-02-03\n- remarks: go is skipped: it needs Go; another\n", part)

    def test_nothing_else_changes(self):
        before = self.text()
        after = self.write(echo_with(1))
        self.assertNotEqual(before, after)
        for name in ("echo", "aims"):
            before, after = place(name).sub("", before), place(name).sub("", after)
        self.assertEqual(before, after)

    def test_a_second_run_replaces_the_first(self):
        once = self.write(echo_with(95_000))
        self.assertNotEqual(self.write(echo_with(96_000)), once)
        self.assertEqual(self.write(echo_with(95_000)), once)

    def test_each_aim_has_a_row(self):
        part = section(self.write(echo_with(95_000)), "aims")
        for aim in aims.AIMS:
            self.assertEqual(part.count(f"| {aim.title} | {aim.text} | "), 1, aim)
        self.assertIn("| echo 64 x 64 B: rate | at least 1.00 | 0.950 | missed | 100% | - | 2001-02-03 |", part)
        self.assertIn("| bulk sink, 8 connections: rate | at least 1.00 | - | not measured | - | - | - |", part)

    def test_an_aim_that_was_not_judged_again_keeps_its_row(self):
        self.write(echo_with(95_000))
        sink = made_up(workload_of(SINK, (8, 262144, 1)), {"epoll": {}, "actornet": {}})
        part = section(self.write(sink, date="2004-05-06"), "aims")
        self.assertIn("| echo 64 x 64 B: rate | at least 1.00 | 0.950 | missed | 100% | - | 2001-02-03 |", part)
        self.assertIn("| bulk sink, 8 connections: rate | at least 1.00 | 1.000 | reached | 100% | - | 2004-05-06 |", part)

    def test_a_document_without_a_place_is_left_alone(self):
        (self.folder / document.DOCUMENT).write_text("Nothing.\n", encoding="utf-8")
        with self.assertRaisesRegex(server_process.Trouble, "<!-- bench echo -->"):
            self.write(echo_with(1))
        self.assertEqual(self.text(), "Nothing.\n")


class Readme(unittest.TestCase):
    def test_it_names_each_peer_and_group(self):
        text = (BENCH / "README.md").read_text(encoding="utf-8")
        for name in [*peer.known_peers(BUILD), *groups.GROUPS]:
            self.assertRegex(text, rf"(?m)^\|.*`{re.escape(name)}`.*\|", name)

    def test_it_names_no_backend_that_does_not_exist(self):
        text = (BENCH / "README.md").read_text(encoding="utf-8")
        named = re.findall(r"--backends (\w+(?:,\w+)*)", text)
        self.assertTrue(named)
        self.assertLessEqual({name for names in named for name in names.split(",")} - {"b"}, set(peer.BACKENDS))


if __name__ == "__main__":
    unittest.main()
