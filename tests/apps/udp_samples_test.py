#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The samples of datagrams, with each other and with bare sockets.

    udp_samples_test.py DIRECTORY_OF_THE_SAMPLES
"""

import pathlib

import console_process
from sample_process import *
from sample_process import Sample


class UdpSamples(SampleTest):
    def run_sample(self, name, *arguments):
        directory = console_process.PROGRAM
        console_process.PROGRAM = str(pathlib.Path(directory) / name)
        try:
            made = Sample(*arguments)
        finally:
            console_process.PROGRAM = directory
        self.addCleanup(made.close)
        return made

    def socket(self, host="127.0.0.1", port=0):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.settimeout(DEADLINE)
        made.bind((host, port))
        return made

    def test_the_echo_server_and_the_client_understand_each_other(self):
        server = self.run_sample("udp_echo_server", "udp4://127.0.0.1:0")
        host, port = server.address()
        client = self.run_sample("udp_client", "--message=good day", f"--patience={DEADLINE}s", f"{host}:{port}")
        self.assertEqual(client.ended(), (0, ["good day"], ""))
        peer = self.socket()
        for size in (0, 1, 1472, 65507):
            peer.sendto(pattern(size), (host, port))
            self.assertEqual(peer.recvfrom(70000), (pattern(size), (host, port)))

    def test_the_client_hears_that_nobody_is_there_or_says_anything(self):
        silent = self.socket()
        port = silent.getsockname()[1]
        client = self.run_sample("udp_client", "--patience=200ms", f"127.0.0.1:{port}")
        self.assertEqual(client.ended(), (0, [], "no answer\n"))
        self.assertEqual(silent.recv(10), b"hello")
        silent.close()
        gone = self.run_sample("udp_client", f"--patience={DEADLINE}s", f"127.0.0.1:{port}")
        self.assertIn("ECONNREFUSED", gone.ended()[2])
        unknown = self.run_sample("udp_client", "no.host.invalid:1")
        self.assertIn("ENOTFOUND", unknown.ended()[2])

    def test_what_is_broadcast_is_heard_by_all_on_a_port(self):
        first = self.run_sample("broadcast_client", "udp4://0.0.0.0:0")
        port = first.address()[1]
        second = self.run_sample("broadcast_client", f"udp4://0.0.0.0:{port}")
        second.address()
        server = self.run_sample("broadcast_server", f"--to=127.255.255.255:{port}", "--message=all of you", "--every=50ms")
        sender = server.address()[1]
        for each in (first, second):
            self.assertEqual([each.line(), each.line()], [f"127.0.0.1:{sender} says: all of you"] * 2)

    def test_the_members_of_a_group_hear_the_time(self):
        listener = self.run_sample("multicast_listener", "--group=239.88.1.1", "--interface=lo", "udp4://0.0.0.0:0")
        port = listener.address()[1]
        from_us = self.run_sample("multicast_listener", "--group=239.88.1.1", "--interface=lo", "--source=127.0.0.1",
                                  f"udp4://0.0.0.0:{port}")
        from_us.address()
        self.run_sample("multicast_clock", f"--group=239.88.1.1:{port}", "--interface=127.0.0.1", "--every=50ms")
        for each in (listener, from_us):
            for _ in range(2):
                self.assertRegex(each.line(), r"^\d\d:\d\d:\d\d$")

    def test_who_cannot_join_or_send_says_why(self):
        for arguments in (["multicast_listener", "--group=10.1.1.1", "udp4://0.0.0.0:0"],
                          ["multicast_listener", "--interface=nothere", "udp4://0.0.0.0:0"],
                          ["multicast_clock", "--interface=nothere"], ["multicast_clock", "--group=nonsense"],
                          ["broadcast_server", "--to=nonsense"]):
            with self.subTest(arguments=arguments):
                status, _, errors = self.run_sample(*arguments).ended()
                self.assertEqual(status, 0)
                self.assertEqual(errors.count("\n"), 1, errors)

    def exchange(self, host, port, address):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(DEADLINE)
            client.bind((host, port))
            client.sendto(b"x", address)
            return client.recv(100)

    def test_ten_thousand_clients_have_an_actor_each_and_no_more(self):
        most = 10_000
        server = self.run_sample("session_server", "--idle=10min", f"--most={most}", "udp4://127.0.0.1:0")
        address = server.address()
        port = 0
        for number in range(most):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(DEADLINE)
                host = f"127.1.{number >> 8}.{number & 255}"
                client.bind((host, port))
                port = port or client.getsockname()[1]
                client.sendto(b"x", address)
                self.assertEqual(client.recv(100), b"you said 1")
            self.assertEqual(server.line(), f"new: {host}:{port}")
        self.assertEqual(self.exchange("127.2.0.1", port, address), b"come back later")
        self.assertEqual(self.exchange("127.1.0.7", port, address), b"you said 2")

    def test_clients_that_are_silent_are_forgotten(self):
        server = self.run_sample("session_server", "--idle=300ms", "udp4://127.0.0.1:0")
        address = server.address()
        for _ in range(2):
            clients = [self.socket(f"127.1.0.{number}") for number in range(1, 101)]
            for each in clients:
                each.sendto(b"x", address)
                self.assertEqual(each.recv(100), b"you said 1")
            lines = [server.line() for _ in range(200)]
            self.assertEqual(sum(line.startswith("new: ") for line in lines), 100)
            self.assertEqual(lines.count("gone after 1"), 100)
            for each in clients:
                each.close()


if __name__ == "__main__":
    main()
