// SPDX-License-Identifier: BSD-3-Clause
#include "udp_command.hpp"
#include "arguments.hpp"
#include "support/catch.hpp"
#include "wording.hpp"

#include <string>
#include <vector>

namespace an = actornet;
using Catch::Matchers::ContainsSubstring;

namespace {

template <class Message> Message message_of(std::string_view line) {
  auto made = console::parse_udp_command(line);
  INFO(line << ": " << made.complaint);
  REQUIRE(made.what);
  REQUIRE(std::holds_alternative<console::to_udp>(*made.what));
  auto message = std::get<console::to_udp>(*made.what).message;
  REQUIRE(std::holds_alternative<Message>(message));
  return std::get<Message>(message);
}

std::string complaint_about(std::string_view line) {
  auto made = console::parse_udp_command(line);
  CHECK_FALSE(made.what);
  return made.complaint;
}

console::arguments parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "actornet");
  auto result = console::parse_arguments(static_cast<int>(words.size()), words.data());
  REQUIRE(std::holds_alternative<console::arguments>(result));
  return std::get<console::arguments>(result);
}

} // namespace

TEST_CASE("the first word of a send is its target if it looks like one") {
  auto to_address = message_of<an::send>("send 127.0.0.1:80 hello there");
  CHECK(to_address.to.address == an::endpoint::loopback_ipv4(80));
  CHECK(to_address.bytes.view() == "hello there");
  CHECK(message_of<an::send>("send [::1]:80 x").to.address == an::endpoint::loopback_ipv6(80));
  auto to_name = message_of<an::send>("send host.test:80 x");
  CHECK(to_name.to.host == "host.test");
  CHECK(to_name.to.port == 80);
  for (const char* line :
       {"send hello 127.0.0.1:80", "send 127.0.0.1 x", "send host:port x", "send *:80 x",
        "send \"127.0.0.1:80 x\"", "send hex:4142", "send base64:QUI="}) {
    CAPTURE(line);
    auto plain = message_of<an::send>(line).to;
    CHECK(plain.host.empty());
    CHECK(plain.address == an::endpoint());
  }
  CHECK(message_of<an::send>("send hex:4142").bytes.view() == "AB");
  CHECK(message_of<an::send>("send \"127.0.0.1:80 x\"").bytes.view() == "127.0.0.1:80 x");
}

TEST_CASE("a send to a target may be empty, one without needs a text") {
  for (const char* line : {"send 127.0.0.1:80", "send 127.0.0.1:80 ", "send 127.0.0.1:80 \"\""})
    CHECK(message_of<an::send>(line).bytes.empty());
  CHECK(message_of<an::send>("send ").bytes.empty());
  CHECK_THAT(complaint_about("send"), ContainsSubstring("HOST:PORT"));
  CHECK_THAT(complaint_about("send 127.0.0.1:80 hex:4"), ContainsSubstring("base64"));
}

TEST_CASE("bytes are generated with and without a target") {
  CHECK(message_of<an::send>("send-bytes 127.0.0.1:80 300").bytes.size() == 300);
  CHECK(message_of<an::send>("send-bytes 300").bytes.size() == 300);
  CHECK_THAT(complaint_about("send-bytes 127.0.0.1:80"), ContainsSubstring("COUNT"));
  complaint_about("send-bytes -1");
}

TEST_CASE("groups are written with their interface and their source") {
  auto all = message_of<an::join>("join 232.1.1.1@eth0,10.0.0.1");
  CHECK(all.group == "232.1.1.1");
  CHECK(all.interface == "eth0");
  CHECK(all.source == "10.0.0.1");
  CHECK(message_of<an::leave>("leave 232.1.1.1,10.0.0.1").source == "10.0.0.1");
  CHECK(message_of<an::join>("join ff02::1@2").interface == "2");
  for (const char* wrong : {"join", "join @eth0", "join 1.2.3.4@", "join 1.2.3.4,", "join a b"})
    CHECK_THAT(complaint_about(wrong), ContainsSubstring("GROUP[@INTERFACE][,SOURCE]"));
}

TEST_CASE("the other commands of a UDP endpoint take what they need and no more") {
  CHECK(message_of<an::connect>("connect 127.0.0.1:80").to.address ==
        an::endpoint::loopback_ipv4(80));
  message_of<an::disconnect>("disconnect");
  CHECK(message_of<an::set_ttl>("ttl 300").hops == 300); // the endpoint refuses it
  CHECK(message_of<an::set_multicast_ttl>("multicast-ttl 0").hops == 0);
  CHECK_FALSE(message_of<an::set_multicast_loopback>("multicast-loopback off").enabled);
  CHECK(message_of<an::set_multicast_interface>("multicast-interface lo").interface == "lo");
  CHECK(message_of<an::set_broadcast>("broadcast on").enabled);
  CHECK(message_of<an::bind>("bind 127.0.0.1:80").local == *an::endpoint::parse("127.0.0.1:80"));
  CHECK(message_of<an::set_type_of_service>("type-of-service 40").value == 40);
  message_of<an::pause>("pause");
  message_of<an::resume>("resume");
  message_of<an::get_address>("address");
  message_of<an::get_info>("#tag info");
  message_of<an::close>("close");
  for (const char* wrong :
       {"connect", "connect 127.0.0.1", "disconnect now", "ttl", "ttl -1", "broadcast",
        "multicast-interface", "close 1", "bind", "bind host.test:80", "type-of-service 256"})
    CHECK_THAT(complaint_about(wrong), ContainsSubstring("expected: "));
  CHECK_THAT(complaint_about("write 1 x"), ContainsSubstring("expected one of: send"));
}

TEST_CASE("the options of udp arrive in the endpoint's options") {
  auto chosen = parsed({"udp",
                        "udp4:",
                        "--echo",
                        "--connect",
                        "host.test:80",
                        "--join",
                        "232.1.1.1@lo,10.0.0.1",
                        "--join",
                        "239.1.1.1",
                        "--broadcast",
                        "--ttl",
                        "9",
                        "--multicast-ttl",
                        "0",
                        "--multicast-loopback",
                        "off",
                        "--multicast-interface",
                        "lo",
                        "--type-of-service",
                        "40",
                        "--reuse-address",
                        "--reuse-port",
                        "--ipv6-only",
                        "--report-local",
                        "--report-time",
                        "--report-service",
                        "--receive-offload",
                        "--coalescing-us",
                        "20",
                        "--receive-buffer",
                        "1000",
                        "--send-buffer",
                        "2000",
                        "--unref"});
  CHECK(chosen.is_udp());
  CHECK_FALSE(chosen.is_listen());
  CHECK(chosen.handler == console::reaction::echo);
  auto options = std::get<an::udp_options>(chosen.start);
  CHECK(options.address == "udp4:");
  CHECK(options.connect_to == "host.test:80");
  REQUIRE(options.groups.size() == 2);
  CHECK(options.groups[0].source == "10.0.0.1");
  CHECK(options.groups[1].group == "239.1.1.1");
  CHECK(options.broadcast);
  CHECK(options.ttl == 9);
  CHECK(options.multicast_ttl == 0);
  CHECK(options.multicast_loopback == false);
  CHECK(options.multicast_interface == "lo");
  CHECK(options.type_of_service == 40);
  CHECK(options.reuse_address);
  CHECK(options.reuse_port);
  CHECK(options.report_local_address);
  CHECK(options.report_time);
  CHECK(options.report_type_of_service);
  CHECK(options.receive_offload);
  CHECK(options.coalescing == std::chrono::microseconds(20));
  CHECK(options.ipv6_only);
  CHECK(options.receive_buffer_bytes == 1000u);
  CHECK(options.send_buffer_bytes == 2000u);
  CHECK(options.unreferenced);
}

TEST_CASE("a sender is told as Node tells it") {
  CHECK(console::sender_of(*an::endpoint::parse("[::ffff:127.0.0.1]:80")).dump() ==
        R"({"address":"::ffff:127.0.0.1","family":"IPv6","port":80})");
}
