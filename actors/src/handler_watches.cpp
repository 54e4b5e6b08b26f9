// SPDX-License-Identifier: BSD-3-Clause
#include "handler_watches.hpp"

#include "handled_endpoint.hpp"
#include "hosted_actor.hpp"
#include "io_loop.hpp"
#include "unhandled_events.hpp"

#include <caf/attachable.hpp>

#include <memory>
#include <utility>

namespace actornet {

/// Hangs on a handler; its death becomes a task of the loop. The thread is the dying handler's.
class death_notice final : public caf::attachable {
public:
  // CAF numbers its own kinds of attachables from 0 up.
  static constexpr std::size_t kind = 0xac70;

  death_notice(std::shared_ptr<loop_inbox> inbox, handler_watches* whose, caf::weak_actor_ptr who)
      : inbox_(std::move(inbox)), whose_(whose), who_(std::move(who)) {}

  // The reference goes along, so that nobody is made meanwhile where it was, and taken for it.
  void actor_exited(const caf::error& reason, caf::execution_unit*) override {
    inbox_->put(
        task([whose = whose_, who = who_, reason] { whose->handler_died(who.get(), reason); }));
  }

  bool matches(const token& what) override { return what.subtype == kind && what.ptr == whose_; }

private:
  std::shared_ptr<loop_inbox> inbox_;
  handler_watches* whose_;
  caf::weak_actor_ptr who_;
};

namespace {

caf::attachable::token token_of(const handler_watches* whose) {
  return {death_notice::kind, whose};
}

void put_first(handled_endpoint*& first, handled_endpoint& whose) {
  whose.watched() = {&first, first};
  if (first)
    first->watched().to_here = &whose.watched().next;
  first = &whose;
}

void take_off(handled_endpoint& whose) {
  auto [to_here, next] = std::exchange(whose.watched(), {});
  *to_here = next;
  if (next)
    next->watched().to_here = to_here;
}

} // namespace

handler_watches::~handler_watches() {
  for (auto& [who, each] : watches_)
    each.handler->detach(token_of(this));
}

void handler_watches::add(const caf::actor& handler, handled_endpoint& whose) {
  auto* who = handler->ctrl();
  auto [found, is_new] = watches_.try_emplace(who);
  put_first(found->second.first, whose);
  if (!is_new)
    return;
  found->second.handler = handler;
  if (!hosted_actor::behind(handler)) // which begins with a default handler like that
    drop_unhandled_events(handler);
  handler->attach(std::make_unique<death_notice>(home_.inbox(), this, caf::weak_actor_ptr(who)));
}

void handler_watches::remove(const caf::actor& handler, handled_endpoint& whose) {
  take_off(whose);
  auto found = watches_.find(handler->ctrl());
  if (found == watches_.end() || found->second.first) // not found: it is just being told
    return;
  auto gone = watches_.extract(found);
  gone.mapped().handler->detach(token_of(this));
}

void handler_watches::handler_died(const caf::actor_control_block* who, const caf::error& reason) {
  auto gone = watches_.extract(who);
  if (gone.empty())
    return;
  // From the start each time: one may end others of the list, as an endpoint does its sessions.
  auto& first = gone.mapped().first;
  while (auto* each = first) {
    take_off(*each);
    each->handler_is_dead(reason);
  }
}

} // namespace actornet
