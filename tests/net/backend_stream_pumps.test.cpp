// SPDX-License-Identifier: BSD-3-Clause

// As backend_pumps.test.cpp, of pumps whose sink is a stream: the server of a pair, whose client
// receives.

#include "support/connected_pair.hpp"
#include "support/recorded_file.hpp"
#include "support/recorded_pump.hpp"

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("a stream is pumped into a stream, to its end, and not beyond", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(3'000'000);
  connected_pair from(world);
  connected_pair to(world);
  to.client.socket->start_receiving();
  recorded_pump pump;
  pump.start(world.backend(), *from.server.socket, *to.server.socket);
  from.client.socket->send(chunk::copy_of(bytes));
  from.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(pump.moved == bytes.size());
  CHECK(world.run_until([&] { return to.client.received.size() == bytes.size(); }));
  CHECK(to.client.received == bytes);
  world.settle();
  CHECK_FALSE(to.client.was_told("end")); // the sink stays open
  pump.pump.reset();
  to.server.socket->send(text("more"));
  to.server.socket->finish();
  CHECK(world.run_until([&] { return to.client.was_told("end"); }));
  CHECK(to.client.received == bytes + "more");
}

TEST_CASE("two streams are pumped into each other", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto there = pattern(700'000);
  const auto back = pattern(900'001);
  connected_pair left(world);
  connected_pair right(world);
  recorded_pump first;
  recorded_pump second;
  first.start(world.backend(), *left.server.socket, *right.server.socket);
  second.start(world.backend(), *right.server.socket, *left.server.socket);
  left.client.socket->start_receiving();
  right.client.socket->start_receiving();
  left.client.socket->send(chunk::copy_of(there));
  right.client.socket->send(chunk::copy_of(back));
  CHECK(world.run_until([&] {
    return right.client.received.size() == there.size() &&
           left.client.received.size() == back.size();
  }));
  CHECK(right.client.received == there);
  CHECK(left.client.received == back);
}

TEST_CASE("a stream is pumped into itself", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(1'000'000);
  connected_pair pair(world);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, *pair.server.socket);
  pair.client.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(world.run_until([&] { return pair.client.received.size() == bytes.size(); }));
  CHECK((pair.client.received == bytes));
}

TEST_CASE("a stream is its owner's as soon as the pump into it is stopped", "[backend]") {
  ON_EVERY_BACKEND(world);
  const bool is_closed = GENERATE(true, false);
  const auto bytes = pattern(20'000'000);
  connected_pair from(world);
  connected_pair to(world);
  recorded_pump pump;
  from.client.socket->send(chunk::copy_of(bytes));
  pump.start(world.backend(), *from.server.socket, *to.server.socket);
  REQUIRE(world.run_until([&] { return pump.was_told("blocked"); }));
  const auto moved = pump.moved;
  pump.pump->stop();
  if (is_closed) {
    to.server.socket.reset();
  } else {
    to.server.socket->send(text("in between"));
    to.server.socket->finish();
  }
  REQUIRE(world.run_until([&] { return pump.was_told("stopped"); }));
  CHECK(pump.moved == moved);
  CHECK((pump.taken_back == bytes.substr(moved, pump.taken_back.size())));
  to.client.socket->start_receiving();
  REQUIRE(world.run_until([&] { return to.client.was_told("end"); }));
  CHECK((to.client.received == bytes.substr(0, moved) + (is_closed ? "" : "in between")));
}

TEST_CASE("a file that was read is pumped behind what was read ahead", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(2'000'000);
  world.put_file(world.path("in"), bytes);
  connected_pair pair(world);
  pair.client.socket->start_receiving();
  recorded_file file;
  recorded_pump pump;
  file.open(world.backend(), world.path("in"), {.use = file_use::read});
  auto starts = [&] {
    if (pump.pump)
      return true;
    auto started = world.backend().start_pump(file.file->share(), *pair.server.socket, pump);
    if (!started) {
      CHECK(started.error().code() == "EBUSY");
      return false;
    }
    pump.pump = std::move(*started);
    return true;
  };
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return file.was_told("read"); }));
  file.file->stop_reading();
  world.settle();
  CHECK_FALSE(starts()); // and what was read ahead is not told
  const auto reads = file.count("read");
  world.settle();
  CHECK(file.count("read") == reads);
  file.file->read_no_further();
  REQUIRE(world.run_until(starts));
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(file.count("read") > reads);
  CHECK(world.run_until(
      [&] { return file.read.size() + pair.client.received.size() == bytes.size(); }));
  CHECK((file.read + pair.client.received == bytes));
}
