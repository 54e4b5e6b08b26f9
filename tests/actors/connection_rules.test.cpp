// SPDX-License-Identifier: BSD-3-Clause

// Method: random programs. From a seed come the network's chances, the options, and what the
// handler and the peer do, step by step: writes, finishes, pauses, resets, in any order and at any
// time. Whatever they do, the rules below hold. A failure prints its seed; ACTORNET_SEED=n runs
// that one alone, ACTORNET_FUZZ_SECONDS=n seeds that no run had before (docs/testing.md).

#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/event_log.hpp"
#include "support/random_seeds.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::dice;
using an::test::event_log;
using an::test::for_random_seeds;
using an::test::port_80;
using an::test::spawned;
using an::test::world;
using an::testkit::probe;

namespace {

struct asked_write {
  probe::question question;
  std::uint64_t bytes;
};

/// One connection, what both sides do to it, and what is known of it in the end.
class random_story {
public:
  explicit random_story(std::uint64_t seed)
      : chance_(seed), w_({.network = network(seed), .loops = 1 + chance_.upto(2)}), asker_(w_) {
    auto records = [this](caf::event_based_actor*) -> caf::behavior {
      return event_log::recorded_by(log_);
    };
    auto handler =
        chance_.chance(50) ? w_.net().spawn_on_loop(records) : spawned(w_.system(), records);
    probe owner(w_);
    auto chosen = options();
    chosen.owner = owner.actor();
    server_ = *w_.net().listen(chosen, handler);
    owner.expects<an::listening>();
    client_ = w_.network().peer_connects(at_80);
    peer_ = owner.expects<an::accepted>().peer;
  }

  void run() {
    for (auto steps = 5 + chance_.upto(40); steps > 0; --steps) {
      if (chance_.chance(50))
        handler_acts();
      else
        peer_acts();
      if (chance_.chance(60))
        w_.pass(std::chrono::microseconds(chance_.upto(3000)));
    }
    let_it_end();
    check_events();
    check_answers();
    check_bytes();
  }

private:
  an::net::simulated_network::options network(std::uint64_t seed) {
    an::net::simulated_network::options chosen;
    chosen.seed = seed;
    chosen.partial_receive_chance = chance_.one_of<double>({0, 0.1, 0.5});
    chosen.partial_send_chance = chance_.one_of<double>({0, 0.1, 0.5});
    chosen.send_buffer_bytes = chance_.one_of<std::size_t>({1000, 10'000, 64'000});
    chosen.receive_buffer_bytes = chance_.one_of<std::size_t>({1000, 10'000, 64'000});
    return chosen;
  }

  an::listen_options options() {
    an::listen_options chosen{.address = port_80};
    chosen.allow_half_open = chance_.chance(40);
    chosen.pause_on_connect = chance_.chance(10);
    // Those that lose nothing: the log has the bytes again.
    chosen.encoding = chance_.one_of<std::optional<an::text_encoding>>(
        {std::nullopt, std::nullopt, an::text_encoding::latin1, an::text_encoding::base64});
    chosen.high_water_mark_bytes = chance_.one_of<std::size_t>({0, 1000, 20'000});
    chosen.write_queue_bytes_max = chance_.one_of<std::size_t>({30'000, 1'000'000});
    chosen.receive_window_bytes = chance_.one_of<std::size_t>({1, 5000, 100'000});
    return chosen;
  }

  std::string fresh_bytes(char& next) {
    std::string bytes(chance_.upto(chance_.chance(20) ? 50'000 : 500), '\0');
    for (auto& each : bytes)
      each = next++;
    return bytes;
  }

  void handler_acts() {
    switch (chance_.upto(31)) {
    case 0:
      return asker_.sends(peer_, an::pause{});
    case 1:
    case 2:
      return asker_.sends(peer_, an::resume{});
    case 3:
      return asker_.sends(peer_, an::set_timeout{static_cast<std::int64_t>(chance_.upto(3))});
    case 4:
      if (chance_.chance(30))
        finishes_.push_back(asker_.asks(peer_, an::finish{}));
      return;
    case 5:
      if (chance_.chance(15)) {
        cut_ = true;
        chance_.chance(50) ? asker_.sends(peer_, an::destroy{}) : asker_.sends(peer_, an::reset{});
      }
      return;
    case 30:
      if (chance_.chance(10))
        part();
      return;
    case 31:
      if (chance_.chance(20))
        limit_lifetime();
      return;
    case 6: {
      auto none = asker_.asks(peer_, an::write{});
      return writes_.push_back({none, 0});
    }
    default: {
      // Bytes are numbered by who asks for them, refused or not: the peer must see a subsequence of
      // whole writes. Requests only, so that we know which were refused.
      auto bytes = fresh_bytes(next_out_);
      texts_.push_back(bytes);
      writes_.push_back({asker_.asks(peer_, an::write{an::text(bytes)}), bytes.size()});
      text_of_write_.push_back(writes_.size() - 1);
    }
    }
  }

  // What is received from now on is told to nobody: of two that are sent together, too.
  void part() {
    parted_ = true;
    auto linger = chance_.one_of<std::int64_t>({0, 1, 2000});
    hasty_ = hasty_ || linger < 2000;
    finishes_.push_back(asker_.asks(peer_, an::finish_then_destroy{{}, linger}));
    w_.settle();
    bytes_when_parted_ = std::min(bytes_when_parted_, log_.bytes.size());
  }

  // In time, long after the end, or not at all.
  void limit_lifetime() {
    auto remaining = chance_.one_of<std::int64_t>({1, 3'600'000, 0});
    limited_ = limited_ || remaining == 1;
    asker_.sends(peer_, an::set_lifetime{remaining});
  }

  void peer_acts() {
    switch (chance_.upto(29)) {
    case 0:
      return client_.stops_reading();
    case 1:
    case 2:
      return client_.reads();
    case 3:
      return client_.reads_at_most(chance_.upto(5000));
    case 4:
      if (chance_.chance(30)) {
        client_.finishes();
        peer_finished_ = true;
      }
      return;
    case 5:
      if (chance_.chance(15)) {
        broken_ = true;
        chance_.chance(50) ? client_.resets() : client_.closes();
        peer_finished_ = true;
      }
      return;
    default:
      if (peer_finished_)
        return;
      auto bytes = fresh_bytes(next_in_);
      client_.sends(bytes);
      sent_by_peer_ += bytes;
    }
  }

  // Both finish in order, if they have not done worse, and read all that there is.
  void let_it_end() {
    client_.reads();
    asker_.sends(peer_, an::resume{});
    w_.pass(1s);
    finishes_.push_back(asker_.asks(peer_, an::finish{}));
    if (!peer_finished_)
      client_.finishes();
    w_.pass(10s);
  }

  // connected, then anything, at most one end behind all data, failed only before closed, closed
  // last.
  void check_events() {
    const auto& names = log_.names;
    REQUIRE_FALSE(names.empty());
    CHECK(names.front() == "connected");
    CHECK(names.back() == "closed");
    CHECK(log_.count("connected") == 1);
    CHECK(log_.count("closed") == 1);
    CHECK(log_.count("end") <= 1);
    CHECK(log_.count("failed") <= 1);
    CHECK(log_.count("write_failed") == 0); // all writes were requests
    if (log_.count("failed") == 1)
      CHECK(names[names.size() - 2] == "failed");
    auto end = std::find(names.begin(), names.end(), "end");
    CHECK(std::count(end, names.end(), "data") == 0);
    CHECK(log_.endings.at(0).had_error == (log_.count("failed") == 1));
    CHECK(log_.endings.at(0).bytes_read >= log_.bytes.size());
    if (!broken_ && !cut_ && !limited_) {
      CHECK(log_.count("failed") == 0);
      CHECK((parted_ || log_.count("end") == 1));
    }
    if (limited_ && log_.count("failed") == 1 && !broken_)
      CHECK(log_.failures.at(0).why.code() == "ETIMEDOUT");
    if (parted_)
      CHECK(log_.bytes.size() == bytes_when_parted_);
  }

  void check_answers() {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < writes_.size(); ++i) {
      auto& each = writes_[i];
      REQUIRE(each.question.answered());
      done_.push_back(succeeded(each, bytes));
      CHECK_FALSE(each.question.answered());
    }
    CHECK(bytes <= log_.endings.at(0).bytes_written);
    for (auto& each : finishes_) {
      REQUIRE(each.answered());
      try {
        each.done();
      } catch (const an::testkit::unexpected_message&) {
        // cut off, or too late
      }
      CHECK_FALSE(each.answered());
    }
  }

  bool succeeded(asked_write& which, std::uint64_t& bytes) {
    try {
      auto written = which.question.value<an::written>();
      CHECK(written.bytes == which.bytes);
      bytes += written.bytes;
      return true;
    } catch (const an::testkit::unexpected_message&) {
      return false;
    }
  }

  void check_bytes() {
    CHECK(is_prefix(log_.bytes, sent_by_peer_));
    if (log_.count("end") == 1 && !broken_)
      CHECK(log_.bytes.size() == sent_by_peer_.size());
    // What the peer got are the writes that succeeded, and at most a part of one that was cut off.
    std::string written;
    for (std::size_t i = 0; i < texts_.size(); ++i)
      if (done_[text_of_write_[i]])
        written += texts_[i];
    const auto& got = client_.received();
    auto common = std::min(got.size(), written.size());
    CHECK((got.compare(0, common, written, 0, common) == 0));
    if (!broken_ && !cut_ && !limited_ && !hasty_)
      CHECK((got == written));
  }

  static bool is_prefix(const std::string& part, const std::string& whole) {
    return whole.compare(0, part.size(), part) == 0;
  }

  dice chance_;
  event_log log_;
  world w_;
  probe asker_;
  an::listener server_;
  an::net::simulated_peer client_{nullptr};
  an::connection peer_;
  bool peer_finished_ = false;
  bool broken_ = false; // by the peer
  bool cut_ = false;    // by us
  bool parted_ = false;
  bool hasty_ = false;   // it parts without waiting for the peer: bytes unread reset what was sent
  bool limited_ = false; // its lifetime may be over before its end
  std::size_t bytes_when_parted_ = std::numeric_limits<std::size_t>::max();
  char next_out_ = 0;
  char next_in_ = 0;
  std::string sent_by_peer_;
  std::vector<std::string> texts_;
  std::vector<std::size_t> text_of_write_;
  std::vector<asked_write> writes_;
  std::vector<bool> done_;
  std::vector<probe::question> finishes_;
};

} // namespace

TEST_CASE("whatever handler and peer do, the rules of events, answers and bytes hold",
          "[soak][random]") {
  for_random_seeds({.usual = 2000, .soak = 5000},
                   [](std::uint64_t seed) { random_story(seed).run(); });
}
