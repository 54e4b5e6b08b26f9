// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>

namespace actornet::net {

/// Who moves the bytes of a stream past it: a pump. Called by the stream, on the loop's thread,
/// from within `poll`.
class stream_tap {
public:
  /// What a receive got that was under way when the tap was put in: it comes first.
  virtual void on_early(chunk) {}
  /// There may be bytes to take, or the end, or a failure.
  virtual void on_readable() {}
  /// There may be room.
  virtual void on_writable() {}

protected:
  ~stream_tap() = default;
};

} // namespace actornet::net
