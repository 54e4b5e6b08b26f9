// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace actornet::test {

/// The other end of a connection, simulated or a socket of the kernel: no actor, and driven by the
/// test. What it is told to do takes effect as its stage lets time pass. Reads whatever arrives,
/// unless told otherwise. Must be gone before its stage.
class other_side {
public:
  virtual ~other_side() = default;

  virtual void sends(std::string_view bytes) = 0;
  /// FIN behind everything that was sent.
  virtual void finishes() = 0;
  /// close(2).
  virtual void closes() = 0;
  /// RST, now.
  virtual void resets() = 0;
  virtual void stops_reading() = 0;
  virtual void reads() = 0;

  virtual const std::string& received() const = 0;
  virtual bool got_end() const = 0;
  /// Noticed when it reads or sends.
  virtual bool was_reset() const = 0;
};

/// A server that accepts everybody.
class other_server {
public:
  virtual ~other_server() = default;

  virtual net::endpoint local() const = 0;
  /// Null while nobody waits.
  virtual std::unique_ptr<other_side> accepts() = 0;
};

} // namespace actornet::test
