// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_stream_pump.hpp"

#include "kernel_stream.hpp"

#include <utility>

namespace actornet::net {

namespace {

// As with receives and sends: one stream takes so many calls of a turn.
constexpr int moves_per_turn_max = 4;

} // namespace

expected<void> stream_pump::begin() {
  auto made = kernel_pipe::make();
  if (!made)
    return fail(made.error());
  pipe_ = std::move(*made);
  own_itself();
  to_->tap_sending(*this);
  from_->tap_receiving(*this);
  return {};
}

void stream_pump::on_writable() {
  is_blocked_ = false;
  move();
}

void stream_pump::move() {
  auto alive = shared_from_this();
  for (int i = 0; i < moves_per_turn_max; ++i)
    if (!is_moving() || is_blocked_ || !move_once())
      return;
  if (is_moving())
    from_->read_again();
}

// False: there is nothing to be done before the source or the sink says more.
bool stream_pump::move_once() {
  const bool more = !source_over_ && fill(*from_, *pipe_) > 0;
  auto result = pour(*pipe_, *to_);
  is_blocked_ = result.is_blocked;
  if (result.why)
    to_->sending_was_broken(*result.why);
  tell_moved(result.bytes);
  if (result.is_blocked)
    tell_blocked();
  if (!is_moving())
    return false;
  if (result.why) {
    tell_sink_failed(*result.why, false);
    return false;
  }
  if (source_over_ && pipe_->bytes() == 0) {
    tell_source_over(*from_);
    return false;
  }
  // A full pipe that has been emptied may go on at once.
  return more || (result.bytes > 0 && !from_->awaits_bytes());
}

void stream_pump::release_sink() {
  if (auto* stream = std::exchange(to_, nullptr))
    stream->untap_sending();
}

void stream_pump::let_go() {
  release_sink();
  if (auto* stream = std::exchange(from_, nullptr))
    give_back(*stream);
}

} // namespace actornet::net
