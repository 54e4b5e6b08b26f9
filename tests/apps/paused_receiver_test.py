#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample paused_receiver, with a client that sends more than the kernel keeps.

    paused_receiver_test.py PATH_OF_THE_SAMPLE
"""

import pathlib
import tempfile
import threading

from sample_process import *

MUCH = 20_000_000


class PausedReceiver(SampleTest):
    def test_what_waited_is_in_a_file_for_each_client(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "out"
        server, address = self.served(f"--path={path}", "--milliseconds=300")
        client = self.client(address)
        began = time.monotonic()

        def send():
            client.sendall(pattern(MUCH))
            client.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        self.assertEqual(server.line(), f"piped into {path}.1")
        self.assertGreaterEqual(time.monotonic() - began, 0.2)
        self.assertEqual(server.line(), f"{path}.1 has {MUCH} bytes")
        sender.join(DEADLINE)
        self.assertEqual(pathlib.Path(f"{path}.1").read_bytes(), pattern(MUCH))
        self.assertEqual(self.receive_all(client), b"")

    def test_a_file_that_cannot_be_made_is_told(self):
        server, address = self.served("--path=/nowhere/at/all", "--milliseconds=1")
        client = self.client(address)
        client.sendall(b"x")
        try:
            self.assertEqual(self.receive_all(client), b"")
        except ConnectionResetError:
            pass  # it was closed with our byte unread


if __name__ == "__main__":
    main()
