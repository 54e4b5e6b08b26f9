// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "attached_sources.hpp"
#include "connect_attempt.hpp"
#include "connection_deadlines.hpp"
#include "connection_settings.hpp"
#include "decoding.hpp"
#include "handled_endpoint.hpp"
#include "outlet_pump.hpp"
#include "outlets.hpp"
#include "pump_target.hpp"
#include "seldom_list.hpp"
#include "write_ledger.hpp"

#include <actornet/messages.hpp>

#include <actornet/net/stream_socket.hpp>
#include <actornet/net/timer_queue.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace actornet {

/// A connection: commands in, events out, and between them a stream of the loop's backend.
///
/// Reading goes on while there is a handler, nobody paused it, and the receive window has room.
/// Writing has its own life (`writing`); the connection is over when both directions are, or when
/// one breaks. Whatever way it ends, `conclude` is the only place where it does.
class connection_actor final : public handled_endpoint,
                               net::stream_events,
                               net::timer,
                               connect_outcome,
                               outlet_owner,
                               pump_owner,
                               public pump_target {
public:
  using settings_ptr = std::shared_ptr<const connection_settings>;

  connection_actor(caf::actor_config& cfg, io_loop& home, settings_ptr settings, bool counts);

  /// Any thread. The actor, registered as running if it `counts`, not yet alive on its loop.
  static connection spawn(io_loop& home, settings_ptr settings, bool counts);

  // -- loop's thread, once, one of them ----------------------------------------------------------

  void start_accepted(net::accepted_stream stream);
  void start_connecting(connect_plan plan);

  void shut_down() override;
  void collect_for_stop(stop_list& into) override;
  const char* name() const override { return "actornet.connection"; }
  std::set<std::string> message_types() const override;

private:
  enum class life : std::uint8_t { unborn, connecting, open, closed };
  enum class writing : std::uint8_t { open, finishing, finished, broken };
  // Asked for by `finish_then_destroy`, or because the handler quit; then sent, and lingering.
  enum class parting : std::uint8_t { no, asked, abandoned, lingering };

  // -- commands ----------------------------------------------------------------------------------

  bool is_open() const noexcept override { return life_ != life::closed; }
  bool obey(command& what) override;
  bool obey_at_once(command& what) override;
  bool obey_question(command& what);
  bool obey_option(command& what);
  template <class Command> bool obey_option_of(command& what);
  bool obey_get_socket_option(command& what);
  bool obey_parting(command& what);
  bool obey_while_open(command& what);
  bool obey_source_of_pipe(command& what);
  bool obey_sink_of_pipe(command& what);
  void obey_pipe(command& what);
  void obey_unpipe(command& what);
  void obey_join(command& what);
  void obey_transfer(command& what);
  void obey_leave(command& what);
  void take_answer(caf::mailbox_element& what) override;
  void obey_destroy(command& what);
  void obey_reset(command& what);
  void obey_set_handler(command& what);
  void obey_set_encoding(command& what);
  void obey_set_timeout(command& what);
  void obey_set_lifetime(command& what);
  void obey_wind_down(command& what);
  void exit_requested(const caf::error& reason) override;
  void handler_died(const caf::error& reason) override;
  void begin_plain_write(chunk&& bytes);
  void begin_write(chunk&& bytes, responder&& asker);
  void hand_over(chunk&& bytes, bool must_be_judged);
  [[gnu::noinline]] void judge_or_complete(std::size_t size, bool must_be_judged);
  void begin_write_text(const write_text& what, responder&& asker);
  bool may_write(std::size_t bytes) const noexcept;
  /// None: but for its size, a write would be taken.
  std::optional<error> reason_not_to_write() const;
  [[gnu::cold]] error reason_to_refuse() const;
  void begin_finish(chunk&& last, responder&& asker);
  void change_handler(caf::actor next);
  struct early_commands;
  early_commands& early();
  void obey_early_commands();
  connection_info info();
  connection_state state() const noexcept;

  // -- what the socket tells ---------------------------------------------------------------------

  void on_connected(const endpoint&) override {}
  void on_connect_failed(const error&) override {}
  void on_established(net::stream_socket_ptr socket, const endpoint& local,
                      const endpoint& remote) override;
  void on_not_established(const error& why) override;
  void on_received(chunk bytes) override;
  void on_end() override;
  void on_receive_failed(const error& why) override;
  void on_sent(std::size_t bytes) override;
  void on_send_blocked() override;
  void on_finished() override;
  void on_send_failed(const error& why) override;
  void on_timer() override;

  // -- inner life --------------------------------------------------------------------------------

  void come_alive(life next);
  void become_open(endpoint local, endpoint remote);
  void make_handler();
  bool is_piped() const noexcept { return outlets_ && !outlets_->empty(); }
  /// What is received may be passed on.
  bool somebody_takes() const noexcept {
    return !paused_ && !pump_ && (is_piped() ? outlets_->takes() : has_handler());
  }
  void update_reading();
  bool is_held_up() const noexcept;
  [[gnu::noinline]] void hold_or_pass_on(chunk&& bytes);
  void room_in_window();
  void deliver_held();
  void deliver(chunk bytes);
  void deliver_to_pipes(chunk bytes);
  void deliver_cut_off();
  void pass_on_end();
  text_data decoded(chunk bytes);
  void deliver_end();
  /// Gone with its last copy: then the handler has handled what it came with, and we finish.
  std::shared_ptr<const void> finish_when_handled();
  void end_was_handled();
  void finish_writing();
  void sending_broke(const error& why);
  void write_waits();
  void queue_was_judged(bool full);
  void tell_drain_if_due();
  void complete(write_ledger::entry& done);
  void close_if_over();

  // -- pipes --------------------------------------------------------------------------------------

  void tell_piped(const sink& to) override;
  void tell_pipe_failed(const sink& to, const error& why) override;
  void tell_unpiped(const sink& from, std::uint64_t bytes, unpipe_reason reason,
                    const error& why) override;
  sink_watch::notice notice_of_death(const caf::actor_addr& of_sink) override;
  void sink_died(const caf::actor_addr& who, const caf::error& reason);
  void pipes_changed();
  void share_fate(outlets::shared_fate fate);
  bool is_passing_on() const noexcept;
  void begin_pipe(pipe&& what, responder&& asker);
  void begin_unpipe(const sink& from, outlets::unpipe_asker asker);
  void begin_pause(bool is_resumed, responder&& asker);
  void break_when_passed_on(const error& why);

  // Pumps: from here, and to here.
  readiness readiness_to_pump() const noexcept;
  bool awaits_pump() const noexcept { return outlets_ && readiness_to_pump() == readiness::busy; }
  void try_to_pump();
  bool wait_for_pump(std::function<void()> then);
  void drop_pump();
  void pumped(std::size_t bytes) override;
  void pump_stopped(pumped_flow last) override;

  readiness pump_readiness() const noexcept override;
  bool is_for_bulk() const noexcept override { return true; }
  net::expected<net::pump_ptr> start_pump(net::stream_socket& from, outlet_pump& by) override;
  net::expected<net::pump_ptr> start_pump(net::opened_file_ptr from, outlet_pump& by) override;
  void pump_moved(std::size_t bytes) override;
  void pump_is_blocked() override;
  void pump_failed(const error& why) override;
  void pump_ends(const outlet_pump& by) override;
  error why_closed() const override;
  /// Before the socket is told anything that a pump into it must not see.
  void stop_inflow() {
    if (inflow_ != nullptr)
      end_inflow();
  }
  [[gnu::cold]] void end_inflow();

  // -- time --------------------------------------------------------------------------------------

  void start_idle_timer(std::chrono::milliseconds silence);
  void touch() {
    if (deadlines_ || is_idle_timed())
      note_activity();
  }
  void note_activity();
  void check_idle();
  void look_again_soon();
  bool is_idle_timed() const noexcept {
    return idle_timeout_.count() > 0 && (parting_ == parting::no || parting_ == parting::asked);
  }
  bool has_new_acknowledgement();
  void note_acknowledged();
  void limit_lifetime(std::chrono::milliseconds remaining);
  void start_deadlines();
  void await_deadline();
  void check_deadlines();
  bool is_waiting_to_write() const noexcept {
    return send_blocked_ && (inflow_ != nullptr || !ledger_.empty());
  }
  void watch_for_abort();
  void aborted();

  // -- parting: the last bytes leave, nothing is received any more --------------------------------

  void begin_parting(finish_then_destroy&& what, responder&& asker);
  void part(std::chrono::milliseconds linger);
  void part_abandoned();
  void linger_on();

  void break_with(const error& why);
  /// The end: socket, timers and handler are let go. `cut_off` is what unfinished writes are told;
  /// `broke`: it is an error, and the handler is told, too.
  void conclude(close_reason why, const error& cut_off, bool broke = false);
  static caf::error exit_reason(close_reason why, const error& cut_off);
  void fail_writes(const error& why);
  [[gnu::cold]] void refuse_plain_write(std::uint64_t bytes);
  void tell_write_failed(std::uint64_t bytes, const error& why);
  void refuse_write(std::uint64_t bytes, responder& asker, const error& why);

  endpoint local() const { return local_ ? *local_ : endpoint(); }
  connection self() { return caf::actor_cast<connection>(caf::strong_actor_ptr(ctrl())); }

  settings_ptr settings_;
  net::stream_socket_ptr socket_;
  net::receive_window_ptr window_;
  std::unique_ptr<connect_attempt> attempt_;
  /// Commands that wait for the handshake: writes, and options with who asked for them.
  struct early_commands {
    std::vector<chunk> writes;
    std::vector<std::pair<net::socket_options, responder>> options;
    std::vector<responder> joins;
  };
  std::unique_ptr<early_commands> early_; // few connections have any, so it is not part of all
  std::shared_ptr<const endpoint> local_; // null: not yet connected
  endpoint remote_;

  write_ledger ledger_;
  seldom_list<responder> finish_askers_;
  // Why it broke, while what had arrived before is still being read.
  std::unique_ptr<error> broke_;
  // Arrived when nobody was there to take it: reading had been stopped already.
  seldom_list<chunk> held_;
  std::unique_ptr<decoding> decoding_; // few connections have an encoding
  // Few have pipes: from here, and to here.
  std::unique_ptr<outlets> outlets_;
  std::unique_ptr<attached_sources> sources_;
  std::unique_ptr<outlet_pump> pump_;
  outlet_pump* inflow_ = nullptr; // another's, to our socket

  std::uint64_t bytes_read_ = 0;
  std::uint64_t acknowledged_ = 0; // as of the last time that somebody asked
  std::uint64_t acknowledged_at_look_ = 0;
  std::chrono::milliseconds idle_timeout_{0};
  net::instant last_activity_{};
  struct deadline_watch {
    connection_deadlines what;
    loop_timer timer;
    std::uint64_t acknowledged = 0; // when somebody looked last
  };
  // Few connections have these three.
  std::unique_ptr<deadline_watch> deadlines_;
  std::unique_ptr<loop_timer> lifetime_;
  std::unique_ptr<std::stop_callback<std::function<void()>>> abort_;
  std::chrono::milliseconds linger_{0};

  life life_ = life::unborn;
  writing writing_ = writing::open;
  bool paused_ = false;
  bool receiving_ = false;
  bool window_full_ = false;
  bool read_over_ = false; // the peer has finished, or reading broke
  bool end_told_ = false;
  bool judging_ = false; // a write waits for its judgement
  bool send_blocked_ = false;
  bool drain_due_ = false;
  bool idle_told_ = false; // since the last activity
  parting parting_ = parting::no;
};

} // namespace actornet
