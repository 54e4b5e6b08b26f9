// SPDX-License-Identifier: BSD-3-Clause
#include "listener_end.hpp"

#include "kernel.hpp"

#include <utility>

namespace actornet::net::simulation {

// listen(2) with 0 still lets one wait.
bool listener_end::is_full() const noexcept {
  auto most = chosen_.backlog > 0 ? static_cast<std::size_t>(chosen_.backlog) : 0;
  return waiting_.size() > most;
}

void listener_end::arrive(stream_end_ptr server) {
  waiting_.push_back(std::move(server));
  if (watcher_ != nullptr)
    watcher_->on_change();
}

stream_end_ptr listener_end::take() {
  if (waiting_.empty())
    return nullptr;
  auto oldest = std::move(waiting_.front());
  waiting_.pop_front();
  return oldest;
}

void listener_end::close() {
  if (std::exchange(closed_, true))
    return;
  watcher_ = nullptr;
  home_.note("closed " + to_string(local_));
  home_.bound().remove(*this);
  for (auto& each : std::exchange(waiting_, {}))
    each->reset();
}

} // namespace actornet::net::simulation
