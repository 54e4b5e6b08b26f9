// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_accept.hpp"

#include "kernel_backend.hpp"
#include "socket_address.hpp"
#include "socket_calls.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace actornet::net {

namespace {

struct client {
  descriptor socket;
  expected<endpoint> remote;
  int trouble = 0; // errno of accept(2), 0: there is one
};

client next_client(const opened_listener& listener) {
  socket_address from{};
  from.size = sizeof(from.storage);
  int number = ::accept4(listener.socket.number(), reinterpret_cast<sockaddr*>(&from.storage),
                         &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (number < 0)
    return {{}, {}, errno};
  return {descriptor(number, kernel_descriptors()), from.to_endpoint(), 0};
}

// A socket bound to one address has that address on every connection; the wildcard asks.
expected<endpoint> local_end(const opened_listener& listener, const descriptor& socket) {
  if (listener.local.is_wildcard())
    return local_endpoint(socket.number());
  return listener.local;
}

expected<accept_outcome> shed_one(kernel_backend& home, const opened_listener& from,
                                  listen_events& events, int want) {
  auto why = error::system(want, "accept", from.local);
  if (!home.spare().hold())
    return fail(std::move(why));
  home.spare().release();
  auto next = next_client(from);
  auto local = next.trouble == 0 ? local_end(from, next.socket) : from.local;
  next.socket = {};
  home.spare().hold();
  if (next.trouble == EAGAIN)
    return accept_outcome::none_left_and_starved;
  if (next.trouble != 0 && !is_trouble_of_one_connection(next.trouble))
    return fail(error::system(next.trouble, "accept", from.local));
  if (next.trouble != 0)
    return accept_outcome::went_on;
  home.told();
  events.on_shed(why, local.value_or(from.local), next.remote.value_or(endpoint()));
  return accept_outcome::went_on;
}

} // namespace

expected<accept_outcome> accept_one(kernel_backend& home, const opened_listener& from,
                                    listen_events& events, bool singly) {
  if (singly && !events.may_accept())
    return accept_outcome::held;
  auto next = next_client(from);
  const int trouble = next.trouble;
  if (trouble == 0 &&
      tell_accepted(home, from, std::move(next.socket), std::move(next.remote), events))
    return accept_outcome::went_on;
  if (singly)
    events.on_none_accepted();
  if (is_want_of_descriptors(trouble))
    return shed_one(home, from, events, trouble);
  if (trouble == EAGAIN)
    return accept_outcome::none_left;
  if (trouble != 0 && !is_trouble_of_one_connection(trouble))
    return fail(error::system(trouble, "accept", from.local));
  return accept_outcome::went_on;
}

bool tell_accepted(kernel_backend& home, const opened_listener& from, descriptor socket,
                   expected<endpoint> remote, listen_events& events) {
  auto local = local_end(from, socket);
  if (!remote || !local)
    return false;
  home.spare().hold();
  home.told();
  events.on_accepted({std::move(socket), std::move(*local), std::move(*remote)});
  return true;
}

bool is_want_of_descriptors(int number) noexcept { return number == EMFILE || number == ENFILE; }

} // namespace actornet::net
