// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"

#include <utility>

// Pipes: from this connection, through its outlets; and to it, which are writes of another kind.
namespace actornet {

// -- the source -----------------------------------------------------------------------------------

bool connection_actor::obey_source_of_pipe(command& what) {
  if (what.is<pipe>())
    obey_pipe(what);
  else if (what.is<unpipe>())
    obey_unpipe(what);
  else
    return false;
  return true;
}

void connection_actor::obey_pipe(command& what) {
  auto asker = what.asker();
  begin_pipe(what.take<pipe>(), std::move(asker));
}

void connection_actor::begin_pipe(pipe&& given, responder&& asker) {
  if (wait_for_pump([this, given, asker] { begin_pipe(pipe(given), responder(asker)); }))
    return;
  if (life_ == life::closed || parting_ != parting::no)
    return answer_error(asker, not_connected_error());
  if (!outlets_)
    outlets_ = std::make_unique<outlets>(static_cast<outlet_owner&>(*this), ctrl(), home());
  outlets_->add(std::move(given), std::move(asker), std::exchange(paused_, false));
  pipes_changed();
}

void connection_actor::obey_unpipe(command& what) {
  const auto from = what.as<unpipe>()->from;
  auto asker = what.asker();
  if (life_ == life::closed)
    return answer_error(asker, not_connected_error());
  if (!is_piped())
    return answer_done(asker);
  begin_unpipe(from, outlets_->expect_unpipe(from, std::move(asker)));
}

void connection_actor::begin_unpipe(const sink& from, outlets::unpipe_asker asker) {
  if (pump_)
    return pump_->stop_then([this, from, asker]() mutable { // `asker` goes when that is done
      begin_unpipe(from, std::move(asker));
    });
  if (life_ == life::closed || !is_piped())
    return;
  outlets_->unpipe(from, std::move(asker));
  pipes_changed();
}

// What resumes waits only behind what pauses.
void connection_actor::begin_pause(bool is_resumed, responder&& asker) {
  const bool waits = pump_ && (!is_resumed || pump_->is_stopping());
  if (waits)
    return pump_->stop_then(
        [this, is_resumed, asker] { begin_pause(is_resumed, responder(asker)); });
  if (life_ == life::closed)
    return answer_error(asker, not_connected_error());
  paused_ = !is_resumed;
  // Who does not read any more would never come to the end that `broke_` waits for.
  if (paused_ && broke_)
    break_with(*broke_);
  else
    deliver_held();
  answer_done(asker);
}

void connection_actor::take_answer(caf::mailbox_element& what) {
  if (life_ != life::closed && outlets_ && outlets_->take_answer(what))
    pipes_changed();
}

sink_watch::notice connection_actor::notice_of_death(const caf::actor_addr& of_sink) {
  return [inbox = home().inbox(), weak = caf::weak_actor_ptr(ctrl()),
          of_sink](const caf::error& reason) {
    inbox->put(task([weak, of_sink, reason] {
      if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
        static_cast<connection_actor*>(caf::actor_cast<caf::abstract_actor*>(strong))
            ->sink_died(of_sink, reason);
    }));
  };
}

void connection_actor::sink_died(const caf::actor_addr& who, const caf::error& reason) {
  if (wait_for_pump([this, who, reason] { sink_died(who, reason); }))
    return;
  if (life_ == life::closed)
    return;
  outlets_->sink_died(who, reason);
  pipes_changed();
}

void connection_actor::tell_piped(const sink& to) {
  // What began a character was the handler's, and its rest will not be.
  if (decoding_ && decoding_->is_on() && !outlets_->want_data()) {
    decoding_->change(decoding_->encoding());
    if (has_handler())
      deliver_cut_off();
  }
  tell(piped{self(), to});
}

void connection_actor::tell_pipe_failed(const sink& to, const error& why) {
  tell(pipe_failed{self(), to, why});
}

void connection_actor::tell_unpiped(const sink& from, std::uint64_t bytes, unpipe_reason reason,
                                    const error& why) {
  tell(unpiped{self(), from, bytes, reason, why});
}

void connection_actor::deliver_to_pipes(chunk bytes) {
  const bool is_told = has_handler() && outlets_->want_data();
  outlets_->give(bytes);
  if (is_told)
    deliver(std::move(bytes));
}

void connection_actor::pipes_changed() {
  if (outlets_->must_pause())
    paused_ = true;
  held_.put_before(outlets_->take_returned());
  if (auto fate = outlets_->fate(); fate != outlets::shared_fate::none)
    return share_fate(fate);
  // As in `begin_pause`: who is paused does not read any more.
  if (broke_ && (read_over_ || paused_) && !is_passing_on())
    return break_with(*broke_);
  const bool nobody_to_tell = !is_piped() && !has_handler() && !paused_ && held_.empty();
  if (read_over_ && !end_told_ && nobody_to_tell && life_ == life::open) {
    end_told_ = true;
    if (!settings_->allow_half_open)
      end_was_handled();
  }
  deliver_held();
  if (life_ == life::open)
    close_if_over();
}

// As if its handler had gone: that ended in order, too, or did not.
void connection_actor::share_fate(outlets::shared_fate fate) {
  if (fate == outlets::shared_fate::sink_closed && life_ == life::open)
    return part_abandoned();
  conclude(close_reason::reset_by_us,
           error::of(trouble::reset_by_us, "write", "the sink is gone whose fate it shared"));
}

bool connection_actor::is_passing_on() const noexcept {
  return is_piped() && !paused_ && parting_ == parting::no &&
         (!held_.empty() || outlets_->have_unanswered() || !outlets_->takes());
}

// What arrived before it broke is still on its way, and `unpiped` is to tell how much that was.
void connection_actor::break_when_passed_on(const error& why) {
  if (!is_passing_on())
    return break_with(why);
  if (!broke_)
    broke_ = std::make_unique<error>(why);
  if (writing_ != writing::broken) {
    writing_ = writing::broken;
    fail_writes(*broke_);
  }
}

// -- the sink -------------------------------------------------------------------------------------

bool connection_actor::obey_sink_of_pipe(command& what) {
  if (what.is<transfer>())
    obey_transfer(what);
  else if (what.is<join_sink>())
    obey_join(what);
  else if (what.is<leave_sink>())
    obey_leave(what);
  else
    return what.is<take_back>(); // what was given is with the kernel, or next to go there
  return true;
}

void connection_actor::obey_join(command& what) {
  auto source = what.sender();
  auto asker = what.asker();
  if (life_ == life::closed && broke_)
    return answer_error(asker, *broke_);
  if (auto why = reason_not_to_write())
    return answer_error(asker, *why);
  if (!sources_)
    sources_ = std::make_unique<attached_sources>();
  stop_inflow();
  sources_->join(source);
  if (socket_)
    answer_done(asker);
  else
    early().joins.push_back(std::move(asker));
}

void connection_actor::obey_transfer(command& what) {
  auto asker = what.asker();
  auto bytes = what.take<transfer>().bytes;
  const bool is_empty = bytes.empty() || writing_ == writing::finishing;
  if (life_ != life::closed && writing_ == writing::finishing) {
    ledger_.add_refused_piped(std::move(asker));
  } else if (auto why = reason_not_to_write()) {
    return answer(asker, transferred{0, true, *why});
  } else {
    ledger_.add_piped(bytes.size(), std::move(asker));
    hand_over(std::move(bytes), false);
  }
  if (is_empty && socket_)
    ledger_.complete([this](auto& done) { complete(done); });
}

void connection_actor::obey_leave(command& what) {
  auto source = what.sender();
  auto asker = what.asker();
  auto given = what.take<leave_sink>();
  if (life_ == life::closed)
    return answer_done(asker);
  const bool was_last = sources_ && sources_->leave(source);
  if (given.end_sink && was_last && !given.had_error)
    return begin_finish({}, std::move(asker));
  if (given.had_error)
    tell(source_lost{self(), given.why});
  answer_done(asker);
  if (given.end_sink && was_last && given.had_error)
    conclude(close_reason::reset_by_us, given.why);
}

} // namespace actornet
