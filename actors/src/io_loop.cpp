// SPDX-License-Identifier: BSD-3-Clause
#include "io_loop.hpp"

#include "endpoint_actor.hpp"
#include "hosted_actor.hpp"
#include "longest_wait.hpp"

#include <caf/logger.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <pthread.h>

#include <algorithm>
#include <string>

namespace actornet {

thread_local io_loop* io_loop::current_ = nullptr;

namespace {

/// Makes a loop the current one of this thread for as long as it lives.
class current_loop {
public:
  current_loop(io_loop*& place, io_loop* loop)
      : place_(place), before_(std::exchange(place, loop)) {}
  current_loop(const current_loop&) = delete;
  current_loop& operator=(const current_loop&) = delete;
  ~current_loop() { place_ = before_; }

private:
  io_loop*& place_;
  io_loop* before_;
};

} // namespace

io_loop::unit::unit(io_loop& loop) : caf::execution_unit(&loop.system()), loop_(loop) {}

void io_loop::unit::exec_later(caf::resumable* hosted) {
  loop_.put(run_actor{static_cast<hosted_actor*>(hosted)});
}

io_loop::io_loop(caf::actor_system& system, std::unique_ptr<net::io_backend> backend,
                 const loop_settings& chosen, log_sink& log)
    : caf::execution_unit(&system), backend_(std::move(backend)),
      inbox_(std::make_shared<loop_inbox>(*backend_)), home_unit_(*this), watches_(*this),
      budget_(chosen.handler_budget, log, chosen.clock), strays_(log, chosen.clock),
      short_cuts_(chosen.events == delivery::in_place), resolve_timeout_(chosen.resolve_timeout),
      receive_budget_(chosen.budget) {
  backend_->set_busy_poll(chosen.busy_poll);
}

io_loop::~io_loop() = default;

void io_loop::exec_later(caf::resumable* other) { system().scheduler().enqueue(other); }

void io_loop::put(work what) {
  if (is_current())
    to_do_.push_back(std::move(what));
  else
    inbox_->put(std::move(what));
}

std::shared_ptr<const net::endpoint> io_loop::share(net::endpoint own) {
  if (!shared_ || *shared_ != own)
    shared_ = std::make_shared<const net::endpoint>(std::move(own));
  return shared_;
}

void io_loop::adopt(endpoint_actor& open) { open_.emplace(&open, open.ctrl()); }

void io_loop::release(endpoint_actor& closed) { open_.erase(&closed); }

void io_loop::collect_for_stop(stop_list& into) {
  for (auto& [endpoint, reference] : open_)
    endpoint->collect_for_stop(into);
}

net::instant io_loop::after(std::chrono::milliseconds wait) const noexcept {
  return now() + at_longest(std::max(wait, std::chrono::milliseconds(0)));
}

void io_loop::arm_for_answer(net::timer& deadline) {
  if (resolve_timeout_.count() > 0)
    timers_.arm(deadline, after(resolve_timeout_));
}

// -- turns ----------------------------------------------------------------------------------------

bool io_loop::turn(bool may_wait) {
  inbox_->take(to_do_);
  handlers_rested();
  bool did = has_work() && do_work(work_per_turn_max);
  handlers_rested();
  backend_->flush();
  handlers_rested(); // io_uring tells what is done already: a handler may have had its turn
  backend_->poll(wait_until(may_wait));
  inbox_->end_wait();
  bool fired = timers_.advance(backend_->now()) != 0;
  return did || fired || !to_do_.empty();
}

std::optional<net::instant> io_loop::wait_until(bool may_wait) {
  if (!may_wait || ending_ || has_work() || !inbox_->begin_wait())
    return backend_->now();
  return timers_.next();
}

bool io_loop::do_work(std::size_t budget) {
  bool did = false;
  while (budget > 0) {
    if (done_ == doing_.size()) {
      doing_.clear();
      done_ = 0;
      if (to_do_.empty())
        return did;
      doing_.swap(to_do_);
    }
    while (budget > 0 && done_ < doing_.size()) {
      auto each = std::move(doing_[done_++]);
      budget -= std::min(budget, perform(each));
      did = true;
    }
  }
  return did;
}

std::size_t io_loop::perform(work& what) {
  if (auto* run = std::get_if<run_actor>(&what))
    return resume(*run->who);
  if (auto* message = std::get_if<deliver>(&what))
    hand_over(*message);
  else
    std::get<task>(what)();
  return 1;
}

void io_loop::hand_over(deliver& message) {
  auto& to = *static_cast<endpoint_actor*>(caf::actor_cast<caf::abstract_actor*>(message.to));
  if (message.is_local)
    to.receive_local(*message.what);
  else
    to.receive(*message.what);
}

std::size_t io_loop::resume(hosted_actor& who) {
  auto outcome = [&] {
    handler_turn turn(*this, who);
    return who.resume(this, messages_per_resume_max);
  }();
  switch (outcome) {
  case caf::resumable::resume_later:
    to_do_.emplace_back(run_actor{&who});
    return messages_per_resume_max;
  case caf::resumable::awaiting_message:
  case caf::resumable::done:
    caf::intrusive_ptr_release(who.ctrl());
    break;
  case caf::resumable::shutdown_execution_unit:
    break; // only CAF's own workers are sent this
  }
  return 1;
}

bool io_loop::turn_by_hand() {
  current_loop here(current_, this);
  return turn(false);
}

// -- the thread -----------------------------------------------------------------------------------

void io_loop::start_thread(std::size_t number) {
  thread_ = std::thread([this, number] {
    CAF_SET_LOGGER_SYS(&system());
    system().thread_started();
    auto name = "actornet." + std::to_string(number);
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    run();
    system().thread_terminates();
  });
}

void io_loop::run() {
  current_loop here(current_, this);
  while (!ending_)
    turn(true);
  close_endpoints();
}

void io_loop::shut_down() {
  if (std::exchange(shut_down_, true))
    return;
  if (thread_.joinable()) {
    inbox_->put(task([this] { ending_ = true; }));
    thread_.join();
  } else {
    current_loop here(current_, this);
    close_endpoints();
  }
  inbox_->close();
}

void io_loop::close_endpoints() {
  // Last events, answers and exits run here, and what they give rise to, be it another endpoint; a
  // bound, since handlers may keep each other busy.
  for (int rounds = 0; rounds < 100; ++rounds) {
    auto open = std::exchange(open_, {});
    for (auto& [endpoint, reference] : open)
      endpoint->shut_down();
    open.clear();
    inbox_->take(to_do_);
    if (!do_work((to_do_.size() + doing_.size() - done_) * messages_per_resume_max))
      break;
  }
  for (; done_ < doing_.size(); ++done_)
    discard(std::move(doing_[done_]));
  // To discard a request is to answer it, which gives an idle asker a turn: that is discarded, too.
  while (!to_do_.empty())
    for (auto& each : std::exchange(to_do_, {}))
      discard(std::move(each));
}

} // namespace actornet
