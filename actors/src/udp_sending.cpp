// SPDX-License-Identifier: BSD-3-Clause
#include "udp_actor.hpp"

#include "udp_errors.hpp"
#include "udp_session_actor.hpp"

#include <utility>

// The sending half of a UDP endpoint.
namespace actornet {

namespace {

udp_session_actor& session_behind(const caf::strong_actor_ptr& whose) {
  return *static_cast<udp_session_actor*>(caf::actor_cast<caf::abstract_actor*>(whose));
}

} // namespace

bool udp_actor::is_queue_full_for(const parcel& what) const noexcept {
  return ledger_.queued() + waiting_cost_ + send_ledger::cost_of(what.size) >
         chosen_->send_queue_bytes_max;
}

std::optional<error> udp_actor::reason_not_to_send(const packed& made,
                                                   const destination& to) const {
  if (life_ != life::open)
    return udp_closed_error();
  const bool is_connected = connecting_ || remote_.family() != net::address_family::none;
  if (is_nobody(to) && !is_connected)
    return udp_not_connected_error("send");
  if (!is_nobody(to) && is_connected)
    return udp_connected_error("send");
  if (made.fault)
    return made.fault;
  if (is_queue_full_for(made.what))
    return udp_queue_full_error();
  return std::nullopt;
}

void udp_actor::begin_send(packed&& made, const destination& to) {
  auto& what = made.what;
  if (auto why = reason_not_to_send(made, to))
    return refuse(what, *why);
  if (auto bound = become_bound(); !bound)
    return refuse(what, bound.error());
  if (to.from.family() != net::address_family::none)
    what.from = to.from;
  if (connecting_)
    return wait(std::move(what), connecting_->waiting);
  if (to.host.empty() && to.port == 0) // an address, or nobody on a connected socket
    return send_to(std::move(what), to.address);
  auto known = address_of(to);
  if (!known)
    return refuse(what, known.error());
  if (*known)
    return send_to(std::move(what), **known);
  what.port = to.port;
  wait(std::move(what), waiting_[to.host]);
  hosts().ask(to.host);
}

net::expected<std::optional<endpoint>> udp_actor::address_of(const destination& to) {
  if (to.address.family() != net::address_family::none)
    return to.address;
  // As in Node, no name is this host.
  if (to.host.empty())
    return (family_ == net::address_family::ipv6 ? endpoint::loopback_ipv6(to.port)
                                                 : endpoint::loopback_ipv4(to.port));
  if (auto numeric = endpoint::parse_ip(to.host, to.port))
    return *numeric;
  if (const auto* known = hosts().find(to.host))
    return known->with_port(to.port);
  return std::nullopt;
}

host_cache& udp_actor::hosts() {
  if (!hosts_)
    hosts_ =
        std::make_unique<host_cache>(home(), static_cast<host_answers&>(*this), family_,
                                     family_ == net::address_family::ipv6 && !chosen_->ipv6_only);
  return *hosts_;
}

void udp_actor::send_for_session(parcel what, const endpoint& remote) {
  if (life_ != life::open)
    return refuse(what, udp_closed_error());
  if (is_queue_full_for(what))
    return refuse(what, udp_queue_full_error());
  send_to(std::move(what), remote);
}

void udp_actor::send_to(parcel what, const endpoint& remote) {
  if (!chosen_->deny_sending.empty() && chosen_->deny_sending.contains(remote))
    return refuse(
        what, error::of(trouble::denied, "send", "the list of denied addresses has it").at(remote));
  const auto tag = ledger_.add(what.size, std::move(what.asker), std::move(what.whose),
                               send_blocked_, chosen_->high_water_mark_bytes);
  if (what.pieces.empty())
    socket_->send(std::move(what.bytes), remote, tag, what.from);
  else
    socket_->send(std::move(what.pieces), remote, tag, what.from);
}

void udp_actor::refuse(parcel& what, const error& why) {
  if (what.whose)
    session_behind(what.whose).was_refused_by_parent(what, why);
  else if (what.asker)
    answer_not_sent(what.asker, why);
  else if (life_ != life::closed)
    tell(send_failed{self(), 1, what.size, why});
}

// -- what waits for an address --------------------------------------------------------------------

void udp_actor::wait(parcel what, std::vector<parcel>& where) {
  ++waiting_count_;
  waiting_bytes_ += what.size;
  waiting_cost_ += send_ledger::cost_of(what.size);
  where.push_back(std::move(what));
}

void udp_actor::no_longer_waits(const parcel& what) noexcept {
  --waiting_count_;
  waiting_bytes_ -= what.size;
  waiting_cost_ -= send_ledger::cost_of(what.size);
}

void udp_actor::on_host_found(const std::string& host, const endpoint& address) {
  auto waiting = waiting_.extract(host);
  if (!waiting.empty())
    for (auto& each : waiting.mapped()) {
      no_longer_waits(each);
      auto to = address.with_port(each.port);
      send_to(std::move(each), to);
    }
  if (connecting_ && connecting_->to.host == host)
    return connect_to(address.with_port(connecting_->to.port));
  finish_if_all_is_given();
}

void udp_actor::on_host_not_found(const std::string& host, const error& why) {
  auto waiting = waiting_.extract(host);
  if (!waiting.empty())
    for (auto& each : waiting.mapped()) {
      no_longer_waits(each);
      refuse(each, why);
    }
  if (connecting_ && connecting_->to.host == host)
    return not_connected(why);
  finish_if_all_is_given();
}

// -- what the socket tells ------------------------------------------------------------------------

void udp_actor::on_sent(net::send_tag tag, std::size_t bytes) {
  ++sent_;
  bytes_sent_ += bytes;
  if (send_ledger::is_plain(tag))
    return ledger_.plain_over(bytes);
  auto done = ledger_.take_first();
  if (done.whose)
    session_behind(done.whose).was_sent(done);
  else
    answer_sent(done.asker, done.bytes, done.keep_going);
}

void udp_actor::on_send_failed(net::send_tag tag, const error& why) {
  if (send_ledger::is_plain(tag)) {
    const auto bytes = send_ledger::bytes_of_plain(tag);
    ledger_.plain_over(bytes);
    return tell(send_failed{self(), 1, bytes, why});
  }
  auto lost = ledger_.take_first();
  if (lost.whose)
    session_behind(lost.whose).was_not_sent(lost, why);
  else
    answer_not_sent(lost.asker, why);
}

void udp_actor::on_send_blocked() {
  send_blocked_ = true;
  ledger_.judge(chosen_->high_water_mark_bytes);
}

void udp_actor::on_room() {
  send_blocked_ = false;
  if (ledger_.take_was_full() && life_ == life::open)
    tell(udp_drain{self()});
}

void udp_actor::fail_all(const error& why) {
  while (ledger_.has_entries()) {
    auto lost = ledger_.take_first();
    if (lost.whose)
      session_behind(lost.whose).was_not_sent(lost, why);
    else
      answer_not_sent(lost.asker, why);
  }
  send_failed plain{self(), ledger_.plain_count(), ledger_.plain_bytes(), why};
  const auto give_up = [&](std::vector<parcel>& waiting) {
    for (auto& each : waiting) {
      if (each.asker || each.whose) {
        refuse(each, why);
      } else {
        ++plain.count;
        plain.bytes += each.size;
      }
    }
  };
  for (auto& [host, waiting] : std::exchange(waiting_, {}))
    give_up(waiting);
  if (auto pending = std::exchange(connecting_, nullptr)) {
    answer_error(pending->asker, why);
    give_up(pending->waiting);
  }
  waiting_cost_ = waiting_bytes_ = waiting_count_ = 0;
  if (plain.count > 0)
    tell(std::move(plain));
}

} // namespace actornet
