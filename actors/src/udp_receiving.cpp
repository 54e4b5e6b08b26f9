// SPDX-License-Identifier: BSD-3-Clause
#include "udp_actor.hpp"

#include "udp_errors.hpp"
#include "udp_session_actor.hpp"

#include <cstring>
#include <memory>
#include <utility>

// The receiving half of a UDP endpoint.
namespace actornet {

namespace {

// What an event without bytes costs in a mailbox, roughly.
constexpr std::size_t event_bytes = 512;

/// Counted until the last copy is gone.
std::shared_ptr<const void> charge_event(const net::receive_window_ptr& window) {
  window->charge(event_bytes);
  return {window.get(), [window](const void*) { window->release(event_bytes); }};
}

} // namespace

void udp_actor::update_receiving() {
  const bool has_taker = has_handler() || made_for_sessions_;
  const bool wanted =
      life_ == life::open && socket_ && is_bound() && has_taker && !paused_ && !window_full_;
  if (wanted == receiving_)
    return;
  receiving_ = wanted;
  if (wanted)
    socket_->start_receiving();
  else if (socket_)
    socket_->stop_receiving();
}

void udp_actor::room_in_window() {
  if (life_ == life::closed)
    return;
  window_full_ = !window_->has_room_or_wait();
  update_receiving();
}

void udp_actor::on_datagrams(std::span<net::received_datagram> batch) {
  if (chosen_->batches && !made_for_sessions_ && life_ == life::open && !muted_)
    receive_batch(batch);
  else
    for (auto& each : batch)
      receive(each);
  if (life_ == life::open && !window_->has_room_or_wait()) {
    window_full_ = true;
    update_receiving();
  }
}

void udp_actor::receive(net::received_datagram& what) {
  // `close` may have been sent by who handled the one before this.
  if (life_ != life::open || muted_ || is_denied(what.from)) {
    ++dropped_;
    return;
  }
  if (made_for_sessions_)
    if (auto* peer = session_of(what.from)) {
      if (!peer->receive(what))
        ++dropped_;
      return;
    }
  if (!has_handler()) {
    ++dropped_;
    return;
  }
  ++received_;
  bytes_received_ += what.bytes.size();
  tell_now(event_of(what, self(), window_));
}

void udp_actor::receive_batch(std::span<net::received_datagram> batch) {
  datagrams event{self(), {}};
  event.all.reserve(batch.size());
  for (auto& each : batch) {
    if (is_denied(each.from) || !has_handler()) {
      ++dropped_;
      continue;
    }
    ++received_;
    bytes_received_ += each.bytes.size();
    event.all.push_back(event_of(each, udp_endpoint(), window_));
  }
  if (!event.all.empty())
    tell_now(std::move(event));
}

datagram udp_actor::event_of(net::received_datagram& what, udp_endpoint at,
                             const net::receive_window_ptr& window) const {
  datagram event{std::move(at), std::move(what.bytes), std::move(what.from)};
  if (event.bytes.empty())
    event.counted = charge_event(window);
  if (chosen_->report_local_address) {
    event.local = what.local.with_port(local_.port());
    event.interface = what.interface;
  }
  if (what.received_at)
    event.received_at_ns = what.received_at->time_since_epoch().count();
  event.type_of_service = what.type_of_service.value_or(0);
  return event;
}

bool udp_actor::is_denied(const endpoint& from) const {
  return !chosen_->deny_receiving.empty() && chosen_->deny_receiving.contains(from);
}

void udp_actor::on_error(const error& why) {
  if (life_ == life::open)
    tell(udp_failed{self(), why});
}

// -- sessions -------------------------------------------------------------------------------------

udp_session_actor* udp_actor::session_of(const endpoint& remote) {
  if (auto found = sessions_.find(remote); found != sessions_.end())
    return found->second;
  if (!chosen_->sessions->accept || sessions_.size() >= chosen_->sessions->max)
    return nullptr;
  return open_session(remote);
}

// Null: it is over already, for want of a handler.
udp_session_actor* udp_actor::open_session(const endpoint& remote) {
  auto peer = udp_session_actor::spawn(home(), *this, remote);
  auto* made = static_cast<udp_session_actor*>(caf::actor_cast<caf::abstract_actor*>(peer));
  sessions_.emplace(remote, made);
  tell(udp_accepted{self(), peer, remote});
  made->start(made_for_sessions_);
  return sessions_.contains(remote) ? made : nullptr;
}

net::expected<udp_endpoint> udp_actor::find_or_open_session(const endpoint& remote) {
  if (auto found = sessions_.find(remote); found != sessions_.end())
    return found->second->handle();
  if (sessions_.size() >= chosen_->sessions->max)
    return net::fail(
        error::of(trouble::refused_by_limit, "", "there are as many sessions as there may be"));
  if (auto* made = open_session(remote))
    return made->handle();
  return net::fail(error::of(trouble::handler_failed, "", "the handler's factory threw"));
}

chunk udp_actor::copy_into(const chunk& bytes, const net::receive_window_ptr& window) {
  if (bytes.empty())
    return {}; // memcpy takes no null, not even for nothing
  if (!copies_)
    copies_ = std::make_unique<net::buffer_pool>();
  std::memcpy(copies_->writable().data(), bytes.data(), bytes.size());
  return copies_->take(bytes.size(), window);
}

void udp_actor::session_gone(const endpoint& remote) { sessions_.erase(remote); }

} // namespace actornet
