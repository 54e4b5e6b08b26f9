// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include "responder.hpp"
#include "write_ledger.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scoped_actor.hpp>

#include <vector>

using actornet::responder;
using actornet::write_ledger;

namespace {

constexpr std::size_t high_water_mark = 100;

class book : public write_ledger {
public:
  bool writes(std::uint64_t bytes) { return add(bytes, asker(), high_water_mark); }
  bool writes_plainly(std::uint64_t bytes) { return add(bytes, high_water_mark); }

  responder asker() {
    caf::mailbox_element_vals<int> request(caf::actor_cast<caf::strong_actor_ptr>(self_),
                                           caf::make_message_id(1), {}, 0);
    return responder::to(request);
  }

  // The sizes of the writes that this completes, with a minus for "do not keep going".
  std::vector<std::int64_t> kernel_takes(std::uint64_t bytes) {
    std::vector<std::int64_t> done;
    taken(bytes, [&](entry& each) {
      auto size = static_cast<std::int64_t>(each.bytes);
      done.push_back(each.keep_going ? size : -size);
    });
    return done;
  }

private:
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
};

using sizes = std::vector<std::int64_t>;

} // namespace

TEST_CASE("a ledger without writes is empty") {
  book ledger;
  CHECK(ledger.empty());
  CHECK(ledger.queued() == 0);
  CHECK(ledger.bytes_taken() == 0);
}

TEST_CASE("a write is complete with its last byte") {
  book ledger;
  ledger.writes(10);
  CHECK(ledger.kernel_takes(9).empty());
  CHECK(ledger.queued() == 1);
  CHECK(ledger.kernel_takes(1) == sizes{10});
  CHECK(ledger.empty());
  CHECK(ledger.bytes_taken() == 10);
}

TEST_CASE("one step may complete several writes, in order, and begin the next") {
  book ledger;
  for (std::uint64_t size : {1u, 2u, 3u})
    ledger.writes(size);
  CHECK(ledger.kernel_takes(4) == sizes{1, 2});
  CHECK(ledger.kernel_takes(2) == sizes{3});
}

TEST_CASE("a ledger without writes has no memory for more than a few") {
  book ledger;
  for (int i = 0; i < 1000; ++i)
    ledger.writes(1);
  CHECK(ledger.kernel_takes(1000).size() == 1000);
  CHECK(ledger.capacity() == 0);
  for (int i = 0; i < 10; ++i)
    ledger.writes(1);
  const auto before = ledger.capacity();
  CHECK(ledger.kernel_takes(10).size() == 10);
  CHECK(ledger.capacity() == before);
}

TEST_CASE("an empty write is complete as soon as those before it are") {
  book ledger;
  ledger.writes(0);
  CHECK(ledger.kernel_takes(0) == sizes{0});
  ledger.writes(5);
  ledger.writes(0);
  CHECK(ledger.kernel_takes(4).empty());
  CHECK(ledger.kernel_takes(1) == sizes{5, 0});
}

TEST_CASE("a write that nobody waits for is complete without a word") {
  book ledger;
  ledger.writes_plainly(1);
  ledger.writes(2);
  ledger.writes_plainly(3);
  CHECK(ledger.kernel_takes(2).empty());
  CHECK(ledger.kernel_takes(4) == sizes{2});
  CHECK(ledger.empty());
}

TEST_CASE("one plain write at a time needs no memory but the ledger's own") {
  book ledger;
  for (int i = 0; i < 3; ++i) {
    ledger.writes_plainly(5);
    CHECK(ledger.kernel_takes(4).empty());
    CHECK_FALSE(ledger.empty());
    CHECK(ledger.capacity() == 0);
    ledger.kernel_takes(1);
    CHECK(ledger.empty());
  }
}

TEST_CASE("memory for writes that nobody waits for goes, too") {
  book ledger;
  for (int i = 0; i < 1000; ++i)
    ledger.writes_plainly(1);
  CHECK(ledger.capacity() >= 1000);
  ledger.kernel_takes(1000);
  CHECK(ledger.capacity() == 0);
}

TEST_CASE("a write that nobody waits for fills the queue for those that somebody waits for") {
  book ledger;
  ledger.writes(10);
  ledger.writes_plainly(95);
  CHECK(ledger.judge(high_water_mark)); // though only the second has left so much
  ledger.writes(10);
  CHECK(ledger.judge(high_water_mark));
  CHECK(ledger.kernel_takes(115) == sizes{10, -10});
}

TEST_CASE("only a queue at the mark is to be judged") {
  book ledger;
  CHECK_FALSE(ledger.writes(99));
  CHECK(ledger.writes(1));
  CHECK(ledger.writes(1));
}

TEST_CASE("each write is judged by what is queued at its own end") {
  book ledger;
  ledger.writes(60);
  ledger.writes(60);
  ledger.writes(60);
  CHECK(ledger.judge(high_water_mark));
  CHECK(ledger.kernel_takes(180) == sizes{60, -60, -60});
}

TEST_CASE("what the kernel took before the judgement does not count") {
  book ledger;
  ledger.writes(150);
  ledger.kernel_takes(60);
  CHECK_FALSE(ledger.judge(high_water_mark));
  CHECK(ledger.kernel_takes(90) == sizes{150});
}

TEST_CASE("a write is judged once: what fills the queue later is not its fault") {
  book ledger;
  ledger.writes(60);
  CHECK_FALSE(ledger.judge(high_water_mark));
  ledger.writes(60);
  CHECK(ledger.judge(high_water_mark));
  CHECK(ledger.kernel_takes(120) == sizes{60, -60});
}

TEST_CASE("with a mark of 0 whatever stays is too much, and nothing is not") {
  book ledger;
  CHECK_FALSE(ledger.add(0, 0));
  CHECK(ledger.add(1, 0));
  CHECK(ledger.judge(0));
  ledger.kernel_takes(1);
  CHECK(ledger.add(1, 0));
  ledger.taken(1, [](auto&) {});
  CHECK_FALSE(ledger.judge(0));
}

TEST_CASE("giving up names every write that is not complete, once") {
  book ledger;
  for (std::uint64_t size : {1u, 2u, 3u})
    ledger.writes(size);
  ledger.kernel_takes(2);
  sizes lost;
  ledger.give_up([&](auto& each) { lost.push_back(static_cast<std::int64_t>(each.bytes)); });
  CHECK(lost == sizes{2, 3});
  ledger.give_up([&](auto&) { lost.clear(); });
  CHECK(lost.size() == 2);
  CHECK(ledger.bytes_taken() == 2);
}

TEST_CASE("giving up counts the bytes of the writes that nobody waits for") {
  book ledger;
  for (std::uint64_t size : {1u, 2u, 3u})
    ledger.writes_plainly(size);
  ledger.writes(4);
  ledger.kernel_takes(2);
  sizes lost;
  auto note = [&](auto& each) { lost.push_back(static_cast<std::int64_t>(each.bytes)); };
  CHECK(ledger.give_up(note) == 5);
  CHECK(lost == sizes{4});
  CHECK(ledger.give_up(note) == 0);
  CHECK(lost.size() == 1);
}
