// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "burst.hpp"
#include "datagram_echo.hpp"
#include "datagram_sink.hpp"
#include "idle.hpp"
#include "result.hpp"
#include "sink.hpp"

namespace load {

/// Each prints one line of JSON and returns the exit status: 0 when all was well, 1 when a
/// connection failed or nothing was measured.
int report(const result& measured);
int report(const burst_result& measured);
int report(const sink_result& measured);
int report(const idle_result& measured);
int report(const datagram_echo_result& measured);
int report(const datagram_sink_result& measured);

} // namespace load
