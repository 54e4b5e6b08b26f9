# SPDX-License-Identifier: BSD-3-Clause
"""The server of the benchmarks with datagrams: what it echoes, and what it says to have counted.

    udp_modes_test.py BENCH_DIR BUILD_DIR
"""

import pathlib
import signal
import socket
import subprocess
import time
import unittest

from bench_support import BUILD, DEADLINE_S

BACKENDS = ("epoll", "auto")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def waiting_bytes(port):
    """In the receive buffer of the socket that is bound to the port (proc(5), net/udp)."""
    for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        if int(local.split(":")[1], 16) == port:
            return int(queues.split(":")[1], 16)
    raise AssertionError(f"nobody has bound port {port}")


def is_asleep(process_id):
    """Whether each of its threads is (proc(5), stat: the state is behind the name)."""
    tasks = pathlib.Path(f"/proc/{process_id}/task").iterdir()
    return all((task / "stat").read_text().rpartition(") ")[2][0] == "S" for task in tasks)


class UdpModes(unittest.TestCase):
    def serve(self, mode, *options):
        port = free_port()
        server = subprocess.Popen([BUILD / "bench" / "actornet_server", mode, str(port), "64", *options],
                                  stdout=subprocess.PIPE, text=True)

        def end():
            server.kill()
            server.wait()
            server.stdout.close()

        self.addCleanup(end)
        self.assertEqual(server.stdout.readline(), "ready\n")
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(client.close)
        client.settimeout(DEADLINE_S)
        client.connect(("127.0.0.1", port))
        return server, client

    def test_every_datagram_comes_back(self):
        for backend in BACKENDS:
            for options in ([], ["--gro"]):
                with self.subTest(backend=backend, options=options):
                    _, client = self.serve("udp-echo", "--backend", backend, *options)
                    for size in (0, 1, 64, 1400):
                        burst = [bytes([number]) * size for number in range(30)]
                        for each in burst:
                            client.send(each)
                        self.assertEqual([client.recv(2000) for _ in burst], burst)

    def until_read(self, server, client):
        """Until the server has read everything that was sent, and has gone to sleep after that."""
        port = client.getpeername()[1]
        end = time.monotonic() + DEADLINE_S
        while waiting_bytes(port) > 0 or not is_asleep(server.pid):
            self.assertLess(time.monotonic(), end)

    def test_what_arrived_is_counted(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend):
                server, client = self.serve("udp-sink", "--backend", backend, "--gro")
                for _ in range(50):
                    client.send(bytes(64))
                self.until_read(server, client)
                server.send_signal(signal.SIGTERM)
                said, _ = server.communicate(timeout=DEADLINE_S)
                self.assertEqual(said, f"count 50 {50 * 64}\n")


if __name__ == "__main__":
    unittest.main()
