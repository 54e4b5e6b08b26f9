// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/open_descriptors.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/watched.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

// Many clients at once of a server that is not there.

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t rounds = 5;
constexpr std::size_t clients_per_round = 50;

/// What all clients were told.
struct refusals {
  std::vector<an::error> failures;
  std::vector<an::error> failed_writes;
  std::size_t written = 0;
  std::size_t connected = 0;
  std::size_t closed = 0;
  std::size_t closed_with_error = 0;

  bool are_those_of(std::size_t clients) const {
    return closed >= clients && failed_writes.size() + written >= clients;
  }
};

using record = std::shared_ptr<watched<refusals>>;

an::handler notes_refusals(const record& told) {
  return [told](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {
        [=](const an::connected&) { told->change([](auto& all) { ++all.connected; }); },
        [=](const an::failed& event) {
          told->change([&](auto& all) { all.failures.push_back(event.why); });
        },
        [=](const an::closed& event) {
          told->change([&](auto& all) {
            ++all.closed;
            all.closed_with_error += event.had_error ? 1 : 0;
          });
        },
    };
  };
}

/// On the loop where the connections are to live: their writes are queued before it hears that they
/// are refused.
caf::behavior connect_and_write(caf::event_based_actor* self, host& program,
                                const std::string& nobody, const record& told) {
  for (std::size_t i = 0; i < clients_per_round; ++i) {
    auto peer = program.connects({.address = nobody}, notes_refusals(told));
    self->request(peer, caf::infinite, an::write{an::text("queued")})
        .then([=](const an::written&) { told->change([](auto& all) { ++all.written; }); },
              [=](const caf::error& why) {
                told->change([&](auto& all) {
                  all.failed_writes.push_back(an::error_of(why).value_or(an::error{}));
                });
              });
  }
  return {[](const an::connected&) {}};
}

bool all_say(const std::vector<an::error>& errors, std::size_t count, std::uint16_t port) {
  return errors.size() == count && std::all_of(errors.begin(), errors.end(), [&](const auto& why) {
           return why.code() == "ECONNREFUSED" && why.address == "127.0.0.1" && why.port == port;
         });
}

} // namespace

TEST_CASE("250 refused clients are each told so once, lose their write once, and leave nothing") {
  auto reserved = raw_socket::bound();
  auto nobody = "tcp://127.0.0.1:" + std::to_string(reserved.port());
  auto told = std::make_shared<watched<refusals>>();
  host program;
  program.net(); // has all descriptors of its own from here on
  const auto base_line = descriptor_count();
  for (std::size_t round = 1; round <= rounds; ++round) {
    const auto clients = round * clients_per_round;
    auto crowd = program.net().spawn_on_loop([&, told](caf::event_based_actor* self) {
      return connect_and_write(self, program, nobody, told);
    });
    REQUIRE(told->becomes([&](const auto& all) { return all.are_those_of(clients); }));
    auto all = told->now();
    CHECK(all_say(all.failures, clients, reserved.port()));
    CHECK(all_say(all.failed_writes, clients, reserved.port()));
    CHECK(all.closed_with_error == clients);
    CHECK(all.closed == clients);
    CHECK(all.written + all.connected == 0);
    CHECK(descriptors_come_down_to(base_line));
  }
  program.end();
  auto all = told->now();
  CHECK(all.failures.size() == rounds * clients_per_round);
  CHECK(all.failed_writes.size() == rounds * clients_per_round);
  CHECK(all.closed == rounds * clients_per_round);
}
