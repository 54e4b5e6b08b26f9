// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"
#include "system/raw_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

// What the operating system refuses, and how that is told.

namespace an = actornet;
using namespace actornet::test;

namespace {

/// A folder for unix sockets that is gone in the end.
struct socket_folder {
  socket_folder() {
    std::string name = std::filesystem::temp_directory_path() / "actornet-order-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  socket_folder(const socket_folder&) = delete;
  socket_folder& operator=(const socket_folder&) = delete;
  ~socket_folder() { std::filesystem::remove_all(path); }

  std::string address() const { return "unix:" + socket(); }
  std::string socket() const { return path / "socket"; }

  std::filesystem::path path;
};

/// The whole process is an ordinary user for a while: nothing is forbidden to the superuser.
struct ordinary_user {
  ordinary_user() {
    if (::geteuid() == 0)
      REQUIRE(::seteuid(nobody) == 0);
  }
  ordinary_user(const ordinary_user&) = delete;
  ordinary_user& operator=(const ordinary_user&) = delete;
  ~ordinary_user() { CHECK(::seteuid(before) == 0); }

  static constexpr uid_t nobody = 65534;
  uid_t before = ::geteuid();
};

void check_unix_failure(stage& where, const socket_folder& folder, const std::string& code) {
  reaching_story story(where);
  story.connects_to({.address = folder.address()}, an::write{an::text("1")});
  story.ends_as({"write failed " + code, "failed " + code, "closed error=true failed"});
  auto why = story.handler.last_error();
  CHECK(why.syscall == "connect");
  CHECK(why.address == folder.socket());
}

} // namespace

TEST_CASE("EADDRINUSE: a port that somebody listens on is refused, and free when he has closed") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.listens_as_owner();
  auto address = "tcp://" + to_string(story.address);
  auto second = stage.net().listen({.address = address}, story.handler.actor());
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == "EADDRINUSE");
  CHECK(second.error().address == "127.0.0.1");
  CHECK(second.error().port == story.address.port());
  story.handler.asks(story.server, an::close{});
  story.handler.until("close done");
  CHECK(stage.net().listen({.address = address, .unreferenced = true}, story.handler.actor()));
}

TEST_CASE("EADDRNOTAVAIL: who wants to listen at a foreign address is refused") {
  ON_EVERY_STAGE(stage);
  auto address = "tcp://" + to_string(stage.not_ours());
  auto refused = stage.net().listen({.address = address}, caf::actor());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == "EADDRNOTAVAIL");
  CHECK(refused.error().address == stage.not_ours().address());
}

TEST_CASE("EADDRNOTAVAIL: who wants to connect from a foreign address fails") {
  ON_EVERY_KERNEL(stage);
  reaching_story story(stage);
  auto server = stage.server();
  story.connects(server->local(), {.address = {}, .from = "tcp://" + to_string(stage.not_ours())},
                 an::write{an::text("1")});
  story.ends_as({"write failed EADDRNOTAVAIL", "failed EADDRNOTAVAIL", "closed error=true failed"});
  CHECK(story.handler.last_error().syscall == "bind");
}

TEST_CASE("ENOENT: nobody ever listened at the name of a unix socket") {
  ON_EVERY_KERNEL(stage);
  socket_folder folder;
  check_unix_failure(stage, folder, "ENOENT");
}

TEST_CASE("ECONNREFUSED: nobody listens any more at the name of a unix socket") {
  ON_EVERY_KERNEL(stage);
  socket_folder folder;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::snprintf(name.sun_path, sizeof(name.sun_path), "%s", folder.socket().c_str());
  raw_socket bound(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(bound.number(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0);
  bound.close();
  check_unix_failure(stage, folder, "ECONNREFUSED");
}

TEST_CASE("EACCES: a unix socket that one may not write to") {
  ON_EVERY_KERNEL(stage);
  socket_folder folder;
  listening_story story(stage);
  auto opened = stage.net().listen({.address = folder.address(), .unreferenced = true},
                                   story.handler.actor());
  REQUIRE(opened);
  std::filesystem::permissions(folder.path, std::filesystem::perms::owner_all);
  REQUIRE(::chmod(folder.socket().c_str(), 0) == 0);
  {
    ordinary_user user;
    check_unix_failure(stage, folder, "EACCES");
  }
  story.handler.asks(*opened, an::close{});
  story.handler.until("close done");
}
