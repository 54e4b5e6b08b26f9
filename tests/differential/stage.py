# SPDX-License-Identifier: BSD-3-Clause
"""Where a scenario happens: one subject, its peers, and the trace that they leave."""

import contextlib
import os
import re
import shutil
import signal
import socket
import tempfile

from console_process import parse_address
from peer import Peer, SilentServer, any_client, any_server, family_of, unix_client, unix_server
from traces import Trace, rendered_answer

LOOPBACK = "tcp://127.0.0.1:0"
ABSTRACT_NAME_SIZE = 107
SETTLING_MS = 20  # in which whatever must not come would come


def since_node(version):
    """Marks a scenario that older ones cannot perform."""
    def mark(scenario):
        scenario.since_node = version
        return scenario
    return mark


class Stage:
    def __init__(self, subject):
        self._kind = subject
        self._cleanup = contextlib.ExitStack()
        self._names = []  # (pattern, name): what is another text at each run
        self._asked = []
        self._peers = []
        self.folder = tempfile.mkdtemp()
        self._cleanup.callback(shutil.rmtree, self.folder)
        self._names.append((re.compile(re.escape(self.folder)), "FOLDER"))
        self.subject = None

    def close(self):
        self._cleanup.close()

    # -- how it begins -------------------------------------------------------------------------

    def starts(self, *arguments):
        self.subject = self._kind.start(*arguments)
        self._cleanup.callback(self.subject.close)

    def listens(self, *options, address=LOOPBACK):
        """Its address is `where` then."""
        self.starts("listen", address, *options)
        self.where = parse_address(self.event("listening")["local"])
        if isinstance(self.where, tuple):
            self.name_port(self.where[1], "LISTENER")

    def serves(self, *options, address=LOOPBACK):
        """It listens, and a peer is connected to it."""
        self.listens(*options, address=address)
        return self.peer_connects()

    def peer_connects(self, where=None, is_told=True):
        """One more peer; `where`, if not where the subject listens. Told: the subject says `connected`."""
        where = where or self.where
        if isinstance(where, str):
            peer = self._keep(unix_client(where))
        else:
            peer = self._keep(any_client(where))
            self.name_port(peer.socket.getsockname()[1], f"PEER{len(self._peers)}")
        if is_told:
            self.event("connected")
        return peer

    def server(self, host="127.0.0.1"):
        """Of the peer's; `url` tells where."""
        server = self._cleanup.enter_context(any_server(host))
        self.name_port(server.getsockname()[1], "SERVER")
        return server

    def unix_server(self, name):
        return self._cleanup.enter_context(unix_server(name))

    def connects(self, server, *options):
        """It is connected to the server; the server's side of that."""
        self.starts("connect", url(server), *options)
        return self.accepts(server)

    def accepts(self, server):
        accepted, _ = server.accept()
        return self.has_accepted(accepted)

    def has_accepted(self, accepted):
        peer = self._keep(accepted)
        if accepted.family != socket.AF_UNIX:
            self.name_port(accepted.getpeername()[1], "CLIENT")
        self.event("connected", id=1)
        return peer

    def is_connecting(self, *options):
        """It connects to a server that does not answer."""
        server = SilentServer()
        self._cleanup.callback(server.close)
        self.name_port(server.socket.getsockname()[1], "SERVER")
        self.starts("connect", url(server.socket), *options)
        self.does("timeout 1 0")  # whoever answers this has begun
        return server

    def refused_url(self, host="127.0.0.1"):
        """Of a port on which nobody listens."""
        reserved = self._cleanup.enter_context(socket.socket(family_of(host)))
        reserved.bind((host, 0))
        self.name_port(reserved.getsockname()[1], "NOBODY")
        return url(reserved)

    def abstract_name(self):
        """It fills all the room for a name: behind shorter ones Node puts zeroes, which makes them others."""
        name = os.path.basename(self.folder).ljust(ABSTRACT_NAME_SIZE, "_")
        self._names.append((re.compile(name), "NAME"))
        return "\0" + name

    def path(self, name):
        return os.path.join(self.folder, name)

    def _keep(self, connected):
        peer = Peer(self._cleanup.enter_context(connected))
        self._peers.append(peer)
        return peer

    # -- what the subject does -----------------------------------------------------------------

    def says(self, *lines):
        """Lines that are not waited for."""
        self.subject.say("\n".join(lines))

    def does(self, *lines):
        """One by one, each when the one before is answered."""
        for line in lines:
            self.subject.ask(line)

    def asks(self, line):
        """What the answer says is part of the trace."""
        answer = self.subject.ask(line)
        self._asked.append(rendered_answer(answer))
        return answer

    def begins_to_write(self, size, number=1):
        """So many bytes, more than the kernel takes while nobody reads: the rest is queued then.

        Whoever answers a second question has made the first attempt to write."""
        self.says(f"write-bytes {number} {size}")
        self.does(f"info {number}", f"info {number}")

    def waits(self, ms=50):
        """In which the subject hears of what has already happened, or keeps silent as it must."""
        self.does(f"sleep {ms}")

    def event(self, name, **fields):
        """Waits for it."""
        return self.subject.event(name, **fields)

    def closed(self, number=1):
        return self.event("closed", id=number)

    def answers(self, *names):
        """Waits for answers to lines that were not waited for."""
        for name in names:
            self.subject.wait(reply=name)

    def data(self, size, number=1):
        self.subject.data(number, size)

    @contextlib.contextmanager
    def stopped(self):
        """Meanwhile the subject sees nothing: all that happens is there at once when it goes on."""
        self.subject.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.subject.process.pid, os.WSTOPPED | os.WNOWAIT)
        yield
        self.subject.signal(signal.SIGCONT)

    def ends(self):
        """It ends by itself."""
        self.note(f"status {self.subject.status()}")

    # -- the trace -----------------------------------------------------------------------------

    def note(self, sentence):
        """What the scenario itself has seen."""
        self._asked.append(sentence)

    def name_port(self, port, name):
        self._names.append((re.compile(rf"(?<=[: ]){port}\b(?!=)"), name))

    def name_count(self, count, name):
        """Of bytes, where it is for the kernel to decide."""
        self._names.append((re.compile(rf"(?<=[= ]){count}\b"), name))

    def either_may_notice(self):
        """Whether reading or writing hears of a broken connection first is chance."""
        self._names.append((re.compile(r"^(failed \w+) (read|write)$"), r"\1 read or write"))

    def settle(self):
        if self.subject.process.poll() is None:
            with contextlib.suppress(AssertionError, OSError):  # it may end in that moment
                self.waits(SETTLING_MS)

    def trace(self):
        messages = list(self.subject.messages) if self.subject else []
        made = Trace(messages)
        for number, peer in enumerate(self._peers, 1):
            for sentence in peer.strand():
                made.add(f"peer {number}", sentence)
        for sentence in self._asked:
            made.add("asked", sentence)
        made.rename(self._names)
        return made.strands


def url(server):
    name = server.getsockname()
    return f"tcp://[{name[0]}]:{name[1]}" if ":" in name[0] else f"tcp://{name[0]}:{name[1]}"
