// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>

// What the kernel has of the options of connections that this process made. Their descriptors are
// nobody's business, so the test looks for them among all that are open.

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;

int option_of(int number, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  return ::getsockopt(number, level, name, &value, &size) == 0 ? value : -1;
}

std::vector<int> open_descriptors() {
  std::vector<int> result;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    auto name = each.path().filename().string();
    int number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    result.push_back(number);
  }
  return result;
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

struct seen_options {
  bool no_delay = false;
  bool keep_alive = false;
  int idle_s = 0;

  static seen_options of(int number) {
    return {option_of(number, IPPROTO_TCP, TCP_NODELAY) > 0,
            option_of(number, SOL_SOCKET, SO_KEEPALIVE) > 0,
            option_of(number, IPPROTO_TCP, TCP_KEEPIDLE)};
  }
};

constexpr an::keep_alive_options after_nine_seconds{true, 9s};

} // namespace

TEST_CASE("what a listener accepts has the listener's options for connections") {
  host program;
  witness plain;
  witness chosen;
  auto first = program.listens(plain.made());
  auto second = program.listens(
      chosen.made(), {.address = any_port, .no_delay = true, .keep_alive = after_nine_seconds});
  auto one = raw_socket::connected_to(program.address_of(first));
  auto other = raw_socket::connected_to(program.address_of(second));
  REQUIRE(plain.sees("connected"));
  REQUIRE(chosen.sees("connected"));
  auto without = seen_options::of(connection_at(program.address_of(first)));
  auto with = seen_options::of(connection_at(program.address_of(second)));
  CHECK_FALSE(without.no_delay);
  CHECK_FALSE(without.keep_alive);
  CHECK(with.no_delay);
  CHECK(with.keep_alive);
  CHECK(with.idle_s == 9);
  plain.forget_peer();
  chosen.forget_peer();
  caf::anon_send(first, an::close{});
  caf::anon_send(second, an::close{});
}

TEST_CASE("a connection that we make has the options that it was made with") {
  host program;
  witness seen;
  auto silent = raw_socket::listening(1);
  auto peer = program.connects({.address = "tcp://127.0.0.1:" + std::to_string(silent.port()),
                                .no_delay = true,
                                .keep_alive = after_nine_seconds},
                               seen.made());
  REQUIRE(seen.sees("connected"));
  auto local = program.asks<an::addresses>(peer, an::get_address{}).value().local;
  auto with = seen_options::of(connection_at(local));
  CHECK(with.no_delay);
  CHECK(with.keep_alive);
  CHECK(with.idle_s == 9);
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
  CHECK(program.orders(seen.peer(), an::set_no_delay{true}));
  CHECK(program.orders(seen.peer(), an::set_keep_alive{true, 9000}));
  auto with = seen_options::of(number);
  CHECK(with.no_delay);
  CHECK(with.keep_alive);
  CHECK(with.idle_s == 9);
  CHECK(program.orders(seen.peer(), an::set_no_delay{false}));
  CHECK(program.orders(seen.peer(), an::set_keep_alive{false, 0}));
  auto without = seen_options::of(number);
  CHECK_FALSE(without.no_delay);
  CHECK_FALSE(without.keep_alive);
  seen.forget_peer();
  caf::anon_send(server, an::close{});
}
