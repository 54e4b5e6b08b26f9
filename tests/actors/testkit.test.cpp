// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/world.hpp"

namespace an = actornet;
using an::net::endpoint;
using an::test::world;
using an::testkit::probe;

namespace {

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

} // namespace

TEST_CASE("an echo server of four lines answers a simulated client") {
  world w;
  auto server = w.net().listen({.address = "tcp://127.0.0.1:80"}, echo);
  REQUIRE(server);
  auto client = w.network().peer_connects(endpoint::loopback_ipv4(80));
  client.sends("abc");
  client.finishes();
  CHECK(w.run_until([&] { return client.got_end(); }));
  CHECK(client.received() == "abc");
}

TEST_CASE("a probe gets the events of a connection in their order, and sends commands") {
  world w;
  probe handler(w);
  auto server = w.net().listen({.address = "tcp://127.0.0.1:80"}, handler.actor());
  REQUIRE(server);
  auto client = w.network().peer_connects(endpoint::loopback_ipv4(80));
  auto peer = handler.expects<an::connected>().peer;
  auto answer = handler.asks(peer, an::write{an::text("hello")});
  auto written = answer.value<an::written>();
  CHECK(written.bytes == 5);
  CHECK(written.keep_going);
  client.sends("bye");
  client.finishes();
  CHECK(handler.expects_bytes(3) == "bye");
  CHECK(handler.expects<an::end>().peer == peer);
  auto closed = handler.expects<an::closed>();
  CHECK_FALSE(closed.had_error);
  CHECK(closed.bytes_read == 3);
  CHECK(closed.bytes_written == 5);
  CHECK(client.received() == "hello");
  CHECK(handler.has_no_event());
}
