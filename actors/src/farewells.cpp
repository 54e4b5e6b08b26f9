// SPDX-License-Identifier: BSD-3-Clause
#include "farewells.hpp"

#include "io_loop.hpp"

#include <chrono>
#include <utility>

namespace actornet {

namespace {

constexpr std::chrono::seconds patience{2};
constexpr std::size_t window_bytes = 64 * 1024;

} // namespace

class farewells::one final : public std::enable_shared_from_this<one>, net::stream_events {
public:
  explicit one(farewells& home) : home_(home), deadline_([this] { over(); }) {}

  bool begin(net::accepted_stream& client, const net::chunk& word) {
    auto& loop = home_.home_;
    auto added = loop.backend().add_stream(std::move(client.socket), {}, *this);
    if (!added)
      return false;
    socket_ = std::move(*added);
    socket_->set_receive_window(net::make_receive_window(window_bytes, [] {}));
    if (!word.empty())
      socket_->send(word);
    socket_->finish();
    socket_->start_receiving();
    loop.timers().arm(deadline_, loop.after(patience));
    return true;
  }

private:
  // The others keep us while they are told something.
  void over() {
    auto alive = shared_from_this();
    home_.all_.erase(alive);
    socket_.reset();
  }

  void on_connected(const net::endpoint&) override {}
  void on_connect_failed(const net::error&) override {}
  void on_received(net::chunk) override {}
  void on_end() override {
    ended_ = true;
    if (finished_)
      over();
  }
  void on_receive_failed(const net::error&) override { over(); }
  void on_sent(std::size_t) override {}
  void on_send_blocked() override {}
  void on_finished() override {
    finished_ = true;
    if (ended_)
      over();
  }
  void on_send_failed(const net::error&) override { over(); }

  farewells& home_;
  loop_timer deadline_;
  net::stream_socket_ptr socket_;
  bool ended_ = false;
  bool finished_ = false;
};

farewells::~farewells() { end_all(); }

bool farewells::say(net::accepted_stream& client, const net::chunk& word) {
  if (all_.size() >= at_once_max)
    return false;
  auto made = std::make_shared<one>(*this);
  if (made->begin(client, word))
    all_.insert(std::move(made));
  return true;
}

void farewells::end_all() { all_.clear(); }

} // namespace actornet
