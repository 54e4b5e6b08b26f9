// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace actornet {

/// What becomes of a file that is there when a sink is opened, or is not.
enum class file_mode : std::uint8_t {
  truncate,  ///< made, or emptied
  append,    ///< made, or kept; every write goes to its end
  exclusive, ///< made; EEXIST if it is there
  existing,  ///< must be there, and is emptied
  overwrite, ///< must be there, and is written over from `offset` on
};

/// How to open a file to write into. Written with designators: `{.path = "log", .mode =
/// an::file_mode::append}`. Relative paths are those of the process.
struct sink_options {
  std::string path;
  file_mode mode = file_mode::truncate;
  /// Of a file that is made, as in chmod(2); the umask takes from it.
  std::uint32_t permissions = 0666;
  /// Where overwriting begins.
  std::uint64_t offset = 0;
  /// When it is finished the file is brought to the disk, fdatasync(2), before it is closed.
  bool durable = false;
  /// From this many queued bytes on a write says not to keep going; `sink_drained` comes when no
  /// more than the latter are left.
  std::size_t high_water_mark_bytes = 64 * 1024;
  std::size_t low_water_mark_bytes = 0;
  /// A write that would queue more than this fails with ENOBUFS.
  std::size_t write_queue_bytes_max = 64 * 1024 * 1024;
  /// It is to live on the loop of this connection, and not on the caller's: a pipe between them is
  /// then the kernel's work.
  connection near = {};
  /// The actor system need not wait for it, but for what was given to it.
  bool unreferenced = false;
};

/// How to open a file to read from.
struct source_options {
  std::string path;
  std::uint64_t offset = 0;
  /// No more than so many bytes.
  std::uint64_t length = std::numeric_limits<std::uint64_t>::max();
  /// Read bytes alive at once before reading waits.
  std::size_t window_bytes = 256 * 1024;
  /// As of a sink.
  connection near = {};
  bool unreferenced = false;
};

} // namespace actornet
