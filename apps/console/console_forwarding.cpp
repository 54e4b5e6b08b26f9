// SPDX-License-Identifier: BSD-3-Clause
#include "console.hpp"

#include <chrono>
#include <utility>

// Connections that are forwarded. The pipes take the bytes, and tell each end that the other broke;
// here is what they cannot know: ends before the pipes are there, and after one of them is gone.
namespace console {

namespace an = actornet;

void console::forward(const an::connection& near) {
  const auto& listening = std::get<an::listen_options>(arguments_.start);
  auto made = an::runtime::from(system()).connect({.address = arguments_.handler_target,
                                                   .allow_half_open = listening.allow_half_open,
                                                   .pause_on_connect = true,
                                                   .no_delay = listening.no_delay,
                                                   .near = near},
                                                  caf::actor(this));
  if (!made) {
    forward_failed(near, made.error());
    send(near, an::destroy{});
    return;
  }
  far_ends_.add(near, *made);
  pipe_through(near, *made);
}

void console::pipe_through(const an::connection& near, const an::connection& far) {
  // Not half-open, both ends finish together: `pass_end_on` says it to them.
  const bool is_half_open = std::get<an::listen_options>(arguments_.start).allow_half_open;
  const auto pipe_to = [=](const an::connection& other) {
    return an::pipe{.to = other, .end_sink = is_half_open, .pipeline = true};
  };
  answers_.ask(near, pipe_to(far), [=, this](const outcome& there) {
    if (there.error) {
      send(near, an::destroy{}); // its `closed` takes the far end along
      return conclude_if_answered();
    }
    answers_.ask(far, pipe_to(near), [=, this](const outcome& back) {
      // The near end takes no more: what comes is dropped, up to the end behind it.
      if (back.error)
        send(far, an::resume{});
      conclude_if_answered();
    });
  });
}

void console::forward_failed(const an::connection& near, const an::error& why) {
  if (!connections_.holds(near.id()))
    return;
  print_event("failed", near, fields_of(why));
  not_forwarded_.insert(near.id());
}

void console::pass_end_on(const an::connection& peer) {
  const auto* other = far_ends_.other_of(peer);
  if (!other)
    return;
  // Its own side first: else it would depend on who is faster whether it still gets an answer to
  // that end.
  if (!std::get<an::listen_options>(arguments_.start).allow_half_open)
    send(peer, an::finish{});
  send(*other, an::finish{});
}

// The same that the pipes do, when they are there.
void console::end_far_end_of(const an::closed& near) {
  const auto* far = far_ends_.far_of(near.peer);
  if (!far)
    return;
  if (near.had_error || near.reason == an::close_reason::reset_by_us)
    return send(*far, an::reset{});
  send(*far, an::wind_down{}); // who is not connected yet need not be
  send(*far, an::finish_then_destroy{});
}

void console::wind_down_far_ends(std::chrono::milliseconds deadline) {
  for (const auto& far : far_ends_.all())
    send(far, an::wind_down{deadline.count()});
}

void console::hold_far_end_of(const an::connection& near, const connection_message& message) {
  const auto* far = far_ends_.far_of(near);
  if (far && std::holds_alternative<an::ref>(message))
    send(*far, an::ref{});
  if (far && std::holds_alternative<an::unref>(message))
    send(*far, an::unref{});
}

} // namespace console
