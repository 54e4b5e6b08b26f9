#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`--encoding` and `encoding N NAME`: what is received as text."""

from console_process import *

EURO = "\u20ac".encode()


class Text(ConsoleTest):
    def next_text(self, console):
        """Of the next `data`, which has nothing else."""
        data = console.event("data", id=1)
        self.assertEqual(list(data), ["t", "event", "id", "size", "text"])
        self.assertEqual(data["size"], len(data["text"].encode()))
        return data["text"]

    def send_one_by_one(self, console, peer, data):
        """Each byte is read before the next one leaves."""
        for byte in data:
            read = console.ask("info 1")["bytes_read"]
            peer.sendall(bytes([byte]))
            while console.ask("info 1")["bytes_read"] == read:
                pass

    def test_characters_are_told_whole(self):
        for start in (self.served, self.connected):
            with self.subTest(start=start.__name__):
                console, peer = start("--encoding", "UTF-8")
                self.send_one_by_one(console, peer, "h\u00e9\U0001f600!".encode())
                self.assertEqual([self.next_text(console) for _ in range(4)], ["h", "\u00e9", "\U0001f600", "!"])
                self.assertEqual(console.ask("info 1")["bytes_read"], 8)

    def test_what_is_no_text_is_replaced_also_at_the_end(self):
        console, peer = self.connected("--encoding", "utf8")
        peer.sendall(b"a\xffb" + EURO[:2])
        self.assertEqual(self.next_text(console), "a\ufffdb")
        peer.shutdown(socket.SHUT_WR)
        self.assertEqual(self.next_text(console), "\ufffd")
        self.assert_ended(console)
        self.assertEqual(console.names(1), ["connected", "data", "data", "end", "closed"])

    def test_an_encoding_may_be_changed_and_taken_away(self):
        console, peer = self.connected()
        for name, text in (("latin1", "\u00ff\u00fe"), ("hex", "fffe"), ("base64", "//4="), ("base64url", "__4"),
                           ("ascii", "\x7f~"), ("ucs2", "\ufeff")):
            with self.subTest(name=name):
                self.assertEqual(list(console.ask(f"encoding 1 {name}"))[2:], ["tag", "id"])
                peer.sendall(b"\xff\xfe")
                if name.startswith("base64"):
                    self.assertNotIn("error", console.ask("encoding 1 utf8"))
                self.assertEqual(self.next_text(console), text)
        self.assertNotIn("error", console.ask("encoding * none"))
        peer.sendall(b"\xff\xfe")
        self.assertEqual(console.event("data", id=1)["base64"], "//4=")

    def test_a_long_text_is_cut_between_characters(self):
        console, peer = self.connected("--encoding", "latin1", "--show-bytes", "4")
        peer.sendall(b"abc\xe9")
        data = console.event("data", id=1)
        self.assertEqual((data["size"], data["text"], data["truncated"]), (5, "abc", True))

    def test_echo_sends_the_bytes_of_the_text(self):
        for name in ("utf8", "latin1", "hex", "base64"):
            with self.subTest(name=name):
                console, client = self.served("--handler", "echo", "--encoding", name)
                client.sendall(b"1" + EURO[:2])
                self.receive(client, 1)
                client.sendall(EURO[2:])
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(self.receive_all(client), EURO)

    def hold_back(self, console, peer, number):
        """Sends until nothing is read any more of what connection `number` sends; how much was sent."""
        peer.setblocking(False)
        block = b"text" * (1 << 16)
        sent = 0
        read = -1
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            try:
                sent += peer.send(block)
            except BlockingIOError:
                before, read = read, console.ask(f"info {number}")["bytes_read"]
                if before == read:
                    break
        peer.setblocking(True)
        return sent

    def test_text_that_is_not_read_again_holds_its_sender_back(self):
        console, client = self.served("--handler", "echo", "--encoding", "utf8", "--show-bytes", "0")
        sent = self.hold_back(console, client, 1)
        self.assertLess(sent, 100 << 20)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(len(self.receive_all(client)), sent)

    def test_a_member_of_a_chat_who_does_not_read_holds_the_sender_back(self):
        console = self.listener("--handler", "chat", "--encoding", "utf8", "--show-bytes", "0")
        address = console.address()
        sender = self.client(address)
        console.event("connected", id=1)
        silent = self.client(address)
        console.event("connected", id=2)
        sent = self.hold_back(console, sender, 1)
        self.assertLess(sent, 100 << 20)
        self.assertEqual(len(self.receive(silent, sent)), sent)

    def test_nobody_has_an_encoding_who_is_gone(self):
        console = self.listener()
        self.assertEqual(console.ask("encoding 1 utf8")["error"]["code"], "ENOTCONN")
        self.assertEqual(console.ask("encoding * utf8")["count"], 0)


if __name__ == "__main__":
    main()
