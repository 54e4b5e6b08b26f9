// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "byte_queue.hpp"
#include "stream_end.hpp"

#include <optional>
#include <string>

namespace actornet::net::simulation {

/// What is behind a `simulated_peer`.
class peer final : public watcher {
public:
  /// A client: connecting, or why it could not even begin.
  explicit peer(expected<stream_end_ptr> made);

  void send(std::string_view bytes);
  void finish();
  void close();
  void reset();
  /// How many bytes more it reads.
  void read(std::size_t most);

  const stream_end* end() const noexcept { return end_.get(); }
  bool connected() const noexcept { return end_ && end_->is_connected(); }
  std::optional<error> connect_failure() const;
  std::string& received() noexcept { return received_; }
  bool got_end() const noexcept { return got_end_; }
  bool was_reset() const noexcept { return end_ && end_->broken() != 0; }
  std::size_t unsent_bytes() const noexcept { return unsent_.size(); }

  void on_change() override { go_on(); }

private:
  void go_on();
  void push();
  void pull();

  stream_end_ptr end_; // null if it could not begin
  std::optional<error> failure_;
  byte_queue unsent_;
  std::string received_;
  std::size_t reads_ = SIZE_MAX;
  bool finishing_ = false;
  bool got_end_ = false;
};

} // namespace actornet::net::simulation
