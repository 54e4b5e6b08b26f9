// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "byte_queue.hpp"
#include "watcher.hpp"

#include <actornet/net/simulated_network.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace actornet::net::simulation {

class connection;
class kernel;

/// One end of a connection, as the kernel holds it: what a descriptor stands for.
class stream_end {
public:
  stream_end(kernel& home, connection& link, std::string_view name)
      : home_(home), link_(link), name_(name) {}
  stream_end(const stream_end&) = delete;
  stream_end& operator=(const stream_end&) = delete;

  // For whoever holds the end: a backend's stream, or a peer.

  void watch(watcher* who) noexcept { watcher_ = who; }
  bool is_connected() const noexcept { return phase_ == phase::connected; }
  /// errno of the connect that failed, 0 if it did not.
  int refusal() const noexcept { return refusal_; }
  /// errno of what broke the connection, 0 if it is whole.
  int broken() const noexcept { return broken_; }
  const endpoint& local() const noexcept { return local_; }
  const endpoint& remote() const noexcept { return remote_; }

  std::size_t readable_bytes() const noexcept { return incoming_.size(); }
  /// FIN came and every byte before it was read.
  bool at_end() const noexcept { return end_arrived_ && incoming_.empty(); }
  std::size_t read(std::span<std::byte> into);

  std::size_t room() const noexcept;
  /// How many bytes the kernel took. If it leaves no room, the watcher is told when there is some.
  std::size_t write(std::string_view bytes);
  /// FIN behind everything written.
  void finish();

  /// close(2): as TCP does, also in the background. Harmless to repeat.
  void close();
  /// close(2) with RST.
  void reset();
  bool is_closed() const noexcept { return closed_; }

  /// What the other end has not got, of all that was written here.
  std::size_t unacknowledged_bytes() const noexcept { return outgoing_.size() + in_flight_; }

  /// What is not given is left as it is.
  void set_options(const socket_options& chosen);
  socket_options settings;

  // For the network.

  /// What the end will be called, while it is still connecting.
  void name_ends(endpoint local, endpoint remote);
  void establish();
  void refuse(int number);
  /// Breaks the connection, seen from here, once so many bytes more have arrived.
  void break_after(std::size_t bytes);
  stream_end& other() noexcept;
  std::shared_ptr<stream_end> share();

private:
  enum class phase { connecting, connected, refused };
  enum class fin { not_wanted, wanted, on_its_way };

  void transmit();
  std::size_t window_of_other() noexcept;
  void send_segment(std::size_t bytes);
  void send_reset();
  void arrive(std::string_view segment);
  void arrive_end();
  void arrive_reset();
  void break_now(int number);
  void changed();
  void give_back();
  void note(std::string_view what) const;
  /// Runs `what` at the other end, behind everything that was sent before.
  template <class Action> void deliver(Action what);

  kernel& home_;
  connection& link_;
  std::string_view name_; // in the trace
  watcher* watcher_ = nullptr;
  endpoint local_;
  endpoint remote_;
  phase phase_ = phase::connecting;
  fin fin_ = fin::not_wanted;
  int refusal_ = 0;
  int broken_ = 0;
  bool closed_ = false;
  bool end_arrived_ = false;
  bool wants_room_ = false; // the last write left no room
  byte_queue outgoing_;
  byte_queue incoming_;
  std::size_t in_flight_ = 0; // bytes on the way to the other end
  instant last_arrival_{};    // of what was sent from here
  std::optional<std::size_t> breaks_after_;
};

using stream_end_ptr = std::shared_ptr<stream_end>;

/// Both ends; lives as long as somebody holds one of them, or something is on the way.
class connection : public std::enable_shared_from_this<connection> {
public:
  connection(kernel& home, std::uint64_t number)
      : number(number), client(home, *this, "client"), server(home, *this, "server") {}

  const std::uint64_t number;
  stream_end client;
  stream_end server;
};

} // namespace actornet::net::simulation
