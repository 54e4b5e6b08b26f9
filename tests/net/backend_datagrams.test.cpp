// SPDX-License-Identifier: BSD-3-Clause
// Datagrams: whole, in order, with who sent them; and what becomes of each send.
#include "support/recorded_datagrams.hpp"

#include <algorithm>
#include <random>

using namespace actornet::net;
using namespace actornet::test;

namespace {

std::string pattern(std::size_t size) {
  std::string made(size, '\0');
  std::minstd_rand dice(static_cast<unsigned>(size + 1));
  for (auto& each : made)
    each = static_cast<char>(dice());
  return made;
}

/// Two sockets on the loopback.
struct datagram_pair {
  explicit datagram_pair(backend_world& world) {
    open_datagrams(world.backend(), here);
    open_datagrams(world.second_backend(), there);
  }
  recorded_datagrams here, there;
};

} // namespace

TEST_CASE("a datagram arrives whole, with its sender's address", "[backend]") {
  auto size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{1472},
                       std::size_t{2047}, std::size_t{2048}, std::size_t{2049}, std::size_t{4096},
                       std::size_t{9000}, std::size_t{16384}, std::size_t{65507});
  ON_EVERY_BACKEND(world);
  CAPTURE(size);
  datagram_pair pair(world);
  const auto bytes = pattern(size);
  // Twice: a socket that got something large receives in another way.
  for (std::size_t round = 1; round <= 3; ++round) {
    pair.here.socket->send(chunk::copy_of(bytes), pair.there.local(), round);
    REQUIRE(world.run_until([&] { return pair.there.received.size() == round; }));
    const auto& got = pair.there.received.back();
    CHECK(got.bytes.view() == bytes);
    CHECK(got.from == pair.here.local());
    REQUIRE(world.run_until([&] { return pair.here.outcomes.size() == round; }));
    CHECK(pair.here.outcomes.back().tag == round);
    CHECK(pair.here.outcomes.back().bytes == size);
    CHECK_FALSE(pair.here.outcomes.back().failure);
  }
}

TEST_CASE("a datagram that is too long fails, and the next one leaves", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  pair.here.socket->send(text("first"), pair.there.local(), 1);
  pair.here.socket->send(text(std::string(65508, 'x')), pair.there.local(), 2);
  pair.here.socket->send(text("last"), pair.there.local(), 3);
  REQUIRE(world.run_until(
      [&] { return pair.here.outcomes.size() == 3 && pair.there.received.size() == 2; }));
  CHECK(pair.there.texts() == std::vector<std::string>{"first", "last"});
  CHECK(pair.here.outcomes[1].tag == 2);
  REQUIRE(pair.here.outcomes[1].failure);
  CHECK(pair.here.outcomes[1].failure->code() == "EMSGSIZE");
  CHECK(pair.here.outcomes[1].failure->syscall == "send");
  CHECK(pair.here.outcomes[1].failure->port == pair.there.local().port());
  CHECK(pair.here.outcomes[1].failure->address == "127.0.0.1");
  CHECK(pair.here.failures() == 1);
}

TEST_CASE("datagrams of all sizes arrive in order, each told once", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  constexpr std::size_t count = 500;
  std::minstd_rand dice(7);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    // Runs of one size, now and then broken by another, or by an empty one.
    const std::size_t size = dice() % 5 == 0 ? dice() % 3000 : dice() % 7 == 0 ? 0 : 100;
    all.push_back(pattern(size));
    pair.here.socket->send(chunk::copy_of(all.back()), pair.there.local(), i);
    if (i % 50 == 49) // the receiver's buffer has an end
      REQUIRE(world.run_until([&] { return pair.there.received.size() == i + 1; }));
  }
  REQUIRE(world.run_until([&] { return pair.here.outcomes.size() == count; }));
  CHECK(pair.there.texts() == all);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(pair.here.outcomes[i].tag == i);
    CHECK(pair.here.outcomes[i].bytes == all[i].size());
  }
  CHECK(pair.here.failures() == 0);
  CHECK(pair.there.socket->kernel_drops() == 0);
}

TEST_CASE("pieces leave as one datagram", "[backend]") {
  auto count = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{64},
                        std::size_t{65}, std::size_t{2000});
  ON_EVERY_BACKEND(world);
  CAPTURE(count);
  datagram_pair pair(world);
  std::vector<chunk> pieces;
  std::string whole;
  for (std::size_t i = 0; i < count; ++i) {
    auto piece = i % 10 == 5 ? std::string() : std::to_string(i);
    whole += piece;
    pieces.push_back(text(piece));
  }
  pair.here.socket->send(pieces, pair.there.local(), 1);
  CHECK(pair.here.socket->unsent_bytes() == whole.size());
  CHECK(pair.here.socket->unsent_datagrams() == 1);
  pair.here.socket->send(pieces, pair.there.local(), 2); // in one run with the first
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 2; }));
  CHECK(pair.there.texts() == std::vector<std::string>{whole, whole});
  REQUIRE(pair.here.outcomes.size() == 2);
  CHECK(pair.here.outcomes[0].bytes == whole.size());
  CHECK(pair.here.socket->unsent_bytes() == 0);
  CHECK(pair.here.socket->unsent_datagrams() == 0);
}

TEST_CASE("sends are told from a turn, not from within the call", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  pair.here.socket->send(text("x"), pair.there.local(), 1);
  CHECK(pair.here.told.empty());
  CHECK(pair.here.socket->unsent_datagrams() == 1);
}

TEST_CASE("what cannot be sent is told in its place in the order", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  const auto there = pair.there.local();
  pair.here.socket->send(text("a"), there, 1);
  pair.here.socket->send(text("b"), endpoint(), 2);                            // to nobody
  pair.here.socket->send(text("c"), endpoint::loopback_ipv6(there.port()), 3); // not its family
  pair.here.socket->send(text("d"), endpoint::unix_path("/tmp/x").value(), 4);
  pair.here.socket->send(text("e"), there.with_port(0), 5);
  pair.here.socket->send(text("f"), there, 6);
  REQUIRE(world.run_until([&] { return pair.here.outcomes.size() == 6; }));
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 2; }));
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(pair.here.outcomes[i].tag == i + 1);
    codes.push_back(pair.here.outcomes[i].failure ? pair.here.outcomes[i].failure->code() : "");
  }
  CHECK(codes ==
        std::vector<std::string>{"", "EDESTADDRREQ", "EAFNOSUPPORT", "EAFNOSUPPORT", "EINVAL", ""});
  CHECK(pair.there.texts() == std::vector<std::string>{"a", "f"});
}

TEST_CASE("whoever is told may answer, and the answers leave", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  pair.there.then = [&](std::string_view word) {
    if (word != "datagrams")
      return;
    for (auto& each : pair.there.received)
      pair.there.socket->send(each.bytes, each.from, 0);
    pair.there.received.clear();
  };
  for (int i = 0; i < 40; ++i)
    pair.here.socket->send(text(std::to_string(i)), pair.there.local(), 0);
  REQUIRE(world.run_until([&] { return pair.here.received.size() == 40; }));
  for (std::size_t i = 0; i < 40; ++i)
    CHECK(pair.here.received[i].bytes.view() == std::to_string(i));
}

TEST_CASE("a socket may be closed by whoever is told", "[backend]") {
  auto last = GENERATE("datagrams", "sent", "send_failed", "finished");
  ON_EVERY_BACKEND(world);
  CAPTURE(last);
  datagram_pair pair(world);
  pair.here.then = [&](std::string_view word) {
    if (word == last)
      pair.here.socket.reset();
  };
  pair.here.socket->send(text("good"), pair.there.local(), 1);
  pair.here.socket->send(text(std::string(70000, 'x')), pair.there.local(), 2);
  pair.here.socket->send(text("good"), pair.there.local(), 3);
  pair.here.socket->finish();
  pair.there.socket->send(text("x"), pair.here.local(), 1);
  pair.there.socket->send(text("y"), pair.here.local(), 2);
  REQUIRE(world.run_until([&] { return pair.here.socket == nullptr; }));
  world.settle();
  CHECK(pair.here.told.back() == last);
}

TEST_CASE("before it closes a socket can wait until every send left or failed", "[backend]") {
  ON_EVERY_BACKEND(world);
  for (int round = 0; round < 20; ++round) {
    recorded_datagrams there;
    open_datagrams(world.second_backend(), there);
    recorded_datagrams here;
    // Bound or not: it is bound by the first that it sends.
    open_datagrams(world.backend(), here,
                   {.bind_to = round % 2 == 0 ? endpoint() : endpoint::loopback_ipv4(0)});
    for (std::uint64_t i = 0; i < 100; ++i)
      here.socket->send(text(i % 10 == 9 ? std::string(66000, 'x') : std::string(100, 'y')),
                        there.local(), i);
    here.socket->stop_receiving();
    here.socket->finish();
    CHECK(here.socket->unsent_datagrams() == 100);
    REQUIRE(world.run_until([&] { return here.was_told("finished"); }));
    here.socket.reset();
    REQUIRE(here.outcomes.size() == 100);
    for (std::size_t i = 0; i < 100; ++i) {
      CHECK(here.outcomes[i].tag == i);
      CHECK(here.outcomes[i].failure.has_value() == (i % 10 == 9));
    }
    CHECK(here.told.back() == "finished");
    CHECK(here.count("finished") == 1);
    REQUIRE(world.run_until([&] { return there.received.size() == 90; }));
  }
}

TEST_CASE("a socket without sends is finished in the next turn", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  pair.here.socket->finish();
  CHECK(pair.here.told.empty());
  REQUIRE(world.run_until([&] { return pair.here.was_told("finished"); }));
  CHECK(pair.here.told.size() == 1);
}

TEST_CASE("a socket that is closed at once tells nothing, and leaves nothing behind", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  pair.here.socket->send(text("x"), pair.there.local(), 1);
  pair.there.socket->send(text("x"), pair.here.local(), 1);
  pair.here.socket.reset();
  world.settle();
  CHECK(pair.here.told.empty());
}

TEST_CASE("events may be told to somebody else from now on", "[backend]") {
  ON_EVERY_BACKEND(world);
  datagram_pair pair(world);
  recorded_datagrams heir;
  pair.there.socket->set_events(heir);
  pair.here.socket->send(text("x"), pair.there.local(), 1);
  REQUIRE(world.run_until([&] { return heir.received.size() == 1; }));
  CHECK(pair.there.told.empty());
}
