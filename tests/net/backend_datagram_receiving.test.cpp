// SPDX-License-Identifier: BSD-3-Clause
// When datagrams are received, what is told of them, and how much memory they hold.
#include "support/recorded_datagrams.hpp"

#include <actornet/net/receive_window.hpp>

#include <unistd.h>

#include <chrono>
#include <memory>

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("while nobody receives, datagrams wait", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), there);
  there.socket->stop_receiving();
  for (int i = 0; i < 5; ++i)
    here.socket->send(text(std::to_string(i)), there.local(), 0);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 5; }));
  world.let_arrive();
  world.settle();
  CHECK(there.received.empty());
  there.socket->start_receiving();
  REQUIRE(world.run_until([&] { return there.received.size() == 5; }));
  CHECK(there.texts() == std::vector<std::string>{"0", "1", "2", "3", "4"});
}

TEST_CASE("receiving may be stopped by whoever is told, and nothing is lost", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), there);
  there.then = [&](std::string_view word) {
    if (word == "datagrams")
      there.socket->stop_receiving();
  };
  constexpr std::size_t count = 150; // more than a batch
  for (std::uint64_t i = 0; i < count; ++i)
    here.socket->send(text(std::to_string(i)), there.local(), i);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == count; }));
  world.let_arrive();
  std::size_t rounds = 0;
  while (there.received.size() < count && rounds < 1000) {
    const auto before = there.batches;
    world.settle();
    CHECK(there.batches <= before + 1);
    there.socket->start_receiving();
    REQUIRE(world.run_until([&] { return there.batches > before; }));
    ++rounds;
  }
  REQUIRE(there.received.size() == count);
  for (std::size_t i = 0; i < count; ++i)
    CHECK(there.received[i].bytes.view() == std::to_string(i));
}

TEST_CASE("what the receive buffer cannot hold is dropped and counted", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(
      world.second_backend(), there,
      {.bind_to = endpoint::loopback_ipv4(0), .settings = {.receive_buffer_bytes = 4000}});
  CHECK(there.socket->receive_buffer_bytes() == 8000);
  CHECK(there.socket->kernel_drops() == 0);
  there.socket->stop_receiving();
  constexpr std::uint32_t count = 300;
  for (std::uint32_t i = 0; i < count; ++i)
    here.socket->send(chunk::copy_of(std::string(500, 'x')), there.local(), i);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == count; }));
  CHECK(here.failures() == 0);
  world.let_arrive();
  world.settle();
  const auto drops = there.socket->kernel_drops();
  CHECK(drops > 0);
  there.socket->start_receiving();
  REQUIRE(world.run_until([&] { return there.received.size() + drops == count; }));
  world.settle();
  CHECK(there.socket->kernel_drops() == drops);
}

TEST_CASE("what is received counts against the window until it is freed", "[backend]") {
  auto size = GENERATE(std::size_t{10}, std::size_t{1400}, std::size_t{30000});
  ON_EVERY_BACKEND(world);
  CAPTURE(size);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), there);
  auto window = make_receive_window(1 << 20, {});
  there.socket->set_receive_window(window);
  for (std::size_t round = 1; round <= 20; ++round) {
    here.socket->send(chunk::copy_of(std::string(size, 'x')), there.local(), 0);
    REQUIRE(world.run_until([&] { return there.received.size() == round; }));
  }
  CHECK(window->bytes_held() >= 20 * size);
  std::size_t pinned = 0;
  for (const auto& each : there.received)
    pinned += each.bytes.pinned_bytes();
  CHECK(window->bytes_held() <= pinned);
  // One that is kept keeps little more than itself.
  auto kept = there.received[3].bytes;
  there.received.clear();
  CHECK(window->bytes_held() == kept.pinned_bytes());
  CHECK(kept.pinned_bytes() <= (size < 2048 ? 4096 + 200 : 65536 + 200));
  kept = {};
  CHECK(window->bytes_held() == 0);
}

TEST_CASE("small datagrams that came together share few bytes", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), there);
  there.socket->stop_receiving();
  for (int i = 0; i < 64; ++i)
    here.socket->send(chunk::copy_of(std::string(1000, 'x')), there.local(), 0);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 64; }));
  world.let_arrive();
  there.socket->start_receiving();
  REQUIRE(world.run_until([&] { return there.received.size() == 64; }));
  for (const auto& each : there.received)
    CHECK(each.bytes.pinned_bytes() <= 4096 + 200);
}

TEST_CASE("no socket starves the others of its loop", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams flooder, flooded, quiet, friendly;
  open_datagrams(world.second_backend(), flooder);
  open_datagrams(world.second_backend(), friendly);
  open_datagrams(world.backend(), flooded);
  open_datagrams(world.backend(), quiet);
  flooded.forgets = true;
  // It answers itself, as long as it lives: there is always more to receive.
  flooded.then = [&](std::string_view word) {
    if (word == "datagrams")
      for (int i = 0; i < 200; ++i)
        flooded.socket->send(text("more"), flooded.local(), 0);
  };
  flooder.socket->send(text("go"), flooded.local(), 0);
  REQUIRE(world.run_until([&] { return flooded.received_count > 1000; }));
  friendly.socket->send(text("hello"), quiet.local(), 0);
  const auto before = flooded.batches;
  REQUIRE(world.run_until([&] { return quiet.received.size() == 1; }));
  CHECK(flooded.batches - before < 5000);
}

TEST_CASE("the address that a datagram was sent to is told if that is asked for", "[backend]") {
  auto family = GENERATE(address_family::ipv4, address_family::ipv6);
  ON_EVERY_BACKEND(world);
  const auto any = family == address_family::ipv4 ? endpoint::any_ipv4(0) : endpoint::any_ipv6(0);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here, {.family = family});
  open_datagrams(world.second_backend(), there,
                 {.family = family, .bind_to = any, .reports = {.local_address = true}});
  const auto port = there.local().port();
  const auto to = family == address_family::ipv4 ? endpoint::loopback_ipv4(port)
                                                 : endpoint::loopback_ipv6(port);
  here.socket->send(text("x"), to, 0);
  REQUIRE(world.run_until([&] { return there.received.size() == 1; }));
  CHECK(there.received[0].local == to.with_port(0));
  CHECK(there.received[0].interface == 1);
  CHECK_FALSE(there.received[0].received_at);
  CHECK_FALSE(there.received[0].type_of_service);
}

TEST_CASE("a socket of IPv6 is told what IPv4 was sent to, mapped", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), there,
                 {.family = address_family::ipv6,
                  .bind_to = endpoint::any_ipv6(0),
                  .reports = {.local_address = true, .type_of_service = true}});
  here.socket->send(text("x"), endpoint::loopback_ipv4(there.local().port()), 0);
  REQUIRE(world.run_until([&] { return there.received.size() == 1; }));
  CHECK(there.received[0].local.unmapped() == endpoint::loopback_ipv4(0));
  CHECK(there.received[0].local.is_ipv4_mapped());
  CHECK(there.received[0].type_of_service == 0);
}

TEST_CASE("time stamps and the type of service are told if that is asked for", "[backend]") {
  auto family = GENERATE(address_family::ipv4, address_family::ipv6);
  ON_EVERY_BACKEND(world);
  const auto where =
      family == address_family::ipv4 ? endpoint::loopback_ipv4(0) : endpoint::loopback_ipv6(0);
  recorded_datagrams here, there;
  constexpr std::uint8_t expedited_with_ecn = 0xb9; // DSCP EF, ECT(1)
  open_datagrams(world.backend(), here,
                 {.family = family, .settings = {.type_of_service = expedited_with_ecn}});
  open_datagrams(world.second_backend(), there,
                 {.family = family,
                  .bind_to = where,
                  .reports = {.timestamp = true, .type_of_service = true}});
  for (int i = 0; i < 3; ++i)
    here.socket->send(text("x"), there.local(), 0);
  REQUIRE(world.run_until([&] { return there.received.size() == 3; }));
  for (const auto& each : there.received) {
    CHECK(each.type_of_service == expedited_with_ecn);
    REQUIRE(each.received_at);
    CHECK(*each.received_at >= *there.received[0].received_at);
    CHECK(each.local == endpoint());
  }
}

TEST_CASE("datagrams that the kernel hands over together are told one by one", "[backend]") {
  auto size = GENERATE(std::size_t{1}, std::size_t{64}, std::size_t{1400}, std::size_t{20000});
  ON_EVERY_BACKEND(world);
  CAPTURE(size);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), there,
                 {.bind_to = endpoint::loopback_ipv4(0), .receive_offload = true});
  constexpr std::size_t count = 60;
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.emplace_back(i % 13 == 12 ? size / 2 : size, static_cast<char>('0' + i));
    here.socket->send(text(all.back()), there.local(), i);
    if (i % 6 == 5)
      REQUIRE(world.run_until([&] { return there.received.size() == i + 1; }));
  }
  CHECK(there.texts() == all);
  for (const auto& each : there.received)
    CHECK(each.from == here.local());
  CHECK(here.failures() == 0);
}

TEST_CASE("a datagram socket can be handed over as a descriptor", "[backend]") {
  auto connected = GENERATE(false, true);
  ON_EVERY_BACKEND(world);
  recorded_datagrams there;
  open_datagrams(world.second_backend(), there);
  auto first = world.backend().open_datagram({.bind_to = endpoint::loopback_ipv4(0)});
  REQUIRE(first);
  const auto local = first->local;
  if (connected) {
    recorded_datagrams brief;
    auto number = first->socket.number();
    auto added = world.backend().add_datagram(std::move(*first), brief);
    REQUIRE(added);
    REQUIRE((*added)->connect(there.local()));
    // A second descriptor of a connected socket exists in the kernel alone.
    if (world.simulation() != nullptr)
      return;
    brief.socket = std::move(*added);
    const int copy = ::dup(number);
    REQUIRE(copy >= 0);
    brief.socket.reset();
    first = world.backend().adopt_datagram(copy, {});
  } else {
    first = world.backend().adopt_datagram(first->socket.release(), {});
  }
  REQUIRE(first);
  CHECK(first->local == local);
  CHECK(first->remote == (connected ? there.local() : endpoint()));
  recorded_datagrams here;
  auto added = world.backend().add_datagram(std::move(*first), here);
  REQUIRE(added);
  here.socket = std::move(*added);
  here.socket->start_receiving();
  here.socket->send(text("x"), connected ? endpoint() : there.local(), 1);
  there.socket->send(text("y"), local, 1);
  REQUIRE(world.run_until([&] { return there.received.size() == 1 && here.received.size() == 1; }));
  CHECK(here.failures() == 0);
}

TEST_CASE("what is no datagram socket is not adopted, and left as it was", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto listener = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(listener);
  auto adopted = world.backend().adopt_datagram(listener->socket.number(), {});
  REQUIRE_FALSE(adopted);
  CHECK(adopted.error().code() == "EINVAL");
  auto datagrams = world.backend().open_datagram({});
  REQUIRE(datagrams);
  CHECK_FALSE(world.backend().adopt_listener(datagrams->socket.number(), {}));
  CHECK_FALSE(world.backend().adopt_stream(datagrams->socket.number()));
  auto none = world.backend().adopt_datagram(99999, {});
  REQUIRE_FALSE(none);
  CHECK(none.error().code() == "EBADF");
  if (world.simulation() != nullptr)
    return;
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  auto pipe = world.backend().adopt_datagram(ends[0], {});
  REQUIRE_FALSE(pipe);
  CHECK(pipe.error().code() == "ENOTSOCK");
  CHECK(::close(ends[0]) == 0);
  CHECK(::close(ends[1]) == 0);
}
