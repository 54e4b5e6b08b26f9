#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample echo_server, through nc.

    echo_server_test.py PATH_OF_THE_ECHO_SERVER
"""

import subprocess

import console_process
from console_process import *


class EchoServer(unittest.TestCase):
    def start(self, address):
        made = subprocess.Popen([console_process.PROGRAM, address], stdout=subprocess.PIPE, text=True)

        def end():
            made.kill()
            made.wait()
            made.stdout.close()

        self.addCleanup(end)
        return made

    def test_what_a_client_sends_it_gets_back(self):
        host, port = parse_address(self.start("tcp://127.0.0.1:0").stdout.readline().strip())
        for sent in (b"hello\n", b"", pattern(1_000_000)):
            done = subprocess.run(["nc", "-N", host, str(port)], input=sent, capture_output=True, timeout=DEADLINE)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(done.stdout, sent)

    def test_an_address_that_is_in_use_is_told_and_nothing_is_served(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = subprocess.run([console_process.PROGRAM, url_of(taken)], capture_output=True, text=True,
                                  timeout=DEADLINE)
        self.assertEqual(done.stdout, "")
        self.assertIn("EADDRINUSE", done.stderr)

    def test_a_name_without_an_address_is_told(self):
        done = subprocess.run([console_process.PROGRAM, "tcp://name.invalid:0"], capture_output=True, text=True,
                              timeout=DEADLINE)
        self.assertEqual(done.stdout, "")
        self.assertIn("name.invalid", done.stderr)


if __name__ == "__main__":
    main()
