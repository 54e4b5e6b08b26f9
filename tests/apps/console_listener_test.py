#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`actornet listen`: addresses, options, handlers, and the commands to the listener."""

import tempfile

from console_process import *


def wait_until_nobody_listens(path):
    """With io_uring the kernel closes a socket a little later than its process ends."""
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                return


class Addresses(ConsoleTest):
    def test_port_0_lets_the_system_pick(self):
        console = self.listener()
        host, port = console.address()
        self.assertEqual(host, "127.0.0.1")
        self.assertGreater(port, 0)
        answer = console.ask("address")
        self.assertEqual(list(answer), ["t", "reply", "tag", "local", "family"])
        self.assertEqual((answer["local"], answer["family"]), (f"127.0.0.1:{port}", "IPv4"))

    def test_a_star_takes_clients_of_both_families(self):
        console = self.listener(address="tcp://*:0")
        local = console.event("listening")["local"]
        self.assertTrue(local.startswith("[::]:"), local)
        port = parse_address(local)[1]
        self.client(("::1", port))
        self.assertTrue(console.event("connected", id=1)["remote"].startswith("[::1]:"))
        self.client(("127.0.0.1", port))
        connected = console.event("connected", id=2)
        self.assertTrue(connected["remote"].startswith("[::ffff:127.0.0.1]:"), connected)
        self.assertEqual(console.ask("address")["family"], "IPv6")

    def test_ipv6_only_refuses_clients_of_ipv4(self):
        console = self.listener("--ipv6-only", address="tcp://[::]:0")
        port = console.address()[1]
        self.client(("::1", port))
        with self.assertRaises(ConnectionRefusedError):
            self.client(("127.0.0.1", port))

    def test_a_name_is_resolved(self):
        console = self.listener(address="tcp://LOCALHOST:0")  # in capitals it is a name like others
        address = console.address()
        self.assertIn(address[0], ("127.0.0.1", "::1"))
        self.client(address)
        console.event("connected", id=1)

    def test_localhost_is_both_loopback_addresses(self):
        console = self.listener(address="tcp://localhost:0")
        host, port = console.address()
        self.assertEqual(host, "127.0.0.1")
        for number, each in enumerate(("127.0.0.1", "::1"), 1):
            self.client((each, port))
            console.event("connected", id=number)

    def test_a_unix_socket_has_a_path_and_unnamed_clients(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            console = self.listener(address=f"unix:{path}")
            self.assertEqual(console.event("listening")["local"], f"unix:{path}")
            client = self.client(path)
            connected = console.event("connected", id=1)
            self.assertEqual((connected["local"], connected["remote"]), (f"unix:{path}", "unix:"))
            self.assertEqual(console.ask("address")["family"], "unix")
            client.sendall(b"hello")
            self.assertEqual(console.event("data")["text"], "hello")
            console.say("quit")
            client.close()
            self.assert_ended(console)
            self.assertFalse(os.path.exists(path))

    def test_a_unix_socket_of_a_killed_console_is_taken_over_and_that_of_a_live_one_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            killed = self.listener(address=f"unix:{path}")
            killed.event("listening")
            killed.signal(signal.SIGKILL)
            killed.status()
            self.assertTrue(os.path.exists(path))
            wait_until_nobody_listens(path)
            console = self.listener(address=f"unix:{path}")
            console.event("listening")
            self.client(path)
            console.event("connected", id=1)
            status, messages, errors = self.run_console("listen", f"unix:{path}")
            self.assertEqual((status, [m["code"] for m in messages]), (1, ["EADDRINUSE"]))
            self.client(path)
            console.event("connected", remote="unix:", local=f"unix:{path}")

    def test_an_abstract_name_needs_no_file(self):
        name = f"actornet-console-test-{os.getpid()}"
        console = self.listener(address=f"unix:@{name}")
        self.assertEqual(console.event("listening")["local"], f"unix:@{name}")
        client = self.client("\0" + name)
        console.event("connected", id=1, remote="unix:")
        console.ask("write 1 hello")
        self.assertEqual(self.receive(client, 5), b"hello")


class Handlers(ConsoleTest):
    def test_the_console_only_does_what_lines_say(self):
        console, client = self.served("--handler", "console")
        client.sendall(b"hello")
        self.assertEqual(console.event("data")["text"], "hello")
        console.ask("write 1 answer")
        self.assertEqual(self.receive(client, 6), b"answer")

    def test_echo_sends_back_and_passes_the_end_on(self):
        for options in ([], ["--half-open"]):
            console, client = self.served("--handler", "echo", *options)
            client.sendall(pattern(100_000))
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(self.receive_all(client), pattern(100_000))
            closed = console.event("closed", id=1)
            self.assertEqual((closed["bytes_read"], closed["bytes_written"]), (100_000, 100_000))

    def test_discard_sends_nothing_back(self):
        console, client = self.served("--handler", "discard")
        client.sendall(b"hello")
        console.data(1, 5)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(client), b"")

    def test_chat_sends_the_bytes_of_one_to_all_others(self):
        console = self.listener("--handler", "chat")
        address = console.address()
        clients = []
        for number in (1, 2, 3):
            clients.append(self.client(address))
            console.event("connected", id=number)
        clients[0].sendall(b"from one")
        for other in clients[1:]:
            self.assertEqual(self.receive(other, 8), b"from one")
        clients[1].sendall(b"from two")
        for other in (clients[0], clients[2]):
            self.assertEqual(self.receive(other, 8), b"from two")
        clients[1].shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(clients[1]), b"")
        console.event("closed", id=2)
        clients[2].sendall(b"bye")
        self.assertEqual(self.receive(clients[0], 3), b"bye")


class Options(ConsoleTest):
    def test_connections_beyond_the_limit_are_dropped_and_told(self):
        console, client = self.served("--max-connections", "1")
        local = console.ask("address")["local"]
        dropped = self.client(parse_address(local))
        port = dropped.getsockname()[1]
        self.assertEqual(self.receive_all(dropped), b"")
        event = console.event("dropped")
        self.assertEqual(list(event), ["t", "event", "local", "remote", "reason"])
        self.assertEqual((event["local"], event["remote"], event["reason"]),
                         (local, f"127.0.0.1:{port}", "max_connections"))
        info = console.ask("info")
        self.assertEqual((info["connections"], info["accepted"], info["dropped"]), (1, 1, 1))
        console.ask("max-connections none")
        self.client(parse_address(local))
        console.event("connected", id=2)

    def test_a_limit_of_0_drops_all(self):
        console = self.listener("--max-connections", "0")
        self.assertEqual(self.receive_all(self.client(console.address())), b"")
        console.event("dropped")
        self.assertEqual(console.of("connected"), [])

    def test_clients_on_the_deny_list_are_dropped_and_told(self):
        console = self.listener("--deny", "127.0.0.2", "--deny", "127.1.0.0/16")
        address = console.address()
        for source in ("127.0.0.2", "127.1.2.3"):
            denied = self.client(address, source_address=(source, 0))
            self.assertEqual(self.receive_all(denied), b"")
            event = console.event("dropped")
            self.assertEqual((event["remote"], event["reason"]), (f"{source}:{denied.getsockname()[1]}", "denied"))
        self.client(address, source_address=("127.2.0.1", 0))
        console.event("connected", id=1)
        info = console.ask("info")
        self.assertEqual((info["connections"], info["accepted"], info["dropped"]), (1, 1, 2))

    def test_with_an_allow_list_only_its_clients_are_served_unless_denied(self):
        console = self.listener("--allow", "127.1.0.0/16", "--allow", "127.0.0.3", "--deny", "127.1.0.1")
        address = console.address()
        for source in ("127.0.0.1", "127.1.0.1"):
            self.assertEqual(self.receive_all(self.client(address, source_address=(source, 0))), b"")
            self.assertEqual(console.event("dropped")["reason"], "denied")
        for number, source in enumerate(("127.1.0.2", "127.0.0.3"), 1):
            self.client(address, source_address=(source, 0))
            console.event("connected", id=number)

    def test_lists_of_ipv4_hold_on_both_families(self):
        console = self.listener("--deny", "127.0.0.0/8", address="tcp://*:0")
        port = console.address()[1]
        self.assertEqual(self.receive_all(self.client(("127.0.0.1", port))), b"")
        self.assertTrue(console.event("dropped")["remote"].startswith("[::ffff:127.0.0.1]:"))
        self.client(("::1", port))
        console.event("connected", id=1)

    def test_with_reuse_port_two_share_a_port(self):
        first = self.listener("--reuse-port")
        port = first.address()[1]
        second = self.listener("--reuse-port", address=f"tcp://127.0.0.1:{port}")
        self.assertEqual(second.address()[1], port)

    def test_paused_connections_give_nothing_until_resumed(self):
        console, client = self.served("--pause-on-connect")
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(console.ask("info 1")["state"], "open")
        self.assertEqual(console.names(1), ["connected"])
        console.ask("resume 1")
        console.event("closed", id=1)
        self.assertEqual(console.names(1), ["connected", "data", "end", "closed"])

    def test_silence_is_told(self):
        console, client = self.served("--idle-timeout", "50")
        event = console.event("timeout", id=1)
        self.assertEqual(list(event), ["t", "event", "id"])
        self.assertEqual(console.ask("info 1")["state"], "open")

    def test_backlog_loops_and_socket_options_are_taken(self):
        console, client = self.served("--backlog", "1", "--loops", "2", "--keep-alive", "5000", "--no-delay",
                                      "--backend", "epoll", "--handler", "echo")
        client.sendall(b"hello")
        self.assertEqual(self.receive(client, 5), b"hello")

    def test_show_bytes_cuts_what_is_shown(self):
        console, client = self.served("--show-bytes", "4")
        for sent, shown in ((b"hello", {"size": 5, "text": "hell", "truncated": True}),
                            (b"hell", {"size": 4, "text": "hell"}),
                            ("abc€".encode(), {"size": 6, "text": "abc", "truncated": True}),
                            (b"\xff" * 6, {"size": 6, "base64": "/////w==", "truncated": True})):
            client.sendall(sent)
            event = console.event("data")
            self.assertEqual(list(event.items())[3:], list(shown.items()))

    def test_bytes_that_are_not_utf8_come_as_base64(self):
        console, client = self.served()
        for sent in (b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"ab\xe2\x82", b"\xf0\x8f\xbf\xbf"):
            client.sendall(sent)
            event = console.event("data")
            self.assertEqual(list(event), ["t", "event", "id", "size", "base64"])
        for sent in ("\0", "\x7f", "ä", "\u07ff", "\ud7ff", "\ue000", "\U0010ffff"):
            client.sendall(sent.encode())
            self.assertEqual(console.event("data")["text"], sent)


class Commands(ConsoleTest):
    def test_connections_are_counted(self):
        console = self.listener()
        address = console.address()
        self.assertEqual(console.ask("connections")["count"], 0)
        client = self.client(address)
        console.event("connected", id=1)
        self.assertEqual(console.ask("connections")["count"], 1)
        client.close()
        console.event("closed", id=1)
        self.assertEqual(console.ask("connections")["count"], 0)

    def test_numbers_are_in_the_order_of_connecting_however_many_loops_there_are(self):
        for loops in ((), ("--loops", "3")):
            console = self.listener(*loops)
            address = console.address()
            clients = [self.client(address) for _ in range(9)]
            for number, client in enumerate(clients, 1):
                told = console.event("connected", id=number)
                self.assertEqual(parse_address(told["remote"]), client.getsockname())

    def test_without_a_number_of_loops_connections_are_told_in_their_order(self):
        console = self.listener()
        address = console.address()
        for _ in range(9):
            self.client(address)
        self.assertEqual([console.event("connected")["id"] for _ in range(9)], list(range(1, 10)))

    def test_numbers_are_never_used_again(self):
        console = self.listener()
        address = console.address()
        for number in (1, 2, 3):
            self.client(address).close()
            console.event("closed", id=number)
        self.assertEqual([m["id"] for m in console.of("connected")], [1, 2, 3])

    def test_info_tells_counters_and_state(self):
        console, client = self.served()
        answer = console.ask("info")
        self.assertEqual(list(answer), ["t", "reply", "tag", "connections", "accepted", "dropped", "state"])
        self.assertEqual(list(answer.values())[3:], [1, 1, 0, "listening"])

    def test_while_accepting_is_paused_clients_wait_in_the_kernel(self):
        console = self.listener()
        address = console.address()
        console.ask("pause-accepting")
        client = self.client(address)
        client.sendall(b"hello")
        self.assertEqual(console.ask("connections")["count"], 0)
        console.ask("resume-accepting")
        console.event("connected", id=1)
        self.assertEqual(console.event("data", id=1)["text"], "hello")

    def test_after_close_nobody_gets_in_and_connections_live_on(self):
        console, client = self.served("--handler", "echo")
        address = parse_address(console.ask("address")["local"])
        self.assertNotIn("error", console.ask("close"))
        with self.assertRaises(ConnectionRefusedError):
            self.client(address)
        self.assertEqual(console.ask("connections")["count"], 1)
        for command in ("address", "pause-accepting", "resume-accepting"):
            self.assertEqual(console.ask(command)["error"]["code"], "ENOTCONN")
        self.assertEqual(console.of("closed"), [])
        client.sendall(b"still here")
        self.assertEqual(self.receive(client, 10), b"still here")
        client.shutdown(socket.SHUT_WR)
        self.assert_ended(console)
        self.assertEqual([m.get("id") for m in console.of("closed")], [1, None])

    def test_stop_destroys_who_does_not_finish_and_counts_them(self):
        console = self.listener()
        address = console.address()
        stubborn, willing = self.client(address), self.client(address)
        console.event("connected", id=2)
        remotes = {m["remote"]: m["id"] for m in console.of("connected")}
        number = remotes[f"127.0.0.1:{willing.getsockname()[1]}"]
        stop = console.begin("stop 300")
        self.assertEqual(self.receive_all(willing), b"")
        willing.close()
        console.event("closed", id=number)
        answer = console.answer(stop)
        self.assertEqual((list(answer), answer["forced"]), (["t", "reply", "tag", "forced"], 1))
        self.assert_ended(console)
        self.assertEqual({m.get("id") for m in console.of("closed")}, {1, 2, None})

    def test_stop_sends_what_is_queued(self):
        console, client = self.served()
        console.say("write-bytes 1 3000000\n#s stop 20000")
        self.assertEqual(self.receive_all(client), pattern(3_000_000))
        client.close()
        self.assertEqual(console.wait(tag="s")["forced"], 0)
        self.assertEqual(console.wait(reply="write-bytes")["bytes"], 3_000_000)
        self.assert_ended(console)


if __name__ == "__main__":
    main()
