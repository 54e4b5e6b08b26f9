# SPDX-License-Identifier: BSD-3-Clause
"""Keeps the benchmarks from rotting: all of them run, briefly, and what they must notice is shown to them.

    bench_test.py BENCH_DIR BUILD_DIR
"""

import contextlib
import json
import math
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock

BENCH = pathlib.Path(sys.argv.pop(1)).resolve()
BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(BENCH))

import measure
import server_process
import workload

PEERS = ["epoll", "actornet"]
DEADLINE_S = 120
CLIENT_DEADLINE_S = 10


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=DEADLINE_S)


def run_bench(*arguments, build=BUILD):
    return run(sys.executable, BENCH / "run.py", "--build-dir", build, "--rounds", 1, *arguments)


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


def load_against(answer, name):
    with Server(answer) as port:
        return run(BUILD / "bench" / "load", name, "--port", port, "--connections", 1)


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
        self.assertEqual(list(outcomes), list(workload.GROUPS))
        for name, group in workload.GROUPS.items():
            self.assertEqual(list(outcomes[name]["peers"]), PEERS)
            for peer, found in outcomes[name]["peers"].items():
                self.assertEqual(set(found["medians"]), {metric.key for metric in group.metrics}, (name, peer))
                self.assertTrue(all(math.isfinite(value) for value in found["medians"].values()), (name, peer))

    def test_something_was_measured(self):
        for outcome in self.results["outcomes"]:
            for peer, found in outcome["peers"].items():
                for key in {"rate", "cpu", "p50_us"} & set(found["medians"]):
                    self.assertGreater(found["medians"][key], 0, (outcome["group"], peer, key))

    def test_the_table_has_a_row_for_each_peer_in_each_group(self):
        lines = self.done.stdout.splitlines()
        for peer in PEERS:
            rows = [line for line in lines if line.startswith("5 x 64 B") and f" {peer} " in line]
            self.assertEqual(len(rows), len(workload.GROUPS), self.done.stdout)

    def test_nobody_was_skipped(self):
        self.assertEqual(self.results["skipped"], [])


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

    def test_a_changed_byte_of_a_broadcast(self):
        done = load_against(lambda received: received if received == b"!" else received[:-1] + b"\0\1", "fanout")
        self.assertNotEqual(done.returncode, 0)

    def test_a_sink_that_answers(self):
        done = load_against(lambda received: received[:1], "sink")
        self.assertNotEqual(done.returncode, 0)

    def test_a_sink_that_has_lost_a_byte(self):
        peer = unittest.mock.Mock()
        measure.check_count(["count 3 100"], 100, peer)
        for words in (["count 3 99"], ["count 100"], []):
            with self.assertRaises(server_process.Trouble):
                measure.check_count(words, 100, peer)

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
