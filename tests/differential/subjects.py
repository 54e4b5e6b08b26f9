# SPDX-License-Identifier: BSD-3-Clause
"""Who is compared: Node, and the console on each backend. All take the same command line and lines of input."""

import pathlib

from console_process import Console

NODE_PROGRAM = pathlib.Path(__file__).parent / "subject.js"
EVERYTHING = ("--show-bytes", "1000000000")


class Subject:
    def __init__(self, name, program, *options):
        self.name = name
        self._program = program
        self._options = options

    def start(self, *arguments):
        return Console(*arguments, *self._options, program=self._program)


def subjects(console):
    """Node first."""
    return [Subject("node", ["node", str(NODE_PROGRAM)]),
            *(Subject(f"console [{backend}]", [console], "--backend", backend, "--loops", "1", *EVERYTHING)
              for backend in ("epoll", "uring"))]
