// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/io_backend.hpp>
#include <actornet/net/simulated_network.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace actornet::test {

/// A backend that counts how often it is woken, lets a test act where events are told, and is
/// another one in all else.
class counting_backend final : public net::io_backend {
public:
  explicit counting_backend(std::unique_ptr<net::io_backend> inner) : inner_(std::move(inner)) {}

  std::atomic<int> wakes = 0;
  /// Called at the end of each `flush` and `poll`. May be empty.
  std::function<void()> in_flush, in_poll;

  std::string_view name() const noexcept override { return inner_->name(); }
  net::instant now() const noexcept override { return inner_->now(); }
  void flush() override {
    inner_->flush();
    call(in_flush);
  }
  void poll(std::optional<net::instant> until) override {
    inner_->poll(until);
    call(in_poll);
  }
  void set_busy_poll(net::duration longest) override { inner_->set_busy_poll(longest); }
  void wake() noexcept override {
    ++wakes;
    inner_->wake();
  }
  net::expected<net::opened_listener> open_listener(const net::endpoint& where,
                                                    const net::listen_options& chosen) override {
    return inner_->open_listener(where, chosen);
  }
  net::expected<net::opened_listener> adopt_listener(int number,
                                                     const net::listen_options& chosen) override {
    return inner_->adopt_listener(number, chosen);
  }
  net::expected<net::accepted_stream> adopt_stream(int number) override {
    return inner_->adopt_stream(number);
  }
  net::expected<net::opened_datagram> open_datagram(const net::datagram_options& chosen) override {
    return inner_->open_datagram(chosen);
  }
  net::expected<net::opened_datagram> adopt_datagram(int number,
                                                     const net::datagram_options& chosen) override {
    return inner_->adopt_datagram(number, chosen);
  }
  net::expected<net::datagram_socket_ptr> add_datagram(net::opened_datagram opened,
                                                       net::datagram_events& events) override {
    return inner_->add_datagram(std::move(opened), events);
  }
  net::expected<net::listen_socket_ptr> add_listener(net::opened_listener opened,
                                                     net::listen_events& events) override {
    return inner_->add_listener(std::move(opened), events);
  }
  net::expected<net::stream_socket_ptr> add_stream(net::descriptor socket,
                                                   const net::socket_options& chosen,
                                                   net::stream_events& events) override {
    return inner_->add_stream(std::move(socket), chosen, events);
  }
  net::stream_socket_ptr connect(const net::endpoint& remote, const net::connect_options& chosen,
                                 net::stream_events& events) override {
    return inner_->connect(remote, chosen, events);
  }
  net::name_lookup_ptr look_up(net::name_query query, net::name_lookup_events& events) override {
    return inner_->look_up(std::move(query), events);
  }
  net::file_ptr open_file(std::string path, const net::file_options& chosen,
                          net::file_events& events) override {
    return inner_->open_file(std::move(path), chosen, events);
  }
  net::expected<net::pump_ptr> start_pump(net::stream_socket& from, net::opened_file_ptr to,
                                          net::pump_events& events) override {
    return inner_->start_pump(from, std::move(to), events);
  }
  net::expected<net::pump_ptr> start_pump(net::stream_socket& from, net::stream_socket& to,
                                          net::pump_events& events) override {
    return inner_->start_pump(from, to, events);
  }
  net::expected<net::pump_ptr> start_pump(net::opened_file_ptr from, net::stream_socket& to,
                                          net::pump_events& events) override {
    return inner_->start_pump(std::move(from), to, events);
  }

private:
  static void call(const std::function<void()>& what) {
    if (what)
      what();
  }

  std::unique_ptr<net::io_backend> inner_;
};

} // namespace actornet::test
