// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "file_system.hpp"

#include <actornet/net/expected.hpp>
#include <actornet/net/file.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace actornet::net::simulation {

class kernel;

/// An open file, as the kernel holds it, and what is to be done with it: in order, one step at a
/// time, each of which takes a while.
class file_end final : public opened_file, public std::enable_shared_from_this<file_end> {
public:
  struct task {
    /// One step; false: there is another to be done. It may give up the file.
    std::function<bool()> step;
    /// Instead: the file was given up before it was done. May be empty.
    std::function<void()> drop;
  };

  file_end(kernel& home, std::string path, const file_options& chosen)
      : path(std::move(path)), chosen(chosen), home_(home) {}

  void submit(task what);
  /// Nothing of what was asked for is done any more.
  void abandon();
  bool is_open() const noexcept { return node_ != nullptr; }

  // errno, 0 if nothing speaks against it.
  int why_no_pump_into() const noexcept;
  int why_no_pump_out_of() const noexcept;

  // For tasks.

  expected<file_facts> open();
  /// How many bytes the file took, at least one.
  expected<std::size_t> write(std::string_view bytes);
  /// Empty at the end of the file, or of what was asked for.
  expected<std::string> read(std::size_t most);
  expected<void> sync();
  /// close(2).
  void close() { node_ = nullptr; }

  const std::string path;
  const file_options chosen;
  /// Its owner reads it, or has read ahead.
  bool is_read = false;

private:
  error failure(int number, std::string_view syscall) const;
  void note(std::string_view what) const;
  void step_later();
  void take_step();

  kernel& home_;
  file_node_ptr node_;
  std::uint64_t position_ = 0;
  std::uint64_t unread_ = chosen.length;
  std::deque<task> tasks_;
  bool is_busy_ = false; // a step is on its way
  bool abandoned_ = false;
};

using file_end_ptr = std::shared_ptr<file_end>;

} // namespace actornet::net::simulation
