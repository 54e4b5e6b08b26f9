// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <thread>

namespace an = actornet;
using namespace actornet::test;

namespace {

constexpr std::size_t payload_bytes = 20'000'000;

std::string noise(std::size_t count, std::uint64_t seed) {
  std::string result(count, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    result[i] = static_cast<char>(seed >> 56);
  }
  return result;
}

/// The echo that knows when to finish by itself.
caf::behavior half_open_echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); },
          [=](const an::end&) { self->send(peer, an::finish{}); }};
}

} // namespace

TEST_CASE("a client that sends 20 MB and FIN and reads slowly gets its 20 MB, then FIN") {
  bool half_open = GENERATE(false, true);
  INFO("half-open: " << half_open);
  host program;
  auto server = program.listens(half_open ? an::handler(half_open_echo) : an::handler(echo),
                                {.address = any_port, .allow_half_open = half_open});
  const auto payload = noise(payload_bytes, 20);
  auto client = raw_socket::connected_to(program.address_of(server), 32 * 1024);
  bool sent = false;
  std::thread sender([&] {
    sent = client.sends(payload);
    client.finishes();
  });
  std::string got;
  for (auto more = client.receives(4096); !more.empty(); more = client.receives(4096))
    got += more;
  // Only now is the socket the main thread's alone.
  auto last_error = client.last_error();
  sender.join();
  CHECK(sent);
  CHECK(last_error == 0);
  CHECK(got.size() == payload.size());
  CHECK((got == payload));
  caf::anon_send(server, an::close{});
}

TEST_CASE("a handler that pauses leaves the bytes in the kernel, and resume brings all of them") {
  host program;
  witness seen;
  auto server = program.listens(seen.made(), {.address = any_port, .pause_on_connect = true});
  const auto payload = noise(4'000'000, 4);
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(seen.sees("connected"));
  std::thread sender([&] {
    client.sends(payload);
    client.finishes();
  });
  REQUIRE(program.orders(seen.peer(), an::pause{}));
  CHECK(program.asks<an::connection_info>(seen.peer(), an::get_info{})->bytes_read == 0);
  REQUIRE(program.orders(seen.peer(), an::resume{}));
  CHECK(seen.sees("closed"));
  sender.join();
  auto all = seen.now();
  CHECK((all.bytes == payload));
  CHECK(all.events == std::vector<std::string>{"connected", "data", "end", "closed"});
  caf::anon_send(server, an::close{});
  seen.forget_peer();
}

TEST_CASE("two connections on different loops write to each other byte for byte") {
  using peers = std::vector<an::connection>;
  auto met = std::make_shared<watched<peers>>();
  auto threads = std::make_shared<watched<std::vector<std::thread::id>>>();
  host program(2);
  auto proxy = [=](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    met->change([&](peers& all) { all.push_back(peer); });
    return {
        [=](const an::connected&) {
          auto thread = std::this_thread::get_id();
          threads->change([&](auto& all) { all.push_back(thread); });
        },
        [=](const an::data& event) {
          auto both = met->now();
          self->send(both.at(0) == peer ? both.at(1) : both.at(0), an::write{event.bytes});
        },
        [=](const an::end&) {
          auto both = met->now();
          self->send(both.at(0) == peer ? both.at(1) : both.at(0), an::finish{});
        },
    };
  };
  auto server = program.listens(
      proxy, {.address = any_port, .allow_half_open = true, .pause_on_connect = true});
  auto one = raw_socket::connected_to(program.address_of(server));
  auto other = raw_socket::connected_to(program.address_of(server));
  REQUIRE(threads->becomes([](const auto& all) { return all.size() == 2; }));
  auto where = threads->now();
  CHECK(where[0] != where[1]);
  for (const auto& each : met->now())
    REQUIRE(program.orders(each, an::resume{}));

  const auto forth = noise(16'000'000, 1);
  const auto back = noise(16'000'000, 2);
  std::thread one_sends([&] { one.sends(forth), one.finishes(); });
  std::thread other_sends([&] { other.sends(back), other.finishes(); });
  std::string other_got;
  std::thread other_receives([&] { other_got = other.receives_to_end(); });
  auto one_got = one.receives_to_end();
  one_sends.join();
  other_sends.join();
  other_receives.join();
  CHECK((other_got == forth));
  CHECK((one_got == back));
  met->change([](peers& all) { all.clear(); });
  caf::anon_send(server, an::close{});
}
