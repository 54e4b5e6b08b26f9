// SPDX-License-Identifier: BSD-3-Clause
#include "console.hpp"

namespace console {

namespace an = actornet;

void console::print_event(std::string_view what, const an::connection& peer, const json& fields) {
  const auto number = connections_.number_of(peer);
  if (out_.is_silent() || !number)
    return;
  json line{{"event", what}, {"id", *number}};
  line.update(fields);
  out_.print(line);
}

void console::on(const an::listening& event) {
  was_established_ = true;
  out_.print({{"event", "listening"}, {"local", to_string(event.local)}});
  is_listening_due_ = false;
  run_lines();
  conclude_if_answered();
}

// Of two connections on two loops the later one may be told first.
void console::on(const an::accepted& event) { connections_.announce(event.peer); }

void console::on(const an::dropped& event) {
  out_.print({{"event", "dropped"},
              {"local", to_string(event.local)},
              {"remote", to_string(event.remote)},
              {"reason", name_of(event.reason)}});
}

void console::on(const an::listener_failed& event) {
  json line{{"event", "failed"}};
  line.update(fields_of(event.why));
  out_.print(line);
  if (!was_established_)
    failed_at_start(event.why);
}

void console::on(const an::listener_closed& event) {
  is_listening_due_ = false;
  listener_ = nullptr;
  // What never listened has said all with `failed`.
  if (was_established_)
    out_.print({{"event", "closed"}, {"had_error", event.had_error}});
  conclude_if_answered();
}

void console::on(const an::connected& event) {
  if (far_ends_.holds(event.peer))
    return;
  if (!connections_.number_of(event.peer))
    connections_.add(event.peer);
  was_established_ = true;
  print_event("connected", event.peer,
              {{"local", to_string(event.local)}, {"remote", to_string(event.remote)}});
  connect_through(event.peer);
}

void console::on(const an::data& event) {
  if (!out_.is_silent()) {
    json fields = json::object();
    describe(event.bytes, arguments_.bytes_shown_max, fields);
    print_event("data", event.peer, fields);
  }
  for (const auto& each : receivers_of(event.peer))
    send(each, an::write{event.bytes});
}

void console::on(const an::text_data& event) {
  if (!out_.is_silent()) {
    json fields = json::object();
    describe_text(event.text, arguments_.bytes_shown_max, fields);
    print_event("data", event.peer, fields);
  }
  // The bytes that it was; but what was no text has become U+FFFD. Until it is written, it counts
  // in the window of who sent it, as bytes do.
  for (const auto& each : receivers_of(event.peer))
    answers_.ask(each, an::write_text{event.text, event.encoding},
                 [held = event.received](const outcome&) {});
}

std::vector<an::connection> console::receivers_of(const an::connection& peer) const {
  if (arguments_.handler == reaction::echo)
    return {peer};
  std::vector<an::connection> others;
  if (arguments_.handler == reaction::chat)
    for (const auto& [number, other] : connections_.all())
      if (other != peer)
        others.push_back(other);
  return others;
}

void console::on(const an::end& event) {
  print_event("end", event.peer);
  // Not half-open, the connection finishes by itself; it is the same end.
  if (arguments_.handler == reaction::echo)
    send(event.peer, an::finish{});
  pass_end_on(event.peer);
}

void console::on(const an::timeout& event) { print_event("timeout", event.peer); }

void console::on(const an::drain& event) { print_event("drain", event.peer); }

void console::on(const an::failed& event) {
  if (const auto* near = far_ends_.near_of(event.peer))
    return forward_failed(*near, event.why);
  print_event("failed", event.peer, fields_of(event.why));
  if (!was_established_ && phase_ != phase::ending)
    failed_at_start(event.why);
}

void console::on(const an::closed& event) {
  end_far_end_of(event);
  far_ends_.remove(event.peer);
  print_event("closed", event.peer,
              {{"had_error", event.had_error || not_forwarded_.erase(event.peer.id()) > 0},
               {"bytes_read", event.bytes_read},
               {"bytes_written", event.bytes_written}});
  connections_.remove(event.peer);
  conclude_if_answered();
}

} // namespace console
