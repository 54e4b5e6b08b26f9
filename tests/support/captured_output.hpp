// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <iostream>
#include <sstream>
#include <string>

namespace actornet::test {

/// What is printed to `std::cout` while it lives; CAF's printing handlers end there.
class captured_output {
public:
  captured_output() : before_(std::cout.rdbuf(text_.rdbuf())) {}
  ~captured_output() { std::cout.rdbuf(before_); }
  captured_output(const captured_output&) = delete;
  captured_output& operator=(const captured_output&) = delete;

  std::string text() const { return text_.str(); }

private:
  std::ostringstream text_;
  std::streambuf* before_;
};

} // namespace actornet::test
