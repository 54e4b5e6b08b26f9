# SPDX-License-Identifier: BSD-3-Clause
"""The servers that are compared, and which of them this machine can run."""

import dataclasses
import pathlib
import shutil

from server_process import Trouble, running_server

SOURCES = pathlib.Path(__file__).resolve().parent
YARDSTICK = "epoll"
TWO_LOOPS = "-2-loops"
BROKER = "-broker"
BUSY = "-busy"
BACKENDS = ("auto", "epoll", "uring")


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    command: tuple
    needs: str  # for the case that the command is not there
    loops: int = 1  # and cores for them
    own_mode: str = ""  # instead of the one that is asked for
    has_datagrams: bool = False  # serves udp-echo and udp-sink
    has_offload: bool = False  # and each with -offload behind

    @property
    def is_actornet(self):
        return self.name.startswith("actornet")

    def command_line(self, mode, port, size, directory=None):
        program, *options = self.command
        script = [options.pop(0)] if options and options[0].endswith((".js", ".erl")) else []
        if self.is_actornet:
            options += ["--loops", str(self.loops)]
        return [program, *script, self.own_mode or mode, str(port), str(size), *([directory] if directory else []), *options]

    def is_there(self):
        return shutil.which(self.command[0]) is not None


def with_shared_handler(peer):
    return dataclasses.replace(peer, name=f"{peer.name}-shared", own_mode="tcp-echo-shared")


# Those that have the mode tcp-to-file.
FILE_WRITERS = {YARDSTICK, "libuv", "asio", "node", "actornet", "actornet-epoll", "actornet-uring"}


def with_splice(peer):
    return dataclasses.replace(peer, name=f"{peer.name}-splice", own_mode="tcp-to-file-splice")


def that_write_files(peers):
    """These, and the yardstick once more, with splice(2) instead of read and write."""
    return [variant for peer in peers if peer.name in FILE_WRITERS
            for variant in ((peer, with_splice(peer)) if peer.name == YARDSTICK else (peer,))]


def with_two_loops(peer):
    return dataclasses.replace(peer, name=peer.name + TWO_LOOPS, loops=2)


def and_shared_handlers(peers):
    """Each server of ours once more, with one handler for all clients."""
    return [*peers, *(with_shared_handler(peer) for peer in peers if peer.is_actornet)]


def with_one_and_two_loops(peers):
    """Only servers of ours, which can have several."""
    ours = [peer for peer in peers if peer.is_actornet]
    return [variant for peer in ours for variant in (peer, with_two_loops(peer))]


def and_busy_polling(peers):
    """Each server of ours once more, with loops that look for a while before they sleep."""
    return [*peers, *(with_busy_poll(peer) for peer in peers if peer.is_actornet)]


def with_busy_poll(peer):
    return dataclasses.replace(peer, name=peer.name + BUSY, command=(*peer.command, "--busy-poll-us", "50"))


def with_broker(peer):
    return dataclasses.replace(peer, name=peer.name + BROKER, command=(*peer.command, "--guarded"))


def without_and_with_broker(peers):
    """Only servers of ours, which can have one."""
    return [variant for peer in peers if peer.is_actornet for variant in (peer, with_broker(peer))]


def with_offload(peer, mode):
    return dataclasses.replace(peer, name=f"{peer.name}-offload", own_mode=f"{mode}-offload")


def serving_datagrams(mode):
    """Those that do, and those that can leave more to the kernel once more."""

    def variants(peers):
        able = [peer for peer in peers if peer.has_datagrams]
        return [*able, *(with_offload(peer, mode) for peer in able if peer.has_offload)]

    return variants


def actornet_name(backend):
    return "actornet" if backend == "auto" else f"actornet-{backend}"


def known_peers(build_dir):
    """All by their names, the yardstick first."""
    programs = build_dir / "bench" / "peers"

    def built(name, program, package, **abilities):
        return Peer(name, (str(programs / program),), f"{package} when it is built", **abilities)

    peers = [
        built(YARDSTICK, "epoll_server", "./run build", has_datagrams=True, has_offload=True),
        built("io_uring", "io_uring_server", "liburing-dev"),
        built("libuv", "libuv_server", "libuv1-dev", has_datagrams=True),
        built("asio", "asio_server", "libboost-dev", has_datagrams=True),
        built("caf", "caf_broker_server", "libcaf_io", has_datagrams=True),
        Peer("node", ("node", str(SOURCES / "peers" / "node_server.js")), "the command node", has_datagrams=True),
        built("go", "go_server", "the command go", has_datagrams=True),
        Peer("erlang", ("escript", str(SOURCES / "peers" / "erlang_server.erl")), "the command escript of erlang-base",
             has_datagrams=True),
    ]
    server = str(build_dir / "bench" / "actornet_server")
    for backend in BACKENDS:
        command = (server, "--backend", backend)
        peers.append(Peer(actornet_name(backend), command, "./run build", has_datagrams=True, has_offload=True))
    return {peer.name: peer for peer in peers}


def default_names():
    return f"{YARDSTICK},io_uring,libuv,asio,caf,node,go,erlang,actornet,actornet-epoll"


def why_not(peer, core):
    """One sentence on why a peer cannot run here, or None: it was started and has ended again."""
    if not peer.is_there():
        return f"it needs {peer.needs}"
    try:
        with running_server(peer.name, lambda port: peer.command_line("tcp-echo", port, 64), {core}):
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
