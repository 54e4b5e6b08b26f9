// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "backend.hpp"
#include "file_end.hpp"

#include <actornet/net/descriptor.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace actornet::net::simulation {

/// A file of a simulated backend.
class file final : public net::file, public source {
public:
  file(backend& home, file_end_ptr end, file_events& events)
      : home_(home), end_(std::move(end)), events_(&events) {}

  /// The outcome is told in a later turn.
  void begin();

  void set_events(file_events& events) override { events_ = &events; }
  void write(chunk bytes) override;
  void sync() override;
  std::size_t unwritten_bytes() const noexcept override { return unwritten_bytes_; }
  std::vector<chunk> take_unwritten() override;
  void set_receive_window(receive_window_ptr window) override { window_ = std::move(window); }
  void start_reading() override;
  void stop_reading() override;
  void read_no_further() override;
  void finish() override;
  opened_file_ptr share() const override { return end_; }
  void close() override;

  void on_turn() override;

private:
  enum class reading { off, on, rest };
  using telling = std::function<void()>;

  void submit(std::function<bool()> step);
  void tell(telling what);
  void open();
  bool write_some();
  void sync_all();
  void read_ahead();
  void note_reading();
  bool read_some();
  void deliver_read();
  void break_off(error why);

  backend& home_;
  const file_end_ptr end_;
  file_events* events_;
  descriptor number_;
  receive_window_ptr window_;
  std::deque<chunk> unwritten_; // what is not in the file
  std::size_t unwritten_bytes_ = 0;
  std::deque<telling> to_tell_;
  std::deque<chunk> arrived_;
  std::optional<error> read_failure_;
  reading reading_ = reading::off;
  bool write_under_way_ = false;
  bool read_under_way_ = false;
  bool read_is_over_ = false;
  bool read_end_told_ = false;
  bool broken_ = false;       // no more is done
  bool failure_told_ = false; // and nothing more is told
};

} // namespace actornet::net::simulation
