// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/actor_control_block.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace actornet {

/// Who is piped to a sink, from the sink's side.
class attached_sources {
public:
  void join(const caf::strong_actor_ptr& source) { sources_.push_back(source); }

  /// True: it was there, and nobody is left.
  bool leave(const caf::strong_actor_ptr& source) {
    auto found = std::find(sources_.begin(), sources_.end(), source);
    if (found == sources_.end())
      return false;
    sources_.erase(found);
    return sources_.empty();
  }

  std::size_t count() const noexcept { return sources_.size(); }
  void clear() noexcept { sources_.clear(); }

private:
  std::vector<caf::strong_actor_ptr> sources_;
};

} // namespace actornet
