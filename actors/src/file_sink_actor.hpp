// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "attached_sources.hpp"
#include "endpoint_actor.hpp"
#include "pump_target.hpp"

#include <actornet/file_options.hpp>
#include <actornet/messages.hpp>

#include <actornet/net/file.hpp>

#include <caf/actor.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace actornet {

/// A file that is written: bytes of programs and of sources, in the order in which they came.
///
/// Of what it was given only some is with the file at a time; the rest waits here, where a source
/// can have it back. Every entry is answered once, by `conclude` at the latest.
class file_sink_actor final : public endpoint_actor, net::file_events, public pump_target {
public:
  file_sink_actor(caf::actor_config& cfg, io_loop& home, sink_options chosen, caf::actor owner);

  /// Any thread. Not yet open.
  static file_sink spawn(io_loop& home, sink_options chosen, caf::actor owner);

  // -- loop's thread -----------------------------------------------------------------------------

  void start();
  void shut_down() override;

  const char* name() const override { return "actornet.file_sink"; }
  std::set<std::string> message_types() const override;

private:
  enum class entry_kind : std::uint8_t { written, piped, returned, refused, sync };

  struct entry {
    entry_kind kind;
    chunk bytes;
    std::uint64_t size;
    caf::strong_actor_ptr from; // only of those that are piped
    responder asker;
    bool keep_going = true;
  };

  bool is_open() const noexcept override { return state_ != file_state::closed; }
  bool obey(command& what) override;
  bool obey_at_once(command&) override { return false; }
  bool obey_write(command& what);
  bool obey_source(command& what);
  bool obey_life(command& what);
  void exit_requested(const caf::error& reason) override;

  void begin_write(chunk&& bytes, std::uint64_t size, responder&& asker);
  void begin_finish(chunk&& last, responder&& asker);
  void obey_join(command& what);
  void obey_transfer(command& what);
  void obey_take_back(command& what);
  void obey_leave(command& what);
  std::optional<error> reason_not_to_write() const;
  void refuse_write(std::uint64_t bytes, responder& asker, const error& why);

  void on_opened(const net::file_facts& facts) override;
  void on_open_failed(const error& why) override { break_with(why); }
  void on_written(std::size_t bytes) override;
  void on_synced() override;
  void on_sync_failed(const error& why) override;
  void on_read(chunk) override {}
  void on_read_end() override {}
  void on_failed(const error& why) override { break_with(why); }
  void on_closed() override;

  readiness pump_readiness() const noexcept override;
  bool is_for_bulk() const noexcept override { return false; }
  net::expected<net::pump_ptr> start_pump(net::stream_socket& from, outlet_pump& by) override;
  net::expected<net::pump_ptr> start_pump(net::opened_file_ptr from, outlet_pump& by) override;
  void pump_moved(std::size_t bytes) override { written_ += bytes; }
  void pump_is_blocked() override {}
  void pump_failed(const error& why) override;
  void pump_ends(const outlet_pump& by) override;
  error why_closed() const override;

  void add(entry what);
  /// Gives the file what it has room for.
  void feed();
  void complete_front();
  void tell_drained();
  void answer_sync(const std::optional<error>& why);
  void finish_file();
  void count_if_busy();
  void break_with(const error& why);
  void conclude(bool had_error, const error& cut_off, bool tells_failure);
  void give_up(entry& lost, const error& why, std::uint64_t taken);
  template <class Event> void tell(Event event);
  file_sink self() { return caf::actor_cast<file_sink>(caf::strong_actor_ptr(ctrl())); }

  sink_options chosen_;
  caf::actor owner_;
  net::file_ptr file_;
  attached_sources sources_;
  std::vector<outlet_pump*> pumps_;
  file_state state_ = file_state::opening;

  // Not with the file yet, and with it.
  std::deque<entry> waiting_;
  std::deque<entry> given_;
  std::uint64_t given_bytes_ = 0; // unanswered by the file
  std::uint64_t front_taken_ = 0; // of the front of given_
  std::uint64_t queued_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t failed_plain_ = 0;
  std::vector<responder> joins_;
  std::vector<responder> finish_askers_;
  std::unique_ptr<error> failure_; // what whoever comes too late is told
  // The source that was to end it broke: that is told at the end.
  bool source_broke_ = false;
  bool file_finished_ = false;
  bool drain_due_ = false;
  bool is_referenced_;
};

} // namespace actornet
