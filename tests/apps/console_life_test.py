#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How consoles start and end: failures at the start, what holds the process, signals, adopted descriptors."""

import json
import select
import subprocess
import tempfile

import console_process
from console_process import *


def backend_options():
    return ["--backend", console_process.BACKEND] if console_process.BACKEND else []


class Starts(ConsoleTest):
    def test_a_refused_connection_is_told_on_both_outputs_and_by_status_1(self):
        server = self.server()
        host, port = server.getsockname()
        server.close()
        status, messages, errors = self.run_console("connect", f"tcp://{host}:{port}")
        self.assertEqual(status, 1)
        failed, closed = messages
        self.assertEqual(list(failed), ["t", "event", "id", "code", "syscall", "address", "port", "message"])
        self.assertEqual(list(failed.values())[1:7], ["failed", 1, "ECONNREFUSED", "connect", host, port])
        self.assertEqual(errors, failed["message"] + "\n")
        self.assertEqual(list(closed.items())[1:], [("event", "closed"), ("id", 1), ("had_error", True),
                                                    ("bytes_read", 0), ("bytes_written", 0)])

    def test_an_address_in_use_is_told_and_nothing_is_closed(self):
        server = self.server()
        host, port = server.getsockname()
        status, messages, errors = self.run_console("listen", f"tcp://{host}:{port}")
        self.assertEqual(status, 1)
        [failed] = messages
        self.assertEqual(list(failed.values())[1:6], ["failed", "EADDRINUSE", "listen", host, port])
        self.assertEqual(errors, failed["message"] + "\n")

    def test_errors_are_told_even_when_events_are_not(self):
        server = self.server()
        console = self.console("listen", url_of(server), events="none")
        self.assert_ended(console, 1)
        self.assertEqual(console.text, [])
        self.assertIn("EADDRINUSE", console.errors())

    def test_a_unix_socket_that_is_not_there_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            status, messages, errors = self.run_console("connect", f"unix:{folder}/none")
            self.assertEqual((status, [m["event"] for m in messages]), (1, ["failed", "closed"]))
            self.assertEqual((messages[0]["code"], messages[0]["address"]), ("ENOENT", f"{folder}/none"))
            status, messages, errors = self.run_console("listen", f"unix:{folder}/no/folder")
            self.assertEqual((status, [m["code"] for m in messages]), (1, ["ENOENT"]))

    def test_a_name_without_an_address_is_told(self):
        for command, events in (("connect", ["failed", "closed"]), ("listen", ["failed"])):
            status, messages, errors = self.run_console(command, "tcp://no-such-host.invalid:1")
            self.assertEqual((status, [m["event"] for m in messages]), (1, events))
            self.assertEqual(errors, messages[0]["message"] + "\n")

    def test_a_client_connects_from_where_it_is_told(self):
        server = self.server()
        console = self.console("connect", url_of(server), "--from", "tcp://127.0.0.2:0")
        peer = self.accept(server)
        self.assertEqual(peer.getpeername()[0], "127.0.0.2")
        self.assertTrue(console.event("connected", id=1)["local"].startswith("127.0.0.2:"))

    def test_a_unix_client_connects_under_the_name_that_it_is_given(self):
        with tempfile.TemporaryDirectory() as folder:
            server = self.unix_server(os.path.join(folder, "server"))
            for name in (os.path.join(folder, "client"), f"@actornet-client-{os.getpid()}"):
                with self.subTest(name=name):
                    console = self.console("connect", f"unix:{folder}/server", "--from", f"unix:{name}")
                    peer = self.accept(server)
                    seen = peer.getpeername()
                    self.assertEqual(seen.decode() if isinstance(seen, bytes) else seen, name.replace("@", "\0"))
                    connected = console.event("connected", id=1)
                    self.assertEqual((connected["local"], connected["remote"]),
                                     (f"unix:{name}", f"unix:{folder}/server"))

    def test_a_local_name_that_is_taken_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "server")
            self.unix_server(path)
            status, messages, _ = self.run_console("connect", f"unix:{path}", "--from", f"unix:{path}")
            self.assertEqual((status, [m["event"] for m in messages]), (1, ["failed", "closed"]))
            self.assertEqual((messages[0]["code"], messages[0]["syscall"]), ("EADDRINUSE", "bind"))

    def test_the_family_chooses_among_the_addresses_of_a_name(self):
        server = self.server()
        port = server.getsockname()[1]
        console = self.console("connect", f"tcp://localhost:{port}", "--family", "4", "--connect-timeout", "20000")
        self.accept(server)
        self.assertEqual(console.event("connected", id=1)["remote"], f"127.0.0.1:{port}")

    def test_a_handshake_that_takes_too_long_is_given_up(self):
        status, messages, _ = self.run_console("connect", self.silent_url(), "--connect-timeout", "100")
        self.assertEqual((status, [m["event"] for m in messages]), (1, ["failed", "closed"]))
        self.assertEqual((messages[0]["code"], messages[0]["id"]), ("ETIMEDOUT", 1))


class Adopted(ConsoleTest):
    """Descriptors that are inherited."""

    def adopt(self, command, descriptor, *options):
        return self.console(command, f"fd:{descriptor}", *options, pass_fds=(descriptor,))

    def test_a_listening_socket_is_adopted(self):
        server = self.server()
        console = self.adopt("listen", server.fileno(), "--handler", "echo")
        self.assertEqual(console.address(), server.getsockname())
        client = self.client(server.getsockname())
        client.sendall(b"hello")
        self.assertEqual(self.receive(client, 5), b"hello")

    def test_a_bound_socket_is_adopted(self):
        bound = socket.socket()
        self.addCleanup(bound.close)
        bound.bind(("127.0.0.1", 0))
        console = self.adopt("listen", bound.fileno())
        self.client(console.address())
        console.event("connected", id=1)

    def test_a_connection_is_adopted(self):
        server = self.server()
        ours = self.client(server.getsockname())
        peer = self.accept(server)
        console = self.adopt("connect", ours.fileno())
        ours.close()
        console.event("connected", id=1, remote="%s:%d" % server.getsockname())
        console.ask("write 1 hello")
        self.assertEqual(self.receive(peer, 5), b"hello")
        peer.close()
        self.assert_ended(console)

    def test_a_unix_pair_is_adopted(self):
        ours, peer = socket.socketpair()
        self.addCleanup(peer.close)
        peer.settimeout(DEADLINE)
        console = self.adopt("connect", ours.fileno())
        ours.close()
        connected = console.event("connected", id=1)
        self.assertEqual((connected["local"], connected["remote"]), ("unix:", "unix:"))
        console.ask("finish 1 hello")
        self.assertEqual(self.receive_all(peer), b"hello")
        peer.close()
        self.assert_ended(console)

    def assert_refused(self, command, descriptor, codes):
        console = self.adopt(command, descriptor)
        self.assert_ended(console, 1)
        failed = console.messages[0]
        self.assertIn(failed["code"], codes)
        self.assertEqual([m["event"] for m in console.messages],
                         ["failed", "closed"] if command == "connect" else ["failed"])
        self.assertEqual(console.errors(), failed["message"] + "\n")

    def test_what_is_no_socket_is_refused(self):
        with tempfile.TemporaryFile() as file:
            for command in ("listen", "connect"):
                self.assert_refused(command, file.fileno(), ["ENOTSOCK"])

    def test_a_socket_of_another_kind_is_refused(self):
        server = self.server()
        ours = self.client(server.getsockname())
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        unbound = socket.socket()
        self.addCleanup(datagrams.close)
        self.addCleanup(unbound.close)
        for command, wrong in (("listen", ours), ("listen", datagrams), ("listen", unbound), ("connect", server),
                               ("connect", datagrams), ("connect", unbound)):
            with self.subTest(command=command, wrong=wrong):
                self.assert_refused(command, wrong.fileno(), ["EINVAL"])

    def test_a_descriptor_that_is_not_open_is_refused(self):
        for command in ("listen", "connect"):
            console = self.console(command, "fd:77")
            self.assert_ended(console, 1)
            self.assertEqual(console.messages[0]["code"], "EBADF")


class Holding(ConsoleTest):
    def test_the_end_of_input_ends_only_the_input(self):
        console, client = self.served("--handler", "echo")
        console.end_input()
        client.sendall(b"still here")
        self.assertEqual(self.receive(client, 10), b"still here")

    def test_a_reader_of_the_output_that_is_gone_takes_nobody_along(self):
        console = self.console("listen", "tcp://127.0.0.1:0", "--handler", "echo", lines_read=1)  # as `| head -1` does
        address = console.address()
        console.end_of_reading()
        client = self.client(address)
        # What is printed of the first bytes is lost before the second are read.
        for _ in range(2):
            client.sendall(b"hello")
            self.assertEqual(self.receive(client, 5), b"hello")
        console.signal(signal.SIGTERM)
        self.assertEqual(self.receive_all(client), b"")
        client.close()
        self.assert_ended(console)

    def test_a_client_ends_with_its_connection(self):
        console, peer = self.connected()
        peer.close()
        self.assert_ended(console)
        self.assertEqual(console.messages[-1]["event"], "closed")

    def test_neither_sleep_nor_time_hold_the_process(self):
        console, peer = self.connected("--seconds", "1000")
        console.say("sleep 1000000")
        console.say("help")
        peer.close()
        self.assert_ended(console)
        self.assertEqual([m for m in console.messages if "reply" in m], [])

    def test_an_unreferenced_listener_holds_nothing(self):
        status, messages, errors = self.run_console("listen", "tcp://127.0.0.1:0", "--unref")
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual([m["event"] for m in messages], ["listening"])

    def test_an_unreferenced_client_holds_nothing(self):
        server = self.server()
        status, messages, errors = self.run_console("connect", url_of(server), "--unref")
        self.assertEqual((status, errors), (0, ""))

    def test_unref_lets_the_process_end_and_is_answered(self):
        status, messages, _ = self.run_console("listen", "tcp://127.0.0.1:0", text=b"unref\n")
        self.assertEqual((status, messages[-1]["reply"]), (0, "unref"))

    def test_an_accepted_connection_holds_the_process_beside_an_unreferenced_listener(self):
        console, client = self.served("--handler", "echo")
        console.ask("unref")
        client.sendall(b"still here")
        self.assertEqual(self.receive(client, 10), b"still here")
        console.say("unref 1")
        self.assert_ended(console)

    def test_ref_takes_unref_back(self):
        console, client = self.served("--handler", "echo")
        console.ask("unref")
        console.ask("ref")
        client.shutdown(socket.SHUT_WR)
        console.event("closed", id=1)
        self.client(parse_address(console.ask("address")["local"]))
        console.event("connected", id=2)


class LinesGivenBefore(ConsoleTest):
    """Lines that are in the pipe before the console starts, however soon it ends."""

    def given(self, lines, *arguments, input_ends=False):
        """Its status, and its answers."""
        reads, writes = os.pipe()
        os.write(writes, lines.encode())
        if input_ends:
            os.close(writes)
        else:
            self.addCleanup(os.close, writes)
        command = [console_process.PROGRAM, *arguments, *backend_options(), "--events", "json"]
        with os.fdopen(reads) as text:
            done = subprocess.run(command, stdin=text, capture_output=True, timeout=DEADLINE)
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, [m for m in messages if "reply" in m]

    def refused(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            return "connect", url_of(gone)

    def names(self, answers):
        return sorted(m["reply"] for m in answers)

    def test_of_a_refused_connection_all_are_answered(self):
        where = self.refused()
        for _ in range(20):
            status, answers = self.given("write 1 one\nfinish 1 two\nwrite * three\nnonsense\n", *where)
            self.assertEqual((status, self.names(answers)), (1, ["error", "finish", "write", "write"]))
            self.assertTrue(all("error" in m for m in answers if m.get("id") == 1), answers)

    def test_a_last_line_without_a_newline_is_answered(self):
        status, answers = self.given("write 1 one\nwrite 1 two", *self.refused(), input_ends=True)
        self.assertEqual((status, self.names(answers)), (1, ["write", "write"]))

    def test_more_than_are_read_ahead_are_answered(self):
        status, answers = self.given("write 1 x\n" * 5000, *self.refused())
        self.assertEqual((status, len(answers)), (1, 5000))

    def test_behind_sleep_none_is_started(self):
        status, answers = self.given("help\nsleep 1000000\nhelp\n", *self.refused())
        self.assertEqual((status, self.names(answers)), (1, ["help"]))

    def test_behind_close_all_are_answered(self):
        for _ in range(20):
            status, answers = self.given("close\nconnections\nwrite 1 x\ninfo\n", "listen", "tcp://127.0.0.1:0")
            self.assertEqual((status, self.names(answers)), (0, ["close", "connections", "info", "write"]))

    def test_of_what_is_unreferenced_all_are_answered(self):
        server = self.server()
        for _ in range(20):
            status, answers = self.given("info\naddress\nconnections\n", "listen", "tcp://127.0.0.1:0", "--unref")
            self.assertEqual((status, self.names(answers)), (0, ["address", "connections", "info"]))
            status, answers = self.given("info 1\n", "connect", url_of(server), "--unref")
            self.assertEqual((status, self.names(answers)), (0, ["info"]))

    def test_ref_is_in_time(self):
        for options, lines in ((["--unref"], b"ref\n"), ([], b"unref\nref\n")):
            reads, writes = os.pipe()
            os.write(writes, lines)
            self.addCleanup(os.close, writes)
            console = self.console("listen", "tcp://127.0.0.1:0", *options, stdin=reads)
            os.close(reads)
            address = console.address()
            console.wait(reply="ref")
            client = self.client(address)
            console.event("connected", id=1)
            client.close()
            console.event("closed", id=1)
            os.write(writes, b"unref\n")
            self.assert_ended(console)

    def test_behind_sleep_all_are_answered_if_a_line_before_holds_the_process(self):
        for options, lines in ((["--unref"], b"ref\n"), ([], b"unref\nref\n")):
            reads, writes = os.pipe()
            os.write(writes, lines + b"#before sleep 50\n#behind info\nunref\n")
            os.close(writes)
            console = self.console("listen", "tcp://127.0.0.1:0", *options, stdin=reads)
            os.close(reads)
            console.answer("before")
            self.assertNotIn("error", console.answer("behind"))
            self.assert_ended(console)

    def test_behind_quit_none_is_answered(self):
        status, answers = self.given("quit\nhelp\n", "listen", "tcp://127.0.0.1:0")
        self.assertEqual((status, self.names(answers)), (0, ["quit"]))


class Stops(ConsoleTest):
    def test_after_its_seconds_it_stops_by_itself(self):
        console = self.listener("--seconds", "0.2")
        self.assert_ended(console)
        self.assertGreaterEqual(console.messages[-1]["t"], 200)
        self.assertEqual([m["event"] for m in console.messages], ["listening", "closed"])

    def test_signals_send_what_is_queued_and_end_with_status_0(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            console, client = self.served()
            tag = console.begin("write-bytes 1 20000000")
            console.ask("info 1")
            console.signal(number)
            self.assertEqual(self.receive_all(client), pattern(20_000_000))
            client.close()
            self.assert_ended(console)
            self.assertEqual(console.answer(tag)["bytes"], 20_000_000)
            self.assertEqual(console.names(1)[-1], "closed")

    def test_a_signal_finishes_a_client(self):
        console, peer = self.connected()
        console.say("write 1 last")
        console.wait(reply="write")
        console.signal(signal.SIGTERM)
        self.assertEqual(self.receive_all(peer), b"last")
        peer.close()
        self.assert_ended(console)

    def test_quit_destroys_what_is_left_after_its_deadline(self):
        console, peer = self.connected()
        console.ask("quit")
        self.assertEqual(self.receive_all(peer), b"")
        self.assert_ended(console)
        self.assertGreaterEqual(console.event("closed", id=1)["t"], 5000)

    def test_a_second_signal_ends_at_once(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            console, client = self.served()
            console.signal(number)
            # Its end shows that the first was taken; we do not end, so it waits for its deadline.
            self.assertEqual(self.receive_all(client), b"")
            console.signal(number)
            self.assert_ended(console, 128 + number)

    def test_what_is_still_connecting_is_destroyed_at_once(self):
        console = self.console("connect", self.silent_url())
        self.assertEqual(console.ask("info 1")["state"], "connecting")
        self.assertEqual(console.ask("address 1")["error"]["code"], "ENOTCONN")
        console.say("quit")
        self.assert_ended(console)
        self.assertEqual(console.names(1), ["closed"])
        self.assertLess(console.event("closed")["t"], 5000)

    def test_who_reads_output_only_when_the_pipe_is_full_does_not_lose_any(self):
        for blocks in (True, False):  # somebody else may have made the pipe non-blocking
            with self.subTest(blocks=blocks):
                messages = self.read_when_full(blocks, b"info 1\n" * 5000)
                self.assertEqual(sum(m.get("reply") == "info" for m in messages), 5000)
                self.assertEqual([m["event"] for m in messages if "event" in m][-1], "closed")

    def read_when_full(self, blocks, lines):
        """What a console tells that has got these lines, read a page at a time, and none before the pipe is full."""
        server = self.server()
        reads, writes = os.pipe()
        os.set_blocking(writes, blocks)
        command = [console_process.PROGRAM, "connect", url_of(server), *backend_options(), "--events", "json"]
        console = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writes)
        self.addCleanup(console.wait)
        self.addCleanup(console.kill)
        peer = self.accept(server)
        console.stdin.write(lines)
        console.stdin.close()
        peer.close()
        room = select.poll()
        room.register(writes, select.POLLOUT)
        end = time.monotonic() + DEADLINE
        with os.fdopen(reads, "rb") as output:
            told = b""
            while console.poll() is None:
                self.assertLess(time.monotonic(), end)
                if not room.poll(0):
                    told += os.read(reads, 4096)
            os.close(writes)
            told += output.read()
        self.assertEqual(console.returncode, 0)
        return [json.loads(line) for line in told.splitlines()]


if __name__ == "__main__":
    main()
