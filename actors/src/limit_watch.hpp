// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "admission.hpp"

#include <caf/actor_control_block.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <vector>

namespace actornet {

/// Which limits are reached, as far as it was told: looks at an admission now and then, and says
/// what has changed. So however often a limit is reached and left between two looks, there are at
/// most two things to tell. One thread.
class limit_watch {
public:
  struct change {
    bool reached; ///< else cleared
    limit_scope scope;
    caf::weak_actor_ptr where; ///< the listener, with the scope `listener`
    net::endpoint who;
  };

  explicit limit_watch(std::shared_ptr<admission> what) : what_(std::move(what)) {}

  /// What has been reached since the last look: call it when the admission says so.
  std::vector<change> look_for_reached();
  /// What is cleared; call it now and then while `has_reached`.
  std::vector<change> look_for_cleared(net::instant now);
  bool has_reached() const noexcept;

private:
  bool is_over(limit_scope scope, net::instant now) const;

  std::shared_ptr<admission> what_;
  std::array<bool, static_cast<std::size_t>(limit_scope::accept_rate) + 1> reached_{};
  std::map<admission_gate*, std::weak_ptr<admission_gate>> reached_gates_;
};

} // namespace actornet
