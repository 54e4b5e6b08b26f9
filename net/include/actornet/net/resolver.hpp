// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>
#include <actornet/net/name_lookup.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace actornet::net {

/// Name resolution on threads of its own, because getaddrinfo(3) blocks for as long as it likes.
///
/// Threads are started when there is work, up to `threads_max`. Any thread may ask.
class resolver {
public:
  using answer = expected<std::vector<endpoint>>;
  /// Runs on a resolver thread, exactly once per question that is accepted. It must only post.
  using reply = std::function<void(answer)>;

  struct options {
    std::size_t threads_max = 4;
    /// Questions that wait for a thread; more are refused at once (EAI_AGAIN).
    std::size_t queue_max = 1024;
  };

  resolver();
  explicit resolver(options chosen);
  /// Never waits: questions not yet begun are answered as failed (EAI_CANCELED); the answers of
  /// those that a thread is asking right now are dropped, with their `reply`, whenever they come.
  ~resolver();
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  void ask(name_query query, reply then);

private:
  class pool;
  std::shared_ptr<pool> pool_;
};

} // namespace actornet::net
