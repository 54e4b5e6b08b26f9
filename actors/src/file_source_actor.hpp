// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "endpoint_actor.hpp"
#include "outlet_pump.hpp"
#include "outlets.hpp"

#include <actornet/file_options.hpp>
#include <actornet/messages.hpp>

#include <actornet/net/file.hpp>

#include <caf/actor.hpp>

#include <memory>
#include <vector>

namespace actornet {

/// A file that is read, for as long as somebody it is piped to takes bytes.
class file_source_actor final : public endpoint_actor, net::file_events, outlet_owner, pump_owner {
public:
  file_source_actor(caf::actor_config& cfg, io_loop& home, source_options chosen, caf::actor owner);

  /// Any thread. Not yet open.
  static file_source spawn(io_loop& home, source_options chosen, caf::actor owner);

  // -- loop's thread -----------------------------------------------------------------------------

  void start();
  void shut_down() override;
  const char* name() const override { return "actornet.file_source"; }
  std::set<std::string> message_types() const override;

private:
  bool is_open() const noexcept override { return state_ != file_state::closed; }
  bool obey(command& what) override;
  bool obey_at_once(command&) override { return false; }
  bool obey_life(command& what);
  void obey_pipe(command& what);
  void begin_pipe(pipe&& given, responder&& asker);
  void obey_unpipe(command& what);
  void begin_unpipe(const sink& from, outlets::unpipe_asker asker);
  void unpipe_early(const sink& from);
  void begin_pause(bool is_resumed, responder&& asker);
  void take_answer(caf::mailbox_element& what) override;
  void exit_requested(const caf::error& reason) override;

  void on_opened(const net::file_facts& facts) override;
  // A copy: it may be the file's, which goes.
  void on_open_failed(const error& why) override { conclude(true, error(why)); }
  void on_written(std::size_t) override {}
  void on_synced() override {}
  void on_sync_failed(const error&) override {}
  void on_read(chunk bytes) override;
  void on_read_end() override;
  void on_failed(const error& why) override;
  void on_closed() override {}

  void tell_piped(const sink&) override {}
  void tell_pipe_failed(const sink& to, const error& why) override {
    tell_unpiped(to, 0, unpipe_reason::sink_failed, why);
  }
  void tell_unpiped(const sink& from, std::uint64_t bytes, unpipe_reason reason,
                    const error& why) override;
  sink_watch::notice notice_of_death(const caf::actor_addr& of_sink) override;
  void sink_died(const caf::actor_addr& who, const caf::error& reason);
  void pipes_changed();

  bool somebody_takes() const noexcept { return !paused_ && !pump_ && outlets_.takes(); }
  pump_target::readiness readiness_to_pump() const noexcept;
  void try_to_pump();
  void pumped(std::size_t bytes) override { bytes_read_ += bytes; }
  void pump_stopped(pumped_flow last) override;
  void deliver_held();
  void pass_on_end();
  void update_reading();
  void room_in_window();
  void conclude(bool had_error, const error& why);
  template <class Event> void tell(Event event);
  file_source self() { return caf::actor_cast<file_source>(caf::strong_actor_ptr(ctrl())); }

  struct asked_pipe {
    pipe given;
    responder asker;
    bool was_paused;
  };

  source_options chosen_;
  caf::actor owner_;
  net::file_ptr file_;
  net::receive_window_ptr window_;
  outlets outlets_;
  std::unique_ptr<outlet_pump> pump_;
  std::vector<asked_pipe> early_; // asked for before it was open
  std::vector<chunk> held_;
  std::unique_ptr<error> broke_; // while what had been read is still passed on
  std::uint64_t bytes_read_ = 0;
  file_state state_ = file_state::opening;
  enum class reading { off, rest, on };
  reading reading_ = reading::off; // `rest`: what was read ahead, before a pump begins
  bool paused_ = false;
  bool window_full_ = false;
  bool read_over_ = false;
  bool end_passed_on_ = false;
};

} // namespace actornet
