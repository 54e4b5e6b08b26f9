// SPDX-License-Identifier: BSD-3-Clause
#include "udp_actor.hpp"

#include "made_handler.hpp"
#include "udp_errors.hpp"
#include "udp_session_actor.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <cassert>
#include <exception>
#include <utility>

namespace actornet {

namespace {

// What a closed endpoint was given to send has so long to leave.
constexpr std::chrono::seconds close_time_max{5};

error handler_died_error() { return error::of(trouble::handler_failed, "", "the handler died"); }

/// `host:port`, as the option `connect_to` has it.
net::expected<destination> destination_of(const std::string& text) {
  auto parsed = net::address::parse("tcp://" + text);
  if (!parsed || parsed->host == "*")
    return net::fail(error::invalid("'" + text + "' is not HOST:PORT"));
  if (auto numeric = parsed->numeric())
    return destination(*numeric);
  return destination(parsed->host, parsed->port);
}

caf::error exit_reason(udp_close_reason why, const error& cut_off) {
  switch (why) {
  case udp_close_reason::closed:
  case udp_close_reason::idle:
  case udp_close_reason::parent_closed:
    break;
  case udp_close_reason::aborted:
  case udp_close_reason::handler_failed:
  case udp_close_reason::failed:
    return to_caf(cut_off);
  case udp_close_reason::shut_down:
    return caf::exit_reason::user_shutdown;
  }
  return caf::exit_reason::normal;
}

} // namespace

// -- birth ----------------------------------------------------------------------------------------

udp_actor::udp_actor(caf::actor_config& cfg, io_loop& home, udp_options chosen, udp_handler made)
    : datagram_endpoint(cfg, home), chosen_(std::make_unique<udp_options>(std::move(chosen))),
      made_(std::make_shared<const udp_handler>(std::move(made))) {
  if (chosen_->sessions)
    made_for_sessions_ = std::make_shared<const udp_handler>(chosen_->sessions->handler);
  if (!chosen_->unreferenced)
    register_at_system();
}

udp_actor::~udp_actor() = default;

udp_endpoint udp_actor::spawn(io_loop& home, udp_options chosen, udp_handler made) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<udp_actor, udp_endpoint>(system.next_actor_id(), system.node(), &system,
                                                  cfg, home, std::move(chosen), std::move(made));
}

std::set<std::string> udp_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<udp_endpoint>{});
}

net::expected<net::datagram_options> udp_actor::socket_options(const udp_options& chosen,
                                                               const net::address& where) {
  net::datagram_options result;
  result.family =
      where.use == net::scheme::udp6 ? net::address_family::ipv6 : net::address_family::ipv4;
  if (auto numeric = where.numeric())
    result.bind_to = std::move(*numeric);
  else if (where.host == "localhost")
    result.bind_to = result.family == net::address_family::ipv6
                         ? endpoint::loopback_ipv6(where.port)
                         : endpoint::loopback_ipv4(where.port);
  else if (!where.host.empty())
    return net::fail(error::invalid("a UDP endpoint is bound to a numeric address or to " +
                                    std::string("localhost, not to '") + where.host + "'"));
  if (chosen.coalescing.count() < 0 || chosen.coalescing > std::chrono::seconds(1))
    return net::fail(error::invalid("datagrams wait for others 0 to 1,000,000 us"));
  result.reuse_address = chosen.reuse_address;
  result.reuse_port = chosen.reuse_port;
  result.ipv6_only = chosen.ipv6_only;
  result.receive_offload = chosen.receive_offload;
  result.reports = {chosen.report_local_address, chosen.report_time, chosen.report_type_of_service};
  auto& set = result.settings;
  set.ttl = chosen.ttl;
  if (chosen.broadcast)
    set.broadcast = true;
  set.multicast_ttl = chosen.multicast_ttl;
  set.multicast_loopback = chosen.multicast_loopback;
  set.type_of_service = chosen.type_of_service;
  set.send_buffer_bytes = chosen.send_buffer_bytes;
  set.receive_buffer_bytes = chosen.receive_buffer_bytes;
  set.raw = chosen.raw_options;
  if (!chosen.multicast_interface.empty()) {
    auto interface = net::interface_choice::parse(chosen.multicast_interface);
    if (!interface)
      return net::fail(interface.error());
    set.multicast_interface = std::move(*interface);
  }
  if (!chosen.connect_to.empty())
    if (auto to = destination_of(chosen.connect_to); !to)
      return net::fail(to.error());
  return result;
}

void udp_actor::start(net::opened_datagram opened) {
  life_ = life::open;
  begin();
  home().adopt(*this);
  family_ = opened.family;
  local_ = opened.local;
  remote_ = opened.remote;
  window_ = net::make_receive_window(chosen_->receive_window_bytes,
                                     later(*this, &udp_actor::room_in_window));
  make_handler(made_);
  if (life_ == life::closed)
    return;
  auto added = home().backend().add_datagram(std::move(opened), *this);
  if (!added)
    return fail_at_start(added.error());
  socket_ = std::move(*added);
  socket_->set_receive_window(window_);
  socket_->set_coalescing(chosen_->coalescing);
  if (auto done = be_as_chosen(); !done)
    return fail_at_start(done.error());
  if (life_ == life::closed) // it could not connect as it was to
    return;
  update_receiving();
  watch_for_abort();
}

// Groups first: what cannot be joined is told instead of `udp_listening`.
net::expected<void> udp_actor::be_as_chosen() {
  for (const auto& each : chosen_->groups)
    if (auto joined = join_group(each); !joined)
      return joined;
  if (is_bound())
    introduce();
  else if (!chosen_->groups.empty())
    if (auto bound = become_bound(); !bound)
      return bound;
  if (!chosen_->connect_to.empty())
    begin_connect(*destination_of(chosen_->connect_to), {}, true);
  return {};
}

void udp_actor::make_handler(const std::shared_ptr<const udp_handler>& made) {
  try {
    take_handler(handler_of(home(), chosen_->handlers, made, self()));
  } catch (const std::exception& thrown) {
    fail_at_start(error::of(trouble::handler_failed, "", thrown.what()));
  } catch (...) {
    fail_at_start(error::of(trouble::handler_failed, "", "the handler's factory threw"));
  }
}

/// What a handler hears first.
void udp_actor::introduce() {
  if (is_bound())
    tell(udp_listening{self(), local_});
  if (remote_.family() != net::address_family::none)
    tell(udp_connected{self(), local_, remote_});
}

void udp_actor::watch_for_abort() {
  const auto& token = chosen_->abort;
  if (token.stop_requested())
    return aborted();
  if (token.stop_possible())
    abort_ = std::make_unique<std::stop_callback<std::function<void()>>>(
        token, later(*this, &udp_actor::aborted));
}

// -- being bound ----------------------------------------------------------------------------------

endpoint udp_actor::any_address() const {
  return family_ == net::address_family::ipv6 ? endpoint::any_ipv6(0) : endpoint::any_ipv4(0);
}

net::expected<void> udp_actor::become_bound() {
  return is_bound() ? net::expected<void>() : bind_to(any_address());
}

net::expected<void> udp_actor::bind_to(const endpoint& where) {
  if (auto bound = socket_->bind(where); !bound)
    return bound;
  auto local = socket_->local();
  if (!local)
    return net::fail(local.error());
  local_ = std::move(*local);
  tell(udp_listening{self(), local_});
  update_receiving();
  return {};
}

// -- being connected ------------------------------------------------------------------------------

void udp_actor::begin_connect(destination to, responder asker, bool at_start) {
  connecting_ = std::make_unique<pending_connect>(
      pending_connect{std::move(to), std::move(asker), {}, at_start});
  const auto& wanted = connecting_->to;
  if (made_for_sessions_)
    return not_connected(error::invalid("an endpoint with sessions hears of all peers"));
  if (auto bound = become_bound(); !bound)
    return not_connected(bound.error());
  auto known = address_of(wanted);
  if (!known)
    return not_connected(known.error());
  if (*known)
    return connect_to(**known);
  hosts().ask(wanted.host);
}

void udp_actor::connect_to(const endpoint& remote) {
  if (chosen_->deny_sending.contains(remote))
    return not_connected(
        error::of(trouble::denied, "connect", "the list of denied addresses has it").at(remote));
  if (auto done = socket_->connect(remote); !done)
    return not_connected(done.error());
  remote_ = socket_->remote();       // as senders are told: an address of IPv4 may be mapped
  if (auto local = socket_->local()) // the kernel chose an address for it
    local_ = std::move(*local);
  auto pending = std::exchange(connecting_, nullptr);
  tell(udp_connected{self(), local_, remote_});
  answer_done(pending->asker);
  for (auto& each : pending->waiting) {
    no_longer_waits(each);
    send_to(std::move(each), endpoint());
  }
  finish_if_all_is_given();
}

void udp_actor::not_connected(const error& why) {
  if (connecting_->at_start)
    return fail_at_start(why);
  auto pending = std::exchange(connecting_, nullptr);
  refuse_connect(pending->asker, why);
  for (auto& each : pending->waiting) {
    no_longer_waits(each);
    refuse(each, why);
  }
  finish_if_all_is_given();
}

void udp_actor::refuse_connect(responder& asker, const error& why) {
  if (asker)
    answer_error(asker, why);
  else
    tell(udp_failed{self(), why});
}

// -- the end --------------------------------------------------------------------------------------

void udp_actor::begin_close() {
  life_ = life::closing;
  update_receiving();
  close_due_ = std::make_unique<loop_timer>(
      [this] { conclude(udp_close_reason::closed, udp_cut_off_error()); });
  home().timers().arm(*close_due_, home().after(close_time_max));
  finish_if_all_is_given();
}

// The socket takes no more after `finish`.
void udp_actor::finish_if_all_is_given() {
  if (life_ == life::closing && !is_waiting() && !std::exchange(finishing_, true))
    socket_->finish();
}

void udp_actor::on_finished() { conclude(udp_close_reason::closed, udp_cut_off_error()); }

void udp_actor::fail_at_start(const error& why) {
  // A copy: it may be of those that are let go.
  conclude(udp_close_reason::failed, error(why), true);
}

void udp_actor::handler_died(const caf::error& reason) {
  if (life_ == life::closed)
    return;
  if (reason && reason != caf::exit_reason::normal)
    conclude(udp_close_reason::handler_failed, handler_died_error());
  else if (life_ == life::open)
    begin_close(); // it quit in order: what it sent still leaves
}

void udp_actor::exit_requested(const caf::error& reason) {
  if (life_ == life::closed)
    return;
  auto why = error_of(reason);
  conclude(udp_close_reason::handler_failed,
           why ? *why : error::of(trouble::handler_failed, "", "a linked actor died"));
}

void udp_actor::aborted() {
  if (life_ != life::closed)
    conclude(udp_close_reason::aborted, error::of(trouble::aborted, "", "aborted by the program"),
             true);
}

void udp_actor::shut_down() {
  if (life_ != life::closed)
    conclude(udp_close_reason::shut_down, error::of(trouble::shut_down, "", "the runtime ends"));
}

void udp_actor::conclude(udp_close_reason why, const error& cut_off, bool broke) {
  assert(life_ != life::closed);
  caf::strong_actor_ptr alive(ctrl());
  life_ = life::closed;
  abort_.reset();
  // Not reset: it may be the timer that is due.
  if (close_due_)
    home().timers().disarm(*close_due_);
  if (window_)
    window_->stop_waiting();
  if (hosts_)
    hosts_->forget_questions();
  if (socket_)
    note_kernel_drops();
  socket_.reset();
  groups_.clear();
  fail_all(cut_off);
  for (auto& [remote, peer] : std::exchange(sessions_, {}))
    peer->parent_gone();
  for (auto& each : std::exchange(close_askers_, {}))
    answer_done(each);
  if (broke)
    tell(udp_failed{self(), cut_off});
  tell(udp_closed{self(), broke, why, received_, sent_});
  forget_handler();
  made_.reset();
  made_for_sessions_.reset();
  chosen_.reset();
  retire(exit_reason(why, cut_off));
}

} // namespace actornet
