// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/actornet.hpp>

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace actornet::test {

/// A port of the loopback that the kernel chooses.
inline const std::string any_port = "tcp://127.0.0.1:0";

/// A program's actor system with the runtime in it: real threads, the real kernel.
///
/// Handles must not outlive the system that they belong to: a test that calls `end` drops its own
/// first.
///
/// The environment's ACTORNET_DELIVERY and ACTORNET_BACKEND choose what the options of these names
/// do, so that the same tests run on each.
class host {
public:
  using option = std::pair<std::string, std::string>;

  explicit host(std::size_t loops = 1, const std::vector<option>& options = {})
      : configuration_(loops, options) {
    system_.emplace(configuration_);
  }

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
    configuration(std::size_t loops, const std::vector<option>& options) {
      set("actornet.loops", loops);
      std::vector<std::string> arguments;
      for (const auto& [name, value] : options)
        arguments.push_back("--" + name + "=" + value);
      parse(std::move(arguments));
      set_from_environment("actornet.delivery", "ACTORNET_DELIVERY");
      set_from_environment("actornet.backend", "ACTORNET_BACKEND");
    }

    void set_from_environment(caf::string_view option, const char* variable) {
      if (const char* chosen = std::getenv(variable))
        set(option, std::string(chosen));
    }
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
