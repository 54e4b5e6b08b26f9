// SPDX-License-Identifier: BSD-3-Clause
#include "roster.hpp"
#include "support/catch.hpp"
#include "support/world.hpp"

namespace an = actornet;

namespace {

/// Connections that are being made, of which only the handles matter.
struct crowd {
  an::test::world w;
  an::testkit::probe handler{w};

  an::connection one_more() {
    auto made = w.net().connect({.address = "tcp://127.0.0.1:1"}, handler.actor());
    REQUIRE(made);
    return *made;
  }
};

} // namespace

TEST_CASE("connections are numbered from 1 on, and no number is used again") {
  crowd of;
  console::roster all;
  auto first = of.one_more();
  auto second = of.one_more();
  auto third = of.one_more();
  CHECK(all.add(first) == 1);
  CHECK(all.add(second) == 2);
  all.remove(second);
  CHECK(all.add(third) == 3);
  REQUIRE(all.all().size() == 2);
  CHECK(all.all().begin()->first == 1);
  CHECK(all.all().rbegin()->first == 3);
}

TEST_CASE("who is announced first has the first number, whoever is added first") {
  crowd of;
  console::roster all;
  auto first = of.one_more();
  auto second = of.one_more();
  auto gone = of.one_more();
  auto unannounced = of.one_more();
  for (const auto& each : {first, second, gone})
    all.announce(each);
  CHECK_FALSE(all.number_of(first));
  CHECK(all.add(second) == 2);
  CHECK(all.add(first) == 1);
  all.remove(gone);
  CHECK(all.add(unannounced) == 4);
  CHECK(all.all().size() == 3);
}

TEST_CASE("who was given up keeps its number until it is removed") {
  crowd of;
  console::roster all;
  auto peer = of.one_more();
  CHECK_FALSE(all.is_alive(peer));
  all.add(peer);
  CHECK(all.is_alive(peer));
  all.give_up(peer);
  CHECK_FALSE(all.is_alive(peer));
  CHECK(all.find(1));
  all.remove(peer);
  CHECK_FALSE(all.is_alive(peer));
  CHECK_FALSE(all.find(1));
}

TEST_CASE("a connection is found by its number, and the number by the connection") {
  crowd of;
  console::roster all;
  auto peer = of.one_more();
  auto number = all.add(peer);
  REQUIRE(all.find(number));
  CHECK(*all.find(number) == peer);
  CHECK(all.number_of(peer) == number);
  CHECK(all.holds(peer.id()));
}

TEST_CASE("who was removed, or never added, is not found") {
  crowd of;
  console::roster all;
  auto peer = of.one_more();
  auto stranger = of.one_more();
  auto number = all.add(peer);
  all.remove(stranger);
  CHECK(all.all().size() == 1);
  all.remove(peer);
  CHECK(all.find(number) == nullptr);
  CHECK(all.find(0) == nullptr);
  CHECK(all.number_of(peer) == std::nullopt);
  CHECK_FALSE(all.holds(peer.id()));
  CHECK(all.all().empty());
}
