// SPDX-License-Identifier: BSD-3-Clause

// A source that breaks while its sink is not ready yet: what had arrived is not lost by that.

#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <cerrno>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::port_80;
using an::test::served_client;
using an::test::without_chance;

namespace {

// The handler asks for a pipe; then, what the client has sent and its reset are there before the
// sink is.
struct joining : served_client {
  joining() : served_client({.address = port_80}, without_chance()) {}

  void pipes_too_late(an::sink to) {
    handler.sends(peer, an::pipe{.to = std::move(to), .end_sink = false});
    client.sends("arrived");
    w.pass(100ms);
    client.resets();
    w.pass(100ms);
    CHECK(handler.has_no_event());
  }
  void expects_the_end() {
    CHECK(handler.expects<an::failed>().why.code() == "ECONNRESET");
    CHECK(handler.expects<an::closed>().reason == an::close_reason::reset_by_peer);
  }
};

} // namespace

TEST_CASE("what came before a reset is in the file, though that was not open yet") {
  joining story;
  story.w.network().hang_file("/f");
  story.pipes_too_late(*story.w.net().open_sink({.path = "/f"}));
  story.w.network().continue_file("/f");
  story.handler.expects<an::piped>();
  CHECK(story.handler.expects<an::unpiped>().bytes == 7);
  story.expects_the_end();
  CHECK(story.w.network().file_bytes("/f") == "arrived");
}

TEST_CASE("what came before a reset is passed on, though the sink was yet to connect") {
  joining story;
  auto servers = *story.w.network().peer_listens(endpoint::loopback_ipv4(90));
  story.w.network().add_host("slow", {endpoint::loopback_ipv4(0)}, 1s);
  story.pipes_too_late(*story.w.net().connect({.address = "tcp://slow:90"}, caf::actor()));
  story.handler.expects<an::piped>();
  CHECK(story.handler.expects<an::unpiped>().bytes == 7);
  story.expects_the_end();
  story.w.pass(1s);
  CHECK(servers.accepts().received() == "arrived");
}

TEST_CASE("what came before a reset is the handler's, if there will be no sink") {
  joining story;
  story.w.network().fail_opens("/f", EACCES);
  story.w.network().hang_file("/f");
  story.pipes_too_late(*story.w.net().open_sink({.path = "/f"}));
  story.w.network().continue_file("/f");
  CHECK(story.handler.expects<an::pipe_failed>().why.code() == "EACCES");
  CHECK(story.handler.expects<an::data>().bytes.view() == "arrived");
  story.expects_the_end();
}
