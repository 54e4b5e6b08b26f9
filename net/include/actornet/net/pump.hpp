// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>
#include <actornet/net/error.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace actornet::net {

/// Who is told what a pump does. Called on the thread of the loop that runs it, only from
/// `io_backend::poll` and `flush`, never from within a call on the pump.
class pump_events {
public:
  /// `bytes` more are in the sink: in the file, or taken by the kernel for the peer; never 0. It is
  /// also the sign of life that an idle timer waits for.
  virtual void on_moved(std::size_t bytes) = 0;
  /// A stream that is the sink has no room, and bytes wait for it. Told for each attempt.
  virtual void on_blocked() = 0;

  // One of these at most. Nothing is moved after it, and nothing told but `on_stopped`, for which
  // the owner has to ask.

  /// The source has ended, and every byte of it is in the sink. A stream tells no `on_end` after
  /// it.
  virtual void on_source_end() = 0;
  /// The source broke; every byte that arrived before is in the sink. A stream tells no failure to
  /// receive after it.
  virtual void on_source_failed(const error& why) = 0;
  /// The sink takes no more: ENOSPC, EPIPE, ECANCELED (it was closed), ... What was moved before is
  /// in it, and told; what the pump holds comes back with `stop`.
  virtual void on_sink_failed(const error& why) = 0;
  /// The kernel cannot move bytes this way between these two (a file system without splice(2)).
  /// Stop the pump, write what comes back, and go on with chunks: nothing is lost.
  virtual void on_refused(const error& why) = 0;

  /// The answer to `stop`, once: what was taken from the source and is not in the sink, in order.
  /// Every `on_moved` was told before; so every byte is in one of the two, and in one only. A
  /// stream that is the source is as it was before the pump, and may receive again.
  virtual void on_stopped(std::vector<chunk> taken_back) = 0;

protected:
  ~pump_events() = default;
};

/// Bytes on their way from a source to a sink that no program looks at: splice(2), through pipes of
/// the kernel. Made by `io_backend::start_pump`. Loop's thread only.
///
/// While it runs, of a stream that is its source nobody may call `start_receiving` or
/// `stop_receiving` (what arrives is the pump's, from the very call that made it), and of one that
/// is its sink nobody may call `send` or `finish`. Everything else is allowed: the other direction
/// works as ever, options may be set and asked. The stream's own events are told for the other
/// direction only. A stream that is the source must not be closed, reset or given another owner
/// before the pump is closed, and one that is the sink not before it is stopped.
///
/// A pump ends the sink never: that is its owner's to decide, when the end is told.
class pump {
public:
  /// Ends it and asks for what it holds; told later, as `on_stopped`. At most once. From this call
  /// on a stream that is the sink is its owner's: it may send, finish, and be closed. If a file
  /// thread is in the middle of a call on a file, the answer comes when that has returned: no other
  /// moment knows the exact count. (A FIFO never holds it up.) Nobody else waits for that.
  virtual void stop() = 0;

  /// Ends it, and nothing is told any more. What it holds is dropped; but where nothing of it was
  /// under way to the sink, as after `on_source_end`, there is nothing. The object is gone after
  /// it.
  virtual void close() = 0;

  struct closer {
    void operator()(pump* closed) const { closed->close(); }
  };

protected:
  ~pump() = default;
};

using pump_ptr = std::unique_ptr<pump, pump::closer>;

} // namespace actornet::net
