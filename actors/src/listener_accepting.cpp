// SPDX-License-Identifier: BSD-3-Clause
#include "listener_actor.hpp"

#include "connection_actor.hpp"

#include <utility>

// What a listener does with clients.
namespace actornet {

namespace {

// After accept(2) failed for lack of something, and clients wait: long enough not to spin, short
// enough not to be felt.
constexpr std::chrono::milliseconds accept_pause{100};

/// Of a client that is only sent away.
class nobody final : public net::stream_events {
  void on_connected(const net::endpoint&) override {}
  void on_connect_failed(const net::error&) override {}
  void on_received(net::chunk) override {}
  void on_end() override {}
  void on_receive_failed(const net::error&) override {}
  void on_sent(std::size_t) override {}
  void on_send_blocked() override {}
  void on_finished() override {}
  void on_send_failed(const net::error&) override {}
};

} // namespace

bool listener_actor::may_accept() {
  if (!gate_->has_to_wait(home().now()))
    return true;
  if (auto when = gate_->too_early_until())
    home().timers().arm(accept_again_, *when);
  return false;
}

void listener_actor::on_none_accepted() { gate_->let_go_of_place(); }

void listener_actor::on_accepted(net::accepted_stream stream) {
  // accept(2) takes 10 ms and more when the kernel enlarges the table of descriptors.
  home().handlers_rested();
  trouble_.over();
  if (is_denied(stream.remote)) {
    gate_->let_go_of_place();
    gate_->count_refusal(drop_reason::denied);
    return refuse(std::move(stream), drop_reason::denied);
  }
  auto answer = gate_->admit(stream.remote, home().now());
  if (auto* why = std::get_if<drop_reason>(&answer))
    return refuse(std::move(stream), *why);
  stream.socket.keep(std::move(std::get<admission_gate::slot_ptr>(answer)));
  serve(std::move(stream));
}

bool listener_actor::is_denied(const endpoint& remote) const {
  return chosen_.deny.contains(remote) ||
         (!chosen_.allow.empty() && !chosen_.allow.contains(remote));
}

void listener_actor::serve(net::accepted_stream stream) {
  auto& where = next_loop_();
  auto peer = connection_actor::spawn(where, settings_, true);
  connections_.emplace(peer.id(), peer);
  tell(accepted{self(), peer, stream.local, stream.remote});
  auto* begun = static_cast<connection_actor*>(caf::actor_cast<caf::abstract_actor*>(peer));
  if (where.is_current())
    return begun->start_accepted(std::move(stream));
  auto carried = std::make_shared<net::accepted_stream>(std::move(stream));
  where.put(task([peer, begun, carried] { begun->start_accepted(std::move(*carried)); }));
}

void listener_actor::connection_gone(caf::actor_id who,
                                     const std::optional<error>& handler_failure) {
  auto left = connections_.extract(who);
  if (handler_failure && !left.empty())
    tell(handler_failed{self(), left.mapped(), *handler_failure});
  leave_if_over();
}

// -- clients that are not served ------------------------------------------------------------------

void listener_actor::refuse(net::accepted_stream client, drop_reason why) {
  drop(client.local, client.remote, why);
  turn_away(std::move(client), why);
}

// Who is on a list is worth no effort; and who waits has been accepted already, so he cannot wait.
void listener_actor::turn_away(net::accepted_stream client, drop_reason why) {
  const auto policy = why == drop_reason::denied ? over_limit::drop : gate_->policy();
  if (policy == over_limit::reply) {
    farewells_.say(client, gate_->farewell());
  } else if (policy == over_limit::reset) {
    nobody deaf;
    if (auto added = home().backend().add_stream(std::move(client.socket), {}, deaf))
      added->release()->reset();
  }
}

void listener_actor::drop(const endpoint& local, const endpoint& remote, drop_reason why) {
  dropped event{self(), local, remote, why};
  if (refusals_.note(event, home().now()))
    tell(std::move(event));
  else if (!refusals_due_.armed())
    home().timers().arm(refusals_due_, *refusals_.due());
}

void listener_actor::tell_rest_of_refusals() {
  home().timers().disarm(refusals_due_);
  for (auto& each : refusals_.take_rest())
    tell(std::move(each));
}

void listener_actor::on_shed(const error& why, const endpoint& local, const endpoint& remote) {
  report(why);
  gate_->count_refusal(drop_reason::no_descriptors);
  drop(local, remote, drop_reason::no_descriptors);
}

// -- going on, and not ----------------------------------------------------------------------------

void listener_actor::report(const error& why) {
  if (trouble_.is_news(home().now()))
    tell(listener_failed{self(), why});
}

void listener_actor::on_accept_failed(const error& why) {
  report(why);
  home().timers().arm(accept_again_, home().now() + accept_pause);
}

void listener_actor::try_to_accept_again() {
  if (life_ != life::listening)
    return;
  for (auto& each : sockets_)
    each->start_accepting();
}

void listener_actor::pause_or_resume(bool pausing) {
  life_ = pausing ? life::paused : life::listening;
  for (auto& each : sockets_)
    if (pausing)
      each->stop_accepting();
    else
      each->start_accepting();
}

void listener_actor::limit_connections(std::int64_t most) {
  gate_->set_own_limit(limit_of(most));
  for (auto& each : sockets_)
    each->accept_singly(gate_->is_limited());
}

} // namespace actornet
