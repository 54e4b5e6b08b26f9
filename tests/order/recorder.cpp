// SPDX-License-Identifier: BSD-3-Clause
#include "order/recorder.hpp"

#include <algorithm>

namespace actornet::test {

// -- the record, on the actor's thread ------------------------------------------------------------

void recorder::record::note(const std::string& word) {
  {
    std::lock_guard guard(mutex);
    if (word != "data" || entries.empty() || entries.back().word != word)
      entries.push_back({word, {}});
    entries.back().time = where.now();
  }
  where.ring();
}

void recorder::record::note_failure(const std::string& name, const caf::error& why) {
  auto ours = error_of(why);
  {
    std::lock_guard guard(mutex);
    last_why = ours;
  }
  note(name + " failed " + (ours ? ours->code() : to_string(why)));
}

void recorder::record::note_begun(expected<connection> made) {
  {
    std::lock_guard guard(mutex);
    begun = std::move(made);
  }
  where.ring();
}

recorder::reaction recorder::record::reaction_to(const std::string& word) const {
  std::lock_guard guard(mutex);
  auto found = reactions.find(word);
  return found == reactions.end() ? nullptr : found->second;
}

// -- the actor ------------------------------------------------------------------------------------

template <class Event>
void recorder::hear(caf::event_based_actor* self, const record_ptr& into, const Event& event) {
  {
    std::lock_guard guard(into->mutex);
    if constexpr (std::is_same_v<Event, data>) {
      into->bytes += event.bytes.view();
      if (into->kept)
        into->kept->push_back(event.bytes);
    }
    if constexpr (std::is_same_v<Event, connected> || std::is_same_v<Event, accepted>)
      into->peer = event.peer;
    if constexpr (requires { event.why; })
      into->last_why = event.why;
  }
  auto word = word_of(event);
  into->note(word);
  if constexpr (requires { event.peer; })
    if (auto then = into->reaction_to(word))
      then(self, event.peer);
}

caf::behavior recorder::behavior(caf::event_based_actor* self, const record_ptr& into) {
  return {
      [=](const task& given) { given.what(self); },
      [=](const connected& event) { hear(self, into, event); },
      [=](const data& event) { hear(self, into, event); },
      [=](const end& event) { hear(self, into, event); },
      [=](const timeout& event) { hear(self, into, event); },
      [=](const drain& event) { hear(self, into, event); },
      [=](const write_failed& event) { hear(self, into, event); },
      [=](const failed& event) { hear(self, into, event); },
      [=](const closed& event) { hear(self, into, event); },
      [=](const listening& event) { hear(self, into, event); },
      [=](const accepted& event) { hear(self, into, event); },
      [=](const dropped& event) { hear(self, into, event); },
      [=](const listener_failed& event) { hear(self, into, event); },
      [=](const listener_closed& event) { hear(self, into, event); },
  };
}

// -- the test's thread ----------------------------------------------------------------------------

recorder::recorder(stage& where) : where_(where), record_(std::make_shared<record>(where)) {
  actor_ = where.net().spawn_on_loop(
      [into = record_](caf::event_based_actor* self) { return behavior(self, into); });
}

recorder::~recorder() {
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  std::lock_guard guard(record_->mutex);
  record_->peer.reset();
  record_->reactions.clear();
}

void recorder::does(std::function<void(caf::event_based_actor*)> what) {
  caf::anon_send(actor_, task{std::move(what)});
}

void recorder::reacts(const std::string& word, reaction then) {
  std::lock_guard guard(record_->mutex);
  record_->reactions[word] = std::move(then);
}

void recorder::keeps_bytes() {
  std::lock_guard guard(record_->mutex);
  record_->kept.emplace();
}

void recorder::lets_go_of_bytes() {
  std::lock_guard guard(record_->mutex);
  record_->kept.reset();
}

endpoint recorder::address_of(const listener& whose) {
  does([into = record_, whose](caf::event_based_actor* self) {
    self->request(whose, caf::infinite, get_address{}).then([into](const addresses& got) {
      std::lock_guard guard(into->mutex);
      into->address = got.local;
    });
  });
  auto known = [this] {
    std::lock_guard guard(record_->mutex);
    return record_->address.has_value();
  };
  REQUIRE(where_.run_until(known));
  std::lock_guard guard(record_->mutex);
  return *std::exchange(record_->address, std::nullopt);
}

connection recorder::begun_one() {
  auto known = [this] {
    std::lock_guard guard(record_->mutex);
    return record_->begun.has_value();
  };
  REQUIRE(where_.run_until(known));
  std::lock_guard guard(record_->mutex);
  auto begun = *std::exchange(record_->begun, std::nullopt);
  INFO((begun ? std::string() : to_string(begun.error())));
  REQUIRE(begun);
  return *begun;
}

words recorder::log() const {
  std::lock_guard guard(record_->mutex);
  words result;
  for (const auto& each : record_->entries)
    result.push_back(each.word);
  return result;
}

std::size_t recorder::count(const std::string& word) const {
  auto all = log();
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), word));
}

net::duration recorder::time_of(const std::string& word) const {
  std::lock_guard guard(record_->mutex);
  const auto& all = record_->entries;
  auto found =
      std::find_if(all.rbegin(), all.rend(), [&](const entry& each) { return each.word == word; });
  REQUIRE(found != all.rend());
  return found->time;
}

std::string recorder::bytes() const {
  std::lock_guard guard(record_->mutex);
  return record_->bytes;
}

error recorder::last_error() const {
  std::lock_guard guard(record_->mutex);
  REQUIRE(record_->last_why);
  return *record_->last_why;
}

connection recorder::peer() const {
  std::lock_guard guard(record_->mutex);
  REQUIRE(record_->peer);
  return *record_->peer;
}

void recorder::until(const std::string& word, std::size_t times) {
  bool came = where_.run_until([&] { return count(word) >= times; });
  CAPTURE(word, times, log());
  REQUIRE(came);
}

void recorder::until_bytes(std::size_t count) {
  auto told = [&] {
    std::lock_guard guard(record_->mutex);
    return record_->bytes.size() >= count;
  };
  REQUIRE(where_.run_until(told));
}

} // namespace actornet::test
