# SPDX-License-Identifier: BSD-3-Clause
"""What is measured: groups of workloads, and the figures that each gives."""

import dataclasses
import typing


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
    name: str  # also that of the generator's subcommand
    title: str
    mode: str  # of the servers
    metrics: tuple
    figures: typing.Callable  # (report of the generator, workload) -> values by the metrics' keys
    shapes: tuple
    shapes_of_full: tuple = ()
    is_timed: bool = True
    has_in_flight: bool = False
    counts_bytes: bool = False  # the server has to have counted what the generator sent

    def workloads(self, is_full, connections=None, size=None, in_flight=None):
        """The usual ones, or the one that is described."""
        if connections or size or in_flight:
            usual = Workload(self, *self.shapes[0])
            return [Workload(self, connections or usual.connections, size or usual.size,
                             in_flight or usual.in_flight)]
        shapes = self.shapes + (self.shapes_of_full if is_full else ())
        return [Workload(self, *shape) for shape in shapes]


def timed_figures(count_key, rate_unit, cpu_unit):
    def figures(report, _workload):
        count, seconds = report[count_key], report["seconds"]
        cpu = report["server_cpu_seconds"]
        latencies = {key: report[key] for key in ("p50_us", "p99_us", "p999_us") if key in report}
        return {
            "rate": count / seconds / rate_unit,
            "busy": cpu / seconds,
            "cpu": cpu / count * cpu_unit,
            "slack": report["empty_polls"],
            **latencies,
        }

    return figures


def idle_figures(report, workload):
    others = max(workload.connections - 1, 1)  # the first one is in what they are compared with
    return {
        "open": max(report["open_bytes"] - report["first_bytes"], 0) / others,
        "used": max(report["used_bytes"] - report["first_bytes"], 0) / others,
    }


def timed_metrics(rate, rate_form, cpu, cpu_form, latencies=("p50", "p99", "p999")):
    return (
        Metric("rate", rate, rate_form, has_ratio=True),
        Metric("busy", "busy", "{:.0%}", is_documented=False),
        Metric("cpu", cpu, cpu_form, has_ratio=True),
        *(Metric(f"{name}_us", f"{name} us", "{:,.1f}") for name in latencies),
        Metric("slack", "slack", "{:.0%}", is_documented=False),
    )


GROUPS = {
    group.name: group
    for group in (
        Group(
            "echo", "TCP echo", "tcp-echo",
            timed_metrics("messages/s", "{:,.0f}", "CPU s/M", "{:.2f}"),
            timed_figures("messages", 1, 1e6),
            shapes=(
                (64, 64), (64, 64, 32), (64, 4096), (64, 65536),
                (1, 64), (1, 4096), (1, 65536),
                (1000, 64), (1000, 4096), (1000, 65536),
            ),
            shapes_of_full=((1000, 64, 32),),
            has_in_flight=True,
        ),
        Group(
            "sink", "Bulk data to a sink", "tcp-sink",
            timed_metrics("GB/s", "{:.3f}", "CPU s/GB", "{:.3f}", latencies=()),
            timed_figures("bytes", 1e9, 1e9),
            shapes=((1, 262144), (8, 262144)),
            counts_bytes=True,
        ),
        Group(
            "churn", "Connect, one exchange, close", "tcp-echo",
            timed_metrics("connections/s", "{:,.0f}", "CPU us each", "{:.1f}"),
            timed_figures("messages", 1, 1e6),
            shapes=((64, 64),),
        ),
        Group(
            "idle", "Idle connections", "tcp-echo",
            (
                Metric("open", "RSS bytes each", "{:,.0f}", has_ratio=True),
                Metric("used", "after one message", "{:,.0f}", has_ratio=True),
            ),
            idle_figures,
            shapes=((10000, 64),),
            shapes_of_full=((20000, 64),),
            is_timed=False,
        ),
        Group(
            "fanout", "Fan-out: one sends, all receive", "broadcast",
            timed_metrics("deliveries/s", "{:,.0f}", "CPU us each", "{:.3f}"),
            timed_figures("messages", 1, 1e6),
            shapes=((100, 64, 64), (100, 1024, 64)),
            has_in_flight=True,
        ),
    )
}
