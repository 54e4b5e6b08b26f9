// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/error.hpp>
#include <actornet/messages.hpp>
#include <actornet/testkit/world.hpp>

#include <caf/actor.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/no_stages.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace actornet::testkit {

/// Thrown when a test expects one message and gets another, or none.
class unexpected_message : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

/// The test's own actor: gets events as a handler or an owner, in order, and sends commands.
///
///     probe handler(w);
///     auto server = w.net().listen({.address = "tcp://127.0.0.1:80"}, handler.actor());
///     ...
///     auto peer = handler.expects<connected>().peer;
///     auto answer = handler.asks(peer, write{text("hi")});
///     CHECK(answer.value<written>().bytes == 2);
class probe {
public:
  /// A request under way.
  class question {
  public:
    /// The answer has come. No time passes.
    bool answered();
    /// Lets time pass until it is answered; throws unless the answer is an `Answer`.
    template <class Answer> Answer value() {
      auto element = take();
      auto& content = element->content();
      if (!content.match_elements<Answer>())
        asker_->complain("the answer", content.stringify());
      return content.get_as<Answer>(0);
    }
    /// The same for commands that are answered without content.
    void done();
    /// The same for an error of ours.
    error failure();
    /// The same for any error.
    caf::error caf_failure();

  private:
    friend class probe;
    question(probe& asker, caf::message_id id) : asker_(&asker), id_(id) {}
    caf::mailbox_element_ptr take();

    probe* asker_;
    caf::message_id id_;
  };

  explicit probe(world& home);
  /// Quits in order.
  ~probe();
  probe(const probe&) = delete;
  probe& operator=(const probe&) = delete;

  const caf::actor& actor() const noexcept { return self_; }

  /// Lets time pass until there is an event; throws unless it is an `Event`.
  template <class Event> Event expects() {
    auto element = take_event();
    auto& content = element->content();
    if (!content.match_elements<Event>())
      complain("the next event", content.stringify());
    return content.get_as<Event>(0);
  }

  /// All bytes of the `data` events that come first; stops before anything else. At least `size`.
  std::string expects_bytes(std::size_t size);

  /// Nothing is there, and nothing comes while nothing else happens at this instant.
  bool has_no_event();

  template <class Handle, class Command> void sends(const Handle& to, Command what) {
    send(caf::actor_cast<caf::strong_actor_ptr>(to),
         caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                   std::move(what)));
  }

  template <class Handle, class Command> question asks(const Handle& to, Command what) {
    ++last_request_;
    send(caf::actor_cast<caf::strong_actor_ptr>(to),
         caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(self_), last_request_,
                                   caf::no_stages, std::move(what)));
    return {*this, last_request_.response_id()};
  }

  /// Dies, as a handler does that ends with `reason`.
  void dies(caf::error reason);

private:
  class mailbox_actor;

  void send(const caf::strong_actor_ptr& to, caf::mailbox_element_ptr what);
  caf::mailbox_element_ptr take_event();
  mailbox_actor& mailbox() const;
  [[noreturn]] void complain(const std::string& about, const std::string& got) const;

  world& home_;
  caf::actor self_;
  caf::message_id last_request_ = caf::make_message_id();
};

} // namespace actornet::testkit
