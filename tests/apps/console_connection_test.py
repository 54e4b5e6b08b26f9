#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The commands to connections, and their events, seen from the other side of a real socket."""

import tempfile

from console_process import *

MUCH = 20_000_000


class Events(ConsoleTest):
    def test_the_events_of_a_connection_have_their_fields_in_order(self):
        console, peer = self.connected()
        host, port = peer.getsockname()
        local = f"127.0.0.1:{peer.getpeername()[1]}"
        peer.sendall(b"hello")
        console.event("data")
        peer.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(peer), b"")
        self.assert_ended(console)
        for message in console.messages:
            del message["t"]
        self.assertEqual([list(m.items()) for m in console.messages], [
            [("event", "connected"), ("id", 1), ("local", local), ("remote", f"{host}:{port}")],
            [("event", "data"), ("id", 1), ("size", 5), ("text", "hello")],
            [("event", "end"), ("id", 1)],
            [("event", "closed"), ("id", 1), ("had_error", False), ("bytes_read", 5), ("bytes_written", 0)],
        ])

    def test_a_reset_by_the_peer_is_told_after_its_data(self):
        console, client = self.served()
        client.sendall(b"last words")
        console.data(1, 10)
        reset(client)
        closed = console.event("closed", id=1)
        self.assertTrue(closed["had_error"])
        failed = console.event("failed", id=1)
        self.assertEqual(list(failed), ["t", "event", "id", "code", "syscall", "address", "port", "message"])
        self.assertEqual((failed["code"], failed["address"]), ("ECONNRESET", "127.0.0.1"))
        self.assertEqual(console.names(1), ["connected", "data", "failed", "closed"])
        console.say("quit")
        self.assert_ended(console)

    def test_a_client_whose_connection_breaks_later_ends_with_status_0(self):
        console, peer = self.connected()
        reset(peer)
        self.assert_ended(console)
        self.assertEqual(console.names(1), ["connected", "failed", "closed"])
        self.assertEqual(console.errors(), "")


class Writing(ConsoleTest):
    def test_a_write_is_answered_when_the_kernel_has_it(self):
        console, client = self.served()
        answer = console.ask("write 1 hello")
        self.assertEqual({k: answer[k] for k in ("id", "bytes", "keep_going", "buffered")},
                         {"id": 1, "bytes": 5, "keep_going": True, "buffered": 0})
        self.assertEqual(self.receive(client, 5), b"hello")
        info = console.ask("info 1")
        self.assertEqual(list(info), ["t", "reply", "tag", "id", "bytes_read", "bytes_written", "buffered", "state"])
        self.assertEqual(list(info.values())[4:], [0, 5, 0, "open"])

    def test_generated_bytes_come_in_one_write(self):
        console, client = self.served()
        tag = console.begin("write-bytes 1 1000")
        self.assertEqual(self.receive(client, 1000), pattern(1000))
        self.assertEqual(console.answer(tag)["bytes"], 1000)
        self.assertEqual(console.ask("write-bytes 1 0")["bytes"], 0)

    def test_much_to_a_slow_reader_leads_to_exactly_one_drain(self):
        console, client = self.served()
        tag = console.begin(f"write-bytes 1 {MUCH}")
        # Nobody reads: once the first attempt to write is made, which it is before a second question
        # is answered, the kernel's buffers are full, and the rest is queued.
        console.ask("info 1")
        info = console.ask("info 1")
        self.assertEqual(info["bytes_written"] + info["buffered"], MUCH)
        self.assertGreater(info["buffered"], 0)
        self.assertEqual(self.receive(client, MUCH), pattern(MUCH))
        answer = console.answer(tag)
        self.assertEqual((answer["bytes"], answer["keep_going"], answer["buffered"]), (MUCH, False, 0))
        console.event("drain", id=1)
        console.ask("write 1 more")
        self.assertEqual(self.receive(client, 4), b"more")
        self.assertEqual(console.names(1), ["connected", "drain"])

    def test_no_drain_follows_a_finish(self):
        console, client = self.served()
        console.say(f"write-bytes 1 {MUCH}\nfinish 1")
        # Whoever answers the second question has made the first attempt to write; nobody reads yet.
        console.ask("info 1")
        console.ask("info 1")
        self.assertEqual(self.receive_all(client), pattern(MUCH))
        client.close()
        console.event("closed", id=1)
        self.assertEqual(console.names(1), ["connected", "end", "closed"])
        self.assertFalse(console.wait(reply="write-bytes")["keep_going"])

    def test_below_the_high_water_mark_there_is_no_drain(self):
        console, client = self.served("--high-water-mark", str(1 << 30))
        tag = console.begin(f"write-bytes 1 {MUCH}")
        self.assertEqual(self.receive(client, MUCH), pattern(MUCH))
        self.assertTrue(console.answer(tag)["keep_going"])
        console.ask("info 1")
        self.assertEqual(console.names(1), ["connected"])

    def test_finish_sends_its_text_and_then_the_end(self):
        console, client = self.served()
        tag = console.begin("finish 1 good bye")
        self.assertEqual(self.receive_all(client), b"good bye")
        self.assertEqual(list(console.answer(tag)), ["t", "reply", "tag", "id"])
        self.assertEqual(console.ask("info 1")["state"], "read_only")
        self.assertEqual(console.ask("write 1 more")["error"]["code"], "EPIPE")
        client.sendall(b"still heard")
        console.data(1, 11)
        client.close()
        console.event("closed", id=1, had_error=False)

    def test_after_the_automatic_end_writes_are_refused(self):
        console, client = self.served()
        tag = console.begin(f"write-bytes 1 {MUCH}")
        console.ask("info 1")
        client.shutdown(socket.SHUT_WR)
        console.event("end", id=1)
        # The queue keeps the connection alive.
        answer = console.ask("write 1 late")
        self.assertEqual(answer["error"]["code"], "EPIPE")
        self.assertEqual(list(answer), ["t", "reply", "tag", "id", "error"])
        self.assertEqual(list(answer["error"]), ["code", "message"])
        self.assertEqual(self.receive_all(client), pattern(MUCH))
        self.assertEqual(console.answer(tag)["bytes"], MUCH)

    def test_destroy_cuts_writes_off(self):
        console, client = self.served()
        tag = console.begin(f"write-bytes 1 {MUCH}")
        console.ask("info 1")
        console.ask("destroy 1")
        self.assertEqual(console.answer(tag)["error"]["code"], "ECANCELED")
        self.assertFalse(console.event("closed", id=1)["had_error"])
        got = self.receive_all(client)
        self.assertEqual(got, pattern(len(got)))
        self.assertLess(len(got), MUCH)

    def test_reset_reaches_the_peer_as_such(self):
        console, client = self.served()
        console.ask("reset 1")
        console.event("closed", id=1)
        with self.assertRaises(ConnectionResetError):
            client.recv(1)

    def test_a_reset_fails_what_is_queued(self):
        console, client = self.served()
        tag = console.begin(f"write-bytes 1 {MUCH}")
        console.ask("info 1")
        console.say("reset 1")
        self.assertEqual(console.answer(tag)["error"]["code"], "ECONNRESET")


class Ends(ConsoleTest):
    def test_not_half_open_the_peers_end_is_ours(self):
        console, client = self.served()
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(client), b"")
        console.event("closed", id=1)
        self.assertEqual(console.names(1), ["connected", "data", "end", "closed"])

    def test_half_open_we_may_go_on_after_the_peers_end(self):
        console, client = self.served("--half-open")
        client.shutdown(socket.SHUT_WR)
        console.event("end", id=1)
        self.assertEqual(console.ask("info 1")["state"], "write_only")
        console.ask("write 1 still here")
        self.assertEqual(self.receive(client, 10), b"still here")
        console.ask("finish 1")
        self.assertEqual(self.receive_all(client), b"")
        console.event("closed", id=1, had_error=False)

    def test_commands_to_a_closed_connection_find_nobody(self):
        console, client = self.served()
        client.close()
        console.event("closed", id=1)
        for command in ("write 1 x", "write-bytes 1 5", "finish 1", "destroy 1", "reset 1", "pause 1", "resume 1",
                        "timeout 1 5", "keep-alive 1 on", "no-delay 1 on", "address 1", "info 1", "ref 1", "unref 1",
                        "write 2 never there", "info 0"):
            with self.subTest(command=command):
                answer = console.ask(command)
                self.assertEqual(answer["error"]["code"], "ENOTCONN")
                self.assertEqual((answer["reply"], answer["id"]), (command.split()[0], int(command.split()[1])))


class Others(ConsoleTest):
    def test_paused_nothing_is_told_until_resumed(self):
        console, client = self.served()
        console.ask("pause 1")
        client.sendall(b"waits")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(console.ask("info 1")["state"], "open")
        self.assertEqual(console.names(1), ["connected"])
        console.ask("resume 1")
        console.event("closed", id=1)
        self.assertEqual(console.names(1), ["connected", "data", "end", "closed"])

    def test_a_reset_does_not_wait_for_resume(self):
        console, client = self.served()
        console.ask("pause 1")
        client.sendall(b"never told")
        console.ask("info 1")
        reset(client)
        console.event("closed", id=1, had_error=True)
        self.assertEqual(console.names(1), ["connected", "failed", "closed"])

    def test_timeout_is_told_once_until_the_next_activity(self):
        console, client = self.served()
        self.assertEqual(list(console.ask("timeout 1 60")), ["t", "reply", "tag", "id"])
        first = console.event("timeout", id=1)
        console.ask("sleep 150")
        client.sendall(b"x")
        console.data(1, 1)
        second = console.event("timeout", id=1)
        self.assertGreater(second["t"] - first["t"], 60)
        console.ask("timeout 1 0")
        client.sendall(b"x")
        console.data(1, 2)
        console.ask("sleep 150")
        self.assertEqual(len(console.of("timeout")), 2)

    def test_options_of_the_socket_are_answered(self):
        console, client = self.served()
        for command in ("keep-alive 1 on", "keep-alive 1 on 5000", "keep-alive 1 off", "no-delay 1 on",
                        "no-delay 1 off", "ref 1", "unref 1", "ref 1"):
            answer = console.ask(command)
            self.assertEqual((list(answer), answer["id"]), (["t", "reply", "tag", "id"], 1))

    def test_the_address_has_both_ends(self):
        console, client = self.served()
        answer = console.ask("address 1")
        self.assertEqual(list(answer), ["t", "reply", "tag", "id", "local", "family", "remote"])
        self.assertEqual(parse_address(answer["local"]), client.getpeername())
        self.assertEqual(parse_address(answer["remote"]), client.getsockname())

    def test_a_star_is_all_and_answered_once(self):
        console = self.listener()
        address = console.address()
        clients = [self.client(address) for _ in range(3)]
        console.event("connected", id=3)
        answer = console.ask("write * hello")
        self.assertEqual(list(answer), ["t", "reply", "tag", "id", "count"])
        self.assertEqual((answer["reply"], answer["id"], answer["count"]), ("write", "*", 3))
        for client in clients:
            self.assertEqual(self.receive(client, 5), b"hello")
        console.ask("finish 2")
        answer = console.ask("write * again")
        self.assertEqual((answer["count"], answer["error"]["code"]), (3, "EPIPE"))
        self.assertEqual(console.ask("destroy *")["count"], 3)
        for number in (1, 2, 3):
            console.event("closed", id=number)
        answer = console.ask("write * nobody")
        self.assertEqual(list(answer.items())[3:], [("id", "*"), ("count", 0)])


class BeforeConnected(ConsoleTest):
    def test_what_is_given_before_connected_is_sent_once(self):
        server = self.server()
        console = self.console("connect", url_of(server))
        console.say("write 1 one \nwrite 1 two \nfinish 1 three")
        peer = self.accept(server)
        self.assertEqual(self.receive_all(peer), b"one two three")
        peer.close()
        self.assert_ended(console)
        self.assertEqual([(m["reply"], m.get("bytes")) for m in console.messages if "reply" in m],
                         [("write", 4), ("write", 4), ("finish", None)])

    def test_number_1_is_all_of_a_client_from_the_start(self):
        server = self.server()
        console = self.console("connect", url_of(server))
        self.assertEqual(console.ask("timeout * 60000")["count"], 1)

    def test_writes_to_a_refused_connection_fail(self):
        server = self.server()
        url = url_of(server)
        server.close()
        # There before it starts: it may have ended before it could be told.
        with tempfile.TemporaryFile() as lines:
            lines.write(b"write 1 one\nfinish 1 two\n")
            lines.seek(0)
            console = self.console("connect", url, stdin=lines)
        self.assert_ended(console, 1)
        answers = [m for m in console.messages if "reply" in m]
        self.assertCountEqual([m["reply"] for m in answers], ["write", "finish"])
        self.assertTrue(all("error" in m for m in answers), console.messages)


if __name__ == "__main__":
    main()
