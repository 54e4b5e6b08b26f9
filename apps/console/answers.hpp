// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "wording.hpp"

#include <actornet/handles.hpp>
#include <actornet/messages.hpp>

#include <caf/all.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace console {

/// How a command came out.
struct outcome {
  /// What the answer says; empty when it says nothing, or there is an error.
  json fields = json::object();
  std::optional<actornet::error> error = std::nullopt;
};

inline outcome refusal(actornet::error why) { return {json::object(), std::move(why)}; }

/// Sends commands as requests, turns each answer into an outcome, and knows from whom answers are
/// still due. Part of one actor.
class answers {
public:
  using receiver = std::function<void(outcome)>;

  explicit answers(caf::event_based_actor* self) : self_(self) {}

  /// `done` is called once, in a later message of the actor.
  template <class Handle, class Message>
  void ask(const Handle& to, Message message, receiver done) {
    using sent = caf::detail::type_list<Message>;
    static_assert(caf::response_type_unbox<caf::signatures_of_t<Handle>, sent>::valid,
                  "the actor does not take this message");
    using answer = typename answer_of<Handle, Message>::type;
    request<answer>(caf::actor_cast<caf::actor>(to), caf::make_message(std::move(message)),
                    nobody<Handle>, std::move(done));
  }

  /// Whose answers are due, and how many.
  const std::map<caf::actor_id, std::size_t>& due() const { return due_; }

  /// What is said when there is nobody to ask.
  template <class Handle> static actornet::error nobody() {
    std::string_view sentence = "no such connection";
    if (std::is_same_v<Handle, actornet::listener>)
      sentence = "not listening";
    else if (std::is_same_v<Handle, actornet::udp_endpoint>)
      sentence = "the endpoint is closed";
    else if (std::is_same_v<Handle, actornet::file_sink>)
      sentence = "no such file is open";
    return actornet::error::of(actornet::trouble::not_connected, "", std::string(sentence));
  }

private:
  template <class Handle, class Message> struct answer_of { using type = void; };

  // Once for each type of answer: for each of some sixty messages it would take half as long again
  // to compile.
  template <class Answer>
  void request(const caf::actor& to, caf::message message, actornet::error (*if_gone)(),
               receiver done) {
    ++due_[to.id()];
    const auto receive = [this, id = to.id(), done = std::move(done)](outcome got) {
      if (--due_[id] == 0)
        due_.erase(id);
      done(std::move(got));
    };
    // What is not one of our errors comes from CAF: the actor is gone.
    const auto refused = [receive, if_gone](const caf::error& why) {
      receive(refusal(actornet::error_of(why).value_or(if_gone())));
    };
    auto sent = self_->request(to, caf::infinite, std::move(message));
    if constexpr (std::is_void_v<Answer>)
      sent.then([receive] { receive({}); }, refused);
    else
      sent.then([receive](const Answer& got) { receive(outcome_of(got)); }, refused);
  }

  template <class Answer> static outcome outcome_of(const Answer& got) { return {fields_of(got)}; }
  static outcome outcome_of(const actornet::addresses& got) {
    if (got.local.family() == actornet::net::address_family::none)
      return refusal(
          actornet::error::of(actornet::trouble::not_connected, "", "not connected yet"));
    return {fields_of(got)};
  }

  caf::event_based_actor* self_;
  std::map<caf::actor_id, std::size_t> due_;
};

template <> struct answers::answer_of<actornet::connection, actornet::write> {
  using type = actornet::written;
};
template <> struct answers::answer_of<actornet::connection, actornet::write_text> {
  using type = actornet::written;
};
template <> struct answers::answer_of<actornet::file_sink, actornet::write> {
  using type = actornet::written;
};
template <> struct answers::answer_of<actornet::connection, actornet::get_info> {
  using type = actornet::connection_info;
};
template <> struct answers::answer_of<actornet::listener, actornet::get_info> {
  using type = actornet::listener_info;
};
template <> struct answers::answer_of<actornet::listener, actornet::get_connections> {
  using type = actornet::connections;
};
template <> struct answers::answer_of<actornet::listener, actornet::stop> {
  using type = actornet::stopped;
};
template <> struct answers::answer_of<actornet::udp_endpoint, actornet::send> {
  using type = actornet::sent;
};
template <> struct answers::answer_of<actornet::udp_endpoint, actornet::get_info> {
  using type = actornet::udp_info;
};
template <class Handle> struct answers::answer_of<Handle, actornet::get_address> {
  using type = actornet::addresses;
};

} // namespace console
