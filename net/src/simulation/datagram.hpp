// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "backend.hpp"
#include "datagram_queue.hpp"

#include <actornet/net/datagram_socket.hpp>

namespace actornet::net::simulation {

/// A datagram socket of a simulated backend.
class datagram final : public datagram_socket, public source, public watcher {
public:
  datagram(backend& home, opened_datagram opened, datagram_end_ptr end, datagram_events& events);

  void set_events(datagram_events& events) override { events_ = &events; }
  void set_receive_window(receive_window_ptr window) override { window_ = std::move(window); }
  void set_coalescing(duration) override {} // to be woken costs nothing here
  void start_receiving() override;
  void stop_receiving() override { receiving_ = false; }
  std::uint32_t kernel_drops() const noexcept override { return end_->drops(); }

  void send(chunk bytes, const endpoint& destination, send_tag tag,
            const endpoint& source) override;
  void send(std::vector<chunk> pieces, const endpoint& destination, send_tag tag,
            const endpoint& source) override;
  std::size_t unsent_bytes() const noexcept override { return unsent_.bytes(); }
  std::size_t unsent_datagrams() const noexcept override { return unsent_.size(); }
  void finish() override;

  expected<void> bind(const endpoint& where) override;
  expected<void> connect(const endpoint& remote) override;
  expected<void> disconnect() override;
  expected<endpoint> local() const override { return end_->local(); }
  const endpoint& remote() const noexcept override { return remote_; }

  expected<void> join(const group_membership& what) override;
  expected<void> leave(const group_membership& what) override;
  expected<void> set(const datagram_settings& chosen) override;
  expected<std::size_t> send_buffer_bytes() const override { return end_->send_buffer_bytes(); }
  expected<std::size_t> receive_buffer_bytes() const override {
    return end_->receive_buffer_bytes();
  }
  expected<std::vector<std::byte>> get_option(int level, int name,
                                              std::size_t bytes_max) const override;

  void close() override;

  void on_turn() override;
  void on_flush() override;
  void on_change() override { home_.call_next_turn(*this); }

private:
  void note(std::string_view what);
  bool is_connected() const noexcept { return remote_.family() != address_family::none; }
  int refusal_of(const endpoint& destination) const noexcept;
  unsent_datagram& add(std::size_t bytes, const endpoint& destination, send_tag tag,
                       const endpoint& source);
  void fix_destinations();

  void tell_error();
  void receive_some();
  received_datagram received(wire_datagram from);
  void send_some();
  bool send_first();
  void wait_for_room();
  void tell_that_all_left();

  backend& home_;
  descriptor socket_;
  datagram_end_ptr end_;
  datagram_events* events_;
  const address_family family_;
  const datagram_reports reports_;
  endpoint remote_;
  receive_window_ptr window_;
  datagram_queue unsent_;
  bool receiving_ = false;
  bool blocked_ = false;
  bool was_blocked_ = false; // and `on_room` is yet to be told
  bool finishing_ = false;
};

} // namespace actornet::net::simulation
