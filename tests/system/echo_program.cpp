// SPDX-License-Identifier: BSD-3-Clause

// The echo server of the tests that measure a process from outside, with a connection actor and a
// handler actor for each client. It prints `listening PORT KIND`, where KIND is `plain` or
// `instrumented` (a sanitizer is at work, whose memory is not ours), and obeys the lines of its
// input:
//
//     count    prints the number of connections
//     trim     gives free memory back to the system, and prints `trimmed`
//
// At the end of its input it stops listening and ends like any program, so that leaks are found.

#include "system/host.hpp"
#include "system/instrumented.hpp"
#include "system/witness.hpp"

#include <malloc.h>

#include <iostream>
#include <string>

int main() {
  namespace an = actornet;
  namespace test = actornet::test;
  test::host program;
  auto server = program.listens(test::echo, {.address = test::any_port, .backlog = 4096});
  std::cout << "listening " << program.address_of(server).port() << ' '
            << (test::is_instrumented ? "instrumented" : "plain") << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "count")
      std::cout << program.asks<an::connections>(server, an::get_connections{})->count << std::endl;
    if (line == "trim") {
      ::malloc_trim(0);
      std::cout << "trimmed" << std::endl;
    }
  }
  caf::anon_send(server, an::close{});
}
