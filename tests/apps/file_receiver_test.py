#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample file_receiver, with nc and a socket that takes too long.

    file_receiver_test.py PATH_OF_THE_SAMPLE
"""

import pathlib
import tempfile

from sample_process import *


class FileReceiver(SampleTest):
    def received_by(self, *options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "received"
        return (*self.served(f"--path={path}", *options), path)

    def test_clients_follow_each_other_in_one_file(self):
        server, (host, port), path = self.received_by()
        for sent in (b"first", b"second"):
            subprocess.run(["nc", "-N", host, str(port)], input=sent, timeout=DEADLINE, check=True)
            self.assertEqual(server.line(), f"received {len(sent)}")
        client = self.client((host, port))  # behind the lines of the others
        client.sendall(b"third")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_all(client), b"")
        self.assertEqual(server.line(), "received 5")
        self.assertTrue(path.read_bytes().startswith(b"first\n-- 5 bytes --\nsecond\n-- 6 bytes --\nthird"))

    def test_who_takes_too_long_is_cut_off(self):
        server, address, path = self.received_by("--seconds=1")
        client = self.client(address)
        client.sendall(b"in time")
        self.assertEqual(self.receive_all(client), b"too slow\n")
        self.assertEqual(server.line(), "received 7")
        self.assertTrue(path.read_bytes().startswith(b"in time"))


if __name__ == "__main__":
    main()
