// SPDX-License-Identifier: BSD-3-Clause
#include "support/backend_world.hpp"

#include "support/kernel_world.hpp"
#include "support/simulated_world.hpp"

#include "uring_options.hpp"

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

#include <cstdlib>

namespace actornet::test {

namespace {

using make_backend =
    std::function<net::expected<std::unique_ptr<net::io_backend>>(std::shared_ptr<net::resolver>)>;

backend_under_test real(std::string name, make_backend make) {
  return {std::move(name), [make] { return std::make_unique<kernel_world>(make); }};
}

backend_under_test simulated(std::string kind, net::simulated_network::options chosen) {
  return {"simulated (" + kind + "), seed " + std::to_string(chosen.seed),
          [chosen] { return std::make_unique<simulated_world>(chosen); }};
}

// Every byte is a matter of luck.
net::simulated_network::options hostile(std::uint64_t seed) {
  net::simulated_network::options chosen;
  chosen.seed = seed;
  chosen.segment_bytes_max = 200;
  chosen.partial_receive_chance = 0.5;
  chosen.partial_send_chance = 0.5;
  chosen.send_buffer_bytes = 3000;
  chosen.receive_buffer_bytes = 5000;
  return chosen;
}

make_backend uring(net::uring_options chosen) {
  return [chosen](std::shared_ptr<net::resolver> names) {
    return net::make_uring_backend(std::move(names), chosen);
  };
}

// Everything runs out all the time: room for operations, for completions, and buffers.
net::uring_options narrow() {
  return {.submissions = 2,
          .completions = 4,
          .buffers = 2,
          .buffer_bytes = 300,
          .share_from_bytes = 100};
}

net::uring_options old_kernel() { return {.incremental = false, .deferred = false}; }

std::vector<backend_under_test> all_backends() {
  std::vector<backend_under_test> all{
      simulated("plain", {.seed = 1}),
      simulated("plain", {.seed = 2}),
      simulated("hostile", hostile(3)),
      simulated("hostile", hostile(4)),
      real("epoll", net::make_epoll_backend),
      real("io_uring", uring({})),
      real("io_uring (narrow)", uring(narrow())),
      real("io_uring (as Linux 6.0 has it)", uring(old_kernel())),
  };
  if (const char* seed = std::getenv("ACTORNET_SEED"))
    all.push_back(simulated("hostile", hostile(std::strtoull(seed, nullptr, 10))));
  return all;
}

} // namespace

const std::vector<backend_under_test>& backends_under_test() {
  static const auto all = all_backends();
  return all;
}

} // namespace actornet::test
