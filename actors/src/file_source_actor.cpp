// SPDX-License-Identifier: BSD-3-Clause
#include "file_source_actor.hpp"

#include "connection_errors.hpp"
#include "unhandled_events.hpp"

#include <actornet/error.hpp>

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <iterator>
#include <utility>

namespace actornet {

namespace {

error closed_error() { return error::of(trouble::not_connected, "read", "the file is closed"); }

} // namespace

file_source_actor::file_source_actor(caf::actor_config& cfg, io_loop& home, source_options chosen,
                                     caf::actor owner)
    : endpoint_actor(cfg, home), chosen_(std::move(chosen)), owner_(std::move(owner)),
      outlets_(*this, ctrl(), home) {
  if (!chosen_.unreferenced)
    register_at_system();
}

file_source file_source_actor::spawn(io_loop& home, source_options chosen, caf::actor owner) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<file_source_actor, file_source>(system.next_actor_id(), system.node(),
                                                         &system, cfg, home, std::move(chosen),
                                                         std::move(owner));
}

std::set<std::string> file_source_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<file_source>{});
}

void file_source_actor::start() {
  begin();
  home().adopt(*this);
  if (owner_)
    drop_unhandled_events(owner_);
  window_ = net::make_receive_window(chosen_.window_bytes,
                                     later(*this, &file_source_actor::room_in_window));
  net::file_options how;
  how.use = net::file_use::read;
  how.offset = chosen_.offset;
  how.length = chosen_.length;
  file_ = home().backend().open_file(chosen_.path, how, *this);
  file_->set_receive_window(window_);
}

template <class Event> void file_source_actor::tell(Event event) {
  if (owner_)
    owner_->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                              std::move(event)),
                    nullptr);
}

// -- commands -------------------------------------------------------------------------------------

bool file_source_actor::obey(command& what) {
  if (what.is<pipe>())
    obey_pipe(what);
  else if (what.is<unpipe>())
    obey_unpipe(what);
  else
    return obey_life(what);
  return true;
}

void file_source_actor::obey_pipe(command& what) {
  auto asker = what.asker();
  auto given = what.take<pipe>();
  if (state_ == file_state::opening)
    early_.push_back({std::move(given), std::move(asker), std::exchange(paused_, false)});
  else
    begin_pipe(std::move(given), std::move(asker));
}

void file_source_actor::begin_pipe(pipe&& given, responder&& asker) {
  if (pump_)
    return pump_->stop_then([this, given, asker] { begin_pipe(pipe(given), responder(asker)); });
  if (state_ == file_state::closed)
    return answer_error(asker, closed_error());
  outlets_.add(std::move(given), std::move(asker), std::exchange(paused_, false));
  pipes_changed();
}

void file_source_actor::obey_unpipe(command& what) {
  const auto from = what.as<unpipe>()->from;
  auto asker = what.asker();
  if (state_ == file_state::closed)
    return answer_error(asker, closed_error());
  unpipe_early(from);
  begin_unpipe(from, outlets_.expect_unpipe(from, std::move(asker)));
}

void file_source_actor::begin_unpipe(const sink& from, outlets::unpipe_asker asker) {
  if (pump_)
    return pump_->stop_then([this, from, asker]() mutable { // `asker` goes when that is done
      begin_unpipe(from, std::move(asker));
    });
  if (state_ == file_state::closed)
    return;
  outlets_.unpipe(from, std::move(asker));
  pipes_changed();
}

// Those that have not begun, since the file is not open yet.
void file_source_actor::unpipe_early(const sink& from) {
  for (auto& each : early_)
    if (!from || each.given.to == from)
      answer_error(each.asker, error::of(trouble::destroyed, "", "unpiped before it was piped"));
  const auto gone =
      std::erase_if(early_, [&](const asked_pipe& each) { return !from || each.given.to == from; });
  paused_ = paused_ || (gone > 0 && early_.empty());
}

// What resumes waits only behind what pauses.
void file_source_actor::begin_pause(bool is_resumed, responder&& asker) {
  const bool waits = pump_ && (!is_resumed || pump_->is_stopping());
  if (waits)
    return pump_->stop_then(
        [this, is_resumed, asker] { begin_pause(is_resumed, responder(asker)); });
  if (state_ == file_state::closed)
    return answer_error(asker, closed_error());
  paused_ = !is_resumed;
  deliver_held();
  answer_done(asker);
}

bool file_source_actor::obey_life(command& what) {
  if (what.is<get_info>()) {
    auto asker = what.asker();
    answer(asker, source_info{bytes_read_, window_->bytes_held(), window_->bytes_max(), state_});
    return true;
  }
  if (what.is<pause>() || what.is<resume>()) {
    begin_pause(what.is<resume>(), what.asker());
    return true;
  }
  if (!what.is<destroy>())
    return false;
  auto asker = what.asker();
  if (state_ == file_state::closed) {
    answer_error(asker, closed_error());
  } else {
    conclude(false, destroyed_error());
    answer_done(asker);
  }
  return true;
}

void file_source_actor::exit_requested(const caf::error& reason) {
  if (state_ == file_state::closed)
    return;
  auto why = error_of(reason);
  conclude(true, why ? *why : error::of(trouble::handler_failed, "", "a linked actor died"));
}

// -- the file -------------------------------------------------------------------------------------

void file_source_actor::on_opened(const net::file_facts& facts) {
  state_ = file_state::open;
  tell(source_opened{self(), facts.size});
  for (auto& each : std::exchange(early_, {}))
    outlets_.add(std::move(each.given), std::move(each.asker), each.was_paused);
  pipes_changed();
}

void file_source_actor::update_reading() {
  const bool may = state_ == file_state::open && somebody_takes() && held_.empty() &&
                   !window_full_ && !read_over_;
  auto wanted = may ? reading::on : reading::off;
  if (may && readiness_to_pump() != pump_target::readiness::no)
    wanted = reading::rest;
  if (wanted == std::exchange(reading_, wanted) || !file_)
    return;
  switch (wanted) {
  case reading::on:
    return file_->start_reading();
  case reading::rest:
    return file_->read_no_further();
  case reading::off:
    return file_->stop_reading();
  }
}

void file_source_actor::on_read(chunk bytes) {
  bytes_read_ += bytes.size();
  if (somebody_takes() && held_.empty())
    outlets_.give(bytes);
  else
    held_.push_back(std::move(bytes));
  bytes = {};
  window_full_ = !window_->has_room_or_wait();
  update_reading();
}

void file_source_actor::room_in_window() {
  if (state_ == file_state::closed)
    return;
  window_full_ = !window_->has_room_or_wait();
  update_reading();
}

void file_source_actor::on_read_end() {
  read_over_ = true;
  reading_ = reading::off;
  if (somebody_takes() && held_.empty())
    pass_on_end();
}

void file_source_actor::on_failed(const error& why) {
  read_over_ = true;
  reading_ = reading::off;
  broke_ = std::make_unique<error>(why);
  pipes_changed();
}

void file_source_actor::deliver_held() {
  if (somebody_takes()) {
    for (auto& each : std::exchange(held_, {}))
      outlets_.give(each);
    pass_on_end();
    try_to_pump();
  }
  update_reading();
}

void file_source_actor::pass_on_end() {
  if (!read_over_ || broke_)
    return;
  end_passed_on_ = true;
  outlets_.end();
}

// -- pipes ----------------------------------------------------------------------------------------

void file_source_actor::take_answer(caf::mailbox_element& what) {
  if (state_ != file_state::closed && outlets_.take_answer(what))
    pipes_changed();
}

sink_watch::notice file_source_actor::notice_of_death(const caf::actor_addr& of_sink) {
  return [inbox = home().inbox(), weak = caf::weak_actor_ptr(ctrl()),
          of_sink](const caf::error& reason) {
    inbox->put(task([weak, of_sink, reason] {
      if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
        static_cast<file_source_actor*>(caf::actor_cast<caf::abstract_actor*>(strong))
            ->sink_died(of_sink, reason);
    }));
  };
}

void file_source_actor::sink_died(const caf::actor_addr& who, const caf::error& reason) {
  if (pump_)
    return pump_->stop_then([this, who, reason] { sink_died(who, reason); });
  if (state_ == file_state::closed)
    return;
  outlets_.sink_died(who, reason);
  pipes_changed();
}

void file_source_actor::tell_unpiped(const sink& from, std::uint64_t bytes, unpipe_reason reason,
                                     const error& why) {
  tell(source_unpiped{self(), from, bytes, reason, why});
}

void file_source_actor::pipes_changed() {
  if (outlets_.must_pause())
    paused_ = true;
  auto returned = outlets_.take_returned();
  held_.insert(held_.begin(), std::make_move_iterator(returned.begin()),
               std::make_move_iterator(returned.end()));
  if (outlets_.fate() != outlets::shared_fate::none)
    return conclude(false, destroyed_error());
  deliver_held();
  if (broke_ && (paused_ || (held_.empty() && !outlets_.have_unanswered())))
    conclude(true, *broke_);
  else if (end_passed_on_ && outlets_.empty() && held_.empty() && !paused_)
    conclude(false, closed_error());
}

// -- pumps: see outlet_pump.hpp -------------------------------------------------------------------

pump_target::readiness file_source_actor::readiness_to_pump() const noexcept {
  const bool may = state_ == file_state::open && held_.empty() && !read_over_ && somebody_takes();
  return may ? outlets_.pump_readiness() : pump_target::readiness::no;
}

void file_source_actor::try_to_pump() {
  if (readiness_to_pump() != pump_target::readiness::ready)
    return;
  pump_ = outlet_pump::start(static_cast<pump_owner&>(*this), outlets_, file_->share());
}

void file_source_actor::pump_stopped(pumped_flow last) {
  pump_.reset();
  for (const auto& each : last.taken_back)
    bytes_read_ += each.size();
  held_.insert(held_.begin(), std::make_move_iterator(last.taken_back.begin()),
               std::make_move_iterator(last.taken_back.end()));
  if (last.sink_failure) {
    outlets_.sink_failed(last.to, *last.sink_failure);
    pipes_changed();
  }
  // In the order in which they were asked for, before anything flows again.
  for (auto& each : last.then)
    each();
  if (state_ == file_state::closed)
    return;
  if (last.source_ended)
    on_read_end();
  else if (last.source_failure)
    on_failed(*last.source_failure);
  if (state_ != file_state::closed)
    deliver_held();
}

// -- the end --------------------------------------------------------------------------------------

void file_source_actor::shut_down() {
  conclude(false, error::of(trouble::shut_down, "", "the runtime ends"));
}

void file_source_actor::conclude(bool had_error, const error& why) {
  caf::strong_actor_ptr alive(ctrl());
  state_ = file_state::closed;
  window_->stop_waiting();
  if (auto lost = std::exchange(pump_, nullptr))
    for (auto& each : lost->give_up())
      each();
  file_.reset();
  held_.clear();
  for (auto& each : std::exchange(early_, {}))
    answer_error(each.asker, why);
  outlets_.source_gone(why);
  tell(source_closed{self(), had_error, had_error ? why : error(), bytes_read_});
  owner_ = nullptr;
  retire(had_error ? to_caf(why) : caf::error(caf::exit_reason::normal));
}

} // namespace actornet
