// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace actornet::test {

/// The kernel refuses to take operations (EAGAIN, as when it has no memory) the next `times` times
/// that they are handed over without waiting.
void refuse_submits(int times) noexcept;

/// How many of them have yet to be refused.
int refusals_left() noexcept;

} // namespace actornet::test
