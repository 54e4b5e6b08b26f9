// SPDX-License-Identifier: BSD-3-Clause

// Pumps into and out of what only a kernel has.

#include "support/connected_pair.hpp"
#include "support/fifo.hpp"
#include "support/held_end.hpp"
#include "support/held_splices.hpp"
#include "support/recorded_file.hpp"
#include "support/recorded_pump.hpp"
#include "support/small_disk.hpp"

#include <string_view>
#include <thread>

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("a pump into a FIFO that nobody reads holds up nobody else", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const auto bytes = pattern(8'000'000);
  fifo sink(world.path("fifo"));
  sink.open();
  connected_pair pair(world);
  connected_pair other(world);
  recorded_file file;
  file.open(world.backend(), sink.path);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("moved"); }));
  other.server.socket->start_receiving();
  other.client.socket->send(text("ping"));
  CHECK(world.run_until([&] { return other.server.received == "ping"; }));
  CHECK(pump.moved < bytes.size());
  CHECK(world.run_until([&] {
    sink.read_some();
    return pump.was_told("source_end") && sink.bytes.size() == bytes.size();
  }));
  CHECK(sink.bytes == bytes);
}

TEST_CASE("what a FIFO has taken is told before the pump waits for its reader", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  fifo sink(world.path("fifo"));
  sink.open();
  connected_pair pair(world);
  recorded_file file;
  file.open(world.backend(), sink.path);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(pattern(3'000'000)));
  for (int reads = 0; reads < 10; ++reads) {
    CAPTURE(reads);
    REQUIRE(world.run_until([&] { return sink.unread() > 0; }));
    sink.read_some();
  }
  world.settle(); // now it is full, and stays so
  CHECK(world.run_until([&] { return pump.moved == sink.bytes.size() + sink.unread(); }));
}

TEST_CASE("a pump that hangs in a FIFO is stopped at once, to the byte", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const auto bytes = pattern(8'000'000);
  fifo sink(world.path("fifo"));
  sink.open();
  connected_pair pair(world);
  recorded_file file;
  file.open(world.backend(), sink.path);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("moved"); }));
  world.settle();
  pump.pump->stop();
  REQUIRE(world.run_until([&] { return pump.was_told("stopped"); }));
  pump.pump.reset();
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(world.run_until([&] {
    sink.read_some();
    return sink.bytes.size() >= pump.moved;
  }));
  world.settle();
  sink.read_some();
  CHECK(sink.bytes.size() == pump.moved);
  CHECK(sink.bytes + pump.taken_back + pair.server.received == bytes);
}

TEST_CASE("a pump that waits in a FIFO may be closed, and leaves nothing behind", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  fifo sink(world.path("fifo"));
  sink.open();
  connected_pair pair(world);
  recorded_file file;
  file.open(world.backend(), sink.path);
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(pattern(3'000'000)));
  REQUIRE(world.run_until([&] { return pump.was_told("moved"); }));
  pump.pump.reset();
}

// What the thread moves between two looks of the loop, it must not forget.
TEST_CASE("a pump that is stopped while its thread writes counts what that wrote", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  connected_pair pair(world);
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  REQUIRE(world.run_until([&] { return file.was_told("opened"); }));
  held_splices writes;
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(text("one, "));
  REQUIRE(world.run_until([&] { return writes.count() == 1; }));
  pair.client.socket->send(text("two"));
  REQUIRE(world.run_until([&] { return pair.client.socket->unsent_bytes() == 0; }));
  writes.let_go();
  while (writes.count() < 2)
    std::this_thread::yield();
  pump.then = [&](std::string_view word) {
    if (word == "moved") // by the first write, which is told when the loop looks for the stop
      writes.let_go_until_rest();
  };
  pump.pump->stop();
  REQUIRE(world.run_until([&] { return pump.was_told("stopped"); }));
  CHECK(pump.told == std::vector<std::string>{"moved", "moved", "stopped"});
  CHECK(pump.moved == 8);
  CHECK(world.file_bytes(world.path("out")) == "one, two");
  CHECK(pump.taken_back.empty());
}

TEST_CASE("a disk of a mebibyte is full, and another file gets the rest", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  small_disk disk("1m");
  if (!disk.is_there()) {
    WARN("this user may not mount: a full disk is shown by a limit of the process only");
    return;
  }
  const auto bytes = pattern(5'000'000);
  connected_pair pair(world);
  recorded_file small;
  recorded_file large;
  small.open(world.backend(), disk / "out");
  large.open(world.backend(), world.path("out"));
  recorded_pump first;
  recorded_pump second;
  first.start(world.backend(), *pair.server.socket, small.file->share());
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return first.was_told("sink_failed"); }));
  CHECK(first.failure->code() == "ENOSPC");
  first.pump->stop();
  REQUIRE(world.run_until([&] { return first.was_told("stopped"); }));
  first.pump.reset();
  large.file->write(chunk::copy_of(first.taken_back));
  second.start(world.backend(), *pair.server.socket, large.file->share());
  REQUIRE(world.run_until([&] { return second.was_told("source_end"); }));
  const auto in_small = *world.file_bytes(disk / "out");
  CHECK(in_small.size() == first.moved);
  CHECK(in_small + *world.file_bytes(world.path("out")) == bytes);
}

TEST_CASE("a device that refuses the splice says so before a byte is lost", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  connected_pair pair(world);
  recorded_file file;
  // A file of /proc/self that takes writes, but none of this kind.
  file.open(world.backend(), "/proc/self/coredump_filter", {.use = file_use::overwrite_existing});
  REQUIRE(world.run_until([&] { return file.was_told("opened"); }));
  recorded_pump pump;
  pump.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(text("nonsense"));
  REQUIRE(world.run_until([&] { return !pump.told.empty(); }));
  CHECK(pump.told.front() == "refused");
  CHECK(pump.failure->code() == "EINVAL");
  pump.pump->stop();
  REQUIRE(world.run_until([&] { return pump.was_told("stopped"); }));
  CHECK(pump.taken_back == "nonsense");
}

TEST_CASE("unix streams are pumped as well", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const auto bytes = pattern(2'000'000);
  connected_pair from(world, nullptr, *endpoint::unix_path(world.path("from")));
  connected_pair to(world, nullptr, *endpoint::unix_path(world.path("to")));
  to.client.socket->start_receiving();
  recorded_pump pump;
  pump.start(world.backend(), *from.server.socket, *to.server.socket);
  from.client.socket->send(chunk::copy_of(bytes));
  from.client.socket->finish();
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(world.run_until([&] { return to.client.received.size() == bytes.size(); }));
  CHECK(to.client.received == bytes);
}

TEST_CASE("a byte out of band does not end a pump into a file", "[backend]") {
  const bool ends_at_once = GENERATE(false, true);
  ON_EVERY_KERNEL_BACKEND(world);
  CAPTURE(ends_at_once);
  held_end end(world.backend(), tcp_ends());
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  recorded_pump pump;
  pump.start(world.backend(), *end.stream.socket, file.file->share());
  end.write("abc");
  end.write_urgent('!');
  end.write("def");
  if (ends_at_once) {
    end.finish();
  } else {
    CHECK(world.run_until([&] { return pump.moved == 6; }));
    end.write("ghi");
    CHECK(world.run_until([&] { return pump.moved == 9; }));
    end.finish();
  }
  REQUIRE(world.run_until([&] { return pump.was_told("source_end"); }));
  CHECK(world.file_bytes(world.path("out")) == (ends_at_once ? "abcdef" : "abcdefghi"));
}

TEST_CASE("a byte out of band does not end a pump into a stream", "[backend]") {
  const bool ends_at_once = GENERATE(false, true);
  ON_EVERY_KERNEL_BACKEND(world);
  CAPTURE(ends_at_once);
  held_end from(world.backend(), tcp_ends());
  connected_pair to(world);
  to.client.socket->start_receiving();
  recorded_pump pump;
  pump.start(world.backend(), *from.stream.socket, *to.server.socket);
  from.write("abc");
  from.write_urgent('!');
  from.write("def");
  if (ends_at_once)
    from.finish();
  CHECK(world.run_until([&] { return to.client.received == "abcdef"; }));
  if (!ends_at_once) {
    CHECK_FALSE(pump.was_told("source_end"));
    from.write("ghi");
    CHECK(world.run_until([&] { return to.client.received == "abcdefghi"; }));
    from.finish();
  }
  CHECK(world.run_until([&] { return pump.was_told("source_end"); }));
}

// A burst of a pump lasts as long as there are bytes: but for this, for ever.
TEST_CASE("a pump whose source has more leaves the file to others in between", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const auto bytes = pattern(3'000'000);
  connected_pair pair(world);
  held_end other(world.backend());
  recorded_file file;
  file.open(world.backend(), world.path("out"));
  REQUIRE(world.run_until([&] { return file.was_told("opened"); }));
  held_splices moves;
  recorded_pump first;
  recorded_pump second;
  first.start(world.backend(), *pair.server.socket, file.file->share());
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return moves.count() == 1; }));
  second.start(world.backend(), *other.stream.socket, file.file->share());
  other.write("second");
  world.settle();
  file.file->write(text("third"));
  moves.let_go();
  REQUIRE(world.run_until([&] { return moves.count() == 2; }));
  CHECK(second.moved == 0); // which is not told yet, but
  const auto so_far = *world.file_bytes(world.path("out"));
  CHECK(so_far.size() < bytes.size());
  CHECK(so_far.ends_with("second"));
  moves.let_go_all();
  REQUIRE(world.run_until(
      [&] { return first.was_told("source_end") && file.written == 5 && second.moved == 6; }));
  const auto all = *world.file_bytes(world.path("out"));
  CHECK(all.size() == bytes.size() + 11);
  CHECK(all.starts_with(so_far + "third"));
}
