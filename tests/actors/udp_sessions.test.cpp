// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/spawned.hpp"
#include "support/udp_story.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::spawned;
using an::test::udp_story;
using an::test::world;
using an::testkit::probe;

namespace {

const auto at_6000 = udp_story::here(6000);
const auto at_6001 = udp_story::here(6001);
const auto server_address = udp_story::here(5000);

caf::behavior echo(caf::event_based_actor* self, an::udp_endpoint peer) {
  return {[=](const an::datagram& event) { self->send(peer, an::send{event.bytes}); }};
}

an::udp_options with_sessions(an::udp_sessions chosen) {
  return {.address = "udp4://0.0.0.0:5000", .sessions = std::move(chosen)};
}

/// A handler of any number of endpoints, which fails when it is sent a number.
caf::actor mortal(world& w) {
  return spawned(w.system(), [](caf::event_based_actor* self) -> caf::behavior {
    return {[=](int) { self->quit(caf::make_error(caf::sec::runtime_error)); }};
  });
}

/// Splits off a peer, and counts its ends; keeps no reference to it.
void split_off(probe& asker, const an::udp_endpoint& at, const endpoint& remote, int& ends) {
  auto made = asker.asks(at, an::split_off{remote}).value<an::session>();
  caf::actor_cast<caf::abstract_actor*>(made.peer)->attach_functor([&ends] { ++ends; });
}

/// A client of its own address.
endpoint client_address(int number) {
  return endpoint::ipv4(
      {10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}, 7000);
}

} // namespace

TEST_CASE("a peer that nobody knew gets an actor, which is told all that it sends") {
  world w;
  probe owner(w);
  probe sessions(w);
  auto at = *w.net().open_udp(with_sessions({.handler = sessions.actor()}), owner.actor());
  owner.expects<an::udp_listening>();
  auto peer = *w.network().peer_opens({.bind_to = at_6000});
  auto other = *w.network().peer_opens({.bind_to = at_6001});
  REQUIRE(peer.sends(server_address, "one"));
  auto accepted = owner.expects<an::udp_accepted>();
  CHECK(accepted.at == at);
  CHECK(accepted.remote == at_6000);
  auto connected = sessions.expects<an::udp_connected>();
  CHECK(connected.at == accepted.peer);
  CHECK(connected.remote == at_6000);
  CHECK(connected.local.port() == 5000);
  auto first = sessions.expects<an::datagram>();
  CHECK(first.at == accepted.peer);
  CHECK(first.bytes.view() == "one");
  REQUIRE(other.sends(server_address, "two"));
  CHECK(owner.expects<an::udp_accepted>().remote == at_6001);
  sessions.expects<an::udp_connected>();
  CHECK(sessions.expects<an::datagram>().from == at_6001);
  REQUIRE(peer.sends(server_address, "three"));
  CHECK(sessions.expects<an::datagram>().at == accepted.peer);
  CHECK(owner.has_no_event());

  CHECK(sessions.asks(accepted.peer, an::send{an::text("hi")}).value<an::sent>().bytes == 2);
  CHECK(sessions.asks(accepted.peer, an::send_pieces{{an::text("a"), an::text("b")}, at_6000})
            .value<an::sent>()
            .bytes == 2);
  CHECK(sessions.asks(accepted.peer, an::send{an::text("x"), at_6001}).failure().code() ==
        "EISCONN");
  w.pass(10ms);
  REQUIRE(peer.received().size() == 2);
  CHECK(peer.received()[0].from.port() == 5000);
  CHECK(other.received().empty());
  auto both = sessions.asks(accepted.peer, an::get_address{}).value<an::addresses>();
  CHECK(both.remote == at_6000);
  CHECK(both.local.port() == 5000);
  auto info = sessions.asks(accepted.peer, an::get_info{}).value<an::udp_info>();
  CHECK(info.received == 2);
  CHECK(info.bytes_received == 8);
  CHECK(info.sent == 2);
  CHECK(owner.asks(at, an::get_info{}).value<an::udp_info>().sessions == 2);
}

TEST_CASE("a session has no commands that concern the socket") {
  world w;
  probe sessions(w);
  auto at = *w.net().open_udp(with_sessions({.handler = sessions.actor()}), caf::actor());
  auto peer = sessions.asks(at, an::split_off{at_6000}).value<an::session>().peer;
  sessions.expects<an::udp_connected>();
  auto code = [&](auto command) { return sessions.asks(peer, command).failure().code(); };
  CHECK(code(an::set_ttl{1}) == "EOPNOTSUPP");
  CHECK(code(an::connect{at_6001}) == "EOPNOTSUPP");
  CHECK(code(an::join{"239.1.1.1"}) == "EOPNOTSUPP");
  CHECK(code(an::get_socket_option{}) == "EOPNOTSUPP");
  CHECK(code(an::send{an::text("x"), {}, 2}) == "EINVAL");
}

TEST_CASE("a peer may be split off before it sends anything, and by nobody else") {
  world w;
  probe owner(w);
  probe sessions(w);
  auto at = *w.net().open_udp(
      with_sessions({.handler = sessions.actor(), .accept = false, .max = 1}), owner.actor());
  owner.expects<an::udp_listening>();
  auto made = owner.asks(at, an::split_off{at_6000}).value<an::session>();
  CHECK(owner.expects<an::udp_accepted>().peer == made.peer);
  CHECK(owner.asks(at, an::split_off{at_6000}).value<an::session>().peer == made.peer);
  CHECK(owner.asks(at, an::split_off{at_6001}).failure().code() == "ENOBUFS");
  sessions.expects<an::udp_connected>();
  auto peer = *w.network().peer_opens({.bind_to = at_6000});
  auto other = *w.network().peer_opens({.bind_to = at_6001});
  REQUIRE(peer.sends(server_address, "known"));
  CHECK(sessions.expects<an::datagram>().bytes.view() == "known");
  REQUIRE(other.sends(server_address, "unknown"));
  CHECK(owner.expects<an::datagram>().bytes.view() == "unknown");
  auto plain = *w.net().open_udp({.address = "udp4:"}, caf::actor());
  CHECK(owner.asks(plain, an::split_off{at_6000}).failure().code() == "EINVAL");
  CHECK(owner.asks(at, an::connect{at_6000}).failure().code() == "EINVAL");
}

TEST_CASE("who is split off has an address that datagrams come from") {
  for (const char* address : {"udp4:", "udp6:"}) {
    world w;
    probe sessions(w);
    auto at = *w.net().open_udp(
        {.address = address, .sessions = an::udp_sessions{.handler = sessions.actor()}},
        caf::actor());
    const bool is_ipv4 = address == std::string("udp4:");
    auto code = [&](const endpoint& remote) {
      return sessions.asks(at, an::split_off{remote}).failure().code();
    };
    CHECK(code({}) == "EINVAL");
    CHECK(code(is_ipv4 ? endpoint::loopback_ipv6(6000) : at_6000) == "EINVAL");
    CHECK(code(is_ipv4 ? endpoint::loopback_ipv4(0) : endpoint::loopback_ipv6(0)) == "EINVAL");
    CHECK(code(is_ipv4 ? endpoint::any_ipv4(6000) : endpoint::any_ipv6(6000)) == "EINVAL");
    CHECK(code(*endpoint::parse(is_ipv4 ? "239.1.1.1:6000" : "[ff05::1]:6000")) == "EINVAL");
    CHECK(sessions.asks(at, an::get_info{}).value<an::udp_info>().state == an::udp_state::unbound);
    const auto remote = is_ipv4 ? at_6000 : *endpoint::parse("[::ffff:127.0.0.1]:6000");
    auto made = sessions.asks(at, an::split_off{remote}).value<an::session>().peer;
    sessions.expects<an::udp_connected>();
    auto peer = *w.network().peer_opens({.bind_to = at_6000});
    auto local = sessions.asks(at, an::get_address{}).value<an::addresses>().local;
    REQUIRE(peer.sends(udp_story::here(local.port()), "x"));
    CHECK(sessions.expects<an::datagram>().at == made);
  }
}

TEST_CASE("a session answers from the address that its peer has asked") {
  world w;
  auto answers = [](caf::event_based_actor* self, an::udp_endpoint peer) -> caf::behavior {
    return {[=](const an::datagram& event) {
      self->send(peer, an::send{event.bytes, {event.from, event.local}});
    }};
  };
  auto at = *w.net().open_udp({.address = "udp4://0.0.0.0:5000",
                               .report_local_address = true,
                               .sessions = an::udp_sessions{.handler = answers}},
                              caf::actor());
  auto peer = *w.network().peer_opens({.bind_to = at_6000});
  const auto second = endpoint::ipv4({127, 0, 0, 2}, 5000);
  REQUIRE(peer.sends(second, "x"));
  w.pass(10ms);
  REQUIRE(peer.received().size() == 1);
  CHECK(peer.received()[0].from == second);
}

TEST_CASE("a session that is closed, idle, or without a handler is over, and begins anew") {
  world w;
  probe sessions(w);
  auto at = *w.net().open_udp(with_sessions({.handler = sessions.actor(), .idle_timeout = 100ms}),
                              caf::actor());
  auto peer = *w.network().peer_opens({.bind_to = at_6000});
  REQUIRE(peer.sends(server_address, "x"));
  auto first = sessions.expects<an::udp_connected>().at;
  sessions.expects<an::datagram>();
  auto last = sessions.asks(first, an::send{an::text("bye")});
  auto closing = sessions.asks(first, an::close{});
  CHECK(last.value<an::sent>().bytes == 3);
  closing.done();
  CHECK(sessions.expects<an::udp_closed>().reason == an::udp_close_reason::closed);
  CHECK(sessions.asks(first, an::send{an::text("x")}).failure().code() == "ENOTCONN");

  REQUIRE(peer.sends(server_address, "y"));
  auto second = sessions.expects<an::udp_connected>().at;
  CHECK_FALSE(second == first);
  sessions.expects<an::datagram>();
  w.pass(60ms);
  REQUIRE(peer.sends(server_address, "z"));
  sessions.expects<an::datagram>();
  w.pass(60ms);
  CHECK(sessions.has_no_event());
  CHECK(sessions.expects<an::udp_closed>().reason == an::udp_close_reason::idle);
  CHECK(sessions.asks(at, an::get_info{}).value<an::udp_info>().sessions == 0);
}

TEST_CASE("sessions end with their endpoint, before it") {
  world w;
  probe everybody(w);
  auto at = *w.net().open_udp(with_sessions({.handler = everybody.actor()}), everybody.actor());
  everybody.expects<an::udp_listening>();
  auto peer = everybody.asks(at, an::split_off{at_6000}).value<an::session>().peer;
  everybody.expects<an::udp_accepted>();
  everybody.expects<an::udp_connected>();
  auto last = everybody.asks(peer, an::send{an::text("bye")});
  everybody.asks(at, an::close{}).done();
  CHECK(last.value<an::sent>().bytes == 3);
  auto first = everybody.expects<an::udp_closed>();
  CHECK(first.at == peer);
  CHECK(first.reason == an::udp_close_reason::parent_closed);
  CHECK(everybody.expects<an::udp_closed>().at == at);
  CHECK(everybody.asks(peer, an::get_address{}).failure().code() == "ENOTCONN");
}

TEST_CASE("a session whose handler fails ends alone") {
  world w;
  auto fragile = [](caf::event_based_actor* self, an::udp_endpoint peer) -> caf::behavior {
    return {[=](const an::datagram& event) {
      if (event.bytes.view() == "die")
        self->quit(caf::make_error(caf::sec::runtime_error));
      self->send(peer, an::send{event.bytes});
    }};
  };
  auto at = *w.net().open_udp(with_sessions({.handler = fragile}), caf::actor());
  auto peer = *w.network().peer_opens({.bind_to = at_6000});
  auto other = *w.network().peer_opens({.bind_to = at_6001});
  REQUIRE(other.sends(server_address, "one"));
  REQUIRE(peer.sends(server_address, "die"));
  w.pass(10ms);
  probe asker(w);
  CHECK(asker.asks(at, an::get_info{}).value<an::udp_info>().sessions == 1);
  REQUIRE(other.sends(server_address, "two"));
  REQUIRE(peer.sends(server_address, "again"));
  w.pass(10ms);
  CHECK(other.received().size() == 2);
  CHECK(peer.received().back().bytes == "again");
}

TEST_CASE("an endpoint and its sessions that have one handler each end once when it fails") {
  const bool endpoint_is_first = GENERATE(true, false);
  world w;
  probe asker(w);
  probe other(w);
  auto everybodys = mortal(w);
  auto at = *w.net().open_udp(with_sessions({.handler = everybodys}), everybodys);
  int endpoint_ends = 0;
  caf::error why;
  caf::actor_cast<caf::abstract_actor*>(at)->attach_functor([&](const caf::error& reason) {
    ++endpoint_ends;
    why = reason;
  });
  int session_ends = 0;
  for (int i = 0; i < 5; ++i)
    split_off(asker, at, client_address(i), session_ends);
  auto apart = asker.asks(at, an::split_off{at_6000}).value<an::session>().peer;
  asker.asks(apart, an::set_handler{other.actor()}).done();
  other.expects<an::udp_connected>();
  if (endpoint_is_first)
    asker.asks(at, an::set_handler{everybodys}).done();
  asker.sends(everybodys, 1);
  w.pass(10ms);
  CHECK(session_ends == 5);
  CHECK(endpoint_ends == 1);
  REQUIRE(an::error_of(why));
  CHECK(an::error_of(why)->kind == an::trouble::handler_failed);
  CHECK(other.expects<an::udp_closed>().reason == an::udp_close_reason::parent_closed);
  CHECK(other.has_no_event());
  CHECK(asker.asks(at, an::get_info{}).value<an::udp_info>().state == an::udp_state::closed);
}

TEST_CASE("a session ends with an actor that it is linked to, alone, and with the runtime") {
  const bool by_link = GENERATE(true, false);
  world w;
  probe owner(w);
  probe sessions(w);
  auto at = *w.net().open_udp(with_sessions({.handler = sessions.actor()}), owner.actor());
  owner.expects<an::udp_listening>();
  auto peer = owner.asks(at, an::split_off{at_6000}).value<an::session>().peer;
  owner.expects<an::udp_accepted>();
  sessions.expects<an::udp_connected>();
  if (by_link)
    owner.sends(peer, caf::exit_msg{caf::actor_addr(), caf::make_error(caf::sec::runtime_error)});
  else
    w.net().stop();
  auto closed = sessions.expects<an::udp_closed>();
  CHECK(closed.at == peer);
  CHECK(sessions.has_no_event());
  if (by_link) {
    CHECK(closed.reason == an::udp_close_reason::handler_failed);
    CHECK(owner.has_no_event());
    CHECK(owner.asks(at, an::get_info{}).value<an::udp_info>().state == an::udp_state::open);
  } else { // with its endpoint, whichever of them comes first
    CHECK((closed.reason == an::udp_close_reason::shut_down ||
           closed.reason == an::udp_close_reason::parent_closed));
    CHECK(owner.expects<an::udp_closed>().reason == an::udp_close_reason::shut_down);
  }
}

TEST_CASE("a session that is paused drops what its peer sends, and hears it again when resumed") {
  world w;
  probe sessions(w);
  auto at = *w.net().open_udp(with_sessions({.handler = sessions.actor()}), caf::actor());
  auto peer = sessions.asks(at, an::split_off{at_6000}).value<an::session>().peer;
  sessions.expects<an::udp_connected>();
  auto remote = *w.network().peer_opens({.bind_to = at_6000});
  sessions.asks(peer, an::pause{}).done();
  REQUIRE(remote.sends(server_address, "lost"));
  w.pass(10ms);
  CHECK(sessions.has_no_event());
  CHECK(sessions.asks(peer, an::get_info{}).value<an::udp_info>().dropped == 1);
  sessions.asks(peer, an::resume{}).done();
  REQUIRE(remote.sends(server_address, "heard"));
  CHECK(sessions.expects<an::datagram>().bytes.view() == "heard");
}

TEST_CASE("a session whose handler cannot be made is over at once") {
  world w;
  probe owner(w);
  auto throws = [](caf::actor_system&, an::udp_endpoint) -> caf::actor {
    throw std::runtime_error("no");
  };
  auto at = *w.net().open_udp(with_sessions({.handler = throws}), owner.actor());
  owner.expects<an::udp_listening>();
  CHECK(owner.asks(at, an::split_off{at_6000}).failure().kind == an::trouble::handler_failed);
  owner.expects<an::udp_accepted>();
  CHECK(owner.asks(at, an::get_info{}).value<an::udp_info>().sessions == 0);
}

TEST_CASE("plain sends of a session that fail are told to its handler") {
  world w;
  probe sessions(w);
  auto at = *w.net().open_udp(with_sessions({.handler = sessions.actor()}), caf::actor());
  auto peer = sessions.asks(at, an::split_off{at_6000}).value<an::session>().peer;
  sessions.expects<an::udp_connected>();
  w.network().fail_sends(at_6000, EPERM);
  sessions.sends(peer, an::send{an::text("abc")});
  auto lost = sessions.expects<an::send_failed>();
  CHECK(lost.at == peer);
  CHECK(lost.bytes == 3);
  CHECK(lost.why.code() == "EPERM");
}

TEST_CASE("ten thousand peers have a session each, no more, and expire when they are idle") {
  constexpr int most = 10'000;
  world::options how;
  how.network.datagram_buffer_bytes = 64 * 1024 * 1024;
  world w(how);
  int refused = 0;
  int accepted = 0;
  auto counts = [&](caf::event_based_actor*, an::udp_endpoint) -> caf::behavior {
    return {[&](const an::datagram&) { ++refused; }, [&](const an::udp_accepted&) { ++accepted; }};
  };
  auto at = *w.net().open_udp(
      {.address = "udp4://0.0.0.0:5000",
       .receive_window_bytes = 64 * 1024 * 1024,
       .sessions = an::udp_sessions{.handler = echo, .max = most, .idle_timeout = 10s}},
      counts);
  std::vector<an::net::simulated_datagram_peer> peers;
  for (int i = 0; i < most + 10; ++i) {
    peers.push_back(*w.network().peer_opens({.bind_to = client_address(i)}));
    REQUIRE(peers.back().sends(server_address, "first"));
    if (i % 500 == 0)
      w.pass(1ms);
  }
  w.pass(10ms);
  probe asker(w);
  auto sessions = [&] { return asker.asks(at, an::get_info{}).value<an::udp_info>().sessions; };
  CHECK(sessions() == most);
  CHECK(accepted == most);
  CHECK(refused == 10);
  w.pass(6s);
  for (int i = 0; i < 100; ++i)
    REQUIRE(peers[static_cast<std::size_t>(i)].sends(server_address, "still here"));
  w.pass(6s);
  CHECK(sessions() == 100);
  int answered = 0;
  for (auto& each : peers)
    answered += static_cast<int>(each.received().size());
  CHECK(answered == most + 100);
  w.pass(6s);
  CHECK(sessions() == 0);
}

TEST_CASE("a session whose handler keeps bytes loses what comes beyond, and holds up nobody else") {
  world w;
  probe slow(w);
  auto at = *w.net().open_udp(
      with_sessions({.handler = slow.actor(), .receive_window_bytes = 10'000}), caf::actor());
  auto busy = *w.network().peer_opens({.bind_to = at_6000});
  auto other = *w.network().peer_opens({.bind_to = at_6001});
  const std::string payload(1000, 'x');
  for (int i = 0; i < 100; ++i) {
    REQUIRE(busy.sends(server_address, payload));
    w.pass(1ms);
  }
  REQUIRE(other.sends(server_address, "other"));
  w.pass(1ms);
  auto first = slow.expects<an::udp_connected>().at;
  auto info = slow.asks(first, an::get_info{}).value<an::udp_info>();
  CHECK(info.received >= 5);
  CHECK(info.received <= 10);
  CHECK(info.received + info.dropped == 100);
  CHECK(info.window_held >= 10'000);
  for (std::uint64_t i = 0; i < info.received; ++i)
    CHECK(slow.expects<an::datagram>().at == first);
  slow.expects<an::udp_connected>();
  CHECK(slow.expects<an::datagram>().bytes.view() == "other");
  REQUIRE(busy.sends(server_address, "room again"));
  CHECK(slow.expects<an::datagram>().bytes.view() == "room again");
}

TEST_CASE("a session whose handler is elsewhere is told of datagrams without a byte") {
  world w;
  probe elsewhere(w);
  auto at = *w.net().open_udp(with_sessions({.handler = elsewhere.actor()}), caf::actor());
  auto peer = *w.network().peer_opens({.bind_to = at_6000});
  for (const auto* each : {"", "x", ""})
    REQUIRE(peer.sends(server_address, each));
  auto made = elsewhere.expects<an::udp_connected>().at;
  for (const auto* each : {"", "x", ""}) {
    auto event = elsewhere.expects<an::datagram>();
    CHECK(event.at == made);
    CHECK(event.bytes.view() == each);
  }
  auto info = elsewhere.asks(made, an::get_info{}).value<an::udp_info>();
  CHECK(info.received == 3);
  CHECK(info.bytes_received == 1);
  CHECK(info.dropped == 0);
}
