// SPDX-License-Identifier: BSD-3-Clause

// Method: connections that end in a race, very many of them, on the real kernel; each is counted.
// What must hold of every one is held of all: told connected once, closed once and last, no byte
// lost, and no descriptor left.

#include "order/story.hpp"
#include "support/open_descriptors.hpp"

#include <mutex>

namespace an = actornet;
using namespace actornet::test;

namespace {

/// What the handlers of all connections were told.
struct counts {
  std::size_t connected = 0;
  std::size_t ended = 0;
  std::size_t failed = 0;
  std::size_t closed = 0;
  std::size_t bytes = 0;
  /// Events behind `closed`, `failed` that `closed` does not know of, and the like.
  std::size_t mistakes = 0;
};

class census {
public:
  explicit census(stage& where) : where_(where) {}

  /// A handler of one connection, which does `first` when it is connected.
  an::handler made(std::function<void(caf::event_based_actor*, const an::connection&)> first) {
    return [this, first](caf::event_based_actor* self, const an::connection&) -> caf::behavior {
      auto life = std::make_shared<one_life>();
      return {
          [=, this](const an::connected& event) {
            note([&](counts& all) { ++all.connected; }, life->connected || life->closed);
            life->connected = true;
            first(self, event.peer);
          },
          [=, this](const an::data& event) {
            note([&](counts& all) { all.bytes += event.bytes.size(); }, life->is_over());
          },
          [=, this](const an::end&) {
            note([](counts& all) { ++all.ended; }, life->is_over());
            life->ended = true;
          },
          [=, this](const an::failed&) {
            note([](counts& all) { ++all.failed; }, life->failed || life->closed);
            life->failed = true;
          },
          [=, this](const an::closed& event) {
            note([](counts& all) { ++all.closed; },
                 life->closed || event.had_error != life->failed);
            life->closed = true;
          },
      };
    };
  }

  counts now() const {
    std::lock_guard guard(mutex_);
    return all_;
  }

private:
  struct one_life {
    bool connected = false;
    bool ended = false;
    bool failed = false;
    bool closed = false;
    bool is_over() const noexcept { return ended || failed || closed; }
  };

  template <class F> void note(F what, bool is_mistake) {
    {
      std::lock_guard guard(mutex_);
      what(all_);
      all_.mistakes += is_mistake ? 1 : 0;
    }
    where_.ring();
  }

  stage& where_;
  mutable std::mutex mutex_;
  counts all_;
};

/// A listener whose handlers are counted.
struct counted_server {
  counted_server(stage& where, an::handler made) : asker(where) {
    auto opened = where.net().listen({.address = any_port, .unreferenced = true}, std::move(made));
    REQUIRE(opened);
    server = *opened;
    address = asker.address_of(server);
  }

  recorder asker;
  an::listener server;
  an::endpoint address;
};

} // namespace

TEST_CASE("200 connections end from both sides at once: nothing is lost, each is closed once") {
  ON_EVERY_KERNEL(stage);
  constexpr std::size_t rounds = 200;
  const auto bytes = pattern(50'000);
  census all(stage);
  counted_server server(stage,
                        all.made([&](caf::event_based_actor* self, const an::connection& peer) {
                          self->send(peer, an::write{an::chunk::copy_of(bytes)});
                          self->send(peer, an::finish{an::text("!")});
                        }));
  const auto before = descriptor_count();
  for (std::size_t round = 1; round <= rounds; ++round) {
    auto client = stage.client_of(server.address);
    client->sends(bytes);
    client->finishes();
    REQUIRE(stage.run_until([&] { return client->got_end() && all.now().closed == round; }));
    CHECK((client->received() == bytes + "!"));
  }
  stage.settle();
  auto told = all.now();
  CHECK(told.connected == rounds);
  CHECK(told.ended == rounds);
  CHECK(told.failed == 0);
  CHECK(told.closed == rounds);
  CHECK(told.bytes == rounds * bytes.size());
  CHECK(told.mistakes == 0);
  CHECK(descriptors_come_down_to(before));
}

// A client that has gone before it was accepted may be told to nobody (accept(2) may not, either).
TEST_CASE("1000 clients connect and reset at once: whoever is accepted is reset and closed once") {
  ON_EVERY_KERNEL(stage);
  constexpr std::size_t rounds = 1000;
  constexpr std::size_t rounds_per_look = 100;
  constexpr std::size_t looks = rounds / rounds_per_look;
  census all(stage);
  counted_server server(stage,
                        all.made([](caf::event_based_actor* self, const an::connection& peer) {
                          self->send(peer, an::write{an::text("hello")});
                        }));
  const auto before = descriptor_count();
  for (std::size_t round = 1; round <= rounds; ++round) {
    auto client = stage.client_of(server.address);
    if (round % 2 == 0)
      client->sends("hello");
    client->resets();
    if (round % rounds_per_look != 0)
      continue;
    // Who comes last is accepted last.
    auto last = stage.client_of(server.address);
    last->finishes();
    REQUIRE(stage.run_until([&] {
      auto now = all.now();
      return last->got_end() && now.ended == round / rounds_per_look && now.closed == now.connected;
    }));
    CHECK(last->received() == "hello");
  }
  stage.settle();
  auto told = all.now();
  CHECK(told.connected > looks);
  CHECK(told.connected <= rounds + looks);
  CHECK(told.ended == looks);
  CHECK(told.failed == told.connected - looks);
  CHECK(told.closed == told.connected);
  CHECK(told.bytes <= rounds / 2 * 5);
  CHECK(told.mistakes == 0);
  CHECK(descriptors_come_down_to(before));
}
