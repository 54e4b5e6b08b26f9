// SPDX-License-Identifier: BSD-3-Clause
#include "result.hpp"

#include <iostream>

namespace load {

void result::add_error(std::size_t connection, std::string_view why) {
  std::cerr << "load: connection " << connection << ": " << why << '\n';
  ++errors;
}

} // namespace load
