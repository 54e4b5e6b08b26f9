// SPDX-License-Identifier: BSD-3-Clause

// Bytes that nobody looks at, from one place to another. Client sends, server's end is the source;
// where a stream is the sink, it is another pair's server, and its client receives.

#include "support/connected_pair.hpp"
#include "support/recorded_file.hpp"
#include "support/recorded_pump.hpp"

using namespace actornet::net;
using namespace actornet::test;

namespace {

void open_sink(backend_world& world, recorded_file& file,
               file_use use = file_use::create_or_truncate) {
  file.open(world.backend(), world.path("out"), {.use = use});
  REQUIRE(world.run_until([&] { return file.was_told("opened"); }));
}

void must_stop(backend_world& world, recorded_pump& pump) {
  pump.pump->stop();
  REQUIRE(world.run_until([&] { return pump.was_told("stopped"); }));
  CHECK(pump.told.back() == "stopped");
  pump.pump.reset();
}

} // namespace

TEST_CASE("a stream is pumped into a file, to its end", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(3'000'000);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  CHECK(pump.told.empty());
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(pump.told.back() == "source_end");
  CHECK(pump.moved == bytes.size());
  CHECK(world.file_bytes(world.path("out")) == bytes);
  CHECK(pair.server.told.empty());
  pump.pump.reset();
  world.settle();
  CHECK(pair.server.told.empty());
}

TEST_CASE("an empty stream is pumped", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(pump.told.size() == 1);
}

TEST_CASE("a stream of one loop is pumped into a file of another", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(1'000'000);
  connected_pair pair(world, &world.second_backend());
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.second_backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(world.file_bytes(world.path("out")) == bytes);
}

TEST_CASE("a file is pumped into a stream, or a part of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  struct part {
    std::uint64_t offset;
    std::uint64_t length;
  };
  const auto wanted =
      GENERATE(part{0, 10'000'000}, part{1'234'567, 1'000'000}, part{0, 0}, part{2'999'999, 100});
  const auto bytes = pattern(3'000'000);
  world.put_file(world.path("in"), bytes);
  connected_pair pair(world);
  pair.client.socket->start_receiving();
  recorded_file file;
  file.open(world.backend(), world.path("in"),
            {.use = file_use::read, .offset = wanted.offset, .length = wanted.length});
  recorded_pump pump;
  pump.start(world.backend(), file.file->share(), *pair.server.socket);
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  pump.pump.reset();
  pair.server.socket->finish();
  REQUIRE(world.run_until([&] { return pair.client.was_told("end"); }));
  CHECK(pump.moved == pair.client.received.size());
  CHECK(pair.client.received == bytes.substr(wanted.offset, wanted.length));
}

TEST_CASE("a pump that is stopped gives back what is in neither", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(6'000'000);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  pair.client.socket->send(chunk::copy_of(bytes));
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  REQUIRE(world.run_until([&] { return pump.was_told("moved"); }));
  must_stop(world, pump);
  const auto in_file = *world.file_bytes(world.path("out"));
  CHECK(in_file.size() == pump.moved);
  pair.server.socket->start_receiving();
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(in_file + pump.taken_back + pair.server.received == bytes);
}

TEST_CASE("a pump to a stream that nobody reads waits, and gives back what it holds", "[backend]") {
  ON_EVERY_BACKEND(world);
  const bool from_file = GENERATE(true, false);
  const auto bytes = pattern(20'000'000);
  connected_pair from(world);
  connected_pair to(world);
  recorded_file file;
  recorded_pump pump;
  if (from_file) {
    world.put_file(world.path("in"), bytes);
    file.open(world.backend(), world.path("in"), {.use = file_use::read});
    pump.start(world.backend(), file.file->share(), *to.server.socket);
  } else {
    from.client.socket->send(chunk::copy_of(bytes));
    pump.start(world.backend(), *from.server.socket, *to.server.socket);
  }
  REQUIRE(world.run_until([&] { return pump.was_told("blocked"); }));
  world.settle();
  const auto moved = pump.moved;
  CHECK(moved < bytes.size());
  must_stop(world, pump);
  CHECK(pump.moved == moved);
  std::string rest;
  if (from_file) {
    file.file->start_reading();
    REQUIRE(world.run_until([&] { return file.was_told("read_end"); }));
    rest = file.read;
  } else {
    from.server.socket->start_receiving();
    from.client.socket->finish();
    REQUIRE(world.run_until([&] { return from.server.was_told("end"); }));
    rest = from.server.received;
  }
  to.client.socket->start_receiving();
  to.server.socket->finish();
  REQUIRE(world.run_until([&] { return to.client.was_told("end"); }));
  CHECK(to.client.received.size() == moved);
  CHECK(to.client.received + pump.taken_back + rest == bytes);
}

TEST_CASE("what a receive had begun to fetch is the pump's", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(2'000'000);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pair.server.then = [&](std::string_view word) {
    if (word == "received" && !pump.pump)
      pump.start(world.backend(), *pair.server.socket, file.file->share());
  };
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(pair.server.count("received") == 1);
  CHECK(pair.server.received + *world.file_bytes(world.path("out")) == bytes);
}

TEST_CASE("a full disk fails the sink, and not a byte is missing", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(900'000);
  const auto why = world.limit_files(123'456);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("sink_failed"); }));
  CHECK(pump.failure->number == why);
  CHECK(pump.failure->syscall == "write");
  CHECK(pump.failure->address == world.path("out"));
  CHECK(pump.moved == 123'456);
  must_stop(world, pump);
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(*world.file_bytes(world.path("out")) == bytes.substr(0, 123'456));
  CHECK(pump.taken_back + pair.server.received == bytes.substr(123'456));
}

TEST_CASE("a source that is reset fails behind what arrived", "[backend]") {
  ON_EVERY_BACKEND(world);
  const bool into_stream = GENERATE(true, false);
  connected_pair pair(world);
  connected_pair to(world);
  to.client.socket->start_receiving();
  recorded_file file;
  open_sink(world, file);
  pair.client.socket->send(text("before"));
  REQUIRE(world.run_until([&] { return pair.client.sent == 6; }));
  world.let_arrive();
  recorded_pump pump;
  if (into_stream)
    pump.start(world.backend(), *pair.server.socket, *to.server.socket);
  else
    pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pump.was_told("source_failed"); }));
  CHECK(pump.failure->code() == "ECONNRESET");
  CHECK(pump.failure->syscall == "read");
  pump.pump.reset();
  world.settle();
  CHECK(pair.server.told.empty());
  CHECK((into_stream ? to.client.received : *world.file_bytes(world.path("out"))) == "before");
}

TEST_CASE("a sink that is reset fails, and what it did not get comes back", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(20'000'000);
  connected_pair from(world);
  connected_pair to(world);
  recorded_pump pump;
  pump.start(world.backend(), *from.server.socket, *to.server.socket);
  from.client.socket->send(chunk::copy_of(bytes));
  REQUIRE(world.run_until([&] { return pump.was_told("moved"); }));
  to.client.socket.release()->reset();
  REQUIRE(world.run_until([&] { return pump.was_told("sink_failed"); }));
  CHECK((pump.failure->code() == "ECONNRESET" || pump.failure->code() == "EPIPE"));
  must_stop(world, pump);
  from.server.socket->start_receiving();
  from.client.socket->finish();
  REQUIRE(world.run_until([&] { return from.server.was_told("end"); }));
  CHECK(pump.taken_back + from.server.received == bytes.substr(pump.moved));
}

TEST_CASE("a file that is closed under a pump fails it", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  file.file.reset();
  pair.client.socket->send(text("too late"));
  REQUIRE(world.run_until([&] { return pump.was_told("sink_failed"); }));
  CHECK(pump.failure->code() == "ECANCELED");
  must_stop(world, pump);
  pair.server.socket->start_receiving();
  CHECK(world.run_until([&] { return pump.taken_back + pair.server.received == "too late"; }));
}

TEST_CASE("a pump that is closed tells nothing more, and the stream is whole", "[backend]") {
  ON_EVERY_BACKEND(world);
  const bool within = GENERATE(true, false);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.then = [&](std::string_view) {
    if (within)
      pump.pump.reset();
  };
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(text("one"));
  REQUIRE(world.run_until([&] { return pump.was_told("moved"); }));
  pump.pump.reset();
  const auto told = pump.told.size();
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("two"));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(pair.server.received == "two");
  CHECK(pump.told.size() == told);
}

TEST_CASE("while a stream is pumped, its other direction works", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto bytes = pattern(2'000'000);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.server.socket->send(chunk::copy_of(bytes));
  pair.server.socket->finish();
  CHECK(world.run_until(
      [&] { return pump.moved == bytes.size() && pair.client.received.size() == bytes.size(); }));
  CHECK(pair.server.was_told("finished"));
  CHECK(pair.client.received == bytes);
}

TEST_CASE("a reset that a stopped pump has not told is told by the stream", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  world.settle();
  must_stop(world, pump);
  pair.client.socket.release()->reset();
  CHECK(world.run_until([&] { return pair.server.was_told("receive_failed"); }));
  CHECK(pair.server.receive_failure->code() == "ECONNRESET");
}

TEST_CASE("what cannot be pumped is refused, and left as it was", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  connected_pair other(world, &world.second_backend());
  recorded_file file;
  recorded_pump pump;
  auto code_of = [](const expected<pump_ptr>& started) {
    return started ? "none" : started.error().code();
  };
  auto& loop = world.backend();
  auto& server = *pair.server.socket;
  open_sink(world, file, file_use::create_or_append);
  CHECK(code_of(loop.start_pump(server, file.file->share(), pump)) == "EINVAL");
  CHECK(code_of(loop.start_pump(server, *other.server.socket, pump)) == "EXDEV");
  CHECK(code_of(loop.start_pump(*other.server.socket, server, pump)) == "EXDEV");
  CHECK(code_of(loop.start_pump(file.file->share(), server, pump)) == "EBADF");
  CHECK(code_of(loop.start_pump(server, opened_file_ptr(), pump)) == "EXDEV");
  pair.client.socket->send(text("queued"));
  CHECK(code_of(loop.start_pump(server, *pair.client.socket, pump)) == "EBUSY");
  world.put_file(world.path("in"), "bytes");
  recorded_file read;
  read.open(loop, world.path("in"), {.use = file_use::read});
  read.file->start_reading();
  CHECK(code_of(loop.start_pump(read.file->share(), server, pump)) == "EBUSY");
  server.start_receiving();
  CHECK(world.run_until([&] { return pair.server.received == "queued"; }));
  CHECK(pump.told.empty());
}

TEST_CASE("without descriptors a pump is refused, and the stream left as it was", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  world.forbid_descriptors(true);
  auto refused = world.backend().start_pump(*pair.server.socket, file.file->share(), pump);
  world.forbid_descriptors(false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == "EMFILE");
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("chunks"));
  CHECK(world.run_until([&] { return pair.server.received == "chunks"; }));
}

TEST_CASE("what is written to a file while it is pumped into goes in between", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  recorded_file file;
  open_sink(world, file);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(text("pumped"));
  REQUIRE(world.run_until([&] { return pump.moved == 6; }));
  file.file->write(text(" written "));
  REQUIRE(world.run_until([&] { return file.written == 9; }));
  pair.client.socket->send(text("again"));
  REQUIRE(world.run_until([&] { return pump.moved == 11; }));
  CHECK(world.file_bytes(world.path("out")) == "pumped written again");
}
