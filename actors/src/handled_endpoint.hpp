// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "endpoint_actor.hpp"
#include "handler_watches.hpp"
#include "hosted_actor.hpp"

#include <caf/actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/no_stages.hpp>

#include <utility>

namespace actornet {

/// An endpoint that has a handler, and hears of its death: connections and UDP endpoints. Loop's
/// thread.
class handled_endpoint : public endpoint_actor {
public:
  using endpoint_actor::endpoint_actor;

  void handler_is_dead(const caf::error& reason) {
    neighbour_ = nullptr;
    handler_ = nullptr;
    handler_died(reason);
  }
  handler_watches::place& watched() noexcept { return watched_; }

protected:
  /// There is no handler any more.
  virtual void handler_died(const caf::error& reason) = 0;

  bool has_handler() const noexcept { return static_cast<bool>(handler_); }
  /// It lives on the same loop, and was made there.
  bool has_neighbour() const noexcept { return neighbour_ != nullptr; }
  void take_handler(caf::actor next);
  void forget_handler();

  template <class Event> void tell(Event event);
  /// The same, but the handler may handle it before this returns, and what it sends is taken.
  template <class Event> void tell_now(Event&& event);

private:
  caf::actor handler_;
  hosted_actor* neighbour_ = nullptr; // the handler, if it is hosted by the same loop
  handler_watches::place watched_;
};

inline void handled_endpoint::take_handler(caf::actor next) {
  forget_handler();
  handler_ = std::move(next);
  if (!handler_)
    return;
  auto* hosted = hosted_actor::behind(handler_);
  neighbour_ = hosted && hosted->is_at_home_on(home()) ? hosted : nullptr;
  home().watches().add(handler_, *this);
}

inline void handled_endpoint::forget_handler() {
  if (handler_)
    home().watches().remove(handler_, *this);
  neighbour_ = nullptr;
  handler_ = nullptr;
}

template <class Event> void handled_endpoint::tell(Event event) {
  home().is_told();
  if (handler_)
    // No sender, so that nothing a handler does with an event by mistake comes back here, and no
    // unit, so that the handler runs where it is at home.
    handler_->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                                std::move(event)),
                      nullptr);
}

template <class Event> void handled_endpoint::tell_now(Event&& event) {
  if (!neighbour_ || !neighbour_->take_now(event))
    tell(std::forward<Event>(event));
}

} // namespace actornet
