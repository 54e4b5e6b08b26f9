// SPDX-License-Identifier: BSD-3-Clause
#include "order/kernel_stage.hpp"
#include "order/simulated_stage.hpp"

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

#include <cstdint>
#include <cstdlib>

namespace actornet::test {

namespace {

bool kernel_allows_uring() {
  return net::make_uring_backend(std::make_shared<net::resolver>()).has_value();
}

stage_under_test simulated(std::uint64_t seed) {
  return {"the simulated backend, seed " + std::to_string(seed), false,
          [seed] { return make_simulated_stage({.seed = seed}); }};
}

stage_under_test real(const std::string& backend) {
  return {backend, true, [backend] { return make_kernel_stage(backend); }};
}

std::vector<stage_under_test> all_stages() {
  const char* seed = std::getenv("ACTORNET_SEED");
  std::vector<stage_under_test> all{
      simulated(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1),
      real("epoll"),
  };
  if (kernel_allows_uring())
    all.push_back(real("uring"));
  else
    WARN("this kernel does not allow io_uring");
  return all;
}

} // namespace

const std::vector<stage_under_test>& stages_under_test() {
  static const auto all = all_stages();
  return all;
}

const std::vector<stage_under_test>& kernel_stages_under_test() {
  static const auto real = [] {
    auto kept = all_stages();
    std::erase_if(kept, [](const auto& each) { return !each.has_kernel; });
    return kept;
  }();
  return real;
}

} // namespace actornet::test
