# SPDX-License-Identifier: BSD-3-Clause
"""Servers: where they listen, whom they let in, how they close."""

import os
import socket

from stage import since_node

HAS_ABSTRACT_NAMES = 20
NO_ADDRESS_OF_OURS = "192.0.2.1"  # set aside for documents
NO_NAME = "no-such-name.invalid"  # set aside, too


# -- addresses ---------------------------------------------------------------------------------------

def the_system_picks_a_port(stage):
    peer = stage.serves()
    stage.asks("address")
    stage.asks("address 1")
    peer.finishes()
    stage.closed()


def a_server_listens_on_ipv6(stage):
    peer = stage.serves(address="tcp://[::1]:0")
    stage.asks("address")
    stage.asks("address 1")
    peer.finishes()
    stage.closed()


def any_address_takes_both_families(stage):
    stage.listens(address="tcp://*:0")
    stage.asks("address")
    for number, host in ((1, "127.0.0.1"), (2, "::1")):
        peer = stage.peer_connects((host, stage.where[1]))
        stage.asks(f"address {number}")
        peer.finishes()
        stage.closed(number)


def any_address_of_ipv4(stage):
    stage.listens(address="tcp://0.0.0.0:0")
    stage.asks("address")
    stage.peer_connects(("127.0.0.1", stage.where[1]))
    stage.asks("address 1")


def only_ipv6(stage):
    stage.listens("--ipv6-only", address="tcp://[::]:0")
    stage.asks("address")
    stage.note("IPv4 is " + _refused(("127.0.0.1", stage.where[1])))
    stage.peer_connects(("::1", stage.where[1]))
    stage.asks("address 1")


def _refused(where):
    try:
        socket.create_connection(where, timeout=1).close()
    except ConnectionRefusedError:
        return "refused"
    return "taken"


def a_server_listens_on_a_unix_socket(stage):
    peer = stage.serves(address=f"unix:{stage.path('s')}")
    stage.asks("address")
    peer.sends(b"hello")
    stage.data(5)
    stage.does("write 1 hello too")
    peer.reads(9)
    peer.finishes()
    peer.reads_to_end()
    stage.closed()
    stage.asks("close")
    stage.ends()
    stage.note(f"left: {os.listdir(stage.folder)}")


@since_node(HAS_ABSTRACT_NAMES)
def a_server_listens_on_an_abstract_unix_socket(stage):
    peer = stage.serves(address="unix:@" + stage.abstract_name()[1:])
    stage.asks("address")
    peer.finishes()
    peer.reads_to_end()
    stage.closed()
    stage.note(f"left: {os.listdir(stage.folder)}")


# -- failures ----------------------------------------------------------------------------------------

def _fails_to_listen(stage, address):
    stage.starts("listen", address)
    stage.ends()


def the_port_is_taken(stage):
    port = stage.server().getsockname()[1]
    _fails_to_listen(stage, f"tcp://127.0.0.1:{port}")


def the_unix_socket_is_taken(stage):
    stage.unix_server(stage.path("s"))
    _fails_to_listen(stage, f"unix:{stage.path('s')}")


@since_node(HAS_ABSTRACT_NAMES)
def the_abstract_unix_socket_is_taken(stage):
    stage.unix_server(stage.abstract_name())
    _fails_to_listen(stage, "unix:@" + stage.abstract_name()[1:])


def the_unix_socket_is_a_plain_file(stage):
    open(stage.path("s"), "x").close()
    _fails_to_listen(stage, f"unix:{stage.path('s')}")


def the_unix_socket_is_stale(stage):
    stage.unix_server(stage.path("s")).close()
    stage.starts("listen", f"unix:{stage.path('s')}")
    stage.subject.wait_for(lambda message: message.get("event") in ("listening", "failed"))


def the_folder_of_the_unix_socket_is_missing(stage):
    _fails_to_listen(stage, f"unix:{stage.path('missing/s')}")


def the_address_is_not_ours(stage):
    _fails_to_listen(stage, f"tcp://{NO_ADDRESS_OF_OURS}:0")


def the_name_is_not_found(stage):
    _fails_to_listen(stage, f"tcp://{NO_NAME}:0")


# -- the limit ---------------------------------------------------------------------------------------

def beyond_the_limit_clients_are_dropped(stage):
    stage.serves("--max-connections", "1")
    dropped = stage.peer_connects(is_told=False)
    dropped.reads_to_end()
    stage.event("dropped")
    stage.asks("connections")


def each_client_beyond_the_limit_is_told(stage):
    stage.serves("--max-connections", "1")
    for _ in range(3):
        stage.peer_connects(is_told=False).reads_to_end()
        stage.event("dropped")


def a_close_makes_room(stage):
    first = stage.serves("--max-connections", "1")
    first.finishes()
    first.reads_to_end()
    stage.closed(1)
    stage.peer_connects()
    stage.asks("connections")


def a_limit_can_be_raised(stage):
    stage.serves("--max-connections", "1")
    stage.peer_connects(is_told=False).reads_to_end()
    stage.event("dropped")
    stage.does("max-connections 2")
    stage.peer_connects()
    stage.does("max-connections none")
    stage.peer_connects()
    stage.asks("connections")


def a_lower_limit_closes_nobody(stage):
    first = stage.serves()
    second = stage.peer_connects()
    stage.does("max-connections 1")
    stage.peer_connects(is_told=False).reads_to_end()
    stage.event("dropped")
    stage.asks("connections")
    for number, peer in ((1, first), (2, second)):
        stage.does(f"write {number} still here")
        peer.reads(10)
    first.finishes()
    stage.closed(1)
    stage.peer_connects(is_told=False).reads_to_end()
    stage.event("dropped")


def over_the_limit_on_a_unix_socket(stage):
    stage.serves("--max-connections", "1", address=f"unix:{stage.path('s')}")
    stage.peer_connects(is_told=False).reads_to_end()
    stage.event("dropped")


# -- counts and close --------------------------------------------------------------------------------

def connections_are_counted(stage):
    stage.listens()
    stage.asks("connections")
    peers = [stage.peer_connects() for _ in range(3)]
    stage.asks("connections")
    for number, peer in enumerate(peers, 1):
        peer.finishes()
        stage.closed(number)
        stage.asks("connections")


def half_closed_connections_are_counted(stage):
    theirs = stage.serves("--half-open")
    theirs.finishes()
    stage.event("end", id=1)
    ours = stage.peer_connects()
    stage.does("finish 2")
    ours.reads_to_end()
    stage.asks("connections")
    stage.does("finish 1")
    stage.closed(1)
    stage.asks("connections")


def paused_connections_are_counted(stage):
    peer = stage.serves("--pause-on-connect")
    peer.sends(b"hello")
    peer.finishes()
    stage.waits()
    stage.asks("connections")


def a_closed_server_lets_nobody_in(stage):
    stage.serves()
    stage.asks("close")
    stage.note("another client is " + _refused(stage.where))


def a_server_without_connections_closes_at_once(stage):
    stage.listens()
    stage.asks("close")
    stage.ends()


def a_server_is_closed_when_its_last_connection_is(stage):
    first = stage.serves()
    second = stage.peer_connects()
    stage.asks("close")
    stage.asks("connections")
    first.finishes()
    stage.closed(1)
    stage.asks("connections")
    stage.does("write 2 still here")
    second.reads(10)
    second.finishes()
    stage.closed(2)
    stage.ends()
    closes = [message.get("id", "server") for message in stage.subject.of("closed")]
    stage.note(f"closed in order: {closes}")


def a_closed_server_waits_for_a_half_closed_connection(stage):
    peer = stage.serves("--half-open")
    stage.asks("close")
    peer.finishes()
    stage.event("end")
    stage.asks("connections")
    stage.does("finish 1 bye")
    peer.reads_to_end()
    stage.closed()
    stage.ends()


def a_closed_server_outlives_a_reset(stage):
    peer = stage.serves()
    stage.asks("close")
    peer.resets()
    stage.closed()
    stage.ends()


def a_server_is_closed_twice(stage):
    peer = stage.serves()
    stage.does("close")
    stage.says("close")
    stage.asks("connections")
    peer.finishes()
    stage.ends()


def an_idle_server_is_closed_twice(stage):
    stage.listens()
    with stage.stopped():
        stage.says("close", "close")
    stage.ends()


def a_closed_server_has_no_address(stage):
    stage.serves()
    stage.asks("close")
    stage.asks("address")


def a_port_can_be_listened_on_again(stage):
    peer = stage.serves()
    stage.does("close")
    with socket.create_server(stage.where) as again:
        stage.note(f"again: {again.getsockname()[0]}:{again.getsockname()[1]}")
    peer.finishes()
    stage.ends()


def a_server_comes_back_to_its_port(stage):
    peer = stage.serves()
    stage.says("finish 1")  # whoever ends first keeps the port in TIME_WAIT
    peer.reads_to_end()
    peer.finishes()
    stage.closed()
    stage.does("close")
    stage.ends()
    stage.listens(address=f"tcp://127.0.0.1:{stage.where[1]}")


def what_a_server_accepts_is_kept_alive(stage):
    peer = stage.serves("--keep-alive", "7000", "--no-delay")
    stage.note(peer.keep_alive_seen())
    peer.finishes()
    stage.closed()
