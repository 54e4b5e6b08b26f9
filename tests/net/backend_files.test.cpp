// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"
#include "support/recorded_file.hpp"

#include <atomic>
#include <cerrno>

using namespace actornet::net;
using namespace actornet::test;

namespace {

void finish(backend_world& world, recorded_file& file) {
  file.file->finish();
  REQUIRE(world.run_until([&] { return file.was_told("closed") || file.was_told("failed"); }));
  CHECK(file.told.back() == "closed");
}

void write_in_pieces(recorded_file& file, const std::string& bytes, std::size_t piece) {
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    file.file->write(chunk::copy_of(std::string_view(bytes).substr(at, piece)));
}

} // namespace

TEST_CASE("a file is made, and has what was written, in order", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(300'000);
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  write_in_pieces(file, bytes, 777);
  CHECK(file.told.empty());
  CHECK(file.file->unwritten_bytes() == bytes.size());
  REQUIRE(world.run_until([&] { return file.written == bytes.size(); }));
  CHECK(file.told.front() == "opened");
  CHECK(file.facts.is_regular);
  CHECK(file.file->unwritten_bytes() == 0);
  finish(world, file);
  CHECK(world.file_bytes(world.path("out")) == bytes);
}

TEST_CASE("what is written before a file is open is in it", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  file.file->write(text("hello"));
  file.file->finish();
  REQUIRE(world.run_until([&] { return file.was_told("closed"); }));
  CHECK(file.told == std::vector<std::string>{"opened", "written", "closed"});
  CHECK(world.file_bytes(world.path("out")) == "hello");
}

TEST_CASE("a file is written to at any later time", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  for (const char* each : {"one ", "two ", "three"}) {
    world.settle();
    file.file->write(text(each));
  }
  finish(world, file);
  CHECK(world.file_bytes(world.path("out")) == "one two three");
}

TEST_CASE("each use of a file does with it what it says", "[backend]") {
  ON_EVERY_BACKEND(world);
  struct expectation {
    file_use use;
    const char* before;
    const char* after;
  };
  const auto each = GENERATE(expectation{file_use::create_or_truncate, "before", "new"},
                             expectation{file_use::create_or_truncate, nullptr, "new"},
                             expectation{file_use::create_or_append, "before", "beforenew"},
                             expectation{file_use::create_or_append, nullptr, "new"},
                             expectation{file_use::create_new, nullptr, "new"},
                             expectation{file_use::truncate_existing, "before", "new"},
                             expectation{file_use::overwrite_existing, "before", "newore"});
  const auto path = world.path("out");
  if (each.before != nullptr)
    world.put_file(path, each.before);
  recorded_file file;
  file.open(world.backend(), path, {.use = each.use});
  file.file->write(text("new"));
  finish(world, file);
  CHECK(world.file_bytes(path) == each.after);
}

TEST_CASE("a file that must be there, or must not, is told with its path", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto missing = GENERATE(file_use::read, file_use::truncate_existing,
                                file_use::overwrite_existing, file_use::create_new);
  const auto path = world.path("it");
  const bool is_there = missing == file_use::create_new;
  if (is_there)
    world.put_file(path, "here");
  recorded_file file;
  file.open(world.backend(), path, {.use = missing});
  CHECK(file.told.empty());
  if (missing != file_use::read)
    file.file->write(text("unwritten"));
  REQUIRE(world.run_until([&] { return !file.told.empty(); }));
  world.settle();
  CHECK(file.told == std::vector<std::string>{"open_failed"});
  CHECK(file.failure->code() == (is_there ? "EEXIST" : "ENOENT"));
  CHECK(file.failure->syscall == "open");
  CHECK(file.failure->address == path);
  CHECK(file.take_unwritten() == (missing == file_use::read ? "" : "unwritten"));
  CHECK(file.take_unwritten().empty());
}

TEST_CASE("without a descriptor no file is opened", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_file file;
  world.forbid_descriptors(true);
  file.open(world.backend(), world.path("out"));
  CHECK(world.run_until([&] { return file.was_told("open_failed"); }));
  world.forbid_descriptors(false);
  CHECK(file.failure->code() == "EMFILE");
}

TEST_CASE("a path with a NUL in it is no path", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_file file;
  file.open(world.backend(), world.path(std::string_view("a\0b", 3)));
  REQUIRE(world.run_until([&] { return file.was_told("open_failed"); }));
  CHECK(file.failure->code() == "EINVAL");
}

TEST_CASE("writing from a place on leaves what is before it", "[backend]") {
  ON_EVERY_BACKEND(world);
  world.put_file(world.path("out"), "0123456789");
  recorded_file file;
  file.open(world.backend(), world.path("out"), {.use = file_use::overwrite_existing, .offset = 4});
  file.file->write(text("abc"));
  finish(world, file);
  CHECK(world.file_bytes(world.path("out")) == "0123abc789");
}

TEST_CASE("a sync is answered behind what was written before it", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  std::size_t written_at_sync = 0;
  file.then = [&](std::string_view word) {
    if (word == "synced")
      written_at_sync = file.written;
  };
  write_in_pieces(file, pattern(100'000), 10'000);
  file.file->sync();
  file.file->write(text("later"));
  REQUIRE(world.run_until([&] { return file.was_told("synced"); }));
  CHECK(written_at_sync >= 100'000);
  file.file->sync();
  file.file->sync();
  finish(world, file);
  CHECK(file.count("synced") == 3);
}

TEST_CASE("a full disk is told exactly, and what is not in the file comes back", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(200'000);
  const auto why = world.limit_files(65'432);
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  write_in_pieces(file, bytes, 10'000);
  file.file->sync();
  REQUIRE(world.run_until([&] { return file.was_told("failed"); }));
  CHECK(file.failure->number == why);
  CHECK(file.failure->syscall == "write");
  CHECK(file.failure->address == world.path("out"));
  CHECK(file.written == 65'432);
  CHECK(file.file->unwritten_bytes() == bytes.size() - 65'432);
  CHECK(file.take_unwritten() == bytes.substr(65'432));
  CHECK(file.file->unwritten_bytes() == 0);
  file.file->write(text("ignored"));
  file.file->sync();
  file.file->finish();
  world.settle();
  CHECK(file.told.back() == "failed");
  CHECK(file.count("synced") == 0);
  CHECK(world.file_bytes(world.path("out")) == bytes.substr(0, 65'432));
}

TEST_CASE("what a full disk gave back goes to another file, and not a byte is missing",
          "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(100'000);
  world.limit_files(30'001);
  recorded_file first;
  first.open(world.backend(), world.path("first"));
  write_in_pieces(first, bytes, 4'096);
  REQUIRE(world.run_until([&] { return first.was_told("failed"); }));
  world.limit_files(1'000'000);
  recorded_file second;
  second.open(world.backend(), world.path("second"));
  for (auto& each : first.file->take_unwritten())
    second.file->write(std::move(each));
  finish(world, second);
  CHECK(*world.file_bytes(world.path("first")) + *world.file_bytes(world.path("second")) == bytes);
}

TEST_CASE("chunks live until they are in the file, and no longer", "[backend]") {
  // Outlives the world, whose threads may hold the chunk to their end.
  std::atomic<bool> is_gone = false;
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(50'000);
  std::shared_ptr<std::string> owner(new std::string(bytes), [&is_gone](std::string* gone) {
    gone->assign(gone->size(), 'x'); // which the file would have
    delete gone;
    is_gone = true;
  });
  const auto whole = std::as_bytes(std::span(*owner));
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  file.file->write(chunk::from(whole, std::move(owner)));
  REQUIRE(world.run_until([&] { return file.written == bytes.size(); }));
  CHECK(world.run_until([&] { return is_gone.load(); }));
  CHECK(*world.file_bytes(world.path("out")) == bytes);
}

TEST_CASE("a file that is closed tells nothing more", "[backend]") {
  ON_EVERY_BACKEND(world);
  const bool at_once = GENERATE(true, false);
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  file.file->write(chunk::copy_of(pattern(100'000)));
  file.file->sync();
  if (!at_once)
    REQUIRE(world.run_until([&] { return file.was_told("opened"); }));
  const auto told = file.told.size();
  file.file.reset();
  world.settle();
  CHECK(file.told.size() == told);
}

TEST_CASE("a file may be closed from within any of its events", "[backend]") {
  ON_EVERY_BACKEND(world);
  const std::string last = GENERATE("opened", "written", "synced", "closed");
  recorded_file file;
  file.then = [&](std::string_view word) {
    if (word == last)
      file.file.reset();
  };
  file.open(world.backend(), world.path("out"));
  file.file->write(chunk::copy_of(pattern(100'000)));
  file.file->sync();
  file.file->finish();
  REQUIRE(world.run_until([&] { return file.file == nullptr; }));
  world.settle();
  CHECK(file.told.back() == last);
}

TEST_CASE("many files are written at once, by two loops", "[backend]") {
  ON_EVERY_BACKEND(world);
  constexpr std::size_t many = 40;
  std::vector<recorded_file> files(many);
  for (std::size_t i = 0; i < many; ++i) {
    files[i].open(i % 2 ? world.backend() : world.second_backend(),
                  world.path("out." + std::to_string(i)));
    write_in_pieces(files[i], pattern(20'000 + i), 3'000);
    files[i].file->finish();
  }
  CHECK(world.run_until([&] {
    return std::all_of(files.begin(), files.end(),
                       [](const auto& each) { return each.was_told("closed"); });
  }));
  for (std::size_t i = 0; i < many; ++i)
    CHECK(world.file_bytes(world.path("out." + std::to_string(i))) == pattern(20'000 + i));
}

TEST_CASE("another may take over the events of a file", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_file first;
  recorded_file second;
  first.open(world.backend(), world.path("out"));
  REQUIRE(world.run_until([&] { return first.was_told("opened"); }));
  first.file->set_events(second);
  first.file->write(text("abc"));
  CHECK(world.run_until([&] { return second.written == 3; }));
  CHECK(first.told.size() == 1);
}
