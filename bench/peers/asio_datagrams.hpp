// SPDX-License-Identifier: BSD-3-Clause
#pragma once

extern "C" {
#include "command.h"
}

/// The server of datagrams on Boost.Asio, after the library's own examples.
void serve_asio_datagrams(const command& given);
