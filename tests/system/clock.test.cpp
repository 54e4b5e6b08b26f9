// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/watched.hpp"

#include <caf/after.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

// CAF's clock is a thread that all actors of a system share.

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

std::string first_line_of(const std::filesystem::path& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  return line;
}

/// How often the thread of that name has waited so far (proc(5), status); -1 without such a thread.
long waits_of_thread(std::string_view name) {
  constexpr std::string_view label = "voluntary_ctxt_switches:";
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/task")) {
    if (first_line_of(each.path() / "comm") != name)
      continue;
    std::ifstream status(each.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(label))
        return std::stol(line.substr(label.size()));
  }
  return -1;
}

/// The same of a thread that has been started: it gives itself its name when it first runs.
long waits_of_started_thread(std::string_view name) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  long waits = waits_of_thread(name);
  while (waits < 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    waits = waits_of_thread(name);
  }
  return waits;
}

struct counted {
  explicit counted(watched<int>& gone) : gone_(gone) {}
  ~counted() {
    gone_.change([](int& count) { ++count; });
  }
  watched<int>& gone_;
};

} // namespace

TEST_CASE("a handler that ends does not wake CAF's clock") {
  constexpr int many = 200;
  watched<int> gone;
  host program;
  auto server = program.listens([&](caf::event_based_actor* self, an::connection peer) {
    auto token = std::make_shared<counted>(gone);
    return caf::behavior{[=](const an::data& event) {
      self->send(peer, an::write{event.bytes});
      static_cast<void>(token);
    }};
  });
  auto where = program.address_of(server);
  auto waits_before = waits_of_started_thread("caf.clock");
  REQUIRE(waits_before >= 0);
  for (int i = 0; i < many; ++i) {
    auto client = raw_socket::connected_to(where);
    client.sends("hello");
    REQUIRE(client.receives_all(5) == "hello");
    client.close();
    REQUIRE(gone.becomes([&](int count) { return count == i + 1; }));
  }
  CHECK(waits_of_thread("caf.clock") - waits_before < many / 4);
  caf::anon_send_exit(server, caf::exit_reason::user_shutdown);
}

// The clock holds on to who has a timeout until it is told to forget him.
TEST_CASE("a handler with a timeout of CAF's is forgotten by the clock when it quits") {
  watched<int> gone;
  host program;
  auto server = program.listens([&](caf::event_based_actor* self, an::connection) {
    auto token = std::make_shared<counted>(gone);
    return caf::behavior{[=](const an::data&) {
                           static_cast<void>(token);
                           self->quit();
                         },
                         caf::after(std::chrono::seconds(3600)) >> [] {}};
  });
  auto client = raw_socket::connected_to(program.address_of(server));
  client.sends("x");
  CHECK(client.receives_to_end().empty());
  CHECK(gone.becomes([](int count) { return count == 1; }));
  caf::anon_send_exit(server, caf::exit_reason::user_shutdown);
}
