// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/testkit/world.hpp>

#include <caf/atom.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <stdexcept>

namespace actornet::testkit {

namespace {

// More turns than any test needs at one instant: somebody keeps somebody busy for ever.
constexpr int turns_at_once_max = 1'000'000;

caf::scheduler::test_coordinator& scheduler_of(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

// How long until CAF's own clock has something to tell: `after`, `delayed_send`, a request's
// time-out.
std::optional<net::duration> time_to_caf_event(caf::actor_system& system) {
  auto& clock = scheduler_of(system).clock();
  if (clock.schedule().empty())
    return std::nullopt;
  return clock.schedule().begin()->first - clock.current_time;
}

} // namespace

world::world() : world(options{}) {}

world::world(options chosen) : network_(chosen.network) {
  config_.set("scheduler.policy", caf::atom("testing"));
  config_.module_factories.emplace_back([this, chosen](caf::actor_system& system) {
    return new runtime(
        system, chosen.loops, [this] { return network_.make_backend(); }, chosen.events,
        chosen.receive_budget_bytes);
  });
  system_ = std::make_unique<caf::actor_system>(config_);
  // Nobody would run the actors that it would wait for.
  system_->await_actors_before_shutdown(false);
}

world::~world() {
  net().stop();
  scheduler_of(*system_).run();
}

void world::settle() {
  for (int turns = 0; turns < turns_at_once_max; ++turns) {
    bool did = net().turn();
    did = scheduler_of(*system_).run() > 0 || did;
    did = scheduler_of(*system_).advance_time(caf::timespan::zero()) > 0 || did;
    auto next = next_happening();
    if (!did && (!next || *next > network_.now()))
      return;
  }
  throw std::logic_error("the world does not come to rest");
}

void world::pass(net::duration time) {
  auto until = network_.now() + time;
  settle();
  for (auto next = next_happening(); next && *next <= until; next = next_happening())
    advance_to(*next);
  advance_to(until);
}

bool world::run_until(const std::function<bool()>& condition, net::duration limit) {
  auto until = network_.now() + limit;
  settle();
  while (!condition()) {
    auto next = next_happening();
    if (!next || *next > until)
      return false;
    advance_to(*next);
  }
  return true;
}

std::optional<net::instant> world::next_happening() const {
  auto first = network_.next_event();
  auto timer = runtime::from(*system_).next_timer();
  if (timer && (!first || *timer < *first))
    first = timer;
  if (auto waiting = time_to_caf_event(*system_)) {
    auto due = network_.now() + std::max(*waiting, net::duration::zero());
    first = first ? std::min(*first, due) : due;
  }
  return first;
}

void world::advance_to(net::instant when) {
  auto before = network_.now();
  network_.advance_to(std::max(when, before));
  scheduler_of(*system_).advance_time(network_.now() - before);
  settle();
}

} // namespace actornet::testkit
