// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/small_disk.hpp"
#include "support/soak.hpp"
#include "support/temporary_directory.hpp"
#include "system/function_actor.hpp"
#include "system/generated.hpp"
#include "system/host.hpp"
#include "system/instrumented.hpp"
#include "system/raw_socket.hpp"
#include "system/resident_bytes.hpp"
#include "system/watched.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace an = actornet;
using namespace actornet::test;

namespace {

/// What a handler or an owner of pipes was told.
struct story {
  std::vector<an::unpiped> unpiped;
  std::vector<an::sink_closed> sinks;
  std::string bytes;
  std::size_t closed = 0;
};

using told = watched<story>;

caf::behavior listening_to(told& into) {
  auto* log = &into;
  return {
      [=](const an::unpiped& event) {
        log->change([&](story& so_far) { so_far.unpiped.push_back(event); });
      },
      [=](const an::data& event) {
        log->change([&](story& so_far) { so_far.bytes += event.bytes.view(); });
      },
      [=](const an::sink_closed& event) {
        log->change([&](story& so_far) { so_far.sinks.push_back(event); });
      },
      [=](const an::closed&) { log->change([](story& so_far) { ++so_far.closed; }); },
  };
}

/// Each connection into the next of these, from its first byte.
an::handler pipes_into(told& log, std::vector<an::sink> sinks, an::pipe how = {}) {
  auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return [&log, next, sinks = std::move(sinks), how](caf::event_based_actor* self,
                                                     an::connection peer) {
    auto chosen = how;
    chosen.to = sinks.at(next->fetch_add(1));
    self->send(peer, chosen);
    return listening_to(log);
  };
}

an::listen_options paused() { return {.address = any_port, .pause_on_connect = true}; }

void forget(told& log) {
  log.change([](story& so_far) { so_far = {}; });
}

} // namespace

TEST_CASE("much goes into a file, equal, while memory stays small", "[soak]") {
  const std::size_t pieces = is_soak() ? 4096 : 64;
  constexpr std::size_t piece = 1024 * 1024;
  temporary_directory folder;
  told log;
  host program(2);
  {
    auto file = *program.net().open_sink({.path = folder / "much"});
    auto server = program.listens(pipes_into(log, {file}), paused());
    auto client = raw_socket::connected_to(program.address_of(server));
    generated sent;
    client.sends(sent.next(piece)); // what both ends need at all is there
    const auto before = resident_bytes();
    std::size_t most = 0;
    for (std::size_t i = 1; i < pieces; ++i) {
      REQUIRE(client.sends(sent.next(piece)));
      most = std::max(most, resident_bytes());
    }
    client.finishes();
    CHECK(client.receives(1).empty()); // our end comes when the file is complete
    REQUIRE(log.becomes([](const story& so_far) { return so_far.closed == 1; }));
    CHECK(log.now().unpiped.at(0).bytes == pieces * piece);
    if (!is_instrumented)
      CHECK(most < before + 48 * 1024 * 1024);
    std::ifstream got(folder / "much", std::ios::binary);
    generated expected;
    std::string read(piece, '\0');
    bool is_equal = true;
    for (std::size_t i = 0; i < pieces; ++i) {
      got.read(read.data(), piece);
      is_equal = is_equal && read == expected.next(piece);
    }
    CHECK(is_equal);
    CHECK(got.peek() == std::ifstream::traits_type::eof());
    forget(log);
    caf::anon_send(server, an::close{});
  }
}

TEST_CASE("connections of all loops go into one file at once, and none is torn") {
  constexpr std::size_t clients = 8;
  constexpr std::size_t each_sends = 300'000;
  temporary_directory folder;
  told log;
  host program(3);
  {
    auto file = *program.net().open_sink({.path = folder / "all"});
    auto server = program.listens(
        pipes_into(log, std::vector<an::sink>(clients, file), {.to = {}, .end_sink = false}),
        paused());
    std::vector<std::thread> senders;
    for (std::size_t i = 0; i < clients; ++i)
      senders.emplace_back([&, i] {
        auto client = raw_socket::connected_to(program.address_of(server));
        client.sends(std::string(each_sends, static_cast<char>('a' + i)));
        client.finishes();
        client.receives(1);
      });
    for (auto& each : senders)
      each.join();
    REQUIRE(program.orders(file, an::finish{an::text("!")}));
    auto bytes = bytes_of_file(folder / "all").value();
    CHECK(bytes.size() == clients * each_sends + 1);
    for (std::size_t i = 0; i < clients; ++i)
      CHECK(std::count(bytes.begin(), bytes.end(), static_cast<char>('a' + i)) == each_sends);
    CHECK(bytes.back() == '!');
    forget(log);
    caf::anon_send(server, an::close{});
  }
}

TEST_CASE("a disk that is full in the middle: another file gets the rest, and not a byte is lost") {
  small_disk disk("1m");
  if (!disk.is_there()) {
    WARN("no right to mount a small disk: /dev/full in its place");
    return;
  }
  temporary_directory folder;
  told log;
  host program;
  {
    auto small = *program.net().open_sink({.path = disk / "small"});
    auto server = program.listens(pipes_into(log, {small}), paused());
    auto client = raw_socket::connected_to(program.address_of(server));
    const auto sent = generated().next(3 * 1024 * 1024);
    std::thread sender([&] {
      client.sends(sent);
      client.finishes();
    });
    REQUIRE(log.becomes([](const story& so_far) { return so_far.unpiped.size() == 1; }));
    auto first = log.now().unpiped.at(0);
    CHECK(first.why.code() == "ENOSPC");
    CHECK(first.bytes <= 1024 * 1024);
    CHECK((bytes_of_file(disk / "small") == sent.substr(0, first.bytes)));
    auto large = *program.net().open_sink({.path = folder / "large"});
    REQUIRE(program.orders(first.peer, an::pipe{.to = large}));
    REQUIRE(log.becomes([](const story& so_far) { return so_far.closed == 1; }));
    sender.join();
    CHECK(log.now().unpiped.at(1).bytes == sent.size() - first.bytes);
    CHECK((bytes_of_file(folder / "large") == sent.substr(first.bytes)));
    forget(log);
    caf::anon_send(server, an::close{});
  }
}

TEST_CASE("a file that a sink makes has the permissions that were asked for") {
  using std::filesystem::perms;
  temporary_directory folder;
  host program(1);
  for (const auto wanted : {perms::owner_read | perms::owner_write, perms::owner_write}) {
    const auto path = folder / std::to_string(static_cast<unsigned>(wanted));
    auto sink =
        *program.net().open_sink({.path = path, .permissions = static_cast<unsigned>(wanted)});
    REQUIRE(program.orders(sink, an::finish{an::text("x")}));
    CHECK(std::filesystem::status(path).permissions() == wanted); // no umask takes of these
  }
}

TEST_CASE("a file that nobody reads holds up nobody else") {
  temporary_directory folder;
  const auto fifo = folder / "fifo";
  REQUIRE(std::system(("mkfifo " + fifo).c_str()) == 0);
  told log;
  host program(1);
  {
    // Opened for reading and writing, it is there; and then it is full.
    std::fstream reader(fifo, std::ios::in | std::ios::out | std::ios::binary);
    auto stuck = *program.net().open_sink({.path = fifo, .mode = an::file_mode::overwrite});
    auto file = *program.net().open_sink({.path = folder / "file"});
    auto server = program.listens(pipes_into(log, {stuck, file}), paused());
    auto first = raw_socket::connected_to(program.address_of(server));
    REQUIRE(first.sends(std::string(400'000, 'x')));
    auto second = raw_socket::connected_to(program.address_of(server));
    const auto sent = generated().next(1'000'000);
    REQUIRE(second.sends(sent));
    second.finishes();
    CHECK(second.receives(1).empty());
    CHECK((bytes_of_file(folder / "file") == sent));
    REQUIRE(program.orders(stuck, an::destroy{}));
    REQUIRE(log.becomes([](const story& so_far) { return so_far.unpiped.size() == 2; }));
    forget(log);
    caf::anon_send(server, an::stop{0});
  }
}
