// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace actornet::net::simulation {

/// Who is told that something about an end may have changed; it looks for itself what. Called from
/// within the kernel's work: it may use the end, but not close it.
class watcher {
public:
  virtual void on_change() = 0;

protected:
  ~watcher() = default;
};

} // namespace actornet::net::simulation
