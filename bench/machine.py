# SPDX-License-Identifier: BSD-3-Clause
"""The machine that is measured on: its cores, its network, its clocks."""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import platform
import resource
import socket
import struct
import sys
import time

DESCRIPTORS_WANTED = 65536

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # sched.h


def warn(sentence):
    print(f"warning: {sentence}", file=sys.stderr)


def enter_own_network():
    """Moves this process into a network namespace with Reno as the default congestion control.

    So no server needs to choose one: a machine's default may be BBR, which paces even loopback.
    Nor does anybody run out of ports when connections come and go.
    Returns False where the kernel or a container does not permit it.
    """
    if LIBC.unshare(CLONE_NEWNET) != 0 and LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    set_network("ipv4/tcp_congestion_control", "reno")
    set_network("ipv4/ip_local_port_range", "1024 65000")
    set_network("ipv4/tcp_tw_reuse", "1")
    set_network("core/somaxconn", "4096")
    bring_loopback_up()
    return True


def set_network(name, value):
    # /proc/sys may be read-only; congestion_control() tells what holds
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/sys/net", name).write_text(f"{value}\n", encoding="ascii")


def bring_loopback_up():
    get_flags, set_flags, up = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, get_flags, request))[1]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", flags | up))


def congestion_control():
    with socket.socket() as any_socket:
        name = any_socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
    return name.rstrip(b"\0").decode()


def choose_cores():
    """The core of the server and that of the generator."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        warn("only one core: server and generator share it, the figures say little")
    return cores[0], cores[-1] if len(cores) < 2 else cores[1]


def processor():
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def raise_descriptor_limit():
    """For this process and its children. Returns how many each may open."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = DESCRIPTORS_WANTED
    if hard == resource.RLIM_INFINITY or hard >= wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))  # root may
        return wanted
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return hard


def busy_seconds(cores):
    """CPU seconds that these cores have been busy with anything, since boot (proc(5), stat)."""
    names = {f"cpu{core}" for core in cores}
    ticks = 0
    for line in pathlib.Path("/proc/stat").read_text(encoding="ascii").splitlines():
        name, *fields = line.split()
        if name in names:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
            ticks += user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """CPU seconds of all threads of a process (clock_getcpuclockid(3): ~pid * 8 + 2)."""
    return time.clock_gettime((~pid << 3) | 2)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
