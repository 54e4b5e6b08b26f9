// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/counting_backend.hpp"

#include "connection_actor.hpp"
#include "io_loop.hpp"
#include "listener_actor.hpp"
#include "log_sink.hpp"
#include "open_listeners.hpp"

#include <actornet/testkit.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace actornet::test {

/// A loop that belongs to no runtime, on the network of a world: for tests that decide what happens
/// between the steps of a turn.
class driven_loop {
public:
  explicit driven_loop(testkit::world& w, const loop_settings& chosen = {})
      : loop(w.system(), observed(w), chosen, log_) {
    log_.replace([this](std::string_view line) { lines.emplace_back(line); });
  }
  ~driven_loop() { loop.shut_down(); }
  driven_loop(const driven_loop&) = delete;
  driven_loop& operator=(const driven_loop&) = delete;

  void turns(int count = 1) {
    for (int i = 0; i < count; ++i)
      loop.turn_by_hand();
  }

  /// Listens on a numeric address, from the next turn on.
  listener listens(listen_options chosen, handler made, listener_actor::place next) {
    auto where = *net::address::parse(chosen.address);
    auto opened = std::make_shared<opened_listeners>(
        *open_listeners(*backend, where, listener_actor::socket_options(chosen)));
    auto result = listener_actor::spawn(loop, std::move(chosen), std::move(made), std::move(next));
    loop.put(task([result, opened] {
      static_cast<listener_actor*>(caf::actor_cast<caf::abstract_actor*>(result))
          ->start_listening(std::move(*opened));
    }));
    return result;
  }

private:
  std::unique_ptr<net::io_backend> observed(testkit::world& w) {
    auto made = std::make_unique<counting_backend>(w.network().make_backend());
    backend = made.get();
    return made;
  }

  log_sink log_;

public:
  counting_backend* backend = nullptr;
  std::vector<std::string> lines;
  io_loop loop;
};

} // namespace actornet::test
