// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pump_target.hpp"

#include <actornet/handles.hpp>

#include <actornet/net/chunk.hpp>
#include <actornet/net/file.hpp>
#include <actornet/net/pump.hpp>
#include <actornet/net/stream_socket.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace actornet {

class outlets;

/// What came of a pump, once it has stopped.
struct pumped_flow {
  /// Read from the source, and not in the sink; in order.
  std::vector<net::chunk> taken_back = {};
  sink to = {};
  /// One of these at most; of none, it was stopped.
  bool source_ended = false;
  std::optional<net::error> source_failure = {};
  std::optional<net::error> sink_failure = {};
  /// Waited for it, in the order in which they were asked for.
  std::vector<std::function<void()>> then = {};
};

/// Whose bytes are pumped. Called from within `io_backend::poll`.
class pump_owner {
public:
  virtual void pumped(std::size_t bytes) = 0;
  /// The last call. The pump is to be let go of.
  virtual void pump_stopped(pumped_flow last) = 0;

protected:
  ~pump_owner() = default;
};

/// The fast path beneath a pipe: where one sink of the loop, and nobody else, gets the bytes of a
/// source, the kernel moves them. Whatever has to know the exact count, or changes who gets the
/// bytes, waits until the pump has stopped; what that gives back is held as if it had just been
/// received. Loop's thread.
class outlet_pump final : public net::pump_events {
public:
  /// Only when that is ready. Null if it cannot be, which is noted in `from`, or not yet, since a
  /// file has been read ahead.
  static std::unique_ptr<outlet_pump> start(pump_owner& owner, outlets& from,
                                            net::stream_socket& source);
  static std::unique_ptr<outlet_pump> start(pump_owner& owner, outlets& from,
                                            net::opened_file_ptr source);
  outlet_pump(pump_owner& owner, outlets& from, pump_target& to);
  ~outlet_pump();
  outlet_pump(const outlet_pump&) = delete;
  outlet_pump& operator=(const outlet_pump&) = delete;

  void stop();
  void stop_then(std::function<void()> then);
  bool is_stopping() const noexcept { return is_stopping_; }
  /// The sink is gone, for that reason.
  void sink_closes(const net::error& why);
  /// The source is gone, and what the pump holds with it: who waits for it is to go on at once.
  std::vector<std::function<void()>> give_up();

private:
  template <class Source>
  static std::unique_ptr<outlet_pump> begin(pump_owner& owner, outlets& from, Source&& source);
  void close();

  void on_moved(std::size_t bytes) override;
  void on_blocked() override { target_->pump_is_blocked(); }
  void on_source_end() override;
  void on_source_failed(const net::error& why) override;
  void on_sink_failed(const net::error& why) override;
  void on_refused(const net::error& why) override;
  void on_stopped(std::vector<net::chunk> taken_back) override;

  pump_owner& owner_;
  outlets& from_;
  pump_target* target_; // which `flow_.to` keeps; null once it was told of the end
  net::pump_ptr pump_;
  pumped_flow flow_;
  bool is_stopping_ = false;
};

} // namespace actornet
