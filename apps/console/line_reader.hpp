// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "waiting_thread.hpp"

#include <functional>
#include <memory>
#include <string>

namespace console {

/// One line of input, without its end.
struct input_line {
  std::string text;
  /// While it lives, the line counts as not yet taken.
  std::shared_ptr<const void> held;
};

/// Reads a descriptor line by line on a thread of its own, until its end. A last line without a
/// newline counts. Of lines that nobody has taken there are at most `lines_held_max`: then it reads
/// no further.
class line_reader {
public:
  static constexpr unsigned lines_held_max = 1024;

  /// `on_line` is called on the reader's thread.
  line_reader(int descriptor, std::function<void(input_line)> on_line);

private:
  waiting_thread thread_;
};

} // namespace console
