// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>
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

// Bound, of a type, by a path.
int bound_socket(const fs::path& path, int type) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.string().copy(where.sun_path, sizeof(where.sun_path) - 1);
  int number = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(number, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0);
  return number;
}

// As a process leaves it that was killed.
void leave_socket_file(const fs::path& path) {
  int number = bound_socket(path, SOCK_STREAM);
  REQUIRE(::listen(number, 1) == 0);
  ::close(number);
  REQUIRE(fs::is_socket(path));
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

TEST_CASE("a unix socket whose backlog is full refuses with EAGAIN", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  scratch_directory here;
  const int full = bound_socket(here / "s", SOCK_STREAM);
  REQUIRE(::listen(full, 0) == 0);
  recorded_stream first, second;
  first.socket = world.backend().connect(unix_socket(here / "s"), {}, first);
  REQUIRE(world.run_until([&] { return first.was_told("connected"); }));
  second.socket = world.backend().connect(unix_socket(here / "s"), {}, second);
  REQUIRE(world.run_until([&] { return !second.told.empty(); }));
  REQUIRE(second.connect_failure);
  CHECK(second.connect_failure->code() == "EAGAIN");
  CHECK(second.connect_failure->syscall == "connect");
  CHECK(second.connect_failure->address == (here / "s").string());
  ::close(full);
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

TEST_CASE("the socket file of a process that is gone does not stand in the way", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // it has no files
  scratch_directory here;
  leave_socket_file(here / "s");
  recorded_listener listener;
  listen(world, listener, unix_socket(here / "s"));
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  CHECK(world.run_until([&] { return client.was_told("connected"); }));
}

TEST_CASE("a path where somebody listens stays, also when its backlog is full", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // it has no files
  scratch_directory here;
  auto where = unix_socket(here / "s");
  auto first = world.backend().open_listener(where, {.backlog = 0});
  REQUIRE(first);
  for (int i = 0; i < 3; ++i) {
    auto second = world.backend().open_listener(where, {});
    REQUIRE_FALSE(second);
    CHECK(second.error().code() == "EADDRINUSE");
    CHECK(second.error().syscall == "listen");
  }
  CHECK(fs::is_socket(here / "s"));
}

TEST_CASE("a path that is bound stays, also where nobody listens yet", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // it has no files
  scratch_directory here;
  int bound = bound_socket(here / "s", SOCK_STREAM);
  auto second = world.backend().open_listener(unix_socket(here / "s"), {});
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == "EADDRINUSE");
  CHECK(fs::is_socket(here / "s"));
  ::close(bound);
}

TEST_CASE("who listens at a path does not notice that another wanted it", "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  recorded_listener listener;
  listen(world, listener, unix_socket(here / "s"));
  REQUIRE_FALSE(world.backend().open_listener(listener.local, {}));
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  CHECK(listener.accepted.size() == 1);
}

TEST_CASE("a path of anything but a stream socket stays", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // it has no files
  scratch_directory here;
  std::ofstream(here / "file") << "bytes";
  fs::create_directory(here / "folder");
  leave_socket_file(here / "target");
  fs::create_symlink(here / "target", here / "link");
  int datagrams = bound_socket(here / "datagrams", SOCK_DGRAM);
  for (const char* name : {"file", "folder", "link", "datagrams"}) {
    CAPTURE(name);
    auto opened = world.backend().open_listener(unix_socket(here / name), {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == "EADDRINUSE");
    CHECK(fs::exists(fs::symlink_status(here / name)));
  }
  CHECK(fs::exists(here / "target"));
  ::close(datagrams);
}

TEST_CASE("unix_mode says who may connect to a path", "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  for (unsigned mode : {0600u, 0666u, 0777u}) {
    recorded_listener listener;
    listen(world, listener, unix_socket(here / "s"), {.unix_mode = mode});
    if (world.simulation() == nullptr) // it has no files
      CHECK(static_cast<unsigned>(fs::status(here / "s").permissions()) == mode);
    recorded_stream client;
    client.socket = world.backend().connect(listener.local, {}, client);
    CHECK(world.run_until([&] { return client.was_told("connected"); }));
  }
}

TEST_CASE("unix_mode is refused where there is no file, and so is more than permissions",
          "[backend]") {
  ON_EVERY_BACKEND(world);
  scratch_directory here;
  auto refuses = [&](const endpoint& where, unsigned mode) {
    auto opened = world.backend().open_listener(where, {.unix_mode = mode});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == "EINVAL");
    CHECK(opened.error().address == where.address());
  };
  refuses(endpoint::loopback_ipv4(0), 0666);
  refuses(abstract_socket(), 0666);
  refuses(unix_socket(here / "s"), 01000);
  CHECK_FALSE(fs::exists(here / "s"));
  auto adopted = world.backend().adopt_listener(0, {.unix_mode = 0666});
  REQUIRE_FALSE(adopted);
  CHECK(adopted.error().code() == "EINVAL");
}

TEST_CASE("options that only TCP has are ignored by unix sockets", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, abstract_socket());
  recorded_stream client;
  connect_options chosen;
  chosen.socket.no_delay = true;
  chosen.socket.keep_alive = keep_alive_options{true, std::chrono::seconds(5)};
  chosen.socket.type_of_service = 0x10;
  chosen.socket.user_timeout = std::chrono::seconds(5);
  client.socket = world.backend().connect(listener.local, chosen, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  CHECK(client.socket->set_options({.no_delay = true}));
  CHECK(client.socket->unacknowledged_bytes() == 0);
}
