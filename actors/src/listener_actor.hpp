// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "accept_trouble.hpp"
#include "admission_gate.hpp"
#include "connection_settings.hpp"
#include "endpoint_actor.hpp"
#include "farewells.hpp"
#include "loop_timer.hpp"
#include "open_listeners.hpp"
#include "refusal_reports.hpp"
#include "restart_count.hpp"

#include <actornet/messages.hpp>
#include <actornet/options.hpp>

#include <actornet/net/address.hpp>
#include <actornet/net/listen_socket.hpp>

#include <caf/error.hpp>
#include <caf/exit_reason.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

namespace actornet {

/// A listener: makes a connection actor of each client for whom there is room, on the loop that it
/// is told. Its gate counts them.
///
/// Its life: resolving (for a name), listening (or paused), closed but with connections, gone.
class listener_actor final : public endpoint_actor, net::listen_events, net::name_lookup_events {
public:
  /// Where the next connection is to live.
  using place = std::function<io_loop&()>;

  listener_actor(caf::actor_config& cfg, io_loop& home, listen_options chosen, handler made,
                 place next_loop);

  /// Any thread.
  static listener spawn(io_loop& home, listen_options chosen, handler made, place next_loop);

  // -- loop's thread, once, one of them ----------------------------------------------------------

  void start_listening(opened_listeners opened);
  void start_resolving(net::address where);

  void shut_down() override;
  void collect_for_stop(stop_list& into) override;
  const char* name() const override { return "actornet.listener"; }
  std::set<std::string> message_types() const override;

  static net::listen_options socket_options(const listen_options& chosen);

private:
  enum class life { unborn, resolving, listening, paused, closed, gone };

  bool is_open() const noexcept override { return life_ != life::gone; }
  bool obey(command& what) override;
  bool obey_at_once(command&) override { return false; }
  bool obey_question(command& what);
  void exit_requested(const caf::error& reason) override;

  bool may_accept() override;
  void on_none_accepted() override;
  void on_accepted(net::accepted_stream stream) override;
  void on_shed(const error& why, const endpoint& local, const endpoint& remote) override;
  void on_accept_failed(const error& why) override;
  void on_resolved(std::vector<endpoint> found) override;
  void on_not_resolved(const error& why) override;

  std::shared_ptr<const connection_settings> settings_for_connections(handler made);
  std::shared_ptr<admission_gate> gate_to(const connection_broker& broker);
  void come_alive(life next);
  void refuse(net::accepted_stream client, drop_reason why);
  void turn_away(net::accepted_stream client, drop_reason why);
  void drop(const endpoint& local, const endpoint& remote, drop_reason why);
  void tell_rest_of_refusals();
  bool is_denied(const endpoint& remote) const;
  void report(const error& why);
  void serve(net::accepted_stream stream);
  void connection_gone(caf::actor_id who, const std::optional<error>& handler_failure);
  void pause_or_resume(bool pausing);
  void limit_connections(std::int64_t most);
  void try_to_accept_again();
  void stop_listening();
  void begin_stop(const stop& how, responder asker);
  void tell_progress();
  void force_the_rest();
  bool goes_on_after(const caf::error& failure);
  template <class Command> void command_all(Command what);
  void leave_if_over();
  void aborted();
  void fail(const error& why);
  void leave(bool had_error, caf::error reason);
  listener_info info() const;

  listener self() { return caf::actor_cast<listener>(caf::strong_actor_ptr(ctrl())); }
  template <class Event> void tell(Event event) {
    if (chosen_.owner)
      chosen_.owner->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(),
                                                       caf::no_stages, std::move(event)),
                             nullptr);
  }

  listen_options chosen_;
  std::shared_ptr<const connection_settings> settings_;
  place next_loop_;
  std::vector<net::listen_socket_ptr> sockets_; // none: it does not listen
  net::name_lookup_ptr lookup_;
  net::address asked_; // the name, while resolving
  endpoint local_;
  std::unordered_map<caf::actor_id, connection> connections_;
  std::vector<responder> stop_askers_;
  std::shared_ptr<admission_gate> gate_;
  farewells farewells_;
  refusal_reports refusals_;
  restart_count restarts_;
  loop_timer answer_due_;
  loop_timer accept_again_;
  loop_timer refusals_due_;
  accept_trouble trouble_;
  loop_timer deadline_;
  loop_timer progress_;
  std::unique_ptr<std::stop_callback<std::function<void()>>> abort_;
  caf::error end_reason_ = caf::exit_reason::normal; // for monitors and links, if nothing fails
  std::chrono::milliseconds progress_interval_{0};
  std::uint64_t stopping_ = 0; // connections there when `stop` came
  std::uint64_t forced_ = 0;
  bool reset_rest_ = false;
  life life_ = life::unborn;
};

} // namespace actornet
