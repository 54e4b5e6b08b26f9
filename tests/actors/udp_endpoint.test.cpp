// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/udp_story.hpp"

#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <cerrno>
#include <chrono>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::udp_story;
using an::test::world;
using an::testkit::probe;

TEST_CASE("an endpoint with an address is bound at once, and says so first") {
  udp_story story({.address = "udp4://127.0.0.1:0"});
  CHECK(story.local.port() != 0);
  auto both = story.handler.asks(story.at, an::get_address{}).value<an::addresses>();
  CHECK(both.local == story.local);
  CHECK(both.remote == endpoint());
  CHECK(story.info().state == an::udp_state::open);
}

TEST_CASE("an address that cannot be bound is the result's error") {
  world w;
  auto first = w.net().open_udp({.address = "udp4://127.0.0.1:5000"}, caf::actor());
  REQUIRE(first);
  auto second = w.net().open_udp({.address = "udp4://127.0.0.1:5000"}, caf::actor());
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == "EADDRINUSE");
  CHECK(second.error().syscall == "bind");
  for (const char* wrong :
       {"tcp://127.0.0.1:80", "unix:/x", "udp4://[::1]:0", "udp4://host.test:0", "udp5:", ""})
    CHECK(w.net().open_udp({.address = wrong}, caf::actor()).error().code() == "EINVAL");
  CHECK(w.net()
            .open_udp({.address = "udp4:", .connect_to = "nonsense"}, caf::actor())
            .error()
            .code() == "EINVAL");
  CHECK(w.net()
            .open_udp({.address = "udp4:", .multicast_interface = "no such/name"}, caf::actor())
            .error()
            .code() == "EINVAL");
}

TEST_CASE("an endpoint without an address is bound by its first send, and says so") {
  udp_story story({.address = "udp4:"});
  CHECK(story.handler.has_no_event());
  CHECK(story.info().state == an::udp_state::unbound);
  CHECK(story.handler.asks(story.at, an::get_address{}).failure().code() == "ENOTCONN");
  auto peer = story.peer_at(udp_story::here(6000));
  auto answer = story.handler.asks(story.at, an::send{an::text("hi"), udp_story::here(6000)});
  auto local = story.handler.expects<an::udp_listening>().local;
  CHECK(local.is_wildcard());
  CHECK(local.port() != 0);
  CHECK(answer.value<an::sent>().bytes == 2);
  story.settle();
  REQUIRE(peer.received().size() == 1);
  CHECK(peer.received()[0].bytes == "hi");
  CHECK(peer.received()[0].from.port() == local.port());
}

TEST_CASE("an address is there right behind the send that binds") {
  udp_story story({.address = "udp4:"});
  story.handler.sends(story.at, an::send{an::text("hi"), udp_story::here(6000)});
  auto both = story.handler.asks(story.at, an::get_address{});
  CHECK(both.value<an::addresses>().local.port() != 0);
}

TEST_CASE("bind binds once") {
  udp_story story({.address = "udp4:"});
  story.handler.asks(story.at, an::bind{udp_story::here(5001)}).done();
  CHECK(story.handler.expects<an::udp_listening>().local == udp_story::here(5001));
  CHECK(story.handler.asks(story.at, an::bind{udp_story::here(5002)}).failure().code() == "EINVAL");
}

TEST_CASE("an implicit bind that fails fails the send, and may be tried again") {
  udp_story story({.address = "udp4:"});
  story.w.network().fail_listens(endpoint::any_ipv4(0), EADDRNOTAVAIL);
  auto lost = story.handler.asks(story.at, an::send{an::text("x"), udp_story::here(6000)});
  CHECK(lost.failure().code() == "EADDRNOTAVAIL");
  CHECK(story.handler.has_no_event());
  story.w.network().allow_listens(endpoint::any_ipv4(0));
  auto again = story.handler.asks(story.at, an::send{an::text("x"), udp_story::here(6000)});
  CHECK(again.value<an::sent>().bytes == 1);
  story.handler.expects<an::udp_listening>();
}

TEST_CASE("datagrams come whole, empty ones too, with their sender") {
  udp_story story;
  auto peer = story.peer_at(udp_story::here(6000));
  const std::string big(65507, 'x');
  for (const std::string& each : {std::string("one"), std::string(), big}) {
    REQUIRE(peer.sends(udp_story::here(5000), each));
    auto event = story.handler.expects<an::datagram>();
    CHECK(event.at == story.at);
    CHECK(event.bytes.view() == each);
    CHECK(event.from.port() == 6000);
  }
  auto info = story.info();
  CHECK(info.received == 3);
  CHECK(info.bytes_received == 3 + big.size());
}

TEST_CASE("what is asked for is told of each datagram, and nothing else") {
  for (bool asked : {true, false}) {
    udp_story story({.address = "udp4://0.0.0.0:5000", .report_local_address = asked});
    auto peer = story.peer_at(udp_story::here(6000));
    REQUIRE(peer.sends(udp_story::here(5000), "x"));
    auto event = story.handler.expects<an::datagram>();
    CHECK(event.local == (asked ? udp_story::here(5000) : endpoint()));
    CHECK(event.received_at_ns == 0);
    CHECK(event.type_of_service == 0);
  }
}

TEST_CASE("in batches come together those that arrived together, in order") {
  udp_story story({.address = "udp4://0.0.0.0:5000", .batches = true});
  auto peer = story.peer_at(udp_story::here(6000));
  story.handler.asks(story.at, an::pause{}).done();
  for (const char* each : {"a", "b", "c"}) {
    REQUIRE(peer.sends(udp_story::here(5000), each));
    story.settle();
  }
  story.handler.asks(story.at, an::resume{}).done();
  std::string all;
  while (all.size() < 3) {
    auto event = story.handler.expects<an::datagrams>();
    CHECK(event.at == story.at);
    REQUIRE_FALSE(event.all.empty());
    for (const auto& each : event.all) {
      CHECK_FALSE(each.at);
      all += each.bytes.view();
    }
  }
  CHECK(all == "abc");
}

TEST_CASE("a paused endpoint is told nothing, and what the kernel kept on resume") {
  udp_story story;
  auto peer = story.peer_at(udp_story::here(6000));
  story.handler.asks(story.at, an::pause{}).done();
  REQUIRE(peer.sends(udp_story::here(5000), "kept"));
  story.settle();
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.at, an::resume{}).done();
  CHECK(story.handler.expects<an::datagram>().bytes.view() == "kept");
}

TEST_CASE("who holds bytes holds up receiving, and the kernel counts what it drops") {
  world::options how;
  how.network.datagram_buffer_bytes = 20'000;
  udp_story story({.address = "udp4://0.0.0.0:5000", .receive_window_bytes = 10'000}, how);
  auto peer = story.peer_at(udp_story::here(6000));
  const std::string payload(1000, 'x');
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) {
    REQUIRE(peer.sends(udp_story::here(5000), payload));
    story.settle();
  }
  auto info = story.info();
  CHECK(info.window_held >= 10'000);
  CHECK(info.dropped_by_kernel > 0);
  std::uint64_t got = 0;
  while (got < count - info.dropped_by_kernel) {
    story.handler.expects<an::datagram>();
    ++got;
  }
  CHECK(story.handler.has_no_event());
  info = story.info();
  CHECK(info.received + info.dropped_by_kernel + info.dropped == count);
}

TEST_CASE("datagrams without bytes count, too") {
  world::options how;
  how.network.datagram_buffer_bytes = 20'000;
  udp_story story({.address = "udp4://0.0.0.0:5000", .receive_window_bytes = 10'000}, how);
  auto peer = story.peer_at(udp_story::here(6000));
  constexpr std::uint64_t count = 500;
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(peer.sends(udp_story::here(5000), ""));
    story.settle();
  }
  auto info = story.info();
  CHECK(info.window_held >= 10'000);
  CHECK(info.received < 100);
  CHECK(info.dropped_by_kernel > 0);
  for (std::uint64_t got = 0; got < count - info.dropped_by_kernel; ++got)
    story.handler.expects<an::datagram>();
  CHECK(story.handler.has_no_event());
  CHECK(story.info().window_held == 0);
}

TEST_CASE("another handler hears first where the endpoint is bound") {
  udp_story story;
  probe other(story.w);
  story.handler.asks(story.at, an::set_handler{other.actor()}).done();
  CHECK(other.expects<an::udp_listening>().local == story.local);
  auto peer = story.peer_at(udp_story::here(6000));
  REQUIRE(peer.sends(udp_story::here(5000), "x"));
  CHECK(other.expects<an::datagram>().bytes.view() == "x");
  CHECK(story.handler.has_no_event());
}

TEST_CASE(
    "an endpoint ends with an actor that it is linked to, and with the runtime, and says why") {
  const bool by_link = GENERATE(true, false);
  udp_story story;
  if (by_link)
    story.handler.sends(story.at,
                        caf::exit_msg{caf::actor_addr(), caf::make_error(caf::sec::runtime_error)});
  else
    story.w.net().stop();
  auto closed = story.handler.expects<an::udp_closed>();
  CHECK(closed.at == story.at);
  CHECK(closed.reason ==
        (by_link ? an::udp_close_reason::handler_failed : an::udp_close_reason::shut_down));
  CHECK_FALSE(closed.had_error);
  CHECK(story.handler.has_no_event());
  CHECK(story.w.network().open_descriptors() == 0);
}

TEST_CASE("lists say from whom datagrams are dropped, and to whom none is sent") {
  auto list = *an::net::address_list::parse({"127.0.0.0/8"});
  udp_story deaf({.address = "udp4://0.0.0.0:5000", .deny_receiving = list});
  auto peer = deaf.peer_at(udp_story::here(6000));
  REQUIRE(peer.sends(udp_story::here(5000), "x"));
  deaf.settle();
  CHECK(deaf.handler.has_no_event());
  CHECK(deaf.info().dropped == 1);
  udp_story mute({.address = "udp4:", .deny_sending = list});
  auto lost = mute.handler.asks(mute.at, an::send{an::text("x"), udp_story::here(6000)});
  CHECK(lost.failure().code() == "EACCES");
  CHECK(mute.handler.asks(mute.at, an::connect{udp_story::here(6000)}).failure().code() ==
        "EACCES");
}

// Whether the kernel has them is looked at in tests/system/socket_options.test.cpp.
TEST_CASE("the options of a socket are set before it is bound and after") {
  for (const char* address : {"udp4:", "udp4://127.0.0.1:5000"}) {
    udp_story story({.address = address});
    auto ask = [&](auto command) { return story.handler.asks(story.at, command); };
    ask(an::set_ttl{7}).done();
    ask(an::set_broadcast{}).done();
    ask(an::set_multicast_ttl{0}).done();
    ask(an::set_multicast_loopback{false}).done();
    ask(an::set_multicast_interface{""}).done();
    ask(an::set_type_of_service{40}).done();
    ask(an::set_buffer_sizes{100'000, 0}).done();
    for (int wrong : {0, -1, 256})
      CHECK(ask(an::set_ttl{wrong}).failure().code() == "EINVAL");
    for (int wrong : {-1, 256})
      CHECK(ask(an::set_multicast_ttl{wrong}).failure().code() == "EINVAL");
    CHECK(ask(an::set_type_of_service{256}).failure().code() == "EINVAL");
    CHECK(ask(an::set_multicast_interface{"a/b"}).failure().code() == "EINVAL");
    CHECK(ask(an::get_socket_option{0, 0, 1 << 20}).failure().code() == "EINVAL");
    ask(an::set_socket_option{1, 2, an::text("abcd")}).done();
    auto read_back = ask(an::get_socket_option{1, 2});
    CHECK(read_back.value<an::socket_option>().value.view() == "abcd");
    CHECK(ask(an::get_socket_option{2, 1}).failure().code() == "ENOPROTOOPT");
  }
}

TEST_CASE("an option given before the bind is not lost by it") {
  udp_story story({.address = "udp4:"});
  const auto everybody = endpoint::ipv4({255, 255, 255, 255}, 6000);
  auto peer = story.peer_at(endpoint::any_ipv4(6000));
  story.handler.asks(story.at, an::set_broadcast{}).done();
  auto done = story.handler.asks(story.at, an::send{an::text("all"), everybody});
  CHECK(done.value<an::sent>().bytes == 3);
  story.settle();
  REQUIRE(peer.received().size() == 1);
  udp_story without({.address = "udp4:"});
  CHECK(without.handler.asks(without.at, an::send{an::text("all"), everybody}).failure().code() ==
        "EACCES");
}
