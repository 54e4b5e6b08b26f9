// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"
#include "support/recorded_file.hpp"

using namespace actornet::net;
using namespace actornet::test;

namespace {

constexpr file_options to_read{.use = file_use::read};

} // namespace

TEST_CASE("a file is read to its end, which is told once", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(1'000'000);
  world.put_file(world.path("in"), bytes);
  recorded_file file;
  file.open(world.backend(), world.path("in"), to_read);
  file.file->start_reading();
  CHECK(file.told.empty());
  REQUIRE(world.run_until([&] { return file.was_told("read_end"); }));
  file.file->start_reading();
  world.settle();
  CHECK(file.facts.size == bytes.size());
  CHECK(file.read == bytes);
  CHECK(file.count("read_end") == 1);
  CHECK(file.told.back() == "read_end");
}

TEST_CASE("an empty file ends without a byte", "[backend]") {
  ON_EVERY_BACKEND(world);
  world.put_file(world.path("in"), "");
  recorded_file file;
  file.open(world.backend(), world.path("in"), to_read);
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return file.was_told("read_end"); }));
  CHECK(file.told == std::vector<std::string>{"opened", "read_end"});
}

TEST_CASE("of a file, a part is read", "[backend]") {
  ON_EVERY_BACKEND(world);
  struct part {
    std::uint64_t offset;
    std::uint64_t length;
  };
  const auto wanted = GENERATE(part{0, 10}, part{100'000, 150'000}, part{199'990, 1'000},
                               part{300'000, 5}, part{0, 0});
  const auto bytes = pattern(200'000);
  world.put_file(world.path("in"), bytes);
  recorded_file file;
  file.open(world.backend(), world.path("in"),
            {.use = file_use::read, .offset = wanted.offset, .length = wanted.length});
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return file.was_told("read_end"); }));
  const auto from = std::min<std::uint64_t>(wanted.offset, bytes.size());
  CHECK(file.read == bytes.substr(from, wanted.length));
}

TEST_CASE("a file is read only while that is wanted, and not a byte is lost", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(2'000'000);
  world.put_file(world.path("in"), bytes);
  recorded_file file;
  file.then = [&](std::string_view word) {
    if (word == "read")
      file.file->stop_reading();
  };
  file.open(world.backend(), world.path("in"), to_read);
  while (!file.was_told("read_end")) {
    file.file->start_reading();
    const auto before = file.told.size();
    REQUIRE(world.run_until([&] {
      return file.count("read") + file.count("read_end") > 0 && file.told.size() > before;
    }));
    if (file.count("read") == 3) {
      world.settle();
      CHECK(file.count("read") == 3);
    }
  }
  CHECK(file.read == bytes);
}

TEST_CASE("what is read counts in the window for as long as it lives", "[backend]") {
  ON_EVERY_BACKEND(world);
  world.put_file(world.path("in"), pattern(500'000));
  auto window = make_receive_window(100'000, {});
  recorded_file file;
  file.keeps_chunks = true;
  file.then = [&](std::string_view word) {
    if (word == "read" && !window->has_room_or_wait())
      file.file->stop_reading();
  };
  file.open(world.backend(), world.path("in"), to_read);
  file.file->set_receive_window(window);
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return window->bytes_held() >= 100'000; }));
  world.settle();
  CHECK(window->bytes_held() < 100'000 + 2 * 65'536 + 1'000);
  file.chunks.clear();
  CHECK(window->bytes_held() == 0);
  file.then = nullptr;
  file.keeps_chunks = false;
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return file.was_told("read_end"); }));
  CHECK(file.read == pattern(500'000));
  CHECK(window->bytes_held() == 0);
}

TEST_CASE("a file may be closed while it is read", "[backend]") {
  ON_EVERY_BACKEND(world);
  const bool within = GENERATE(true, false);
  world.put_file(world.path("in"), pattern(500'000));
  recorded_file file;
  file.then = [&](std::string_view word) {
    if (within && word == "read")
      file.file.reset();
  };
  file.open(world.backend(), world.path("in"), to_read);
  file.file->start_reading();
  REQUIRE(world.run_until([&] { return file.was_told("read"); }));
  file.file.reset();
  const auto told = file.told.size();
  world.settle();
  CHECK(file.told.size() == told);
}
