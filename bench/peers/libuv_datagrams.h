// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "command.h"

// The server of datagrams on libuv, with its recvmmsg, and uv_udp_try_send as its manual suggests.
void serve_libuv_datagrams(const struct command* command);
