// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_backend.hpp"

#include "kernel_intake.hpp"
#include "kernel_outbox.hpp"
#include "socket_calls.hpp"
#include "socket_datagram_calls.hpp"

#include <chrono>

namespace actornet::net {

kernel_backend::kernel_backend(std::shared_ptr<wake_signal> bell, std::shared_ptr<resolver> names)
    : bell_(std::move(bell)), lookups_(std::make_shared<lookup_inbox>(bell_)),
      names_(std::move(names)), now_(read_clock()) {}

kernel_backend::~kernel_backend() = default;

instant kernel_backend::read_clock() noexcept {
  return instant(std::chrono::steady_clock::now().time_since_epoch());
}

void kernel_backend::wake() noexcept {
  if (!rung_.exchange(true, std::memory_order_acq_rel))
    bell_->ring();
}

expected<opened_listener> kernel_backend::open_listener(const endpoint& where,
                                                        const listen_options& chosen) {
  return open_kernel_listener(where, chosen);
}

expected<opened_listener> kernel_backend::adopt_listener(int number, const listen_options& chosen) {
  return adopt_kernel_listener(number, chosen);
}

expected<accepted_stream> kernel_backend::adopt_stream(int number) {
  return adopt_kernel_stream(number);
}

name_lookup_ptr kernel_backend::look_up(name_query query, name_lookup_events& events) {
  return lookups_->ask(*names_, std::move(query), events);
}

expected<opened_datagram> kernel_backend::open_datagram(const datagram_options& chosen) {
  return open_kernel_datagram(chosen);
}

expected<opened_datagram> kernel_backend::adopt_datagram(int number,
                                                         const datagram_options& chosen) {
  return adopt_kernel_datagram(number, chosen);
}

void kernel_backend::prepare_for_datagrams() {
  if (!intake_)
    intake_ = std::make_unique<kernel_intake>(buffers_);
  if (!outbox_)
    outbox_ = std::make_unique<kernel_outbox>();
}

} // namespace actornet::net
