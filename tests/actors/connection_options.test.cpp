// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::raw_option;
using an::net::socket_options;
using an::test::at_80;
using an::test::at_90;
using an::test::port_80;
using an::test::port_90;
using an::test::reached_server;
using an::test::served_client;

namespace {

an::chunk as_chunk(int value) {
  return an::chunk::from(std::string(reinterpret_cast<const char*>(&value), sizeof(value)));
}

socket_options of_accepted(served_client& story) {
  return *story.w.network().settings_of(at_80, story.client.local());
}

socket_options of_connected(reached_server& story) {
  auto local = story.handler.expects<an::connected>().local;
  return *story.w.network().settings_of(local, at_90);
}

const socket_options all_of_them{
    .no_delay = true,
    .keep_alive = an::keep_alive_options{true, 7s, 3s, 4},
    .type_of_service = std::uint8_t{0x28},
    .send_buffer_bytes = 20'000,
    .receive_buffer_bytes = 30'000,
    .user_timeout = 9s,
    .raw = {raw_option::of(IPPROTO_TCP, TCP_QUICKACK, 1)},
};

template <class Options> Options with_all(Options made) {
  made.no_delay = true;
  made.keep_alive = all_of_them.keep_alive;
  made.type_of_service = all_of_them.type_of_service;
  made.send_buffer_bytes = all_of_them.send_buffer_bytes;
  made.receive_buffer_bytes = all_of_them.receive_buffer_bytes;
  made.user_timeout = all_of_them.user_timeout;
  made.raw_options = all_of_them.raw;
  return made;
}

} // namespace

TEST_CASE("nothing is set on a socket that nothing was asked for") {
  served_client story;
  CHECK(of_accepted(story) == socket_options{});
}

TEST_CASE("the options of a listener are set on what it accepts") {
  served_client story(with_all(an::listen_options{.address = port_80}));
  CHECK(of_accepted(story) == all_of_them);
}

TEST_CASE("the options of who connects are set before the handshake") {
  reached_server story;
  story.connects(with_all(an::connect_options{.address = port_90}));
  CHECK(of_connected(story) == all_of_them);
}

TEST_CASE("every option can be set by command, and is answered") {
  served_client story;
  auto orders = [&](auto what) { story.handler.asks(story.peer, what).done(); };
  orders(an::set_no_delay{true});
  orders(an::set_keep_alive{true, 7000, 3000, 4});
  orders(an::set_type_of_service{0x28});
  orders(an::set_buffer_sizes{20'000, 30'000});
  orders(an::set_user_timeout{9000});
  orders(an::set_socket_option{IPPROTO_TCP, TCP_QUICKACK, as_chunk(1)});
  CHECK(of_accepted(story) == all_of_them);
  orders(an::set_no_delay{false});
  CHECK(of_accepted(story).no_delay == false);
}

TEST_CASE("a buffer size of 0 leaves the buffer as it is") {
  served_client story;
  story.handler.asks(story.peer, an::set_buffer_sizes{0, 30'000}).done();
  CHECK_FALSE(of_accepted(story).send_buffer_bytes);
  CHECK(of_accepted(story).receive_buffer_bytes == 30'000u);
}

TEST_CASE("an option of the socket is read as it was set") {
  served_client story;
  story.handler.asks(story.peer, an::set_socket_option{IPPROTO_TCP, TCP_QUICKACK, as_chunk(5)})
      .done();
  auto read_back = story.handler.asks(story.peer, an::get_socket_option{IPPROTO_TCP, TCP_QUICKACK});
  CHECK(read_back.value<an::socket_option>().value.view() == as_chunk(5).view());
  auto unknown = story.handler.asks(story.peer, an::get_socket_option{IPPROTO_TCP, 99});
  CHECK(unknown.failure().code() == "ENOPROTOOPT");
}

TEST_CASE("numbers that no option has are refused, and change nothing") {
  served_client story;
  auto refused = [&](auto what) { return story.handler.asks(story.peer, what).failure().code(); };
  CHECK(refused(an::set_type_of_service{256}) == "EINVAL");
  CHECK(refused(an::set_type_of_service{-1}) == "EINVAL");
  CHECK(refused(an::set_user_timeout{-1}) == "EINVAL");
  CHECK(refused(an::get_socket_option{IPPROTO_TCP, TCP_NODELAY, 1'000'000}) == "EINVAL");
  CHECK(of_accepted(story) == socket_options{});
}

TEST_CASE("options set while connecting are set with the handshake, and answered then") {
  reached_server story;
  auto peer = story.connects();
  auto no_delay = story.handler.asks(peer, an::set_no_delay{true});
  auto keep_alive = story.handler.asks(peer, an::set_keep_alive{true, 3000});
  auto service = story.handler.asks(peer, an::set_type_of_service{8});
  CHECK_FALSE(no_delay.answered());
  no_delay.done();
  keep_alive.done();
  service.done();
  auto settings = of_connected(story);
  CHECK(settings.no_delay == true);
  CHECK(settings.keep_alive == an::keep_alive_options{true, 3s});
  CHECK(settings.type_of_service == std::uint8_t{8});
}

TEST_CASE("without a socket there are no options") {
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  auto refused = [&](auto what) { return story.handler.asks(story.peer, what).failure().code(); };
  CHECK(refused(an::set_no_delay{}) == "ENOTCONN");
  CHECK(refused(an::set_buffer_sizes{1, 1}) == "ENOTCONN");
  CHECK(refused(an::get_socket_option{IPPROTO_TCP, TCP_NODELAY}) == "ENOTCONN");
}
