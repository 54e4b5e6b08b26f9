// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "datagram_end.hpp"
#include "file_end.hpp"
#include "listener_end.hpp"
#include "stream_end.hpp"

#include <algorithm>
#include <map>
#include <variant>

namespace actornet::net::simulation {

/// The open descriptors: which number means what.
class descriptor_table {
public:
  using entry = std::variant<stream_end_ptr, listener_end_ptr, datagram_end_ptr, file_end_ptr>;

  explicit descriptor_table(std::size_t most) noexcept : most_(most) {}

  void limit(std::size_t most) noexcept { most_ = most; }
  bool is_full() const noexcept { return entries_.size() >= most_; }
  std::size_t size() const noexcept { return entries_.size(); }

  /// The lowest free number, as POSIX has it. Not when full.
  int add(entry what) {
    int number = lowest_;
    for (auto each = entries_.find(number); each != entries_.end() && each->first == number; ++each)
      ++number;
    lowest_ = number + 1;
    entries_.emplace(number, std::move(what));
    return number;
  }
  bool has(int number) const { return entries_.contains(number); }
  stream_end_ptr stream(int number) const { return find<stream_end_ptr>(number); }
  listener_end_ptr listener(int number) const { return find<listener_end_ptr>(number); }
  datagram_end_ptr datagrams(int number) const { return find<datagram_end_ptr>(number); }

  void close(int number) {
    auto taken = entries_.extract(number);
    if (taken.empty())
      return;
    lowest_ = std::min(lowest_, number);
    std::visit([](auto& end) { end->close(); }, taken.mapped());
  }

private:
  static constexpr int first_number = 3;

  template <class Pointer> Pointer find(int number) const {
    auto found = entries_.find(number);
    auto* pointer = found == entries_.end() ? nullptr : std::get_if<Pointer>(&found->second);
    return pointer ? *pointer : nullptr;
  }

  std::size_t most_;
  int lowest_ = first_number; // every number below is taken
  std::map<int, entry> entries_;
};

} // namespace actornet::net::simulation
