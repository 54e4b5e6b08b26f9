# SPDX-License-Identifier: BSD-3-Clause
"""The servers that are compared, and which of them this machine can run."""

import dataclasses
import pathlib
import shutil

from server_process import Trouble, running_server

SOURCES = pathlib.Path(__file__).resolve().parent
YARDSTICK = "epoll"
BACKENDS = ("auto", "epoll", "uring")


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    command: tuple
    needs: str  # for the case that the command is not there

    def command_line(self, mode, port, size):
        program, *options = self.command
        script = [options.pop(0)] if options and options[0].endswith(".js") else []
        return [program, *script, mode, str(port), str(size), *options]

    def is_there(self):
        return shutil.which(self.command[0]) is not None


def actornet_name(backend):
    return "actornet" if backend == "auto" else f"actornet-{backend}"


def known_peers(build_dir):
    """All by their names, the yardstick first."""
    programs = build_dir / "bench" / "peers"

    def built(name, program, package):
        return Peer(name, (str(programs / program),), f"{package} when it is built")

    peers = [
        built(YARDSTICK, "epoll_server", "./run build"),
        built("io_uring", "io_uring_server", "liburing-dev"),
        built("libuv", "libuv_server", "libuv1-dev"),
        built("asio", "asio_server", "libboost-dev"),
        built("caf", "caf_broker_server", "libcaf_io"),
        Peer("node", ("node", str(SOURCES / "peers" / "node_server.js")), "the command node"),
        built("go", "go_server", "the command go"),
    ]
    server = str(build_dir / "bench" / "actornet_server")
    for backend in BACKENDS:
        options = ("--backend", backend, "--loops", "1")
        peers.append(Peer(actornet_name(backend), (server, *options), "./run build"))
    return {peer.name: peer for peer in peers}


def default_names():
    return f"{YARDSTICK},io_uring,libuv,asio,caf,node,go,actornet,actornet-epoll"


def why_not(peer, core):
    """One sentence on why a peer cannot run here, or None: it was started and has ended again."""
    if not peer.is_there():
        return f"it needs {peer.needs}"
    try:
        with running_server(peer.name, lambda port: peer.command_line("tcp-echo", port, 64), core):
            return None
    except Trouble as trouble:
        return str(trouble)


def choose_peers(names, backends, build_dir, core, say):
    """Those of the names that run here; `say` is told of each other one. Raises Trouble for a wrong
    name, and when none is left."""
    known = known_peers(build_dir)
    chosen = list(dict.fromkeys(names))
    if backends:
        chosen = [name for name in chosen if not name.startswith("actornet")]
        chosen += [actornet_name(backend) for backend in backends]
    for name in chosen:
        if name not in known:
            raise Trouble(f"there is no peer '{name}', there are {', '.join(known)}")
    running = []
    for name in chosen:
        reason = why_not(known[name], core)
        if reason:
            say(f"{name} is skipped: {reason}")
        else:
            running.append(known[name])
    if not running:
        raise Trouble("there is no server to measure")
    return running
