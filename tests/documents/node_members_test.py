#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks whether docs/node-differences.md speaks of every public member of `net` and `dgram` in the Node that is installed, and whether
what it names as ours is there.

    node_members_test.py DOCUMENT INCLUDE_DIR...
"""

import json
import pathlib
import re
import subprocess
import sys

MEMBERS = """
const net = require('net');
const { Duplex } = require('stream');
const names = (what) => Object.getOwnPropertyNames(what)
  .filter((name) => !/^(_|constructor$|length$|name$|prototype$)/.test(name));
const found = new Set([...names(net), ...names(net.createServer()), ...names(new net.Socket()), ...names(Duplex.prototype)]);
for (const kind of ['Server', 'Socket', 'BlockList', 'SocketAddress'])
  for (const name of [...names(net[kind]), ...names(net[kind].prototype)]) found.add(name);
const dgram = require('dgram');
for (const what of [dgram, dgram.Socket.prototype]) for (const name of names(what)) found.add(name);
console.log(JSON.stringify([...found]));
"""

# The document names these as a group: streams of JavaScript objects.
OF_STREAMS = {"writableObjectMode", "readableObjectMode"}


def members():
    told = subprocess.run(["node", "-e", MEMBERS], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(told.stdout)


def is_named(name, document):
    return re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", document) is not None


def code_of(text):
    return re.findall(r"`([^`]+)`", text)


def ours(document):
    """The names in the second column of the tables; addresses are none."""
    for line in document.splitlines():
        columns = line.split("|")
        if len(columns) >= 4 and not columns[2].strip().startswith("---"):
            for code in code_of(columns[2]):
                if not re.search(r"tcp://|udp[46]:|unix:|fd:", code):
                    yield from re.findall(r"[a-z][a-z0-9_]{2,}", code)


def main():
    document = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    headers = " ".join(each.read_text(encoding="utf-8") for folder in sys.argv[2:] for each in pathlib.Path(folder).rglob("*.hpp"))
    found = members()
    for name in ("resetAndDestroy", "getConnections", "addSourceSpecificMembership"):
        assert name in found, "Node does not tell of its members"
    of_node = " ".join(code_of(document))
    unnamed = sorted(name for name in found if name not in OF_STREAMS and not is_named(name, of_node))
    if unnamed:
        sys.exit(f"{sys.argv[1]} does not name: {', '.join(unnamed)}")
    here = set(ours(document))
    assert "finish_then_destroy" in here and "set_multicast_ttl" in here, "the tables have another form"
    unknown = sorted(name for name in here if not re.search(rf"\b{name}\b", headers))
    if unknown:
        sys.exit(f"{sys.argv[1]} names what no header has: {', '.join(unknown)}")
    print(f"{len(found)} members of Node and {len(here)} names of ours")


main()
