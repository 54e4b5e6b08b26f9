// SPDX-License-Identifier: BSD-3-Clause

// Method: a handler on the loop does at each event what dice decide: writes plain and requested,
// with questions, pauses and messages to itself and to a friend between them, each of which may
// take another way. All that it writes is numbered; the peer must read the numbers in order,
// without a gap, and the handler its bytes. Seeds are fixed; ACTORNET_SEED=n runs that one alone.

#include "support/catch.hpp"
#include "support/random_seeds.hpp"
#include "support/served_client.hpp"

#include <cstdint>
#include <random>
#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::pattern;
using an::test::served_client;

namespace {

/// What the handler did and was told.
struct record {
  explicit record(std::uint64_t seed) : engine(seed) {}

  std::uint64_t upto(std::uint64_t most) { return engine() % (most + 1); }
  std::string next_text() {
    auto text = std::to_string(number++) + ' ';
    wrote += text;
    return text;
  }
  an::chunk next_number() { return an::text(next_text()); }

  std::mt19937_64 engine;
  int number = 0;
  std::string wrote;
  std::string got;
  std::size_t questions = 0;
  std::size_t answers = 0;
  bool ended = false;
};

void act(record& so_far, caf::event_based_actor* self, const an::connection& peer) {
  auto count = [&so_far](const auto&) { ++so_far.answers; };
  switch (so_far.upto(7)) {
  case 0:
    ++so_far.questions;
    self->request(peer, caf::infinite, an::write{so_far.next_number()})
        .then([count](const an::written& answer) { count(answer); });
    return;
  case 1:
    ++so_far.questions;
    self->request(peer, caf::infinite, an::get_info{})
        .then([count](const an::connection_info& answer) { count(answer); });
    return;
  case 2:
    self->send(peer, an::pause{});
    self->send(peer, an::write{so_far.next_number()});
    self->send(peer, an::resume{});
    return;
  case 3:
    return self->send(self, 1);
  case 4:
    return self->send(peer, an::write_text{so_far.next_text()});
  default:
    return self->send(peer, an::write{so_far.next_number()});
  }
}

caf::behavior driven_by(record& so_far, caf::event_based_actor* self, const an::connection& peer) {
  auto act_some = [&so_far, self, peer] {
    for (auto times = so_far.upto(4); times > 0; --times)
      act(so_far, self, peer);
  };
  return {[&so_far, act_some](const an::data& event) {
            so_far.got += event.bytes.view();
            act_some();
          },
          [act_some](const an::connected&) { act_some(); },
          [&so_far, self, peer](int) { self->send(peer, an::write{so_far.next_number()}); },
          [&so_far, self, peer](const an::end&) {
            so_far.ended = true;
            self->send(peer, an::get_info{});
            self->send(peer, an::finish{so_far.next_number()});
          }};
}

void check_order(std::uint64_t seed) {
  record so_far(seed);
  an::testkit::world::options how;
  how.network.seed = seed;
  how.loops = 1 + so_far.upto(2);
  served_client story({.address = an::test::port_80,
                       .high_water_mark_bytes = so_far.upto(100),
                       .receive_window_bytes = 1 + so_far.upto(5000)},
                      how, [&](caf::event_based_actor* self, const an::connection& peer) {
                        return driven_by(so_far, self, peer);
                      });
  std::string sent;
  for (auto steps = so_far.upto(60); steps > 0; --steps) {
    auto bytes = pattern(1 + so_far.upto(300));
    story.client.sends(bytes);
    sent += bytes;
    story.w.pass(std::chrono::microseconds(so_far.upto(500)));
  }
  story.client.finishes();
  story.w.pass(10s);
  CHECK(so_far.ended);
  CHECK(so_far.got == sent);
  CHECK(story.client.received() == so_far.wrote);
  CHECK(so_far.answers == so_far.questions);
  CHECK(story.client.got_end());
}

} // namespace

TEST_CASE("what a handler sends takes effect in order, whichever way each command goes",
          "[soak][random]") {
  an::test::for_random_seeds({.usual = 200, .soak = 5000}, check_order);
}
