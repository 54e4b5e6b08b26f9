// SPDX-License-Identifier: BSD-3-Clause
#include "connection_handler.hpp"

#include "io_loop.hpp"
#include "unhandled_events.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>
#include <caf/sec.hpp>

#include <exception>

namespace actornet {

namespace {

// CAF's own handler prints to standard output, which belongs to the program.
caf::error describe(std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& thrown) {
    return caf::make_error(caf::sec::runtime_error, std::string(thrown.what()));
  } catch (...) {
    return caf::make_error(caf::sec::runtime_error, std::string("not a std::exception"));
  }
}

} // namespace

connection_handler::connection_handler(caf::actor_config& cfg, caf::execution_unit* home,
                                       std::shared_ptr<const handler> made, connection peer)
    : caf::event_based_actor(cfg), home_(home), made_(std::move(made)), peer_(std::move(peer)) {
  set_default_handler(drop_events);
  set_exception_handler([](std::exception_ptr& what) { return describe(what); });
}

caf::actor connection_handler::spawn(io_loop& loop, placement where,
                                     std::shared_ptr<const handler> made, connection peer) {
  auto& system = loop.system();
  auto* home = where == placement::loop ? &loop.home_unit() : nullptr;
  caf::actor_config cfg{&loop};
  auto result = caf::make_actor<connection_handler, caf::actor>(
      system.next_actor_id(), system.node(), &system, cfg, home, std::move(made), std::move(peer));
  // Lazy: its first event starts it. Hidden: the system waits for connections, not for handlers.
  auto* self = static_cast<connection_handler*>(caf::actor_cast<caf::abstract_actor*>(result));
  self->launch(&loop, true, true);
  return result;
}

void connection_handler::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  caf::event_based_actor::enqueue(std::move(what), home_);
}

caf::behavior connection_handler::make_behavior() {
  auto made = std::move(made_);
  return std::get<handler::function>(made->kind())(this, std::move(peer_));
}

} // namespace actornet
