// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "waiting_thread.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace console {

class semaphore;

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

  /// Waits until what has been given by now is told, up to a mebibyte: not for the rest of a line
  /// that is only begun. Lines must go on to be taken.
  void settle();

private:
  enum class activity : std::uint8_t { waiting, telling, ended };

  void run(const std::function<void(input_line)>& on_line);
  /// The next bytes; none at the end.
  std::string_view read_some();
  /// What was read before is told.
  void becomes(activity what);
  bool is_readable() const;

  const int descriptor_;
  // For lines. Not the thread's own: where it leaves a system call because it is to end,
  // ThreadSanitizer does not follow its atomics any more.
  const std::shared_ptr<semaphore> room_;
  // Of its thread.
  std::vector<char> buffer_;
  std::size_t bytes_read_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  activity now_ = activity::telling;
  std::size_t bytes_told_ = 0;

  waiting_thread thread_;
};

} // namespace console
