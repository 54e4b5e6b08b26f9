// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace actornet::net;
using namespace actornet::test;

namespace {

namespace fs = std::filesystem;

// A directory of its own for the sockets of a test.
class scratch_directory {
public:
  scratch_directory() {
    auto name = (fs::temp_directory_path() / "actornet-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~scratch_directory() { fs::remove_all(path_); }

  fs::path operator/(const char* name) const { return path_ / name; }

private:
  fs::path path_;
};

endpoint unix_socket(const fs::path& path) {
  auto made = endpoint::unix_path(path.string());
  REQUIRE(made);
  return *made;
}

endpoint abstract_socket() {
  auto made = endpoint::unix_abstract("actornet-test-" + std::to_string(::getpid()));
  REQUIRE(made);
  return *made;
}

void talk_and_end(backend_world& world, const endpoint& where) {
  connected_pair pair(world, nullptr, where);
  auto bytes = pattern(700'000);
  pair.client.socket->start_receiving();
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.server.received == bytes);
  pair.server.socket->send(text("answer"));
  pair.server.socket->finish();
  REQUIRE(world.run_until([&] { return pair.client.was_told("end"); }));
  CHECK(pair.client.received == "answer");
}

} // namespace

TEST_CASE("unix sockets talk like TCP, by path and by abstract name", "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  talk_and_end(world, unix_socket(here / "s"));
  talk_and_end(world, abstract_socket());
}

TEST_CASE("the near end of a unix connection has no name, the far end the listener's",
          "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, abstract_socket());
  CHECK(listener.local == abstract_socket());
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until(
      [&] { return client.was_told("connected") && listener.accepted.size() == 1; }));
  CHECK(client.local == endpoint::unix_unnamed());
  CHECK(listener.accepted[0].local == abstract_socket());
  CHECK(listener.accepted[0].remote == endpoint::unix_unnamed());
}

TEST_CASE("a unix path or name that is taken is EADDRINUSE with its address", "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  for (const auto& where : {unix_socket(here / "s"), abstract_socket()}) {
    recorded_listener listener;
    listen(world, listener, where);
    auto second = world.backend().open_listener(where, {});
    REQUIRE_FALSE(second);
    CHECK(second.error().code() == "EADDRINUSE");
    CHECK(second.error().address == where.address());
  }
}

TEST_CASE("a unix path where nobody listens is ENOENT, an abstract name ECONNREFUSED",
          "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  recorded_stream path, name;
  path.socket = world.backend().connect(unix_socket(here / "s"), {}, path);
  name.socket = world.backend().connect(abstract_socket(), {}, name);
  CHECK(path.told.empty());
  REQUIRE(world.run_until([&] { return !path.told.empty() && !name.told.empty(); }));
  REQUIRE(path.connect_failure);
  REQUIRE(name.connect_failure);
  CHECK(path.connect_failure->code() == "ENOENT");
  CHECK(path.connect_failure->syscall == "connect");
  CHECK(path.connect_failure->address == (here / "s").string());
  CHECK(name.connect_failure->code() == "ECONNREFUSED");
}

TEST_CASE("a unix path can be listened on again after its listener was closed", "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  auto path = here / "s";
  for (int round = 0; round < 2; ++round) {
    recorded_listener listener;
    listen(world, listener, unix_socket(path));
    CHECK(fs::exists(path) == (world.simulation() == nullptr));
    listener.socket.reset();
    CHECK_FALSE(fs::exists(path));
  }
}

TEST_CASE("a unix path goes with a listener that no loop ever served", "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  REQUIRE(world.backend().open_listener(unix_socket(here / "s"), {}));
  CHECK_FALSE(fs::exists(here / "s"));
  CHECK(world.backend().open_listener(unix_socket(here / "s"), {}));
}

TEST_CASE("a unix path that means another file by now is not removed", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // it has no files
  scratch_directory here;
  recorded_listener listener;
  listen(world, listener, unix_socket(here / "s"));
  fs::rename(here / "s", here / "moved");
  std::ofstream(here / "s") << "somebody else's";
  listener.socket.reset();
  CHECK(fs::exists(here / "s"));
}

TEST_CASE("options that only TCP has are ignored by unix sockets", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, abstract_socket());
  recorded_stream client;
  stream_options chosen;
  chosen.no_delay = true;
  chosen.keep_alive = keep_alive_options{true, std::chrono::seconds(5)};
  client.socket = world.backend().connect(listener.local, chosen, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  CHECK(client.socket->set_no_delay(true));
  CHECK(client.socket->set_keep_alive({}));
}
