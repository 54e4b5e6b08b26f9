# SPDX-License-Identifier: BSD-3-Clause
"""Clients: how they connect, how that fails, and what is given before."""

from console_process import parse_address
from stage import since_node

HAS_ABSTRACT_NAMES = 20
NO_ADDRESS_OF_OURS = "192.0.2.1"  # set aside for documents
NO_NAME = "no-such-name.invalid"  # set aside, too


def a_client_connects(stage):
    peer = stage.connects(stage.server())
    stage.asks("address 1")
    stage.asks("info 1")
    peer.finishes()
    stage.closed()
    stage.ends()


def a_client_connects_over_ipv6(stage):
    peer = stage.connects(stage.server("::1"))
    stage.asks("address 1")
    peer.finishes()
    stage.closed()
    stage.ends()


def a_client_connects_from_an_address(stage):
    peer = stage.connects(stage.server(), "--from", "tcp://127.0.0.2:0")
    stage.asks("address 1")
    peer.finishes()
    stage.closed()
    stage.ends()


def a_client_connects_by_a_name(stage):
    server = stage.server()
    port = server.getsockname()[1]
    stage.starts("connect", f"tcp://localhost:{port}", "--family", "4")
    peer = stage.accepts(server)
    peer.finishes()
    stage.closed()
    stage.ends()


def nobody_listens(stage):
    stage.starts("connect", stage.refused_url())
    stage.ends()


def nobody_listens_over_ipv6(stage):
    stage.starts("connect", stage.refused_url("::1"))
    stage.ends()


def a_name_is_not_found(stage):
    stage.starts("connect", f"tcp://{NO_NAME}:1")
    stage.ends()


def the_address_to_connect_from_is_not_ours(stage):
    server = stage.server()
    port = server.getsockname()[1]
    stage.starts("connect", f"tcp://127.0.0.1:{port}", "--from", f"tcp://{NO_ADDRESS_OF_OURS}:0")
    stage.ends()


def the_port_to_connect_from_is_taken(stage):
    server = stage.server()
    taken = stage.server()
    port, from_port = server.getsockname()[1], taken.getsockname()[1]
    stage.starts("connect", f"tcp://127.0.0.1:{port}", "--from", f"tcp://127.0.0.1:{from_port}")
    stage.ends()


def a_unix_socket_connects(stage):
    peer = _connects_to_unix(stage, stage.path("s"))
    peer.sends(b"hello")
    stage.does("finish 1 hello too")
    peer.reads_to_end()
    peer.closes()
    stage.closed()
    stage.ends()


@since_node(HAS_ABSTRACT_NAMES)
def an_abstract_unix_socket_connects(stage):
    peer = _connects_to_unix(stage, stage.abstract_name())
    peer.sends(b"hello")
    peer.finishes()
    stage.closed()
    stage.ends()


def a_unix_connection_has_its_addresses(stage):
    peer = _connects_to_unix(stage, stage.path("s"))
    stage.asks("address 1")
    peer.finishes()
    stage.closed()


def _connects_to_unix(stage, name):
    server = stage.unix_server(name)
    stage.starts("connect", "unix:" + name.replace("\0", "@"))
    return stage.accepts(server)


def a_unix_socket_is_missing(stage):
    stage.starts("connect", f"unix:{stage.path('missing')}")
    stage.ends()


def a_folder_of_a_unix_socket_is_missing(stage):
    stage.starts("connect", f"unix:{stage.path('missing/s')}")
    stage.ends()


def a_unix_socket_is_stale(stage):
    stage.unix_server(stage.path("s")).close()
    stage.starts("connect", f"unix:{stage.path('s')}")
    stage.ends()


def a_unix_socket_is_a_plain_file(stage):
    open(stage.path("file"), "x").close()
    stage.starts("connect", f"unix:{stage.path('file')}")
    stage.ends()


@since_node(HAS_ABSTRACT_NAMES)
def an_abstract_unix_socket_is_missing(stage):
    stage.starts("connect", "unix:@" + stage.abstract_name()[1:])
    stage.ends()


# -- before the handshake is done -------------------------------------------------------------------

def what_is_given_before_is_sent_once_and_in_order(stage):
    server = stage.is_connecting()
    stage.says("write 1 one", "write 1 two", "finish 1 three")
    stage.does("info 1")
    peer = stage.has_accepted(server.listens_again())
    peer.reads_to_end()
    peer.finishes()
    stage.closed()
    stage.ends()


def a_pause_before_holds(stage):
    server = stage.is_connecting()
    stage.does("pause 1")
    peer = stage.has_accepted(server.listens_again())
    peer.sends(b"waits")
    stage.waits()
    stage.note(f"{len(stage.subject.of('data'))} data events")
    stage.says("resume 1")
    peer.finishes()
    stage.closed()
    stage.ends()


def refused_all_that_was_given_before_fails_once(stage):
    server = stage.is_connecting()
    stage.says("write 1 one", "write 1 two", "finish 1")
    stage.does("info 1")
    server.refuses()
    stage.closed()
    stage.ends()


def it_is_destroyed_before(stage):
    stage.is_connecting()
    stage.says("destroy 1")
    stage.closed()
    stage.ends()


def destroyed_before_all_that_was_given_fails_once(stage):
    stage.is_connecting()
    stage.says("write 1 one", "write 1 two", "finish 1", "destroy 1")
    stage.closed()
    stage.ends()


def it_is_reset_before(stage):
    server = stage.is_connecting()
    stage.says("reset 1")
    server.makes_room()
    stage.closed()
    for message in stage.subject.of("connected"):
        stage.name_port(parse_address(message["local"])[1], "CLIENT")
    stage.ends()


# -- options of the socket ---------------------------------------------------------------------------

def options_given_before_are_the_sockets(stage):
    server = stage.is_connecting()
    stage.says("keep-alive 1 on 7000", "no-delay 1 on")
    stage.does("info 1")
    peer = stage.has_accepted(server.listens_again())
    stage.note(peer.keep_alive_seen())
    peer.finishes()
    stage.closed()


def a_client_is_kept_alive(stage):
    peer = stage.connects(stage.server(), "--keep-alive", "7000", "--no-delay")
    stage.note(peer.keep_alive_seen())
    stage.does("keep-alive 1 off")
    stage.note(peer.keep_alive_seen())
    peer.finishes()
    stage.closed()
