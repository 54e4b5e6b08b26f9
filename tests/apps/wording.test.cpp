// SPDX-License-Identifier: BSD-3-Clause
#include "wording.hpp"
#include "support/catch.hpp"

namespace an = actornet;
using an::net::endpoint;

TEST_CASE("an error is told with the fields that it has") {
  auto refused = an::error::system(111, "connect", endpoint::loopback_ipv4(80));
  CHECK(console::fields_of(refused).dump() ==
        R"({"code":"ECONNREFUSED","syscall":"connect","address":"127.0.0.1","port":80,)"
        R"("message":"connect ECONNREFUSED: connection refused 127.0.0.1:80"})");
  auto destroyed = an::error::of(an::trouble::destroyed, "", "it was destroyed");
  CHECK(console::fields_of(destroyed).dump() ==
        R"({"code":"ECANCELED","message":"ECANCELED: it was destroyed"})");
}

TEST_CASE("an answer tells code and sentence of its error") {
  auto why = an::error::system(32, "write", endpoint::loopback_ipv4(80));
  auto fields = console::answer_error(why);
  CHECK(fields.size() == 2);
  CHECK(fields["code"] == "EPIPE");
  CHECK(fields["message"] == to_string(why));
}

TEST_CASE("an address is told with its family, and with the other end when there is one") {
  CHECK(console::fields_of(an::addresses{endpoint::loopback_ipv4(80), {}}).dump() ==
        R"({"local":"127.0.0.1:80","family":"IPv4"})");
  CHECK(console::fields_of(an::addresses{endpoint::loopback_ipv6(1), endpoint::loopback_ipv6(2)})
            .dump() == R"({"local":"[::1]:1","family":"IPv6","remote":"[::1]:2"})");
}

TEST_CASE("every state of a connection has its word") {
  auto word = [](an::connection_state state) {
    an::connection_info info;
    info.state = state;
    return console::fields_of(info)["state"].get<std::string>();
  };
  CHECK(word(an::connection_state::connecting) == "connecting");
  CHECK(word(an::connection_state::open) == "open");
  CHECK(word(an::connection_state::read_only) == "read_only");
  CHECK(word(an::connection_state::write_only) == "write_only");
  CHECK(word(an::connection_state::closed) == "closed");
}

TEST_CASE("every state of a listener has its word") {
  auto word = [](an::listener_state state) {
    return console::fields_of(an::listener_info{1, 2, 3, state})["state"].get<std::string>();
  };
  CHECK(word(an::listener_state::resolving) == "resolving");
  CHECK(word(an::listener_state::listening) == "listening");
  CHECK(word(an::listener_state::paused) == "paused");
  CHECK(word(an::listener_state::closed) == "closed");
}

TEST_CASE("every reason to drop a client has its word") {
  CHECK(console::name_of(an::drop_reason::max_connections) == "max_connections");
  CHECK(console::name_of(an::drop_reason::max_per_address) == "max_per_address");
  CHECK(console::name_of(an::drop_reason::max_per_prefix) == "max_per_prefix");
  CHECK(console::name_of(an::drop_reason::accept_rate) == "accept_rate");
  CHECK(console::name_of(an::drop_reason::no_descriptors) == "no_descriptors");
  CHECK(console::name_of(an::drop_reason::denied) == "denied");
}

TEST_CASE("answers have their fields in the order of the contract") {
  CHECK(console::fields_of(an::written{5, false, 7}).dump() ==
        R"({"bytes":5,"keep_going":false,"buffered":7})");
  an::connection_info info;
  info.bytes_read = 1;
  info.bytes_written = 2;
  info.buffered = 3;
  CHECK(console::fields_of(info).dump() ==
        R"({"bytes_read":1,"bytes_written":2,"buffered":3,"state":"closed"})");
  CHECK(console::fields_of(an::listener_info{1, 2, 3, an::listener_state::paused}).dump() ==
        R"({"connections":1,"accepted":2,"dropped":3,"state":"paused"})");
  CHECK(console::fields_of(an::connections{4}).dump() == R"({"count":4})");
  CHECK(console::fields_of(an::stopped{2, 1}).dump() == R"({"forced":1})");
}
