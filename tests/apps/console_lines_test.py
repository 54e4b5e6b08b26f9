#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Lines of input: what is understood, how it is answered, and what is refused."""

import base64

from console_process import *

BAD_LINES = [
    "foo", "WRITE 1 a", "write", "write 1", "write x hello", "write -1 hello", "write +1 hello", "write 1x hello",
    "write 99999999999999999999999 hello", "write ** hello", 'write 1 "open', 'write 1 "closed" and more',
    r'write 1 "\q"', r'write 1 "\ud800"', "write 1 hex:4", "write 1 hex:zz", "write 1 hex:41 ", "write 1 base64:QQ=",
    "write 1 base64:Q", "write 1 base64:****", "write-bytes 1", "write-bytes 1 x", "write-bytes 1 -1",
    "write-bytes 1 10 more", "write-bytes 1 99999999999", "finish", "finish one", "finish 1 hex:0", "destroy",
    "destroy all", "destroy 1 2", "reset", "reset 1 now", "pause", "pause 1 1", "resume", "resume one", "timeout 1",
    "timeout 1 -1", "timeout 1 1.5", "timeout 1 9999999999999999999", "keep-alive 1", "keep-alive 1 yes",
    "keep-alive 1 on soon", "keep-alive 1 on 1 1", "no-delay 1", "no-delay 1 1", "no-delay on", "address x",
    "encoding 1", "encoding 1 utf-32", "encoding utf8", "encoding 1 utf8 hex", "encoding 1 \"utf8\"",
    "info 1 2", "ref one", "unref 1 2", "help me", "sleep", "sleep soon", "sleep -1", "quit now",
    "pipe", "pipe 1", "pipe one file", "pipe 1 file keep", "unpipe", "unpipe 1 2", "file-write", "file-write file",
    "file-write file hex:0", "file-end", "file-end file hex:0",
    # Of later versions, or of UDP.
    "send 127.0.0.1:1 hello", "join 239.0.0.1", "ttl 5", "disconnect", "connect 127.0.0.1:1",
    "#", "#tag", "# write 1 a", "#tag foo", "\t", "write\t1\thello",
]
BAD_FOR_LISTEN = [
    "connections 1", "max-connections", "max-connections -1", "max-connections many", "max-connections none 1",
    "allow", "allow none", "deny", "deny localhost", "deny 10.0.0.0/33", "deny none 1",
    "pause-accepting 1", "resume-accepting now", "close 1", "stop", "stop soon", "stop 1 2",
]
# A client has no listener to which these could go.
BAD_FOR_CONNECT = [
    "connections", "max-connections 1", "allow all", "deny none", "pause-accepting", "resume-accepting", "address", "info", "close", "stop 1",
    "ref", "unref",
]


class BadLines(ConsoleTest):
    def assert_refused(self, console, lines):
        for line in lines:
            with self.subTest(line=line):
                console.say(line)
                answer = console.wait(reply="error", line=line)
                self.assertTrue(answer["message"])
                has_tag = line.startswith("#t")
                self.assertEqual(answer.get("tag"), "tag" if has_tag else None)
                self.assertEqual(list(answer), ["t", "reply"] + ["tag"] * has_tag + ["line", "message"])

    def test_lines_that_cannot_be_understood_are_answered_and_nothing_else_happens(self):
        console, client = self.served()
        self.assert_refused(console, BAD_LINES + BAD_FOR_LISTEN)
        self.assertEqual(console.ask("info 1")["state"], "open")
        self.assertEqual(console.names(1), ["connected"])
        console.ask("finish 1")
        self.assertEqual(self.receive_all(client), b"")

    def test_of_a_number_that_is_too_large_the_limit_is_told(self):
        console = self.listener()
        for line, limit in (("write-bytes 1 99999999999", 1 << 30), ("write-bytes 1 " + "9" * 30, 1 << 30),
                            ("max-connections 1000000001", 1000000000), ("sleep 100000000001", 100000000000)):
            self.assertTrue(console.ask(line)["message"].endswith(f" (a number from 0 to {limit})"), line)
        for line in ("write-bytes 1 x", "write-bytes 1 -1", "stop soon"):
            self.assertNotIn("a number from", console.ask(line)["message"])
        endpoint = self.console("udp", "udp4:")
        self.assertIn("(a number from 0 to 255)", endpoint.ask("type-of-service 256")["message"])

    def test_a_client_refuses_what_only_a_listener_understands(self):
        console, peer = self.connected()
        self.assert_refused(console, BAD_LINES + BAD_FOR_CONNECT)
        console.ask("finish 1 end")
        self.assertEqual(self.receive_all(peer), b"end")

    def test_the_message_says_what_would_be_right(self):
        console = self.listener()
        for line, usage in (("write 1", "write N TEXT"), ("keep-alive 1 yes", "keep-alive N on|off [MS]"),
                            ("stop", "stop MS"), ("address 1 2", "address N or address"),
                            ("encoding 1 utf-32", "NAME: utf8, utf16le, latin1, ascii, hex, base64 or base64url"),
                            ("disconnect", "write N TEXT")):
            console.say(line)
            self.assertIn(usage, console.wait(reply="error", line=line)["message"])

    def test_a_line_that_is_not_utf8_is_refused_in_json(self):
        console = self.listener()
        console.say_bytes(b"\xff\xfe\n")
        self.assertEqual(console.wait(reply="error")["line"], "\ufffd\ufffd")


class Lines(ConsoleTest):
    def test_empty_lines_are_ignored(self):
        console = self.listener()
        console.say_bytes(b"\n  \n\n#a help\n")
        console.wait(reply="help", tag="a")
        self.assertEqual([m.get("reply") for m in console.messages], [None, "help"])

    def test_a_last_line_without_a_newline_counts(self):
        console = self.listener()
        console.say_bytes(b"help")
        console.end_input()
        console.wait(reply="help")
        console.signal(signal.SIGTERM)
        self.assert_ended(console)

    def test_the_answer_carries_the_tag_of_its_line(self):
        console, client = self.served()
        for tag in ("a", "7", "#", "ümlaut", "a:b"):
            console.say(f"#{tag} write 1 x")
            answer = console.wait(tag=tag)
            self.assertEqual(list(answer), ["t", "reply", "tag", "id", "bytes", "keep_going", "buffered"])

    def test_without_a_tag_the_answer_has_none(self):
        console, client = self.served()
        console.say("write 1 x")
        self.assertEqual(list(console.wait(reply="write")), ["t", "reply", "id", "bytes", "keep_going", "buffered"])

    def test_texts_are_sent_as_what_they_stand_for(self):
        console, client = self.served()
        for text, sent in (("hello world", b"hello world"), (" two blanks ", b" two blanks "),
                           ("say \"hi\"", b"say \"hi\""), ('"a\\n\\u00e4\\u0000"', "a\nä\0".encode()),
                           ('""', b""), ("hex:00ff4a4B", b"\0\xffJK"), ("hex:", b""), ("base64:AP9K", b"\0\xffJ"),
                           ("base64:QQ==", b"A"), ("base64:QQ", b"A"), ("base64:", b""), ("ä€😀", "ä€😀".encode()),
                           ('"hex:41"', b"hex:41"), ("Hex:41", b"Hex:41"), ("#no-tag", b"#no-tag")):
            with self.subTest(text=text):
                answer = console.ask(f"write 1 {text}")
                self.assertEqual((answer["bytes"], answer["id"]), (len(sent), 1))
                self.assertEqual(self.receive(client, len(sent)), sent)

    def test_bytes_of_a_plain_text_need_not_be_utf8(self):
        console, client = self.served()
        console.say_bytes(b"write 1 \xff\x00\xfe\n")
        console.wait(reply="write", bytes=3)
        self.assertEqual(self.receive(client, 3), b"\xff\0\xfe")

    def test_a_long_line_is_one_line(self):
        console, client = self.served()
        text = base64.b64encode(pattern(300_000)).decode()
        tag = console.begin(f"write 1 base64:{text}")
        self.assertEqual(self.receive(client, 300_000), pattern(300_000))
        self.assertEqual(console.answer(tag)["bytes"], 300_000)

    def test_help_names_the_commands(self):
        console = self.listener()
        commands = console.ask("help")["commands"]
        for usage in ("write N TEXT", "stop MS", "sleep MS", "quit", "address", "address N"):
            self.assertIn(usage, commands)

    def test_help_of_a_client_leaves_out_what_is_for_listeners(self):
        console, peer = self.connected()
        self.assertNotIn("stop MS", console.ask("help")["commands"])

    def test_sleep_holds_the_following_lines_back(self):
        console = self.listener()
        console.say("#a sleep 150\n#b help")
        slept = console.wait(reply="sleep", tag="a")
        helped = console.wait(reply="help", tag="b")
        self.assertLess(console.messages.index(slept), console.messages.index(helped))
        self.assertGreaterEqual(slept["t"], 150)

    def test_quit_is_answered_first_and_drops_the_lines_after_it(self):
        status, messages, _ = self.run_console("listen", "tcp://127.0.0.1:0", text=b"help\nquit\nhelp\nfoo\n")
        self.assertEqual(status, 0)
        self.assertEqual([m.get("event", m.get("reply")) for m in messages], ["listening", "help", "quit", "closed"])

    def test_many_lines_are_answered_each_once(self):
        console, client = self.served("--handler", "discard")
        count = 5000
        console.say("\n".join(f"#n{i} write 1 {i}" for i in range(count)))
        console.say("finish 1")
        self.assertEqual(self.receive_all(client), "".join(map(str, range(count))).encode())
        console.wait(reply="finish")
        tags = [m["tag"] for m in console.messages if m.get("reply") == "write"]
        self.assertEqual(tags, [f"n{i}" for i in range(count)])


class Forms(ConsoleTest):
    def test_text_is_for_people(self):
        console = self.console("listen", "tcp://127.0.0.1:0", events="text")
        console.say_bytes(b"help\nfoo\nquit\n")
        self.assert_ended(console)
        text = "".join(console.text)
        for part in (" listening local=127.0.0.1:", "> help", "write N TEXT", "> error line=foo", "> quit",
                     " closed had_error=false"):
            self.assertIn(part, text)

    def test_text_shows_payloads_on_one_line(self):
        console = self.console("listen", "tcp://127.0.0.1:0", "--seconds", "60", events="text")
        with console._changed:
            console._changed.wait_for(lambda: console.text, DEADLINE)
        client = self.client(parse_address(console.text[0].split("local=")[1].strip()))
        client.sendall(b"two\nlines \x1b[0m")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(client), b"")
        console.signal(signal.SIGINT)
        self.assert_ended(console)
        self.assertIn('data #1 size=14 text="two\\nlines \\u001b[0m"\n', "".join(console.text))

    def test_none_prints_neither_events_nor_answers(self):
        console = self.console("listen", "tcp://127.0.0.1:0", events="none")
        console.say_bytes(b"help\nfoo\nquit\n")
        self.assert_ended(console)
        self.assertEqual((console.text, console.errors()), ([], ""))

    def test_time_only_goes_forward(self):
        _, messages, _ = self.run_console("listen", "tcp://127.0.0.1:0", text=b"sleep 30\nhelp\nquit\n")
        times = [m["t"] for m in messages]
        self.assertEqual(times, sorted(times))
        self.assertEqual([list(m)[0] for m in messages], ["t"] * len(messages))


if __name__ == "__main__":
    main()
