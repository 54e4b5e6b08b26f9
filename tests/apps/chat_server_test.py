#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample chat_server, with bare sockets.

    chat_server_test.py PATH_OF_THE_SAMPLE
"""

from sample_process import *

WELCOME = b"welcome\n"
FULL = b"no place is free, come back later\n"


class ChatServer(SampleTest):
    def name_of(self, client):
        host, port = client.getsockname()
        return f"{host}:{port}".encode()

    def guest(self, address, **options):
        client = self.client(address, **options)
        self.assertEqual(self.receive(client, len(WELCOME)), WELCOME)
        return client

    def test_what_one_says_all_others_hear(self):
        _, address = self.served()
        first = self.guest(address)
        second = self.guest(address)
        here = self.name_of(second) + b" is here\n"
        self.assertEqual(self.receive(first, len(here)), here)
        first.sendall(b"hello\n")
        self.assertEqual(self.receive(second, 6), b"hello\n")
        gone = self.name_of(first) + b" has left\n"
        first.close()
        self.assertEqual(self.receive(second, len(gone)), gone)

    def test_who_finds_no_place_is_told_so(self):
        _, address = self.served("--places=1")
        first = self.guest(address)
        second = self.client(address)
        second.sendall(b"is there a place?\n")
        self.assertEqual(self.receive_all(second), FULL)
        second.close()
        first.close()
        self.wait_for_a_place(address)

    def test_one_address_does_not_take_all_places(self):
        _, address = self.served("--per-address=1")
        first = self.guest(address, source_address=("127.0.0.2", 0))
        self.assertEqual(self.receive_all(self.client(address, source_address=("127.0.0.2", 0))), FULL)
        other = self.guest(address, source_address=("127.0.0.3", 0))
        here = self.name_of(other) + b" is here\n"
        self.assertEqual(self.receive(first, len(here)), here)

    def wait_for_a_place(self, address):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            client = self.client(address)
            if client.recv(1) == WELCOME[:1]:
                return
            client.close()
        self.fail("there is no place any more")


if __name__ == "__main__":
    main()
