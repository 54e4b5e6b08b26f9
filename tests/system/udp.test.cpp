// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;
const std::string any_udp_port = "udp4://127.0.0.1:0";

/// The next event that is told to this thread's actor.
template <class Event> Event next(caf::scoped_actor& self) {
  std::optional<Event> got;
  self->receive([&](const Event& event) { got = event; }, caf::after(patience) >> [] {});
  REQUIRE(got);
  return *got;
}

an::udp_endpoint opens(host& program, an::udp_options chosen, an::udp_handler made) {
  auto opened = program.net().open_udp(std::move(chosen), std::move(made));
  REQUIRE(opened);
  return *opened;
}

an::endpoint address_of(host& program, const an::udp_endpoint& whose) {
  return program.asks<an::addresses>(whose, an::get_address{}).value().local;
}

caf::behavior echo_datagrams(caf::event_based_actor* self, an::udp_endpoint at) {
  return {[=](const an::datagram& event) { self->send(at, an::send{event.bytes}); }};
}

} // namespace

TEST_CASE("what the kernel knows of a datagram is told on request") {
  host program(2);
  caf::scoped_actor self{program.system()};
  auto receiver = opens(program,
                        {.address = any_udp_port,
                         .report_local_address = true,
                         .report_time = true,
                         .report_type_of_service = true},
                        caf::actor(self));
  auto here = next<an::udp_listening>(self).local;
  auto sender = opens(program, {.address = any_udp_port, .type_of_service = 0x28}, caf::actor());
  CHECK(program.asks<an::sent>(sender, an::send{an::text("hello"), here})->bytes == 5);
  auto event = next<an::datagram>(self);
  CHECK(event.bytes.view() == "hello");
  CHECK(event.from == address_of(program, sender));
  CHECK(event.local == here);
  CHECK(event.interface == 1); // lo
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  CHECK(std::chrono::abs(now - std::chrono::nanoseconds(event.received_at_ns)) < 1h);
  CHECK(event.type_of_service == 0x28);
  for (const auto& each : {receiver, sender})
    CHECK(program.orders(each, an::close{}));
}

TEST_CASE("what is sent in a batch comes in batches, one by one from the kernel or many at once") {
  constexpr std::size_t count = 100;
  for (bool many : {false, true}) {
    host program(2);
    caf::scoped_actor self{program.system()};
    auto receiver =
        opens(program, {.address = any_udp_port, .batches = true, .receive_offload = many},
              caf::actor(self));
    auto here = next<an::udp_listening>(self).local;
    auto sender = opens(program, {.address = any_udp_port}, caf::actor());
    an::send_batch batch;
    for (std::size_t i = 0; i < count; ++i)
      batch.all.push_back({an::text(std::string(64, static_cast<char>('a' + i % 26))), here});
    CHECK(program.asks<an::sent>(sender, batch)->bytes == 64 * count);
    std::size_t got = 0;
    while (got < count) {
      auto event = next<an::datagrams>(self);
      for (const auto& each : event.all)
        CHECK(each.bytes == batch.all[got++].bytes);
    }
    for (const auto& each : {receiver, sender})
      CHECK(program.orders(each, an::close{}));
  }
}

TEST_CASE("datagrams that may wait for others come in fewer events") {
  constexpr std::size_t count = 200; // the receive buffer holds them, however long they wait
  host program(2);
  caf::scoped_actor self{program.system()};
  auto receiver = opens(program, {.address = any_udp_port, .batches = true, .coalescing = 1s},
                        caf::actor(self));
  auto here = next<an::udp_listening>(self).local;
  auto sender = opens(program, {.address = any_udp_port}, caf::actor());
  for (std::size_t i = 0; i < count; ++i)
    CHECK(program.asks<an::sent>(sender, an::send{an::text(std::to_string(i)), here}));
  std::size_t events = 0;
  for (std::size_t got = 0; got < count; ++events)
    for (const auto& each : next<an::datagrams>(self).all)
      CHECK(each.bytes.view() == std::to_string(got++));
  CHECK(events < count / 2);
  for (const auto& each : {receiver, sender})
    CHECK(program.orders(each, an::close{}));
}

TEST_CASE("datagrams cannot wait for less than no time, nor for more than a second") {
  host program(1);
  for (auto wrong : {-1us, std::chrono::microseconds(1s) + 1us}) {
    auto opened =
        program.net().open_udp({.address = any_udp_port, .coalescing = wrong}, caf::actor());
    REQUIRE_FALSE(opened);
    CHECK(to_string(opened.error()).find("0 to 1,000,000 us") != std::string::npos);
  }
}

TEST_CASE("sessions live on the scheduler as well as on loops") {
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    host program(3);
    auto server = opens(program,
                        {.address = any_udp_port,
                         .sessions = an::udp_sessions{.handler = echo_datagrams},
                         .handlers = where},
                        caf::actor());
    const auto there = address_of(program, server);
    caf::scoped_actor self{program.system()};
    std::vector<an::udp_endpoint> clients;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(
          opens(program, {.address = "udp4:", .connect_to = to_string(there)}, caf::actor(self)));
      next<an::udp_listening>(self);
      CHECK(next<an::udp_connected>(self).remote == there);
    }
    for (int round = 0; round < 20; ++round)
      for (const auto& each : clients) {
        CHECK(program.asks<an::sent>(each, an::send{an::text(std::to_string(round))}));
        auto event = next<an::datagram>(self);
        CHECK(event.at == each);
        CHECK(event.bytes.view() == std::to_string(round));
      }
    CHECK(program.asks<an::udp_info>(server, an::get_info{})->sessions == clients.size());
    for (const auto& each : clients) {
      CHECK(program.orders(each, an::close{}));
      next<an::udp_closed>(self);
    }
    CHECK(program.orders(server, an::close{}));
  }
}

TEST_CASE("a hundred times on the kernel: all that was sent before close is answered and arrives") {
  host program(2);
  caf::scoped_actor self{program.system()};
  auto receiver = opens(program, {.address = any_udp_port}, caf::actor(self));
  const auto there = next<an::udp_listening>(self).local;
  constexpr int sends = 10;
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    auto sender =
        opens(program, {.address = round % 2 == 0 ? any_udp_port : "udp4:"}, caf::actor());
    {
      caf::scoped_actor asker{program.system()};
      for (int i = 0; i < sends; ++i)
        asker->send(sender, an::send{an::text("plain"), there});
      auto last = asker->request(sender, patience, an::send{an::text("asked"), there});
      auto closing = asker->request(sender, patience, an::close{}); // at once behind it
      const auto fails = [&](const caf::error& why) { FAIL(program.system().render(why)); };
      last.receive([](const an::sent& answer) { CHECK(answer.bytes == 5); }, fails);
      closing.receive([] {}, fails);
    }
    for (int i = 0; i <= sends; ++i)
      CHECK(next<an::datagram>(self).bytes.size() == 5);
  }
  CHECK(program.orders(receiver, an::close{}));
}
