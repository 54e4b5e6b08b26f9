// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdlib>
#include <string_view>

namespace actornet::test {

/// Whether tests are to take their long forms.
inline bool is_soak() {
  const char* soak = std::getenv("ACTORNET_SOAK");
  return soak != nullptr && std::string_view(soak) == "1";
}

} // namespace actornet::test
