// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_backend.hpp"

#include "kernel_file.hpp"
#include "kernel_file_strand.hpp"
#include "kernel_intake.hpp"
#include "kernel_outbox.hpp"
#include "kernel_pumps.hpp"
#include "socket_calls.hpp"
#include "socket_datagram_calls.hpp"

#include <chrono>

namespace actornet::net {

kernel_backend::kernel_backend(std::shared_ptr<wake_signal> bell, std::shared_ptr<resolver> names)
    : bell_(std::move(bell)), lookups_(std::make_shared<lookup_inbox>(bell_)),
      reports_(std::make_shared<report_inbox>(bell_)), names_(std::move(names)),
      now_(read_clock()) {}

kernel_backend::~kernel_backend() { reports_->close(); }

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

file_ptr kernel_backend::open_file(std::string path, const file_options& chosen,
                                   file_events& events) {
  if (!files_)
    files_ = file_threads::shared();
  const auto prepared = files_->prepare();
  auto strand = std::make_shared<file_strand>(files_, std::move(path), chosen);
  auto made = std::make_shared<kernel_file>(*this, reports_, std::move(strand), events);
  made->begin(prepared);
  return file_ptr(made.get());
}

expected<pump_ptr> kernel_backend::start_pump(stream_socket& from, opened_file_ptr to,
                                              pump_events& events) {
  return make_pump(*this, reports_, from, to, events);
}

expected<pump_ptr> kernel_backend::start_pump(stream_socket& from, stream_socket& to,
                                              pump_events& events) {
  return make_pump(*this, reports_, from, to, events);
}

expected<pump_ptr> kernel_backend::start_pump(opened_file_ptr from, stream_socket& to,
                                              pump_events& events) {
  return make_pump(*this, reports_, from, to, events);
}

} // namespace actornet::net
