// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "order/stage.hpp"
#include "order/words.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actornet::test {

/// Something that an actor is to do in a turn of its own.
struct task {
  std::function<void(caf::event_based_actor*)> what;
};

/// An actor on the stage's loop: the handler of connections, and the owner of listeners if it is
/// made one. All that it is told, events and the answers to what it asks, is written into one log
/// in the order in which it hears of it.
class recorder {
public:
  explicit recorder(stage& where);
  /// The actor ends, and with it what it is the handler of.
  ~recorder();
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  const caf::actor& actor() const noexcept { return actor_; }

  // -- what it does -------------------------------------------------------------------------------

  /// Requests, all in one turn and in this order; their answers go into the log.
  template <class Handle, class... Commands> void asks(const Handle& whom, Commands... what) {
    does([into = record_, whom, what...](caf::event_based_actor* self) {
      (ask(self, into, whom, what), ...);
    });
  }
  /// The same as plain sends.
  template <class Handle, class... Commands> void sends(const Handle& whom, Commands... what) {
    does([whom, what...](caf::event_based_actor* self) { (self->send(whom, what), ...); });
  }
  void does(std::function<void(caf::event_based_actor*)> what);

  /// From now on, asks this as soon as it is told `word`, in the same turn.
  template <class... Commands> void answers(const std::string& word, Commands... what) {
    reacts(word, [into = record_, what...](caf::event_based_actor* self, const connection& peer) {
      (ask(self, into, peer, what), ...);
    });
  }

  /// Connects, and asks this in the same turn: before anything can come of it.
  template <class... Commands> connection connects(connect_options chosen, Commands... what) {
    does([into = record_, chosen = std::move(chosen), what...](caf::event_based_actor* self) {
      auto begun = runtime::from(self->system()).connect(chosen, caf::actor(self));
      if (begun)
        (ask(self, into, *begun, what), ...);
      into->note_begun(std::move(begun));
    });
    return begun_one();
  }

  /// From now on it holds the bytes of each event, as who is slow does; or lets go of all.
  void keeps_bytes();
  void lets_go_of_bytes();

  /// The address of a listener.
  endpoint address_of(const listener& whose);

  // -- what it was told ---------------------------------------------------------------------------

  /// `data` once for a run of them.
  words log() const;
  std::size_t count(const std::string& word) const;
  /// When it was told the last `word`.
  net::duration time_of(const std::string& word) const;
  /// All bytes of all `data`.
  std::string bytes() const;
  /// The error that was told last.
  error last_error() const;
  /// The connection that was last `connected`, or, for an owner, `accepted`.
  connection peer() const;

  /// Lets time pass until the log has `word` `times` times.
  void until(const std::string& word, std::size_t times = 1);
  /// Lets time pass until it was told so many bytes.
  void until_bytes(std::size_t count);

private:
  using reaction = std::function<void(caf::event_based_actor*, const connection&)>;

  struct entry {
    std::string word;
    net::duration time;
  };

  /// Of the actor, and looked at by the test.
  struct record {
    explicit record(stage& of) : where(of) {}

    void note(const std::string& word);
    void note_begun(expected<connection> made);
    void note_failure(const std::string& name, const caf::error& why);
    reaction reaction_to(const std::string& word) const;

    stage& where;
    mutable std::mutex mutex;
    std::vector<entry> entries;
    std::string bytes;
    std::optional<std::vector<chunk>> kept;
    std::optional<error> last_why;
    std::optional<connection> peer;
    std::optional<expected<connection>> begun;
    std::optional<endpoint> address;
    std::map<std::string, reaction> reactions;
  };
  using record_ptr = std::shared_ptr<record>;

  static caf::behavior behavior(caf::event_based_actor* self, const record_ptr& into);
  template <class Event>
  static void hear(caf::event_based_actor* self, const record_ptr& into, const Event& event);
  void reacts(const std::string& word, reaction then);
  connection begun_one();

  template <class Handle, class Command>
  static void ask(caf::event_based_actor* self, const record_ptr& into, const Handle& whom,
                  const Command& what) {
    using answer = typename answer_to<Command>::type;
    auto failed = [into, name = name_of(what)](const caf::error& why) {
      into->note_failure(name, why);
    };
    if constexpr (std::is_void_v<answer>)
      self->request(whom, caf::infinite, what)
          .then([into, name = name_of(what)] { into->note(name + " done"); }, failed);
    else
      self->request(whom, caf::infinite, what)
          .then([into](const answer& got) { into->note(word_of(got)); }, failed);
  }

  stage& where_;
  record_ptr record_;
  caf::actor actor_;
};

} // namespace actornet::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actornet::test::task)
