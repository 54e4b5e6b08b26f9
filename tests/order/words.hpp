// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/actornet.hpp>

#include <string>
#include <vector>

/// How a log calls what an actor was told.
namespace actornet::test {

using words = std::vector<std::string>;

inline std::string word_of(close_reason why) {
  switch (why) {
  case close_reason::ended:
    return "ended";
  case close_reason::destroyed:
    return "destroyed";
  case close_reason::reset_by_us:
    return "reset_by_us";
  case close_reason::reset_by_peer:
    return "reset_by_peer";
  case close_reason::failed:
    return "failed";
  case close_reason::handler_failed:
    return "handler_failed";
  case close_reason::shut_down:
    return "shut_down";
  }
  return "?";
}

inline std::string had_error(bool error) { return error ? "error=true" : "error=false"; }

inline std::string word_of(const connected&) { return "connected"; }
inline std::string word_of(const data&) { return "data"; }
inline std::string word_of(const end&) { return "end"; }
inline std::string word_of(const timeout&) { return "timeout"; }
inline std::string word_of(const drain&) { return "drain"; }
inline std::string word_of(const write_failed& event) {
  return "write_failed " + std::to_string(event.bytes) + " " + event.why.code();
}
inline std::string word_of(const failed& event) { return "failed " + event.why.code(); }
inline std::string word_of(const closed& event) {
  return "closed " + had_error(event.had_error) + " " + word_of(event.reason);
}
inline std::string word_of(const listening&) { return "listening"; }
inline std::string word_of(const accepted&) { return "accepted"; }
inline std::string word_of(const dropped& event) {
  switch (event.reason) {
  case drop_reason::max_connections:
    return "dropped max_connections";
  case drop_reason::no_descriptors:
    return "dropped no_descriptors";
  case drop_reason::denied:
    return "dropped denied";
  case drop_reason::max_per_address:
    return "dropped max_per_address";
  case drop_reason::max_per_prefix:
    return "dropped max_per_prefix";
  case drop_reason::accept_rate:
    return "dropped accept_rate";
  }
  return "dropped";
}
inline std::string word_of(const listener_failed& event) {
  return "listener_failed " + event.why.code();
}
inline std::string word_of(const listener_closed& event) {
  return "listener_closed " + had_error(event.had_error);
}

// Answers.
inline std::string word_of(const written& answer) {
  return "written " + std::to_string(answer.bytes) + (answer.keep_going ? "" : ", full");
}
inline std::string word_of(const connections& answer) {
  return "connections " + std::to_string(answer.count);
}
inline std::string word_of(const stopped& answer) {
  return "stopped " + std::to_string(answer.finished) + "+" + std::to_string(answer.forced);
}

// The commands that are answered without content, or with an error.
inline std::string name_of(const write&) { return "write"; }
inline std::string name_of(const finish&) { return "finish"; }
inline std::string name_of(const finish_then_destroy&) { return "finish_then_destroy"; }
inline std::string name_of(const destroy&) { return "destroy"; }
inline std::string name_of(const reset&) { return "reset"; }
inline std::string name_of(const pause&) { return "pause"; }
inline std::string name_of(const resume&) { return "resume"; }
inline std::string name_of(const set_handler&) { return "set_handler"; }
inline std::string name_of(const set_timeout&) { return "set_timeout"; }
inline std::string name_of(const set_lifetime&) { return "set_lifetime"; }
inline std::string name_of(const set_no_delay&) { return "set_no_delay"; }
inline std::string name_of(const close&) { return "close"; }
inline std::string name_of(const stop&) { return "stop"; }
inline std::string name_of(const get_connections&) { return "get_connections"; }
inline std::string name_of(const pause_accepting&) { return "pause_accepting"; }
inline std::string name_of(const resume_accepting&) { return "resume_accepting"; }
inline std::string name_of(const set_max_connections&) { return "set_max_connections"; }

/// What a command is answered with.
template <class Command> struct answer_to { using type = void; };
template <> struct answer_to<write> { using type = written; };
template <> struct answer_to<get_connections> { using type = connections; };
template <> struct answer_to<stop> { using type = stopped; };

} // namespace actornet::test
