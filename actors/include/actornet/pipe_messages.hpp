// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <actornet/net/chunk.hpp>
#include <actornet/net/error.hpp>

#include <cstdint>

/// The messages of pipes: a **source** (a connection, a file) gives its bytes to **sinks** (files,
/// connections, actors of the program) without the program in between.
///
/// Every byte of a source reaches exactly one of those that took turns in reading it, be it a sink
/// or the handler; if several sinks are piped at once, all of them, and the slowest sets the pace.
/// A sink that fails in the middle has the bytes that it said it took; those behind come back to
/// the source, which is paused, and go first to whatever comes next. (Bytes that another sink, or
/// the handler, got as well do not come back.)
namespace actornet {

// -- commands to a source: a connection, or a file source -----------------------------------------

/// From now on received bytes go to `to`, and to no handler unless `also_data`. Makes a paused
/// connection flow. Answered when `to` is ready to take bytes, with the error if it is not (the
/// file could not be opened, the connection not made); then nothing has changed. EINVAL for a sink
/// that it is piped to already. Allowed while connecting.
///
/// At the source's end the pipe is taken apart by itself, once the sink has every byte.
struct pipe {
  sink to;
  /// The source's end ends the sink, if no other source is piped to that. A source that breaks, or
  /// is destroyed, does not end it as if complete: a connection is reset, a file closed, and its
  /// owner told. False: the sink stays open, and its owner is told `source_lost` of the latter.
  bool end_sink = true;
  /// The handler gets `data`, too.
  bool also_data = false;
  /// Both share one fate: if the sink dies, the source goes, too; reset, unless the sink ended in
  /// order. Otherwise it is unpiped, paused, and lives on.
  bool pipeline = false;
};

/// Takes the pipe to `from` apart, or with a null handle all. The source is then paused, unless it
/// is still piped to another. Answered after `unpiped`: when it is known which bytes the sink has,
/// for which it takes what it has begun to its end, and gives back the rest. Of what is not piped
/// nothing happens. A source that is destroyed, or breaks, before that does not end the sink.
struct unpipe {
  sink from;
};

// -- the protocol between a source and a sink -----------------------------------------------------
//
// For programs that make sinks of their own: statically typed actors of type `sink`. The source is
// the sender. All are requests, answered in the order in which they came, but for `take_back`.

/// A source is to be piped to this sink. Answered, without content, when the sink is ready.
struct join_sink {};

/// Bytes. Answered by `transferred` when the sink has taken them for good. The source holds no more
/// of them back than its receive window has room for: not to answer is to hold back its peer.
struct transfer {
  net::chunk bytes;
};

struct transferred {
  /// From the front of the bytes; less than all if the sink fails, or gives back. Then nothing of
  /// what was given behind them is taken either.
  std::uint64_t bytes = 0;
  /// The sink takes no more, and `why` says why.
  bool had_error = false;
  net::error why;
};

/// Not a request. What this source gave and the sink has not begun to take is not wanted there any
/// more: it is to be answered, with fewer bytes, now. To ignore this is allowed.
struct take_back {};

/// The source is done with this sink; all it gave was answered. Answered, without content, when the
/// sink has closed, if this made it close, and else at once. May come as a plain message, and then
/// with bytes unanswered.
struct leave_sink {
  /// The source has `end_sink`, and has ended, or will give no more because of `why`.
  bool end_sink = false;
  bool had_error = false;
  net::error why;
};

// -- commands to a file sink ----------------------------------------------------------------------

// It knows `write`, `write_text`, `finish`, `destroy` ... as well.

/// Answered when all that was written before is on the disk, and not only in the system's memory:
/// fdatasync(2).
struct make_durable {};

// -- answers --------------------------------------------------------------------------------------

enum class file_state : std::uint8_t { opening, open, finishing, closed };

struct sink_info {
  /// What is in the file by this sink.
  std::uint64_t bytes_written = 0;
  /// Given to it, and not yet in the file.
  std::uint64_t buffered = 0;
  /// How many sources are piped to it.
  std::uint64_t sources = 0;
  file_state state = file_state::closed;
};

struct source_info {
  std::uint64_t bytes_read = 0;
  /// Read bytes (of memory) that somebody still refers to, and how many there may be.
  std::uint64_t window_held = 0;
  std::uint64_t window_max = 0;
  file_state state = file_state::closed;
};

// -- events of pipes, to the handler of the connection that is the source -------------------------

struct piped {
  connection peer;
  sink to;
};

/// A plain `pipe` (no request) could not be made, and nothing has changed.
struct pipe_failed {
  connection peer;
  sink to;
  net::error why;
};

enum class unpipe_reason : std::uint8_t {
  asked,         ///< by `unpipe`
  source_ended,  ///< the sink has everything
  sink_closed,   ///< the sink was ended by somebody else, in order
  sink_failed,   ///< `why` tells
  source_closed, ///< destroyed or broken: `closed` follows
};

struct unpiped {
  connection peer;
  sink from;
  /// What the sink has through this pipe; after `source_closed` at least so many: it was given more
  /// than it had answered.
  std::uint64_t bytes = 0;
  unpipe_reason reason = unpipe_reason::asked;
  /// Only after `sink_failed` and `source_closed`.
  net::error why;
};

/// To the handler of a connection, or the owner of a file sink, that stays open: a source that was
/// piped to it broke, or was destroyed. What it gave may not be complete.
struct source_lost {
  sink at;
  net::error why;
};

// -- events of a file sink, to its owner ----------------------------------------------------------

struct sink_opened {
  file_sink from;
};

/// What was written is in the file, after a `written` that said not to keep going.
struct sink_drained {
  file_sink from;
};

/// Plain writes (no requests) of `bytes` in all were refused or cut off.
struct sink_write_failed {
  file_sink from;
  std::uint64_t bytes = 0;
  net::error why;
};

/// The file could not be opened, or not be written: ENOSPC, EIO, EACCES, EISDIR, EROFS, ...
/// `sink_closed` follows. What was answered as written is in the file.
struct sink_failed {
  file_sink from;
  net::error why;
};

/// The last event of a file sink. `had_error` also when a source broke that was to end it.
struct sink_closed {
  file_sink from;
  bool had_error = false;
  std::uint64_t bytes = 0;
};

// -- events of a file source, to its owner --------------------------------------------------------

struct source_opened {
  file_source from;
  /// Of the file; 0 for what is no regular file.
  std::uint64_t size = 0;
};

/// As `unpiped` of a connection.
struct source_unpiped {
  file_source from;
  sink to;
  std::uint64_t bytes = 0;
  unpipe_reason reason = unpipe_reason::asked;
  net::error why;
};

/// The last event of a file source: it was read to its end, destroyed, or could not be read.
struct source_closed {
  file_source from;
  bool had_error = false;
  /// Only if there was an error.
  net::error why;
  std::uint64_t bytes = 0;
};

} // namespace actornet
