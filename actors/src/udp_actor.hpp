// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "datagram_endpoint.hpp"
#include "host_cache.hpp"
#include "loop_timer.hpp"
#include "send_ledger.hpp"

#include <actornet/messages.hpp>
#include <actornet/udp_options.hpp>

#include <actornet/net/address.hpp>
#include <actornet/net/buffer_pool.hpp>
#include <actornet/net/datagram_socket.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace actornet {

class udp_session_actor;

/// A UDP endpoint: commands in, events out, and between them a datagram socket of the loop's
/// backend, which is there from the start, be it bound or not.
///
/// Receiving goes on while there is somebody to tell, nobody paused it, and the receive window has
/// room. What is sent waits here only for a name, or for `connect`; else it is with the socket.
/// Whatever way it ends, `conclude` is the only place where it does.
class udp_actor final : public datagram_endpoint, net::datagram_events, host_answers {
public:
  udp_actor(caf::actor_config& cfg, io_loop& home, udp_options chosen, udp_handler made);
  ~udp_actor() override;

  /// Any thread. The actor, registered as running unless unreferenced, not yet alive on its loop.
  static udp_endpoint spawn(io_loop& home, udp_options chosen, udp_handler made);
  /// How to open the socket that `chosen` asks for.
  static net::expected<net::datagram_options> socket_options(const udp_options& chosen,
                                                             const net::address& where);

  // -- loop's thread -----------------------------------------------------------------------------

  /// Once.
  void start(net::opened_datagram opened);

  void shut_down() override;
  const char* name() const override { return "actornet.udp_endpoint"; }
  std::set<std::string> message_types() const override;

  // -- for its sessions --------------------------------------------------------------------------

  /// Sends for a session; what became of it is told by `udp_session_actor::was_sent`.
  void send_for_session(parcel what, const endpoint& remote);
  void session_gone(const endpoint& remote);
  /// Moves the bytes out of `what`. An event without bytes is charged to `window`.
  datagram event_of(net::received_datagram& what, udp_endpoint at,
                    const net::receive_window_ptr& window) const;
  chunk copy_into(const chunk& bytes, const net::receive_window_ptr& window);
  const net::receive_window_ptr& window() const noexcept { return window_; }
  const endpoint& local() const noexcept { return local_; }
  const udp_options& options() const noexcept { return *chosen_; }

private:
  enum class life { unborn, open, closing, closed };

  // -- commands ----------------------------------------------------------------------------------

  bool is_open() const noexcept override { return life_ != life::closed; }
  bool obey(command& what) override;
  bool obey_at_once(command& what) override;
  void foresee(const command& what) override;
  void send_what_waits();
  bool obey_question(command& what);
  bool obey_setting(command& what);
  template <class Command> bool obey_setting_of(command& what);
  bool obey_get_socket_option(command& what);
  bool obey_while_open(command& what);
  net::expected<void> obey_bind(command& what);
  net::expected<void> obey_disconnect(command& what);
  net::expected<void> obey_join(command& what);
  net::expected<void> obey_leave(command& what);
  net::expected<void> obey_pause(command& what);
  net::expected<void> obey_set_handler(command& what);
  bool obey_connect(command& what);
  bool obey_close(command& what);
  std::optional<error> reason_not_a_peer(const endpoint& remote) const;
  bool obey_split_off(command& what);
  void exit_requested(const caf::error& reason) override;
  void handler_died(const caf::error& reason) override;
  net::expected<void> join_group(const join& what);
  void forget_group(const leave& what);
  void refuse_connect(responder& asker, const error& why);
  udp_info info();
  void note_kernel_drops();
  udp_state state() const noexcept;

  // -- life --------------------------------------------------------------------------------------

  void make_handler(const std::shared_ptr<const udp_handler>& made);
  void introduce();
  void watch_for_abort();
  void aborted();
  net::expected<void> be_as_chosen();
  net::expected<void> become_bound();
  net::expected<void> bind_to(const endpoint& where);
  bool is_bound() const noexcept { return local_.port() != 0; }
  endpoint any_address() const;
  void begin_connect(destination to, responder asker, bool at_start = false);
  void connect_to(const endpoint& remote);
  void not_connected(const error& why);
  void begin_close();
  void finish_if_all_is_given();
  void fail_at_start(const error& why);
  void conclude(udp_close_reason why, const error& cut_off, bool broke = false);

  // -- sending (udp_sending.cpp) -----------------------------------------------------------------

  void begin_send(packed&& made, const destination& to) override;
  std::optional<error> reason_not_to_send(const packed& what, const destination& to) const;
  bool is_queue_full_for(const parcel& what) const noexcept;
  void send_to(parcel what, const endpoint& remote);
  void wait(parcel what, std::vector<parcel>& where);
  void no_longer_waits(const parcel& what) noexcept;
  host_cache& hosts();
  /// None: its host has to be asked for.
  net::expected<std::optional<endpoint>> address_of(const destination& to);
  void refuse(parcel& what, const error& why);
  void fail_all(const error& why);
  void on_host_found(const std::string& host, const endpoint& address) override;
  void on_host_not_found(const std::string& host, const error& why) override;
  void on_sent(net::send_tag tag, std::size_t bytes) override;
  void on_send_failed(net::send_tag tag, const error& why) override;
  void on_send_blocked() override;
  void on_room() override;
  void on_finished() override;
  bool is_waiting() const noexcept { return !waiting_.empty() || connecting_ != nullptr; }

  // -- receiving (udp_receiving.cpp) -------------------------------------------------------------

  void update_receiving();
  void room_in_window();
  void on_datagrams(std::span<net::received_datagram> batch) override;
  void on_error(const error& why) override;
  void receive(net::received_datagram& what);
  void receive_batch(std::span<net::received_datagram> batch);
  bool is_denied(const endpoint& from) const;
  udp_session_actor* session_of(const endpoint& remote);
  net::expected<udp_endpoint> find_or_open_session(const endpoint& remote);
  udp_session_actor* open_session(const endpoint& remote);

  udp_endpoint self() { return caf::actor_cast<udp_endpoint>(caf::strong_actor_ptr(ctrl())); }

  // Gone once it is closed: a handle may be kept for ever.
  std::unique_ptr<udp_options> chosen_;
  std::shared_ptr<const udp_handler> made_;
  std::shared_ptr<const udp_handler> made_for_sessions_;
  net::datagram_socket_ptr socket_;
  net::receive_window_ptr window_;
  net::address_family family_ = net::address_family::ipv4;
  endpoint local_;  // port 0: not bound
  endpoint remote_; // family none: not connected
  std::vector<join> groups_;

  send_ledger ledger_;
  // What waits for the address of a host, by its name.
  std::unordered_map<std::string, std::vector<parcel>> waiting_;
  // A `connect` that waits for an address, and what waits for that.
  struct pending_connect {
    destination to;
    responder asker;
    std::vector<parcel> waiting;
    bool at_start = false; // an option asked for it
  };
  std::unique_ptr<pending_connect> connecting_;
  std::unique_ptr<host_cache> hosts_; // few endpoints send to names
  std::uint64_t waiting_cost_ = 0;
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t waiting_count_ = 0;

  std::unique_ptr<net::buffer_pool> copies_; // for sessions with handlers elsewhere
  std::unordered_map<endpoint, udp_session_actor*> sessions_; // kept alive by the loop
  std::vector<responder> close_askers_;
  std::unique_ptr<loop_timer> close_due_;
  std::unique_ptr<std::stop_callback<std::function<void()>>> abort_;

  std::uint64_t received_ = 0;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t dropped_by_kernel_ = 0; // as of the last time that somebody asked
  std::uint32_t kernel_drops_seen_ = 0;

  life life_ = life::unborn;
  bool paused_ = false;
  bool receiving_ = false;
  bool window_full_ = false;
  bool send_blocked_ = false;
  bool finishing_ = false;
  bool muted_ = false; // `close` was sent, and is on its way
};

} // namespace actornet
