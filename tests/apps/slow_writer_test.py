#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample slow_writer, with a client that reads nothing at first.

    slow_writer_test.py PATH_OF_THE_SAMPLE
"""

import pathlib
import tempfile

from sample_process import *


class SlowWriter(SampleTest):
    def serve(self, data, *options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "file"
        path.write_bytes(data)
        return self.served(f"--file={path}", *options)

    def test_a_small_file_arrives_in_tiny_pieces(self):
        server, (host, port) = self.serve(pattern(1005))
        got = subprocess.run(["nc", host, str(port)], stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)
        self.assertEqual(got.stdout, pattern(1005))
        self.assertEqual(server.line(), "closed after 1005")

    def test_it_waits_for_drain_when_the_client_does_not_read(self):
        data = pattern(12_000_000)
        # Whatever the kernel does not take at once is too much to go on.
        server, (host, port) = self.serve(data, "--piece=100000", "--high-water-mark=1")
        client = socket.socket()
        self.addCleanup(client.close)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.connect((host, port))
        got = bytearray()
        # The kernel takes a few megabytes, and then no more until we read, which is slow through so small a buffer.
        while part := client.recv(1 << 20):
            got += part
        self.assertEqual(bytes(got), data)
        client.close()
        lines = list(iter(server.line, f"closed after {len(data)}"))
        self.assertIn("drain", lines)
        self.assertTrue(lines[0].startswith("wait: "), lines[0])


if __name__ == "__main__":
    main()
