// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel.hpp"
#include "source.hpp"

#include <actornet/net/buffer_pool.hpp>
#include <actornet/net/io_backend.hpp>

#include <atomic>
#include <vector>

namespace actornet::net::simulation {

class stream;

/// A loop's door to a simulated network.
class backend final : public io_backend {
public:
  explicit backend(kernel& home);
  ~backend() override;
  backend(const backend&) = delete;
  backend& operator=(const backend&) = delete;

  std::string_view name() const noexcept override { return "simulated"; }
  instant now() const noexcept override { return now_; }
  void flush() override;
  void poll(std::optional<instant> until) override;
  void set_busy_poll(duration) override {}
  void wake() noexcept override { woken_.store(true, std::memory_order_release); }

  expected<opened_listener> open_listener(const endpoint& where,
                                          const listen_options& chosen) override;
  expected<opened_listener> adopt_listener(int number, const listen_options& chosen) override;
  expected<accepted_stream> adopt_stream(int number) override;
  expected<opened_datagram> open_datagram(const datagram_options& chosen) override;
  expected<opened_datagram> adopt_datagram(int number, const datagram_options& chosen) override;
  expected<listen_socket_ptr> add_listener(opened_listener opened, listen_events& events) override;
  expected<stream_socket_ptr> add_stream(descriptor socket, const socket_options& chosen,
                                         stream_events& events) override;
  stream_socket_ptr connect(const endpoint& remote, const connect_options& chosen,
                            stream_events& events) override;
  expected<datagram_socket_ptr> add_datagram(opened_datagram opened,
                                             datagram_events& events) override;
  name_lookup_ptr look_up(name_query query, name_lookup_events& events) override;
  file_ptr open_file(std::string path, const file_options& chosen, file_events& events) override;
  expected<pump_ptr> start_pump(stream_socket& from, opened_file_ptr to,
                                pump_events& events) override;
  expected<pump_ptr> start_pump(stream_socket& from, stream_socket& to,
                                pump_events& events) override;
  expected<pump_ptr> start_pump(opened_file_ptr from, stream_socket& to,
                                pump_events& events) override;

  // For the sources, and for the network.

  kernel& home() noexcept { return home_; }
  buffer_pool& buffers() noexcept { return buffers_; }
  void call_next_turn(source& what);
  void call_at_flush(source& what);
  /// Whether a `poll` would tell something, or somebody wants one.
  bool has_work() const noexcept;

private:
  using sources = std::vector<std::shared_ptr<source>>;

  // errno, 0 if nothing speaks against it.
  int why_not_from(const stream* from) const noexcept;
  int why_not_to(const stream* to) const noexcept;
  template <class From, class To>
  expected<pump_ptr> begin_pump(int trouble, From&& from, To&& to, pump_events& events);

  kernel& home_;
  buffer_pool buffers_;
  instant now_;
  std::atomic<bool> woken_{false};
  sources next_turn_;
  sources to_flush_;
};

} // namespace actornet::net::simulation
