// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "datagram_endpoint.hpp"
#include "udp_actor.hpp"

#include <actornet/messages.hpp>

#include <actornet/net/timer_queue.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace actornet {

/// A peer of a UDP endpoint that was split off: an actor with a handler of its own, which sends
/// and receives through the endpoint's socket. On the same loop as that.
///
/// It is over when it is closed, when nothing came or went for long enough, or with its endpoint;
/// what it sent before is answered first.
class udp_session_actor final : public datagram_endpoint, net::timer {
public:
  udp_session_actor(caf::actor_config& cfg, io_loop& home, udp_actor& parent, endpoint remote);

  /// On the loop of `parent`, which keeps it in its table until `session_gone`.
  static udp_endpoint spawn(io_loop& home, udp_actor& parent, const endpoint& remote);

  /// Once, before all else.
  void start(const std::shared_ptr<const udp_handler>& made);
  /// Something came from its peer. False: there is nobody to tell.
  bool receive(net::received_datagram& what);
  /// What became of a send.
  void was_sent(send_ledger::entry& done);
  void was_not_sent(send_ledger::entry& lost, const error& why);
  void was_refused_by_parent(parcel& what, const error& why);
  /// No more sends will be told of.
  void parent_gone();
  udp_endpoint handle() { return caf::actor_cast<udp_endpoint>(caf::strong_actor_ptr(ctrl())); }

  void shut_down() override;
  const char* name() const override { return "actornet.udp_session"; }
  std::set<std::string> message_types() const override;

private:
  enum class life { open, closing, closed };

  bool is_open() const noexcept override { return life_ != life::closed; }
  bool obey(command& what) override;
  bool obey_at_once(command& what) override;
  void foresee(const command& what) override;
  bool obey_own(command& what);
  bool obey_question(command& what);
  bool obey_of_socket(command& what);
  bool obey_close(command& what);
  void exit_requested(const caf::error& reason) override;
  void handler_died(const caf::error& reason) override;
  void on_timer() override;
  void begin_send(packed&& made, const destination& to) override;
  void was_refused(parcel& what, const error& why);
  void tell_not_sent(send_asker& asker, std::uint64_t bytes, const error& why);
  void no_longer_sending(std::uint64_t bytes);
  void touch();
  bool take_into_window(net::received_datagram& what);
  void begin_close(udp_close_reason why);
  void close_if_sent();
  void conclude();
  udp_info info() const;

  udp_actor* parent_; // null: gone
  const endpoint remote_;
  std::vector<responder> close_askers_;
  net::receive_window_ptr window_; // if its handler is not on the loop
  std::chrono::milliseconds idle_timeout_;
  net::instant last_activity_{};
  std::uint64_t received_ = 0;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t sending_ = 0; // datagrams with the endpoint
  std::uint64_t bytes_sending_ = 0;
  life life_ = life::open;
  udp_close_reason reason_ = udp_close_reason::closed;
  bool paused_ = false;
  bool muted_ = false; // `close` was sent, and is on its way
};

} // namespace actornet
