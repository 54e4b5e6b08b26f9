#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Pipes into files, and the handlers `file` and `forward`, from outside."""

import pathlib
import tempfile
import threading

from console_process import *

MUCH = 5_000_000


class PipeTest(ConsoleTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "out.txt"

    def assert_code(self, answer, code):
        self.assertEqual(answer["error"]["code"], code, answer)

    def send_in_background(self, client, data, finish=True):
        def run():
            client.sendall(data)
            if finish:
                client.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.addCleanup(thread.join, DEADLINE)


class Pipes(PipeTest):
    def test_a_pipe_goes_to_the_file_and_ends_it_at_the_end_of_the_connection(self):
        console, client = self.served()
        self.assertEqual(list(console.ask(f"pipe 1 {self.file}")), ["t", "reply", "tag", "id"])
        piped = console.event("piped")
        self.assertEqual((list(piped), piped["path"]), (["t", "event", "id", "path"], str(self.file)))
        self.send_in_background(client, pattern(MUCH))
        unpiped = console.event("unpiped")
        self.assertEqual((list(unpiped), unpiped["bytes"]), (["t", "event", "id", "bytes"], MUCH))
        self.assertEqual(self.file.read_bytes(), pattern(MUCH))
        closed = console.event("closed", id=1)
        self.assertFalse(closed["had_error"])
        self.assertEqual(closed["bytes_read"], MUCH)
        self.assertEqual(console.names(1), ["connected", "piped", "unpiped", "end", "closed"])
        console.say("quit")
        self.assert_ended(console)

    def test_and_data_tells_the_handler_too(self):
        console, client = self.served()
        console.ask(f"pipe 1 {self.file} and-data")
        client.sendall(b"both")
        self.assertEqual(console.event("data")["text"], "both")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(console.event("unpiped")["bytes"], 4)
        self.assertEqual(self.file.read_bytes(), b"both")

    def test_kept_open_it_takes_more_writes_and_another_pipe(self):
        console, client = self.served()
        console.ask(f"pipe 1 {self.file} keep-open")
        client.sendall(b"first\n")
        client.shutdown(socket.SHUT_WR)
        console.event("unpiped", id=1)
        answer = console.ask(f'file-write {self.file} "by the program\\n"')
        self.assertEqual((answer["bytes"], answer["keep_going"]), (15, True))
        self.assertEqual(self.file.read_bytes(), b"first\nby the program\n")
        second = self.client(parse_address(console.of("listening")[0]["local"]))
        console.event("connected", id=2)
        console.ask(f"pipe 2 {self.file} keep-open")
        second.sendall(b"second\n")
        second.shutdown(socket.SHUT_WR)
        self.assertEqual(console.event("unpiped", id=2)["bytes"], 7)
        self.assertNotIn("error", console.ask(f"file-end {self.file} the last line"))
        self.assertEqual(self.file.read_bytes(), b"first\nby the program\nsecond\nthe last line")

    def test_unpipe_pauses_and_the_program_writes_the_last_line(self):
        console, client = self.served()
        console.ask(f"pipe 1 {self.file}")
        client.sendall(b"to the file\n")
        console.ask(f'file-write {self.file} ""')
        while console.ask("info 1")["bytes_read"] < 12:
            pass
        self.assertEqual(list(console.ask("unpipe 1")), ["t", "reply", "tag", "id"])
        self.assertEqual(console.event("unpiped")["bytes"], 12)
        client.sendall(b"waits")
        console.ask(f"file-write {self.file} bye")
        console.ask(f"file-end {self.file}")
        self.assertEqual(self.file.read_bytes(), b"to the file\nbye")
        self.assertEqual(console.of("data"), [])
        console.ask("resume 1")
        console.data(1, 5)
        client.sendall(b"; here, too")
        console.data(1, 16)

    def test_a_paused_connection_flows_by_its_pipe(self):
        console, client = self.served("--pause-on-connect")
        client.sendall(b"waiting")
        client.shutdown(socket.SHUT_WR)
        console.ask(f"pipe 1 {self.file}")
        self.assertEqual(console.event("unpiped")["bytes"], 7)
        self.assertEqual(self.file.read_bytes(), b"waiting")
        console.event("closed", id=1)

    def test_an_idle_timeout_may_start_a_pipe(self):
        console, client = self.served("--pause-on-connect", "--idle-timeout", "50")
        client.sendall(b"early bytes")
        console.event("timeout", id=1)
        console.ask(f"pipe 1 {self.file}")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(console.event("unpiped")["bytes"], 11)

    def test_the_first_pipe_truncates_and_those_beside_it_append(self):
        self.file.write_bytes(b"old content that is long enough to be seen")
        console, first = self.served()
        second = self.client(parse_address(console.of("listening")[0]["local"]))
        console.event("connected", id=2)
        console.ask(f"pipe 1 {self.file}")
        console.ask(f"pipe 2 {self.file}")
        first.sendall(b"one;")
        first.shutdown(socket.SHUT_WR)
        console.event("unpiped", id=1)
        second.sendall(b"two;")
        second.shutdown(socket.SHUT_WR)
        console.event("unpiped", id=2)
        self.assertEqual(self.file.read_bytes(), b"one;two;")
        third = self.client(parse_address(console.of("listening")[0]["local"]))
        console.event("connected", id=3)
        console.ask(f"pipe 3 {self.file}")
        third.sendall(b"three")
        third.shutdown(socket.SHUT_WR)
        console.event("unpiped", id=3)
        self.assertEqual(self.file.read_bytes(), b"three")

    def pipe_once(self, console, number, sent, options=""):
        """Another connection, piped to the file, which sends that and ends."""
        client = self.client(parse_address(console.of("listening")[0]["local"]))
        console.event("connected", id=number)
        console.ask(f"pipe {number} {self.file} {options}")
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        console.event("unpiped", id=number)

    def test_kept_open_the_first_pipe_truncates_too(self):
        self.file.write_bytes(b"old content")
        console = self.listener()
        console.address()
        self.pipe_once(console, 1, b"one;", "keep-open")
        self.pipe_once(console, 2, b"two;", "keep-open")
        self.assertEqual(self.file.read_bytes(), b"one;two;")
        console.ask(f"file-end {self.file}")
        self.pipe_once(console, 3, b"three;", "keep-open")
        self.assertEqual(self.file.read_bytes(), b"three;")
        self.pipe_once(console, 4, b"four;")
        self.pipe_once(console, 5, b"five;")
        self.assertEqual(self.file.read_bytes(), b"three;four;five;")

    def test_file_end_takes_the_sources_off(self):
        console, client = self.served()
        console.ask(f"pipe 1 {self.file}")
        console.ask(f"file-end {self.file} over")
        console.event("unpiped", id=1)
        self.assertEqual(self.file.read_bytes(), b"over")
        client.sendall(b"later")
        console.ask("resume 1")
        console.data(1, 5)
        self.assertEqual(console.of("failed"), [])

    def test_all_connections_are_piped_by_a_star(self):
        console, first = self.served()
        second = self.client(parse_address(console.of("listening")[0]["local"]))
        console.event("connected", id=2)
        answer = console.ask(f"pipe * {self.file}")
        self.assertEqual((answer["id"], answer["count"]), ("*", 2))
        for client in (first, second):
            client.sendall(b"same;")
            client.shutdown(socket.SHUT_WR)
        console.event("unpiped", id=1)
        console.event("unpiped", id=2)
        self.assertEqual(self.file.read_bytes(), b"same;same;")
        self.assertEqual(console.ask("unpipe *")["reply"], "unpipe")


class Failures(PipeTest):
    def test_a_full_disk_unpipes_pauses_and_loses_nothing(self):
        console, client = self.served()
        console.ask("pipe 1 /dev/full")
        client.sendall(b"not lost")
        failed = console.event("failed", id=1)
        self.assertEqual((failed["code"], failed["path"]), ("ENOSPC", "/dev/full"))
        self.assertEqual(console.event("unpiped")["bytes"], 0)
        console.ask(f"pipe 1 {self.file}")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(console.event("unpiped")["bytes"], 8)
        self.assertEqual(self.file.read_bytes(), b"not lost")
        self.assertFalse(console.event("closed", id=1)["had_error"])

    def test_a_file_that_cannot_be_opened_fails_in_the_answer(self):
        console, client = self.served()
        self.assert_code(console.ask(f"pipe 1 {self.folder}"), "EISDIR")
        self.assert_code(console.ask(f"pipe 1 {self.folder}/none/out"), "ENOENT")
        self.assert_code(console.ask(f"file-write {self.folder} x"), "EISDIR")
        client.sendall(b"as before")
        console.data(1, 9)
        self.assertEqual(console.of("piped") + console.of("unpiped"), [])

    def test_who_is_not_there_is_not_piped(self):
        console, _ = self.served()
        self.assert_code(console.ask(f"pipe 7 {self.file}"), "ENOTCONN")
        self.assertFalse(self.file.exists())
        self.assert_code(console.ask(f"file-end {self.file}"), "ENOTCONN")
        self.assertNotIn("error", console.ask("unpipe 1"))
        for line in ("pipe 1", "pipe 1 x y", "pipe", "file-write x", "file-end", "unpipe"):
            self.assertEqual(console.ask(line)["reply"], "error", line)

    def test_who_was_destroyed_leaves_the_file_to_the_next(self):
        for line in ("destroy 1", "reset 1", "destroy *"):
            for options in ("", "keep-open"):
                console = self.listener()
                address = console.address()
                self.client(address)
                console.event("connected", id=1)
                self.file.write_bytes(b"precious")
                # Both are there before the first is begun.
                console.say("help\n" * 50 + f"{line}\n#p pipe 1 {self.file} {options}")
                self.assert_code(console.answer("p"), "ENOTCONN")
                self.assertEqual(self.file.read_bytes(), b"precious")
                second = self.client(address)
                console.event("connected", id=2)
                console.ask(f"pipe 2 {self.file}")
                second.sendall(b"new")
                second.shutdown(socket.SHUT_WR)
                console.event("unpiped", id=2)
                self.assertEqual(self.file.read_bytes(), b"new")

    def test_a_reset_of_the_source_is_told_and_the_file_has_what_came(self):
        console, client = self.served()
        console.ask(f"pipe 1 {self.file}")
        client.sendall(b"a part")
        while console.ask("info 1")["bytes_read"] < 6:
            pass
        reset(client)
        self.assertEqual(console.event("unpiped")["bytes"], 6)
        self.assertTrue(console.event("closed", id=1)["had_error"])
        self.assertEqual(self.file.read_bytes(), b"a part")
        self.assertEqual(console.names(1), ["connected", "piped", "unpiped", "failed", "closed"])

    def test_what_was_written_is_in_the_file_when_the_process_has_ended(self):
        status, _, errors = self.run_console("connect", url_of(self.server()),
                                             text=f"file-write {self.file} abc\nquit\n".encode())
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(self.file.read_bytes(), b"abc")


class FileHandler(PipeTest):
    def test_one_file_takes_the_bytes_of_all_connections(self):
        console = self.listener("--handler", f"file:{self.file}")
        address = console.address()
        for number, sent in enumerate((b"first;", pattern(MUCH), b"last"), 1):
            client = self.client(address)
            self.send_in_background(client, sent)
            self.assertEqual(console.event("unpiped", id=number)["bytes"], len(sent))
            console.event("closed", id=number)
        self.assertEqual(self.file.read_bytes(), b"first;" + pattern(MUCH) + b"last")
        self.assertEqual(console.of("data"), [])
        console.ask(f"file-end {self.file} the end")
        self.assertTrue(self.file.read_bytes().endswith(b"lastthe end"))
        console.say("quit")
        self.assert_ended(console)

    def test_the_file_is_emptied_first(self):
        self.file.write_bytes(b"old content")
        console = self.listener("--handler", f"file:{self.file}")
        address = console.address()
        for number, sent in enumerate((b"one;", b"two;"), 1):
            client = self.client(address)
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            console.event("closed", id=number)
        self.assertEqual(self.file.read_bytes(), b"one;two;")

    def test_a_file_that_cannot_be_opened_is_told_for_each_connection(self):
        console = self.listener("--handler", f"file:{self.folder}")
        self.client(console.address())
        failed = console.event("failed", id=1)
        self.assertEqual((failed["code"], failed["path"]), ("EISDIR", str(self.folder)))

    def test_a_handler_needs_its_target(self):
        for handler in ("file:", "forward:", "forward:tcp://*:80", "forward:nonsense", "fil"):
            status, _, errors = self.run_console("listen", "tcp://127.0.0.1:0", "--handler", handler)
            self.assertEqual(status, 2, handler)
            self.assertEqual(errors.count("\n"), 1, errors)


class Forwarding(PipeTest):
    def forwarder(self, *options):
        """(console, our socket as the client, our socket as the far server)"""
        far = self.server()
        console = self.listener("--handler", f"forward:{url_of(far)}", *options)
        client = self.client(console.address())
        return console, client, self.accept(far)

    def test_bytes_go_both_ways(self):
        console, client, far = self.forwarder("--half-open")
        self.send_in_background(client, pattern(MUCH), finish=False)
        self.send_in_background(far, pattern(MUCH)[::-1], finish=False)
        self.assertEqual(self.receive(far, MUCH), pattern(MUCH))
        self.assertEqual(self.receive(client, MUCH), pattern(MUCH)[::-1])
        self.assertEqual(console.of("data"), [])
        client.close()
        self.assertEqual(self.receive_all(far), b"")
        far.close()
        console.event("closed", id=1)
        console.say("quit")
        self.assert_ended(console)

    def test_with_half_open_each_direction_ends_for_itself(self):
        console, client, far = self.forwarder("--half-open")
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(far), b"question")
        far.sendall(b"answer")
        far.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(client), b"answer")
        self.assertFalse(console.event("closed", id=1)["had_error"])

    def test_an_end_is_passed_on(self):
        console, client, far = self.forwarder()
        client.sendall(b"last words")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(far), b"last words")
        self.assertEqual(self.receive_all(client), b"")
        far.close()
        console.event("closed", id=1)

    def test_a_reset_is_passed_on(self):
        _, client, far = self.forwarder()
        client.sendall(b"x")
        self.receive(far, 1)
        reset(client)
        with self.assertRaises(ConnectionResetError):
            self.receive_all(far)

    def test_a_server_that_refuses_closes_the_client(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            nobody = url_of(gone)
        console = self.listener("--handler", f"forward:{nobody}")
        client = self.client(console.address())
        failed = console.event("failed", id=1)
        self.assertEqual((failed["code"], failed["syscall"]), ("ECONNREFUSED", "connect"))
        self.assertEqual(f"tcp://{failed['address']}:{failed['port']}", nobody)
        self.assertEqual(self.receive_all(client), b"")
        self.assertTrue(console.event("closed", id=1)["had_error"])
        console.say("quit")
        self.assert_ended(console)

    def test_a_slow_reader_holds_the_sender_back(self):
        console, client, far = self.forwarder()
        client.setblocking(False)
        sent = 0
        block = pattern(1 << 20)
        deadline = time.monotonic() + DEADLINE
        # Stops when neither the kernels nor the forwarder take more.
        while sent < 1 << 30 and time.monotonic() < deadline:
            try:
                sent += client.send(block)
            except BlockingIOError:
                before = console.ask("info 1")["bytes_read"]
                if console.ask("info 1")["bytes_read"] == before:
                    break
        self.assertLess(sent, 100 << 20)
        client.setblocking(True)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(len(self.receive_all(far)), sent)


if __name__ == "__main__":
    main()
