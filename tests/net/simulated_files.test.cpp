// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"
#include "support/recorded_file.hpp"
#include "support/simulated_world.hpp"

#include <cerrno>

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("an open fails as it was told to, until that is taken back") {
  simulated_world world({});
  world.simulation()->fail_opens("/f", EACCES);
  recorded_file file;
  file.open(world.backend(), "/f");
  REQUIRE(world.run_until([&] { return file.was_told("open_failed"); }));
  CHECK(file.failure->code() == "EACCES");
  CHECK(file.failure->address == "/f");
  world.simulation()->allow_opens("/f");
  recorded_file again;
  again.open(world.backend(), "/f");
  CHECK(world.run_until([&] { return again.was_told("opened"); }));
}

TEST_CASE("a call on a file fails when it was told to, and the rest comes back") {
  simulated_world world({.partial_send_chance = 0});
  world.simulation()->fail_file("/f", EIO, 2);
  recorded_file file;
  file.open(world.backend(), "/f");
  for (const char* each : {"one", "two", "three", "four"})
    file.file->write(text(each));
  REQUIRE(world.run_until([&] { return file.was_told("failed"); }));
  CHECK(file.failure->code() == "EIO");
  CHECK(file.written == 6);
  CHECK(world.simulation()->file_bytes("/f") == "onetwo");
  CHECK(file.take_unwritten() == "threefour");
}

TEST_CASE("a sync that fails breaks the file, unless there is no disk") {
  const int number = GENERATE(EIO, EINVAL);
  simulated_world world({});
  recorded_file file;
  file.open(world.backend(), "/f");
  REQUIRE(world.run_until([&] { return file.was_told("opened"); }));
  world.simulation()->fail_file("/f", number);
  file.file->sync();
  world.settle();
  file.file->write(text("abc"));
  world.settle();
  CHECK(file.failure->number == number);
  CHECK(file.failure->syscall == "fdatasync");
  CHECK(file.was_told("failed") == (number == EIO));
  CHECK(file.was_told("sync_failed") == (number == EINVAL));
  CHECK(file.written == (number == EIO ? 0 : 3));
}

TEST_CASE("a read that fails is told behind what was read") {
  simulated_world world({.partial_receive_chance = 0});
  world.put_file("/f", pattern(200'000));
  world.simulation()->fail_file("/f", EIO, 2);
  recorded_file file;
  file.open(world.backend(), "/f", {.use = file_use::read});
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return file.was_told("failed"); }));
  CHECK(file.read == pattern(200'000).substr(0, 2 * 65'536));
  CHECK(file.failure->syscall == "read");
  world.settle();
  CHECK(file.told.back() == "failed");
}

TEST_CASE("a file hangs until it goes on, and others do not") {
  simulated_world world({});
  world.simulation()->hang_file("/stuck");
  recorded_file stuck;
  recorded_file other;
  stuck.open(world.backend(), "/stuck");
  stuck.file->write(text("late"));
  other.open(world.backend(), "/other");
  other.file->write(text("soon"));
  world.settle();
  CHECK(stuck.told.empty());
  CHECK(other.written == 4);
  world.simulation()->continue_file("/stuck");
  world.settle();
  CHECK(stuck.written == 4);
  CHECK(world.simulation()->file_bytes("/stuck") == "late");
}

TEST_CASE("a file that hangs may be closed") {
  simulated_world world({});
  recorded_file stuck;
  stuck.open(world.backend(), "/stuck");
  REQUIRE(world.run_until([&] { return stuck.was_told("opened"); }));
  world.simulation()->hang_file("/stuck");
  stuck.file->write(text("never"));
  world.settle();
  stuck.file.reset();
  world.simulation()->continue_file("/stuck");
  world.settle();
  CHECK(stuck.told.size() == 1);
  CHECK(world.simulation()->file_bytes("/stuck") == "");
}

TEST_CASE("a sync makes durable what was written") {
  simulated_world world({});
  recorded_file file;
  file.open(world.backend(), "/f");
  file.file->write(text("abc"));
  file.file->sync();
  REQUIRE(world.run_until([&] { return file.was_told("synced"); }));
  file.file->write(text("def"));
  world.settle();
  CHECK(world.simulation()->synced_bytes("/f") == 3);
}
