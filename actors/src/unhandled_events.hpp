// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/actor.hpp>
#include <caf/result.hpp>
#include <caf/type_erased_tuple.hpp>

namespace caf {
class scheduled_actor;
class message_view;
} // namespace caf

namespace actornet {

/// True for the messages that endpoints send by themselves.
bool is_event(const caf::type_erased_tuple& content);

/// A default handler: drops events, and does with everything else what CAF's own does (it prints).
caf::result<caf::message> drop_events(caf::scheduled_actor* self, caf::message_view& what);

/// An actor with CAF's default handler gets `drop_events` in its place, before it handles the next
/// message that is sent to it after this call. One with a default handler of its own keeps that.
/// Any thread.
void drop_unhandled_events(const caf::actor& handler);

} // namespace actornet
