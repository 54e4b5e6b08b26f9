#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`actornet connect`: addresses and options."""

import tempfile

from console_process import *


class Addresses(ConsoleTest):
    def assert_speaks(self, console, peer):
        console.ask("write 1 hello")
        self.assertEqual(self.receive(peer, 5), b"hello")
        peer.sendall(b"answer")
        self.assertEqual(console.event("data", id=1)["text"], "answer")
        peer.close()
        self.assert_ended(console)
        self.assertEqual(console.names(1), ["connected", "data", "end", "closed"])

    def test_a_unix_socket_has_a_path(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            server = self.unix_server(path)
            console = self.console("connect", f"unix:{path}")
            peer = self.accept(server)
            connected = console.event("connected", id=1)
            self.assertEqual((connected["local"], connected["remote"]), ("unix:", f"unix:{path}"))
            self.assertEqual(console.ask("address 1")["family"], "unix")
            self.assert_speaks(console, peer)

    def test_an_abstract_name_needs_no_file(self):
        name = f"actornet-client-test-{os.getpid()}"
        server = self.unix_server("\0" + name)
        console = self.console("connect", f"unix:@{name}")
        peer = self.accept(server)
        connected = console.event("connected", id=1)
        self.assertEqual((connected["local"], connected["remote"]), ("unix:", f"unix:@{name}"))
        self.assert_speaks(console, peer)

    def test_an_ipv6_address_stands_in_brackets(self):
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
        server.settimeout(DEADLINE)
        self.addCleanup(server.close)
        port = server.getsockname()[1]
        console = self.console("connect", f"tcp://[::1]:{port}")
        peer = self.accept(server)
        connected = console.event("connected", id=1)
        self.assertEqual((connected["local"], connected["remote"]), (f"[::1]:{peer.getpeername()[1]}", f"[::1]:{port}"))
        self.assertEqual(console.ask("address 1")["family"], "IPv6")
        self.assert_speaks(console, peer)


class Options(ConsoleTest):
    def test_localhost_is_whichever_loopback_address_answers(self):
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            server = socket.create_server((host, 0), family=family)
            self.addCleanup(server.close)
            console = self.console("connect", f"tcp://localhost:{server.getsockname()[1]}")
            self.accept(server)
            self.assertEqual(parse_address(console.event("connected", id=1)["remote"])[0], host)

    def test_half_open_it_goes_on_after_the_peers_end(self):
        console, peer = self.connected("--half-open")
        peer.shutdown(socket.SHUT_WR)
        console.event("end", id=1)
        self.assertEqual(console.ask("info 1")["state"], "write_only")
        console.ask("write 1 still here")
        self.assertEqual(self.receive(peer, 10), b"still here")
        console.ask("finish 1")
        self.assertEqual(self.receive_all(peer), b"")
        self.assert_ended(console)

    def test_not_half_open_the_peers_end_is_its_end(self):
        console, peer = self.connected()
        peer.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(peer), b"")
        self.assert_ended(console)

    def test_silence_is_told(self):
        console, peer = self.connected("--idle-timeout", "50")
        console.event("timeout", id=1)
        self.assertEqual(console.ask("info 1")["state"], "open")
        # Once: it is told again only after something has happened.
        console.ask("sleep 150")
        self.assertEqual(console.names(1), ["connected", "timeout"])

    def test_a_timeout_may_be_set_and_come_before_connected(self):
        console = self.console("connect", self.silent_url())
        self.assertNotIn("error", console.ask("timeout 1 50"))
        console.event("timeout", id=1)
        self.assertEqual(console.ask("info 1")["state"], "connecting")
        console.say("quit")
        self.assert_ended(console)
        self.assertEqual(console.names(1), ["timeout", "closed"])


if __name__ == "__main__":
    main()
