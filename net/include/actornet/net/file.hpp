// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>
#include <actornet/net/error.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace actornet::net {

/// What a file is opened for, and what is to become of one that is there, or is not.
enum class file_use : std::uint8_t {
  read,               ///< it must be there
  create_or_truncate, ///< it is made, or emptied: "w" of fopen(3)
  create_or_append,   ///< it is made, or kept; every write goes to its end of that moment: "a"
  create_new,         ///< it is made; EEXIST if it is there: "wx"
  truncate_existing,  ///< it must be there, and is emptied
  overwrite_existing, ///< it must be there, and is written over from its start on
};

struct file_options {
  file_use use = file_use::create_or_truncate;
  /// Of a file that is made; the umask takes from it.
  std::uint32_t permissions = 0666;
  /// Where reading, or overwriting, begins. ESPIPE where that makes no sense, as with a FIFO.
  std::uint64_t offset = 0;
  /// Reading ends after so many bytes, if the file does not end before.
  std::uint64_t length = std::numeric_limits<std::uint64_t>::max();
};

/// What is known of a file when it is open.
struct file_facts {
  /// Bytes in it at that moment; 0 for what is no regular file.
  std::uint64_t size = 0;
  /// No FIFO, no device.
  bool is_regular = false;
};

/// Who is told what happens to a file. Called on the thread of the loop that opened it, only from
/// `io_backend::poll`, never from within a call on the file. Every error names the path.
class file_events {
public:
  virtual void on_opened(const file_facts& facts) = 0;
  /// Instead of `on_opened`; nothing else follows. What was given to `write` can be taken back.
  /// ENOENT, EACCES, EISDIR, EEXIST, EROFS, ENXIO (a FIFO that nobody reads), EMFILE, ...
  virtual void on_open_failed(const error& why) = 0;

  /// `bytes` more of what was given to `write` are in the file; never 0.
  virtual void on_written(std::size_t bytes) = 0;
  /// Once for each `sync`, in order: what was given to `write` before is on the disk.
  virtual void on_synced() = 0;
  /// Instead: this kind of file has no disk behind it (EINVAL). The file goes on.
  virtual void on_sync_failed(const error& why) = 0;

  /// Bytes, never none; only while reading.
  virtual void on_read(chunk bytes) = 0;
  /// The file, or the `length` that was asked for, is read.
  virtual void on_read_end() = 0;

  /// Reading, writing or syncing failed (ENOSPC, EIO, EDQUOT, EFBIG, EPIPE, ...). Told once, and
  /// nothing else after it, no answer to a `sync` either. The counts of `on_written` before it are
  /// exact: what is not among them is not in the file, and `take_unwritten` gives it back. (Of what
  /// is in the file, a failed `sync`, whose system call is fdatasync, says that it may not be on
  /// the disk.)
  virtual void on_failed(const error& why) = 0;
  /// After `finish`: everything is written, and the descriptor is given back. The last event.
  virtual void on_closed() = 0;

protected:
  ~file_events() = default;
};

/// A file that is open somewhere, for those who move bytes into or out of it past its owner: see
/// `io_backend::start_pump`. A reference may be handed to other loops, and used there; it does not
/// keep the file open.
class opened_file {
public:
  virtual ~opened_file() = default;

protected:
  opened_file() = default;
};

using opened_file_ptr = std::shared_ptr<opened_file>;

/// A file on its loop: regular, a FIFO, or a device. Loop's thread only.
///
/// No call here waits for the file. What is to be done with it is done by a file thread, in the
/// order in which it was asked for, one thing at a time; other files have other threads, and one
/// that hangs holds up nobody else (see the limits in `io_backend::open_file`).
///
/// What is written is collected: a file thread takes all that is there, many chunks in one call of
/// writev(2), and the loop hears of many at once. Chunks are held until they are in the file.
class file {
public:
  /// From now on `events` is told instead; it must outlive the file.
  virtual void set_events(file_events& events) = 0;

  /// Appends to what is to be written; also before the file is open. Not after `finish`. Ignored
  /// after a failure was told: the bytes are the caller's, who has them.
  virtual void write(chunk bytes) = 0;
  /// fdatasync(2), behind everything that was given to `write` before.
  virtual void sync() = 0;
  /// Given to `write`, and not told as written.
  virtual std::size_t unwritten_bytes() const noexcept = 0;
  /// After a failure, of opening too: the bytes that are not in the file, in order. Once; then
  /// there are none. Before a failure: nothing.
  virtual std::vector<chunk> take_unwritten() = 0;

  /// Blocks that are told as read from now on are charged to `window`.
  virtual void set_receive_window(receive_window_ptr window) = 0;
  /// Read until `stop_reading`, or the end. Only with `file_use::read`; also before it is open.
  virtual void start_reading() = 0;
  /// What has been read ahead, 256 KiB at most, waits until reading goes on.
  virtual void stop_reading() = 0;
  /// What has been read ahead is told, and no more is read. Then, and not before, a pump may read
  /// on (EBUSY until the last of it was told).
  virtual void read_no_further() = 0;

  /// Closes the file once everything before is done. At most once.
  virtual void finish() = 0;

  /// For pumps, on any loop.
  virtual opened_file_ptr share() const = 0;

  /// Gives up at once: what no file thread has begun is dropped, and nothing is told any more. The
  /// descriptor is given back when the call that a file thread is in returns, or at once; a FIFO
  /// never holds it up. Pumps with this file are told that their file failed (ECANCELED). The
  /// object is gone after it.
  virtual void close() = 0;

  struct closer {
    void operator()(file* closed) const { closed->close(); }
  };

protected:
  ~file() = default;
};

using file_ptr = std::unique_ptr<file, file::closer>;

} // namespace actornet::net
