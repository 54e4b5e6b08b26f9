// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include "socket_address.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

namespace net = actornet::net;
using net::endpoint;
using net::socket_address;

using namespace std::string_literals;

namespace {

constexpr auto sun_path_offset = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path));

endpoint there_and_back(const endpoint& end) {
  auto result = socket_address::of(end).to_endpoint();
  REQUIRE(result);
  return *result;
}

std::string sun_path(const socket_address& native) {
  return {reinterpret_cast<const char*>(&native.storage) + sun_path_offset,
          native.size - sun_path_offset};
}

socket_address unix_of(const std::string& bytes) {
  socket_address native;
  native.storage.ss_family = AF_UNIX;
  std::memcpy(reinterpret_cast<char*>(&native.storage) + sun_path_offset, bytes.data(),
              bytes.size());
  native.size = sun_path_offset + static_cast<socklen_t>(bytes.size());
  return native;
}

class open_socket {
public:
  open_socket(int family, int type) : fd_{socket(family, type | SOCK_CLOEXEC, 0)} {
    REQUIRE(fd_ >= 0);
  }
  open_socket(const open_socket&) = delete;
  open_socket& operator=(const open_socket&) = delete;
  ~open_socket() { close(fd_); }

  int bind_to(const endpoint& local) {
    auto native = socket_address::of(local);
    return bind(fd_, native.data(), native.size) == 0 ? 0 : errno;
  }

  int connect_to(const endpoint& remote) {
    auto native = socket_address::of(remote);
    return connect(fd_, native.data(), native.size) == 0 ? 0 : errno;
  }

  endpoint local() const {
    socket_address native;
    REQUIRE(getsockname(fd_, native.data(), &native.size) == 0);
    return native.to_endpoint().value();
  }

private:
  int fd_;
};

} // namespace

TEST_CASE("an IPv4 endpoint is stored in network byte order") {
  auto native = socket_address::of(endpoint::ipv4({192, 0, 2, 1}, 0x1234));
  CHECK(native.size == sizeof(sockaddr_in));
  sockaddr_in in;
  std::memcpy(&in, &native.storage, sizeof in);
  CHECK(in.sin_family == AF_INET);
  CHECK(in.sin_port == htons(0x1234));
  CHECK(in.sin_addr.s_addr == htonl(0xc0000201));
}

TEST_CASE("an IPv6 endpoint is stored with its scope") {
  auto end = endpoint::ipv6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, 443, 5);
  auto native = socket_address::of(end);
  CHECK(native.size == sizeof(sockaddr_in6));
  sockaddr_in6 in;
  std::memcpy(&in, &native.storage, sizeof in);
  CHECK(in.sin6_family == AF_INET6);
  CHECK(in.sin6_port == htons(443));
  CHECK(in.sin6_scope_id == 5);
  CHECK(in.sin6_flowinfo == 0);
  CHECK(in.sin6_addr.s6_addr[0] == 0xfe);
  CHECK(in.sin6_addr.s6_addr[15] == 9);
}

TEST_CASE("a unix path is stored with its NUL, an abstract name with its exact length") {
  auto path = socket_address::of(endpoint::unix_path("/run/x").value());
  CHECK(path.storage.ss_family == AF_UNIX);
  CHECK(sun_path(path) == "/run/x\0"s);

  auto abstract = socket_address::of(endpoint::unix_abstract("a\0b\0"s).value());
  CHECK(sun_path(abstract) == "\0a\0b\0"s);

  auto empty = socket_address::of(endpoint::unix_abstract({}).value());
  CHECK(sun_path(empty) == "\0"s);

  auto unnamed = socket_address::of(endpoint::unix_unnamed());
  CHECK(unnamed.storage.ss_family == AF_UNIX);
  CHECK(unnamed.size == sun_path_offset);
}

TEST_CASE("every endpoint comes back from its socket address") {
  for (const auto& end : {
           endpoint{},
           endpoint::any_ipv4(0),
           endpoint::ipv4({255, 254, 253, 252}, 65535),
           endpoint::loopback_ipv6(1),
           endpoint::parse("[fe80::1%1]:80").value(),
           endpoint::parse("[::ffff:127.0.0.1]:80").value(),
           endpoint::unix_unnamed(),
           endpoint::unix_path("x").value(),
           endpoint::unix_path(std::string(107, 'p')).value(),
           endpoint::unix_abstract({}).value(),
           endpoint::unix_abstract("\0\0"s).value(),
           endpoint::unix_abstract(std::string(107, '\0')).value(),
       }) {
    INFO(to_string(end));
    CHECK(there_and_back(end) == end);
  }
}

TEST_CASE("a path from the kernel ends at its NUL or at the end of the address") {
  CHECK(unix_of("/a/b\0junk"s).to_endpoint() == endpoint::unix_path("/a/b"));
  CHECK(unix_of("/a/b").to_endpoint() == endpoint::unix_path("/a/b"));
  CHECK_FALSE(unix_of(std::string(108, 'p')).to_endpoint());
}

TEST_CASE("an address of no size is no address") {
  socket_address native;
  native.size = 0;
  CHECK(native.to_endpoint() == endpoint{});
}

TEST_CASE("addresses that are cut short, too long or of an unknown family are refused") {
  auto cut = [](const endpoint& end, socklen_t size) {
    auto native = socket_address::of(end);
    native.size = size;
    return native.to_endpoint();
  };
  CHECK(cut(endpoint::any_ipv4(1), 1).error().message() == "a socket address cannot have 1 bytes");
  CHECK(cut(endpoint::any_ipv4(1), 15).error().message() ==
        "a socket address of 15 bytes is cut short: 16 are needed");
  CHECK(cut(endpoint::any_ipv6(1), 27).error().code() == "EINVAL");
  CHECK(cut(endpoint::any_ipv4(1), sizeof(sockaddr_storage) + 1).error().code() == "EINVAL");

  socket_address netlink;
  netlink.storage.ss_family = AF_NETLINK;
  CHECK(netlink.to_endpoint().error().code() == "EAFNOSUPPORT");
}

TEST_CASE("the kernel takes our addresses and tells the same ones") {
  open_socket ipv4{AF_INET, SOCK_STREAM};
  REQUIRE(ipv4.bind_to(endpoint::loopback_ipv4(0)) == 0);
  CHECK(ipv4.local().port() != 0);
  CHECK(ipv4.local().with_port(0) == endpoint::loopback_ipv4(0));

  auto name = endpoint::unix_abstract("actornet\0test "s + std::to_string(getpid())).value();
  open_socket abstract{AF_UNIX, SOCK_STREAM};
  REQUIRE(abstract.bind_to(name) == 0);
  CHECK(abstract.local() == name);
}

TEST_CASE("the unnamed unix address lets the kernel pick an abstract name") {
  open_socket automatic{AF_UNIX, SOCK_STREAM};
  CHECK(automatic.local() == endpoint::unix_unnamed());
  REQUIRE(automatic.bind_to(endpoint::unix_unnamed()) == 0);
  CHECK(automatic.local().is_abstract());
  CHECK(automatic.local().unix_name().size() == 5); // unix(7), autobind feature
}

TEST_CASE("connecting a datagram socket to no address dissolves its association") {
  open_socket peer{AF_INET, SOCK_DGRAM};
  REQUIRE(peer.bind_to(endpoint::loopback_ipv4(0)) == 0);
  open_socket udp{AF_INET, SOCK_DGRAM};
  REQUIRE(udp.connect_to(peer.local()) == 0);
  CHECK(udp.local().is_loopback());
  REQUIRE(udp.connect_to(endpoint{}) == 0);
  CHECK(udp.local().is_wildcard());
}
