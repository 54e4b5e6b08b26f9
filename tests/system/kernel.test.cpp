// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

// What only the real kernel does.

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;

std::string text_of(const raw_socket& listening) {
  return "tcp://127.0.0.1:" + std::to_string(listening.port());
}

/// A name for a unix socket that no other run uses.
std::string unix_name(std::string_view what) {
  return "actornet-" + std::to_string(::getpid()) + "-" + std::string(what);
}

/// A handler that ends its connection first.
caf::behavior closes_at_once(caf::event_based_actor* self, an::connection peer) {
  self->send(peer, an::destroy{});
  return {[](const an::closed&) {}};
}

} // namespace

TEST_CASE("writing to a connection that the peer has reset raises no SIGPIPE") {
  auto* before = std::signal(SIGPIPE, SIG_DFL);
  host program;
  witness seen;
  auto server = program.listens(seen.made(), {.address = any_port, .pause_on_connect = true});
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(seen.sees("connected"));
  client.resets();
  for (int i = 0; i < 100; ++i)
    caf::anon_send(seen.peer(), an::write{an::text("into the void")});
  CHECK(seen.sees("closed"));
  auto all = seen.now();
  CHECK(all.had_error);
  REQUIRE(all.why);
  CHECK((all.why->code() == "EPIPE" || all.why->code() == "ECONNRESET"));
  seen.forget_peer();
  caf::anon_send(server, an::close{});
  std::signal(SIGPIPE, before);
}

TEST_CASE("a connect that the kernel refuses fails with ECONNREFUSED, the call and the address") {
  host program;
  witness seen;
  std::string where;
  std::uint16_t port = 0;
  {
    auto nobody = raw_socket::listening(1);
    where = text_of(nobody);
    port = nobody.port();
  }
  program.connects({.address = where}, seen.made());
  REQUIRE(seen.sees("closed"));
  auto all = seen.now();
  CHECK(all.events == std::vector<std::string>{"failed", "closed"});
  CHECK(all.why->code() == "ECONNREFUSED");
  CHECK(all.why->syscall == "connect");
  CHECK(all.why->address == "127.0.0.1");
  CHECK(all.why->port == port);
}

TEST_CASE("a second listener on a port is refused with EADDRINUSE, until the first has closed") {
  host program;
  auto first = program.listens(echo);
  auto where = program.address_of(first);
  auto address = "tcp://" + to_string(where);
  auto second = program.net().listen({.address = address}, echo);
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == "EADDRINUSE");
  CHECK(second.error().port == where.port());
  REQUIRE(program.orders(first, an::close{}));
  auto third = program.net().listen({.address = address}, echo);
  REQUIRE(third);
  REQUIRE(program.orders(*third, an::close{}));
}

TEST_CASE("a port is listened on again at once, whatever became of the last listener's clients") {
  host program;
  auto server = program.listens(echo);
  auto where = program.address_of(server);
  auto address = "tcp://" + to_string(where);
  auto lives_on = raw_socket::connected_to(where);
  CHECK(lives_on.sends("hello"));
  CHECK(lives_on.receives_all(5) == "hello");
  for (int round = 0; round < 3; ++round) {
    REQUIRE(program.orders(server, an::close{}));
    auto again = program.net().listen({.address = address}, closes_at_once);
    REQUIRE(again);
    server = *again;
    // Ended by us: its address stays in TIME_WAIT.
    CHECK(raw_socket::connected_to(where).receives_to_end().empty());
  }
  CHECK(lives_on.sends("still"));
  CHECK(lives_on.receives_all(5) == "still");
  REQUIRE(program.orders(server, an::close{}));
}

TEST_CASE("a reset is noticed while the connection is paused") {
  host program;
  witness seen;
  auto server = program.listens(seen.made(), {.address = any_port, .pause_on_connect = true});
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(seen.sees("connected"));
  client.resets();
  CHECK(seen.sees("closed"));
  auto all = seen.now();
  CHECK(all.events == std::vector<std::string>{"connected", "failed", "closed"});
  REQUIRE(all.why);
  CHECK(all.why->code() == "ECONNRESET");
  seen.forget_peer();
  caf::anon_send(server, an::close{});
}

TEST_CASE("bytes that were received before a reset are told, then the failure") {
  host program;
  witness seen;
  auto server = program.listens(seen.made());
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(client.sends("last words"));
  REQUIRE(seen.sees_bytes(10));
  client.resets();
  CHECK(seen.sees("closed"));
  auto all = seen.now();
  CHECK(all.bytes == "last words");
  CHECK(all.events == std::vector<std::string>{"connected", "data", "failed", "closed"});
  CHECK(all.why->code() == "ECONNRESET");
  seen.forget_peer();
  caf::anon_send(server, an::close{});
}

TEST_CASE("our reset reaches the peer as ECONNRESET") {
  host program;
  witness seen;
  auto server = program.listens(seen.made());
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(seen.sees("connected"));
  caf::anon_send(seen.peer(), an::reset{});
  CHECK(client.receives(1).empty());
  CHECK(client.last_error() == ECONNRESET);
  CHECK(seen.sees("closed"));
  CHECK_FALSE(seen.now().had_error);
  seen.forget_peer();
  caf::anon_send(server, an::close{});
}

TEST_CASE("a unix socket in the file system serves, and its file goes with it") {
  host program;
  auto path = (std::filesystem::temp_directory_path() / unix_name("path")).string();
  auto server = program.listens(echo, {.address = "unix:" + path});
  CHECK(std::filesystem::exists(path));
  auto client = raw_socket::connected_to_path(path);
  CHECK(client.sends("hello"));
  CHECK(client.receives_all(5) == "hello");
  REQUIRE(program.orders(server, an::close{}));
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("unix_mode is the mode of the socket's file, and only makes sense where there is one") {
  host program;
  auto path = (std::filesystem::temp_directory_path() / unix_name("mode")).string();
  auto server = program.listens(echo, {.address = "unix:" + path, .unix_mode = 0666});
  CHECK(static_cast<unsigned>(std::filesystem::status(path).permissions()) == 0666);
  auto client = raw_socket::connected_to_path(path);
  CHECK(client.sends("hello"));
  CHECK(client.receives_all(5) == "hello");
  REQUIRE(program.orders(server, an::close{}));
  for (const auto& where : {any_port, "unix:@" + unix_name("mode"), std::string("fd:0")}) {
    CAPTURE(where);
    auto refused = program.net().listen({.address = where, .unix_mode = 0666}, echo);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == "EINVAL");
  }
}

TEST_CASE("an abstract unix socket serves, to our own connections, too") {
  host program;
  witness seen;
  auto name = "@" + unix_name("abstract");
  auto server = program.listens(echo, {.address = "unix:" + name});
  auto client = raw_socket::connected_to_path(name);
  CHECK(client.sends("hello"));
  CHECK(client.receives_all(5) == "hello");
  auto ours = program.connects({.address = "unix:" + name}, seen.made());
  CHECK(program.orders(ours, an::finish{an::text("bye")}));
  CHECK(seen.sees("closed"));
  CHECK(seen.now().bytes == "bye");
  seen.forget_peer();
  REQUIRE(program.orders(server, an::close{}));
}

TEST_CASE("a connected descriptor is adopted, and a listening one") {
  host program;
  witness seen;
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  raw_socket other_end(pair[1]);
  auto ours = program.connects({.address = "fd:" + std::to_string(pair[0])}, seen.made());
  REQUIRE(seen.sees("connected"));
  CHECK(program.asks<an::written>(ours, an::write{an::text("hello")}));
  CHECK(other_end.receives_all(5) == "hello");
  CHECK(other_end.sends("hi"));
  other_end.finishes();
  CHECK(seen.sees("closed"));
  CHECK(seen.now().bytes == "hi");
  seen.forget_peer();

  auto listening = raw_socket::listening(5);
  auto where = an::endpoint::loopback_ipv4(listening.port());
  auto server = program.listens(echo, {.address = "fd:" + std::to_string(listening.release())});
  CHECK(program.address_of(server) == where);
  auto client = raw_socket::connected_to(where);
  CHECK(client.sends("hello"));
  CHECK(client.receives_all(5) == "hello");
  REQUIRE(program.orders(server, an::close{}));
}

// In capitals `localhost` is a name like others.
TEST_CASE("a name is resolved by the system's resolver, to listen on and to connect to") {
  host program;
  witness seen;
  auto server = program.listens(echo, {.address = "tcp://LOCALHOST:0"});
  // Until the name is resolved there is no address to tell: ask again.
  std::optional<an::endpoint> where;
  auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!where && std::chrono::steady_clock::now() < deadline)
    if (auto answer = program.asks<an::addresses>(server, an::get_address{}))
      where = answer->local;
  REQUIRE(where);
  CHECK(where->is_loopback());
  auto ours = program.connects({.address = "tcp://LOCALHOST:" + std::to_string(where->port())},
                               seen.made());
  CHECK(program.orders(ours, an::finish{an::text("bye")}));
  CHECK(seen.sees("closed"));
  CHECK(seen.now().bytes == "bye");
  CHECK_FALSE(seen.now().had_error);
  seen.forget_peer();
  REQUIRE(program.orders(server, an::close{}));
}

TEST_CASE("localhost reaches who listens on one loopback address only, whichever it is") {
  const std::string loopback = GENERATE("127.0.0.1", "[::1]");
  host program;
  witness seen;
  auto server = program.listens(echo, {.address = "tcp://" + loopback + ":0"});
  auto where = program.address_of(server);
  auto ours =
      program.connects({.address = "tcp://localhost:" + std::to_string(where.port())}, seen.made());
  CHECK(program.orders(ours, an::finish{an::text("bye")}));
  CHECK(seen.sees("closed"));
  CHECK(seen.now().bytes == "bye");
  seen.forget_peer();
  REQUIRE(program.orders(server, an::close{}));
}

TEST_CASE("a name that does not exist fails with a code of the resolver") {
  host program;
  witness seen;
  program.connects({.address = "tcp://no-such-name.invalid:80"}, seen.made());
  REQUIRE(seen.sees("closed"));
  auto all = seen.now();
  CHECK(all.events == std::vector<std::string>{"failed", "closed"});
  // ENOTFOUND with a name server, EAI_AGAIN on a machine that has none.
  CHECK((all.why->code() == "ENOTFOUND" || all.why->code() == "EAI_AGAIN"));
  CHECK(all.why->syscall == "getaddrinfo");
  CHECK(all.why->address == "no-such-name.invalid");
}
