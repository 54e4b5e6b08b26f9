// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "backend.hpp"
#include "byte_queue.hpp"
#include "file_end.hpp"
#include "stream.hpp"

#include <actornet/net/pump.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace actornet::net::simulation {

/// A pump of a simulated backend: between a stream or a file and a stream or a file, through a pipe
/// that holds a little.
class pump final : public net::pump, public source {
public:
  pump(backend& home, pump_events& events) : home_(home), events_(events) {}

  // Of each two, one.
  void read_from(stream* what);
  void read_from(file_end_ptr what);
  void write_to(stream* what);
  void write_to(file_end_ptr what);

  void stop() override;
  void close() override;
  void on_turn() override;

private:
  enum class phase { moving, over, stopping, stopped };

  bool is_moving() const noexcept { return !closed && phase_ == phase::moving; }
  void take_in();
  void take_from_stream();
  void ask_file_for_more();
  void give_out();
  void give_to_stream();
  void ask_file_to_take();
  void tell_moved();
  void tell_outcome();
  void answer_stop();
  void release_sink();
  void let_go_of_streams();

  backend& home_;
  pump_events& events_;
  stream* from_stream_ = nullptr;
  stream* to_stream_ = nullptr;
  file_end_ptr from_file_;
  file_end_ptr to_file_;
  phase phase_ = phase::moving;
  byte_queue inside_;
  std::size_t moved_ = 0; // and not told
  bool has_moved_ = false;
  bool is_blocked_ = false;  // and not told
  bool reads_file_ = false;  // it is to be read some time
  bool writes_file_ = false; // it is to be written some time
  bool source_over_ = false;
  std::optional<error> source_failure_;
  std::optional<error> sink_failure_;
};

} // namespace actornet::net::simulation
