# SPDX-License-Identifier: BSD-3-Clause
"""The other side of a subject: a plain socket that writes down what it saw, and the listeners where it comes from."""

import math
import re
import socket
import subprocess

from console_process import DEADLINE, pattern
from traces import rendered_bytes

RESET_ON_CLOSE = b"\1\0\0\0\0\0\0\0"  # SO_LINGER for no time
RECEIVE_BUFFER = 200_000  # left alone, it grows while a peer reads, as far as tcp_rmem lets it


class Peer:
    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(DEADLINE)
        self.received = bytearray()
        self.how_it_ended = None

    def sends(self, data):
        self.socket.sendall(data)

    def finishes(self):
        self.socket.shutdown(socket.SHUT_WR)

    def resets(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.socket.close()

    def closes(self):
        self.socket.close()

    def reads(self, size):
        """So many bytes in all, or to an early end."""
        while len(self.received) < size and self._reads_some(size - len(self.received)):
            pass

    def reads_to_end(self):
        """To the end, or to a reset."""
        while self._reads_some(1 << 20):
            pass

    def _reads_some(self, most):
        try:
            part = self.socket.recv(min(most, 1 << 20))
        except ConnectionResetError:
            self.how_it_ended = "reset"
            return False
        if not part:
            self.how_it_ended = "end"
        self.received += part
        return bool(part)

    def received_a_part_of(self, size):
        """Whether it is a true part of the bytes that were generated."""
        return len(self.received) < size and self.received == pattern(len(self.received))

    def keep_alive_seen(self):
        """What ss(8) tells of the other end of the connection, which is the subject's."""
        ours, theirs = self.socket.getsockname()[1], self.socket.getpeername()[1]
        done = subprocess.run(["ss", "-H", "-tno", f"sport = :{theirs} and dport = :{ours}"],
                              capture_output=True, text=True, check=True)
        found = re.search(r"timer:\(keepalive,([\d.]+)(ms|sec|min)", done.stdout)
        if not found:
            return "no keep-alive"
        silence_s = float(found[1]) * {"ms": 0.001, "sec": 1, "min": 60}[found[2]]
        return f"keep-alive within {math.ceil(silence_s)} s" if silence_s > 7 else "keep-alive within 7 s"

    def strand(self):
        saw = [rendered_bytes(self.received)] if self.received else []
        return saw + [self.how_it_ended] * (self.how_it_ended is not None)


def any_client(where):
    """Of a TCP server."""
    made = socket.socket(family_of(where[0]))
    made.settimeout(DEADLINE)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    made.connect(where)
    return made


def any_server(host="127.0.0.1"):
    """What it accepts inherits its buffer."""
    made = socket.create_server((host, 0), family=family_of(host))
    made.settimeout(DEADLINE)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return made


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def unix_client(name):
    """A path, or a name that begins with a zero."""
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(DEADLINE)
    made.connect(name)
    return made


def unix_server(name):
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(DEADLINE)
    made.bind(name)
    made.listen()
    return made


class SilentServer:
    """Its backlog is full, so that the kernel answers no handshake, until `makes_room` or `refuses`: a second after a
    client's first attempt, the kernel makes another."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.settimeout(DEADLINE)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(0)
        self._crowd = []
        while self._enters():
            pass

    def _enters(self):
        """Whether one more got in at once."""
        one = socket.socket()
        self._crowd.append(one)
        one.settimeout(0.05)
        try:
            one.connect(self.socket.getsockname())
        except TimeoutError:
            one.close()
            return False
        return True

    def makes_room(self):
        for one in self._crowd:
            if one.fileno() >= 0:
                self.socket.accept()[0].close()

    def listens_again(self):
        """Makes room for one, which is then accepted."""
        self.makes_room()
        return self.socket.accept()[0]

    def refuses(self):
        self.socket.close()

    def close(self):
        for each in (self.socket, *self._crowd):
            each.close()
