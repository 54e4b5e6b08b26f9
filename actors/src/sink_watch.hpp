// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <caf/error.hpp>

#include <functional>

namespace actornet {

/// Tells of the death of a sink, at once if it is dead already, until it is taken back.
class sink_watch {
public:
  /// Called on whatever thread the sink dies; it must only post.
  using notice = std::function<void(const caf::error& reason)>;

  sink_watch(const sink& whose, notice on_death);
  ~sink_watch();
  sink_watch(const sink_watch&) = delete;
  sink_watch& operator=(const sink_watch&) = delete;

private:
  sink whose_;
};

} // namespace actornet
