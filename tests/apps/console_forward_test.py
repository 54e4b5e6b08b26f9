#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The handler `forward` from outside: how its connections end, in whatever order."""

from console_process import *

ROUNDS = 20


class ForwardTest(ConsoleTest):
    def forwarder(self, *options):
        """(console, what it forwards to, its address)"""
        far = self.server()
        console = self.listener("--handler", f"forward:{url_of(far)}", *options)
        return console, far, console.address()

    def forwarded(self, *options):
        """(console, our socket as the client, our socket as the far server)"""
        console, far, address = self.forwarder(*options)
        client = self.client(address)
        return console, client, self.accept(far)

    def received(self, peer):
        """What came before the end; None if a reset came in its place."""
        try:
            return self.receive_all(peer)
        except ConnectionResetError:
            return None


class Ends(ForwardTest):
    def assert_far_is_told(self, act, sent, *options):
        console, far, address = self.forwarder(*options)
        for _ in range(ROUNDS):
            act(self.client(address))
        last = self.client(address)
        last.sendall(b"the last")
        last.shutdown(socket.SHUT_WR)
        # Of a client that is gone soon enough the server never hears.
        got = None
        while got != b"the last":
            peer = self.accept(far)
            got = self.received(peer)
            self.assertIn(got, (*sent, b"the last"))
            peer.close()
        console.say("quit")
        self.assert_ended(console)

    def test_a_client_that_resets_at_once(self):
        for options in ((), ("--half-open",)):
            self.assert_far_is_told(reset, (b"", None), *options)

    def test_a_client_that_sends_and_resets(self):
        def act(client):
            client.sendall(b"x")
            reset(client)

        for options in ((), ("--half-open",)):
            self.assert_far_is_told(act, (b"", b"x", None), *options)

    def test_a_client_that_closes_at_once(self):
        for options in ((), ("--half-open",)):
            self.assert_far_is_told(socket.socket.close, (b"",), *options)

    def test_a_client_that_sends_much_and_closes(self):
        sent = pattern(300_000)

        def act(client):
            client.sendall(sent)
            client.close()

        for options in ((), ("--half-open",)):
            self.assert_far_is_told(act, (sent,), *options)

    def test_a_client_that_ends_gets_no_answer_to_its_end(self):
        _, far, address = self.forwarder()
        for _ in range(ROUNDS):
            client = self.client(address)
            client.sendall(b"question")
            client.shutdown(socket.SHUT_WR)
            peer = self.accept(far)
            self.assertEqual(self.receive_all(peer), b"question")
            peer.sendall(b"too late")
            self.assertEqual(self.receive_all(client), b"")
            peer.close()

    def test_half_open_it_gets_one(self):
        _, far, address = self.forwarder("--half-open")
        for _ in range(ROUNDS):
            client = self.client(address)
            client.sendall(b"question")
            client.shutdown(socket.SHUT_WR)
            peer = self.accept(far)
            self.assertEqual(self.receive_all(peer), b"question")
            peer.sendall(pattern(300_000))
            peer.close()
            self.assertEqual(self.receive_all(client), pattern(300_000))

    def test_a_server_that_sends_and_closes_ends_the_client(self):
        for options in ((), ("--half-open",)):
            console, client, far = self.forwarded(*options)
            far.sendall(pattern(300_000))
            far.close()
            self.assertEqual(self.receive_all(client), pattern(300_000))
            client.close()
            self.assertFalse(console.event("closed", id=1)["had_error"])

    def test_a_server_that_resets_is_told(self):
        for options in ((), ("--half-open",)):
            console, client, far = self.forwarded(*options)
            client.sendall(b"x")
            self.receive(far, 1)
            reset(far)
            self.assertIsNone(self.received(client))
            self.assertEqual(console.event("failed", id=1)["code"], "ECONNRESET")
            self.assertTrue(console.event("closed", id=1)["had_error"])
            self.assertEqual(len(console.of("failed")), 1)

    def test_a_finish_ends_one_direction(self):
        console, client, far = self.forwarded("--half-open")
        client.sendall(b"1")
        self.receive(far, 1)
        console.ask("finish 1 bye")
        self.assertEqual(self.receive_all(client), b"bye")
        client.sendall(b"2")
        self.receive(far, 1)
        client.close()
        self.assertEqual(self.receive_all(far), b"")

    def test_a_connection_that_is_destroyed_takes_the_server_along(self):
        for options in ((), ("--half-open",)):
            for line in ("destroy 1", "reset 1"):
                console, client, far = self.forwarded(*options)
                client.sendall(b"x")
                self.receive(far, 1)
                console.ask(line)
                self.assertIn(self.received(far), (b"", None))
                far.close()
                console.say("quit")
                self.assert_ended(console)


class TheEndOfAll(ForwardTest):
    def test_quit_and_signals_end_the_server_at_once(self):
        for end in (lambda console: console.say("quit"), lambda console: console.signal(signal.SIGTERM),
                    lambda console: console.say("stop 20000")):
            console, client, far = self.forwarded()
            client.sendall(b"x")
            self.receive(far, 1)
            end(console)
            self.assertEqual(self.receive_all(far), b"")
            self.assertEqual(self.receive_all(client), b"")
            client.close()
            far.close()
            self.assert_ended(console)

    def test_at_the_deadline_all_go_by_force(self):
        for options in ((), ("--half-open",)):
            console, listening, address = self.forwarder(*options)
            clients, fars = [], []
            for _ in range(ROUNDS):
                clients.append(self.client(address))
                clients[-1].sendall(b"x")
                fars.append(self.accept(listening))
                self.receive(fars[-1], 1)
            self.assertEqual(console.ask("stop 100")["forced"], ROUNDS)
            self.assert_ended(console)
            for far in fars:
                self.assertIn(self.received(far), (b"", None))

    def test_a_server_that_does_not_read_is_left_at_the_deadline(self):
        console, client, _ = self.forwarded()
        client.setblocking(False)
        try:
            while True:
                client.send(pattern(1 << 20))
        except BlockingIOError:
            pass
        client.close()
        console.say("stop 100")
        self.assert_ended(console)

    def test_a_server_that_does_not_answer_is_not_waited_for(self):
        console = self.listener("--handler", f"forward:{self.silent_url()}")
        client = self.client(console.address())
        console.event("connected", id=1)
        console.say("quit")
        self.assertEqual(self.receive_all(client), b"")
        self.assert_ended(console)

    def test_a_connection_that_is_unreferenced_holds_nothing_by_its_server(self):
        console, client, far = self.forwarded()
        client.sendall(b"x")
        self.receive(far, 1)
        console.ask("unref")
        console.say("unref 1")
        self.assert_ended(console)


if __name__ == "__main__":
    main()
