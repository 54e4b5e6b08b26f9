// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/inspect.hpp>
#include <actornet/pipe_messages.hpp>

#include <caf/meta/type_name.hpp>

/// How CAF prints and serialises the messages of pipes; see message_inspection.hpp.
namespace actornet {

// clang-format off
#define ACTORNET_INSPECT(message, ...)                                                             \
  template <class Inspector>                                                                       \
  typename Inspector::result_type inspect(Inspector& f, [[maybe_unused]] message& x) {             \
    return f(caf::meta::type_name("actornet1." #message) __VA_OPT__(, ) __VA_ARGS__);              \
  }

ACTORNET_INSPECT(pipe, x.to, x.end_sink, x.also_data, x.pipeline)
ACTORNET_INSPECT(unpipe, x.from)
ACTORNET_INSPECT(join_sink)
ACTORNET_INSPECT(transfer, x.bytes)
ACTORNET_INSPECT(transferred, x.bytes, x.had_error, x.why)
ACTORNET_INSPECT(take_back)
ACTORNET_INSPECT(leave_sink, x.end_sink, x.had_error, x.why)
ACTORNET_INSPECT(make_durable)
ACTORNET_INSPECT(sink_info, x.bytes_written, x.buffered, x.sources, x.state)
ACTORNET_INSPECT(source_info, x.bytes_read, x.window_held, x.window_max, x.state)
ACTORNET_INSPECT(piped, x.peer, x.to)
ACTORNET_INSPECT(pipe_failed, x.peer, x.to, x.why)
ACTORNET_INSPECT(unpiped, x.peer, x.from, x.bytes, x.reason, x.why)
ACTORNET_INSPECT(source_lost, x.at, x.why)
ACTORNET_INSPECT(sink_opened, x.from)
ACTORNET_INSPECT(sink_drained, x.from)
ACTORNET_INSPECT(sink_write_failed, x.from, x.bytes, x.why)
ACTORNET_INSPECT(sink_failed, x.from, x.why)
ACTORNET_INSPECT(sink_closed, x.from, x.had_error, x.bytes)
ACTORNET_INSPECT(source_opened, x.from, x.size)
ACTORNET_INSPECT(source_unpiped, x.from, x.to, x.bytes, x.reason, x.why)
ACTORNET_INSPECT(source_closed, x.from, x.had_error, x.why, x.bytes)

#undef ACTORNET_INSPECT
// clang-format on

/// Calls `visit.template operator()<Message>(name)` for every message of pipes.
template <class Visitor> void for_each_pipe_message(Visitor& visit) {
  visit.template operator()<pipe>("actornet1.pipe");
  visit.template operator()<unpipe>("actornet1.unpipe");
  visit.template operator()<join_sink>("actornet1.join_sink");
  visit.template operator()<transfer>("actornet1.transfer");
  visit.template operator()<transferred>("actornet1.transferred");
  visit.template operator()<take_back>("actornet1.take_back");
  visit.template operator()<leave_sink>("actornet1.leave_sink");
  visit.template operator()<make_durable>("actornet1.make_durable");
  visit.template operator()<sink_info>("actornet1.sink_info");
  visit.template operator()<source_info>("actornet1.source_info");
  visit.template operator()<piped>("actornet1.piped");
  visit.template operator()<pipe_failed>("actornet1.pipe_failed");
  visit.template operator()<unpiped>("actornet1.unpiped");
  visit.template operator()<source_lost>("actornet1.source_lost");
  visit.template operator()<sink_opened>("actornet1.sink_opened");
  visit.template operator()<sink_drained>("actornet1.sink_drained");
  visit.template operator()<sink_write_failed>("actornet1.sink_write_failed");
  visit.template operator()<sink_failed>("actornet1.sink_failed");
  visit.template operator()<sink_closed>("actornet1.sink_closed");
  visit.template operator()<source_opened>("actornet1.source_opened");
  visit.template operator()<source_unpiped>("actornet1.source_unpiped");
  visit.template operator()<source_closed>("actornet1.source_closed");
}

} // namespace actornet
