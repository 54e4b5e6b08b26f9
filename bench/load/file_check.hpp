// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pattern.hpp"
#include "result.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace load {

/// Whether the files in `directory` are what the connections have sent, byte for byte: one for
/// each, of so many bytes as `sent` says by number of connection. Which file is whose follows from
/// what is in it, since a server numbers clients as it accepts them. Each connection without a
/// file, and each file of nobody, is an error of `measured`.
void check_files(const std::filesystem::path& directory, const std::vector<std::uint64_t>& sent,
                 result& measured);

} // namespace load
