// SPDX-License-Identifier: BSD-3-Clause

// What only a kernel's sockets do.

#include "support/held_end.hpp"
#include "support/recorded_datagrams.hpp"
#include "support/recorded_listener.hpp"

#include <fcntl.h>

#include <csignal>
#include <cstring>

using namespace actornet::net;
using namespace actornet::test;

namespace {

/// The open file behind a descriptor, under a second number: as a process has it that has passed
/// the first one on, or a child that is yet to call exec.
class second_descriptor {
public:
  explicit second_descriptor(int of) : first_(of), second_(::fcntl(of, F_DUPFD_CLOEXEC, 0)) {
    REQUIRE(second_ >= 0);
  }
  second_descriptor(const second_descriptor&) = delete;
  second_descriptor& operator=(const second_descriptor&) = delete;
  ~second_descriptor() { ::close(second_); }

  /// After the first was closed: it is there again, under its number.
  int pass_on_again() const {
    REQUIRE(::fcntl(first_, F_GETFD) == -1);
    REQUIRE(::dup3(second_, first_, O_CLOEXEC) == first_);
    return first_;
  }

private:
  const int first_;
  const int second_;
};

void write_with_descriptor(int to, std::string_view bytes, int passed) {
  iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof passed)> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof passed);
  std::memcpy(CMSG_DATA(head), &passed, sizeof passed);
  REQUIRE(::sendmsg(to, &message, 0) == static_cast<std::ptrdiff_t>(bytes.size()));
}

volatile std::sig_atomic_t sigpipes = 0;

} // namespace

TEST_CASE("a stream that is closed is forgotten, though its open file lives on", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const auto ends = tcp_ends();
  const second_descriptor kept(ends[1]);
  held_end end(world.backend(), ends);
  end.stream.socket->start_receiving();
  world.settle();
  end.stream.socket.reset();
  world.settle();
  const int number = kept.pass_on_again();
  end.write("is anybody there?");
  world.settle();
  CHECK(end.stream.told.empty());
  auto adopted = world.backend().adopt_stream(number);
  REQUIRE(adopted);
  recorded_stream again;
  serve(world.backend(), std::move(adopted->socket), again);
  again.socket->start_receiving();
  CHECK(world.run_until([&] { return again.received == "is anybody there?"; }));
}

TEST_CASE("a listener that is closed is forgotten, though its open file lives on", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  const auto where = opened->local;
  const second_descriptor kept(opened->socket.number());
  recorded_listener first;
  first.socket = *world.backend().add_listener(std::move(*opened), first);
  first.socket->start_accepting();
  world.settle();
  first.socket.reset();
  world.settle();
  const int number = kept.pass_on_again();
  recorded_stream client;
  client.socket = world.backend().connect(where, {}, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  world.settle();
  CHECK(first.accepted.empty());
  auto adopted = world.backend().adopt_listener(number, {});
  REQUIRE(adopted);
  recorded_listener again;
  again.socket = *world.backend().add_listener(std::move(*adopted), again);
  again.socket->start_accepting();
  CHECK(world.run_until([&] { return again.accepted.size() == 1; }));
}

TEST_CASE("a datagram socket that is closed is forgotten, though its open file lives on",
          "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const datagram_options chosen{.bind_to = endpoint::loopback_ipv4(0)};
  auto opened = world.backend().open_datagram(chosen);
  REQUIRE(opened);
  const second_descriptor kept(opened->socket.number());
  recorded_datagrams first;
  first.socket = *world.backend().add_datagram(std::move(*opened), first);
  const auto where = first.local();
  first.socket->start_receiving();
  world.settle();
  first.socket.reset();
  world.settle();
  const int number = kept.pass_on_again();
  recorded_datagrams other;
  open_datagrams(world.backend(), other);
  other.socket->send(text("is anybody there?"), where, 1);
  world.settle();
  CHECK(first.told.empty());
  auto adopted = world.backend().adopt_datagram(number, {});
  REQUIRE(adopted);
  recorded_datagrams again;
  again.socket = *world.backend().add_datagram(std::move(*adopted), again);
  again.socket->start_receiving();
  CHECK(world.run_until([&] { return again.received_count == 1; }));
}

TEST_CASE("what surrounds a byte out of band is received at once", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  held_end end(world.backend(), tcp_ends());
  end.write("abc");
  end.write_urgent('!');
  end.write("def");
  world.settle();
  end.stream.socket->start_receiving();
  CHECK(world.run_until([&] { return end.stream.received == "abcdef"; }));
  end.write_urgent('!');
  end.write("ghi");
  CHECK(world.run_until([&] { return end.stream.received == "abcdefghi"; }));
}

TEST_CASE("what is behind bytes that a descriptor came with is received at once", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  held_end end(world.backend());
  write_with_descriptor(end.number, "abc", end.number);
  end.write("def");
  world.settle();
  end.stream.socket->start_receiving();
  CHECK(world.run_until([&] { return end.stream.received == "abcdef"; }));
}

// A unix socket answers EPIPE at once; one of TCP has to hear of the reset first.
TEST_CASE("who sends to somebody who has gone is told EPIPE, and gets no SIGPIPE", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  const int pieces = GENERATE(1, 2); // by send(2), or by sendmsg(2)
  sigpipes = 0;
  auto* const before = std::signal(SIGPIPE, [](int) { sigpipes = sigpipes + 1; });
  const auto ends = unix_ends();
  auto adopted = world.backend().adopt_stream(ends[1]);
  REQUIRE(adopted);
  recorded_stream stream;
  serve(world.backend(), std::move(adopted->socket), stream);
  ::close(ends[0]);
  for (int i = 0; i < pieces; ++i)
    stream.socket->send(text("anybody?"));
  CHECK(world.run_until([&] { return stream.send_failure.has_value(); }));
  std::signal(SIGPIPE, before);
  REQUIRE(stream.send_failure);
  CHECK(stream.send_failure->code() == "EPIPE");
  CHECK(sigpipes == 0);
}
