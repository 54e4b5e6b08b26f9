# SPDX-License-Identifier: BSD-3-Clause
"""What is measured: groups of workloads, and the figures that each gives."""

from peer import (BROKER, TWO_LOOPS, and_busy_polling, and_shared_handlers, serving_datagrams, that_write_files,
                  with_one_and_two_loops, without_and_with_broker)
from workload import Group, Metric


def timed_figures(count_key, rate_unit, cpu_unit):
    def figures(report, _workload, _peer):
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


def idle_figures(report, workload, _peer):
    others = max(workload.connections - 1, 1)  # the first one is in what they are compared with
    return {
        "open": max(report["open_bytes"] - report["first_bytes"], 0) / others,
        "used": max(report["used_bytes"] - report["first_bytes"], 0) / others,
    }


def burst_figures(report, _workload, _peer):
    count, seconds, cpu = report["messages"], report["seconds"], report["server_cpu_seconds"]
    return {"rate": count / seconds, "busy": cpu / seconds, "cpu": cpu / count * 1e6}


def datagram_figures(report, workload, peer):
    figures = timed_figures("messages", 1, 1e6)(report, workload, peer)
    return figures | {"lost": report["lost_datagrams"] / report["sent_datagrams"]}


def datagram_metrics(latencies):
    return (
        *timed_metrics("datagrams/s", "{:,.0f}", "CPU s/M", "{:.3f}", latencies=latencies),
        Metric("lost", "lost", "{:.2%}"),
    )


def shared_figures(report, _workload, peer):
    count, seconds, cpu = report["messages"], report["seconds"], report["server_cpu_seconds"]
    return {
        "rate": count / seconds,
        "busy": cpu / seconds,
        "cpu": cpu / count * 1e6,
        "load_cpu": report["load_cpu_seconds"] / count * 1e6,
        "derived": peer.loops * count / cpu,
    }


def timed_metrics(rate, rate_form, cpu, cpu_form, latencies=("p50", "p99", "p999"), compared=()):
    return (
        Metric("rate", rate, rate_form, has_ratio=True),
        Metric("busy", "busy", "{:.0%}", is_documented=False),
        Metric("cpu", cpu, cpu_form, has_ratio=True),
        *(Metric(f"{name}_us", f"{name} us", "{:,.1f}", has_ratio=name in compared)
          for name in latencies),
        Metric("slack", "slack", "{:.0%}", is_documented=False),
    )


def loop_metrics(*others):
    return (
        Metric("rate", "messages/s", "{:,.0f}", has_ratio=True),
        Metric("busy", "busy", "{:.0%}"),
        Metric("cpu", "CPU s/M", "{:.2f}", has_ratio=True),
        *others,
    )


def one_loop_of(peer_name):
    return peer_name.removesuffix(TWO_LOOPS)


def unguarded(peer_name):
    return peer_name.removesuffix(BROKER)


GROUPS = {
    group.name: group
    for group in (
        Group(
            "echo", "TCP echo", "echo", "tcp-echo",
            timed_metrics("messages/s", "{:,.0f}", "CPU s/M", "{:.2f}", compared=("p999",)),
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
            "busy", "TCP echo on one connection, with loops that poll busily", "echo", "tcp-echo",
            timed_metrics("messages/s", "{:,.0f}", "CPU s/M", "{:.2f}"),
            timed_figures("messages", 1, 1e6),
            shapes=((1, 64),),
            variants=and_busy_polling,
            note="-busy: looks for up to 50 us before it sleeps (actornet.busy_poll_us)",
        ),
        Group(
            "sink", "Bulk data to a sink", "sink", "tcp-sink",
            timed_metrics("GB/s", "{:.3f}", "CPU s/GB", "{:.3f}", latencies=()),
            timed_figures("bytes", 1e9, 1e9),
            shapes=((1, 262144), (8, 262144)),
            counts_bytes=True,
        ),
        Group(
            "file", "Bulk data into files", "sink", "tcp-to-file",
            timed_metrics("GB/s", "{:.3f}", "CPU s/GB", "{:.3f}", latencies=()),
            timed_figures("bytes", 1e9, 1e9),
            shapes=((1, 262144), (8, 262144)),
            writes_files=True,
            variants=that_write_files,
            needs="none of the servers writes files",
            note="-splice: socket to pipe to file on the one thread, without a copy in user space",
        ),
        Group(
            "churn", "Connect, one exchange, close", "churn", "tcp-echo",
            timed_metrics("connections/s", "{:,.0f}", "CPU us each", "{:.1f}"),
            timed_figures("messages", 1, 1e6),
            shapes=((64, 64),),
        ),
        Group(
            "guarded", "Connect, one exchange, close: with a connection broker", "churn", "tcp-echo",
            timed_metrics("connections/s", "{:,.0f}", "CPU us each", "{:.1f}"),
            timed_figures("messages", 1, 1e6),
            shapes=((64, 64),),
            variants=without_and_with_broker,
            yardstick=unguarded,
            relative_to="no broker",
            note="-broker: with a limit of every kind, none of which is reached",
        ),
        Group(
            "idle", "Idle connections", "idle", "tcp-echo",
            (
                Metric("open", "RSS bytes each", "{:,.0f}", has_ratio=True),
                Metric("used", "after one message", "{:,.0f}", has_ratio=True),
            ),
            idle_figures,
            shapes=((10000, 64), (20000, 64)),
            is_timed=False,
            variants=and_shared_handlers,
            note="-shared: one handler for all connections, instead of one each",
        ),
        Group(
            "fanout", "Fan-out: one sends, all receive", "fanout", "broadcast",
            timed_metrics("deliveries/s", "{:,.0f}", "CPU us each", "{:.3f}"),
            timed_figures("messages", 1, 1e6),
            shapes=((100, 64, 64), (100, 1024, 64)),
            has_in_flight=True,
        ),
        Group(
            "loops", "Loops: all is sent while the server is halted", "burst", "tcp-echo",
            loop_metrics(),
            burst_figures,
            shapes=((1000, 64), (4000, 64)),
            shares_cores=True,
            variants=with_one_and_two_loops,
            yardstick=one_loop_of,
            relative_to="one loop",
            note="all is measured, with the generator asleep: one loop has a core, two have both",
        ),
        Group(
            "shared", "Loops: the generator shares the cores", "echo", "tcp-echo",
            loop_metrics(
                Metric("load_cpu", "generator s/M", "{:.2f}"),
                Metric("derived", "derived/s", "{:,.0f}", has_ratio=True),
            ),
            shared_figures,
            shapes=((64, 64), (64, 64, 32)),
            load_flags=("--sleep",),
            has_in_flight=True,
            shares_cores=True,
            variants=with_one_and_two_loops,
            yardstick=one_loop_of,
            relative_to="one loop",
            note="messages/s is measured, and the generator takes its part of the cores;\n"
                 "derived/s is calculated: loops / CPU per message, as if clients cost nothing",
        ),
        Group(
            "udp-echo", "UDP echo", "udp-echo", "udp-echo",
            datagram_metrics(("p50", "p99")),
            datagram_figures,
            shapes=((1, 64, 64), (1, 1400, 64), (64, 64), (64, 64, 4)),
            has_in_flight=True,
            variants=serving_datagrams("udp-echo"),
            note="-offload: UDP_GRO and UDP_SEGMENT",
        ),
        Group(
            "udp-sink", "Datagrams to a sink", "udp-sink", "udp-sink",
            datagram_metrics(()),
            datagram_figures,
            shapes=((1, 64), (1, 1400)),
            counts_datagrams=True,
            variants=serving_datagrams("udp-sink"),
            note="-offload: UDP_GRO; the generator limits what one socket gets, CPU says more",
        ),
        Group(
            "udp-runs", "Runs of datagrams to a sink", "udp-sink", "udp-sink",
            datagram_metrics(()),
            datagram_figures,
            shapes=((1, 64), (1, 1400)),
            load_flags=("--runs",),
            counts_datagrams=True,
            variants=serving_datagrams("udp-sink"),
            note="the generator gives the kernel runs as one (UDP_SEGMENT); -offload: UDP_GRO",
        ),
    )
}
