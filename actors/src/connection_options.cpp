// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"

#include <chrono>
#include <string>

// The options of a connection's socket: what each command sets, and who is told what came of it.
namespace actornet {

namespace {

constexpr std::uint32_t option_bytes_max = 4096;

net::expected<net::socket_options> wanted_by(const set_no_delay& given) {
  return net::socket_options{.no_delay = given.enabled};
}

net::expected<net::socket_options> wanted_by(const set_keep_alive& given) {
  return net::socket_options{
      .keep_alive = keep_alive_options{given.enabled, std::chrono::milliseconds(given.delay_ms),
                                       std::chrono::milliseconds(given.interval_ms), given.probes}};
}

net::expected<net::socket_options> wanted_by(const set_type_of_service& given) {
  if (given.value < 0 || given.value > 255)
    return net::fail(error::invalid("the type of service is a byte, 0 to 255, not " +
                                    std::to_string(given.value)));
  return net::socket_options{.type_of_service = static_cast<std::uint8_t>(given.value)};
}

net::expected<net::socket_options> wanted_by(const set_buffer_sizes& given) {
  net::socket_options result;
  if (given.send_bytes > 0)
    result.send_buffer_bytes = given.send_bytes;
  if (given.receive_bytes > 0)
    result.receive_buffer_bytes = given.receive_bytes;
  return result;
}

net::expected<net::socket_options> wanted_by(const set_user_timeout& given) {
  if (given.unacknowledged_ms < 0)
    return net::fail(error::invalid("a time must not be negative"));
  return net::socket_options{.user_timeout = std::chrono::milliseconds(given.unacknowledged_ms)};
}

net::expected<net::socket_options> wanted_by(const set_socket_option& given) {
  auto bytes = std::as_bytes(std::span(given.value.data(), given.value.size()));
  return net::socket_options{.raw = {{given.level, given.name, {bytes.begin(), bytes.end()}}}};
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
    answer_option(asker, socket_->set_options(*wanted));
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
  if (!socket_) {
    answer_error(asker, not_connected_error());
  } else if (given->bytes_max > option_bytes_max) {
    answer_error(asker, error::invalid("no option of a socket has more than " +
                                       std::to_string(option_bytes_max) + " bytes"));
  } else if (auto got = socket_->get_option(given->level, given->name, given->bytes_max); got) {
    std::string bytes(got->size(), '\0');
    std::memcpy(bytes.data(), got->data(), got->size());
    answer(asker, socket_option{chunk::from(std::move(bytes))});
  } else {
    answer_error(asker, got.error());
  }
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
    answer_option(asker, socket_->set_options(wanted));
  for (auto& each : early->writes)
    socket_->send(std::move(each));
  for (auto& asker : early->joins)
    answer_done(asker);
}

void connection_actor::answer_option(responder& asker, const net::expected<void>& done) {
  if (done)
    answer_done(asker);
  else
    answer_error(asker, done.error());
}

} // namespace actornet
