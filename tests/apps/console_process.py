# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of the console share: the console as a process that is waited for with deadlines, and plain sockets.

Started by CTest as `SOMETHING_test.py PATH_OF_THE_CONSOLE`.
"""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

DEADLINE = 30  # seconds; nothing takes as long, unless the machine does many other things

PROGRAM = None
BACKEND = os.environ.get("ACTORNET_BACKEND")  # of consoles that are not told another; none: they choose


def main():
    """Runs the tests of the calling module; the first argument is the console."""
    global PROGRAM
    # The module that calls has imported this one by its name.
    sys.modules["console_process"].PROGRAM = PROGRAM = sys.argv.pop(1)
    unittest.main(module="__main__", verbosity=1)


def is_part(fields, message):
    return all(name in message and message[name] == value for name, value in fields.items())


class Console:
    """A running console. Its lines are read as they come; `wait` finds one that was not yet found.

    Given `lines_read`, it reads so many, and then closes its end of the pipe. Given `program`, the words of a command, it
    is that in place of the console.
    """

    def __init__(self, *arguments, events="json", lines_read=None, program=None, **popen):
        if BACKEND and "--backend" not in arguments:
            arguments = (*arguments, "--backend", BACKEND)
        popen.setdefault("stdin", subprocess.PIPE)
        self.process = subprocess.Popen([*(program or [PROGRAM]), *arguments, "--events", events],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)
        self.messages = []  # all of them, in order
        self.text = []  # of a console that does not speak JSON
        self._unfound = []
        self._parse = json.loads if events == "json" else None
        self._changed = threading.Condition()
        self._lines_read = lines_read
        self._over = False
        self._tags = itertools.count(1)
        self._errors = []
        self._threads = [threading.Thread(target=self._read_output, daemon=True),
                         threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _read_output(self):
        for line in itertools.islice(self.process.stdout, self._lines_read):
            with self._changed:
                if self._parse:
                    message = self._parse(line)
                    self.messages.append(message)
                    self._unfound.append(message)
                else:
                    self.text.append(line.decode())
                self._changed.notify_all()
        self.process.stdout.close()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _read_errors(self):
        for line in self.process.stderr:
            self._errors.append(line.decode())

    # -- input ---------------------------------------------------------------------------------

    def say(self, line):
        self.say_bytes((line + "\n").encode())

    def say_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def ask(self, line):
        """Gives a command and waits for its answer."""
        return self.answer(self.begin(line))

    def begin(self, line):
        """Gives a command under a tag, by which `answer` finds the answer."""
        tag = f"tag{next(self._tags)}"
        self.say(f"#{tag} {line}")
        return tag

    def answer(self, tag):
        return self.wait(tag=tag)

    # -- output --------------------------------------------------------------------------------

    def wait(self, **fields):
        """The first message not yet found that has these fields."""
        return self.wait_for(lambda message: is_part(fields, message), fields)

    def wait_for(self, wanted, description="something"):
        end = time.monotonic() + DEADLINE
        with self._changed:
            while True:
                for place, message in enumerate(self._unfound):
                    if wanted(message):
                        return self._unfound.pop(place)
                left = end - time.monotonic()
                if left <= 0 or self._over:
                    raise AssertionError(f"waited in vain for {description}; came: {self.messages}; {self._errors}")
                self._changed.wait(left)

    def event(self, name, **fields):
        return self.wait(event=name, **fields)

    def data(self, number, size):
        """Waits until connection `number` has told of `size` bytes in all."""
        end = time.monotonic() + DEADLINE
        with self._changed:
            while sum(m["size"] for m in self.of("data", id=number)) < size:
                left = end - time.monotonic()
                if left <= 0 or self._over:
                    raise AssertionError(f"{size} bytes did not come: {self.messages}")
                self._changed.wait(left)

    def of(self, event, **fields):
        """All messages so far of one event."""
        return [m for m in list(self.messages) if m.get("event") == event and is_part(fields, m)]

    def names(self, number):
        """The events of one connection so far."""
        return [m["event"] for m in list(self.messages) if "event" in m and m.get("id") == number]

    # -- life ----------------------------------------------------------------------------------

    def address(self):
        """Where it listens, once it does: (host, port), or the name of a unix socket."""
        return parse_address(self.event("listening")["local"])

    def signal(self, number):
        self.process.send_signal(number)

    def status(self):
        """Waits for its end. All output has been read then."""
        result = self.process.wait(DEADLINE)
        for thread in self._threads:
            thread.join(DEADLINE)
        return result

    def end_of_reading(self):
        """Waits until nobody reads its output."""
        self._threads[0].join(DEADLINE)

    def errors(self):
        return "".join(self._errors)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(DEADLINE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                if pipe:
                    pipe.close()
            except BrokenPipeError:
                pass


def parse_address(text):
    if text.startswith("unix:@"):
        return "\0" + text[len("unix:@"):]
    if text.startswith("unix:"):
        return text[len("unix:"):]
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


class ConsoleTest(unittest.TestCase):
    """Consoles and sockets that are gone after the test."""

    maxDiff = None

    def console(self, *arguments, **options):
        made = Console(*arguments, **options)
        self.addCleanup(made.close)
        return made

    def listener(self, *options, address="tcp://127.0.0.1:0"):
        return self.console("listen", address, *options)

    def run_console(self, *arguments, text=b""):
        """A console that ends by itself: status, messages, standard error."""
        made = self.console(*arguments)
        made.say_bytes(text)
        made.end_input()
        return made.status(), made.messages, made.errors()

    # -- the other side ------------------------------------------------------------------------

    def start(self, command):
        """Another program, as a peer."""
        made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

        def end():
            made.kill()
            made.wait()
            made.stdin.close()
            made.stdout.close()

        self.addCleanup(end)
        return made

    def client(self, address, **options):
        if isinstance(address, str):
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(DEADLINE)
            made.connect(address)
        else:
            made = socket.create_connection(address, timeout=DEADLINE, **options)
        self.addCleanup(made.close)
        return made

    def server(self):
        made = socket.create_server(("127.0.0.1", 0))
        made.settimeout(DEADLINE)
        self.addCleanup(made.close)
        return made

    def unix_server(self, name):
        """A path, or a name that begins with a zero."""
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(DEADLINE)
        self.addCleanup(made.close)
        made.bind(name)
        made.listen()
        return made

    def silent_url(self):
        """Of a listener that accepts nobody: with its backlog full, handshakes are not answered."""
        server = socket.socket()
        self.addCleanup(server.close)
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = socket.socket()
            self.addCleanup(waiting.close)
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        return url_of(server)

    def connected(self, *options):
        """A console that is connected to us: (console, our socket)."""
        server = self.server()
        console = self.console("connect", url_of(server), *options)
        peer = self.accept(server)
        console.event("connected", id=1)
        return console, peer

    def served(self, *options):
        """A console to which we are connected: (console, our socket)."""
        console = self.listener(*options)
        client = self.client(console.address())
        console.event("connected", id=1)
        return console, client

    def accept(self, server):
        peer, _ = server.accept()
        peer.settimeout(DEADLINE)
        self.addCleanup(peer.close)
        return peer

    def receive(self, peer, size):
        """Exactly so many bytes."""
        parts = bytearray()
        while len(parts) < size:
            part = peer.recv(min(1 << 20, size - len(parts)))
            self.assertTrue(part, f"the end came after {len(parts)} of {size} bytes")
            parts += part
        return bytes(parts)

    def receive_all(self, peer):
        """Everything until the end."""
        parts = bytearray()
        while part := peer.recv(1 << 20):
            parts += part
        return bytes(parts)

    def assert_ended(self, console, status=0):
        self.assertEqual(console.status(), status, (console.messages, console.errors()))


def url_of(server):
    host, port = server.getsockname()[:2]
    return f"tcp://{host}:{port}"


def pattern(size):
    """What `write-bytes` sends."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def reset(peer):
    """Closes with RST."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()


__all__ = ["Console", "ConsoleTest", "DEADLINE", "main", "os", "parse_address", "pattern", "reset", "signal",
           "socket", "time", "unittest", "url_of"]
