// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/world.hpp"

#include <actornet/error.hpp>
#include <actornet/message_inspection.hpp>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/uniform_type_info_map.hpp>

#include <cerrno>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace an = actornet;
using an::net::endpoint;
using an::test::world;
using an::testkit::probe;

namespace {

// Over the wire and back.
template <class Message> Message travelled(world& w, Message what) {
  std::vector<char> wire;
  caf::binary_serializer out(w.system(), wire);
  REQUIRE_FALSE(out(what));
  Message back;
  caf::binary_deserializer in(w.system(), wire);
  REQUIRE_FALSE(in(back));
  return back;
}

// Messages have no operators; what they print is all that they hold.
template <class Message> void check_travels(world& w, const Message& what) {
  CHECK(caf::deep_to_string(travelled(w, what)) == caf::deep_to_string(what));
}

struct empty_ones_travel {
  world& w;
  int& count;

  template <class Message> void operator()(const char* name) const {
    CAPTURE(name);
    ++count;
    check_travels(w, Message{});
    auto text = caf::deep_to_string(Message{});
    CHECK(text.substr(0, std::string(name).size()) == name);
  }
};

struct known_to_system {
  world& w;

  template <class Message> void operator()(const char* name) const {
    CAPTURE(name);
    auto made = w.system().types().make_value(name);
    REQUIRE(made);
    CHECK(made->matches(0, &typeid(Message)));
    CHECK(w.system().types().portable_name(0, &typeid(Message)) == name);
  }
};

struct name_collector {
  std::set<std::string>& names;

  template <class Message> void operator()(const char* name) const {
    CAPTURE(name);
    CHECK(names.insert(name).second);
  }
};

an::error full_error() {
  auto why = an::error::system(ECONNREFUSED, "connect", endpoint::loopback_ipv6(80));
  why.detail = "a sentence";
  why.resolver_code = "ENOTFOUND";
  return why;
}

} // namespace

TEST_CASE("every message travels, and prints under its name") {
  world w;
  int count = 0;
  an::for_each_message(empty_ones_travel{w, count});
  CHECK(count == 115);
}

TEST_CASE("every message is known to the actor system under its name") {
  world w;
  an::for_each_message(known_to_system{w});
}

TEST_CASE("names of messages carry the version of the protocol and are unique") {
  std::set<std::string> names;
  an::for_each_message(name_collector{names});
  for (const auto& each : names)
    CHECK(each.substr(0, 10) == "actornet1.");
}

TEST_CASE("commands travel with all that is in them") {
  world w;
  probe someone(w);
  CHECK(travelled(w, an::write{an::text("abc")}).bytes == an::text("abc"));
  CHECK(travelled(w, an::write_text{"h\u00e9", an::text_encoding::hex}).text == "h\u00e9");
  CHECK(travelled(w, an::write_text{"", an::text_encoding::hex}).encoding ==
        an::text_encoding::hex);
  CHECK(travelled(w, an::finish{an::text("last")}).last == an::text("last"));
  CHECK(travelled(w, an::set_handler{someone.actor()}).handler == someone.actor());
  CHECK(travelled(w, an::set_handler{}).handler == nullptr);
  CHECK(travelled(w, an::set_encoding{an::text_encoding::base64url}).encoding ==
        an::text_encoding::base64url);
  CHECK(travelled(w, an::set_encoding{}).encoding == std::nullopt);
  CHECK(travelled(w, an::set_timeout{-7}).idle_ms == -7);
  check_travels(w, an::finish_then_destroy{an::text("last"), 17});
  check_travels(w, an::set_lifetime{17});
  check_travels(w, an::set_keep_alive{false, 5000, 6000, 7});
  check_travels(w, an::set_type_of_service{40});
  check_travels(w, an::set_buffer_sizes{1, 2});
  check_travels(w, an::set_user_timeout{17});
  check_travels(w, an::set_socket_option{1, 2, an::text("value")});
  check_travels(w, an::get_socket_option{1, 2, 3});
  CHECK_FALSE(travelled(w, an::set_no_delay{false}).enabled);
  CHECK(travelled(w, an::stop{12345}).deadline_ms == 12345);
  CHECK(travelled(w, an::set_max_connections{-1}).count == -1);
  an::set_limits limits{{.total = 7, .per_listener = 6, .per_address = 5, .accepts_burst = 4}};
  CHECK(travelled(w, limits).limits == limits.limits);
  an::set_access lists{*an::net::address_list::parse({"10.0.0.0/8", "::1"}), {}};
  CHECK(travelled(w, lists).allow == lists.allow);
  CHECK(travelled(w, an::set_over_limit{an::over_limit::reply, an::text("full")}).farewell.view() ==
        "full");
}

TEST_CASE("answers travel with all that is in them") {
  world w;
  auto written = travelled(w, an::written{1, false, 3});
  CHECK(written.bytes == 1);
  CHECK_FALSE(written.keep_going);
  CHECK(written.buffered == 3);
  auto both = travelled(w, an::addresses{endpoint::loopback_ipv4(1), endpoint()});
  CHECK(both.local == endpoint::loopback_ipv4(1));
  CHECK(both.remote == endpoint());
  check_travels(w, an::connection_info{1, 2, 3, 4, 5, 6, 7, an::connection_state::read_only});
  check_travels(w, an::socket_option{an::text("value")});
  check_travels(w, an::connections{7});
  check_travels(w, an::listener_info{1, 2, 3, an::listener_state::paused});
  CHECK(travelled(w, an::listener_info{1, 2, 3, an::listener_state::paused}).state ==
        an::listener_state::paused);
  check_travels(w, an::stopped{4, 5});
}

TEST_CASE("events travel with the handles of their endpoints") {
  world w;
  probe handler(w);
  probe owner(w);
  auto server =
      *w.net().listen({.address = "tcp://127.0.0.1:80", .owner = owner.actor()}, handler.actor());
  auto listening = owner.expects<an::listening>();
  w.network().peer_connects(listening.local);
  auto accepted = owner.expects<an::accepted>();
  auto connected = handler.expects<an::connected>();
  CHECK(travelled(w, listening).from == server);
  CHECK(travelled(w, listening).local == listening.local);
  CHECK(travelled(w, accepted).peer == connected.peer);
  CHECK(travelled(w, accepted).remote == connected.remote);
  CHECK(travelled(w, connected).peer == connected.peer);
  CHECK(travelled(w, an::data{connected.peer, an::text("x")}).bytes == an::text("x"));
  auto text = travelled(w, an::text_data{connected.peer, "\u20ac", an::text_encoding::utf16le});
  CHECK(text.peer == connected.peer);
  CHECK(text.text == "\u20ac");
  CHECK(text.encoding == an::text_encoding::utf16le);
  auto failed = travelled(w, an::failed{connected.peer, full_error()});
  CHECK(failed.peer == connected.peer);
  CHECK(failed.why == full_error());
  CHECK(travelled(w, an::write_failed{connected.peer, 9, full_error()}).bytes == 9);
  auto closed =
      travelled(w, an::closed{connected.peer, true, an::close_reason::reset_by_peer, 1, 2});
  CHECK(closed.peer == connected.peer);
  CHECK(closed.had_error);
  CHECK(closed.reason == an::close_reason::reset_by_peer);
  CHECK(closed.bytes_read == 1);
  CHECK(closed.bytes_written == 2);
  check_travels(
      w, an::dropped{server, listening.local, connected.remote, an::drop_reason::no_descriptors});
  an::dropped denied{server, listening.local, {}, an::drop_reason::denied};
  CHECK(travelled(w, denied).reason == an::drop_reason::denied);
  CHECK(travelled(w, denied).remote == endpoint());
  CHECK(travelled(w, an::listener_failed{server, full_error()}).why == full_error());
  CHECK(travelled(w, an::listener_closed{server, true}).had_error);
}

TEST_CASE("an end that travelled is handled at once: what keeps it open stays at home") {
  world w;
  auto token = std::make_shared<int>();
  CHECK(travelled(w, an::end{{}, token}).handled == nullptr);
}

TEST_CASE("text that travelled is handled at once: the bytes that it came with stay at home") {
  world w;
  an::text_data event{{}, "x", an::text_encoding::utf8, an::text("x")};
  CHECK(travelled(w, event).received.empty());
}

TEST_CASE("an encoding that is none is refused when it arrives") {
  world w;
  an::write_text message{"x", static_cast<an::text_encoding>(77)};
  std::vector<char> wire;
  caf::binary_serializer out(w.system(), wire);
  REQUIRE_FALSE(out(message));
  an::write_text back;
  caf::binary_deserializer in(w.system(), wire);
  CHECK(in(back));
}

TEST_CASE("endpoints of every kind travel") {
  world w;
  for (const auto& each :
       {endpoint(), endpoint::loopback_ipv4(1), endpoint::any_ipv6(65535),
        *endpoint::parse("[fe80::1%1]:80"), *endpoint::unix_path("/run/x.sock"),
        *endpoint::unix_abstract(std::string("a\0b", 3)), endpoint::unix_unnamed()}) {
    CAPTURE(to_string(each));
    CHECK(travelled(w, each) == each);
  }
}

TEST_CASE("bytes travel whatever they are, and also none or many") {
  world w;
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  for (const auto& each : {std::string(), all, std::string(1'000'000, '\0')})
    CHECK((travelled(w, an::net::chunk::copy_of(each)).view() == each));
}

TEST_CASE("a slice travels as its own bytes, without the rest of its block") {
  world w;
  auto slice = an::text(std::string(100'000, 'x')).slice(10, 3);
  std::vector<char> wire;
  caf::binary_serializer out(w.system(), wire);
  REQUIRE_FALSE(out(slice));
  CHECK(wire.size() < 100);
}

TEST_CASE("a text that is no endpoint is refused when it arrives") {
  world w;
  std::string nonsense = "nonsense";
  std::vector<char> wire;
  caf::binary_serializer out(w.system(), wire);
  REQUIRE_FALSE(out(nonsense));
  endpoint back;
  caf::binary_deserializer in(w.system(), wire);
  CHECK(in(back));
}

TEST_CASE("an error becomes CAF's and comes back as it was") {
  auto why = full_error();
  auto as_caf = an::to_caf(why);
  CHECK(as_caf);
  CHECK(as_caf.code() == ECONNREFUSED);
  REQUIRE(an::error_of(as_caf));
  CHECK(*an::error_of(as_caf) == why);
}

TEST_CASE("an error of ours travels within CAF's") {
  world w;
  auto back = travelled(w, an::to_caf(full_error()));
  REQUIRE(an::error_of(back));
  CHECK(*an::error_of(back) == full_error());
}

TEST_CASE("errors of others, and none, are not ours") {
  CHECK_FALSE(an::error_of(caf::error()));
  CHECK_FALSE(an::error_of(caf::make_error(caf::sec::request_timeout)));
  CHECK_FALSE(an::error_of(caf::error(1, caf::atom("actornet"))));
}

TEST_CASE("an error of ours is a sentence also when CAF prints it") {
  using Catch::Matchers::ContainsSubstring;
  CHECK_THAT(to_string(an::to_caf(full_error())), ContainsSubstring("connect"));
}

TEST_CASE("messages of UDP endpoints travel with all that is in them") {
  world w;
  const auto here = endpoint::loopback_ipv4(1);
  check_travels(w, an::send{an::text("x"), {"host.test", 7}, 1, 2});
  check_travels(w, an::send{an::text("x"), here});
  check_travels(w, an::send{an::text("x"), {here, endpoint::loopback_ipv4(2)}});
  check_travels(w, an::send_text{"h\u00e9", here, an::text_encoding::latin1});
  check_travels(w, an::send_pieces{{an::text("a"), an::text("b")}, here});
  check_travels(w, an::send_batch{{{an::text("a"), here}, {an::text("b")}}});
  check_travels(w, an::bind{here});
  check_travels(w, an::connect{{"host.test", 7}});
  check_travels(w, an::join{"239.1.1.1", "eth0", "10.0.0.1"});
  check_travels(w, an::leave{"239.1.1.1", "eth0", "10.0.0.1"});
  check_travels(w, an::set_ttl{1});
  check_travels(w, an::set_broadcast{false});
  check_travels(w, an::set_multicast_ttl{2});
  check_travels(w, an::set_multicast_loopback{false});
  check_travels(w, an::set_multicast_interface{"eth0"});
  check_travels(w, an::split_off{here});
  check_travels(w, an::sent{1, false});
  check_travels(w, an::udp_info{1,
                                2,
                                3,
                                4,
                                5,
                                6,
                                7,
                                8,
                                9,
                                10,
                                11,
                                12,
                                13,
                                {{"239.1.1.1", "lo", "10.0.0.1"}},
                                an::udp_state::open});
  check_travels(w, an::datagram{{}, an::text("x"), here, here, 3, 4, 5});
  check_travels(w, an::datagrams{{}, {{{}, an::text("x"), here}}});
  check_travels(w, an::send_failed{{}, 1, 2, full_error()});
  check_travels(w, an::udp_failed{{}, full_error()});
  check_travels(w, an::udp_closed{{}, true, an::udp_close_reason::idle, 1, 2});
}
