#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Datagrams between hosts: network namespaces with a router between them, made by this test and gone with it.

    udp_namespaces_test.py PATH_OF_THE_CONSOLE

       here (10.1.0.2, 10.1.0.3, fd01::2) ── near ── (10.1.0.1, fd01::1) router (10.2.0.1) ── far ── (10.2.0.2) there

Ends with 77 where namespaces are forbidden, which ctest reports as skipped.
"""

import os
import pathlib
import subprocess
import sys

from udp_process import *

import console_process

INSIDE = "ACTORNET_INSIDE_NAMESPACES"

# What the network takes of the system. Where that is granted, whatever else fails is a failure of this test.
PERMISSIONS = """
mount -t tmpfs tmpfs /run
[ -w /proc/sys/net/ipv4/ip_forward ] || { echo /proc/sys is read-only >&2; exit 1; }
"""

NETWORK = """
setting() { nsenter --net=/run/netns/$1 sh -c "echo $3 > /proc/sys/net/$2"; }
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
for host in here router there; do ip netns add $host; done
ip link add near netns here type veth peer name near netns router
ip link add far netns router type veth peer name far netns there
for host in here router there; do
  setting $host ipv6/conf/all/accept_dad 0
  setting $host ipv6/conf/default/accept_dad 0
  ip -n $host link set lo up
done
ip -n here address add 10.1.0.2/24 brd 10.1.0.255 dev near
ip -n here address add 10.1.0.3/24 brd 10.1.0.255 dev near
ip -n here -6 address add fd01::2/64 dev near nodad
ip -n router address add 10.1.0.1/24 brd 10.1.0.255 dev near
ip -n router -6 address add fd01::1/64 dev near nodad
ip -n router address add 10.2.0.1/24 brd 10.2.0.255 dev far
ip -n there address add 10.2.0.2/24 brd 10.2.0.255 dev far
for end in "here near" "router near" "router far" "there far"; do
  host=${end% *} link=${end#* }
  setting $host ipv6/conf/$link/accept_dad 0
  ip -n $host link set $link up
done
# Until both ends of each link are up and IPv6 has its addresses: what is sent before is lost.
tries=0
for end in "here near" "router near" "router far" "there far"; do
  host=${end% *} link=${end#* }
  until ip -n $host -o link show $link | grep -q "state UP" &&
        ip -n $host -6 -o address show dev $link scope link -tentative | grep -q fe80; do
    tries=$((tries + 1))
    [ $tries -lt 5000 ]
  done
done
ip -n here route add default via 10.1.0.1
ip -n there route add default via 10.2.0.1
setting router ipv4/ip_forward 1
"""


def on(host, *command):
    return ["nsenter", f"--net=/run/netns/{host}", *command]


def enter():
    """Starts this test again in namespaces of its own."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    unshare = ["unshare", *user, "--net", "--mount"]
    tried = subprocess.run([*unshare, "sh", "-ec", PERMISSIONS], capture_output=True, text=True)
    if tried.returncode != 0:
        print("skipped: network namespaces are forbidden here:", tried.stderr.strip())
        sys.exit(77)
    os.environ[INSIDE] = "1"
    os.execvp("unshare", [*unshare, "sh", "-ec", NETWORK + 'exec "$@"', "sh", sys.executable, "-B", *sys.argv])


class Hosts(UdpTest):
    def host(self, name, address, *options):
        return self.udp(address, *options, program=on(name, console_process.PROGRAM))

    def members(self, group, count, *options):
        """Consoles on the router, which share a port: so many members of a group, and one that is none."""
        first = self.host("router", "udp4://0.0.0.0:0", "--reuse-address", "--join", group, *options)
        port = first.address()[1]
        others = [self.host("router", f"udp4://0.0.0.0:{port}", "--reuse-address", "--join", group) for _ in range(count - 1)]
        stranger = self.host("router", f"udp4://0.0.0.0:{port}", "--reuse-address")
        for each in (*others, stranger):
            each.event("listening")
        return port, [first, *others], stranger

    def test_senders_between_hosts_are_told_as_they_are(self):
        receiver = self.host("there", "udp4://0.0.0.0:0", "--echo")
        to = receiver.address()[1]
        sender = self.host("here", "udp4://10.1.0.3:0")
        port = sender.address()[1]
        for size in (0, 1, 1472, 65507):
            sender.say(f"send-bytes 10.2.0.2:{to} {size}")
            event = receiver.event("datagram")
            self.assertEqual((event["size"], event["from"]), (size, {"address": "10.1.0.3", "family": "IPv4", "port": port}))
            self.assertEqual(sender.event("datagram")["size"], size)

    def test_a_broadcast_reaches_the_hosts_of_its_network(self):
        receivers = [self.host("router", "udp4://0.0.0.0:0", "--reuse-address")]
        port = receivers[0].address()[1]
        receivers.append(self.host("router", f"udp4://0.0.0.0:{port}", "--reuse-address"))
        receivers[1].event("listening")
        sender = self.host("here", "udp4:")
        for target in ("10.1.0.255", "255.255.255.255"):
            sender.say(f"#t broadcast off\n#u send {target}:{port} x\n#v broadcast on\n#w send {target}:{port} {target}")
            self.assertEqual(sender.wait(tag="u")["error"]["code"], "EACCES")
            self.assertEqual(sender.wait(tag="w")["bytes"], len(target))
            for each in receivers:
                event = each.event("datagram")
                self.assertEqual((event["text"], event["from"]["address"]), (target, "10.1.0.2"))

    def test_two_members_hear_of_their_group_and_who_is_none_does_not(self):
        port, members, stranger = self.members("239.5.5.5@near", 2)
        sender = self.host("here", "udp4:", "--multicast-interface", "near", "--broadcast")
        sender.say(f"send 239.5.5.5:{port} group\nsend 10.1.0.255:{port} everybody")
        for each in members:
            self.assertEqual([each.event("datagram")["text"], each.event("datagram")["text"]], ["group", "everybody"])
        self.assertEqual(stranger.event("datagram")["text"], "everybody")

    def test_a_filter_of_sources_lets_one_through(self):
        port, members, _ = self.members("232.5.5.5@10.1.0.1,10.1.0.2", 2)
        for host in ("10.1.0.3", "10.1.0.2"):
            sender = self.host("here", f"udp4://{host}:0", "--multicast-interface", "10.1.0.2")
            sender.say(f"send 232.5.5.5:{port} {host}")
            sender.wait(reply="send")
        for each in members:
            self.assertEqual(each.event("datagram")["text"], "10.1.0.2")

    def test_a_router_stops_what_lives_for_one_hop(self):
        router = self.start(on("router", sys.executable, "-B", str(pathlib.Path(__file__).parent / "multicast_router.py"),
                               "239.5.5.6", "10.1.0.2", "near", "far"))
        self.assertEqual(router.stdout.readline(), b"ready\n")
        there = self.host("there", "udp4://0.0.0.0:0", "--join", "239.5.5.6@far")
        port = there.address()[1]
        near = self.host("router", f"udp4://0.0.0.0:{port}", "--join", "239.5.5.6@near")
        near.event("listening")
        sender = self.host("here", "udp4://10.1.0.2:0", "--multicast-interface", "near")
        sender.say(f"send 239.5.5.6:{port} one hop\nmulticast-ttl 2\nsend 239.5.5.6:{port} two hops")
        self.assertEqual([near.event("datagram")["text"], near.event("datagram")["text"]], ["one hop", "two hops"])
        self.assertEqual(there.event("datagram")["text"], "two hops")

    def test_groups_of_ipv6_by_the_name_of_the_interface(self):
        member = self.host("router", "udp6://[::]:0", "--join", "ff05::4d4d@near")
        port = member.address()[1]
        sender = self.host("here", "udp6://[fd01::2]:0", "--multicast-interface", "near")
        sender.say(f"send [ff05::4d4d]:{port} six")
        event = member.event("datagram")
        self.assertEqual((event["text"], event["from"]["address"]), ("six", "fd01::2"))

    def test_loopback_of_what_is_sent_to_a_group_can_be_switched_off(self):
        member = self.host("here", "udp4://0.0.0.0:0", "--join", "239.5.5.7@near")
        port = member.address()[1]
        sender = self.host("here", "udp4:", "--multicast-interface", "near", "--multicast-loopback", "off")
        sender.say(f"send 239.5.5.7:{port} off\nmulticast-loopback on\nsend 239.5.5.7:{port} on")
        self.assertEqual(member.event("datagram")["text"], "on")

    def test_a_host_that_cannot_be_reached_is_the_answer(self):
        sender = self.host("router", "udp4:")
        sender.say("send 192.0.2.1:9 x")
        self.assertEqual(sender.wait(reply="send")["error"]["code"], "ENETUNREACH")


if __name__ == "__main__":
    if os.environ.get(INSIDE) != "1":
        enter()
    main()
