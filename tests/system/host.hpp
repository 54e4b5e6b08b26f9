// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/actornet.hpp>

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

namespace actornet::test {

/// A port of the loopback that the kernel chooses.
inline const std::string any_port = "tcp://127.0.0.1:0";

/// A program's actor system with the runtime in it: real threads, the real kernel.
///
/// Handles must not outlive the system that they belong to: a test that calls `end` drops its own
/// first.
class host {
public:
  explicit host(std::size_t loops = 1) : configuration_(loops) { system_.emplace(configuration_); }

  caf::actor_system& system() { return *system_; }
  runtime& net() { return runtime::from(*system_); }

  /// The end of main: waits for what is referenced, closes the rest. The destructor does so, too.
  void end() { system_.reset(); }

  listener listens(handler made, listen_options chosen = {.address = any_port}) {
    auto opened = net().listen(std::move(chosen), std::move(made));
    if (!opened)
      throw std::runtime_error(to_string(opened.error()));
    return *opened;
  }

  connection connects(connect_options chosen, handler made) {
    auto begun = net().connect(std::move(chosen), std::move(made));
    if (!begun)
      throw std::runtime_error(to_string(begun.error()));
    return *begun;
  }

  endpoint address_of(const listener& whose) {
    return asks<addresses>(whose, get_address{}).value().local;
  }

  /// A request of this thread, and its answer.
  template <class Answer, class Handle, class Command>
  expected<Answer> asks(const Handle& whom, Command what) {
    expected<Answer> result = net::fail(error::invalid("no answer"));
    caf::scoped_actor self{system()};
    self->request(whom, patience, std::move(what))
        .receive([&](const Answer& got) { result = got; },
                 [&](const caf::error& why) { result = net::fail(ours(why)); });
    return result;
  }

  /// The same for commands that are answered without content.
  template <class Handle, class Command> expected<void> orders(const Handle& whom, Command what) {
    expected<void> result;
    caf::scoped_actor self{system()};
    self->request(whom, patience, std::move(what))
        .receive([] {}, [&](const caf::error& why) { result = net::fail(ours(why)); });
    return result;
  }

private:
  struct configuration : config {
    explicit configuration(std::size_t loops) { set("actornet.loops", loops); }
  };

  static constexpr std::chrono::seconds patience{30};

  error ours(const caf::error& why) {
    auto known = error_of(why);
    return known ? *known : error::invalid(system().render(why));
  }

  configuration configuration_;
  std::optional<caf::actor_system> system_;
};

} // namespace actornet::test
