// SPDX-License-Identifier: BSD-3-Clause
#include "outlets.hpp"

#include "io_loop.hpp"

#include <actornet/error.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace actornet {

namespace {

using net::chunk;

// Of a piece. Measured between connections: below it a pump costs more CPU than chunks, above less.
constexpr std::size_t bulk_bytes = 16 * 1024;

error sink_is_gone() { return error::of(trouble::finished, "write", "the sink is closed"); }

std::optional<error> failure_in(caf::type_erased_tuple& content) {
  if (!content.match_elements<caf::error>())
    return std::nullopt;
  return error_of(content.get_as<caf::error>(0)).value_or(sink_is_gone());
}

// Ended by who had a right to, which is no failure of the sink.
bool is_orderly(const error& why) {
  return why.kind == trouble::finished || why.kind == trouble::not_connected ||
         why.kind == trouble::destroyed;
}

std::uint64_t size_of(const std::vector<chunk>& all) {
  std::uint64_t result = 0;
  for (const auto& each : all)
    result += each.size();
  return result;
}

// The last `bytes` of them.
std::vector<chunk> last_of(std::vector<chunk> all, std::uint64_t bytes) {
  auto skip = size_of(all) - bytes;
  std::vector<chunk> result;
  for (auto& each : all) {
    auto cut = std::min<std::uint64_t>(skip, each.size());
    skip -= cut;
    if (cut < each.size())
      result.push_back(each.slice(static_cast<std::size_t>(cut)));
  }
  return result;
}

} // namespace

outlets::outlets(outlet_owner& owner, caf::actor_control_block* self, io_loop& home)
    : owner_(owner), self_(self), home_(home) {}

outlets::~outlets() = default;

template <class Message> void outlets::send(outlet& to, caf::message_id id, Message what) {
  if (to.sink_is_dead)
    return;
  auto receiver = caf::actor_cast<caf::strong_actor_ptr>(to.what.to);
  receiver->enqueue(
      caf::make_mailbox_element(caf::strong_actor_ptr(self_), id, caf::no_stages, std::move(what)),
      nullptr);
}

std::size_t outlets::count(phase wanted) const noexcept {
  return static_cast<std::size_t>(std::count_if(
      outlets_.begin(), outlets_.end(), [&](const outlet& each) { return each.now == wanted; }));
}

outlets::place outlets::find(const sink& who) {
  return std::find_if(outlets_.begin(), outlets_.end(),
                      [&](const outlet& each) { return each.what.to == who; });
}

bool outlets::takes() const noexcept {
  bool somebody = false;
  for (const auto& each : outlets_) {
    if (each.now == phase::joining || each.is_awaited)
      return false;
    somebody = somebody || each.now == phase::flowing;
  }
  return somebody;
}

bool outlets::is_awaiting() const noexcept {
  return std::any_of(outlets_.begin(), outlets_.end(),
                     [](const outlet& each) { return each.is_awaited; });
}

bool outlets::want_data() const noexcept {
  return std::any_of(outlets_.begin(), outlets_.end(), [](const outlet& each) {
    return each.what.also_data && each.now == phase::flowing;
  });
}

bool outlets::have_unanswered() const noexcept {
  return std::any_of(outlets_.begin(), outlets_.end(),
                     [](const outlet& each) { return !each.unanswered.empty(); });
}

// -- joining --------------------------------------------------------------------------------------

void outlets::add(pipe&& what, responder&& asker, bool was_paused) {
  std::optional<error> refused;
  if (!what.to)
    refused = error::invalid("a pipe needs a sink");
  else if (auto found = find(what.to);
           found != outlets_.end() && found->now != phase::settling && found->now != phase::leaving)
    refused = error::invalid("it is piped to this sink already");
  if (refused) {
    asker.answer(self_, &home_, to_caf(*refused));
    must_pause_ = must_pause_ || was_paused;
    return;
  }
  if (outlets_.empty()) {
    was_cut_off_ = false;
    fate_ = shared_fate::none;
  }
  ++last_id_;
  auto& added = outlets_.emplace_back();
  added.what = std::move(what);
  added.id = last_id_;
  added.was_paused = was_paused;
  added.pipe_asker = std::move(asker);
  added.watch =
      std::make_unique<sink_watch>(added.what.to, owner_.notice_of_death(added.what.to.address()));
  added.target = home_.has_short_cuts() ? pump_target::behind(added.what.to, home_) : nullptr;
  send(added, added.id, join_sink{});
}

void outlets::joined(place whose) {
  whose->now = phase::flowing;
  whose->begins_at = given_bytes_;
  owner_.tell_piped(whose->what.to);
  whose->pipe_asker.answer(self_, &home_, caf::message());
}

void outlets::not_joined(place whose, const error& why) {
  if (whose->pipe_asker)
    whose->pipe_asker.answer(self_, &home_, to_caf(why));
  else
    owner_.tell_pipe_failed(whose->what.to, why);
  must_pause_ = must_pause_ || whose->was_paused;
  outlets_.erase(whose);
  must_pause_ = must_pause_ || (was_cut_off_ && count(phase::flowing) == 0);
}

// -- flowing --------------------------------------------------------------------------------------

void outlets::give(const chunk& bytes) {
  assert(takes());
  given_bytes_ += bytes.size();
  for (auto& each : outlets_) {
    if (each.now != phase::flowing)
      continue;
    each.has_bulk = each.has_bulk || bytes.size() >= bulk_bytes;
    each.unanswered.push_back(bytes);
    send(each, each.id, transfer{bytes});
  }
}

void outlets::pumped(std::uint64_t bytes) {
  given_bytes_ += bytes;
  outlets_.front().taken_bytes += bytes;
}

bool outlets::is_one_alone() const noexcept {
  return outlets_.size() == 1 && outlets_.front().now == phase::flowing &&
         !outlets_.front().what.also_data;
}

pump_target::readiness outlets::pump_readiness() const noexcept {
  using readiness = pump_target::readiness;
  auto* target = sole_target();
  if (target == nullptr || (target->is_for_bulk() && !outlets_.front().has_bulk))
    return readiness::no;
  const auto itself = target->pump_readiness();
  if (itself == readiness::no)
    return readiness::no;
  if (have_unanswered())
    return readiness::busy;
  // Busy with what a source gave that is gone, of which nobody would tell us the end.
  return itself == readiness::busy ? readiness::no : readiness::ready;
}

void outlets::sink_failed(const sink& who, const error& why) {
  auto whose = find(who);
  if (whose == outlets_.end() || whose->now != phase::flowing)
    return;
  fail(*whose, why);
  leave_if_settled(whose);
}

void outlets::answered(place whose, const transferred& answer) {
  if (whose->unanswered.empty())
    return; // a sink that answers more than it was asked
  auto first = std::move(whose->unanswered.front());
  whose->unanswered.pop_front();
  auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(answer.bytes, first.size()));
  if (whose->given_back.empty())
    whose->taken_bytes += bytes;
  else
    bytes = 0;
  if (bytes < first.size())
    whose->given_back.push_back(first.slice(bytes));
  if (answer.had_error)
    fail(*whose, answer.why);
  else if (bytes < first.size() && whose->now == phase::flowing)
    fail(*whose, sink_is_gone());
  leave_if_settled(whose);
}

void outlets::fail(outlet& whose, const error& why) {
  if (whose.reason == unpipe_reason::sink_failed || whose.reason == unpipe_reason::sink_closed)
    return; // the first failure is the reason
  whose.reason = is_orderly(why) ? unpipe_reason::sink_closed : unpipe_reason::sink_failed;
  whose.why = why;
  if (whose.now == phase::flowing)
    stop_giving({&whose});
  cut_off();
}

// -- settling -------------------------------------------------------------------------------------

// Who flows, and has been given nothing yet, is as good as the next.
bool outlets::others_have_it() const noexcept {
  return std::any_of(outlets_.begin(), outlets_.end(), [&](const outlet& each) {
    return each.now == phase::flowing && each.begins_at < given_bytes_;
  });
}

void outlets::stop_giving(const std::vector<outlet*>& to) {
  for (auto* each : to) {
    each->now = phase::settling;
    each->ends_at = given_bytes_;
    if (each->what.also_data && given_bytes_ > each->begins_at)
      had_up_to_ = given_bytes_;
  }
  if (others_have_it())
    return;
  // Of those, too, that were stopped earlier: what they have is not to come back from others.
  for (auto& each : outlets_)
    each.is_awaited =
        each.now == phase::settling && each.ends_at > each.begins_at && each.ends_at > had_up_to_;
}

// The flow does not go on to the handler by itself.
void outlets::cut_off() {
  const bool nobody_left = count(phase::flowing) == 0;
  was_cut_off_ = was_cut_off_ || nobody_left;
  must_pause_ = must_pause_ || (nobody_left && count(phase::joining) == 0);
}

outlets::unpipe_asker outlets::expect_unpipe(const sink& from, responder&& asker) {
  unpipe_asker asked(new responder(std::move(asker)), [this](responder* last) {
    last->answer(self_, &home_, caf::message());
    delete last;
  });
  for (auto& each : outlets_)
    if (!from || each.what.to == from)
      each.unpipe_askers.push_back(asked);
  return asked;
}

void outlets::unpipe(const sink& from, unpipe_asker asker) {
  std::vector<outlet*> flowing;
  for (auto& each : outlets_) {
    if (from && each.what.to != from)
      continue;
    each.unpipe_askers.push_back(asker); // it may not have been there when that came
    if (each.now == phase::flowing)
      flowing.push_back(&each);
    else if (each.now == phase::joining)
      each.now = phase::cancelled;
  }
  if (flowing.empty())
    return;
  stop_giving(flowing);
  cut_off();
  for (auto* each : flowing)
    if (!each->unanswered.empty())
      send(*each, caf::make_message_id(), take_back{});
  leave_where_settled();
}

void outlets::end() {
  std::vector<outlet*> flowing;
  for (auto& each : outlets_)
    if (each.now == phase::flowing) {
      each.reason = unpipe_reason::source_ended;
      flowing.push_back(&each);
    }
  stop_giving(flowing);
  leave_where_settled();
}

void outlets::leave_where_settled() {
  for (auto each = outlets_.begin(); each != outlets_.end();)
    leave_if_settled(each++);
}

void outlets::leave_if_settled(place whose) {
  if (whose->now != phase::settling || !whose->unanswered.empty())
    return;
  keep_given_back(*whose);
  whose->now = phase::leaving;
  if (whose->sink_is_dead)
    return gone(whose);
  const bool ended = whose->reason == unpipe_reason::source_ended;
  send(*whose, whose->id, leave_sink{ended && whose->what.end_sink, false, {}});
}

// Of several that had the same each has as much as it took; what comes back is behind them all.
void outlets::keep_given_back(outlet& whose) {
  if (whose.taken_bytes > 0) // who took nothing began behind what is under way to others
    had_up_to_ = std::max(had_up_to_, whose.begins_at + whose.taken_bytes);
  auto given_back = std::exchange(whose.given_back, {});
  if (!std::exchange(whose.is_awaited, false))
    return;
  if (whose.ends_at == given_bytes_ && size_of(given_back) > size_of(returned_))
    returned_ = std::move(given_back);
  // Until all have settled that may turn out to have more.
  for (auto& each : outlets_)
    each.is_awaited = each.is_awaited && each.ends_at > had_up_to_;
  if (is_awaiting())
    return;
  const auto bytes = std::min(size_of(returned_), given_bytes_ - had_up_to_);
  returned_ = last_of(std::exchange(returned_, {}), bytes);
}

void outlets::gone(place whose) {
  auto last = std::move(*whose);
  outlets_.erase(whose);
  last.watch.reset();
  owner_.tell_unpiped(last.what.to, last.taken_bytes, last.reason, last.why);
  if (last.what.pipeline && last.reason == unpipe_reason::sink_closed)
    fate_ = shared_fate::sink_closed;
  if (last.what.pipeline && last.reason == unpipe_reason::sink_failed)
    fate_ = shared_fate::sink_failed;
}

// -- what sinks tell ------------------------------------------------------------------------------

bool outlets::take_answer(caf::mailbox_element& answer) {
  auto whose = std::find_if(outlets_.begin(), outlets_.end(), [&](const outlet& each) {
    return each.id.response_id() == answer.mid;
  });
  if (whose == outlets_.end())
    return false;
  auto& content = answer.content();
  auto failure = failure_in(content);
  switch (whose->now) {
  case phase::joining:
    failure ? not_joined(whose, *failure) : joined(whose);
    break;
  case phase::cancelled:
    whose->pipe_asker.answer(
        self_, &home_, to_caf(error::of(trouble::destroyed, "", "unpiped before it was piped")));
    if (!failure)
      send(*whose, caf::make_message_id(), leave_sink{});
    outlets_.erase(whose);
    must_pause_ = must_pause_ || outlets_.empty();
    break;
  case phase::flowing:
  case phase::settling:
    if (failure)
      answered(whose, transferred{0, true, *failure});
    else if (content.match_elements<transferred>())
      answered(whose, content.get_as<transferred>(0));
    break;
  case phase::leaving:
    if (failure && whose->reason == unpipe_reason::source_ended)
      fail(*whose, *failure);
    gone(whose);
    break;
  }
  return true;
}

void outlets::sink_died(const caf::actor_addr& who, const caf::error& reason) {
  for (auto each = outlets_.begin(); each != outlets_.end();) {
    auto whose = each++;
    if (whose->what.to != who)
      continue;
    whose->sink_is_dead = true;
    auto why =
        reason && reason != caf::exit_reason::normal
            ? error_of(reason).value_or(error::of(trouble::handler_failed, "", "the sink died"))
            : sink_is_gone();
    if (whose->now == phase::joining || whose->now == phase::cancelled) {
      not_joined(whose, why);
    } else if (whose->now == phase::leaving) {
      gone(whose);
    } else {
      fail(*whose, why);
      for (auto& lost : std::exchange(whose->unanswered, {}))
        whose->given_back.push_back(std::move(lost));
      leave_if_settled(whose);
    }
  }
}

void outlets::source_gone(const error& why) {
  for (auto& each : outlets_) {
    each.watch.reset();
    if (each.now == phase::joining || each.now == phase::cancelled)
      each.pipe_asker.answer(self_, &home_, to_caf(why));
    const bool ended = each.now == phase::leaving;
    // A pipe that is being taken apart is none any more, whatever that still waits for.
    const bool ends_sink = each.what.end_sink && each.unpipe_askers.empty();
    if (!ended)
      send(each, caf::make_message_id(), leave_sink{ends_sink, true, why});
    if (each.now == phase::joining || each.now == phase::cancelled)
      continue;
    auto reason = ended ? each.reason : unpipe_reason::source_closed;
    owner_.tell_unpiped(each.what.to, each.taken_bytes, reason, ended ? each.why : why);
  }
  outlets_.clear();
}

} // namespace actornet
