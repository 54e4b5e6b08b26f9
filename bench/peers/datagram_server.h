// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "command.h"

// The yardstick of the benchmarks of UDP: an epoll loop around recvmmsg and sendmmsg, as many
// datagrams at once as there are. Serves until SIGTERM, and prints the count of a sink. In the
// modes of offload the kernel takes and gives runs of datagrams as one (UDP_GRO, UDP_SEGMENT).
void serve_datagrams(const struct command* command);
