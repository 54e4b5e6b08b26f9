#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample file_server, with nc.

    file_server_test.py PATH_OF_THE_SAMPLE
"""

import pathlib
import tempfile

from sample_process import *


class FileServer(SampleTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.sample_server, self.address = self.served(f"--folder={self.folder}")

    def ask(self, line):
        host, port = self.address
        return subprocess.run(["nc", "-N", host, str(port)], input=line, capture_output=True, timeout=DEADLINE).stdout

    def test_who_names_a_file_gets_it(self):
        for size in (0, 1, 10_000_000):
            (self.folder / f"file{size}").write_bytes(pattern(size))
            self.assertEqual(self.ask(f"file{size}\n".encode()), pattern(size))
            self.assertEqual(self.sample_server.line(), f"sends {self.folder}/file{size}")

    def test_what_is_not_there_is_told(self):
        self.assertIn(b"ENOENT", self.ask(b"nothing\n"))

    def test_nothing_outside_of_the_folder_is_served(self):
        for name in (b"../x\n", b"/etc/passwd\n", b".\n", b"\n", b"x" * 300):
            self.assertEqual(self.ask(name), b"no name of a file\n")


if __name__ == "__main__":
    main()
