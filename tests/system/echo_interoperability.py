#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Much is echoed through a client that nobody here wrote, byte for byte equal, and the server's memory stays small.

    echo_interoperability.py ECHO_PROGRAM socat|node

64 MiB; with ACTORNET_SOAK=1 it is 1 GiB.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

from server_process import ServerProcess, check, is_soak

MIB = 1024 * 1024
RSS_MAX_KIB = 64 * 1024
PATIENCE_S = 1200 if is_soak() else 90


class Noise(threading.Thread):
    """Writes bytes of which no two blocks are equal, and digests them."""

    def __init__(self, count_mib, pipe):
        super().__init__(daemon=True)
        self.count_mib = count_mib
        self.pipe = pipe
        self.digest = hashlib.sha256()

    def run(self):
        block = os.urandom(MIB - 8)
        for number in range(self.count_mib):
            for part in (number.to_bytes(8, "big"), block):
                self.digest.update(part)
                self.pipe.write(part)
        self.pipe.close()


def through_socat(port, count_mib):
    # -t: how long it waits for the rest of our echo after its input has ended.
    client = subprocess.Popen(["socat", "-t", str(PATIENCE_S), "-b", "65536", "-", f"TCP:127.0.0.1:{port}"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    sender = Noise(count_mib, client.stdin)
    sender.start()
    received = hashlib.sha256()
    count = 0
    while part := client.stdout.read(MIB):
        received.update(part)
        count += len(part)
    sender.join()
    check(client.wait(timeout=30) == 0, f"socat ends with status 0, not {client.returncode}")
    return sender.digest.hexdigest(), received.hexdigest(), count


def through_node(port, count_mib):
    script = pathlib.Path(__file__).with_name("echo_client.js")
    done = subprocess.run(["node", script, str(port), str(count_mib)], stdout=subprocess.PIPE, timeout=PATIENCE_S)
    check(done.returncode == 0, f"node ends with status 0, not {done.returncode}")
    told = json.loads(done.stdout)
    return told["sent"], told["received"], told["count"]


def main():
    program, client = sys.argv[1:]
    count_mib = 1024 if is_soak() else 64
    server = ServerProcess(program)
    begin = time.monotonic()
    sent, received, count = {"socat": through_socat, "node": through_node}[client](server.port, count_mib)
    passed = time.monotonic() - begin
    most_kib = server.memory_kib("VmHWM")
    server.end()
    print(f"{count / MIB:.0f} MiB through {client} in {passed:.1f} s, server's memory at most {most_kib / 1024:.1f} MiB")
    check(count == count_mib * MIB, f"{count_mib * MIB} bytes come back, not {count}")
    check(sent == received, "what comes back is what was sent")
    if not server.is_instrumented:
        check(most_kib < RSS_MAX_KIB, f"the server stays under {RSS_MAX_KIB} KiB, not {most_kib}")


if __name__ == "__main__":
    main()
