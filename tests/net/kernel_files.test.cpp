// SPDX-License-Identifier: BSD-3-Clause

// Files that only a kernel has: those that hang, devices, and a disk that is full.

#include "support/connected_pair.hpp"
#include "support/fifo.hpp"
#include "support/recorded_file.hpp"
#include "support/small_disk.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

using namespace actornet::net;
using namespace actornet::test;

namespace {

/// Whoever opens the file to write it hangs until this is gone: a lease (fcntl(2)).
class lease {
public:
  explicit lease(const std::string& path) : before_(::signal(SIGIO, SIG_IGN)) {
    number_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(number_ >= 0);
    REQUIRE(::fcntl(number_, F_SETLEASE, F_RDLCK) == 0);
  }
  ~lease() {
    give_up();
    ::signal(SIGIO, before_);
  }
  void give_up() {
    if (number_ >= 0)
      ::close(number_);
    number_ = -1;
  }

private:
  void (*before_)(int);
  int number_ = -1;
};

void must_serve_others(backend_world& world) {
  recorded_file other;
  other.open(world.backend(), world.path("other"));
  other.file->write(text("other"));
  other.file->sync();
  CHECK(world.run_until([&] { return other.was_told("synced"); }));
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("ping"));
  CHECK(world.run_until([&] { return pair.server.received == "ping"; }));
}

} // namespace

TEST_CASE("a FIFO that nobody reads holds up nobody else, and loses nothing", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  fifo sink(world.path("fifo"));
  sink.open();
  const auto bytes = pattern(1'000'000);
  recorded_file file;
  file.open(world.backend(), sink.path);
  file.file->write(chunk::copy_of(bytes));
  REQUIRE(world.run_until([&] { return file.was_told("written"); }));
  must_serve_others(world);
  CHECK(file.written < bytes.size());
  CHECK(world.run_until([&] {
    sink.read_some();
    return sink.bytes.size() == bytes.size();
  }));
  CHECK(sink.bytes == bytes);
  CHECK(world.run_until([&] { return file.written == bytes.size(); }));
}

TEST_CASE("a file that hangs in a FIFO is closed at once", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  fifo sink(world.path("fifo"));
  sink.open();
  recorded_file file;
  file.open(world.backend(), sink.path);
  file.file->write(chunk::copy_of(pattern(1'000'000)));
  REQUIRE(world.run_until([&] { return file.was_told("written"); }));
  file.file.reset();
  // Without a writer a FIFO ends.
  const int number = ::open(sink.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  std::array<char, 65536> buffer{};
  CHECK(world.run_until([&] { return ::read(number, buffer.data(), buffer.size()) == 0; }));
  ::close(number);
}

TEST_CASE("a FIFO without a reader is ENXIO, and one whose reader goes EPIPE", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  fifo sink(world.path("fifo"));
  recorded_file refused;
  refused.open(world.backend(), sink.path);
  REQUIRE(world.run_until([&] { return refused.was_told("open_failed"); }));
  CHECK(refused.failure->code() == "ENXIO");
  sink.open();
  const auto bytes = pattern(300'000);
  recorded_file file;
  file.open(world.backend(), sink.path);
  file.file->write(chunk::copy_of(bytes));
  REQUIRE(world.run_until([&] { return file.was_told("written"); }));
  sink.close();
  REQUIRE(world.run_until([&] { return file.was_told("failed"); }));
  CHECK(file.failure->code() == "EPIPE");
  CHECK(file.take_unwritten() == bytes.substr(file.written));
}

TEST_CASE("a FIFO is read as its writer writes", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  fifo source(world.path("fifo"));
  const int writer = ::open(source.path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(writer >= 0);
  recorded_file file;
  file.open(world.backend(), source.path, {.use = file_use::read});
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return file.was_told("opened"); }));
  CHECK_FALSE(file.facts.is_regular);
  REQUIRE(::write(writer, "one", 3) == 3);
  CHECK(world.run_until([&] { return file.read == "one"; }));
  REQUIRE(::write(writer, "two", 3) == 3);
  CHECK(world.run_until([&] { return file.read == "onetwo"; }));
  must_serve_others(world);
  ::close(writer);
  CHECK(world.run_until([&] { return file.was_told("read_end"); }));
}

TEST_CASE("a FIFO has no place to begin at, and says so", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const auto use = GENERATE(file_use::read, file_use::overwrite_existing);
  fifo pipe(world.path("fifo"));
  pipe.open();
  recorded_file file;
  file.open(world.backend(), pipe.path, {.use = use, .offset = 1});
  REQUIRE(world.run_until([&] { return !file.told.empty(); }));
  CHECK(file.told == std::vector<std::string>{"open_failed"});
  CHECK(file.failure->code() == "ESPIPE");
  CHECK(file.failure->syscall == "lseek");
  CHECK(file.failure->address == pipe.path);
}

TEST_CASE("a file that hangs while it is opened holds up nobody else", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  std::vector<std::unique_ptr<lease>> leases;
  std::vector<recorded_file> stuck(6);
  for (std::size_t i = 0; i < stuck.size(); ++i) {
    const auto path = world.path("stuck." + std::to_string(i));
    world.put_file(path, "before");
    leases.push_back(std::make_unique<lease>(path));
    stuck[i].open(world.backend(), path, {.use = file_use::overwrite_existing});
    stuck[i].file->write(text("after."));
  }
  must_serve_others(world);
  CHECK(std::none_of(stuck.begin(), stuck.end(), [](auto& each) { return !each.told.empty(); }));
  stuck[0].file.reset(); // never waits
  for (auto& each : leases)
    each->give_up();
  CHECK(world.run_until([&] {
    return std::all_of(stuck.begin() + 1, stuck.end(),
                       [](auto& each) { return each.written == 6; });
  }));
  CHECK(stuck[0].told.empty());
  CHECK(world.file_bytes(world.path("stuck.1")) == "after.");
}

TEST_CASE("what cannot be opened says so", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  struct expectation {
    const char* path;
    file_use use;
    const char* code;
  };
  const auto each = GENERATE(expectation{"/", file_use::overwrite_existing, "EISDIR"},
                             expectation{"/", file_use::read, "EISDIR"},
                             expectation{"/dev/null/file", file_use::read, "ENOTDIR"},
                             expectation{"", file_use::read, "ENOENT"});
  recorded_file file;
  file.open(world.backend(), each.path, {.use = each.use});
  REQUIRE(world.run_until([&] { return !file.told.empty(); }));
  CHECK(file.failure->code() == each.code);
  CHECK(file.failure->address == each.path);
}

TEST_CASE("a full device takes nothing, and all comes back", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  recorded_file file;
  file.open(world.backend(), "/dev/full", {.use = file_use::overwrite_existing});
  file.file->write(text("some "));
  file.file->write(text("bytes"));
  REQUIRE(world.run_until([&] { return file.was_told("failed"); }));
  CHECK(file.failure->code() == "ENOSPC");
  CHECK(file.written == 0);
  CHECK(file.take_unwritten() == "some bytes");
}

TEST_CASE("a device has no disk to sync to, and goes on", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  recorded_file file;
  file.open(world.backend(), "/dev/null", {.use = file_use::overwrite_existing});
  file.file->sync();
  file.file->write(text("bytes"));
  file.file->finish();
  REQUIRE(world.run_until([&] { return file.was_told("closed"); }));
  CHECK(file.told == std::vector<std::string>{"opened", "sync_failed", "written", "closed"});
  CHECK(file.failure->code() == "EINVAL");
}

TEST_CASE("a disk that is only to be read takes no file", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  small_disk disk("1m", MOUNT_ATTR_RDONLY);
  if (!disk.is_there()) {
    WARN("this user may not mount: there is no disk that is only to be read");
    return;
  }
  recorded_file file;
  file.open(world.backend(), disk / "out");
  REQUIRE(world.run_until([&] { return file.was_told("open_failed"); }));
  CHECK(file.failure->code() == "EROFS");
}

TEST_CASE("what is collected leaves at once, and is told at once", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  world.put_file(world.path("out"), "");
  lease held(world.path("out"));
  recorded_file file;
  file.open(world.backend(), world.path("out"), {.use = file_use::overwrite_existing});
  for (int i = 0; i < 60; ++i)
    file.file->write(text("x"));
  must_serve_others(world);
  held.give_up();
  REQUIRE(world.run_until([&] { return file.written == 60; }));
  CHECK(file.told == std::vector<std::string>{"opened", "written"});
}

TEST_CASE("a disk of a mebibyte is full behind its last page", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  small_disk disk("1m");
  if (!disk.is_there()) {
    WARN("this user may not mount: a full disk is shown by a limit of the process only");
    return;
  }
  const auto bytes = pattern(3'000'000);
  recorded_file file;
  file.open(world.backend(), disk / "out");
  for (std::size_t at = 0; at < bytes.size(); at += 50'000)
    file.file->write(chunk::copy_of(std::string_view(bytes).substr(at, 50'000)));
  REQUIRE(world.run_until([&] { return file.was_told("failed"); }));
  CHECK(file.failure->code() == "ENOSPC");
  const auto in_file = *world.file_bytes(disk / "out");
  CHECK(in_file.size() == file.written);
  CHECK(in_file.size() > 900'000);
  CHECK(in_file + file.take_unwritten() == bytes);
}
