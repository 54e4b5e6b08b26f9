// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pump_target.hpp"
#include "responder.hpp"
#include "sink_watch.hpp"

#include <actornet/messages.hpp>

#include <actornet/net/chunk.hpp>

#include <caf/actor_addr.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <utility>
#include <vector>

namespace actornet {

class io_loop;

/// Whose bytes leave through outlets. Called from within their functions; it must not change them.
class outlet_owner {
public:
  virtual void tell_piped(const sink& to) = 0;
  /// Of a pipe that nobody waits to be answered.
  virtual void tell_pipe_failed(const sink& to, const net::error& why) = 0;
  virtual void tell_unpiped(const sink& from, std::uint64_t bytes, unpipe_reason reason,
                            const net::error& why) = 0;
  /// What is to be done, on any thread, when that sink dies: `outlets::sink_died`, later.
  virtual sink_watch::notice notice_of_death(const caf::actor_addr& of_sink) = 0;

protected:
  ~outlet_owner() = default;
};

/// The pipes of one source, from its side: whom its bytes are given to, what of them was taken, and
/// what comes back. Loop's thread.
///
/// A pipe's life:
///
/// | phase     | meanwhile                                | next                               |
/// | --------- | ---------------------------------------- | ---------------------------------- |
/// | joining   | the sink is asked; nobody is given bytes | flowing: it is ready               |
/// |           |                                          | cancelled: `unpipe`                |
/// |           |                                          | gone: it refused, or died          |
/// | cancelled | its answer is still due                  | gone: that has come, or it died    |
/// | flowing   | it is given bytes                        | settling: `unpipe`, `end`, failure |
/// | settling  | it is given no more; answers are due     | leaving: the last has come         |
/// |           |                                          | gone: it died                      |
/// | leaving   | it is told, and may have to close        | gone: it has answered, or died     |
///
/// And with the source all are gone at once. After each function that is marked, the owner looks at
/// what has changed: `must_pause`, `take_returned`, `fate`, `empty`, `takes`.
class outlets {
public:
  outlets(outlet_owner& owner, caf::actor_control_block* self, io_loop& home);
  ~outlets();
  outlets(const outlets&) = delete;
  outlets& operator=(const outlets&) = delete;

  /// Whoever asked for an `unpipe`. Answered when the last copy is gone: the first is with who
  /// waits to begin it, the others are with the pipes that it takes apart.
  using unpipe_asker = std::shared_ptr<responder>;

  // -- after each of these look at what has changed ----------------------------------------------

  /// `was_paused`: if nothing comes of it, the source is to be paused again.
  void add(pipe&& what, responder&& asker, bool was_paused);
  void unpipe(const sink& from, unpipe_asker asker);
  /// An answer of a sink; false if it is of nobody here.
  bool take_answer(caf::mailbox_element& answer);
  void sink_died(const caf::actor_addr& who, const caf::error& reason);

  /// It takes no more, by what a pump found out.
  void sink_failed(const sink& who, const net::error& why);

  // -- these change nothing of that --------------------------------------------------------------

  /// Only when `takes()`.
  void give(const net::chunk& bytes);
  /// An `unpipe` has come, which may have to wait before it begins. If the source is gone earlier,
  /// that does not end these sinks any more.
  unpipe_asker expect_unpipe(const sink& from, responder&& asker);
  /// So many bytes went to the sole taker past us.
  void pumped(std::uint64_t bytes);
  /// The sole taker gets its bytes as chunks from now on.
  void never_pump() { outlets_.front().target = nullptr; }
  /// No more bytes: whoever has all is told. Only when `takes()`.
  void end();
  /// The source is gone: everybody is told at once. Then there are none.
  void source_gone(const net::error& why);

  // -- what the owner wants to know --------------------------------------------------------------

  bool empty() const noexcept { return outlets_.empty(); }
  /// Bytes may be given: somebody takes them, and it is known that nothing comes back before them.
  bool takes() const noexcept;
  /// The only sink that there is, if it takes everything, and nobody else anything; or null.
  sink sole_taker() const { return is_one_alone() ? outlets_.front().what.to : sink(); }
  /// The same, as one that a pump may give bytes to.
  pump_target* sole_target() const noexcept {
    return is_one_alone() ? outlets_.front().target : nullptr;
  }
  /// Of a pump to that one. `busy`: as soon as what was given is answered, so give no more.
  pump_target::readiness pump_readiness() const noexcept;
  /// The handler gets them, too.
  bool want_data() const noexcept;
  /// Bytes were given of which no answer has come.
  bool have_unanswered() const noexcept;
  /// The flow was broken off: the source is paused. Tells it once.
  bool must_pause() noexcept { return std::exchange(must_pause_, false); }
  /// What was given and taken by nobody, once that is known. To be given first to whoever is next.
  std::vector<net::chunk> take_returned() noexcept {
    return is_awaiting() ? std::vector<net::chunk>() : std::exchange(returned_, {});
  }
  enum class shared_fate : std::uint8_t { none, sink_closed, sink_failed };
  /// A sink is dead whose fate the source shares.
  shared_fate fate() const noexcept { return fate_; }

private:
  enum class phase : std::uint8_t { joining, cancelled, flowing, settling, leaving };

  struct outlet {
    pipe what;
    caf::message_id id;
    std::unique_ptr<sink_watch> watch;
    pump_target* target; // null: its bytes go as chunks
    phase now = phase::joining;
    unpipe_reason reason = unpipe_reason::asked;
    net::error why = {};
    bool was_paused = false;
    bool sink_is_dead = false;
    /// What it gives back may be returned, or it may turn out to have what else would be: until it
    /// has settled nobody is given anything.
    bool is_awaited = false;
    /// It was given a large piece.
    bool has_bulk = false;
    std::deque<net::chunk> unanswered = {};
    /// All behind the first byte that it did not take.
    std::vector<net::chunk> given_back = {};
    std::uint64_t taken_bytes = 0;
    /// Of what it was given, as counted by `given_bytes_`. The latter once it settles.
    std::uint64_t begins_at = 0;
    std::uint64_t ends_at = 0;
    responder pipe_asker = {};
    /// There are some from when the first `unpipe` came.
    std::vector<unpipe_asker> unpipe_askers = {};
  };
  using place = std::list<outlet>::iterator;

  template <class Message> void send(outlet& to, caf::message_id id, Message what);
  std::size_t count(phase wanted) const noexcept;
  bool is_one_alone() const noexcept;
  bool is_awaiting() const noexcept;
  place find(const sink& who);
  void joined(place whose);
  void not_joined(place whose, const net::error& why);
  void answered(place whose, const transferred& answer);
  void fail(outlet& whose, const net::error& why);
  bool others_have_it() const noexcept;
  /// Gives no more to these.
  void stop_giving(const std::vector<outlet*>& to);
  void cut_off();
  void leave_where_settled();
  void leave_if_settled(place whose);
  void keep_given_back(outlet& whose);
  void gone(place whose);

  outlet_owner& owner_;
  caf::actor_control_block* self_;
  io_loop& home_;
  std::list<outlet> outlets_;
  caf::message_id last_id_ = caf::make_message_id();
  /// To whomever; what was returned, and is given anew, counts again.
  std::uint64_t given_bytes_ = 0;
  /// So far of these somebody has them who has settled, or the handler.
  std::uint64_t had_up_to_ = 0;
  std::vector<net::chunk> returned_;
  bool must_pause_ = false;
  bool was_cut_off_ = false;
  shared_fate fate_ = shared_fate::none;
};

} // namespace actornet
