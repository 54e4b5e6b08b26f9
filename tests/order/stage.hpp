// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "order/other_side.hpp"
#include "support/catch.hpp"

#include <actornet/actornet.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace actornet::test {

/// Where a story of a connection takes place: a runtime with one loop, other sides of its
/// connections, and time. Hides from a test whether the network is the kernel's or simulated.
///
/// One thread, the test's, but for `ring`. Declared before everything that takes place on it.
class stage {
public:
  virtual ~stage() = default;

  virtual caf::actor_system& system() = 0;
  runtime& net() { return runtime::from(system()); }

  virtual std::unique_ptr<other_side> client_of(const endpoint& where) = 0;
  virtual std::unique_ptr<other_server> server() = 0;
  /// Who connects there is refused.
  virtual endpoint nobody_listens() = 0;
  /// Who connects there waits for ever.
  virtual endpoint nobody_answers() = 0;
  /// No address of this machine.
  virtual endpoint not_ours() = 0;

  /// Lets time pass until `condition` holds. False: it will not, or a generous time has passed.
  virtual bool run_until(const std::function<bool()>& condition) = 0;
  /// What is under way is over when this returns: what was not told by then will not be.
  virtual void settle() = 0;
  /// What `who` was told to send is in the socket of its connection.
  virtual void lets_arrive(other_side& who) = 0;
  /// Lets time pass: how slow somebody is, and never what a test waits for.
  virtual void dawdles(std::chrono::milliseconds time) = 0;
  virtual net::duration now() = 0;
  /// On any thread: a condition may hold now.
  virtual void ring() = 0;
  /// Processor time that the program has used; nothing where time is simulated.
  virtual net::duration work_done() = 0;
};

/// A kind of stage, with what decides about its run in its name.
struct stage_under_test {
  std::string name;
  bool has_kernel = false;
  std::function<std::unique_ptr<stage>()> make;
};

/// All that this machine has; or only those with the real kernel.
const std::vector<stage_under_test>& stages_under_test();
const std::vector<stage_under_test>& kernel_stages_under_test();

} // namespace actornet::test

// NOLINTBEGIN(bugprone-macro-parentheses): `stage` is a name to be declared
#define ACTORNET_ON_STAGES(stage, stages)                                                          \
  const auto& chosen_stage = ::actornet::test::stages.at(                                          \
      GENERATE(range(std::size_t{0}, ::actornet::test::stages.size())));                           \
  INFO("on " << chosen_stage.name);                                                                \
  const auto owned_##stage = chosen_stage.make();                                                  \
  auto& stage = *owned_##stage

/// Runs the rest of the test case on each stage, on a fresh one called `stage`.
#define ON_EVERY_STAGE(stage) ACTORNET_ON_STAGES(stage, stages_under_test())
/// The same, on those with the real kernel only.
#define ON_EVERY_KERNEL(stage) ACTORNET_ON_STAGES(stage, kernel_stages_under_test())
// NOLINTEND(bugprone-macro-parentheses)
