// SPDX-License-Identifier: BSD-3-Clause
#include "console.hpp"

#include <actornet/net/address.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace console {

namespace an = actornet;

namespace {

constexpr std::chrono::seconds orderly_end_deadline{5};

} // namespace

console::console(caf::actor_config& cfg, arguments chosen, printer out)
    : caf::event_based_actor(cfg), arguments_(std::move(chosen)), out_(out), answers_(this) {}

caf::behavior console::make_behavior() {
  return {
      [this](const an::data& event) { on(event); },
      [this](const an::text_data& event) { on(event); },
      [this](const an::connected& event) { on(event); },
      [this](const an::end& event) { on(event); },
      [this](const an::timeout& event) { on(event); },
      [this](const an::drain& event) { on(event); },
      [this](const an::failed& event) { on(event); },
      [this](const an::closed& event) { on(event); },
      [this](const an::piped& event) { on(event); },
      [this](const an::unpiped& event) { on(event); },
      [this](const an::sink_closed& event) { on(event); },
      [this](const an::listening& event) { on(event); },
      [this](const an::accepted& event) { on(event); },
      [this](const an::dropped& event) { on(event); },
      [this](const an::listener_failed& event) { on(event); },
      [this](const an::listener_closed& event) { on(event); },
      [this](const an::udp_listening& event) { on(event); },
      [this](const an::udp_connected& event) { on(event); },
      [this](const an::datagram& event) { on(event); },
      [this](const an::send_failed& event) { on(event); },
      [this](const an::udp_failed& event) { on(event); },
      [this](const an::udp_drain& event) { on(event); },
      [this](const an::udp_closed& event) { on(event); },
      [this](const input_line& line) { take(line); },
      [this](wake) {
        out_.print(*std::exchange(sleeping_, std::nullopt));
        run_lines();
      },
      [this](struct start) { return start_endpoint(); },
      [this](end_orderly) { end_in_order(); },
      [this](destroy_rest) {
        // Those of a listener are its own to end, and to count.
        if (!listener_)
          for (const auto& [number, peer] : connections_.all())
            send(peer, an::destroy{});
        for (const auto& far : far_ends_.all())
          send(far, an::destroy{});
      },
      [this](last_lines) { begin_last_lines(); },
      [this](conclude) {
        conclusion_ = make_response_promise();
        conclude_if_answered();
        return conclusion_;
      },
      [this](retire) { quit(); },
  };
}

bool console::start_endpoint() {
  // A signal may have come first.
  if (phase_ == phase::ending)
    return true;
  phase_ = phase::running;
  if (arguments_.seconds)
    delayed_send(this, std::chrono::milliseconds(std::llround(*arguments_.seconds * 1000)),
                 end_orderly{});
  const bool started =
      std::visit([this](const auto& options) { return start(options); }, arguments_.start);
  run_lines();
  return started;
}

bool console::start(const an::listen_options& chosen) {
  auto options = chosen;
  options.owner = this;
  broker_ = options.broker = an::runtime::from(system()).make_broker(*arguments_.broker).value();
  access_ = {arguments_.broker->allow, arguments_.broker->deny};
  auto made = an::runtime::from(system()).listen(std::move(options), caf::actor(this));
  if (!made)
    return refuse_start(made.error());
  listener_ = std::move(*made);
  const auto where = an::net::address::parse(chosen.address);
  is_listening_due_ = where && (where->numeric() || where->use == an::net::scheme::descriptor);
  return true;
}

bool console::start(const an::connect_options& chosen) {
  auto made = an::runtime::from(system()).connect(chosen, caf::actor(this));
  if (!made)
    return refuse_start(made.error());
  connections_.add(*made);
  return true;
}

bool console::refuse_start(const an::error& why) {
  const bool is_connect = !arguments_.is_listen() && !arguments_.is_udp();
  json fields{{"event", "failed"}};
  if (is_connect)
    fields["id"] = 1;
  fields.update(fields_of(why));
  out_.print(fields);
  failed_at_start(why);
  if (is_connect)
    out_.print({{"event", "closed"},
                {"id", 1},
                {"had_error", true},
                {"bytes_read", 0},
                {"bytes_written", 0}});
  return false;
}

void console::failed_at_start(const an::error& why) {
  status_ = 1;
  complain(to_string(why));
}

void console::end_in_order() {
  if (phase_ == phase::ending)
    return;
  phase_ = phase::ending;
  lines_.clear();
  if (listener_)
    return stop_listener(orderly_end_deadline, [this](const outcome&) { conclude_if_answered(); });
  wind_down_far_ends(orderly_end_deadline);
  delayed_send(this, orderly_end_deadline, destroy_rest{});
  if (udp_)
    answers_.ask(udp_, an::close{}, [this](const outcome&) { conclude_if_answered(); });
  else
    end_connection();
}

// At the deadline the near ends go first: they are counted, and one whose far end is gone by force
// could still end in order.
void console::stop_listener(std::chrono::milliseconds deadline, const answers::receiver& done) {
  wind_down_far_ends(deadline);
  const auto until = clock().now() + deadline;
  answers_.ask(listener_, an::stop{deadline.count()}, [=, this](const outcome& got) {
    delayed_send(this, std::max(until - clock().now(), caf::actor_clock::duration_type(0)),
                 destroy_rest{});
    done(got);
  });
}

void console::end_connection() {
  for (const auto& [number, peer] : connections_.all()) {
    if (was_established_)
      send(peer, an::finish{});
    else
      send(peer, an::destroy{});
  }
}

void console::begin_last_lines() {
  if (phase_ == phase::running)
    phase_ = phase::last_lines;
  run_lines();
}

void console::fence_answers() {
  const auto fence = [this](const outcome&) {
    --*fences_due_;
    conclude_if_answered();
  };
  fences_due_ = connections_.all().size() + (listener_ ? 1 : 0) + (udp_ ? 1 : 0);
  for (const auto& [number, peer] : connections_.all())
    answers_.ask(peer, an::get_info{}, fence);
  if (listener_)
    answers_.ask(listener_, an::get_info{}, fence);
  if (udp_)
    answers_.ask(udp_, an::get_info{}, fence);
}

void console::conclude_if_answered() {
  if (!conclusion_.pending() || is_listening_due_)
    return;
  if (!fences_due_)
    fence_answers();
  if (*fences_due_ > 0)
    return;
  // Who is gone has answered, or CAF does it for him. Who is unreferenced has answered what he
  // could, and need not be waited for.
  const auto is_gone = [this](const auto& due) {
    return !connections_.holds(due.first) && !(listener_ && listener_.id() == due.first) &&
           !(udp_ && udp_.id() == due.first);
  };
  if (std::any_of(answers_.due().begin(), answers_.due().end(), is_gone))
    return;
  fences_due_.reset();
  if (phase_ == phase::last_lines)
    phase_ = phase::running;
  conclusion_.deliver(status_);
}

} // namespace console
