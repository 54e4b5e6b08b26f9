# SPDX-License-Identifier: BSD-3-Clause
"""What actornet is to reach, and whether it has."""

import dataclasses
import operator

# Hand-written C is the practical limit, and not somebody to be ahead of.
LIMITS = {"epoll", "epoll-splice", "io_uring"}

RELATIONS = {"at least": operator.ge, "more than": operator.gt, "at most": operator.le}


@dataclasses.dataclass(frozen=True)
class Aim:
    title: str
    group: str
    shape: tuple  # of the workload: connections, bytes of a message, messages in flight
    metric: str  # key of one of the group's
    relation: str  # one of RELATIONS
    bound: float
    peer: str = "actornet"
    is_ratio: bool = True  # of the figure; or the figure itself
    to: str = None  # of the ratio, instead of the yardstick

    @property
    def text(self):
        return f"{self.relation} {self.figure_text(self.bound, 2)}"

    def figure_text(self, figure, digits=3):
        return f"{figure:.{digits}f}" if self.is_ratio else f"{figure:,.0f}"

    def is_reached_by(self, figure):
        return RELATIONS[self.relation](figure, self.bound)

    def is_better(self, figure, other):
        return figure < other if self.relation == "at most" else figure > other


@dataclasses.dataclass(frozen=True)
class Verdict:
    aim: Aim
    figure: float = None  # None: it was not measured
    busy: float = None  # share of a core that the server used, where that was measured
    ahead: tuple = ()  # names of products that did better in the same run
    is_disturbed: bool = False

    @property
    def figure_text(self):
        if self.figure is None:
            return "-"
        return self.aim.figure_text(self.figure) + (" *" if self.is_disturbed else "")

    @property
    def text(self):
        if self.figure is None:
            return "not measured"
        return "reached" if self.aim.is_reached_by(self.figure) else "missed"

    @property
    def busy_text(self):
        return "-" if self.busy is None else f"{self.busy:.0%}"

    @property
    def ahead_text(self):
        return ", ".join(self.ahead) or "-"


def judge(outcomes):
    """A verdict on each aim, in their order."""
    measured = {(one.workload.group.name, one.workload.shape): one for one in outcomes}
    return [verdict_on(aim, measured.get((aim.group, aim.shape))) for aim in AIMS]


def verdict_on(aim, outcome):
    if outcome is None or aim.peer not in outcome.peers:
        return Verdict(aim)
    figures = {peer: figure_of(aim, outcome, peer) for peer in outcome.peers}
    ours = figures[aim.peer]
    if ours is None:  # a ratio, and the yardstick was not measured
        return Verdict(aim)
    ahead = (peer for peer, figure in figures.items() if is_product(peer) and aim.is_better(figure, ours))
    return Verdict(aim, ours, busy_of(aim, outcome), tuple(ahead), is_disturbed(aim, outcome))


def busy_of(aim, outcome):
    metric = outcome.workload.group.metric("busy")
    return metric and outcome.median(aim.peer, metric)


def figure_of(aim, outcome, peer):
    metric = outcome.workload.group.metric(aim.metric)
    return outcome.ratio(peer, metric, aim.to) if aim.is_ratio else outcome.median(peer, metric)


def is_disturbed(aim, outcome):
    return outcome.is_ratio_disturbed(aim.peer, aim.to) if aim.is_ratio else outcome.is_disturbed(aim.peer)


def is_product(peer):
    return peer.split("-")[0] not in LIMITS | {"actornet"}


def echo(title, shape, metric, relation, bound, peer="actornet"):
    return Aim(f"echo {title}", "echo", shape, metric, relation, bound, peer)


def idle(title, metric, bound, peer):
    return Aim(f"10,000 idle, {title}", "idle", (10000, 64, 1), metric, "at most", bound, peer,
               is_ratio=False)


def datagrams(title, group, size, metric, relation, bound, peer="actornet", in_flight=1):
    return Aim(f"UDP {title}", group, (1, size, in_flight), metric, relation, bound, peer)


AIMS = (
    echo("64 x 64 B: rate", (64, 64, 1), "rate", "at least", 1.00),
    echo("64 x 64 B: CPU per message", (64, 64, 1), "cpu", "at most", 1.00),
    echo("64 x 64 B, epoll backend: rate", (64, 64, 1), "rate", "at least", 0.95, "actornet-epoll"),
    echo("1000 x 64 B: rate", (1000, 64, 1), "rate", "at least", 0.93),
    echo("1000 x 64 B: p999", (1000, 64, 1), "p999_us", "at most", 2.00),
    echo("1 x 64 B: rate", (1, 64, 1), "rate", "at least", 0.97),
    echo("64 x 4 KiB: rate", (64, 4096, 1), "rate", "at least", 1.00),
    echo("1000 x 4 KiB: rate", (1000, 4096, 1), "rate", "at least", 0.95),
    echo("64 x 64 KiB: rate", (64, 65536, 1), "rate", "at least", 1.00),
    echo("64 x 64 B, 32 in flight: rate", (64, 64, 32), "rate", "at least", 1.00),
    Aim("bulk sink, 8 connections: rate", "sink", (8, 262144, 1), "rate", "at least", 1.00),
    Aim("bulk into a file: rate", "file", (1, 262144, 1), "rate", "at least", 1.15),
    Aim("bulk into a file: CPU per GB, to splice(2) on one thread", "file", (1, 262144, 1), "cpu", "at most", 1.10,
        to="epoll-splice"),
    Aim("fan-out of 64 B to 100: CPU per message", "fanout", (100, 64, 64), "cpu", "at most", 1.05),
    Aim("fan-out of 1 KiB to 100: CPU per message", "fanout", (100, 1024, 64), "cpu", "at most", 1.05),
    Aim("accept churn: CPU per connection", "churn", (64, 64, 1), "cpu", "at most", 1.20),
    Aim("accept churn behind a broker: CPU, to without one", "guarded", (64, 64, 1), "cpu", "at most", 1.03,
        "actornet-broker"),
    idle("a handler each: bytes", "open", 3000, "actornet"),
    idle("a handler each: bytes after a message", "used", 3000, "actornet"),
    idle("one handler for all: bytes", "open", 1200, "actornet-shared"),
    idle("one handler for all: bytes after a message", "used", 1200, "actornet-shared"),
    Aim("2 loops on 2 cores: rate, to 1 loop on 1", "loops", (4000, 64, 1), "rate", "more than", 1.60,
        "actornet-2-loops"),
    datagrams("echo of 64 B: rate", "udp-echo", 64, "rate", "at least", 0.95, in_flight=64),
    datagrams("echo of 1400 B: rate", "udp-echo", 1400, "rate", "at least", 0.95, in_flight=64),
    datagrams("sink of 64 B: rate", "udp-sink", 64, "rate", "at least", 0.95),
    datagrams("sink of 64 B: CPU per datagram", "udp-sink", 64, "cpu", "at most", 1.10),
    datagrams("sink of 1400 B: rate", "udp-sink", 1400, "rate", "at least", 0.95),
    datagrams("sink of 1400 B: CPU per datagram", "udp-sink", 1400, "cpu", "at most", 1.10),
    datagrams("runs of 64 B, with UDP_GRO: rate, to none without", "udp-runs", 64, "rate", "at least", 3.00,
              "actornet-offload"),
)
