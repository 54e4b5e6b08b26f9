// SPDX-License-Identifier: BSD-3-Clause
#include "udp_actor.hpp"

#include "socket_option_commands.hpp"
#include "udp_errors.hpp"
#include "udp_session_actor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

// What a UDP endpoint does with each command; udp_actor.cpp has the life that they change.
namespace actornet {

namespace {

net::expected<net::datagram_settings> hops_between(std::int32_t least, std::int32_t given,
                                                   std::optional<int> net::datagram_settings::*of) {
  if (given < least || given > 255)
    return net::fail(error::invalid("the number of hops is " + std::to_string(least) +
                                    " to 255, not " + std::to_string(given)));
  net::datagram_settings result;
  result.*of = given;
  return result;
}

net::expected<net::datagram_settings> wanted_by(const set_ttl& given) {
  return hops_between(1, given.hops, &net::datagram_settings::ttl);
}

net::expected<net::datagram_settings> wanted_by(const set_multicast_ttl& given) {
  return hops_between(0, given.hops, &net::datagram_settings::multicast_ttl);
}

net::expected<net::datagram_settings> wanted_by(const set_broadcast& given) {
  return net::datagram_settings{.broadcast = given.enabled};
}

net::expected<net::datagram_settings> wanted_by(const set_multicast_loopback& given) {
  return net::datagram_settings{.multicast_loopback = given.enabled};
}

net::expected<net::datagram_settings> wanted_by(const set_multicast_interface& given) {
  auto interface = net::interface_choice::parse(given.interface);
  if (!interface)
    return net::fail(interface.error());
  return net::datagram_settings{.multicast_interface = std::move(*interface)};
}

template <class Command> net::expected<net::datagram_settings> wanted_by(const Command& given) {
  return settings_of<net::datagram_settings>(given);
}

template <class Membership>
net::expected<net::group_membership> membership_of(const Membership& given) {
  net::group_membership result;
  auto group = endpoint::parse_ip(given.group, 0);
  if (!group)
    return net::fail(group.error());
  if (!group->is_multicast())
    return net::fail(error::invalid("'" + given.group + "' is not a multicast address"));
  auto interface = net::interface_choice::parse(given.interface);
  if (!interface)
    return net::fail(interface.error());
  result.group = std::move(*group);
  result.interface = std::move(*interface);
  if (given.source.empty())
    return result;
  auto source = endpoint::parse_ip(given.source, 0);
  if (!source)
    return net::fail(source.error());
  result.source = std::move(*source);
  return result;
}

} // namespace

net::expected<void> udp_actor::join_group(const join& what) {
  auto membership = membership_of(what);
  if (!membership)
    return net::fail(membership.error());
  auto joined = socket_->join(*membership);
  if (joined)
    groups_.push_back(what);
  return joined;
}

// An interface may have been named in another way, and an adopted socket be a member already.
void udp_actor::forget_group(const leave& what) {
  const auto is_same = [&](const join& each) {
    return each.group == what.group && each.source == what.source;
  };
  auto found = std::find_if(groups_.begin(), groups_.end(), [&](const join& each) {
    return is_same(each) && each.interface == what.interface;
  });
  if (found == groups_.end())
    found = std::find_if(groups_.begin(), groups_.end(), is_same);
  if (found != groups_.end())
    groups_.erase(found);
}

bool udp_actor::obey(command& what) {
  if (obey_at_once(what) || obey_question(what) || obey_close(what))
    return true;
  send_what_waits();
  return obey_setting(what) || obey_connect(what) || obey_split_off(what) || obey_while_open(what);
}

// What was sent before an option was changed leaves as it was then. (Only a kernel without room
// keeps it from that.)
void udp_actor::send_what_waits() {
  if (socket_ && ledger_.queued() > 0 && !send_blocked_)
    home().backend().flush();
}

// All only append to what is to be sent: what comes of it is told in a later turn.
bool udp_actor::obey_at_once(command& what) { return obey_send(what); }

void udp_actor::foresee(const command& what) { muted_ = muted_ || what.is<close>(); }

bool udp_actor::obey_question(command& what) {
  const bool about_addresses = what.is<get_address>();
  if (!about_addresses && !what.is<get_info>())
    return obey_get_socket_option(what);
  auto asker = what.asker();
  if (!about_addresses)
    answer(asker, info());
  else if (!is_open())
    answer_error(asker, udp_closed_error());
  else if (!is_bound())
    answer_error(asker, udp_not_bound_error());
  else
    answer(asker, addresses{local_, remote_});
  return true;
}

// -- settings of the socket -----------------------------------------------------------------------

template <class Command> bool udp_actor::obey_setting_of(command& what) {
  const auto* given = what.as<Command>();
  if (given == nullptr)
    return false;
  auto wanted = wanted_by(*given);
  auto asker = what.asker();
  if (life_ != life::open)
    answer_error(asker, udp_closed_error());
  else if (!wanted)
    answer_error(asker, wanted.error());
  else
    answer_result(asker, socket_->set(*wanted));
  return true;
}

bool udp_actor::obey_setting(command& what) {
  return obey_setting_of<set_ttl>(what) || obey_setting_of<set_broadcast>(what) ||
         obey_setting_of<set_multicast_ttl>(what) ||
         obey_setting_of<set_multicast_loopback>(what) ||
         obey_setting_of<set_multicast_interface>(what) ||
         obey_setting_of<set_type_of_service>(what) || obey_setting_of<set_buffer_sizes>(what) ||
         obey_setting_of<set_socket_option>(what);
}

bool udp_actor::obey_get_socket_option(command& what) {
  const auto* given = what.as<get_socket_option>();
  if (given == nullptr)
    return false;
  auto asker = what.asker();
  if (life_ == life::open)
    answer_result(asker, option_of(*socket_, *given));
  else
    answer_error(asker, udp_closed_error());
  return true;
}

// -- commands that change its life ----------------------------------------------------------------

bool udp_actor::obey_while_open(command& what) {
  net::expected<void> (udp_actor::*then)(command&) = nullptr;
  if (what.is<bind>())
    then = &udp_actor::obey_bind;
  else if (what.is<disconnect>())
    then = &udp_actor::obey_disconnect;
  else if (what.is<join>())
    then = &udp_actor::obey_join;
  else if (what.is<leave>())
    then = &udp_actor::obey_leave;
  else if (what.is<pause>() || what.is<resume>())
    then = &udp_actor::obey_pause;
  else if (what.is<set_handler>())
    then = &udp_actor::obey_set_handler;
  else
    return false;
  auto asker = what.asker();
  if (life_ != life::open)
    answer_error(asker, udp_closed_error());
  else
    answer_result(asker, (this->*then)(what));
  return true;
}

net::expected<void> udp_actor::obey_bind(command& what) {
  if (is_bound())
    return net::fail(error::system(EINVAL, "bind", local_));
  return bind_to(what.as<bind>()->local);
}

net::expected<void> udp_actor::obey_disconnect(command&) {
  if (remote_.family() == net::address_family::none)
    return net::fail(udp_not_connected_error("disconnect"));
  if (auto done = socket_->disconnect(); !done)
    return done;
  remote_ = endpoint();
  auto local = socket_->local();
  local_ = local ? std::move(*local) : endpoint();
  update_receiving();
  return {};
}

// Joined before it is bound: so an endpoint that cannot join is not bound by the attempt.
net::expected<void> udp_actor::obey_join(command& what) {
  if (auto joined = join_group(*what.as<join>()); !joined)
    return joined;
  return become_bound();
}

net::expected<void> udp_actor::obey_leave(command& what) {
  const auto& given = *what.as<leave>();
  auto membership = membership_of(given);
  if (!membership)
    return net::fail(membership.error());
  auto left = socket_->leave(*membership);
  if (left)
    forget_group(given);
  return left;
}

net::expected<void> udp_actor::obey_pause(command& what) {
  paused_ = what.is<pause>();
  update_receiving();
  return {};
}

net::expected<void> udp_actor::obey_set_handler(command& what) {
  take_handler(what.take<set_handler>().handler);
  introduce();
  update_receiving();
  return {};
}

bool udp_actor::obey_connect(command& what) {
  if (!what.is<connect>())
    return false;
  auto asker = what.asker();
  auto to = what.take<connect>().to;
  if (life_ != life::open)
    answer_error(asker, udp_closed_error());
  else if (connecting_ || remote_.family() != net::address_family::none)
    refuse_connect(asker, udp_connected_error("connect"));
  else
    begin_connect(std::move(to), std::move(asker));
  return true;
}

std::optional<error> udp_actor::reason_not_a_peer(const endpoint& remote) const {
  if (remote.family() == family_ && remote.port() != 0 && !remote.is_wildcard() &&
      !remote.is_multicast())
    return std::nullopt;
  return error::invalid("'" + to_string(remote) + "' is not where datagrams come from, as events " +
                        "of this endpoint tell it");
}

bool udp_actor::obey_split_off(command& what) {
  const auto* given = what.as<split_off>();
  if (given == nullptr)
    return false;
  auto asker = what.asker();
  if (life_ != life::open)
    answer_error(asker, udp_closed_error());
  else if (!made_for_sessions_)
    answer_error(asker, error::invalid("the endpoint was opened without the option `sessions`"));
  else if (auto why = reason_not_a_peer(given->remote))
    answer_error(asker, *why);
  else if (auto done = become_bound(); !done)
    answer_error(asker, done.error());
  else if (auto peer = find_or_open_session(given->remote); peer)
    answer(asker, session{std::move(*peer)});
  else
    answer_error(asker, peer.error());
  return true;
}

bool udp_actor::obey_close(command& what) {
  if (!what.is<close>())
    return false;
  auto asker = what.asker();
  if (life_ == life::closed) {
    answer_done(asker);
    return true;
  }
  close_askers_.push_back(std::move(asker));
  if (life_ == life::open)
    begin_close();
  return true;
}

// -- what there is to know ------------------------------------------------------------------------

void udp_actor::note_kernel_drops() {
  const auto now = socket_->kernel_drops(); // modulo 2^32
  dropped_by_kernel_ += static_cast<std::uint32_t>(now - kernel_drops_seen_);
  kernel_drops_seen_ = now;
}

udp_info udp_actor::info() {
  udp_info result{.received = received_,
                  .bytes_received = bytes_received_,
                  .sent = sent_,
                  .bytes_sent = bytes_sent_,
                  .dropped = dropped_,
                  .buffered = waiting_bytes_,
                  .datagrams_buffered = waiting_count_,
                  .sessions = sessions_.size(),
                  .groups = groups_,
                  .state = state()};
  if (window_) {
    result.window_held = window_->bytes_held();
    result.window_max = window_->bytes_max();
  }
  if (socket_) {
    note_kernel_drops();
    result.buffered += socket_->unsent_bytes();
    result.datagrams_buffered += socket_->unsent_datagrams();
    result.receive_buffer_bytes = socket_->receive_buffer_bytes().value_or(0);
    result.send_buffer_bytes = socket_->send_buffer_bytes().value_or(0);
  }
  result.dropped_by_kernel = dropped_by_kernel_;
  return result;
}

udp_state udp_actor::state() const noexcept {
  switch (life_) {
  case life::unborn:
  case life::open:
    break;
  case life::closing:
    return udp_state::closing;
  case life::closed:
    return udp_state::closed;
  }
  if (connecting_)
    return udp_state::connecting;
  return is_bound() ? udp_state::open : udp_state::unbound;
}

} // namespace actornet
