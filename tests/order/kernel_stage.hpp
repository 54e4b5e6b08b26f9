// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "order/stage.hpp"

#include <string>

namespace actornet::test {

/// A program's actor system with that backend: the runtime's thread, and sockets of the kernel.
/// Checks at its end that no descriptor was left open.
std::unique_ptr<stage> make_kernel_stage(const std::string& backend);

} // namespace actornet::test
