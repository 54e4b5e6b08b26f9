#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Datagrams between the console and programs that nobody here wrote: Node's dgram and socat, as clients and as servers.

    udp_interop_test.py PATH_OF_THE_CONSOLE
"""

import json
import shutil
import subprocess

from udp_process import *

SIZES = (0, 1, 1472, 65507)

# Prints its address, then for each datagram its size and sender; sends it back.
NODE_ECHO = """
const s = require('dgram').createSocket({type: process.argv[1], reuseAddr: false});
s.on('message', (m, from) => { console.log(JSON.stringify({...from, size: m.length})); s.send(m, from.port, from.address); });
s.bind(0, process.argv[2], () => console.log(JSON.stringify(s.address())));
"""
# Sends as many bytes as it is told to a port, and prints what comes back, until it has come.
NODE_CLIENT = """
const [type, host, port, size] = process.argv.slice(1);
const s = require('dgram').createSocket(type);
const bytes = Buffer.from(Array.from({length: +size}, (_, i) => i % 251));
s.on('message', (m, from) => {
  console.log(JSON.stringify({from, same: m.equals(bytes), local: s.address().port}));
  s.close();
});
s.send(bytes, +port, host);
"""


class Interoperability(UdpTest):
    def setUp(self):
        for program in ("node", "socat"):
            self.assertTrue(shutil.which(program), f"{program} is needed for this test")

    def node_says(self, node):
        return json.loads(node.stdout.readline())

    def test_node_gets_back_what_it_sends(self):
        for address, kind, host in (("udp4://127.0.0.1:0", "udp4", "127.0.0.1"), ("udp6://[::1]:0", "udp6", "::1"),
                                    ("udp6://[::]:0", "udp4", "127.0.0.1")):
            console = self.udp(address, "--echo")
            port = console.address()[1]
            for size in SIZES:
                with self.subTest(address=address, size=size):
                    done = subprocess.run(["node", "-e", NODE_CLIENT, kind, host, str(port), str(size)],
                                          capture_output=True, text=True, timeout=DEADLINE)
                    got = json.loads(done.stdout)
                    self.assertTrue(got["same"])
                    self.assertEqual((got["from"]["address"], got["from"]["port"], got["from"]["size"]), (host, port, size))
                    mapped = "::ffff:" if address == "udp6://[::]:0" else ""
                    self.assertEqual(console.event("datagram")["from"],
                                     {"address": mapped + host, "family": "IPv4" if address.startswith("udp4") else "IPv6",
                                      "port": got["local"]})

    def test_node_sends_back_what_it_gets(self):
        for kind, bound, host, seen in (("udp4", "127.0.0.1", "127.0.0.1", "127.0.0.1"), ("udp6", "::1", "[::1]", "::1"),
                                        ("udp6", "::", "127.0.0.1", "::ffff:127.0.0.1")):
            node = self.start(["node", "-e", NODE_ECHO, kind, bound])
            to = f"{host}:{self.node_says(node)['port']}"
            console = self.udp("udp6:" if host == "[::1]" else "udp4:")
            for size in SIZES:
                with self.subTest(kind=kind, host=host, size=size):
                    console.say(f"send-bytes {to} {size}")
                    self.assertEqual(console.wait(reply="send-bytes")["bytes"], size)
                    got = self.node_says(node)
                    self.assertEqual((got["address"], got["size"]), (seen, size))
                    event = console.event("datagram")
                    self.assertEqual((event["size"], event["from"]["address"]), (size, host.strip("[]")))
            local = console.address()[1]
            self.assertEqual(got["port"], local)

    def test_an_ipv4_address_may_be_written_mapped_as_in_node(self):
        peer = self.socket()
        console = self.udp("udp6:")
        console.say(f"send [::ffff:127.0.0.1]:{peer.getsockname()[1]} x")
        self.assertEqual(peer.recv(10), b"x")

    def test_connected_ends_understand_each_other(self):
        node = self.start(["node", "-e", NODE_ECHO, "udp4", "127.0.0.1"])
        console = self.udp("udp4:", "--connect", f"127.0.0.1:{self.node_says(node)['port']}")
        for size in SIZES:
            console.say(f"send-bytes {size}")
            self.assertEqual(console.event("datagram")["size"], size)

    def test_socat_gets_back_what_it_sends(self):
        console = self.udp("udp4://127.0.0.1:0", "--echo")
        port = console.address()[1]
        for size in SIZES[1:]:  # it takes nothing for its own end
            with self.subTest(size=size):
                socat = self.start(["socat", "-b", "65536", "-T", str(DEADLINE), "STDIO", f"UDP4:127.0.0.1:{port}"])
                socat.stdin.write(pattern(size))
                socat.stdin.flush()
                got = b""
                while len(got) < size:
                    got += socat.stdout.read1(size)
                self.assertEqual(got, pattern(size))
        shown = 0
        while shown < sum(SIZES):
            shown += console.event("datagram")["size"]
        self.assertEqual(shown, sum(SIZES))

    def test_socat_sends_nothing_as_a_datagram(self):
        console = self.udp("udp4://127.0.0.1:0", "--echo")
        to = f"UDP4-SENDTO:127.0.0.1:{console.address()[1]},shut-null"
        subprocess.run(["socat", "-u", "STDIN", to], input=b"", timeout=DEADLINE, check=True)
        self.assertEqual(console.event("datagram")["size"], 0)

    def test_socat_sends_back_what_it_gets(self):
        port = self.free_port()
        self.start(["socat", "-b", "65536", f"UDP4-RECVFROM:{port},bind=127.0.0.1,fork", "EXEC:cat"])
        console = self.udp("udp4:")
        self.wait_until_bound(port)
        for size in SIZES[1:]:
            with self.subTest(size=size):
                console.say(f"send-bytes 127.0.0.1:{port} {size}")
                got = 0
                while got < size:
                    event = console.event("datagram")
                    self.assertEqual(event["from"], {"address": "127.0.0.1", "family": "IPv4", "port": port})
                    got += event["size"]

    def free_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
            made.bind(("127.0.0.1", 0))
            return made.getsockname()[1]

    def wait_until_bound(self, port):
        """Until somebody hears what is sent there: a connected socket is told when nobody does."""
        wanted = f"{0x0100007f:08X}:{port:04X}"
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            with open("/proc/net/udp") as sockets:
                if wanted in sockets.read():
                    return
        self.fail(f"nobody is bound to {port}")


if __name__ == "__main__":
    main()
