// SPDX-License-Identifier: BSD-3-Clause
#include "file_sink_actor.hpp"

#include "connection_errors.hpp"
#include "outlet_pump.hpp"
#include "unhandled_events.hpp"

#include <actornet/error.hpp>

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace actornet {

namespace {

// Enough for a file thread to write much at once, and little enough to be had back soon.
constexpr std::uint64_t given_bytes_max = 1024 * 1024;

net::file_use use_of(file_mode mode) {
  switch (mode) {
  case file_mode::truncate:
    break;
  case file_mode::append:
    return net::file_use::create_or_append;
  case file_mode::exclusive:
    return net::file_use::create_new;
  case file_mode::existing:
    return net::file_use::truncate_existing;
  case file_mode::overwrite:
    return net::file_use::overwrite_existing;
  }
  return net::file_use::create_or_truncate;
}

error closed_error() { return error::of(trouble::finished, "write", "the file is closed"); }

} // namespace

// -- birth ----------------------------------------------------------------------------------------

file_sink_actor::file_sink_actor(caf::actor_config& cfg, io_loop& home, sink_options chosen,
                                 caf::actor owner)
    : endpoint_actor(cfg, home), chosen_(std::move(chosen)), owner_(std::move(owner)),
      is_referenced_(!chosen_.unreferenced) {
  if (is_referenced_)
    register_at_system();
}

file_sink file_sink_actor::spawn(io_loop& home, sink_options chosen, caf::actor owner) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<file_sink_actor, file_sink>(system.next_actor_id(), system.node(), &system,
                                                     cfg, home, std::move(chosen),
                                                     std::move(owner));
}

std::set<std::string> file_sink_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<file_sink>{});
}

void file_sink_actor::start() {
  begin();
  home().adopt(*this);
  if (owner_)
    drop_unhandled_events(owner_);
  net::file_options how;
  how.use = use_of(chosen_.mode);
  how.permissions = chosen_.permissions;
  how.offset = chosen_.offset;
  file_ = home().backend().open_file(chosen_.path, how, *this);
  feed();
}

template <class Event> void file_sink_actor::tell(Event event) {
  if (owner_)
    owner_->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                              std::move(event)),
                    nullptr);
}

// -- commands -------------------------------------------------------------------------------------

bool file_sink_actor::obey(command& what) {
  return obey_write(what) || obey_source(what) || obey_life(what);
}

bool file_sink_actor::obey_write(command& what) {
  if (what.is<write>()) {
    auto asker = what.asker();
    auto bytes = what.take<write>().bytes;
    auto size = bytes.size();
    begin_write(std::move(bytes), size, std::move(asker));
  } else if (what.is<write_text>()) {
    auto asker = what.asker();
    auto given = what.take<write_text>();
    if (auto bytes = net::encode(given.text, given.encoding)) {
      auto size = bytes->size();
      begin_write(std::move(*bytes), size, std::move(asker));
    } else {
      refuse_write(given.text.size(), asker, bytes.error());
    }
  } else if (what.is<finish>()) {
    auto asker = what.asker();
    begin_finish(what.take<finish>().last, std::move(asker));
  } else if (what.is<make_durable>()) {
    auto asker = what.asker();
    if (auto why = reason_not_to_write())
      answer_error(asker, *why);
    else
      add({entry_kind::sync, {}, 0, nullptr, std::move(asker)});
  } else {
    return false;
  }
  return true;
}

std::optional<error> file_sink_actor::reason_not_to_write() const {
  if (state_ == file_state::finishing || state_ == file_state::closed)
    return why_closed();
  return std::nullopt;
}

error file_sink_actor::why_closed() const { return failure_ ? *failure_ : closed_error(); }

void file_sink_actor::begin_write(chunk&& bytes, std::uint64_t size, responder&& asker) {
  auto why = reason_not_to_write();
  if (!why && queued_ + size > chosen_.write_queue_bytes_max)
    why = error::of(trouble::refused_by_limit, "write", "the write queue is full");
  if (why)
    return refuse_write(size, asker, *why);
  add({entry_kind::written, std::move(bytes), size, nullptr, std::move(asker)});
}

void file_sink_actor::refuse_write(std::uint64_t bytes, responder& asker, const error& why) {
  if (asker)
    answer_error(asker, why);
  else if (state_ != file_state::closed)
    tell(sink_write_failed{self(), bytes, why});
}

void file_sink_actor::begin_finish(chunk&& last, responder&& asker) {
  if (state_ == file_state::closed)
    return last.empty() && !failure_ ? answer_done(asker) : answer_error(asker, why_closed());
  if (state_ == file_state::finishing && !last.empty())
    return refuse_write(last.size(), asker, closed_error());
  if (!last.empty()) {
    auto size = last.size();
    add({entry_kind::written, std::move(last), size, nullptr, {}});
  }
  finish_askers_.push_back(std::move(asker));
  state_ = file_state::finishing;
  drain_due_ = false;
  for (auto* each : std::vector<outlet_pump*>(pumps_))
    each->stop();
  finish_file();
}

bool file_sink_actor::obey_life(command& what) {
  if (what.is<get_info>()) {
    auto asker = what.asker();
    answer(asker, sink_info{written_, queued_, sources_.count(), state_});
  } else if (what.is<destroy>()) {
    auto asker = what.asker();
    if (state_ != file_state::closed)
      conclude(false, destroyed_error(), false);
    answer_done(asker);
  } else if (what.is<ref>() || what.is<unref>()) {
    is_referenced_ = what.is<ref>();
    auto asker = what.asker();
    answer_done(asker);
    count_if_busy();
  } else {
    return false;
  }
  return true;
}

void file_sink_actor::exit_requested(const caf::error& reason) {
  if (state_ == file_state::closed)
    return;
  auto why = error_of(reason);
  conclude(true, why ? *why : error::of(trouble::handler_failed, "", "a linked actor died"), false);
}

// The system waits for what was given to it in any case.
void file_sink_actor::count_if_busy() {
  if (state_ == file_state::closed)
    return;
  const bool is_busy = queued_ > 0 || !waiting_.empty() || !given_.empty() ||
                       state_ == file_state::finishing || !joins_.empty() || !pumps_.empty();
  if (is_referenced_ || is_busy)
    register_at_system();
  else
    unregister_from_system();
}

// -- sources --------------------------------------------------------------------------------------

bool file_sink_actor::obey_source(command& what) {
  if (what.is<transfer>())
    obey_transfer(what);
  else if (what.is<join_sink>())
    obey_join(what);
  else if (what.is<leave_sink>())
    obey_leave(what);
  else if (what.is<take_back>())
    obey_take_back(what);
  else
    return false;
  return true;
}

void file_sink_actor::obey_join(command& what) {
  auto source = what.sender();
  auto asker = what.asker();
  if (auto why = reason_not_to_write())
    return answer_error(asker, *why);
  sources_.join(source);
  if (state_ == file_state::open)
    return answer_done(asker);
  joins_.push_back(std::move(asker));
  count_if_busy();
}

void file_sink_actor::obey_transfer(command& what) {
  auto source = what.sender();
  auto asker = what.asker();
  auto bytes = what.take<transfer>().bytes;
  if (state_ == file_state::closed)
    return answer(asker, transferred{0, true, why_closed()});
  if (state_ == file_state::finishing) // refused, behind the answers that are due before
    return add({entry_kind::refused, {}, 0, std::move(source), std::move(asker)});
  auto size = bytes.size();
  add({entry_kind::piped, std::move(bytes), size, std::move(source), std::move(asker)});
}

// Answers keep their order: behind what is with the file already.
void file_sink_actor::obey_take_back(command& what) {
  for (auto& each : waiting_)
    if (each.kind == entry_kind::piped && each.from == what.sender()) {
      queued_ -= each.size;
      each.kind = entry_kind::returned;
      each.size = 0;
      each.bytes = {};
    }
  feed();
}

void file_sink_actor::obey_leave(command& what) {
  auto source = what.sender();
  auto asker = what.asker();
  auto given = what.take<leave_sink>();
  if (state_ == file_state::closed)
    return answer_done(asker);
  const bool was_last = sources_.leave(source);
  if (given.had_error)
    tell(source_lost{self(), given.why});
  if (!given.end_sink || !was_last)
    return answer_done(asker);
  source_broke_ = source_broke_ || given.had_error;
  begin_finish({}, std::move(asker));
}

// -- the file -------------------------------------------------------------------------------------

void file_sink_actor::add(entry what) {
  queued_ += what.size;
  if (what.kind == entry_kind::written && what.size > 0 &&
      queued_ >= chosen_.high_water_mark_bytes) {
    what.keep_going = false;
    drain_due_ = true;
  }
  waiting_.push_back(std::move(what));
  feed();
}

void file_sink_actor::feed() {
  while (file_ && !waiting_.empty() && given_bytes_ < given_bytes_max) {
    auto& next = given_.emplace_back(std::move(waiting_.front()));
    waiting_.pop_front();
    given_bytes_ += next.size;
    if (next.kind == entry_kind::sync)
      file_->sync();
    else if (next.size > 0)
      file_->write(next.bytes);
  }
  complete_front();
  finish_file();
  count_if_busy();
}

// Syncs are answered by `on_synced`, what is empty as soon as it is in front, once it is open.
void file_sink_actor::complete_front() {
  while (!given_.empty() && state_ != file_state::opening) {
    auto& front = given_.front();
    if (front.kind == entry_kind::sync || front_taken_ < front.size)
      break;
    auto done = std::move(front);
    given_.pop_front();
    front_taken_ -= done.size;
    if (done.kind == entry_kind::piped || done.kind == entry_kind::returned)
      answer(done.asker, transferred{done.size, false, {}});
    else if (done.kind == entry_kind::refused)
      answer(done.asker, transferred{0, true, closed_error()});
    else
      answer(done.asker, written{done.size, done.keep_going, queued_});
  }
  if (queued_ <= chosen_.low_water_mark_bytes && std::exchange(drain_due_, false))
    tell_drained();
}

// Who is answered from now on must not wait for another.
void file_sink_actor::tell_drained() {
  for (auto& each : given_)
    each.keep_going = true;
  tell(sink_drained{self()});
}

// -- pumps ----------------------------------------------------------------------------------------

pump_target::readiness file_sink_actor::pump_readiness() const noexcept {
  return state_ == file_state::open && file_ ? readiness::ready : readiness::no;
}

net::expected<net::pump_ptr> file_sink_actor::start_pump(net::stream_socket& from,
                                                         outlet_pump& by) {
  auto started = home().backend().start_pump(from, file_->share(), by);
  if (started)
    pumps_.push_back(&by);
  return started;
}

net::expected<net::pump_ptr> file_sink_actor::start_pump(net::opened_file_ptr, outlet_pump&) {
  return net::fail(error::system(EOPNOTSUPP, "splice"));
}

void file_sink_actor::pump_failed(const error& why) {
  if (state_ != file_state::closed)
    break_with(why);
}

void file_sink_actor::pump_ends(const outlet_pump& by) {
  if (std::erase(pumps_, &by) > 0 && state_ != file_state::closed)
    feed();
}

// -- the file's end -------------------------------------------------------------------------------

void file_sink_actor::finish_file() {
  if (state_ != file_state::finishing || !waiting_.empty() || !file_ || !pumps_.empty() ||
      std::exchange(file_finished_, true))
    return;
  if (chosen_.durable) {
    given_.push_back({entry_kind::sync, {}, 0, nullptr, {}});
    file_->sync();
  }
  file_->finish();
  count_if_busy();
}

void file_sink_actor::on_opened(const net::file_facts&) {
  if (state_ == file_state::opening)
    state_ = file_state::open;
  tell(sink_opened{self()});
  for (auto& each : std::exchange(joins_, {}))
    answer_done(each);
  complete_front();
  count_if_busy();
}

void file_sink_actor::on_written(std::size_t bytes) {
  written_ += bytes;
  queued_ -= bytes;
  given_bytes_ -= bytes;
  front_taken_ += bytes;
  complete_front();
  feed();
}

void file_sink_actor::on_synced() { answer_sync(std::nullopt); }

void file_sink_actor::on_sync_failed(const error& why) { answer_sync(why); }

void file_sink_actor::answer_sync(const std::optional<error>& why) {
  auto found = std::find_if(given_.begin(), given_.end(),
                            [](const entry& each) { return each.kind == entry_kind::sync; });
  auto asker = std::move(found->asker);
  given_.erase(found);
  if (why)
    answer_error(asker, *why);
  else
    answer_done(asker);
  complete_front();
  feed();
}

// -- the end --------------------------------------------------------------------------------------

void file_sink_actor::on_closed() { conclude(source_broke_, closed_error(), false); }

void file_sink_actor::break_with(const error& why) { conclude(true, error(why), true); }

void file_sink_actor::shut_down() {
  conclude(false, error::of(trouble::shut_down, "", "the runtime ends"), false);
}

void file_sink_actor::give_up(entry& lost, const error& why, std::uint64_t taken) {
  if (lost.kind == entry_kind::piped || lost.kind == entry_kind::returned ||
      lost.kind == entry_kind::refused)
    answer(lost.asker, transferred{taken, true, why});
  else if (lost.asker)
    answer_error(lost.asker, why);
  else if (lost.kind == entry_kind::written)
    failed_plain_ += lost.size;
}

void file_sink_actor::conclude(bool had_error, const error& cut_off, bool tells_failure) {
  caf::strong_actor_ptr alive(ctrl());
  const bool in_order = given_.empty() && waiting_.empty() && !tells_failure;
  state_ = file_state::closed;
  file_.reset();
  for (auto& each : std::exchange(given_, {})) {
    auto taken = std::min(front_taken_, each.size);
    front_taken_ -= taken;
    give_up(each, cut_off, taken);
  }
  for (auto& each : std::exchange(waiting_, {}))
    give_up(each, cut_off, 0);
  if (failed_plain_ > 0)
    tell(sink_write_failed{self(), failed_plain_, cut_off});
  for (auto& each : std::exchange(joins_, {}))
    answer_error(each, cut_off);
  for (auto& each : std::exchange(finish_askers_, {}))
    in_order ? answer_done(each) : answer_error(each, cut_off);
  sources_.clear();
  if (tells_failure) {
    failure_ = std::make_unique<error>(cut_off);
    tell(sink_failed{self(), cut_off});
  }
  tell(sink_closed{self(), had_error, written_});
  owner_ = nullptr;
  retire(tells_failure ? to_caf(cut_off) : caf::error(caf::exit_reason::normal));
}

} // namespace actornet
