#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Decodes and encodes as Node does: random bytes in random pieces, and random texts, through both.

    text_against_node.py TEXT_PROGRAM

A failure prints the seed; ACTORNET_SEED=n runs that one again.
"""

import base64
import os
import pathlib
import random
import subprocess
import sys
import unittest

PROGRAM = None
NODE = ["node", pathlib.Path(__file__).with_name("text_program.js")]
SEED = int(os.environ.get("ACTORNET_SEED") or random.randrange(1 << 32))

ENCODINGS = ("utf8", "utf16le", "latin1", "ascii", "hex", "base64", "base64url")
DECODE_CASES = 20_000
ENCODE_CASES = 3_000

# Beginnings and limits of UTF-8, and surrogates in UTF-16: pure chance would rarely put them together.
TELLING_BYTES = bytes([0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
                       0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFC, 0xFE, 0xFF, 0xD8, 0xDB, 0xDC])
TELLING_CHARACTERS = "\0A~\x7f\x80\u00e9\xff\u0100\u07ff\u0800\u20ac\ud7ff\ue000\ufffd\uffff\U00010000\U0001f600\U0010ffff"


def in_hex(data):
    return data.hex() or "-"


def answers_of(command, lines):
    done = subprocess.run(command, input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, timeout=240,
                          check=True)
    return done.stdout.splitlines()


def some_bytes(chance):
    """Noise, noise of what is telling, or text with a fault in it."""
    kind = chance.randrange(3)
    if kind == 0:
        return chance.randbytes(chance.randrange(20))
    if kind == 1:
        return bytes(chance.choices(TELLING_BYTES, k=chance.randrange(12)))
    text = "".join(chance.choices(TELLING_CHARACTERS, k=chance.randrange(1, 8)))
    data = bytearray(text.encode(chance.choice(("utf-8", "utf-16-le"))))
    for _ in range(chance.randrange(3)):
        data[chance.randrange(len(data))] = chance.choice(TELLING_BYTES)
    return bytes(data)


def in_pieces(chance, data):
    """Some pieces may be empty, and there may be none."""
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(len(data) + 2)))
    return [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)])]


def text_for(chance, encoding):
    """A text that the encoding has bytes for."""
    if encoding == "hex":
        return "".join(chance.choice((str.upper, str.lower))(digit) for digit in chance.randbytes(9).hex())
    if encoding.startswith("base64"):
        encode = chance.choice((base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes))
        text = encode(chance.randbytes(chance.randrange(100))).decode()
        return text.replace("=", "") if chance.randrange(2) else text
    last = {"latin1": "\xff", "ascii": "\x7f"}.get(encoding, "\U0010ffff")
    return "".join(c for c in chance.choices(TELLING_CHARACTERS, k=12) if c <= last)


class AgainstNode(unittest.TestCase):
    def compare(self, lines):
        ours, nodes = answers_of([PROGRAM], lines), answers_of(NODE, lines)
        self.assertEqual(len(ours), len(lines))
        self.assertEqual(len(nodes), len(lines))
        for line, our, node in zip(lines, ours, nodes):
            self.assertEqual(our, node, f"of: {line}")

    def test_bytes_in_pieces_become_the_same_text(self):
        chance = random.Random(SEED)
        lines = []
        for _ in range(DECODE_CASES):
            pieces = in_pieces(chance, some_bytes(chance))
            lines.append(" ".join(["decode", chance.choice(ENCODINGS), *map(in_hex, pieces)]))
        self.compare(lines)

    def test_text_becomes_the_same_bytes(self):
        chance = random.Random(SEED)
        lines = []
        for _ in range(ENCODE_CASES):
            encoding = chance.choice(ENCODINGS)
            lines.append(f"encode {encoding} {in_hex(text_for(chance, encoding).encode())}")
        self.compare(lines)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    print(f"ACTORNET_SEED={SEED}", file=sys.stderr)
    unittest.main()
