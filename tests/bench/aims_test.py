# SPDX-License-Identifier: BSD-3-Clause
"""Aims: that each is measured, and judged as it should.

    aims_test.py BENCH_DIR BUILD_DIR
"""

import contextlib
import io
import unittest

from bench_support import BUILD, made_up, workload_of

import aims
import groups
import peer
import table

ECHO = groups.GROUPS["echo"]


def verdict(relation, bound, figures_of, metric="rate", peer_name="actornet", to=None):
    aim = aims.Aim("an echo", "echo", (64, 64, 1), metric, relation, bound, peer_name, to=to)
    return aims.verdict_on(aim, made_up(workload_of(ECHO, aim.shape), figures_of))


def rates(**rate_of):
    return {name: {"rate": rate} for name, rate in rate_of.items()}


class Aims(unittest.TestCase):
    def test_each_is_measured_by_the_usual_run(self):
        known = peer.known_peers(BUILD)
        usual = [known[name] for name in peer.default_names().split(",")]
        for aim in aims.AIMS:
            group = groups.GROUPS[aim.group]
            self.assertIn(aim.shape, [workload.shape for workload in group.workloads(is_full=False)], aim)
            measured = [one.name for one in group.variants(usual)]
            self.assertIn(aim.peer, measured, aim)
            self.assertIn(aim.to or group.yardstick(aim.peer), measured, aim)
            self.assertTrue(group.metric(aim.metric).has_ratio, aim)

    def test_no_two_have_one_row(self):
        self.assertEqual(len({aim.title for aim in aims.AIMS}), len(aims.AIMS))


class Verdicts(unittest.TestCase):
    def test_a_figure_on_the_bound(self):
        on_the_bound = rates(epoll=100, actornet=95)
        self.assertEqual(verdict("at least", 0.95, on_the_bound).text, "reached")
        self.assertEqual(verdict("at most", 0.95, on_the_bound).text, "reached")
        self.assertEqual(verdict("more than", 0.95, on_the_bound).text, "missed")

    def test_a_figure_beside_the_bound(self):
        self.assertEqual(verdict("at least", 0.95, rates(epoll=100, actornet=94)).text, "missed")
        self.assertEqual(verdict("at most", 0.95, rates(epoll=100, actornet=96)).text, "missed")

    def test_a_figure_to_another_than_the_yardstick(self):
        found = rates(epoll=100, caf=50, actornet=60)
        self.assertEqual(verdict("at least", 1.2, found, to="caf").figure, 1.2)
        self.assertEqual(verdict("at least", 1.2, found, to="asio").text, "not measured")

    def test_a_figure_is_marked_if_it_or_what_it_is_compared_with_was_disturbed(self):
        found = made_up(workload_of(ECHO, (64, 64, 1)), rates(epoll=100, caf=50, actornet=60), disturbed=("epoll",))
        for aim, marked in ((dict(), "0.600 *"), (dict(to="caf"), "1.200"), (dict(is_ratio=False), "60"),
                            (dict(peer="caf", to="actornet"), "0.833"), (dict(peer="epoll", is_ratio=False), "100 *")):
            with self.subTest(aim=aim):
                judged = aims.verdict_on(aims.Aim("an echo", "echo", (64, 64, 1), "rate", "at least", 1, **aim), found)
                self.assertEqual(judged.figure_text, marked)

    def test_products_that_did_better_are_named(self):
        found = rates(epoll=10, io_uring=12, asio=11, caf=7, node=8, actornet=9) | {"actornet-epoll": {"rate": 13}, "epoll-offload": {"rate": 14}}
        self.assertEqual(verdict("at least", 1, found).ahead, ("asio",))
        self.assertEqual(verdict("at most", 1, found).ahead, ("caf", "node"))

    def test_what_was_not_measured(self):
        aim = aims.AIMS[0]
        for found in (aims.verdict_on(aim, None),
                      verdict("at least", 1, rates(epoll=1, asio=1)),
                      verdict("at least", 1, rates(actornet=1))):
            self.assertEqual((found.figure, found.text), (None, "not measured"))

    def test_each_outcome_is_judged_by_its_aims(self):
        echo = made_up(workload_of(ECHO, (64, 64, 1)), rates(epoll=100, actornet=90))
        judged = {one.aim.title: one.text for one in aims.judge([echo]) if one.figure is not None}
        self.assertEqual(judged, {"echo 64 x 64 B: rate": "missed", "echo 64 x 64 B: CPU per message": "reached"})

    def test_a_missed_one_is_printed_as_plainly_as_a_reached_one(self):
        echo = made_up(workload_of(ECHO, (64, 64, 1)), rates(epoll=100, actornet=90))
        with contextlib.redirect_stdout(io.StringIO()) as said:
            table.print_verdicts(aims.judge([echo]))
        self.assertRegex(said.getvalue(), r"echo 64 x 64 B: rate +at least 1\.00 +0\.900 +missed +busy: 100%")
        self.assertIn(f"1 of 2 reached, {len(aims.AIMS) - 2} not measured", said.getvalue())


if __name__ == "__main__":
    unittest.main()
