#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Forwards one multicast group from one interface to another, until standard input ends.

    multicast_router.py GROUP SOURCE INTERFACE_IN INTERFACE_OUT

Needs the right to configure the network. The kernel forwards what lives for one hop more; see <linux/mroute.h>.
"""

import socket
import struct
import sys

MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC = 200, 202, 204
VIFF_USE_IFINDEX = 8
VIFS_MAX = 32


def main(group, source, interface_in, interface_out):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP) as router:
        router.setsockopt(socket.IPPROTO_IP, MRT_INIT, 1)
        for number, name in enumerate((interface_in, interface_out)):
            router.setsockopt(socket.IPPROTO_IP, MRT_ADD_VIF,
                              struct.pack("@HBBIi4s", number, VIFF_USE_IFINDEX, 1, 0, socket.if_nametoindex(name), bytes(4)))
        hops = bytearray(VIFS_MAX)
        hops[1] = 1  # leaves by the second
        router.setsockopt(socket.IPPROTO_IP, MRT_ADD_MFC,
                          struct.pack("@4s4sH32sIIIi", socket.inet_aton(source), socket.inet_aton(group), 0, bytes(hops),
                                      0, 0, 0, 0))
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
