# SPDX-License-Identifier: BSD-3-Clause
"""What a workload is: so many clients that do what all do in its group, which gives the same figures."""

import dataclasses
import typing

from peer import YARDSTICK


@dataclasses.dataclass(frozen=True)
class Metric:
    key: str
    title: str
    form: str
    has_ratio: bool = False
    is_documented: bool = True

    def text(self, value):
        return self.form.format(value)


@dataclasses.dataclass(frozen=True)
class Workload:
    group: "Group"
    connections: int
    size: int
    in_flight: int = 1

    @property
    def shape(self):
        return self.connections, self.size, self.in_flight

    def __str__(self):
        size = f"{self.size // 1024} KiB" if self.size % 1024 == 0 else f"{self.size} B"
        burst = f", {self.in_flight} in flight" if self.in_flight > 1 else ""
        return f"{self.connections} x {size}{burst}"

    def load_options(self):
        options = {"connections": self.connections, "size": self.size}
        if self.group.has_in_flight:
            options["in-flight"] = self.in_flight
        return options


@dataclasses.dataclass(frozen=True)
class Group:
    name: str
    title: str
    load: str  # the generator's subcommand
    mode: str  # of the servers
    metrics: tuple
    figures: typing.Callable  # (report of the generator, workload, peer) -> values by the metrics' keys
    shapes: tuple
    shapes_of_full: tuple = ()
    load_flags: tuple = ()
    is_timed: bool = True
    has_in_flight: bool = False
    writes_files: bool = False  # the servers do, and the generator looks at them
    counts_bytes: bool = False  # the server has to have counted what the generator sent
    shares_cores: bool = False  # the generator may run where the server does
    variants: typing.Callable = list  # makes the servers to measure of those that were chosen
    yardstick: typing.Callable = lambda _peer: YARDSTICK  # names the server that one is compared with
    relative_to: str = YARDSTICK  # that, for people
    needs: str = "it compares actornet with itself, and that is not measured"  # if there are no variants
    note: str = ""  # what one has to know to read the figures

    def metric(self, key):
        """The one with this key, or None."""
        return next((metric for metric in self.metrics if metric.key == key), None)

    def workloads(self, is_full, connections=None, size=None, in_flight=None):
        """The usual ones, or the one that is described."""
        if connections or size or in_flight:
            usual = Workload(self, *self.shapes[0])
            return [Workload(self, connections or usual.connections, size or usual.size,
                             in_flight or usual.in_flight)]
        shapes = self.shapes + (self.shapes_of_full if is_full else ())
        return [Workload(self, *shape) for shape in shapes]
