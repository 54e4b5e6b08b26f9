// SPDX-License-Identifier: BSD-3-Clause
#include "arguments.hpp"
#include "support/catch.hpp"

#include <vector>

namespace an = actornet;

namespace {

using namespace std::chrono_literals;

/// Of a command line that is right.
console::arguments parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "actornet");
  auto result = console::parse_arguments(static_cast<int>(words.size()), words.data());
  REQUIRE(std::holds_alternative<console::arguments>(result));
  return std::get<console::arguments>(result);
}

} // namespace

TEST_CASE("what is not said on the command line is as the library has it") {
  auto chosen = parsed({"listen", "tcp://*:8080"});
  CHECK(chosen.is_listen());
  CHECK(chosen.address() == "tcp://*:8080");
  CHECK(chosen.handler == console::reaction::none);
  CHECK(chosen.events == console::event_form::text);
  CHECK(chosen.bytes_shown_max == 256);
  CHECK(chosen.backend == "auto");
  CHECK_FALSE(chosen.loops);
  CHECK_FALSE(chosen.seconds);
  auto options = std::get<an::listen_options>(chosen.start);
  an::listen_options library;
  CHECK(options.backlog == library.backlog);
  CHECK(options.high_water_mark_bytes == library.high_water_mark_bytes);
  CHECK(options.max_connections == std::nullopt);
  CHECK_FALSE(options.keep_alive);
  CHECK(options.idle_timeout == 0ms);
  CHECK_FALSE(options.encoding);
}

TEST_CASE("the options of listen arrive in the listener's options") {
  auto chosen = parsed({"listen",
                        "unix:@x",
                        "--backlog",
                        "7",
                        "--max-connections",
                        "3",
                        "--allow",
                        "10.0.0.0/8",
                        "--allow",
                        "::1",
                        "--deny",
                        "10.1.0.0/16",
                        "--reuse-port",
                        "--ipv6-only",
                        "--pause-on-connect",
                        "--half-open",
                        "--idle-timeout",
                        "50",
                        "--keep-alive",
                        "5000",
                        "--no-delay",
                        "--high-water-mark",
                        "9",
                        "--unref",
                        "--encoding",
                        "UCS-2"});
  auto options = std::get<an::listen_options>(chosen.start);
  CHECK(options.address == "unix:@x");
  CHECK(options.backlog == 7);
  CHECK(options.max_connections == 3);
  REQUIRE(chosen.broker);
  CHECK(to_string(chosen.broker->allow) == "10.0.0.0/8, ::1");
  CHECK(to_string(chosen.broker->deny) == "10.1.0.0/16");
  CHECK(options.reuse_port);
  CHECK(options.ipv6_only);
  CHECK(options.pause_on_connect);
  CHECK(options.allow_half_open);
  CHECK(options.idle_timeout == 50ms);
  REQUIRE(options.keep_alive);
  CHECK((options.keep_alive->enabled && options.keep_alive->delay == 5s));
  CHECK(options.no_delay);
  CHECK(options.high_water_mark_bytes == 9);
  CHECK(options.unreferenced);
  CHECK(options.encoding == an::text_encoding::utf16le);
}

TEST_CASE("options that concern limits arrive in the listener's broker") {
  auto none = parsed({"listen", "tcp://*:1", "--max-connections", "3"});
  REQUIRE(none.broker);
  CHECK(none.broker->policy == an::over_limit::drop);
  CHECK(none.broker->limits == an::connection_limits{});
  auto all = parsed({"listen", "tcp://*:1", "--max-per-address", "2", "--max-per-prefix", "7",
                     "--accept-rate", "50", "--over-limit", "reply", "--farewell", "later"});
  REQUIRE(all.broker);
  CHECK(all.broker->policy == an::over_limit::reply);
  CHECK(all.broker->farewell.view() == "later");
  CHECK(all.broker->limits.per_address == 2);
  CHECK(all.broker->limits.per_prefix == 7);
  CHECK(all.broker->limits.accepts_per_second == 50);
}

TEST_CASE("an address may come behind a list, which takes one address at a time") {
  auto chosen = parsed({"listen", "--allow", "127.0.0.1", "tcp://*:1"});
  CHECK(chosen.address() == "tcp://*:1");
  REQUIRE(chosen.broker);
  CHECK(to_string(chosen.broker->allow) == "127.0.0.1");
}

TEST_CASE("the options of connect arrive in the connection's options") {
  auto chosen = parsed({"connect", "tcp://host:1", "--from", "tcp://127.0.0.2:0", "--family", "6",
                        "--connect-timeout", "100", "--encoding", "base64url"});
  CHECK_FALSE(chosen.is_listen());
  auto options = std::get<an::connect_options>(chosen.start);
  CHECK(options.from == "tcp://127.0.0.2:0");
  CHECK(options.family == an::net::address_family::ipv6);
  CHECK(options.connect_timeout == 100ms);
  CHECK(options.encoding == an::text_encoding::base64url);
}

TEST_CASE("what concerns the console itself is told apart") {
  auto chosen = parsed({"listen", "fd:0", "--events", "json", "--show-bytes", "4", "--backend",
                        "epoll", "--loops", "2", "--seconds", "0.5", "--handler", "chat"});
  CHECK(chosen.events == console::event_form::json);
  CHECK(chosen.bytes_shown_max == 4);
  CHECK(chosen.backend == "epoll");
  CHECK(chosen.loops == 2);
  CHECK(chosen.seconds == 0.5);
  CHECK(chosen.handler == console::reaction::chat);
}
