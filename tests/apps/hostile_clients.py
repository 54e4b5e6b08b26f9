#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients that no server wants, many of one kind at once, from a process of their own.

    hostile_clients.py KIND HOST PORT COUNT

Prints `ready` once all of them are there, and goes on until its standard input ends. The kinds are the functions of KINDS.
"""

import contextlib
import itertools
import select
import socket
import struct
import sys

REQUEST = b"GET /a/page/that/nobody/wants HTTP/1.1\r\n"
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER, of 0 seconds


def is_over():
    return bool(select.select([sys.stdin], [], [], 0)[0])


def rest(seconds):
    select.select([sys.stdin], [], [], seconds)


def connected(address, count):
    return [socket.create_connection(address, timeout=30) for _ in range(count)]


def ready():
    print("ready", flush=True)


def each_in_turn(clients, seconds):
    """One after the other, so that each has its turn once in so many seconds; until the input ends."""
    for client in itertools.cycle(clients):
        if is_over():
            return
        yield client
        rest(seconds / len(clients))


def slow_loris(address, count):
    """A byte each second of a request that never ends."""
    clients = connected(address, count)
    ready()
    for number, client in enumerate(each_in_turn(clients, 1)):
        client.send(REQUEST[number // count % len(REQUEST):][:1])


def byte_at_a_time(address, count):
    """Whole requests, each byte in a segment of its own as soon as the one before has come back."""
    clients = connected(address, count)
    for client in clients:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ready()
    for number, client in enumerate(each_in_turn(clients, 0.1)):
        byte = REQUEST[number // count % len(REQUEST):][:1]
        client.send(byte)
        if client.recv(1) != byte:
            sys.exit("a byte did not come back")


def never_reading(address, count):
    """They send until nobody takes more, and read nothing of what comes back."""
    clients = connected(address, count)
    for client in clients:
        client.setblocking(False)
    ready()
    for client in each_in_turn(clients, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                client.send(bytes(1 << 14))


def half_open(address, count):
    """Half of them say nothing, the others finish at once; and neither goes."""
    clients = connected(address, count)
    for client in clients[::2]:
        client.shutdown(socket.SHUT_WR)
    ready()
    while not is_over():
        rest(60)


def reset_storm(address, count):
    """As many as can come do, and are reset in the middle of a request; so many are there at a time."""
    clients = connected(address, count)
    ready()
    for number in itertools.cycle(range(count)):
        if is_over():
            return
        clients[number].send(REQUEST)
        clients[number].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        clients[number].close()
        clients[number] = socket.create_connection(address, timeout=30)
        rest(0.0005)


KINDS = {each.__name__: each for each in (slow_loris, byte_at_a_time, never_reading, half_open, reset_storm)}

if __name__ == "__main__":
    kind, host, port, count = sys.argv[1:]
    KINDS[kind]((host, int(port)), int(count))
