// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"
#include "socket_option_commands.hpp"

#include <chrono>

// The options of a connection's socket: what each command sets, and who is told what came of it.
namespace actornet {

namespace {

net::expected<net::socket_options> wanted_by(const set_no_delay& given) {
  return net::socket_options{.no_delay = given.enabled};
}

net::expected<net::socket_options> wanted_by(const set_keep_alive& given) {
  return net::socket_options{
      .keep_alive = keep_alive_options{given.enabled, std::chrono::milliseconds(given.delay_ms),
                                       std::chrono::milliseconds(given.interval_ms), given.probes}};
}

net::expected<net::socket_options> wanted_by(const set_user_timeout& given) {
  if (given.unacknowledged_ms < 0)
    return net::fail(error::invalid("a time must not be negative"));
  return net::socket_options{.user_timeout = std::chrono::milliseconds(given.unacknowledged_ms)};
}

template <class Command> net::expected<net::socket_options> wanted_by(const Command& given) {
  return settings_of<net::socket_options>(given);
}

} // namespace

template <class Command> bool connection_actor::obey_option_of(command& what) {
  const auto* given = what.as<Command>();
  if (given == nullptr)
    return false;
  auto wanted = wanted_by(*given);
  auto asker = what.asker();
  if (life_ == life::closed)
    answer_error(asker, not_connected_error());
  else if (!wanted)
    answer_error(asker, wanted.error());
  else if (socket_)
    answer_result(asker, socket_->set_options(*wanted));
  else
    early().options.emplace_back(std::move(*wanted), std::move(asker));
  return true;
}

bool connection_actor::obey_option(command& what) {
  return obey_option_of<set_no_delay>(what) || obey_option_of<set_keep_alive>(what) ||
         obey_option_of<set_type_of_service>(what) || obey_option_of<set_buffer_sizes>(what) ||
         obey_option_of<set_user_timeout>(what) || obey_option_of<set_socket_option>(what) ||
         obey_get_socket_option(what);
}

bool connection_actor::obey_get_socket_option(command& what) {
  const auto* given = what.as<get_socket_option>();
  if (given == nullptr)
    return false;
  auto asker = what.asker();
  if (socket_)
    answer_result(asker, option_of(*socket_, *given));
  else
    answer_error(asker, not_connected_error());
  return true;
}

connection_actor::early_commands& connection_actor::early() {
  if (!early_)
    early_ = std::make_unique<early_commands>();
  return *early_;
}

void connection_actor::obey_early_commands() {
  auto early = std::exchange(early_, nullptr);
  if (!early)
    return;
  for (auto& [wanted, asker] : early->options)
    answer_result(asker, socket_->set_options(wanted));
  for (auto& each : early->writes)
    socket_->send(std::move(each));
  for (auto& asker : early->joins)
    answer_done(asker);
}

} // namespace actornet
