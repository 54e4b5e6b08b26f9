// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_pace.hpp"

#include "support/catch.hpp"

#include <chrono>

using namespace actornet::net;
using namespace std::chrono_literals;

namespace {

constexpr auto longest = 50us;
constexpr std::size_t plenty = 1024 * 1024;

/// Time that the test moves, and looks that find what it says.
struct looking {
  datagram_pace pace;
  instant now{1h};

  explicit looking(duration most = longest) { pace.set_longest(most); }
  void find(duration later, std::size_t messages, std::size_t bytes = 100,
            std::size_t buffer_bytes = plenty) {
    now += later;
    pace.looked(now, {messages, 64, bytes, buffer_bytes});
  }
  /// One datagram each 5 us, in looks that the kernel asked for.
  void find_close(unsigned looks) {
    for (unsigned i = 0; i < looks; ++i)
      find(5us, 1);
  }
};

} // namespace

TEST_CASE("a socket that gets little is told by the kernel") {
  looking socket;
  for (int i = 0; i < 100; ++i)
    socket.find(13us, 1); // less than 4 in 50 us
  CHECK_FALSE(socket.pace.until_next());
}

TEST_CASE("once datagrams follow closely for a while, a socket looks by itself") {
  looking socket;
  socket.find_close(datagram_pace::looks_min); // since the first there is no time before it
  CHECK_FALSE(socket.pace.until_next());
  socket.find_close(1);
  CHECK(socket.pace.until_next() == longest);
}

TEST_CASE("looks at the same time are one") {
  looking socket;
  for (unsigned i = 0; i < datagram_pace::looks_min; ++i) {
    socket.find(10us, 1);
    socket.find(0us, 1);
  }
  CHECK_FALSE(socket.pace.until_next());
  socket.find(10us, 64);
  CHECK(socket.pace.until_next() == 5us);
  socket.find(0us, 0); // all there was came with the first one
  CHECK(socket.pace.until_next() == 5us);
  socket.find(10us, 0);
  CHECK_FALSE(socket.pace.until_next());
}

TEST_CASE("a look comes early enough for what it can take") {
  looking socket;
  socket.find_close(datagram_pace::looks_min + 1);
  socket.find(50us, 64);
  CHECK(socket.pace.until_next() == 25us); // for half of 64
  socket.find(50us, 8);                    // fewer come now, but at first that may be chance
  CHECK(socket.pace.until_next() > 25us);
  for (int i = 0; i < 10; ++i)
    socket.find(50us, 8);
  CHECK(socket.pace.until_next() == longest);
}

TEST_CASE("a loop that was held up once does not wait for longer afterwards") {
  looking socket{1s};
  for (unsigned i = 0; i <= datagram_pace::looks_min; ++i)
    socket.find(10us, 1);
  CHECK(socket.pace.until_next() == 320us);
  socket.find(50us, 1);
  CHECK(socket.pace.until_next() == 320us);
  socket.find(10us, 1);
  CHECK(socket.pace.until_next() == 320us);
}

TEST_CASE("a lull ends looking") {
  for (std::size_t messages : {std::size_t{0}, std::size_t{3}}) {
    looking socket;
    socket.find_close(datagram_pace::looks_min + 1);
    socket.find(50us, messages);
    CHECK_FALSE(socket.pace.until_next());
    socket.find_close(datagram_pace::looks_min - 1);
    CHECK_FALSE(socket.pace.until_next());
    socket.find_close(1);
    CHECK(socket.pace.until_next());
  }
}

TEST_CASE("what is sent ends looking, and who sends now and then does not begin") {
  looking socket;
  socket.find_close(datagram_pace::looks_min + 1);
  socket.pace.sent();
  CHECK_FALSE(socket.pace.until_next());
  for (int i = 0; i < 100; ++i) {
    socket.find_close(datagram_pace::looks_min - 1);
    socket.pace.sent();
  }
  CHECK_FALSE(socket.pace.until_next());
}

TEST_CASE("no more is waited for than fills a quarter of the receive buffer") {
  looking socket;
  for (unsigned i = 0; i <= datagram_pace::looks_min; ++i)
    socket.find(2us, 1, 100, 4000);
  CHECK(socket.pace.until_next() == 20us); // ten of them
  socket.find(40us, 20, 2000, 4000);
  CHECK(socket.pace.until_next() == 20us);
  socket.find(40us, 21, 2100, 4000); // more than half of it was full
  CHECK_FALSE(socket.pace.until_next());
  looking large;
  for (int i = 0; i < 100; ++i)
    large.find(2us, 1, 300, 4000); // a quarter is less than four of these
  CHECK_FALSE(large.pace.until_next());
  looking unknown;
  for (int i = 0; i < 100; ++i)
    unknown.find(2us, 1, 100, 0);
  CHECK_FALSE(unknown.pace.until_next());
}

TEST_CASE("a socket whose datagrams are not to wait does not look by itself") {
  looking socket{0us};
  socket.find_close(100);
  CHECK_FALSE(socket.pace.until_next());
  looking changed;
  changed.find_close(datagram_pace::looks_min + 1);
  changed.pace.set_longest(0us);
  CHECK_FALSE(changed.pace.until_next());
  changed.find_close(100);
  CHECK_FALSE(changed.pace.until_next());
}

TEST_CASE("times of any length do no harm to a pace") {
  looking patient{duration::max()};
  for (unsigned i = 0; i <= datagram_pace::looks_min; ++i)
    patient.find(200ms, 1);
  CHECK(patient.pace.until_next() == datagram_pace::longest_max);
  patient.find(24h * 365 * 100, 1);
  CHECK_FALSE(patient.pace.until_next());
}
