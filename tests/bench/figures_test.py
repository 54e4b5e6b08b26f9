# SPDX-License-Identifier: BSD-3-Clause
"""What figures are made of: the reports of the generator, the runs of a server, the servers that it is compared with.

    figures_test.py BENCH_DIR BUILD_DIR
"""

import unittest
import unittest.mock

from bench_support import BUILD, workload_of

import groups
import measure
import outcome
import peer
import workload

GROUPS = groups.GROUPS


def figures_of(group, report, shape=(64, 64, 1), loops=1):
    server = peer.Peer("a server", ("a program",), "nothing", loops=loops)
    return GROUPS[group].figures(report, workload.Workload(GROUPS[group], *shape), server)


class Reports(unittest.TestCase):
    """Numbers of which no two quotients are equal."""

    REPORT = {"messages": 3_000_000, "bytes": 7_000_000_000, "seconds": 2, "server_cpu_seconds": 1.5, "load_cpu_seconds": 0.6,
              "empty_polls": 0.25, "p50_us": 11, "p99_us": 12, "p999_us": 13}

    def assert_figures(self, figures, **expected):
        self.assertEqual(set(figures), set(expected))
        for key, figure in figures.items():
            self.assertAlmostEqual(figure, expected[key], places=9, msg=key)

    def test_of_messages(self):
        for group in ("echo", "busy", "churn", "guarded", "fanout"):
            with self.subTest(group=group):
                self.assert_figures(figures_of(group, self.REPORT), rate=1_500_000, busy=0.75, cpu=0.5, slack=0.25,
                                    p50_us=11, p99_us=12, p999_us=13)

    def test_of_bulk_data_in_gigabytes(self):
        report = {key: value for key, value in self.REPORT.items() if not key.startswith("p")}
        for group in ("sink", "file"):
            with self.subTest(group=group):
                self.assert_figures(figures_of(group, report), rate=3.5, busy=0.75, cpu=1.5 / 7, slack=0.25)

    def test_of_datagrams(self):
        report = self.REPORT | {"sent_datagrams": 4_000_000, "lost_datagrams": 500_000}
        for group in ("udp-echo", "udp-sink", "udp-runs"):
            with self.subTest(group=group):
                self.assert_figures(figures_of(group, report), rate=1_500_000, busy=0.75, cpu=0.5, slack=0.25,
                                    p50_us=11, p99_us=12, p999_us=13, lost=0.125)

    def test_of_idle_connections_beside_the_first(self):
        report = {"first_bytes": 1_000, "open_bytes": 21_000, "used_bytes": 41_000}
        self.assert_figures(figures_of("idle", report, (11, 64)), open=2_000, used=4_000)
        self.assert_figures(figures_of("idle", report | {"open_bytes": 900}, (1, 64)), open=0, used=40_000)

    def test_of_bursts(self):
        self.assert_figures(figures_of("loops", self.REPORT), rate=1_500_000, busy=0.75, cpu=0.5)

    def test_of_loops_that_share_their_cores(self):
        self.assert_figures(figures_of("shared", self.REPORT), rate=1_500_000, busy=0.75, cpu=0.5, load_cpu=0.2,
                            derived=2_000_000)
        self.assert_figures(figures_of("shared", self.REPORT, loops=2), rate=1_500_000, busy=0.75, cpu=0.5, load_cpu=0.2,
                            derived=4_000_000)

    def test_each_group_has_the_figures_that_it_tells(self):
        report = self.REPORT | {"sent_datagrams": 1, "lost_datagrams": 0, "first_bytes": 0, "open_bytes": 1, "used_bytes": 1}
        for name, group in GROUPS.items():
            self.assertLessEqual({metric.key for metric in group.metrics}, set(figures_of(name, report)), name)


class Rounds(unittest.TestCase):
    """Three, in which the machine becomes slower, and somebody disturbs one."""

    RATE = GROUPS["echo"].metric("rate")

    def setUp(self):
        rates = {"epoll": (100, 80, 50), "caf": (50, 20, 10), "actornet": (90, 40, 60)}
        runs_of = {name: [measure.Run({"rate": rate}, foreign=0) for rate in figures] for name, figures in rates.items()}
        runs_of["caf"][1] = measure.Run({"rate": 20}, foreign=0.3)
        self.outcome = outcome.Outcome(workload_of(GROUPS["echo"], (64, 64, 1)), runs_of)

    def test_a_figure_is_the_median(self):
        self.assertEqual([self.outcome.median(name, self.RATE) for name in ("epoll", "caf", "actornet")], [80, 20, 60])

    def test_a_ratio_is_the_median_of_the_ratios_within_rounds(self):
        self.assertEqual(self.outcome.ratio("actornet", self.RATE), 0.9)  # of 0.9, 0.5, 1.2; that of the medians is 0.75
        self.assertEqual(self.outcome.ratio("actornet", self.RATE, to="caf"), 2)  # of 1.8, 2, 6; that of the medians is 3
        self.assertEqual(self.outcome.ratio("epoll", self.RATE), 1)
        self.assertIsNone(self.outcome.ratio("actornet", self.RATE, to="node"))

    def test_one_disturbed_round_disturbs_the_server_and_what_is_compared_with_it(self):
        self.assertEqual([self.outcome.is_disturbed(name) for name in ("epoll", "caf", "actornet")], [False, True, False])
        self.assertFalse(self.outcome.is_ratio_disturbed("actornet"))
        self.assertTrue(self.outcome.is_ratio_disturbed("actornet", to="caf"))
        self.assertTrue(self.outcome.is_ratio_disturbed("caf"))


class Disturbances(unittest.TestCase):
    def counted(self, *foreign, repeated_share=1):
        """What others used in the runs that count, if they used so much in one after the other; of four, such a share may
        be repeated."""
        effort = measure.Effort(rounds=4, seconds=1, warmup=0, repeated_share=repeated_share)
        bench = measure.Bench("load", (0, 1), effort, run_count=4)
        left = [measure.Run({}, each) for each in foreign]
        counted = []
        with unittest.mock.patch.object(bench, "run_once", side_effect=lambda *_: left.pop(0)):
            while left:
                counted.append(bench.measure("a server", "a workload").foreign)
        return counted

    def test_more_than_a_twentieth_of_a_core_disturbs(self):
        self.assertFalse(measure.Run({}, 0.05).disturbed)
        self.assertTrue(measure.Run({}, 0.051).disturbed)

    def test_a_disturbed_run_is_repeated_and_the_less_disturbed_counts(self):
        self.assertEqual(self.counted(0.04, 0.5, 0.1, 0.2, 0.3, 0.01), [0.04, 0.1, 0.2, 0.01])

    def test_no_more_are_repeated_than_may_be(self):
        self.assertEqual(self.counted(0.5, 0.6, 0.7, repeated_share=0), [0.5, 0.6, 0.7])
        self.assertEqual(self.counted(0.5, 0.1, 0.6, 0.7, repeated_share=0.25), [0.1, 0.6, 0.7])


class Yardsticks(unittest.TestCase):
    def test_each_server_is_compared_with_the_one_that_the_group_says(self):
        compared = {(group, name): GROUPS[group].yardstick(name) for group, name in (
            ("echo", "actornet"), ("udp-runs", "actornet-offload"), ("loops", "actornet-epoll-2-loops"),
            ("loops", "actornet"), ("shared", "actornet-2-loops"), ("guarded", "actornet-epoll-broker"))}
        self.assertEqual(list(compared.values()), ["epoll", "epoll", "actornet-epoll", "actornet", "actornet", "actornet-epoll"])

    def test_each_is_measured_beside_it(self):
        servers = list(peer.known_peers(BUILD).values())
        for name, group in GROUPS.items():
            measured = [one.name for one in group.variants(servers)]
            self.assertLessEqual({group.yardstick(one) for one in measured}, set(measured), name)


if __name__ == "__main__":
    unittest.main()
