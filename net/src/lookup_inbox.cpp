// SPDX-License-Identifier: BSD-3-Clause
#include "lookup_inbox.hpp"

#include <utility>

namespace actornet::net {

/// Lives until it is both cancelled (the asker's end) and answered (the resolver's).
class lookup_inbox::question final : public name_lookup {
public:
  explicit question(name_lookup_events& events) : events_(&events) {}

  void hold(std::shared_ptr<question> self) { self_ = std::move(self); }

  void cancel() override {
    events_ = nullptr;
    auto last = std::exchange(self_, nullptr);
  }

  void tell(resolver::answer answer) {
    auto* events = std::exchange(events_, nullptr);
    if (events == nullptr)
      return;
    if (answer)
      events->on_resolved(std::move(*answer));
    else
      events->on_not_resolved(answer.error());
  }

private:
  name_lookup_events* events_; // touched by the loop's thread only
  std::shared_ptr<question> self_;
};

name_lookup_ptr lookup_inbox::ask(resolver& names, name_query query, name_lookup_events& events) {
  auto asked = std::make_shared<question>(events);
  asked->hold(asked);
  names.ask(std::move(query), [inbox = shared_from_this(), asked](resolver::answer answer) {
    inbox->put({asked, std::move(answer)});
  });
  return name_lookup_ptr(asked.get());
}

void lookup_inbox::put(answered what) {
  {
    std::lock_guard guard(mutex_);
    arrived_.push_back(std::move(what));
    some_arrived_.store(true, std::memory_order_release);
  }
  bell_->ring();
}

std::size_t lookup_inbox::deliver() {
  if (!some_arrived_.load(std::memory_order_acquire))
    return 0;
  std::vector<answered> now;
  {
    std::lock_guard guard(mutex_);
    some_arrived_.store(false, std::memory_order_relaxed);
    now.swap(arrived_);
  }
  for (auto& each : now)
    each.to->tell(std::move(each.answer));
  return now.size();
}

} // namespace actornet::net
