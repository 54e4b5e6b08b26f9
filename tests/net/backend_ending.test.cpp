// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("the end is told once, behind every byte", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto bytes = pattern(200'000);
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  world.settle();
  CHECK(pair.server.received == bytes);
  CHECK(pair.server.count("end") == 1);
  CHECK(pair.server.told.back() == "end");
  pair.server.socket->start_receiving();
  world.settle();
  CHECK(pair.server.count("end") == 1);
}

TEST_CASE("an end without a byte is told too", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.client.socket->finish();
  CHECK(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.server.told.size() == 1);
}

TEST_CASE("an end that comes while nobody receives waits", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("last words"));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.client.was_told("finished"); }));
  world.settle();
  CHECK(pair.server.told.empty());
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.server.received == "last words");
}

TEST_CASE("finished is told behind the last byte sent, once", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(pattern(1'000'000)));
  pair.client.socket->finish();
  CHECK(pair.client.told.empty());
  REQUIRE(world.run_until([&] { return pair.client.was_told("finished"); }));
  CHECK(pair.client.sent == 1'000'000);
  CHECK(pair.client.told.back() == "finished");
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.client.count("finished") == 1);
  CHECK(pair.server.received.size() == 1'000'000);
}

TEST_CASE("finished waits for a peer that does not read", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(chunk::copy_of(pattern(16'000'000)));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  CHECK_FALSE(pair.client.was_told("finished"));
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.client.was_told("finished"));
  CHECK(pair.server.received.size() == 16'000'000);
}

TEST_CASE("who has finished still receives", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->start_receiving();
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("request"));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  auto answer = pattern(500'000);
  pair.server.socket->send(chunk::copy_of(answer));
  pair.server.socket->finish();
  REQUIRE(world.run_until([&] { return pair.client.was_told("end"); }));
  CHECK(pair.server.received == "request");
  CHECK(pair.client.received == answer);
}

TEST_CASE("after both ends have finished nothing more is told", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  for (auto* each : {&pair.client, &pair.server}) {
    each->socket->start_receiving();
    each->socket->finish();
  }
  REQUIRE(
      world.run_until([&] { return pair.client.was_told("end") && pair.server.was_told("end"); }));
  world.settle();
  for (auto* each : {&pair.client, &pair.server}) {
    CHECK(each->told.size() == 2);
    CHECK(each->was_told("finished"));
  }
}

TEST_CASE("close delivers what the kernel has, then the end", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("goodbye"));
  REQUIRE(world.run_until([&] { return pair.client.sent == 7; }));
  pair.client.socket.reset();
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.server.received == "goodbye");
}

TEST_CASE("close drops what the kernel does not have yet", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("never"));
  pair.client.socket.reset();
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.server.received.empty());
}

TEST_CASE("a reset is ECONNRESET of read for a peer that receives", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  world.settle();
  pair.client.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  world.settle();
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK(pair.server.receive_failure->syscall == "read");
  CHECK(pair.server.told.size() == 1);
}

TEST_CASE("a reset is told to a peer that does not receive", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  world.settle();
  pair.client.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  world.settle();
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK(pair.server.told.size() == 1);
}

TEST_CASE("who starts to receive after a reset gets what came before it, and is told again",
          "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto bytes = pattern(4'000);
  pair.client.socket->send(chunk::copy_of(bytes));
  REQUIRE(world.run_until([&] { return pair.client.sent == bytes.size(); }));
  world.let_arrive();
  pair.client.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  world.settle();
  CHECK(pair.server.told.size() == 1);
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.count("receive_failed") == 2; }));
  world.settle();
  CHECK(pair.server.received == bytes);
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK(pair.server.told.back() == "receive_failed");
  pair.server.socket->start_receiving();
  world.settle();
  CHECK(pair.server.count("receive_failed") == 2);
  CHECK_FALSE(pair.server.was_told("end"));
}

TEST_CASE("a reset is told to a peer that has stopped to receive", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("abc"));
  REQUIRE(world.run_until([&] { return pair.server.received == "abc"; }));
  pair.server.socket->stop_receiving();
  world.settle();
  pair.client.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK_FALSE(pair.server.was_told("end"));
}

TEST_CASE("a reset behind the end is told", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  world.settle();
  pair.client.socket.release()->reset();
  CHECK(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  CHECK(pair.server.told == std::vector<std::string>{"end", "receive_failed"});
}

TEST_CASE("a reset behind an end that nobody has received is told", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->finish();
  world.settle();
  pair.client.socket.release()->reset();
  CHECK(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  CHECK(pair.server.told.size() == 1);
}

TEST_CASE("bytes before a reset are received, then it fails, and there is no end", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("before"));
  REQUIRE(world.run_until([&] { return pair.client.sent == 6; }));
  world.let_arrive();
  pair.client.socket.release()->reset();
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  world.settle();
  CHECK(pair.server.received == "before");
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK(pair.server.told.back() == "receive_failed");
  CHECK_FALSE(pair.server.was_told("end"));
}

TEST_CASE("a reset in the middle of a stream leaves a beginning, never an end", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto bytes = pattern(16'000'000);
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(bytes));
  REQUIRE(world.run_until([&] { return pair.server.received.size() > 1000; }));
  pair.client.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  world.settle();
  CHECK(pair.server.received.size() < bytes.size());
  CHECK(bytes.starts_with(pair.server.received));
  CHECK_FALSE(pair.server.was_told("end"));
}

TEST_CASE("a reset that a send notices first is not taken for an end", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  world.settle();
  pair.client.socket.release()->reset();
  world.let_arrive();
  pair.server.socket->send(text("too late"));
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  world.settle();
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK(pair.server.was_told("send_failed"));
  CHECK_FALSE(pair.server.was_told("end"));
}

TEST_CASE("bytes before a reset that a send notices first are received", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("before"));
  REQUIRE(world.run_until([&] { return pair.client.sent == 6; }));
  world.let_arrive();
  pair.client.socket.release()->reset();
  world.let_arrive();
  pair.server.socket->start_receiving();
  pair.server.socket->send(text("too late"));
  REQUIRE(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  CHECK(pair.server.received == "before");
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
  CHECK_FALSE(pair.server.was_told("end"));
}

TEST_CASE("a reset fails the sends of a blocked sender", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(pattern(16'000'000)));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  auto sent = pair.client.sent;
  pair.server.socket.release()->reset();
  REQUIRE(world.run_until([&] {
    return pair.client.was_told("send_failed") && pair.client.was_told("receive_failed");
  }));
  world.settle();
  CHECK(pair.client.count("send_failed") == 1);
  CHECK(pair.client.count("receive_failed") == 1);
  CHECK(pair.client.sent == sent);
  CHECK(pair.client.send_failure->syscall == "write");
  CHECK_FALSE(pair.client.was_told("end"));
}

TEST_CASE("closing with bytes unread resets the peer", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->start_receiving();
  pair.client.socket->send(text("nobody reads this"));
  REQUIRE(world.run_until([&] { return pair.client.sent == 17; }));
  world.settle();
  pair.server.socket.reset();
  REQUIRE(world.run_until([&] { return pair.client.was_told("receive_failed"); }));
  CHECK(pair.client.receive_failure->code() == "ECONNRESET");
  CHECK_FALSE(pair.client.was_told("end"));
}

TEST_CASE("sending to a peer that is gone fails sooner or later", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->start_receiving();
  pair.server.socket.reset();
  REQUIRE(world.run_until([&] { return pair.client.was_told("end"); }));
  REQUIRE(world.run_until([&] {
    pair.client.socket->send(text("hello?"));
    world.let_arrive();
    return pair.client.was_told("send_failed");
  }));
  world.settle();
  CHECK((pair.client.send_failure->code() == "EPIPE" ||
         pair.client.send_failure->code() == "ECONNRESET"));
  CHECK(pair.client.count("send_failed") == 1);
  // What is sent from now on is gone without a word: it was said already.
  pair.client.socket->send(text("hello?"));
  world.settle();
  CHECK(pair.client.count("send_failed") == 1);
}

TEST_CASE("a send that fails leaves what arrived to be received", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->send(text("last words"));
  REQUIRE(world.run_until([&] { return pair.server.sent == 10; }));
  world.let_arrive();
  pair.server.socket.reset();
  world.let_arrive();
  pair.client.socket->start_receiving();
  pair.client.socket->send(text("to nobody"));
  REQUIRE(world.run_until([&] { return pair.client.was_told("end"); }));
  CHECK(pair.client.received == "last words");
}

TEST_CASE("who finishes a connection that was reset is told of the reset", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket.release()->reset();
  world.let_arrive();
  pair.server.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.send_failure.has_value(); }));
  auto code = pair.server.send_failure->code();
  CHECK((code == "ECONNRESET" || code == "EPIPE"));
}
