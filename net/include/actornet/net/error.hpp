// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace actornet::net {

class endpoint;

/// Who says no. `system` is an errno of the kernel; the others are our own decisions or findings,
/// each of which also carries the errno that comes closest, so that `code()` always has a name.
enum class trouble : std::uint8_t {
  system,           ///< a system call failed
  invalid_argument, ///< a text or number that we were given makes no sense (EINVAL)
  not_resolved,     ///< the name has no address; `code()` is ENOTFOUND or an EAI_ name (ENOENT)
  timed_out,        ///< one of our deadlines passed (ETIMEDOUT)
  destroyed,        ///< cut off by `destroy` (ECANCELED)
  aborted,          ///< cut off by the program's stop token (ECANCELED)
  reset_by_us,      ///< cut off by `reset` (ECONNRESET)
  finished,         ///< a write after our own end of writing (EPIPE)
  not_connected,    ///< there is no such connection (any more) (ENOTCONN)
  refused_by_limit, ///< one of our limits is reached (ENOBUFS)
  handler_failed,   ///< the handler died or could not be made (ECONNABORTED)
  shut_down,        ///< the runtime ends (ECANCELED)
  denied,           ///< one of our lists forbids it (EACCES)
};

/// A failure as a value: what was tried, what the answer was, and for whom.
///
/// Plain data; copies are independent. A default made one is EINVAL without a call and means a
/// programming mistake of ours: functions that can succeed return `expected<T>`, never "no error".
struct error {
  trouble kind = trouble::invalid_argument;
  int number = 22;        ///< errno value, never 0
  std::string syscall;    ///< "connect", "read", ...; empty when no call was made
  std::string address;    ///< numeric address, host name or unix path; may be empty
  std::uint16_t port = 0; ///< 0 when there is none
  std::string detail;     ///< our own sentence; empty: the kernel's sentence for `number` is used
  std::string resolver_code; ///< ENOTFOUND or EAI_... with `not_resolved`, else empty

  /// A failed system call. errno becomes our error here and nowhere else. `number` is positive.
  static error system(int number, std::string_view syscall);
  /// A failed system call on behalf of a known address.
  static error system(int number, std::string_view syscall, const endpoint& about);
  /// A refusal of ours: `kind` must not be `system`. The errno follows from the kind.
  static error of(trouble kind, std::string_view syscall, std::string detail);
  /// A text or a number that makes no sense; `detail` is a sentence that says why.
  static error invalid(std::string detail);

  /// The same error, said of `about`; unchanged when `about` is no address.
  error at(const endpoint& about) const;

  /// ECONNREFUSED, ENOTFOUND, ...; `E` and the number where the C library knows no name.
  std::string code() const;
  /// A sentence for people: "connection refused". In English in every locale, worded as in Node.
  std::string message() const;

  friend bool operator==(const error&, const error&) = default;
};

/// "listen EADDRINUSE: address already in use [::]:8080"; parts that are empty are left out.
std::string to_string(const error& what);

/// "system", "timed_out", ...
std::string_view to_string(trouble kind) noexcept;

} // namespace actornet::net
