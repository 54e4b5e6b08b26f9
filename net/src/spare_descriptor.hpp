// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/descriptor.hpp>

namespace actornet::net {

/// A descriptor held in reserve. A client for whom there is no other can be accepted in its place
/// and sent away; otherwise it would wait in the backlog, and keep its listener awake.
///
/// Between `release` and `hold` another thread may take the place.
class spare_descriptor {
public:
  /// Opens it, if it is not held. False: there is no descriptor for it.
  bool hold();
  void release() { held_ = {}; }

private:
  descriptor held_;
};

} // namespace actornet::net
