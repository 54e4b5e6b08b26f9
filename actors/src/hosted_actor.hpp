// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/messages.hpp>
#include <actornet/options.hpp>

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/no_stages.hpp>

#include <tuple>
#include <utility>

namespace actornet {

class io_loop;

/// An ordinary CAF actor that stays where it was placed, whoever sends to it. (An actor of CAF's
/// runs next wherever its last sender happened to run.) It prints nothing: it drops events and down
/// messages that it did not ask for, and the runtime's log tells of other messages that it has no
/// case for. Those are answered with `sec::unexpected_message`, as by any actor.
///
/// Placed on a loop, it runs on that loop's thread only, one turn at a time, and never within the
/// turn of another. What it has to read waits in its mailbox; an event of its own loop need not if
/// the mailbox is empty: `take_now`.
class hosted_actor : public caf::event_based_actor {
public:
  /// At home on `loop`, or, if it is placed there, on CAF's scheduler. The loop is there for as
  /// long as actors run.
  hosted_actor(caf::actor_config& cfg, io_loop& loop, placement where);

  // -- any thread --------------------------------------------------------------------------------

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* sender_context) override;
  using caf::event_based_actor::enqueue;
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;

  /// The actor behind a handle if it is hosted, wherever it runs; else null.
  static hosted_actor* behind(const caf::actor& handle);
  bool is_at_home_on(const io_loop& loop) const noexcept { return home_ == &loop; }

  // -- home loop's thread ------------------------------------------------------------------------

  /// Handles `event` at once, with no mailbox between, if the actor can tell no difference: it is
  /// idle, has nothing to read first, and its loop is not busy with another actor. Else false, and
  /// the event is as it was: send it.
  ///
  /// The caller keeps the actor alive. It may end here; what it sends may change whatever commands
  /// change that go straight in (`endpoint_actor::obey_at_once`).
  bool take_now(data& event);
  template <class Event> bool take_now(Event& event) {
    if (!is_ready_to_take())
      return false;
    // On the stack: the bytes of an event are free again as soon as it was handled.
    caf::mailbox_element_vals<Event> element(nullptr, caf::make_message_id(), {}, std::move(event));
    auto what_next = handle(element);
    if (what_next == next::read_again)
      put_back(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                         std::move(std::get<0>(element.data()))));
    if (what_next != next::nothing)
      rest();
    return true;
  }

private:
  enum class next { nothing, rest, read_again };

  bool may_have_timeouts() const noexcept;
  void close_mailbox(const caf::error& reason);
  bool is_ready_to_take() noexcept;
  next handle(caf::mailbox_element& event);
  inline bool is_simply_behaving() noexcept;
  inline next behave(caf::mailbox_element& event);
  inline next after_behaving();
  next die_of_exception();
  next activate_for(caf::mailbox_element& event);
  void put_back(caf::mailbox_element_ptr skipped);
  void rest();

  io_loop* home_;
};

} // namespace actornet
