// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;
using an::test::spawned;
using an::test::without_chance;

namespace {

constexpr std::size_t more_than_fits = 1'000'000; // into the buffers of both ends together

} // namespace

TEST_CASE("a write is answered when the kernel has all of it, not before") {
  served_client story;
  story.client.stops_reading();
  auto sent = pattern(more_than_fits);
  auto question = story.handler.asks(story.peer, an::write{an::text(sent)});
  story.w.pass(60s);
  CHECK_FALSE(question.answered());
  story.client.reads();
  auto written = question.value<an::written>();
  CHECK(written.bytes == sent.size());
  CHECK_FALSE(written.keep_going);
  CHECK(written.buffered == 0);
  story.w.pass(1s);
  CHECK(story.client.received() == sent);
}

TEST_CASE("a thousand writes are answered in order, each once") {
  served_client story;
  std::vector<int> answered;
  std::string all;
  auto writer = spawned(story.w.system(), [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const an::connected& event) {
      for (int i = 0; i < 1000; ++i) {
        const auto text = std::to_string(i) + " ";
        all += text;
        self->request(event.peer, caf::infinite, an::write{an::text(text)})
            .then([&, i, size = text.size()](const an::written& done) {
              CHECK(done.bytes == size);
              answered.push_back(i);
            });
      }
    }};
  });
  story.handler.sends(story.peer, an::set_handler{writer});
  story.w.pass(1s);
  std::vector<int> in_order(1000);
  std::iota(in_order.begin(), in_order.end(), 0);
  CHECK(answered == in_order);
  CHECK(story.client.received() == all);
}

TEST_CASE("of writes that wait, the first is answered first") {
  served_client story;
  story.client.stops_reading();
  auto first = story.handler.asks(story.peer, an::write{an::text(pattern(300'000))});
  auto second = story.handler.asks(story.peer, an::write{an::text(pattern(300'000))});
  story.client.reads_at_most(320'000);
  story.w.pass(10s);
  CHECK(first.answered());
  CHECK_FALSE(second.answered());
  CHECK(first.value<an::written>().buffered > 0);
  story.client.reads();
  CHECK(second.value<an::written>().buffered == 0);
}

TEST_CASE("plain writes leave in order and get no answer") {
  served_client story;
  for (const auto* each : {"a", "b", "c"})
    story.handler.sends(story.peer, an::write{an::text(each)});
  story.w.pass(1s);
  CHECK(story.client.received() == "abc");
  CHECK(story.handler.has_no_event());
}

TEST_CASE("an empty write is answered and sends nothing") {
  served_client story;
  auto written = story.handler.asks(story.peer, an::write{}).value<an::written>();
  CHECK(written.bytes == 0);
  CHECK(written.keep_going);
  story.w.pass(1s);
  CHECK(story.client.received().empty());
}

TEST_CASE("an empty write behind others waits for its turn") {
  served_client story;
  story.client.stops_reading();
  auto large = story.handler.asks(story.peer, an::write{an::text(pattern(more_than_fits))});
  auto empty = story.handler.asks(story.peer, an::write{});
  story.w.pass(1s);
  CHECK_FALSE(empty.answered());
  story.client.reads();
  CHECK(empty.value<an::written>().bytes == 0);
  CHECK(large.answered());
}

TEST_CASE("a large write that the kernel takes at once says: keep going") {
  served_client story({.address = port_80, .high_water_mark_bytes = 1000}, without_chance());
  auto written = story.handler.asks(story.peer, an::write{an::text(pattern(50'000))});
  CHECK(written.value<an::written>().keep_going);
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
}

TEST_CASE(
    "a write that leaves the queue at the high-water mark is told so, and one drain follows") {
  served_client story;
  story.client.stops_reading();
  std::vector<an::testkit::probe::question> questions;
  for (int i = 0; i < 8; ++i)
    questions.push_back(story.handler.asks(story.peer, an::write{an::text(pattern(100'000))}));
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.client.reads();
  for (auto& each : questions)
    each.value<an::written>();
  story.handler.expects<an::drain>();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  CHECK(story.info().buffered == 0);
}

TEST_CASE("every episode above the high-water mark has a drain of its own") {
  served_client story;
  for (int i = 0; i < 3; ++i) {
    story.client.stops_reading();
    auto question = story.handler.asks(story.peer, an::write{an::text(pattern(more_than_fits))});
    story.w.pass(1s);
    story.client.reads();
    CHECK_FALSE(question.value<an::written>().keep_going);
    CHECK(story.handler.expects<an::drain>().peer == story.peer);
    story.w.pass(1s);
    CHECK(story.handler.has_no_event());
  }
}

TEST_CASE("below the high-water mark there is no drain") {
  served_client story({.address = port_80, .high_water_mark_bytes = 10 * more_than_fits});
  story.client.stops_reading();
  auto question = story.handler.asks(story.peer, an::write{an::text(pattern(more_than_fits))});
  story.w.pass(1s);
  story.client.reads();
  CHECK(question.value<an::written>().keep_going);
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("with a high-water mark of 0 whatever is queued is too much, and an empty queue is not") {
  served_client story({.address = port_80, .high_water_mark_bytes = 0}, without_chance());
  auto small = story.handler.asks(story.peer, an::write{an::text("small")});
  CHECK(small.value<an::written>().keep_going);
  story.client.stops_reading();
  auto large = story.handler.asks(story.peer, an::write{an::text(pattern(200'000))});
  story.w.pass(1s);
  story.client.reads();
  CHECK_FALSE(large.value<an::written>().keep_going);
  story.handler.expects<an::drain>();
}

TEST_CASE("plain writes bring a drain as well, to who never asked") {
  served_client story;
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(more_than_fits))});
  story.w.pass(1s);
  story.client.reads();
  story.handler.expects<an::drain>();
}

TEST_CASE("no drain after finish") {
  served_client story;
  story.client.stops_reading();
  auto question = story.handler.asks(story.peer, an::write{an::text(pattern(more_than_fits))});
  story.w.pass(1s);
  story.handler.sends(story.peer, an::finish{});
  story.client.reads();
  CHECK_FALSE(question.value<an::written>().keep_going);
  story.w.pass(1s);
  CHECK(story.client.got_end());
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a full write queue refuses more with ENOBUFS, and goes on when it is empty") {
  served_client story({.address = port_80, .write_queue_bytes_max = 500'000});
  story.client.stops_reading();
  auto fits = story.handler.asks(story.peer, an::write{an::text(pattern(450'000))});
  story.w.pass(1s);
  auto beyond = story.handler.asks(story.peer, an::write{an::text(pattern(450'000))});
  auto why = beyond.failure();
  CHECK(why.code() == "ENOBUFS");
  CHECK(why.kind == an::trouble::refused_by_limit);
  CHECK_FALSE(fits.answered());
  story.client.reads();
  fits.value<an::written>();
  story.handler.expects<an::drain>();
  story.handler.asks(story.peer, an::write{an::text(pattern(450'000))}).value<an::written>();
  story.w.pass(1s);
  CHECK(story.client.received() == pattern(450'000) + pattern(450'000));
}

TEST_CASE("a write larger than the queue may ever be is refused, also on an idle connection") {
  served_client story({.address = port_80, .write_queue_bytes_max = 1000});
  auto question = story.handler.asks(story.peer, an::write{an::text(pattern(1001))});
  CHECK(question.failure().code() == "ENOBUFS");
  story.handler.asks(story.peer, an::write{an::text(pattern(1000))}).value<an::written>();
}

TEST_CASE("a plain write that is refused comes back as the event write_failed") {
  served_client story({.address = port_80, .write_queue_bytes_max = 10});
  story.handler.sends(story.peer, an::write{an::text("eleven byte")});
  auto event = story.handler.expects<an::write_failed>();
  CHECK(event.peer == story.peer);
  CHECK(event.bytes == 11);
  CHECK(event.why.code() == "ENOBUFS");
  story.handler.asks(story.peer, an::write{an::text("ten bytes.")}).value<an::written>();
}

TEST_CASE("a write after finish fails with EPIPE; what came before it still leaves") {
  served_client story({.address = port_80, .allow_half_open = true});
  story.handler.sends(story.peer, an::write{an::text("before")});
  story.handler.sends(story.peer, an::finish{});
  auto late = story.handler.asks(story.peer, an::write{an::text("after")});
  CHECK(late.failure().code() == "EPIPE");
  story.handler.sends(story.peer, an::write{an::text("plainly")});
  auto event = story.handler.expects<an::write_failed>();
  CHECK(event.bytes == 7);
  CHECK(event.why.code() == "EPIPE");
  story.w.pass(1s);
  CHECK(story.client.received() == "before");
  CHECK(story.client.got_end());
}

TEST_CASE("a write to a closed connection fails with ENOTCONN, and plainly is dropped in silence") {
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  auto late = story.handler.asks(story.peer, an::write{an::text("late")});
  CHECK(late.failure().code() == "ENOTCONN");
  story.handler.sends(story.peer, an::write{an::text("later")});
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("two writers do not mix up each other's order") {
  served_client story;
  an::testkit::probe other(story.w);
  std::string each_sent;
  for (int i = 0; i < 50; ++i) {
    const auto number = std::to_string(i) + " ";
    each_sent += number;
    story.handler.sends(story.peer, an::write{an::text("a" + number)});
    other.sends(story.peer, an::write{an::text("b" + number)});
  }
  story.w.pass(1s);
  std::map<char, std::string> got;
  std::istringstream words(story.client.received());
  for (std::string word; words >> word;)
    got[word[0]] += word.substr(1) + " ";
  CHECK(got == std::map<char, std::string>{{'a', each_sent}, {'b', each_sent}});
}

TEST_CASE("bytes_written and buffered tell what the kernel has and what it has not") {
  served_client story;
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(more_than_fits))});
  story.w.pass(1s);
  auto info = story.info();
  CHECK(info.bytes_written > 0);
  CHECK(info.buffered > 0);
  CHECK(info.bytes_written + info.buffered == more_than_fits);
}

TEST_CASE("bytes_accepted tells of every write that was not refused, whoever has it now") {
  served_client story({.address = port_80, .write_queue_bytes_max = 500'000});
  story.client.stops_reading();
  auto waits = story.handler.asks(story.peer, an::write{an::text(pattern(450'000))});
  story.w.pass(1s);
  auto refused = story.handler.asks(story.peer, an::write{an::text(pattern(450'000))});
  CHECK(refused.failure().code() == "ENOBUFS");
  auto info = story.info();
  CHECK(info.bytes_accepted == 450'000);
  CHECK(info.bytes_accepted == info.bytes_written + info.buffered);
  CHECK(info.buffered > 0);
  story.client.reads();
  waits.value<an::written>();
  story.handler.expects<an::drain>();
  story.handler.asks(story.peer, an::write{an::text("!")}).value<an::written>();
  CHECK(story.info().bytes_accepted == 450'001);
}

TEST_CASE("who is answered behind the drain of a low-water mark need not wait for another") {
  served_client story(
      {.address = port_80, .high_water_mark_bytes = 50'000, .low_water_mark_bytes = 30'000},
      without_chance());
  story.client.stops_reading();
  auto asked = story.handler.asks(story.peer, an::write{an::text(pattern(500'000))});
  story.w.pass(1s);
  while (story.info().buffered > 30'000) {
    story.client.reads_at_most(1000);
    story.w.pass(1s);
  }
  story.handler.expects<an::drain>();
  CHECK_FALSE(asked.answered());
  story.client.reads();
  CHECK(asked.value<an::written>().keep_going);
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("an empty write above the mark is told not to keep going") {
  served_client story({.address = port_80, .high_water_mark_bytes = 10});
  story.client.stops_reading();
  auto large = story.handler.asks(story.peer, an::write{an::text(pattern(500'000))});
  auto empty = story.handler.asks(story.peer, an::write{});
  story.w.pass(1s);
  auto late = story.handler.asks(story.peer, an::write{});
  story.w.pass(1s);
  story.client.reads();
  CHECK_FALSE(large.value<an::written>().keep_going);
  CHECK_FALSE(empty.value<an::written>().keep_going);
  CHECK_FALSE(late.value<an::written>().keep_going);
  story.handler.expects<an::drain>();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
}
