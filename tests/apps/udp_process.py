# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of datagrams share: consoles that are UDP endpoints, and bare sockets."""

from console_process import *


class UdpTest(ConsoleTest):
    """Consoles with UDP endpoints, and sockets, that are gone after the test."""

    def udp(self, address="udp4://127.0.0.1:0", *options, **popen):
        return self.console("udp", address, *options, **popen)

    def socket(self, host="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.settimeout(DEADLINE)
        made.bind((host, port))
        return made


def target(made):
    """Of a bare socket: HOST:PORT."""
    host, port = made.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


__all__ = ["UdpTest", "target", *__import__("console_process").__all__]
