// SPDX-License-Identifier: BSD-3-Clause
// Which datagrams leave together, and what becomes of them where the kernel will not have it.
#include "kernel_outbox.hpp"
#include "support/recorded_datagrams.hpp"

#include <actornet/net/backends.hpp>

#include <sys/socket.h>

using namespace actornet::net;
using namespace actornet::test;

namespace {

const auto somebody = endpoint::loopback_ipv4(1);
const auto another = endpoint::loopback_ipv4(2);

struct queued {
  std::size_t bytes;
  endpoint destination = somebody;
  int refusal = 0;
};

/// How many datagrams each message carries.
std::vector<std::size_t> messages_of(const std::vector<queued>& all,
                                     const segmentation& allowed = {}) {
  datagram_queue unsent;
  for (const auto& each : all) {
    auto& added = unsent.add(each.bytes);
    added.only = chunk::copy_of(std::string(each.bytes, 'x'));
    added.destination = each.destination;
    added.refusal = each.refusal;
  }
  kernel_outbox outbox;
  outbox.fill(unsent, allowed);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < outbox.messages(); ++i)
    found.push_back(outbox.datagrams_of(i));
  return found;
}

using counts = std::vector<std::size_t>;

} // namespace

TEST_CASE("a run of equal datagrams to one destination leaves as one, the last may be shorter") {
  CHECK(messages_of({{100}}) == counts{1});
  CHECK(messages_of({{100}, {100}, {100}}) == counts{3});
  CHECK(messages_of({{100}, {100}, {7}}) == counts{3});
  CHECK(messages_of({{100}, {7}, {100}}) == counts{2, 1});
  CHECK(messages_of({{100}, {101}}) == counts{1, 1});
  CHECK(messages_of({{100}, {100, another}, {100}}) == counts{1, 1, 1});
}

TEST_CASE("empty datagrams leave alone") {
  CHECK(messages_of({{0}, {0}, {100}, {0}}) == counts{1, 1, 1, 1});
}

TEST_CASE("a run has an end: 64 datagrams, and the bytes of a packet") {
  CHECK(messages_of(std::vector<queued>(130, {10})) == counts{64, 64, 2});
  CHECK(messages_of(std::vector<queued>(50, {1400})) == counts{46, 4});
  CHECK(messages_of(std::vector<queued>(3, {40000})) == counts{1, 1, 1});
}

TEST_CASE("runs are left to what a socket has learned") {
  CHECK(messages_of(std::vector<queued>(4, {100}), {.bytes_max = 99}) == counts{1, 1, 1, 1});
  CHECK(messages_of(std::vector<queued>(5, {100}), {.singles = 2}) == counts{1, 1, 3});
  CHECK(messages_of(std::vector<queued>(2, {100}), {.bytes_max = 0}) == counts{1, 1});
}

TEST_CASE("what is refused already ends what goes into one call") {
  CHECK(messages_of({{100}, {100, somebody, EINVAL}, {100}}) == counts{1});
  CHECK(messages_of({{100}, {100}, {100, somebody, EINVAL}}) == counts{2});
}

TEST_CASE("where the kernel will have no runs, datagrams leave one by one", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  // Without checksums there is nothing that a device could make for each part (udp_send_skb()).
  open_datagrams(world.backend(), here,
                 {.settings = {.raw = {raw_option::of(SOL_SOCKET, SO_NO_CHECK, 1)}}});
  open_datagrams(world.second_backend(), there);
  auto connected = GENERATE(false, true);
  if (connected)
    REQUIRE(here.socket->connect(there.local()));
  const auto to = connected ? endpoint() : there.local();
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 50; ++i)
      here.socket->send(text(std::to_string(100 + i)), to, round * 50 + i);
    REQUIRE(world.run_until([&] { return there.received.size() == (round + 1) * 50; }));
  }
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 150; }));
  CHECK(here.failures() == 0);
  CHECK(here.errors.empty());
  for (std::size_t i = 0; i < 150; ++i) {
    CHECK(here.outcomes[i].tag == i);
    CHECK(there.received[i].bytes.view() == std::to_string(100 + i % 50));
  }
}
