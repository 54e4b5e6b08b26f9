// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/endpoint.hpp>
#include <actornet/net/error.hpp>

#include <cerrno>
#include <string>
#include <vector>

namespace net = actornet::net;
using net::error;
using net::trouble;

TEST_CASE("a failed system call keeps its errno, its name and its call") {
  auto what = error::system(ECONNREFUSED, "connect");
  CHECK(what.kind == trouble::system);
  CHECK(what.number == ECONNREFUSED);
  CHECK(what.syscall == "connect");
  CHECK(what.code() == "ECONNREFUSED");
  CHECK(what.message() == "connection refused");
  CHECK(what.address.empty());
  CHECK(what.port == 0);
  CHECK(to_string(what) == "connect ECONNREFUSED: connection refused");
}

TEST_CASE("errno names and sentences are those that Node prints") {
  struct {
    int number;
    std::string code;
    std::string message;
  } const rows[] = {
      {EADDRINUSE, "EADDRINUSE", "address already in use"},
      {EADDRNOTAVAIL, "EADDRNOTAVAIL", "address not available"},
      {ECONNRESET, "ECONNRESET", "connection reset by peer"},
      {ECONNABORTED, "ECONNABORTED", "software caused connection abort"},
      {EPIPE, "EPIPE", "broken pipe"},
      {ETIMEDOUT, "ETIMEDOUT", "connection timed out"},
      {EINVAL, "EINVAL", "invalid argument"},
      {EACCES, "EACCES", "permission denied"},
      {ENOENT, "ENOENT", "no such file or directory"},
      {EMFILE, "EMFILE", "too many open files"},
      {ENFILE, "ENFILE", "file table overflow"},
      {ENETUNREACH, "ENETUNREACH", "network is unreachable"},
      {EHOSTUNREACH, "EHOSTUNREACH", "host is unreachable"},
      {ENOTCONN, "ENOTCONN", "socket is not connected"},
      {EISCONN, "EISCONN", "socket is already connected"},
      {ECANCELED, "ECANCELED", "operation canceled"},
      {ENOTSOCK, "ENOTSOCK", "socket operation on non-socket"},
      {EAFNOSUPPORT, "EAFNOSUPPORT", "address family not supported"},
      {ENOBUFS, "ENOBUFS", "no buffer space available"},
      {EMSGSIZE, "EMSGSIZE", "message too long"},
      {ENODEV, "ENODEV", "no such device"},
      {ENOSPC, "ENOSPC", "no space left on device"},
      {EAGAIN, "EAGAIN", "resource temporarily unavailable"},
  };
  for (const auto& row : rows) {
    auto what = error::system(row.number, "x");
    CHECK(what.code() == row.code);
    CHECK(what.message() == row.message);
  }
}

TEST_CASE("an errno that the C library does not know still has a code and a sentence") {
  auto what = error::system(9999, "read");
  CHECK(what.code() == "E9999");
  CHECK(what.message() == "unknown error 9999");
}

TEST_CASE("the kernel's sentence begins in lower case unless it begins with an abbreviation") {
  CHECK(error::system(ESTALE, "x").message() == "stale file handle");
  CHECK(error::system(EADV, "x").message() == "advertise error");
  CHECK(error::system(EDOTDOT, "x").message() == "RFS specific error");
}

TEST_CASE("an error is printed with call, code, sentence, address and port") {
  auto in_use = error::system(EADDRINUSE, "listen", net::endpoint::any_ipv6(8080));
  CHECK(to_string(in_use) == "listen EADDRINUSE: address already in use [::]:8080");

  auto refused = error::system(ECONNREFUSED, "connect", net::endpoint::loopback_ipv4(80));
  CHECK(to_string(refused) == "connect ECONNREFUSED: connection refused 127.0.0.1:80");
  CHECK(refused.address == "127.0.0.1");
  CHECK(refused.port == 80);
}

TEST_CASE("an error is printed without the parts that are empty") {
  CHECK(to_string(error::invalid("no")) == "EINVAL: no");
  CHECK(to_string(error::system(ENODEV, "", net::endpoint::loopback_ipv6(0))) ==
        "ENODEV: no such device ::1");
  CHECK(to_string(error{}) == "EINVAL: invalid argument");
}

TEST_CASE("a unix socket in an error is printed as it is") {
  auto path = net::endpoint::unix_path("/run/a:b.sock").value();
  CHECK(to_string(error::system(ENOENT, "connect", path)) ==
        "connect ENOENT: no such file or directory /run/a:b.sock");
  auto abstract = net::endpoint::unix_abstract("name").value();
  CHECK(to_string(error::system(ECONNREFUSED, "connect", abstract)) ==
        "connect ECONNREFUSED: connection refused @name");
}

TEST_CASE("a host name in an error is printed without brackets") {
  auto what = error::of(trouble::not_resolved, "getaddrinfo", {});
  what.address = "no.such.host";
  what.port = 80;
  CHECK(to_string(what) == "getaddrinfo ENOTFOUND: host name not found no.such.host:80");
}

TEST_CASE("a resolver's code takes the place of the errno name") {
  auto what = error::of(trouble::not_resolved, "getaddrinfo", {});
  CHECK(what.code() == "ENOTFOUND");
  CHECK(what.number == ENOENT);
  what.resolver_code = "EAI_AGAIN";
  CHECK(what.code() == "EAI_AGAIN");
  CHECK(what.message() == "temporary failure");
  what.resolver_code = "EAI_NOBODY_KNOWS";
  CHECK(what.message() == "name resolution failed");
  what.detail = "the resolver is busy";
  CHECK(what.message() == "the resolver is busy");
}

TEST_CASE("each kind of trouble has a name and the errno that comes closest") {
  struct {
    trouble kind;
    int number;
    std::string code;
    std::string name;
  } const rows[] = {
      {trouble::invalid_argument, EINVAL, "EINVAL", "invalid_argument"},
      {trouble::not_resolved, ENOENT, "ENOTFOUND", "not_resolved"},
      {trouble::timed_out, ETIMEDOUT, "ETIMEDOUT", "timed_out"},
      {trouble::destroyed, ECANCELED, "ECANCELED", "destroyed"},
      {trouble::reset_by_us, ECONNRESET, "ECONNRESET", "reset_by_us"},
      {trouble::finished, EPIPE, "EPIPE", "finished"},
      {trouble::not_connected, ENOTCONN, "ENOTCONN", "not_connected"},
      {trouble::refused_by_limit, ENOBUFS, "ENOBUFS", "refused_by_limit"},
      {trouble::handler_failed, ECONNABORTED, "ECONNABORTED", "handler_failed"},
      {trouble::shut_down, ECANCELED, "ECANCELED", "shut_down"},
      {trouble::denied, EACCES, "EACCES", "denied"},
  };
  for (const auto& row : rows) {
    auto what = error::of(row.kind, "write", "because");
    CHECK(what.kind == row.kind);
    CHECK(what.number == row.number);
    CHECK(what.code() == row.code);
    CHECK(what.message() == "because");
    CHECK(to_string(row.kind) == row.name);
  }
  CHECK(to_string(trouble::system) == "system");
}

TEST_CASE("a refusal without a sentence of its own says the kernel's") {
  CHECK(error::of(trouble::finished, "write", {}).message() == "broken pipe");
}

TEST_CASE("an error can be said of another address without changing the first") {
  auto first = error::of(trouble::timed_out, "connect", "too slow");
  auto second = first.at(net::endpoint::loopback_ipv6(443));
  CHECK(first.address.empty());
  CHECK(second.address == "::1");
  CHECK(second.port == 443);
  CHECK(second.detail == "too slow");
  CHECK(to_string(second) == "connect ETIMEDOUT: too slow [::1]:443");
  CHECK(second.at(net::endpoint{}) == second);
  CHECK_FALSE(first == second);
}
