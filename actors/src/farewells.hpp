// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "loop_timer.hpp"

#include <actornet/net/listen_socket.hpp>
#include <actornet/net/stream_socket.hpp>

#include <cstddef>
#include <memory>
#include <unordered_set>

namespace actornet {

class io_loop;

/// Clients that are sent away with a word: it is sent, then FIN; what they send is thrown away
/// until they finish, or the time for that is over. (Who closes with bytes unread resets the
/// connection, and the word with it.) Loop's thread.
class farewells {
public:
  explicit farewells(io_loop& home) : home_(home) {}
  farewells(const farewells&) = delete;
  farewells& operator=(const farewells&) = delete;
  ~farewells();

  /// False: there are as many as there may be, and the client is as it was.
  bool say(net::accepted_stream& client, const net::chunk& word);
  void end_all();

private:
  class one;

  static constexpr std::size_t at_once_max = 64;

  io_loop& home_;
  std::unordered_set<std::shared_ptr<one>> all_;
};

} // namespace actornet
