// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_queue.hpp"
#include "support/catch.hpp"

#include <cstdint>
#include <string>

using namespace actornet::net;

namespace {

void push(datagram_queue& to, std::uint64_t tag, std::size_t bytes) {
  auto& added = to.add(bytes);
  added.only = chunk::copy_of(std::string(bytes, 'x'));
  added.tag = tag;
}

} // namespace

TEST_CASE("datagrams come out of their queue in order, and are counted") {
  datagram_queue queue;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  // It runs nearly empty and full again, so that its front moves and it compacts.
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 200; ++i)
      push(queue, in++, 3);
    CHECK(queue.bytes() == 3 * queue.size());
    CHECK(queue[0].tag == out);
    while (queue.size() > static_cast<std::size_t>(round % 7)) {
      if (out % 2 == 0) {
        REQUIRE(queue.take().tag == out++);
      } else {
        queue.pop();
        ++out;
      }
    }
  }
  CHECK(queue.size() == in - out);
}

TEST_CASE("a queue of datagrams that is empty gives back what a burst needed") {
  datagram_queue queue;
  for (std::uint64_t i = 0; i < 1000; ++i)
    push(queue, i, 1);
  while (!queue.empty())
    queue.take();
  CHECK(queue.bytes() == 0);
  CHECK(queue.capacity() == 0);
  push(queue, 1, 0);
  CHECK_FALSE(queue.empty());
  CHECK(queue.bytes() == 0);
  queue.clear();
  CHECK(queue.empty());
}
