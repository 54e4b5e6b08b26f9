// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/error.hpp>

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/no_stages.hpp>

#include <utility>

namespace actornet {

/// The one answer that a request gets. Empty for a plain send: answering then does nothing.
///
/// CAF's own response_promise wants a local_actor, which endpoints are not.
class responder {
public:
  responder() = default;

  /// Takes the right to answer out of `request`.
  static responder to(caf::mailbox_element& request) {
    responder result;
    if (request.mid.is_request() && !request.mid.is_answered() && request.sender) {
      result.asker_ = std::move(request.sender);
      result.stages_ = std::move(request.stages);
      result.id_ = request.mid;
    }
    return result;
  }

  explicit operator bool() const noexcept { return asker_ != nullptr; }

  template <class... Ts>
  void answer(caf::actor_control_block* self, caf::execution_unit* context, Ts&&... content) {
    if (!asker_)
      return;
    auto asker = std::exchange(asker_, nullptr);
    if (!stages_.empty()) {
      // A composed actor: the answer is the request of the next stage.
      auto next = std::move(stages_.back());
      stages_.pop_back();
      next->enqueue(caf::make_mailbox_element(std::move(asker), id_, std::move(stages_),
                                              std::forward<Ts>(content)...),
                    context);
      return;
    }
    asker->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr(self), id_.response_id(),
                                             caf::no_stages, std::forward<Ts>(content)...),
                   context);
  }

private:
  caf::strong_actor_ptr asker_;
  caf::mailbox_element::forwarding_stack stages_;
  caf::message_id id_;
};

} // namespace actornet
