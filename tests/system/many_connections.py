#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Thousands of connections at once, each exchanging bytes, leave nothing behind in the server when they are closed.

    many_connections.py ECHO_PROGRAM

Two rounds of 10,000 connections, of 2,000 when the server is instrumented; three of 10,000 with ACTORNET_SOAK=1,
whatever the server is.
Descriptors must be at the base line after each. Memory must be near it, since a round may grow pools and tables that are
kept. What leaks grows with every round: so more rounds follow until one adds nothing, and there is an end to that.
"""

import collections
import os
import resource
import select
import socket
import sys
import time

from server_process import ServerProcess, check, is_soak

ROUNDS = 3 if is_soak() else 2
# A pool or an arena of the allocator may be grown in any round, by a thread that had nothing to do before; not in all of so many.
ROUNDS_MAX = ROUNDS + 5
# What may stay after all: pools that are kept, arenas of the allocator that are not quite free.
GROWTH_KIB_MAX = 4 * 1024
# What a round may add that adds nothing: the noise of the allocator, and not 10,000 times a pointer and its block.
DRIFT_KIB_MAX = 256
PATIENCE_S = 600 if is_soak() else 60  # of a round; sanitizers are slow
OPENING_MAX = 500


class Client:
    """One connection: sends its own bytes, reads them back, finishes, and reads the server's end."""

    def __init__(self, number, source, port):
        self.payload = f"{number:08d}".encode() * (1 + number % 64)
        self.received = b""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind((source, 0))
        self.socket.connect_ex(("127.0.0.1", port))

    def begin(self):
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        check(error == 0, f"a connection is made, not refused with errno {error}")
        check(self.socket.send(self.payload) == len(self.payload), "a small message fits into an empty socket")

    def read(self):
        """True once everything is back."""
        self.received += self.socket.recv(4096)
        return len(self.received) >= len(self.payload)


class Crowd:
    """Clients of one round, and whom the kernel has news for."""

    def __init__(self):
        self.poller = select.epoll()
        self.by_number = {}
        self.deadline = time.monotonic() + PATIENCE_S

    def add(self, client):
        self.by_number[client.socket.fileno()] = client
        self.poller.register(client.socket, select.EPOLLOUT)

    def expect(self, client, events):
        self.poller.modify(client.socket, events)

    def news(self):
        left = self.deadline - time.monotonic()
        check(left > 0, "a round ends in time")
        return [self.by_number[number] for number, _ in self.poller.poll(left)]


def open_all(crowd, count, source, port):
    """Not more at once than the backlog holds, or the kernel makes them wait for a second."""
    numbers = collections.deque(range(count))
    opening = 0
    while numbers or opening:
        while numbers and opening < OPENING_MAX:
            crowd.add(Client(numbers.popleft(), source, port))
            opening += 1
        for client in crowd.news():
            client.begin()
            crowd.expect(client, 0)
            opening -= 1


def exchange(crowd):
    waiting = set(crowd.by_number.values())
    for client in waiting:
        crowd.expect(client, select.EPOLLIN)
    while waiting:
        for client in crowd.news():
            if client in waiting and client.read():
                check(client.received == client.payload, "each connection gets its own bytes back")
                crowd.expect(client, 0)
                waiting.discard(client)


def close_all(crowd):
    waiting = set(crowd.by_number.values())
    for client in waiting:
        client.socket.shutdown(socket.SHUT_WR)
        crowd.expect(client, select.EPOLLIN)
    while waiting:
        for client in crowd.news():
            check(client.socket.recv(1) == b"", "after our end comes the server's, and nothing else")
            crowd.poller.unregister(client.socket)
            client.socket.close()
            waiting.discard(client)


def source_of(number):
    """An address of its own for each round of each run: the ports of those before may rest for a minute."""
    high, low = divmod(os.getpid(), 250)
    return f"127.{1 + number}.{high % 250}.{1 + low}"


def run_round(server, count, source):
    crowd = Crowd()
    open_all(crowd, count, source, server.port)
    exchange(crowd)
    check(server.connection_count() == count, f"all {count} are open at once")
    at_work = server.descriptor_count(), server.memory_kib("VmRSS")
    close_all(crowd)
    crowd.poller.close()
    while server.connection_count() > 0:
        check(time.monotonic() < crowd.deadline, "the server lets go of all connections in time")
    server.trim()
    return at_work


def main():
    server = ServerProcess(sys.argv[1])
    count = 2_000 if server.is_instrumented and not is_soak() else 10_000
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    check(limit > count + 100, f"ulimit -Hn is {limit}, but a process needs {count} descriptors and some")
    server.trim()
    descriptors = server.descriptor_count()
    memory_kib = [server.memory_kib("VmRSS")]
    for number in range(ROUNDS_MAX):
        if number >= ROUNDS and (server.is_instrumented or added(memory_kib) <= DRIFT_KIB_MAX):
            break
        begin = time.monotonic()
        at_work = run_round(server, count, source_of(number))
        memory_kib.append(server.memory_kib("VmRSS"))
        print(f"round {number + 1}: {count} connections in {time.monotonic() - begin:.1f} s; at work {at_work[0]} "
              f"descriptors and {at_work[1]} KiB; closed {server.descriptor_count()} and {memory_kib[-1]} KiB "
              f"(before all {descriptors} and {memory_kib[0]} KiB)")
        check(server.descriptor_count() == descriptors, "descriptors are back at the base line")
    server.end()
    if not server.is_instrumented:
        check(memory_kib[-1] - memory_kib[0] <= GROWTH_KIB_MAX, f"memory comes back: {memory_kib} KiB")
        check(added(memory_kib) <= DRIFT_KIB_MAX, f"not every round adds something: {memory_kib} KiB")


def added(memory_kib):
    """By the last round."""
    return memory_kib[-1] - memory_kib[-2]


if __name__ == "__main__":
    main()
