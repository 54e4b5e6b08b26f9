// SPDX-License-Identifier: BSD-3-Clause
#include "accept_trouble.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace std::chrono_literals;
using actornet::accept_trouble;
using actornet::net::instant;

namespace {

/// When it is told, of trouble every 10 ms.
std::vector<instant::duration> told_within(accept_trouble& trouble, instant begin,
                                           instant::duration time) {
  std::vector<instant::duration> told;
  for (auto passed = 0ms; passed < time; passed += 10ms)
    if (trouble.is_news(begin + passed))
      told.push_back(passed);
  return told;
}

using times = std::vector<instant::duration>;

} // namespace

TEST_CASE("trouble that lasts is told at times that grow apart, up to a limit") {
  accept_trouble trouble;
  CHECK(told_within(trouble, instant(5s), 8s) ==
        times{0ms, 100ms, 300ms, 700ms, 1500ms, 3100ms, 4700ms, 6300ms, 7900ms});
}

TEST_CASE("after the trouble is over, the next is news at once") {
  accept_trouble trouble;
  told_within(trouble, instant(0s), 1s);
  CHECK_FALSE(trouble.is_news(instant(1s)));
  trouble.over();
  CHECK(told_within(trouble, instant(1s), 500ms) == times{0ms, 100ms, 300ms});
}

TEST_CASE("trouble that comes and goes is told ten times a second at most") {
  accept_trouble trouble;
  int told = 0;
  for (auto now = instant(0s); now < instant(1s); now += 10ms) {
    told += trouble.is_news(now);
    trouble.over();
  }
  CHECK(told == 10);
}
