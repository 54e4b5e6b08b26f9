#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The console and programs that nobody here wrote: Node, socat and nc, each as a client and as a server."""

import shutil
import subprocess
import threading

from console_process import *

SIZES = (0, 1, 1000, 65536, 1 << 20)

# Sends what comes on standard input, ends its side, prints all that comes back.
NODE_CLIENT = """
const s = require('net').connect({port: +process.argv[1], host: '127.0.0.1', allowHalfOpen: true});
process.stdin.pipe(s);
s.pipe(process.stdout);
"""
NODE_ECHO_SERVER = """
const s = require('net').createServer({allowHalfOpen: true}, c => c.pipe(c));
s.listen(0, '127.0.0.1', () => console.log(s.address().port));
"""


def client_command(peer, port):
    return {
        "node": ["node", "-e", NODE_CLIENT, str(port)],
        "socat": ["socat", "-t", str(DEADLINE), "STDIO", f"TCP:127.0.0.1:{port}"],
        "nc": ["nc", "-N", "127.0.0.1", str(port)],
    }[peer]


class Interoperability(ConsoleTest):
    def setUp(self):
        for program in ("node", "socat", "nc"):
            self.assertTrue(shutil.which(program), f"{program} is needed for this test")

    def run_client(self, peer, port, sent):
        done = subprocess.run(client_command(peer, port), input=sent, capture_output=True, timeout=DEADLINE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def free_port(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            return server.getsockname()[1]

    def connect(self, url, *options):
        """A console connected to a server that may still be starting."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            console = self.console("connect", url, "--half-open", *options)
            event = console.wait_for(lambda m: m.get("event") in ("connected", "failed"))
            if event["event"] == "connected":
                return console
            console.status()
        self.fail(f"nobody listens on {url}")

    def assert_echoes(self, console, size):
        """The console sends, ends, and is sent all of it back."""
        console.say(f"write-bytes 1 {size}\nfinish 1")
        self.assert_ended(console)
        closed = console.event("closed", id=1)
        self.assertEqual((closed["bytes_written"], closed["bytes_read"], closed["had_error"]), (size, size, False))
        shown = sum(m["size"] for m in console.of("data"))
        self.assertEqual(shown, size)

    # -- as clients of the console -------------------------------------------------------------

    def test_clients_get_back_what_they_send(self):
        for options in ([], ["--half-open"]):
            console = self.console("listen", "tcp://127.0.0.1:0", "--handler", "echo", *options)
            port = console.address()[1]
            for peer in ("node", "socat", "nc"):
                for size in SIZES:
                    with self.subTest(peer=peer, size=size, options=options):
                        self.assertEqual(self.run_client(peer, port, pattern(size)), pattern(size))
            for number in range(1, 3 * len(SIZES) + 1):
                console.event("closed", id=number, had_error=False)

    def test_clients_hear_our_end_before_they_end(self):
        for peer in ("node", "socat"):
            with self.subTest(peer=peer):
                console = self.listener()
                client = self.start(client_command(peer, console.address()[1]))
                console.event("connected", id=1)
                console.ask("finish 1 first we end")
                self.assertEqual(client.stdout.read(12), b"first we end")
                client.stdin.write(b"then they")
                client.stdin.close()
                console.event("closed", id=1, bytes_read=9)
                self.assertEqual(console.names(1)[-2:], ["end", "closed"])
                client.stdin = open(os.devnull, "wb")

    def test_a_unix_socket_serves_socat(self):
        name = f"actornet-interop-{os.getpid()}"
        self.listener("--handler", "echo", address=f"unix:@{name}").event("listening")
        done = subprocess.run(["socat", "-t", str(DEADLINE), "STDIO", f"ABSTRACT-CONNECT:{name}"], input=pattern(100_000),
                              capture_output=True, timeout=DEADLINE)
        self.assertEqual(done.stdout, pattern(100_000), done.stderr)

    # -- as servers ----------------------------------------------------------------------------

    def test_node_echoes_what_the_console_sends(self):
        server = self.start(["node", "-e", NODE_ECHO_SERVER])
        port = int(server.stdout.readline())
        for size in SIZES:
            with self.subTest(size=size):
                self.assert_echoes(self.connect(f"tcp://127.0.0.1:{port}"), size)

    def test_socat_echoes_what_the_console_sends(self):
        port = self.free_port()
        self.start(["socat", "-t", str(DEADLINE), f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", "EXEC:cat"])
        for size in SIZES:
            with self.subTest(size=size):
                self.assert_echoes(self.connect(f"tcp://127.0.0.1:{port}"), size)

    def test_nc_gets_what_the_console_sends_and_is_heard(self):
        for size in SIZES:
            with self.subTest(size=size):
                port = self.free_port()
                server = self.start(["nc", "-N", "-l", "127.0.0.1", str(port)])
                console = self.connect(f"tcp://127.0.0.1:{port}")
                received = []
                reader = threading.Thread(target=lambda: received.append(server.stdout.read()))
                reader.start()
                server.stdin.write(b"from nc")
                server.stdin.close()
                console.data(1, 7)
                console.say(f"write-bytes 1 {size}\nfinish 1")
                reader.join(DEADLINE)
                self.assertEqual(received, [pattern(size)])
                self.assert_ended(console)
                server.stdin = open(os.devnull, "wb")


if __name__ == "__main__":
    main()
