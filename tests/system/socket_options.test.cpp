// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/open_descriptors.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>

// What the kernel has of the options of connections that this process made. Their descriptors are
// nobody's business, so the test looks for them among all that are open. UDP endpoints are asked.

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;

int option_of(int number, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  return ::getsockopt(number, level, name, &value, &size) == 0 ? value : -1;
}

bool is_at(int number, const an::endpoint& local) {
  sockaddr_in found{};
  socklen_t size = sizeof(found);
  return ::getsockname(number, reinterpret_cast<sockaddr*>(&found), &size) == 0 &&
         found.sin_family == AF_INET && ntohs(found.sin_port) == local.port() &&
         option_of(number, SOL_SOCKET, SO_ACCEPTCONN) == 0;
}

/// The connection whose own end is `local`.
int connection_at(const an::endpoint& local) {
  for (int number : open_descriptors())
    if (is_at(number, local))
      return number;
  return -1;
}

/// What the kernel says of a socket; buffers as they were asked for, which it doubles.
struct seen_options {
  bool no_delay = false;
  bool keep_alive = false;
  int idle_s = 0;
  int interval_s = 0;
  int probes = 0;
  int service = 0;
  int send_buffer = 0;
  int receive_buffer = 0;
  int user_timeout_ms = 0;
  int low_water = 0;

  static seen_options of(int number) {
    return {option_of(number, IPPROTO_TCP, TCP_NODELAY) > 0,
            option_of(number, SOL_SOCKET, SO_KEEPALIVE) > 0,
            option_of(number, IPPROTO_TCP, TCP_KEEPIDLE),
            option_of(number, IPPROTO_TCP, TCP_KEEPINTVL),
            option_of(number, IPPROTO_TCP, TCP_KEEPCNT),
            option_of(number, IPPROTO_IP, IP_TOS),
            option_of(number, SOL_SOCKET, SO_SNDBUF) / 2,
            option_of(number, SOL_SOCKET, SO_RCVBUF) / 2,
            option_of(number, IPPROTO_TCP, TCP_USER_TIMEOUT),
            option_of(number, SOL_SOCKET, SO_RCVLOWAT)};
  }
};

constexpr an::keep_alive_options chosen_keep_alive{true, 9s, 4s, 3};
const auto chosen_raw = an::net::raw_option::of(SOL_SOCKET, SO_RCVLOWAT, 3);

template <class Options> Options with_all_options(Options made) {
  made.no_delay = true;
  made.keep_alive = chosen_keep_alive;
  made.type_of_service = std::uint8_t{0x28};
  made.send_buffer_bytes = 20'000;
  made.receive_buffer_bytes = 30'000;
  made.user_timeout = 12s;
  made.raw_options = {chosen_raw};
  return made;
}

void check_all(const seen_options& with) {
  CHECK(with.no_delay);
  CHECK(with.keep_alive);
  CHECK(with.idle_s == 9);
  CHECK(with.interval_s == 4);
  CHECK(with.probes == 3);
  CHECK(with.service == 0x28);
  CHECK(with.send_buffer == 20'000);
  CHECK(with.receive_buffer == 30'000);
  CHECK(with.user_timeout_ms == 12'000);
  CHECK(with.low_water == 3);
}

an::chunk as_chunk(int value) {
  return an::chunk::from(std::string(reinterpret_cast<const char*>(&value), sizeof(value)));
}

/// What the kernel says of an endpoint's socket.
int option_of(host& program, const an::udp_endpoint& whose, int level, int name) {
  auto told = program.asks<an::socket_option>(whose, an::get_socket_option{level, name});
  REQUIRE(told);
  int value = -1;
  REQUIRE(told->value.size() == sizeof(value));
  std::memcpy(&value, told->value.data(), sizeof(value));
  return value;
}

} // namespace

TEST_CASE("what a listener accepts has the listener's options for connections") {
  host program;
  witness plain;
  witness chosen;
  auto first = program.listens(plain.made());
  auto second =
      program.listens(chosen.made(), with_all_options(an::listen_options{.address = any_port}));
  auto one = raw_socket::connected_to(program.address_of(first));
  auto other = raw_socket::connected_to(program.address_of(second));
  REQUIRE(plain.sees("connected"));
  REQUIRE(chosen.sees("connected"));
  auto without = seen_options::of(connection_at(program.address_of(first)));
  auto with = seen_options::of(connection_at(program.address_of(second)));
  CHECK_FALSE(without.no_delay);
  CHECK_FALSE(without.keep_alive);
  CHECK(without.service == 0);
  check_all(with);
  plain.forget_peer();
  chosen.forget_peer();
  caf::anon_send(first, an::close{});
  caf::anon_send(second, an::close{});
}

TEST_CASE("a connection that we make has the options that it was made with") {
  host program;
  witness seen;
  auto silent = raw_socket::listening(1);
  auto where = "tcp://127.0.0.1:" + std::to_string(silent.port());
  auto peer =
      program.connects(with_all_options(an::connect_options{.address = where}), seen.made());
  REQUIRE(seen.sees("connected"));
  auto local = program.asks<an::addresses>(peer, an::get_address{}).value().local;
  check_all(seen_options::of(connection_at(local)));
  seen.forget_peer();
  CHECK(program.orders(peer, an::destroy{}));
  peer = nullptr;
}

TEST_CASE("commands change the options of a connection's socket") {
  host program;
  witness seen;
  auto server = program.listens(seen.made());
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(seen.sees("connected"));
  int number = connection_at(program.address_of(server));
  auto orders = [&](auto what) { CHECK(program.orders(seen.peer(), what)); };
  orders(an::set_no_delay{true});
  orders(an::set_keep_alive{true, 9000, 4000, 3});
  orders(an::set_type_of_service{0x28});
  orders(an::set_buffer_sizes{20'000, 30'000});
  orders(an::set_user_timeout{12'000});
  orders(an::set_socket_option{SOL_SOCKET, SO_RCVLOWAT, as_chunk(3)});
  check_all(seen_options::of(number));
  auto told =
      program.asks<an::socket_option>(seen.peer(), an::get_socket_option{SOL_SOCKET, SO_RCVLOWAT});
  REQUIRE(told);
  CHECK(told->value.view() == as_chunk(3).view());
  auto refused = program.orders(seen.peer(), an::set_socket_option{SOL_SOCKET, 9999, as_chunk(1)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == "ENOPROTOOPT");
  CHECK(program.orders(seen.peer(), an::set_no_delay{false}));
  CHECK(program.orders(seen.peer(), an::set_keep_alive{false, 0}));
  auto without = seen_options::of(number);
  CHECK_FALSE(without.no_delay);
  CHECK_FALSE(without.keep_alive);
  seen.forget_peer();
  caf::anon_send(server, an::close{});
}

TEST_CASE("commands change the options of a UDP endpoint's socket, bound or not") {
  const auto* address = GENERATE("udp4:", "udp4://127.0.0.1:0");
  host program;
  auto at = *program.net().open_udp({.address = address}, caf::actor());
  auto orders = [&](auto what) { CHECK(program.orders(at, what)); };
  orders(an::set_ttl{7});
  orders(an::set_broadcast{true});
  orders(an::set_multicast_ttl{5});
  orders(an::set_multicast_loopback{false});
  orders(an::set_multicast_interface{"127.0.0.1"});
  orders(an::set_type_of_service{0x28});
  orders(an::set_buffer_sizes{20'000, 30'000});
  orders(an::set_socket_option{SOL_SOCKET, SO_PRIORITY, as_chunk(3)});
  auto option = [&](int level, int name) { return option_of(program, at, level, name); };
  CHECK(option(IPPROTO_IP, IP_TTL) == 7);
  CHECK(option(SOL_SOCKET, SO_BROADCAST) == 1);
  CHECK(option(IPPROTO_IP, IP_MULTICAST_TTL) == 5);
  CHECK(option(IPPROTO_IP, IP_MULTICAST_LOOP) == 0);
  CHECK(option(IPPROTO_IP, IP_MULTICAST_IF) == static_cast<int>(htonl(INADDR_LOOPBACK)));
  CHECK(option(IPPROTO_IP, IP_TOS) == 0x28);
  CHECK(option(SOL_SOCKET, SO_SNDBUF) == 2 * 20'000); // which the kernel doubles
  CHECK(option(SOL_SOCKET, SO_RCVBUF) == 2 * 30'000);
  CHECK(option(SOL_SOCKET, SO_PRIORITY) == 3);
  orders(an::set_buffer_sizes{0, 40'000}); // 0 leaves it as it is
  CHECK(option(SOL_SOCKET, SO_SNDBUF) == 2 * 20'000);
  CHECK(option(SOL_SOCKET, SO_RCVBUF) == 2 * 40'000);
  orders(an::set_broadcast{false});
  CHECK(option(SOL_SOCKET, SO_BROADCAST) == 0);
  CHECK(program.orders(at, an::close{}));
  at = nullptr;
}
