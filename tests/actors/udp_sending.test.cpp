// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/udp_story.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::udp_story;
using an::test::world;
using an::testkit::probe;

namespace {

const auto at_6000 = udp_story::here(6000);

std::vector<std::string> bytes_of(const an::net::simulated_datagram_peer& peer) {
  std::vector<std::string> result;
  for (const auto& each : peer.received())
    result.push_back(each.bytes);
  return result;
}

} // namespace

TEST_CASE("bytes, text and pieces leave as one datagram each") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  auto ask = [&](auto command) {
    return story.handler.asks(story.at, command).template value<an::sent>().bytes;
  };
  CHECK(ask(an::send{an::text("bytes"), at_6000}) == 5);
  CHECK(ask(an::send_text{"h\u00e9", at_6000}) == 3);
  CHECK(ask(an::send_text{"h\u00e9", at_6000, an::text_encoding::latin1}) == 2);
  CHECK(ask(an::send_pieces{{an::text("one"), {}, an::text("two")}, at_6000}) == 6);
  CHECK(ask(an::send_pieces{{}, at_6000}) == 0);
  CHECK(ask(an::send{{}, at_6000}) == 0);
  story.settle();
  CHECK(bytes_of(peer) == std::vector<std::string>{"bytes", "h\u00e9", "h\xe9", "onetwo", "", ""});
  CHECK(story.info().sent == 6);
  CHECK(story.info().bytes_sent == 16);
}

TEST_CASE("a slice is sent, and one out of range refused") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  const auto six = an::text("012345");
  auto ask = [&](std::uint64_t offset, std::uint64_t length) {
    return story.handler.asks(story.at, an::send{six, at_6000, offset, length});
  };
  CHECK(ask(2, 3).value<an::sent>().bytes == 3);
  CHECK(ask(4, UINT64_MAX).value<an::sent>().bytes == 2);
  CHECK(ask(6, 0).value<an::sent>().bytes == 0);
  CHECK(ask(0, 7).failure().code() == "EINVAL");
  CHECK(ask(7, 0).failure().code() == "EINVAL");
  CHECK(ask(7, UINT64_MAX).failure().code() == "EINVAL");
  CHECK(ask(3, UINT64_MAX - 1).failure().code() == "EINVAL");
  CHECK(story.handler.asks(story.at, an::send_text{"\u20ac", at_6000, an::text_encoding::latin1})
            .failure()
            .code() == "EINVAL");
  story.settle();
  CHECK(bytes_of(peer) == std::vector<std::string>{"234", "45", ""});
}

TEST_CASE("the errors of the kernel are the answers of the sends that they are about") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  const auto far = endpoint::ipv4({10, 1, 1, 1}, 1);
  story.w.network().fail_sends(far, ENETUNREACH);
  auto too_long =
      story.handler.asks(story.at, an::send{an::text(std::string(65508, 'x')), at_6000});
  auto no_route = story.handler.asks(story.at, an::send{an::text("x"), far});
  auto well = story.handler.asks(story.at, an::send{an::text("well"), at_6000});
  CHECK(too_long.failure().code() == "EMSGSIZE");
  auto why = no_route.failure();
  CHECK(why.code() == "ENETUNREACH");
  CHECK(why.address == "10.1.1.1");
  CHECK(well.value<an::sent>().bytes == 4);
  CHECK(story.handler.has_no_event());
  // Of a plain send an event tells.
  story.handler.sends(story.at, an::send{an::text("x"), far});
  auto lost = story.handler.expects<an::send_failed>();
  CHECK(lost.count == 1);
  CHECK(lost.bytes == 1);
  CHECK(lost.why.code() == "ENETUNREACH");
}

TEST_CASE("a name is asked for once, and what goes to it leaves in order") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  story.w.network().add_host("peer.test", {udp_story::here(0)}, 5ms);
  auto first = story.handler.asks(story.at, an::send{an::text("1"), {"peer.test", 6000}});
  auto second = story.handler.asks(story.at, an::send{an::text("2"), {"peer.test", 6000}});
  auto other = story.handler.asks(story.at, an::send{an::text("0"), at_6000});
  CHECK(other.value<an::sent>().bytes == 1); // does not wait for the name
  CHECK_FALSE(first.answered());
  CHECK(story.info().datagrams_buffered == 2);
  CHECK(first.value<an::sent>().bytes == 1);
  CHECK(second.value<an::sent>().bytes == 1);
  // Known now: this would else never be answered.
  story.w.network().silence_name("peer.test");
  auto third = story.handler.asks(story.at, an::send{an::text("3"), {"peer.test", 6000}});
  CHECK(third.value<an::sent>().bytes == 1);
  story.settle();
  CHECK(bytes_of(peer) == std::vector<std::string>{"0", "1", "2", "3"});
}

TEST_CASE("a name without an address fails what waits for it, and is asked for again") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  auto first = story.handler.asks(story.at, an::send{an::text("1"), {"peer.test", 6000}});
  story.handler.sends(story.at, an::send{an::text("22"), {"peer.test", 6000}});
  CHECK(first.failure().code() == "ENOTFOUND");
  auto lost = story.handler.expects<an::send_failed>();
  CHECK(lost.bytes == 2);
  CHECK(lost.why.code() == "ENOTFOUND");
  story.w.network().add_host("peer.test", {udp_story::here(0)});
  auto second = story.handler.asks(story.at, an::send{an::text("3"), {"peer.test", 6000}});
  CHECK(second.value<an::sent>().bytes == 1);
}

TEST_CASE("a host may be given as a number, or not at all, which is this one") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  for (const std::string host : {"127.0.0.1", "localhost", ""})
    CHECK(story.handler.asks(story.at, an::send{an::text("to " + host), {host, 6000}})
              .value<an::sent>()
              .bytes == 3 + host.size());
  story.settle();
  CHECK(bytes_of(peer) == std::vector<std::string>{"to 127.0.0.1", "to localhost", "to "});
}

TEST_CASE("the send queue has an end") {
  udp_story story({.address = "udp4://0.0.0.0:5000", .send_queue_bytes_max = 10'000});
  story.w.network().add_host("peer.test", {udp_story::here(0)}, 5ms);
  const auto payload = an::text(std::string(4000, 'x'));
  auto first = story.handler.asks(story.at, an::send{payload, {"peer.test", 6000}});
  auto second = story.handler.asks(story.at, an::send{payload, {"peer.test", 6000}});
  auto third = story.handler.asks(story.at, an::send{payload, {"peer.test", 6000}});
  CHECK(third.failure().code() == "ENOBUFS");
  CHECK(first.value<an::sent>().bytes == 4000);
  CHECK(second.value<an::sent>().bytes == 4000);
  CHECK(story.handler.asks(story.at, an::send{payload, at_6000}).value<an::sent>().bytes == 4000);
}

TEST_CASE("empty datagrams fill the send queue, too") {
  udp_story story({.address = "udp4://0.0.0.0:5000", .send_queue_bytes_max = 10 * 128});
  story.w.network().add_host("peer.test", {udp_story::here(0)}, 5ms);
  std::vector<probe::question> asked;
  for (int i = 0; i < 11; ++i)
    asked.push_back(story.handler.asks(story.at, an::send{{}, {"peer.test", 6000}}));
  CHECK(asked.back().failure().code() == "ENOBUFS");
  asked.pop_back();
  for (auto& each : asked)
    CHECK(each.value<an::sent>().bytes == 0);
}

TEST_CASE("who fills the send queue is told, and that it is empty again") {
  world::options how;
  how.network.partial_send_chance = 0.9; // the kernel has no room for long
  udp_story story({.address = "udp4://0.0.0.0:5000", .high_water_mark_bytes = 3000}, how);
  auto peer = story.peer_at(at_6000);
  std::vector<probe::question> asked;
  for (int round = 0; round < 5; ++round) {
    asked.clear();
    for (int i = 0; i < 20; ++i)
      asked.push_back(story.handler.asks(
          story.at, an::send{an::text(std::string(1000, static_cast<char>('a' + i))), at_6000}));
    CHECK(story.info().buffered > 0);
    std::size_t told_to_stop = 0;
    for (auto& each : asked) {
      const auto answer = each.value<an::sent>();
      CHECK(answer.bytes == 1000);
      told_to_stop += answer.keep_going ? 0 : 1;
    }
    CHECK(told_to_stop >= 15); // but for those below the mark, and what left at once
    CHECK(told_to_stop < 20);
    CHECK(story.handler.expects<an::udp_drain>().at == story.at);
    CHECK(story.handler.has_no_event());
    CHECK(story.info().buffered == 0);
  }
  story.settle();
  REQUIRE(peer.received().size() == 100);
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(peer.received()[i].bytes[0] == static_cast<char>('a' + i % 20));
}

TEST_CASE("a queue that empties behind close tells nobody") {
  world::options how;
  how.network.partial_send_chance = 0.9;
  udp_story story({.address = "udp4://0.0.0.0:5000", .high_water_mark_bytes = 1}, how);
  auto peer = story.peer_at(at_6000);
  for (int i = 0; i < 20; ++i)
    story.handler.sends(story.at, an::send{an::text("x"), at_6000});
  story.handler.asks(story.at, an::close{}).done();
  CHECK(story.handler.expects<an::udp_closed>().sent == 20);
  CHECK(story.handler.has_no_event());
  story.settle();
  CHECK(peer.received().size() == 20);
}

TEST_CASE("an answer can leave from the address that was asked") {
  for (bool connected : {false, true}) {
    udp_story story({.address = "udp4://0.0.0.0:5000", .report_local_address = true});
    auto peer = story.peer_at(at_6000);
    const auto second = endpoint::ipv4({127, 0, 0, 2}, 5000);
    REQUIRE(peer.sends(second, "question"));
    auto event = story.handler.expects<an::datagram>();
    CHECK(event.local == second);
    if (connected) {
      story.handler.asks(story.at, an::connect{event.from}).done();
      story.handler.expects<an::udp_connected>();
    }
    const auto to = connected ? endpoint() : event.from;
    auto ask = [&](auto command) { return story.handler.asks(story.at, command); };
    CHECK(ask(an::send{an::text("1"), {to, event.local}}).template value<an::sent>().bytes == 1);
    CHECK(ask(an::send_text{"2", {to, event.local}}).template value<an::sent>().bytes == 1);
    CHECK(
        ask(an::send_pieces{{an::text("3")}, {to, event.local}}).template value<an::sent>().bytes ==
        1);
    CHECK(
        ask(an::send{an::text("x"), {to, endpoint::ipv4({198, 51, 100, 7}, 0)}}).failure().code() ==
        "EINVAL");
    story.settle();
    REQUIRE(peer.received().size() == 3);
    for (const auto& each : peer.received())
      CHECK(each.from == second);
  }
}

TEST_CASE("a hundred times: what is sent before close leaves or fails, and is answered once") {
  for (std::uint64_t round = 0; round < 100; ++round) {
    CAPTURE(round);
    world::options how;
    how.network.seed = round;
    const bool is_bound = round % 2 == 0;
    udp_story story({.address = is_bound ? "udp4://0.0.0.0:5000" : "udp4:"}, how);
    story.w.network().add_host("peer.test", {udp_story::here(0)}, 5ms);
    const auto far = endpoint::ipv4({10, 1, 1, 1}, 1);
    story.w.network().fail_sends(far, ENETUNREACH);
    auto peer = story.peer_at(at_6000);
    std::vector<probe::question> well;
    std::vector<probe::question> lost;
    const std::uint64_t count = 1 + round % 7;
    for (std::uint64_t i = 0; i < count; ++i) {
      well.push_back(story.handler.asks(story.at, an::send{an::text("x"), at_6000}));
      well.push_back(story.handler.asks(story.at, an::send{an::text("y"), {"peer.test", 6000}}));
      lost.push_back(story.handler.asks(story.at, an::send{an::text("z"), far}));
    }
    auto closing = story.handler.asks(story.at, an::close{});
    auto late = story.handler.asks(story.at, an::send{an::text("late"), at_6000});
    CHECK(late.failure().code() == "ENOTCONN");
    for (auto& each : well)
      CHECK(each.value<an::sent>().bytes == 1);
    for (auto& each : lost)
      CHECK(each.failure().code() == "ENETUNREACH");
    closing.done();
    if (!is_bound)
      story.handler.expects<an::udp_listening>();
    auto closed = story.handler.expects<an::udp_closed>();
    CHECK(closed.sent == 2 * count);
    story.settle();
    CHECK(peer.received().size() == 2 * count);
    CHECK(story.handler.has_no_event());
    CHECK(story.w.network().open_descriptors() == 0);
  }
}

TEST_CASE("what waits too long for a name when the endpoint closes fails") {
  udp_story story;
  story.w.network().silence_name("peer.test");
  auto lost = story.handler.asks(story.at, an::send{an::text("x"), {"peer.test", 6000}});
  story.handler.sends(story.at, an::send{an::text("yy"), {"peer.test", 6000}});
  const auto from = story.w.network().now();
  auto closing = story.handler.asks(story.at, an::close{});
  CHECK(story.info().state == an::udp_state::closing);
  CHECK(lost.failure().code() == "ECANCELED");
  CHECK(story.w.network().now() - from == 5s);
  auto plain = story.handler.expects<an::send_failed>();
  CHECK(plain.bytes == 2);
  CHECK(plain.why.code() == "ECANCELED");
  closing.done();
  CHECK(story.handler.expects<an::udp_closed>().reason == an::udp_close_reason::closed);
}

TEST_CASE("a batch leaves in order and is answered once, with all its bytes or the first error") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  story.w.network().add_host("peer.test", {udp_story::here(0)}, 5ms);
  an::send_batch batch;
  batch.all.push_back({an::text("one"), at_6000});
  batch.all.push_back({{}, at_6000});
  batch.all.push_back({an::text("later"), {"peer.test", 6000}});
  batch.all.push_back({an::text("two!"), at_6000, 0, 3});
  CHECK(story.handler.asks(story.at, batch).value<an::sent>().bytes == 11);
  CHECK(story.handler.asks(story.at, an::send_batch{}).value<an::sent>().bytes == 0);
  batch.all.push_back({an::text("x"), at_6000, 2});
  batch.all.push_back({an::text(std::string(65508, 'x')), at_6000});
  CHECK(story.handler.asks(story.at, batch).failure().code() == "EINVAL");
  story.settle();
  CHECK(bytes_of(peer) ==
        std::vector<std::string>{"one", "", "two", "later", "one", "", "later", "two"});
  story.handler.sends(story.at, batch);
  CHECK(story.handler.expects<an::send_failed>().bytes == 1);
  CHECK(story.handler.expects<an::send_failed>().bytes == 65508);
}
