# SPDX-License-Identifier: BSD-3-Clause
"""Keeps the benchmarks from rotting: all of them run, briefly, and what they must notice is shown to them.

    bench_test.py BENCH_DIR BUILD_DIR PEER...

The peers are those that have a test of their own, peer_test.py.
"""

import contextlib
import io
import json
import math
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock

from bench_support import BUILD, made_up, run, run_bench

import groups
import measure
import peer
import run as runner
import server_process
import workload

TESTED_PEERS = sys.argv[1:]
del sys.argv[1:]
PEERS = ["epoll", "actornet"]
CLIENT_DEADLINE_S = 10


def measured_in(group):
    known = peer.known_peers(BUILD)
    return [one.name for one in group.variants([known[name] for name in PEERS])]


class Server:
    """Serves one client as `answer`, made of what came, says."""

    def __init__(self, answer):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._answer = answer
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self._listener.getsockname()[1]

    def __exit__(self, *_):
        self._thread.join()
        self._listener.close()

    def _serve(self):
        self._listener.settimeout(CLIENT_DEADLINE_S)
        client, _ = self._listener.accept()
        client.settimeout(CLIENT_DEADLINE_S)
        with client, contextlib.suppress(ConnectionError):
            while received := client.recv(4096):
                client.sendall(self._answer(received))


def load_against(answer, name, *arguments):
    with Server(answer) as port:
        return run(BUILD / "bench" / "load", name, "--port", port, "--connections", 1, *arguments)


@contextlib.contextmanager
def idle_process():
    """Stands for a server that may be halted; this one must not be."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        yield process.pid


class WholeSuite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "results.json"
            cls.done = run_bench("--seconds", 0.2, "--connections", 5, "--size", 64, "--peers", ",".join(PEERS),
                                 "--json", file)
            cls.results = json.loads(file.read_text()) if file.exists() else {}

    def test_it_ends_well(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout + self.done.stderr)

    def test_each_group_has_each_figure_of_each_peer(self):
        outcomes = {outcome["group"]: outcome for outcome in self.results["outcomes"]}
        self.assertEqual(list(outcomes), list(groups.GROUPS))
        for name, group in groups.GROUPS.items():
            self.assertEqual(list(outcomes[name]["peers"]), measured_in(group))
            for server, found in outcomes[name]["peers"].items():
                self.assertEqual(set(found["medians"]), {metric.key for metric in group.metrics}, (name, server))
                self.assertTrue(all(math.isfinite(value) for value in found["medians"].values()), (name, server))

    def test_something_was_measured(self):
        for outcome in self.results["outcomes"]:
            for name, found in outcome["peers"].items():
                for key in {"rate", "cpu", "load_cpu", "p50_us"} & set(found["medians"]):
                    self.assertGreater(found["medians"][key], 0, (outcome["group"], name, key))

    def test_the_table_has_a_row_for_each_peer_in_each_group(self):
        lines = self.done.stdout.splitlines()
        for name in PEERS:
            rows = [line for line in lines if line.startswith("5 x 64 B") and f" {name} " in line]
            expected = [group for group in groups.GROUPS.values() if name in measured_in(group)]
            self.assertEqual(len(rows), len(expected), self.done.stdout)

    def test_nothing_was_left_out(self):
        self.assertEqual(self.results["remarks"], [])

    def test_it_says_how_long_it_took(self):
        self.assertRegex(self.done.stdout, r"\ntook \d+ s\n$")


class WhatIsMeasured(unittest.TestCase):
    def test_every_peer_has_a_test_of_its_own(self):
        self.assertEqual(TESTED_PEERS, list(peer.known_peers(BUILD)))

    def test_connections_are_as_many_as_descriptors_allow(self):
        said = []
        many = workload.Workload(groups.GROUPS["idle"], 20000, 64)
        self.assertEqual(runner.within_limit(many, 20000, said.append).connections, 19900)
        self.assertEqual(said, ["idle 20000 x 64 B is measured with 19900 connections: "
                                "a process may open 20000 descriptors"])
        self.assertIs(runner.within_limit(many, 20064, said.append), many)

    def test_files_are_written_only_where_there_is_room(self):
        file, effort = groups.GROUPS["file"], measure.Effort(rounds=1, seconds=2, warmup=0.3, repeated_share=0)
        for free, expected in ((7e9, None),
                               (6e9, "its files may need 6.9 GB, and /here has 6.0 GB; --directory names another")):
            with unittest.mock.patch.object(runner.shutil, "disk_usage", return_value=unittest.mock.Mock(free=free)):
                self.assertEqual(runner.why_no_room(file, effort, "/here"), expected)
                self.assertIsNone(runner.why_no_room(groups.GROUPS["sink"], effort, "/here"))

    def test_what_was_measured_is_kept_when_a_later_workload_fails(self):
        one, other = groups.GROUPS["churn"].workloads(False)[0], groups.GROUPS["sink"].workloads(False)[0]
        outcomes = [made_up(one, {"epoll": {}}), server_process.Trouble("a server has ended")]
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.object(runner, "run_workload", side_effect=outcomes):
            file = pathlib.Path(folder) / "results.json"
            with self.assertRaises(server_process.Trouble), contextlib.redirect_stdout(io.StringIO()):
                runner.run_all(None, [one, other], None, lambda so_far: runner.write_results(file, so_far, [], {}))
            self.assertEqual([each["group"] for each in json.loads(file.read_text())["outcomes"]], ["churn"])

    def test_loops_are_compared_for_actornet_alone(self):
        done = run_bench("loops", "churn", "--seconds", 0.1, "--peers", "epoll")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("loops is skipped: it compares actornet with itself", done.stdout)

    def test_the_generator_sleeps_when_it_is_told_to_and_else_polls(self):
        """Who sleeps is woken by an answer, or after 10 ms; who polls finds nothing for as long as the server takes."""
        for options, are_empty in ((["--sleep"], False), ([], True)):
            done = load_against(lambda received: received, "echo", "--seconds", 0.3, *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["empty_polls"] > 0.5, are_empty, done.stdout)

    def test_a_server_goes_on_after_it_was_halted(self):
        known = peer.known_peers(BUILD)["epoll"]
        cores = os.sched_getaffinity(0)
        with server_process.running_server("epoll", lambda port: known.command_line("tcp-echo", port, 64), cores) as server:
            done = run(BUILD / "bench" / "load", "burst", "--port", server.port, "--server-pid", server.pid,
                       "--connections", 20, "--seconds", 0.05, "--warmup", 0)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["messages"], 20 * report["bursts"])


class DatagramServer:
    """Answers each datagram as `answer`, made of what came, says; nothing if that is None."""

    def __init__(self, answer):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self._answer = answer
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self._socket.getsockname()[1]

    def __exit__(self, *_):
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def _serve(self):
        count = 0
        while not self._ends.is_set():
            with contextlib.suppress(TimeoutError):
                received, client = self._socket.recvfrom(65536)
                count += 1
                for answer in self._answer(received, count):
                    self._socket.sendto(answer, client)


def datagrams_against(answer, *arguments):
    with DatagramServer(answer) as port:
        return run(BUILD / "bench" / "load", "udp-echo", "--port", port, "--size", 100, *arguments)


class WhatItNoticesOfDatagrams(unittest.TestCase):
    def test_what_comes_back_unchanged_is_well(self):
        done = datagrams_against(lambda received, _: [received], "--seconds", 0.2, "--in-flight", 4)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["lost_datagrams"], 0)

    def test_a_changed_byte(self):
        done = datagrams_against(lambda received, _: [received[:-1] + bytes([received[-1] ^ 1])])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("a byte came back changed", done.stderr)

    def test_another_size(self):
        done = datagrams_against(lambda received, _: [received[:-1]])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("a datagram came back with another size", done.stderr)

    def test_what_is_lost_is_counted(self):
        done = datagrams_against(lambda received, count: [] if count % 50 == 0 else [received],
                                 "--seconds", 2, "--in-flight", 4)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertGreater(report["lost_datagrams"], 0)
        self.assertLess(report["lost_datagrams"], report["sent_datagrams"])

    def test_a_sink_that_counts_what_was_not_sent(self):
        sink = unittest.mock.Mock()
        report = {"sent_datagrams": 10}
        measure.check_datagrams(["count 9 900"], report, 100, sink)
        self.assertEqual(report["lost_datagrams"], 1)
        for words in (["count 11 1100"], ["count 10 999"], ["count 5 500"], ["count 10"], []):
            with self.assertRaises(server_process.Trouble):
                measure.check_datagrams(words, {"sent_datagrams": 10}, 100, sink)


class WhatItNotices(unittest.TestCase):
    def test_a_changed_byte(self):
        for name in ("echo", "churn", "idle"):
            done = load_against(lambda received: received[:-1] + bytes([received[-1] ^ 1]), name)
            self.assertNotEqual(done.returncode, 0, name)
            self.assertIn("a byte came back changed", done.stderr, name)

    def test_a_surplus_byte(self):
        for name in ("echo", "churn"):
            done = load_against(lambda received: received + b"!", name)
            self.assertNotEqual(done.returncode, 0, name)
            self.assertIn("more bytes came back than were sent", done.stderr, name)

    def test_a_changed_or_surplus_byte_of_a_burst(self):
        with idle_process() as pid:
            changed = load_against(lambda received: received[:-1] + bytes([received[-1] ^ 1]), "burst", "--server-pid", pid)
            surplus = load_against(lambda received: received + b"!", "burst", "--server-pid", pid)
        self.assertIn("a byte came back changed", changed.stderr)
        self.assertIn("more bytes came back than were sent", surplus.stderr)
        self.assertNotEqual(changed.returncode, 0)
        self.assertNotEqual(surplus.returncode, 0)

    def test_a_changed_byte_of_a_broadcast(self):
        done = load_against(lambda received: received if received == b"!" else received[:-1] + b"\0\1", "fanout")
        self.assertNotEqual(done.returncode, 0)

    def test_a_sink_that_answers(self):
        done = load_against(lambda received: received[:1], "sink")
        self.assertNotEqual(done.returncode, 0)

    def files_with(self, change):
        """What the generator says of a server that writes each part of what comes as `change` makes it."""
        with tempfile.TemporaryDirectory() as folder, open(pathlib.Path(folder) / "out.0", "wb", buffering=0) as file:
            def keep(received):
                file.write(change(received))
                return b""

            return load_against(keep, "sink", "--seconds", 0.1, "--files", folder)

    def test_files_that_are_as_they_were_sent(self):
        done = self.files_with(lambda received: received)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_changed_or_missing_byte_of_a_file(self):
        for change in (lambda received: received[:-1] + bytes([received[-1] ^ 1]), lambda received: received[1:]):
            done = self.files_with(change)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("out.0 is not what any connection has sent", done.stderr)
            self.assertIn("no file has what it sent", done.stderr)

    def test_a_server_that_writes_no_files_is_left_out(self):
        known = peer.known_peers(BUILD)
        file = groups.GROUPS["file"]
        self.assertEqual([one.name for one in file.variants([known["epoll"], known["io_uring"]])], ["epoll", "epoll-splice"])
        self.assertEqual(runner.why_not(file, [known["io_uring"]], (0, 1)), "none of the servers writes files")

    def test_a_sink_that_has_lost_a_byte(self):
        sink = unittest.mock.Mock()
        measure.check_count(["count 3 100"], 100, sink)
        for words in (["count 3 99"], ["count 100"], []):
            with self.assertRaises(server_process.Trouble):
                measure.check_count(words, 100, sink)

    def test_a_peer_that_was_not_built_is_named_and_the_others_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            build = pathlib.Path(folder)
            (build / "bench").mkdir()
            for name in ("load", "peers"):
                (build / "bench" / name).symlink_to(BUILD / "bench" / name)
            done = run_bench("churn", "--seconds", 0.1, "--peers", "epoll,actornet", build=build)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("actornet is skipped: it needs", done.stdout)
        self.assertRegex(done.stdout, r"\bepoll .*\d")

    def test_a_peer_that_does_not_exist(self):
        done = run_bench("--peers", "epoll,unheard")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no peer 'unheard'", done.stderr)


if __name__ == "__main__":
    unittest.main()
