// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "io_loop.hpp"
#include "responder.hpp"

#include <caf/monitorable_actor.hpp>

#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace actornet {

struct stop_list;

/// A command on its way through an endpoint: what it is, and how to answer it.
class command {
public:
  explicit command(caf::mailbox_element& element) : element_(element) {}

  /// The command as a `T`, or null if it is another.
  template <class T> const T* as() { return is<T>() ? &element_.content().get_as<T>(0) : nullptr; }

  template <class T> bool is() const noexcept {
    const auto* found = type();
    return found != nullptr && (found == &typeid(T) || *found == typeid(T));
  }

  /// The command itself if it is a `T` that was sent plainly, as most are: found out at one look.
  /// Null: it may still be one.
  template <class T> T* sent_plainly() noexcept {
    using plain = caf::mailbox_element_vals<T>;
    if (&typeid(element_) != &typeid(plain) || element_.mid.is_request())
      return nullptr;
    return &std::get<0>(static_cast<plain&>(element_).data());
  }

  /// The command itself, if it is a `T`; moved out unless others share the message.
  template <class T> T take() { return element_.content().move_if_unshared<T>(0); }

  /// Null for who sends without a name.
  const caf::strong_actor_ptr& sender() const noexcept { return element_.sender; }

  /// Takes the right to answer.
  responder asker() { return responder::to(element_); }

private:
  const std::type_info* type() const noexcept {
    if (!std::exchange(type_is_known_, true)) {
      const auto& content = element_.content();
      type_ = content.size() == 1 ? content.type(0).second : nullptr;
    }
    return type_;
  }

  caf::mailbox_element& element_;
  mutable const std::type_info* type_ = nullptr;
  mutable bool type_is_known_ = false;
};

/// What listeners and connections have in common: an actor that lives on one loop.
///
/// It is no scheduled_actor: it has no mailbox and no behaviour. Whoever sends to it, on whatever
/// thread, gives the message to the loop, whose thread hands it to `receive`, in order. It
/// is an actor in all else: links, monitors, requests, handles.
///
/// A short cut, for commands of handlers of the same loop: what may be obeyed within a handler's
/// turn
/// (`obey_at_once`) need not wait, unless something waits that was sent before. Order per sender is
/// kept: a hosted actor runs on no other thread, so all it ever sends here takes this way.
///
/// It begins with a task that whoever spawned it gave to the loop. Nothing overtakes that, not even
/// what comes from an actor of the loop that heard of the endpoint before the task was taken in.
///
/// While open it is kept alive by its loop, and counts as running (unless unreferenced).
class endpoint_actor : public caf::monitorable_actor {
public:
  endpoint_actor(caf::actor_config& cfg, io_loop& home);

  // -- any thread --------------------------------------------------------------------------------

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* sender_context) override;
  using caf::monitorable_actor::enqueue;

  // -- loop's thread -----------------------------------------------------------------------------

  void receive(caf::mailbox_element& what);
  /// The same for one that was sent on this thread and had to wait.
  void receive_local(caf::mailbox_element& what);
  /// The runtime ends.
  virtual void shut_down() = 0;
  bool is_at_home_on(const io_loop& loop) const noexcept { return &home_ == &loop; }
  /// All is to stop: adds itself to those that are told so, unless another endpoint sees to it.
  virtual void collect_for_stop(stop_list&) {}

protected:
  virtual bool is_open() const noexcept = 0;
  /// False: the endpoint has no such command.
  virtual bool obey(command& what) = 0;
  /// Of these, the commands that may be obeyed within the turn of a handler, even when that handles
  /// an event which this endpoint, or another, is just telling. So they must not end the endpoint,
  /// change its handler, or stop what it is doing. False: it is another, and has to wait.
  virtual bool obey_at_once(command& what) = 0;
  /// It was sent on the loop's thread and has to wait: `obey` will have it.
  virtual void foresee(const command&) {}
  /// An answer to a request of its own.
  virtual void take_answer(caf::mailbox_element&) {}
  /// A linked actor died, or somebody sent an exit.
  virtual void exit_requested(const caf::error& reason) = 0;

  io_loop& home() noexcept { return home_; }
  /// The task that begins it has run.
  void begin() noexcept { begun_ = true; }
  /// The endpoint is gone: monitors and links hear `reason`, the system waits no more, and the
  /// loop's reference is dropped. The caller holds another.
  void retire(caf::error reason);

  /// A task of this loop that does nothing once the actor is gone. Any thread may run what is
  /// returned; it may outlive both.
  template <class Actor> static auto later(Actor& self, void (Actor::*then)()) {
    return [inbox = self.home().inbox(), weak = caf::weak_actor_ptr(self.ctrl()), then] {
      inbox->put(task([weak, then] {
        if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
          (static_cast<Actor*>(caf::actor_cast<caf::abstract_actor*>(strong))->*then)();
      }));
    };
  }

  template <class... Ts> void answer(responder& asker, Ts&&... content) {
    asker.answer(ctrl(), &home_, std::forward<Ts>(content)...);
  }
  void answer_done(responder& asker) { asker.answer(ctrl(), &home_, caf::message()); }
  void answer_error(responder& asker, const error& why) {
    asker.answer(ctrl(), &home_, to_caf(why));
  }
  template <class T> void answer_result(responder& asker, net::expected<T>&& result) {
    if (!result)
      answer_error(asker, result.error());
    else if constexpr (std::is_void_v<T>)
      answer_done(asker);
    else
      answer(asker, std::move(*result));
  }

private:
  inline bool take_at_once(caf::mailbox_element& what);

  io_loop& home_;
  // How many messages wait that were sent on the loop's own thread.
  std::uint32_t local_waiting_ = 0;
  // It has begun, or will before whatever else is sent on the loop's thread: it was spawned there.
  bool begun_;
  // They wait in the loop's inbox, behind the task that begins the endpoint.
  bool local_queues_up_ = false;
};

} // namespace actornet
