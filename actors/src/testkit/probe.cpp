// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/testkit/probe.hpp>

#include <caf/actor_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <deque>

namespace actornet::testkit {

/// An actor that only collects. The world has one thread, so it needs no lock.
class probe::mailbox_actor final : public caf::monitorable_actor {
public:
  explicit mailbox_actor(caf::actor_config& cfg) : caf::monitorable_actor(cfg) {}

  using caf::monitorable_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    if (what->mid.is_response())
      answers.push_back(std::move(what));
    else
      events.push_back(std::move(what));
  }

  const char* name() const override { return "actornet.probe"; }

  std::deque<caf::mailbox_element_ptr> events;
  std::deque<caf::mailbox_element_ptr> answers;
};

probe::probe(world& home) : home_(home) {
  auto& system = home.system();
  caf::actor_config cfg;
  self_ = caf::make_actor<mailbox_actor, caf::actor>(system.next_actor_id(), system.node(), &system,
                                                     cfg);
}

probe::~probe() {
  mailbox().events.clear();
  mailbox().answers.clear();
  dies(caf::exit_reason::normal);
}

probe::mailbox_actor& probe::mailbox() const {
  return *static_cast<mailbox_actor*>(caf::actor_cast<caf::abstract_actor*>(self_));
}

void probe::send(const caf::strong_actor_ptr& to, caf::mailbox_element_ptr what) {
  to->enqueue(std::move(what), nullptr);
}

void probe::dies(caf::error reason) { mailbox().cleanup(std::move(reason), nullptr); }

caf::mailbox_element_ptr probe::take_event() {
  auto& events = mailbox().events;
  if (!home_.run_until([&] { return !events.empty(); }))
    complain("an event", "nothing, and nothing more will happen");
  auto first = std::move(events.front());
  events.pop_front();
  return first;
}

std::string probe::expects_bytes(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size)
    bytes += expects<data>().bytes.view();
  return bytes;
}

bool probe::has_no_event() {
  home_.settle();
  return mailbox().events.empty();
}

void probe::complain(const std::string& about, const std::string& got) const {
  throw unexpected_message("expected " + about + " to be another; got " + got);
}

bool probe::question::answered() {
  asker_->home_.settle();
  const auto& answers = asker_->mailbox().answers;
  return std::any_of(answers.begin(), answers.end(),
                     [&](const auto& each) { return each->mid == id_; });
}

caf::mailbox_element_ptr probe::question::take() {
  auto& answers = asker_->mailbox().answers;
  auto is_ours = [&](const auto& each) { return each->mid == id_; };
  auto found = answers.end();
  auto look = [&] {
    found = std::find_if(answers.begin(), answers.end(), is_ours);
    return found != answers.end();
  };
  if (!asker_->home_.run_until(look))
    asker_->complain("an answer", "nothing, and nothing more will happen");
  auto answer = std::move(*found);
  answers.erase(found);
  return answer;
}

void probe::question::done() {
  auto element = take();
  if (!element->content().empty())
    asker_->complain("the answer", element->content().stringify());
}

caf::error probe::question::caf_failure() { return value<caf::error>(); }

error probe::question::failure() {
  auto why = caf_failure();
  if (auto ours = error_of(why))
    return *ours;
  asker_->complain("the error", to_string(why));
}

} // namespace actornet::testkit
