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
  if (state_ == file_state::closed)
    return answer_error(asker, closed_error());
  const bool was_paused = std::exchange(paused_, false);
  if (state_ == file_state::opening)
    early_.push_back({std::move(given), std::move(asker), was_paused});
  else
    begin_pipe({std::move(given), std::move(asker), was_paused});
}

void file_source_actor::begin_pipe(asked_pipe&& what) {
  outlets_.add(std::move(what.given), std::move(what.asker), what.was_paused);
  pipes_changed();
}

void file_source_actor::obey_unpipe(command& what) {
  auto asker = what.asker();
  if (state_ == file_state::closed)
    return answer_error(asker, closed_error());
  outlets_.unpipe(what.as<unpipe>()->from, std::move(asker));
  pipes_changed();
}

bool file_source_actor::obey_life(command& what) {
  const bool is_one = what.is<pause>() || what.is<resume>() || what.is<destroy>();
  if (what.is<get_info>()) {
    auto asker = what.asker();
    answer(asker, source_info{bytes_read_, window_->bytes_held(), window_->bytes_max(), state_});
    return true;
  }
  if (!is_one)
    return false;
  auto asker = what.asker();
  if (state_ == file_state::closed) {
    answer_error(asker, closed_error());
    return true;
  }
  if (what.is<destroy>()) {
    conclude(false, destroyed_error());
  } else {
    paused_ = what.is<pause>();
    deliver_held();
  }
  answer_done(asker);
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
    begin_pipe(std::move(each));
}

void file_source_actor::update_reading() {
  const bool wanted = state_ == file_state::open && somebody_takes() && held_.empty() &&
                      !window_full_ && !read_over_;
  if (wanted == reading_)
    return;
  reading_ = wanted;
  if (wanted)
    file_->start_reading();
  else if (file_)
    file_->stop_reading();
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
  reading_ = false;
  if (somebody_takes() && held_.empty())
    pass_on_end();
}

void file_source_actor::on_failed(const error& why) {
  read_over_ = true;
  reading_ = false;
  broke_ = std::make_unique<error>(why);
  pipes_changed();
}

void file_source_actor::deliver_held() {
  if (somebody_takes()) {
    for (auto& each : std::exchange(held_, {}))
      outlets_.give(each);
    pass_on_end();
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

sink_watch::notice file_source_actor::notice_of_death(caf::actor_id of_sink) {
  return [inbox = home().inbox(), weak = caf::weak_actor_ptr(ctrl()),
          of_sink](const caf::error& reason) {
    inbox->put(task([weak, of_sink, reason] {
      if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
        static_cast<file_source_actor*>(caf::actor_cast<caf::abstract_actor*>(strong))
            ->sink_died(of_sink, reason);
    }));
  };
}

void file_source_actor::sink_died(caf::actor_id who, const caf::error& reason) {
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

// -- the end --------------------------------------------------------------------------------------

void file_source_actor::shut_down() {
  conclude(false, error::of(trouble::shut_down, "", "the runtime ends"));
}

void file_source_actor::conclude(bool had_error, const error& why) {
  caf::strong_actor_ptr alive(ctrl());
  state_ = file_state::closed;
  window_->stop_waiting();
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
