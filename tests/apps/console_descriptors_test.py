#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A console that may have few descriptors, and more clients than that."""

import resource

from console_process import *

LIMIT = 32
CLIENTS = 40


def limit_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))


def processor_seconds(process):
    """What all threads of a process have used so far."""
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Descriptors(ConsoleTest):
    def starved(self):
        """An echo server at its limit: the console, its address, and the clients that it serves."""
        console = self.console("listen", "tcp://127.0.0.1:0", "--handler", "echo", preexec_fn=limit_descriptors)
        address = console.address()
        begin = time.monotonic()
        clients = {}
        for _ in range(CLIENTS):
            made = self.client(address)
            clients["%s:%d" % made.getsockname()] = made
        served = set()
        for _ in range(CLIENTS):
            message = console.wait_for(lambda m: m.get("event") in ("connected", "dropped"), "a client's fate")
            if message["event"] == "connected":
                served.add(message["remote"])
            else:
                self.assertEqual(message["reason"], "no_descriptors")
                self.assertEqual(message["local"], "%s:%d" % address)
                self.assertEqual(self.receive_all(clients[message["remote"]]), b"")
        self.assertLess(time.monotonic() - begin, 1)
        self.assertGreater(len(served), 5)
        self.assertLess(len(served), LIMIT)
        return console, address, [clients[remote] for remote in served]

    def test_who_finds_no_descriptor_is_shed_and_the_others_are_served(self):
        console, address, served = self.starved()
        for each in served:
            each.sendall(b"hello")
            self.assertEqual(self.receive(each, 5), b"hello")
        info = console.ask("info")
        self.assertEqual((info["connections"], info["dropped"]), (len(served), CLIENTS - len(served)))
        self.assertEqual(info["state"], "listening")

    def test_the_want_is_told_once_and_costs_no_processor_time(self):
        console, address, served = self.starved()
        before = processor_seconds(console.process)
        self.assertEqual(console.ask("sleep 2000")["reply"], "sleep")
        self.assertLess(processor_seconds(console.process) - before, 0.05 * 2)
        codes = [m["code"] for m in console.of("failed")]
        self.assertEqual(set(codes), {"EMFILE"})
        self.assertLessEqual(len(codes), 4)

    def test_with_room_new_clients_are_served_and_without_it_shed_again(self):
        console, address, served = self.starved()
        for _ in range(3):
            served.pop().close()
            console.event("closed")
            client = self.client(address)
            client.sendall(b"hello")
            self.assertEqual(self.receive(client, 5), b"hello")
            self.assertEqual(self.receive_all(self.client(address)), b"")
            console.event("dropped", reason="no_descriptors")

    def test_it_ends_as_always(self):
        console, address, served = self.starved()
        for each in served:
            each.close()
        console.say("quit")
        self.assert_ended(console)


if __name__ == "__main__":
    main()
