# SPDX-License-Identifier: BSD-3-Clause
"""The server of the benchmarks with datagrams: what it echoes, and what it says to have counted.

    udp_modes_test.py BENCH_DIR BUILD_DIR
"""

import signal
import socket
import subprocess
import unittest

from bench_support import BUILD, DEADLINE_S

BACKENDS = ("epoll", "auto")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


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

    def test_what_arrived_is_counted(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend):
                server, client = self.serve("udp-sink", "--backend", backend, "--gro")
                for _ in range(50):
                    client.send(bytes(64))
                server.send_signal(signal.SIGTERM)
                said, _ = server.communicate(timeout=DEADLINE_S)
                word, count, size = said.split()
                self.assertEqual((word, int(size)), ("count", 64 * int(count)))
                self.assertLessEqual(int(count), 50)


if __name__ == "__main__":
    unittest.main()
