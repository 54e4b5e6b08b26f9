// SPDX-License-Identifier: BSD-3-Clause
#include "console.hpp"

#include <actornet/net/address.hpp>

#include <utility>

// A UDP endpoint: its start and its events.
namespace console {

namespace an = actornet;

bool console::start(const an::udp_options& chosen) {
  auto made = an::runtime::from(system()).open_udp(chosen, caf::actor(this));
  if (!made)
    return refuse_start(made.error());
  udp_ = std::move(*made);
  is_connect_due_ = !chosen.connect_to.empty();
  const auto where = an::net::address::parse(chosen.address);
  const bool is_bound = where && !(where->host.empty() && where->descriptor < 0);
  is_listening_due_ = is_bound || is_connect_due_ || !chosen.groups.empty();
  return true;
}

void console::on(const an::udp_listening& event) {
  was_established_ = true;
  out_.print({{"event", "listening"}, {"local", to_string(event.local)}});
  is_listening_due_ = false;
  run_lines();
  conclude_if_answered();
}

// The contract has no line for it: who typed `connect` is answered.
void console::on(const an::udp_connected&) {
  is_connect_due_ = false;
  is_udp_connected_ = true;
}

void console::on(const an::datagram& event) {
  if (!out_.is_silent()) {
    json line{{"event", "datagram"}};
    describe(event.bytes, arguments_.bytes_shown_max, line);
    line["from"] = sender_of(event.from);
    line.update(reports_of(event));
    out_.print(line);
  }
  if (arguments_.handler == reaction::echo)
    send(event.at, an::send{event.bytes, answer_to(event)});
}

// What was sent to a group cannot be answered from there.
an::destination console::answer_to(const an::datagram& event) const {
  return {is_udp_connected_ ? an::endpoint() : event.from,
          event.local.is_multicast() ? an::endpoint() : event.local};
}

void console::on(const an::send_failed& event) {
  json line{{"event", "failed"}};
  line.update(fields_of(event.why));
  out_.print(line);
}

void console::on(const an::udp_failed& event) {
  json line{{"event", "failed"}};
  line.update(fields_of(event.why));
  out_.print(line);
  if ((!was_established_ || is_connect_due_) && phase_ != phase::ending)
    failed_at_start(event.why);
}

void console::on(const an::udp_drain&) { out_.print({{"event", "drain"}}); }

void console::on(const an::udp_closed& event) {
  is_listening_due_ = false;
  udp_ = nullptr;
  // What never was has said all with `failed`.
  if (was_established_ || !event.had_error)
    out_.print({{"event", "closed"}, {"had_error", event.had_error}});
  run_lines();
  conclude_if_answered();
}

} // namespace console
