# SPDX-License-Identifier: BSD-3-Clause
"""What the runs of one workload amount to."""

import statistics


class Outcome:
    def __init__(self, workload, runs_of):
        self.workload = workload
        self.runs_of = runs_of  # lists, one run a round, by the names of peers

    @property
    def peers(self):
        return list(self.runs_of)

    def median(self, peer, metric):
        return statistics.median(run.figures[metric.key] for run in self.runs_of[peer])

    def ratio(self, peer, metric, to=None):
        """To the yardstick, or to `to`; or None. The median over the rounds: neighbours in time are compared, so
        a slow drift of the machine cancels out."""
        pairs = zip(self.runs_of[peer], self.runs_of.get(self.yardstick(peer, to), ()))
        figures = [(one.figures[metric.key], other.figures[metric.key]) for one, other in pairs]
        ratios = [one / other for one, other in figures if other > 0]
        return statistics.median(ratios) if ratios else None

    def yardstick(self, peer, to=None):
        return to or self.workload.group.yardstick(peer)

    def is_disturbed(self, peer):
        return any(run.disturbed for run in self.runs_of.get(peer, ()))

    def is_ratio_disturbed(self, peer, to=None):
        return self.is_disturbed(peer) or self.is_disturbed(self.yardstick(peer, to))

    def as_json(self):
        metrics = self.workload.group.metrics
        return {
            "group": self.workload.group.name,
            "workload": str(self.workload),
            "relative_to": self.workload.group.relative_to,
            "peers": {
                peer: {
                    "medians": {metric.key: self.median(peer, metric) for metric in metrics},
                    "ratios": {
                        metric.key: self.ratio(peer, metric) for metric in metrics if metric.has_ratio
                    },
                    "disturbed": self.is_disturbed(peer),
                }
                for peer in self.peers
            },
        }
