#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""docs/console.md names each option and each line of input that the console has, and none that it has not."""

import pathlib
import re
import subprocess

import console_process
from console_process import *

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "console.md"
WORDS = {"closed", "forced"}  # of events and answers, in the tables of lines
COMMANDS = {"listen": "tcp://127.0.0.1:0", "connect": "tcp://127.0.0.1:1", "udp": "udp4:"}


def code_of(text):
    """What stands in backticks in tables, where a bar has to be escaped."""
    return [code.replace("\\|", "|") for line in text.splitlines() if line.startswith("|")
            for code in re.findall(r"`([^`]+)`", line)]


def options_of(command):
    told = subprocess.run([console_process.PROGRAM, command, "--help"], capture_output=True, text=True, check=True, timeout=DEADLINE)
    return set(re.findall(r"^  (?:-h,)?(--[a-z0-9-]+)", told.stdout, re.MULTILINE))


class Document(ConsoleTest):
    def setUp(self):
        self.text = DOCUMENT.read_text(encoding="utf-8")
        self.code = code_of(self.text)
        self.lines = self.lines_of("listen") | self.lines_of("udp")

    def lines_of(self, command):
        return set(self.console(command, COMMANDS[command]).ask("help")["commands"])

    def test_options(self):
        there = set().union(*(options_of(command) for command in COMMANDS)) - {"--help"}
        self.assertIn("--coalescing-us", there)
        self.assertEqual({code.split()[0] for code in self.code if code.startswith("--")}, there)

    def test_lines_of_input(self):
        self.assertIn("pipe N PATH [keep-open] [and-data]", self.lines)
        tables = self.text[self.text.index("| to a connection |"):self.text.index("## Output")]
        self.assertEqual({code for code in code_of(tables) if code not in WORDS}, self.lines)


main()
