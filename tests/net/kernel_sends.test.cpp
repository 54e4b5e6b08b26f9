// SPDX-License-Identifier: BSD-3-Clause
// Each answer that the kernel can give to sendmmsg(2).
#include "support/planned_sends.hpp"
#include "support/recorded_datagrams.hpp"

#include <algorithm>
#include <cerrno>

using namespace actornet::net;
using namespace actornet::test;

namespace {

const endpoint nowhere;

struct datagram_pair {
  explicit datagram_pair(backend_world& world) {
    open_datagrams(world.backend(), here);
    open_datagrams(world.second_backend(), there);
  }
  void send(std::size_t count, std::size_t bytes = 10) {
    for (std::size_t i = 0; i < count; ++i)
      here.socket->send(chunk::copy_of(std::string(bytes, 'x')), there.local(), next++);
  }
  bool all_told_in_order() const {
    for (std::size_t i = 0; i < here.outcomes.size(); ++i)
      if (here.outcomes[i].tag != i)
        return false;
    return here.outcomes.size() == next;
  }
  recorded_datagrams here, there;
  send_tag next = 0;
};

} // namespace

TEST_CASE("a run of equal datagrams is one message to the kernel", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  planned_sends plan;
  pair.send(50);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 50; }));
  REQUIRE(plan.calls.size() == 1);
  CHECK(plan.calls[0].messages == 1);
  CHECK(plan.calls[0].runs == 1);
  pair.send(1);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 51; }));
  CHECK(plan.calls[1].runs == 0);
  CHECK(pair.all_told_in_order());
}

TEST_CASE("a socket without room waits for it, and tells so once", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  planned_sends plan;
  plan.next(EAGAIN);
  plan.next(EAGAIN);
  pair.send(1);
  pair.send(1, 20);
  REQUIRE(world.run_until([&] { return pair.here.was_told("room"); }));
  CHECK(pair.here.told == std::vector<std::string>{"blocked", "sent", "sent", "room"});
  CHECK(pair.all_told_in_order());
  // And once more, to the end.
  plan.next(EAGAIN);
  pair.send(1);
  pair.here.socket->finish();
  REQUIRE(world.run_until([&] { return pair.here.was_told("finished"); }));
  CHECK(std::vector<std::string>(pair.here.told.begin() + 4, pair.here.told.end()) ==
        std::vector<std::string>{"blocked", "sent", "room", "finished"});
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 3; }));
}

TEST_CASE("a socket may be closed while it waits for room", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  planned_sends plan;
  plan.next(EAGAIN);
  pair.here.then = [&](std::string_view word) {
    if (word == "blocked")
      pair.here.socket.reset();
  };
  pair.send(1);
  REQUIRE(world.run_until([&] { return pair.here.socket == nullptr; }));
  world.settle();
  CHECK(pair.here.told == std::vector<std::string>{"blocked"});
}

TEST_CASE("what the kernel takes of several messages is told, and the rest leaves later",
          "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  planned_sends plan;
  plan.next_takes(2);
  plan.next(EINTR);
  for (std::size_t i = 0; i < 10; ++i)
    pair.send(1, 10 + i); // each longer than the last: no run
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 10; }));
  CHECK(pair.all_told_in_order());
  CHECK(plan.calls[0].messages == 10);
  CHECK(plan.calls[1].messages == 8);
}

TEST_CASE("a send that fails concerns one datagram", "[backend]") {
  auto number = GENERATE(ENETUNREACH, EHOSTUNREACH, EPERM, ENOBUFS, ENOMEM, EACCES);
  ON_EVERY_KERNEL_BACKEND(world);
  CAPTURE(number);
  datagram_pair pair(world);
  planned_sends plan;
  plan.next_takes(1);
  plan.next(number);
  for (std::size_t i = 0; i < 3; ++i)
    pair.send(1, 10 + i);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 2; }));
  CHECK(pair.all_told_in_order());
  REQUIRE(pair.here.outcomes[1].failure);
  CHECK(pair.here.outcomes[1].failure->number == number);
  CHECK(pair.here.outcomes[1].failure->port == pair.there.local().port());
  CHECK(pair.here.failures() == 1);
}

TEST_CASE("a run that the device refuses is not tried again", "[backend]") {
  auto number = GENERATE(EIO, EOPNOTSUPP, ENOPROTOOPT);
  ON_EVERY_KERNEL_BACKEND(world);
  CAPTURE(number);
  datagram_pair pair(world);
  planned_sends plan;
  plan.refuse_runs(number);
  pair.send(20);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 20; }));
  plan.calls.clear();
  pair.send(20);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 40; }));
  REQUIRE(plan.calls.size() == 1);
  CHECK(plan.calls[0].messages == 20);
  CHECK(plan.calls[0].runs == 0);
  CHECK(pair.all_told_in_order());
  CHECK(pair.here.failures() == 0);
}

TEST_CASE("a run of packets that are too long for the path is not tried again, others are",
          "[backend]") {
  auto number = GENERATE(EMSGSIZE, EINVAL);
  ON_EVERY_KERNEL_BACKEND(world);
  CAPTURE(number);
  datagram_pair pair(world);
  planned_sends plan;
  plan.refuse_runs(number, 1000);
  pair.send(10, 1200);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 10; }));
  plan.calls.clear();
  pair.send(10, 1300);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 20; }));
  CHECK(plan.calls[0].runs == 0);
  plan.calls.clear();
  pair.send(10, 900);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 30; }));
  CHECK(plan.calls[0].runs == 1);
  CHECK(pair.all_told_in_order());
  CHECK(pair.here.failures() == 0);
}

TEST_CASE("a run for which there was no memory once is tried again", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  planned_sends plan;
  plan.next(ENOBUFS);
  pair.send(10);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 10; }));
  plan.calls.clear();
  pair.send(10);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 20; }));
  CHECK(plan.calls[0].runs == 1);
  CHECK(pair.here.failures() == 0);
}

TEST_CASE("a run to where nothing can be sent fails datagram by datagram", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  for (std::size_t i = 0; i < 10; ++i)
    pair.here.socket->send(text("same size"), pair.there.local().with_port(0), pair.next++);
  pair.send(10);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 10; }));
  REQUIRE(world.run_until([&] { return pair.here.outcomes.size() == 20; }));
  CHECK(pair.all_told_in_order());
  CHECK(pair.here.failures() == 10);
  // That was not the run's fault.
  planned_sends plan;
  pair.send(10);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 20; }));
  CHECK(plan.calls[0].runs == 1);
}

TEST_CASE("what came back of an earlier datagram fails no later one", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  REQUIRE(pair.here.socket->connect(pair.there.local()));
  planned_sends plan;
  plan.next(ECONNREFUSED);
  for (std::size_t i = 0; i < 10; ++i)
    pair.here.socket->send(text("same size"), nowhere, pair.next++);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 10; }));
  REQUIRE(pair.here.errors.size() == 1);
  CHECK(pair.here.errors[0].code() == "ECONNREFUSED");
  CHECK(pair.here.errors[0].syscall == "send");
  CHECK(pair.all_told_in_order());
  CHECK(pair.here.failures() == 0);
  // Twice the same is the answer to the send itself; two of them are both told.
  plan.next(EHOSTUNREACH);
  plan.next(EHOSTUNREACH);
  pair.here.socket->send(text("x"), nowhere, pair.next++);
  REQUIRE(world.run_until([&] { return pair.here.outcomes.size() == 11; }));
  CHECK(pair.here.outcomes[10].failure->code() == "EHOSTUNREACH");
  plan.next(ECONNREFUSED);
  plan.next(EPERM);
  pair.here.socket->send(text("x"), nowhere, pair.next++);
  REQUIRE(world.run_until([&] { return pair.here.outcomes.size() == 12; }));
  CHECK(pair.here.outcomes[11].failure->code() == "EPERM");
  CHECK(pair.here.errors.size() == 2);
  // Also if there is no room at that moment.
  plan.next(ECONNREFUSED);
  plan.next(EAGAIN);
  pair.here.socket->send(text("x"), nowhere, pair.next++);
  REQUIRE(world.run_until([&] { return pair.here.was_told("room"); }));
  CHECK(pair.here.errors.size() == 3);
  CHECK_FALSE(pair.here.outcomes[12].failure);
}

TEST_CASE("what a former peer sent back fails nothing that is for another", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  recorded_datagrams gone;
  open_datagrams(world.backend(), gone);
  const auto nobody = gone.local();
  gone.socket.reset();
  const bool is_for_next_peer = GENERATE(false, true);
  CAPTURE(is_for_next_peer);
  REQUIRE(pair.here.socket->connect(nobody));
  pair.here.socket->send(text("anybody?"), nowhere, pair.next++);
  world.backend().flush(); // it leaves, and comes back, before anybody looks
  if (is_for_next_peer)
    REQUIRE(pair.here.socket->connect(pair.there.local()));
  else
    REQUIRE(pair.here.socket->disconnect());
  pair.here.socket->send(text("back"), is_for_next_peer ? nowhere : pair.there.local(),
                         pair.next++);
  REQUIRE(world.run_until([&] { return pair.there.received_count == 1; }));
  CHECK(pair.here.failures() == 0);
  CHECK(pair.all_told_in_order());
}

TEST_CASE("what came back is told, though a run is refused behind it", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  datagram_pair pair(world);
  REQUIRE(pair.here.socket->connect(pair.there.local()));
  planned_sends plan;
  plan.next(ECONNREFUSED);
  plan.next(EMSGSIZE);
  for (std::size_t i = 0; i < 10; ++i)
    pair.here.socket->send(text("same size"), nowhere, pair.next++);
  REQUIRE(world.run_until([&] { return pair.there.received.size() == 10; }));
  REQUIRE(pair.here.errors.size() == 1);
  CHECK(pair.here.errors[0].code() == "ECONNREFUSED");
  CHECK(pair.here.failures() == 0);
  CHECK(pair.all_told_in_order());
}

TEST_CASE("a socket may be closed by whoever hears what came back", "[backend]") {
  auto second = GENERATE(0, EPERM, EAGAIN);
  ON_EVERY_KERNEL_BACKEND(world);
  CAPTURE(second);
  datagram_pair pair(world);
  REQUIRE(pair.here.socket->connect(pair.there.local()));
  pair.here.then = [&](std::string_view word) {
    if (word == "error")
      pair.here.socket.reset();
  };
  planned_sends plan;
  plan.next(ECONNREFUSED);
  plan.next(second);
  pair.here.socket->send(text("x"), nowhere, 1);
  REQUIRE(world.run_until([&] { return pair.here.socket == nullptr; }));
  world.settle();
  CHECK(pair.here.told == std::vector<std::string>{"error"});
}
