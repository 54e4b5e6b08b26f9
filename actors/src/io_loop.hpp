// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "handler_budget.hpp"
#include "handler_watches.hpp"
#include "loop_inbox.hpp"
#include "stray_messages.hpp"
#include "work.hpp"

#include <actornet/messages.hpp>
#include <actornet/options.hpp>

#include <actornet/net/io_backend.hpp>
#include <actornet/net/receive_budget.hpp>
#include <actornet/net/timer_queue.hpp>

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>

#include <cassert>
#include <chrono>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

namespace actornet {

class endpoint_actor;
class hosted_actor;
class log_sink;
struct stop_list;

/// What is decided about a loop before it runs.
struct loop_settings {
  delivery events = delivery::in_place;
  std::chrono::milliseconds handler_budget{10};
  /// How long who asks for a name waits for the answer; 0: as long as the resolver takes.
  std::chrono::milliseconds resolve_timeout = std::chrono::seconds(30);
  /// How long it keeps looking before it sleeps; 0: never.
  std::chrono::microseconds busy_poll{0};
  coarse_clock clock = coarse_clock::of_kernel(); // that handlers are measured with
  /// What all connections may hold of what they received; null: no limit but each one's own.
  std::shared_ptr<net::receive_budget> budget = nullptr;
};

/// One I/O loop: a backend, timers, the endpoints that live here and the handlers hosted here.
///
/// A turn does what is to be done (bounded), starts the sends that came of it, waits for the
/// backend, and tells time. Everything on a loop happens on its thread; `put` is the way in.
///
/// As an execution unit it is the context of the handlers it runs: ordinary actors that they spawn
/// or send to belong to CAF's scheduler and are passed on there. Only hosted handlers ask to run
/// here.
class io_loop final : public caf::execution_unit {
public:
  /// `log` outlives the loop.
  io_loop(caf::actor_system& system, std::unique_ptr<net::io_backend> backend,
          const loop_settings& chosen, log_sink& log);
  ~io_loop() override;

  // -- any thread --------------------------------------------------------------------------------

  void exec_later(caf::resumable* other) override;
  /// Work for this loop, behind what the caller gave it before.
  void put(work what);
  /// The unit that hosted handlers are scheduled on: this loop and no other.
  caf::execution_unit& home_unit() noexcept { return home_unit_; }
  const std::shared_ptr<loop_inbox>& inbox() const noexcept { return inbox_; }
  bool is_current() const noexcept { return current_ == this; }
  /// The loop whose thread this is, or null.
  static io_loop* current() noexcept { return current_; }
  /// How many turns of its handlers took longer than they may.
  std::uint64_t slow_handlers() const noexcept { return budget_.exceeded(); }
  /// Of the handlers that were made here, wherever they run.
  stray_messages& strays() noexcept { return strays_; }

  // -- loop's thread -----------------------------------------------------------------------------

  net::io_backend& backend() noexcept { return *backend_; }
  net::timer_queue& timers() noexcept { return timers_; }
  net::instant now() const noexcept { return backend_->now(); }
  /// `wait` from now; no more than a century, so that no number overflows the clock.
  net::instant after(std::chrono::milliseconds wait) const noexcept;
  /// Arms `deadline` for an answer to a question about a name, if there is a deadline.
  void arm_for_answer(net::timer& deadline);
  handler_watches& watches() noexcept { return watches_; }
  const std::shared_ptr<net::receive_budget>& receive_budget() const noexcept {
    return receive_budget_;
  }
  /// While it lives, an actor has its turn on the loop.
  class handler_turn {
  public:
    handler_turn(io_loop& loop, const caf::local_actor& whose) : loop_(loop), whose_(whose) {
      assert(!loop_.in_handler_);
      loop_.in_handler_ = true;
      loop_.is_told();
      loop_.budget_.turn_begins();
    }
    ~handler_turn() {
      loop_.in_handler_ = false;
      loop_.budget_.turn_ends(whose_);
    }
    handler_turn(const handler_turn&) = delete;
    handler_turn& operator=(const handler_turn&) = delete;

  private:
    io_loop& loop_;
    const caf::local_actor& whose_;
  };
  /// What went before took time that is not the next handler's.
  void handlers_rested() noexcept { budget_.look_away(); }
  /// An event came, or a handler has its turn: nobody need wake the loop before it waits again.
  void is_told() noexcept { inbox_->end_wait(); }
  bool is_in_handler() const noexcept { return in_handler_; }
  /// An event may be handled where it is told, and what a handler sends may go straight in.
  bool has_short_cuts() const noexcept { return short_cuts_; }
  bool may_interrupt() const noexcept { return short_cuts_ && !in_handler_; }
  /// For the `data` that is handled in place: one at a time, so that none need be made for each.
  caf::mailbox_element_vals<data>& data_element() noexcept { return data_element_; }

  /// `own`, and the same one again as long as connections come that have the same: those of a
  /// listener, which are the most.
  std::shared_ptr<const net::endpoint> share(net::endpoint own);

  /// Keeps an endpoint alive while it is open.
  void adopt(endpoint_actor& open);
  void release(endpoint_actor& closed);
  void collect_for_stop(stop_list& into);

  // -- the runtime -------------------------------------------------------------------------------

  /// Runs turns on a thread of its own until `join`.
  void start_thread(std::size_t number);
  /// Closes what is open, lets the last messages run, and ends the thread if there is one. Once.
  void shut_down();
  /// One turn on the caller's thread, for loops without one; true if anything was done.
  bool turn_by_hand();

private:
  class unit final : public caf::execution_unit {
  public:
    explicit unit(io_loop& loop);
    void exec_later(caf::resumable* hosted) override;

  private:
    io_loop& loop_;
  };

  void run();
  bool turn(bool may_wait);
  bool has_work() const noexcept { return done_ < doing_.size() || !to_do_.empty(); }
  /// At most `budget` pieces of it; true if there was any.
  bool do_work(std::size_t budget);
  /// These return how many pieces it was: an actor that is not done has handled many messages.
  std::size_t perform(work& what);
  void hand_over(deliver& message);
  std::size_t resume(hosted_actor& who);
  std::optional<net::instant> wait_until(bool may_wait);
  void close_endpoints();

  // Bounds the time between two looks at the sockets.
  static constexpr std::size_t work_per_turn_max = 1024;
  static constexpr std::size_t messages_per_resume_max = 64;

  // clang-tidy 14 takes a static member for a variable.
  static thread_local io_loop* current_; // NOLINT(readability-identifier-naming)

  std::unique_ptr<net::io_backend> backend_;
  std::shared_ptr<loop_inbox> inbox_;
  unit home_unit_;
  net::timer_queue timers_;
  handler_watches watches_;
  handler_budget budget_;
  stray_messages strays_;
  caf::mailbox_element_vals<data> data_element_{nullptr, caf::make_message_id(), {}, data()};
  // What is to be done; `doing_` is being done, from `done_` on.
  std::vector<work> to_do_;
  std::vector<work> doing_;
  std::size_t done_ = 0;
  std::unordered_map<endpoint_actor*, caf::strong_actor_ptr> open_;
  std::shared_ptr<const net::endpoint> shared_; // the last one
  const bool short_cuts_;
  const std::chrono::milliseconds resolve_timeout_;
  const std::shared_ptr<net::receive_budget> receive_budget_;
  bool in_handler_ = false;
  bool ending_ = false;    // loop's thread: the turn that is going on is the last
  bool shut_down_ = false; // by who stops the runtime, which may ask twice
  std::thread thread_;
};

} // namespace actornet
