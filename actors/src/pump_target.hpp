// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <actornet/net/error.hpp>
#include <actornet/net/expected.hpp>
#include <actornet/net/file.hpp>
#include <actornet/net/pump.hpp>
#include <actornet/net/stream_socket.hpp>

#include <cstddef>
#include <cstdint>

namespace actornet {

class io_loop;
class outlet_pump;

/// A sink that a pump may give bytes to, past its actor. Loop's thread.
class pump_target {
public:
  /// What is behind a handle, if it is of this loop and bytes can get there so; else null.
  static pump_target* behind(const sink& handle, const io_loop& loop);

  enum class readiness : std::uint8_t {
    no,   ///< others write to it, or it is not open: its sources go on with chunks
    busy, ///< with what its only source gave it: as soon as that is answered
    ready,
  };
  virtual readiness pump_readiness() const noexcept = 0;
  /// Small pieces get there cheaper as chunks, so a pump begins only when a large one has come.
  virtual bool is_for_bulk() const noexcept = 0;

  /// Only when it is ready. From then on it stops `by` before it does anything that a pump must not
  /// see.
  virtual net::expected<net::pump_ptr> start_pump(net::stream_socket& from, outlet_pump& by) = 0;
  virtual net::expected<net::pump_ptr> start_pump(net::opened_file_ptr from, outlet_pump& by) = 0;
  virtual void pump_moved(std::size_t bytes) = 0;
  virtual void pump_is_blocked() = 0;
  /// It takes no more. May end it.
  virtual void pump_failed(const net::error& why) = 0;
  virtual void pump_ends(const outlet_pump& by) = 0;

  /// What whoever comes too late is told.
  virtual net::error why_closed() const = 0;

protected:
  ~pump_target() = default;
};

} // namespace actornet
