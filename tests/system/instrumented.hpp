// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace actornet::test {

/// A sanitizer is at work: time and memory that the process uses say nothing of the program.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_instrumented = true;
#else
inline constexpr bool is_instrumented = false;
#endif

} // namespace actornet::test
