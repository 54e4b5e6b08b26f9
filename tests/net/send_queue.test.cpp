// SPDX-License-Identifier: BSD-3-Clause
#include "send_queue.hpp"

#include "support/catch.hpp"

using namespace actornet::net;

namespace {

void push(send_queue& queue, int chunks) {
  for (int i = 0; i < chunks; ++i)
    queue.push(text("ten bytes."));
}

} // namespace

TEST_CASE("a queue gives its bytes back in their order, in pieces of any size") {
  send_queue queue;
  queue.push(text("hello "));
  queue.push(chunk());
  queue.push(text("world"));
  CHECK(queue.size() == 11);
  queue.pop(8);
  CHECK(queue.size() == 3);
  CHECK(queue.begin()->view().substr(queue.offset()) == "rld");
  CHECK(queue.end() - queue.begin() == 1);
  queue.pop(3);
  CHECK(queue.empty());
  CHECK(queue.begin() == queue.end());
}

TEST_CASE("an empty queue has no memory for more than a few chunks") {
  send_queue queue;
  push(queue, 1000);
  queue.pop(10 * 999);
  CHECK(queue.begin()->view() == "ten bytes.");
  queue.pop(10);
  CHECK(queue.capacity() == 0);
  push(queue, 1000);
  queue.clear();
  CHECK(queue.empty());
  CHECK(queue.capacity() == 0);
}

TEST_CASE("one chunk at a time needs no memory but the queue's own") {
  send_queue queue;
  for (int i = 0; i < 3; ++i) {
    push(queue, 1);
    queue.pop(4);
    CHECK(queue.begin()->view().substr(queue.offset()) == "bytes.");
    CHECK(queue.end() - queue.begin() == 1);
    CHECK(queue.capacity() == 0);
    queue.pop(6);
    CHECK(queue.begin() == queue.end());
  }
}

TEST_CASE("chunks that come behind one that is half gone follow it") {
  send_queue queue;
  push(queue, 1);
  queue.pop(4);
  queue.push(text("more"));
  REQUIRE(queue.end() - queue.begin() == 2);
  CHECK(queue.begin()->view().substr(queue.offset()) == "bytes.");
  queue.pop(7);
  CHECK(queue.begin()->view().substr(queue.offset()) == "ore");
  CHECK(queue.size() == 3);
}

TEST_CASE("a queue of a few chunks keeps its memory when it empties") {
  send_queue queue;
  push(queue, 10);
  const auto before = queue.capacity();
  queue.pop(100);
  push(queue, 10);
  queue.clear();
  CHECK(queue.capacity() == before);
}
