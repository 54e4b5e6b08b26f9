#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The console as a UDP endpoint: its options, its lines of input, its events and its life.

    console_udp_test.py PATH_OF_THE_CONSOLE
"""

import sys

from udp_process import *

IP_RECVTTL = 12  # of <bits/in.h>


class Events(UdpTest):
    def test_a_bound_endpoint_listens_and_tells_of_datagrams(self):
        console = self.udp()
        address = console.address()
        self.assertEqual(address[0], "127.0.0.1")
        peer = self.socket()
        for sent in (b"abc", b"", b"\xff\xfe"):
            peer.sendto(sent, address)
            event = console.event("datagram")
            self.assertEqual(event["size"], len(sent))
            self.assertEqual(event["from"], {"address": "127.0.0.1", "family": "IPv4", "port": peer.getsockname()[1]})
        self.assertEqual([m.get("text", m.get("base64")) for m in console.of("datagram")], ["abc", "", "//4="])
        console.say("close")
        console.wait(reply="close")
        self.assert_ended(console)
        self.assertEqual([m["event"] for m in console.messages if "event" in m],
                         ["listening", "datagram", "datagram", "datagram", "closed"])
        self.assertIs(console.messages[-1]["had_error"], False)

    def test_payloads_are_cut_for_show(self):
        console = self.udp("udp4://127.0.0.1:0", "--show-bytes", "3")
        self.socket().sendto(b"abcdef", console.address())
        event = console.event("datagram")
        self.assertEqual((event["size"], event["text"], event["truncated"]), (6, "abc", True))

    def test_events_are_printed_as_text_too(self):
        console = self.udp("udp4://127.0.0.1:0", events="text")
        console.say("address")
        console.say("close")
        self.assert_ended(console)
        self.assertIn("listening local=127.0.0.1:", console.text[0])

    def test_echo_gives_back_what_comes_connected_or_not(self):
        peer = self.socket()
        for options in ([], ["--connect", target(peer)]):
            console = self.udp("udp4://127.0.0.1:0", "--echo", *options)
            address = console.address()
            for size in (0, 1, 1472, 65507):
                peer.sendto(pattern(size), address)
                self.assertEqual(peer.recvfrom(70000), (pattern(size), address))

    def test_senders_of_ipv4_are_mapped_on_a_dual_stack_endpoint_only(self):
        console = self.udp("udp6://[::]:0", "--echo")
        port = console.address()[1]
        peer = self.socket()
        peer.sendto(b"x", ("127.0.0.1", port))
        self.assertEqual(console.event("datagram")["from"],
                         {"address": "::ffff:127.0.0.1", "family": "IPv6", "port": peer.getsockname()[1]})
        self.assertEqual(peer.recvfrom(10), (b"x", ("127.0.0.1", port)))
        six = self.socket("::1")
        six.sendto(b"y", ("::1", port))
        self.assertEqual(console.event("datagram")["from"]["address"], "::1")
        only = self.udp("udp6://[::]:0", "--ipv6-only")
        free = self.udp(f"udp4://0.0.0.0:{only.address()[1]}")
        free.event("listening")


class Reports(UdpTest):
    def test_what_is_asked_for_is_told_of_each_datagram(self):
        console = self.udp("udp4://0.0.0.0:0", "--report-local", "--report-time", "--report-service", "--echo")
        port = console.address()[1]
        peer = self.socket()
        peer.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 40)
        before = time.time_ns()
        peer.sendto(b"x", ("127.0.0.3", port))
        event = console.event("datagram")
        self.assertEqual((event["local"], event["interface"], event["type_of_service"]), (f"127.0.0.3:{port}", 1, 40))
        self.assertLess(abs(event["received_at_ns"] - before), 3600 * 10**9)
        # A bare socket that is bound to all addresses would answer from another.
        self.assertEqual(peer.recvfrom(10), (b"x", ("127.0.0.3", port)))

    def test_nothing_else_is_told_unless_it_was_asked_for(self):
        console = self.udp("udp4://0.0.0.0:0", "--receive-offload")
        self.socket().sendto(b"x", ("127.0.0.3", console.address()[1]))
        self.assertEqual(set(console.event("datagram")), {"t", "event", "size", "text", "from"})

    def test_what_it_is_a_member_of_is_in_its_info(self):
        console = self.udp("udp4:", "--join", "239.77.4.1@lo", "--join", "232.77.4.1@lo,127.0.0.1")
        console.event("listening")
        console.say("leave 239.77.4.1@lo\ninfo")
        self.assertEqual(console.wait(reply="info")["groups"], ["232.77.4.1@lo,127.0.0.1"])

    def test_a_paused_endpoint_tells_nothing_until_it_is_resumed(self):
        console = self.udp()
        address = console.address()
        console.say("pause")
        console.wait(reply="pause")
        peer = self.socket()
        peer.sendto(b"x", address)
        console.say("info")
        self.assertEqual(console.wait(reply="info")["received"], 0)
        console.say("resume")
        self.assertEqual(console.event("datagram")["text"], "x")

    def test_it_can_be_bound_by_a_line_and_share_its_port(self):
        first = self.udp("udp4://127.0.0.1:0", "--reuse-port")
        to = "{}:{}".format(*first.address())
        second = self.udp("udp4:", "--reuse-port")
        second.say(f"bind {to}\n#again bind {to}")
        self.assertEqual(second.event("listening")["local"], to)
        self.assertEqual(second.wait(tag="again")["error"]["code"], "EINVAL")


class Sending(UdpTest):
    def test_every_send_is_answered_with_its_bytes(self):
        console = self.udp()
        console.event("listening")
        peer = self.socket()
        to = target(peer)
        for line, sent in ((f"send {to} hello", b"hello"), (f'send {to} "a\\nb"', b"a\nb"), (f"send {to} hex:00ff", b"\0\xff"),
                           (f"send {to} ", b""), (f"send {to}", b""), (f'send {to} ""', b""),
                           (f"send-bytes {to} 1472", pattern(1472)), (f"send-bytes {to} 0", b"")):
            with self.subTest(line=line):
                console.say("#t " + line)
                self.assertEqual(console.wait(tag="t")["bytes"], len(sent))
                self.assertEqual(peer.recv(70000), sent)

    def test_an_unbound_endpoint_is_bound_by_its_first_send(self):
        for address, host in (("udp4:", "127.0.0.1"), ("udp6:", "::1")):
            console = self.udp(address)
            peer = self.socket(host)
            console.say("address\nttl 7\ninfo")
            self.assertEqual(console.wait(reply="address")["error"]["code"], "ENOTCONN")
            console.wait(reply="ttl")
            self.assertEqual(console.of("listening"), [])
            console.say(f"send {target(peer)} x\naddress")
            port = console.address()[1]
            self.assertEqual(console.wait(reply="address")["local"].rsplit(":", 1)[1], str(port))
            self.assertEqual(peer.recvfrom(10)[1][1], port)

    def test_an_option_given_before_the_bind_is_kept(self):
        peer = self.socket()
        peer.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        for options, line in ((["--ttl", "9"], ""), ([], "ttl 9\n")):
            console = self.udp("udp4:", *options)
            console.say(f"{line}send {target(peer)} x")
            _, ancillary, _, _ = peer.recvmsg(10, 100)
            self.assertEqual(int.from_bytes(ancillary[0][2][:4], sys.byteorder), 9)

    def test_what_the_kernel_refuses_is_the_answer(self):
        console = self.udp("udp4:")
        for line, code in (("send-bytes 127.0.0.1:9 65508", "EMSGSIZE"), ("send 127.255.255.255:9 x", "EACCES"),
                           ("send no.host.invalid:9 x", "ENOTFOUND"), ("send x", "ENOTCONN"), ("disconnect", "ENOTCONN"),
                           ("ttl 0", "EINVAL"), ("ttl 256", "EINVAL"), ("multicast-ttl 256", "EINVAL"),
                           ("join 10.1.1.1", "EINVAL"), ("join 239.1.1.1@nothere", "ENODEV"),
                           ("leave 239.1.1.1@lo", "EADDRNOTAVAIL")):
            with self.subTest(line=line):
                console.say("#t " + line)
                self.assertEqual(console.wait(tag="t")["error"]["code"], code)
        console.say("#t broadcast on\n#u send 127.255.255.255:9 x")
        console.wait(tag="t")
        self.assertEqual(console.wait(tag="u")["bytes"], 1)

    def test_a_broadcast_reaches_who_is_bound_to_all_addresses(self):
        receiver = self.udp("udp4://0.0.0.0:0")
        sender = self.udp("udp4:", "--broadcast")
        sender.say(f"send 127.255.255.255:{receiver.address()[1]} everybody")
        self.assertEqual(receiver.event("datagram")["text"], "everybody")

    def test_names_are_resolved(self):
        console = self.udp("udp4:")
        peer = self.socket()
        port = peer.getsockname()[1]
        console.say(f"send localhost:{port} one\nsend localhost:{port} two\nclose")
        self.assertEqual([peer.recv(10), peer.recv(10)], [b"one", b"two"])
        self.assert_ended(console)
        self.assertEqual([m["bytes"] for m in console.messages if m.get("reply") == "send"], [3, 3])

    def test_sends_before_the_end_of_input_and_quit_go_out(self):
        peer = self.socket()
        for address in ("udp4:", "udp4://127.0.0.1:0"):
            for end in ("close", "quit"):
                lines = "".join(f"send {target(peer)} {i}\n" for i in range(20)) + end + "\n"
                status, messages, errors = self.run_console("udp", address, text=lines.encode())
                self.assertEqual((status, errors), (0, ""))
                self.assertEqual([peer.recv(10) for _ in range(20)], [str(i).encode() for i in range(20)])
                if end == "close":
                    self.assertEqual(sum(m.get("reply") == "send" and m["bytes"] > 0 for m in messages), 20)
                self.assertEqual(messages[-1]["event"], "closed")


class Connecting(UdpTest):
    def test_a_connected_endpoint_hears_of_its_peer_only_and_sends_to_it(self):
        console = self.udp()
        address = console.address()
        peer, other = self.socket(), self.socket()
        console.say(f"#a connect {target(peer)}\n#b send hello there\n#c send {target(peer)} x\n#d connect {target(other)}")
        self.assertNotIn("error", console.wait(tag="a"))
        self.assertEqual(console.wait(tag="b")["bytes"], 11)
        self.assertEqual(console.wait(tag="c")["error"]["code"], "EISCONN")
        self.assertEqual(console.wait(tag="d")["error"]["code"], "EISCONN")
        self.assertEqual(peer.recv(100), b"hello there")
        other.sendto(b"not told", address)
        peer.sendto(b"told", address)
        self.assertEqual(console.event("datagram")["text"], "told")
        console.say("#e address\n#f disconnect\n#g address")
        self.assertEqual(console.wait(tag="e")["remote"], target(peer))
        self.assertNotIn("error", console.wait(tag="f"))
        self.assertNotIn("remote", console.wait(tag="g"))
        other.sendto(b"told now", address)
        self.assertEqual(console.event("datagram")["text"], "told now")

    def test_what_the_network_bounces_ends_nothing(self):
        gone = self.socket()
        to = target(gone)
        gone.close()
        console = self.udp("udp4://127.0.0.1:0", "--connect", to)
        address = console.address()
        for _ in range(2):
            console.say("send x")
            self.assertEqual(console.wait(reply="send")["bytes"], 1)
            failed = console.event("failed")
            self.assertEqual((failed["code"], failed["address"], failed["port"]),
                             ("ECONNREFUSED", "127.0.0.1", int(to.rsplit(":", 1)[1])))
        back = self.socket("127.0.0.1", int(to.rsplit(":", 1)[1]))
        back.sendto(b"here", address)
        self.assertEqual(console.event("datagram")["text"], "here")
        console.say("close")
        self.assert_ended(console)

    def test_a_dead_destination_does_not_disturb_an_endpoint_that_is_not_connected(self):
        gone = self.socket()
        to = target(gone)
        gone.close()
        console = self.udp()
        console.event("listening")
        peer = self.socket()
        for _ in range(5):
            console.say(f"send {to} x\nsend {target(peer)} y")
            self.assertEqual(peer.recv(10), b"y")
        console.say("close")
        self.assert_ended(console)
        self.assertEqual(console.of("failed"), [])

    def test_a_text_that_looks_like_a_target_is_quoted(self):
        peer = self.socket()
        console = self.udp("udp4:", "--connect", target(peer))
        console.say('send "127.0.0.1:80 x"\nsend hex:4142')
        self.assertEqual([peer.recv(100), peer.recv(100)], [b"127.0.0.1:80 x", b"AB"])


class Groups(UdpTest):
    def sender(self):
        made = self.socket("127.0.0.1")
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        return made

    def test_only_groups_that_were_joined_are_told(self):
        member = self.udp("udp4://0.0.0.0:0", "--join", "239.77.1.1@127.0.0.1", "--join", "239.77.1.2@lo")
        port = member.address()[1]
        stranger = self.udp(f"udp4://0.0.0.0:0")
        stranger.event("listening")
        sender = self.sender()
        for group in ("239.77.1.1", "239.77.1.2"):
            sender.sendto(group.encode(), (group, port))
            self.assertEqual(member.event("datagram")["text"], group)
        member.say("#t leave 239.77.1.1@127.0.0.1")
        self.assertNotIn("error", member.wait(tag="t"))
        sender.sendto(b"left", ("239.77.1.1", port))
        sender.sendto(b"still", ("239.77.1.2", port))
        self.assertEqual(member.event("datagram")["text"], "still")
        self.assertEqual(stranger.of("datagram"), [])

    def test_the_address_is_shared_and_a_group_of_another_member_is_not_told(self):
        first = self.udp("udp4://0.0.0.0:0", "--reuse-address", "--join", "239.77.2.1@lo")
        port = first.address()[1]
        second = self.udp(f"udp4://0.0.0.0:{port}", "--reuse-address", "--join", "239.77.2.1@lo", "--join", "239.77.2.2@lo")
        second.event("listening")
        sender = self.sender()
        sender.sendto(b"both", ("239.77.2.1", port))
        for each in (first, second):
            self.assertEqual(each.event("datagram")["text"], "both")
        sender.sendto(b"one", ("239.77.2.2", port))
        self.assertEqual(second.event("datagram")["text"], "one")
        sender.sendto(b"end", ("239.77.2.1", port))
        first.wait(event="datagram", text="end")
        self.assertEqual([m["text"] for m in first.of("datagram")], ["both", "end"])

    def test_a_source_is_told_and_no_other(self):
        member = self.udp("udp4://0.0.0.0:0", "--join", "232.77.1.1@lo,127.0.0.2")
        port = member.address()[1]
        for host in ("127.0.0.1", "127.0.0.2"):
            sender = self.socket(host)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            sender.sendto(host.encode(), ("232.77.1.1", port))
        self.assertEqual(member.event("datagram")["text"], "127.0.0.2")
        self.assertEqual(len(member.of("datagram")), 1)

    def test_join_binds_and_is_refused_when_it_makes_no_sense(self):
        console = self.udp("udp4:")
        console.say("#a join 239.77.3.1@lo\n#b join 239.77.3.1@lo\n#c leave 239.77.3.1@lo\n#d leave 239.77.3.1@lo")
        console.event("listening")
        self.assertNotIn("error", console.wait(tag="a"))
        self.assertEqual(console.wait(tag="b")["error"]["code"], "EADDRINUSE")
        self.assertNotIn("error", console.wait(tag="c"))
        self.assertEqual(console.wait(tag="d")["error"]["code"], "EADDRNOTAVAIL")


class Life(UdpTest):
    def test_what_fails_at_the_start_is_told_and_ends_with_status_1(self):
        taken = self.socket()
        for arguments, code in (([f"udp4://{target(taken)}"], "EADDRINUSE"), (["udp4://198.51.100.1:0"], "EADDRNOTAVAIL"),
                                (["udp4:", "--join", "10.0.0.1"], "EINVAL"), (["udp4:", "--join", "239.1.1.1@nothere"], "ENODEV"),
                                (["udp4:", "--connect", "no.host.invalid:1"], "ENOTFOUND"),
                                (["udp4:", "--multicast-interface", "nothere"], "ENODEV")):
            with self.subTest(arguments=arguments):
                status, messages, errors = self.run_console("udp", *arguments)
                failed = [m for m in messages if m.get("event") == "failed"]
                self.assertEqual((status, len(failed), failed[0]["code"]), (1, 1, code), messages)
                self.assertNotIn("id", failed[0])
                self.assertEqual(errors, failed[0]["message"] + "\n")

    def test_descriptors_are_adopted_if_they_are_udp_sockets(self):
        made = self.socket()
        console = self.console("udp", f"fd:{made.fileno()}", "--echo", pass_fds=[made.fileno()])
        self.assertEqual(console.address(), made.getsockname())
        peer = self.socket()
        peer.sendto(b"x", made.getsockname())
        self.assertEqual(peer.recv(10), b"x")
        with socket.socket() as stream, open(os.devnull) as file:
            for each, codes in ((stream, ("EINVAL",)), (file, ("ENOTSOCK",))):
                wrong = self.console("udp", f"fd:{each.fileno()}", pass_fds=[each.fileno()])
                self.assertIn(wrong.event("failed")["code"], codes)
                self.assert_ended(wrong, 1)

    def test_info_counts(self):
        console = self.udp()
        peer = self.socket()
        peer.sendto(b"abc", console.address())
        console.event("datagram")
        console.say(f"send {target(peer)} x")
        console.wait(reply="send")
        console.say("info")
        info = console.wait(reply="info")
        self.assertEqual((info["received"], info["sent"], info["buffered"], info["state"]), (1, 1, 0, "open"))

    def test_commands_behind_close_are_refused(self):
        console = self.udp("udp4://127.0.0.1:0")
        console.event("listening")
        console.say("close\n#t send 127.0.0.1:9 x")
        self.assertEqual(console.wait(tag="t")["error"]["code"], "ENOTCONN")

    def test_it_lives_without_input_until_a_signal_or_its_time_is_over(self):
        console = self.udp()
        console.end_input()
        peer = self.socket()
        peer.sendto(b"x", console.address())
        console.event("datagram")
        console.signal(signal.SIGTERM)
        self.assert_ended(console)
        self.assertEqual(console.messages[-1]["event"], "closed")
        timed = self.udp("udp4:", "--seconds", "0.2")
        self.assert_ended(timed)
        self.assertEqual([m["event"] for m in timed.messages], ["closed"])

    def test_unreferenced_it_holds_no_process(self):
        status, _, _ = self.run_console("udp", "udp4://127.0.0.1:0", "--unref")
        self.assertEqual(status, 0)

    def test_lines_that_make_no_sense_say_what_would(self):
        console = self.udp("udp4:")
        for line, hint in (("send", "send [HOST:PORT] TEXT"), ("send-bytes", "COUNT"), ("connect 127.0.0.1", "HOST:PORT"),
                           ("join", "GROUP"), ("broadcast yes", "on|off"), ("ttl -1", "HOPS"), ("write 1 x", "send"),
                           ("multicast-interface", "ADDRESS"), ("close now", "close"), ("send 127.0.0.1:9 hex:4", "TEXT")):
            console.say(line)
            self.assertIn(hint, console.wait(reply="error", line=line)["message"])
        console.say("help")
        self.assertIn("disconnect", console.wait(reply="help")["commands"])


if __name__ == "__main__":
    main()
