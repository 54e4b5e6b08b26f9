#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The comparison notices what it is there for, and the list of differences is sound."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "apps"))
from comparison import Difference, complaints, mistakes_of_list
from differences import DIFFERENCES
from differential_test import scenarios_of
from traces import Trace

TOPICS = [path.stem for path in (pathlib.Path(__file__).parent / "scenarios").glob("*.py")]
LISTED = Difference("it_ends", "connection 1", node=["end", "closed"], ours=["closed"], reason="It is better so.")


class Comparison(unittest.TestCase):
    def judge(self, node, ours, *listed, **options):
        return list(complaints("it_ends", {"connection 1": node}, {"connection 1": ours}, listed, **options))

    def test_equal_traces_are_as_they_must_be(self):
        self.assertEqual(self.judge(["end"], ["end"]), [])

    def test_a_difference_that_is_not_listed_is_noticed(self):
        self.assertEqual(len(self.judge(["end", "closed"], ["closed"])), 1)

    def test_a_strand_that_only_one_has_is_noticed(self):
        self.assertEqual(len(list(complaints("it_ends", {}, {"listener": ["closed"]}, []))), 1)
        self.assertEqual(len(list(complaints("it_ends", {"listener": ["closed"]}, {}, []))), 1)

    def test_a_listed_difference_is_as_it_must_be(self):
        self.assertEqual(self.judge(["end", "closed"], ["closed"], LISTED), [])

    def test_a_listed_difference_that_does_not_occur_is_noticed(self):
        for both in (["closed"], ["end", "closed"], []):
            self.assertEqual(len(self.judge(both, both, LISTED)), 1, both)

    def test_a_difference_other_than_the_listed_one_is_noticed(self):
        self.assertEqual(len(self.judge(["end", "closed"], ["failed"], LISTED)), 1)
        self.assertEqual(len(self.judge(["closed"], ["closed"], LISTED)), 1)

    def test_a_difference_of_another_scenario_does_not_count(self):
        other = Difference("it_breaks", "connection 1", LISTED.node, LISTED.ours, LISTED.reason)
        self.assertEqual(len(self.judge(["end", "closed"], ["closed"], other)), 1)

    def test_a_newer_node_may_do_otherwise(self):
        mended = Difference("it_ends", "connection 1", LISTED.node, LISTED.ours, LISTED.reason, newer_node=LISTED.ours)
        self.assertEqual(len(self.judge(["closed"], ["closed"], mended, node_version=20)), 1)
        self.assertEqual(self.judge(["closed"], ["closed"], mended, node_version=22), [])
        self.assertEqual(self.judge(["end", "closed"], ["closed"], mended, node_version=22), [])
        self.assertEqual(len(self.judge(["failed"], ["closed"], mended, node_version=22)), 1)


class TheList(unittest.TestCase):
    def test_it_has_no_mistakes(self):
        scenarios = {name for topic in TOPICS for name in scenarios_of(topic)}
        self.assertEqual(list(mistakes_of_list(DIFFERENCES, scenarios)), [])

    def test_its_mistakes_are_noticed(self):
        self.assertEqual(list(mistakes_of_list([LISTED], {"it_ends"})), [])
        for wrong in ([LISTED, LISTED], [Difference("it_ends", "listener", ["a"], ["a"], "Why not.")],
                      [Difference("it_ends", "listener", ["a"], ["b"], "no sentence")]):
            self.assertEqual(len(list(mistakes_of_list(wrong, {"it_ends"}))), 1)
        self.assertEqual(len(list(mistakes_of_list([LISTED], {"it_breaks"}))), 1)

    def test_no_two_scenarios_have_one_name(self):
        names = [name for topic in TOPICS for name in scenarios_of(topic)]
        self.assertEqual(len(names), len(set(names)))


class Traces(unittest.TestCase):
    def test_runs_of_data_are_one_sentence(self):
        trace = Trace([{"event": "data", "id": 1, "text": "ab"}, {"event": "data", "id": 1, "base64": "Y2Q="},
                       {"event": "end", "id": 1}, {"event": "data", "id": 2, "text": "x"}])
        self.assertEqual(trace.strands, {"connection 1": ["data 4 b'abcd'", "end"], "connection 2": ["data 1 b'x'"]})

    def test_answers_stand_before_or_behind_the_close(self):
        write = {"reply": "write", "id": 1, "bytes": 2, "keep_going": True}
        closed = {"event": "closed", "id": 1, "had_error": False, "bytes_read": 0, "bytes_written": 2}
        self.assertEqual(Trace([write, closed]).strands["answers 1"], ["write 2 keep_going=true", "closed"])
        self.assertEqual(Trace([closed, write]).strands["answers 1"], ["closed", "write 2 keep_going=true"])
        self.assertNotIn("answers 1", Trace([closed]).strands)


if __name__ == "__main__":
    unittest.main()
