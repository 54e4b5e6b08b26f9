// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/catch.hpp"

#include <actornet/net/io_backend.hpp>
#include <actornet/net/simulated_network.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actornet::test {

/// Two loops of one kind of backend, and how time passes for them. Hides from a test whether the
/// network is the kernel's or simulated. Checks at its end that no descriptor was left open:
/// sockets are declared after it.
class backend_world {
public:
  virtual ~backend_world() = default;

  virtual net::io_backend& backend() = 0;
  virtual net::io_backend& second_backend() = 0;
  /// One poll of each loop. Simulated time moves to the next event; false: nothing will happen any
  /// more.
  virtual bool turn() = 0;
  /// Turns until `condition` holds. False if it never will, or a generous time has passed.
  virtual bool run_until(const std::function<bool()>& condition) = 0;
  /// Turns until what is under way is over: then what was not told will not be.
  virtual void settle() = 0;
  /// Lets what was sent arrive, while the loops look away.
  virtual void let_arrive() = 0;
  /// No descriptor can be opened from now on, or any number.
  virtual void forbid_descriptors(bool forbidden) = 0;

  /// A path for a file of this world.
  virtual std::string path(std::string_view name) = 0;
  virtual void put_file(const std::string& path, std::string_view bytes) = 0;
  /// None if there is no such file.
  virtual std::optional<std::string> file_bytes(const std::string& path) = 0;
  /// From now on a file that has `bytes` takes no more; what errno says so.
  virtual int limit_files(std::size_t bytes) = 0;

  /// Null on a real one.
  virtual net::simulated_network* simulation() { return nullptr; }
};

/// A kind of backend, with everything that decides about its run in its name.
struct backend_under_test {
  std::string name;
  std::function<std::unique_ptr<backend_world>()> make;
};

/// All of them. The environment's ACTORNET_SEED adds a simulated network of that seed.
const std::vector<backend_under_test>& backends_under_test();

} // namespace actornet::test

// NOLINTBEGIN(bugprone-macro-parentheses): `world` is a name to be declared
/// Runs the rest of the test case on each backend, in a fresh world called `world`.
#define ON_EVERY_BACKEND(world)                                                                    \
  const auto& backend_under_test = ::actornet::test::backends_under_test().at(                     \
      GENERATE(range(std::size_t{0}, ::actornet::test::backends_under_test().size())));            \
  INFO("on " << backend_under_test.name);                                                          \
  const auto owned_##world = backend_under_test.make();                                            \
  auto& world = *owned_##world
/// On those only that are over the kernel.
#define ON_EVERY_KERNEL_BACKEND(world)                                                             \
  ON_EVERY_BACKEND(world);                                                                         \
  if (world.simulation() != nullptr)                                                               \
  return
// NOLINTEND(bugprone-macro-parentheses)
