// SPDX-License-Identifier: BSD-3-Clause
// A listener to which the kernel gives no descriptor, or nothing else that it needs.
#include "support/catch.hpp"
#include "support/listening_story.hpp"

#include <cerrno>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::simulated_peer;
using an::test::at_80;
using an::test::count_of;
using an::test::info_of;
using an::test::served_client;
using an::test::served_too;

TEST_CASE("an accept that fails is told, and tried again by itself") {
  served_client story;
  story.w.network().fail_next_accept(at_80, EMFILE);
  auto client = one_more_client(story);
  auto failed = story.owner.expects<an::listener_failed>();
  CHECK(failed.why.code() == "EMFILE");
  CHECK(failed.why.syscall == "accept");
  story.owner.expects<an::accepted>();
  CHECK(info_of(story).state == an::listener_state::listening);
}

TEST_CASE("a process without descriptors serves its clients when it has some again") {
  served_client story;
  story.w.network().limit_descriptors(story.w.network().open_descriptors());
  auto client = one_more_client(story);
  CHECK(story.owner.expects<an::listener_failed>().why.code() == "EMFILE");
  auto dropped = story.owner.expects<an::dropped>();
  CHECK(dropped.reason == an::drop_reason::no_descriptors);
  CHECK(dropped.local == at_80);
  CHECK(dropped.remote == client.local());
  CHECK(story.w.run_until([&] { return client.got_end(); }));
  CHECK(info_of(story).dropped == 1);
  CHECK(count_of(story) == 1);
  story.client.sends("still served");
  CHECK(story.handler.expects_bytes(12) == "still served");
  story.w.network().limit_descriptors(1000);
  served_too(story);
  CHECK(count_of(story) == 2);
}

TEST_CASE("many clients that are shed are one failure, and one dropped each") {
  served_client story;
  story.w.network().limit_descriptors(story.w.network().open_descriptors());
  constexpr std::size_t count = 40;
  std::vector<simulated_peer> clients;
  for (std::size_t i = 0; i < count; ++i)
    clients.push_back(one_more_client(story));
  story.w.pass(50ms);
  CHECK(story.owner.expects<an::listener_failed>().why.code() == "EMFILE");
  for (std::size_t i = 0; i < count; ++i)
    CHECK(story.owner.expects<an::dropped>().reason == an::drop_reason::no_descriptors);
  CHECK(story.owner.has_no_event());
  CHECK(info_of(story).dropped == count);
}

TEST_CASE("a want of descriptors is told again after accepting worked in between") {
  served_client story;
  auto limit = story.w.network().open_descriptors();
  for (int round = 0; round < 3; ++round) {
    story.w.network().limit_descriptors(limit);
    one_more_client(story);
    CHECK(story.owner.expects<an::listener_failed>().why.code() == "EMFILE");
    story.owner.expects<an::dropped>();
    story.w.network().limit_descriptors(1000);
    served_too(story);
    limit = story.w.network().open_descriptors();
    story.w.pass(100ms);
  }
}

TEST_CASE("a paused listener does not start to accept again by itself") {
  served_client story;
  story.w.network().fail_next_accept(at_80, EMFILE);
  one_more_client(story);
  story.owner.expects<an::listener_failed>();
  story.handler.sends(story.server, an::pause_accepting{});
  story.w.pass(1min);
  CHECK(count_of(story) == 1);
}
