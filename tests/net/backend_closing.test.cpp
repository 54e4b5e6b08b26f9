// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

using namespace actornet::net;
using namespace actornet::test;

// Method: what is closed from within a callback must tell nothing more, and nothing of it may be
// touched any more. The former is checked here, the latter by the address sanitizer.

namespace {

void close_when_told(recorded_stream& stream, std::string_view word) {
  stream.then = [&stream, word = std::string(word)](std::string_view told) {
    if (told == word)
      stream.socket.reset();
  };
}

} // namespace

TEST_CASE("closing from within on_received is the end of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  close_when_told(pair.server, "received");
  pair.client.socket->send(chunk::copy_of(pattern(1'000'000)));
  REQUIRE(world.run_until([&] { return pair.client.sent > 0; }));
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return !pair.server.told.empty(); }));
  world.settle();
  CHECK(pair.server.told == std::vector<std::string>{"received"});
}

TEST_CASE("closing from within on_sent is the end of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  close_when_told(pair.client, "sent");
  pair.client.socket->send(chunk::copy_of(pattern(16'000'000)));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return !pair.client.told.empty(); }));
  world.settle();
  CHECK(pair.client.told == std::vector<std::string>{"sent"});
}

TEST_CASE("closing from within on_send_blocked is the end of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  close_when_told(pair.client, "blocked");
  pair.client.socket->send(chunk::copy_of(pattern(16'000'000)));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  pair.server.socket->start_receiving();
  world.settle();
  CHECK(pair.client.told.back() == "blocked");
}

TEST_CASE("closing while a send is blocked: the peer gets what left, then the end", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  const auto bytes = pattern(16'000'000);
  pair.client.socket->send(chunk::copy_of(bytes));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  const auto told = pair.client.told.size();
  pair.client.socket.reset();
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  world.settle();
  CHECK(pair.server.received.size() >= pair.client.sent);
  CHECK(pair.server.received.size() < bytes.size());
  CHECK(bytes.starts_with(pair.server.received));
  CHECK(pair.client.told.size() == told);
}

TEST_CASE("resetting while a send is blocked: the peer is told of a reset", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(chunk::copy_of(pattern(16'000'000)));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  const auto told = pair.client.told.size();
  pair.client.socket.release()->reset();
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  world.settle();
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK_FALSE(pair.server.was_told("end"));
  CHECK(pair.client.told.size() == told);
}

TEST_CASE("a loop may end while a send is blocked", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(chunk::copy_of(pattern(16'000'000)));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  pair.client.socket.reset();
} // the address sanitizer sees what the kernel still holds

TEST_CASE("closing from within on_end is the end of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  close_when_told(pair.server, "end");
  pair.server.socket->start_receiving();
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  world.settle();
  CHECK(pair.server.told == std::vector<std::string>{"end"});
}

TEST_CASE("closing from within on_finished is the end of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  close_when_told(pair.client, "finished");
  pair.client.socket->start_receiving();
  pair.server.socket->start_receiving();
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  world.settle();
  CHECK(pair.client.told == std::vector<std::string>{"finished"});
}

TEST_CASE("closing from within on_receive_failed or on_send_failed is the end of it", "[backend]") {
  auto word = GENERATE(std::string("receive_failed"), std::string("send_failed"));
  ON_EVERY_BACKEND(world);
  CAPTURE(word);
  connected_pair pair(world);
  close_when_told(pair.client, word);
  pair.client.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(pattern(16'000'000)));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  pair.server.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pair.client.was_told(word); }));
  world.settle();
  CHECK(pair.client.told.back() == word);
}

TEST_CASE("resetting from within a callback is the end of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.then = [&](std::string_view) { pair.server.socket.release()->reset(); };
  pair.client.socket->start_receiving();
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("abc"));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.client.was_told("receive_failed"); }));
  CHECK(pair.server.told == std::vector<std::string>{"received"});
}

TEST_CASE("a callback may close another stream that has something to tell", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair first(world), second(world);
  int told = 0;
  auto close_the_other = [&](recorded_stream& other) {
    return [&](std::string_view) {
      ++told;
      other.socket.reset();
    };
  };
  first.client.socket->send(text("abc"));
  second.client.socket->send(text("abc"));
  REQUIRE(world.run_until([&] { return first.client.sent == 3 && second.client.sent == 3; }));
  world.let_arrive();
  first.server.then = close_the_other(second.server);
  second.server.then = close_the_other(first.server);
  first.server.socket->start_receiving();
  second.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return told > 0; }));
  auto& closed = first.server.socket ? second.server : first.server;
  world.settle();
  CHECK(closed.socket == nullptr);
  CHECK(closed.told.empty());
}

TEST_CASE("a callback of a stream may close the listener, and the other way round", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  recorded_stream late;
  late.socket = world.backend().connect(listener.local, {}, late);
  pair.client.socket->send(text("abc"));
  listener.then = [&] { pair.server.socket.reset(); };
  pair.server.then = [&](std::string_view) { listener.socket.reset(); };
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return !listener.socket || !pair.server.socket; }));
  world.settle();
  CHECK(bool(listener.socket) != bool(pair.server.socket));
}

TEST_CASE("a callback may send, finish, and open a new connection", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  connected_pair pair(world);
  recorded_stream another;
  pair.server.then = [&](std::string_view word) {
    if (word == "received") {
      pair.server.socket->send(text("answer"));
      pair.server.socket->finish();
      another.socket = world.backend().connect(listener.local, {}, another);
    }
  };
  pair.client.socket->start_receiving();
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("?"));
  CHECK(world.run_until(
      [&] { return pair.client.was_told("end") && another.was_told("connected"); }));
  CHECK(pair.client.received == "answer");
}

TEST_CASE("connections come and go without leaving anything behind", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  for (std::size_t round = 1; round <= 100; ++round) {
    recorded_stream client, server;
    client.socket = world.backend().connect(listener.local, {}, client);
    REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
    serve(world.second_backend(), std::move(listener.accepted[0].socket), server);
    listener.accepted.clear();
    server.socket->start_receiving();
    REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
    client.socket->send(text("hello"));
    client.socket->finish();
    REQUIRE(world.run_until([&] { return server.was_told("end"); }));
    CHECK(server.received == "hello");
  }
}
