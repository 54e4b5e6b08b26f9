// SPDX-License-Identifier: BSD-3-Clause
#include "stream_end.hpp"

#include "kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace actornet::net::simulation {

stream_end& stream_end::other() noexcept {
  return this == &link_.client ? link_.server : link_.client;
}

stream_end_ptr stream_end::share() { return stream_end_ptr(link_.shared_from_this(), this); }

void stream_end::note(std::string_view what) const {
  home_.note(std::to_string(link_.number) + " " + std::string(name_) + " " + std::string(what));
}

void stream_end::changed() {
  if (watcher_ != nullptr)
    watcher_->on_change();
}

template <class Action> void stream_end::deliver(Action what) {
  last_arrival_ = std::max(last_arrival_, home_.time().now() + home_.latency());
  home_.time().at(last_arrival_, [to = other().share(), what = std::move(what)] { what(*to); });
}

// -- the handshake --------------------------------------------------------------------------------

void stream_end::name_ends(endpoint local, endpoint remote) {
  local_ = std::move(local);
  remote_ = std::move(remote);
}

void stream_end::establish() {
  if (closed_)
    return;
  phase_ = phase::connected;
  note("connected " + to_string(local_) + " to " + to_string(remote_));
  if (this == &link_.server)
    deliver([](stream_end& client) { client.establish(); });
  changed();
}

void stream_end::refuse(int number) {
  if (closed_)
    return;
  phase_ = phase::refused;
  refusal_ = number;
  note("refused " + std::to_string(number));
  changed();
}

// -- receiving ------------------------------------------------------------------------------------

void stream_end::arrive(std::string_view segment) {
  other().in_flight_ -= segment.size();
  if (closed_)
    return send_reset();
  if (broken_ != 0)
    return;
  note("got " + std::to_string(segment.size()));
  incoming_.push(segment);
  if (breaks_after_) {
    *breaks_after_ -= std::min(*breaks_after_, segment.size());
    if (*breaks_after_ == 0) {
      other().break_now(ECONNRESET);
      return break_now(ECONNRESET);
    }
  }
  changed();
}

void stream_end::arrive_end() {
  if (closed_ || broken_ != 0)
    return;
  note("got FIN");
  end_arrived_ = true;
  changed();
}

void stream_end::arrive_reset() {
  // Both directions were finished: there is nothing left that could break.
  if (end_arrived_ && fin_ == fin::on_its_way)
    return;
  // As Linux has it: who knows of the end already is told by his next write.
  break_now(end_arrived_ ? EPIPE : ECONNRESET);
}

void stream_end::break_now(int number) {
  if (broken_ != 0)
    return;
  note("broken " + std::to_string(number));
  broken_ = number;
  outgoing_.clear();
  changed();
}

void stream_end::break_after(std::size_t bytes) {
  if (bytes > 0) {
    breaks_after_ = bytes;
    return;
  }
  other().break_now(ECONNRESET);
  break_now(ECONNRESET);
}

std::size_t stream_end::read(std::span<std::byte> into) {
  auto count = incoming_.read(into);
  if (count > 0 && !other().outgoing_.empty())
    deliver([](stream_end& sender) { sender.transmit(); });
  return count;
}

// -- sending --------------------------------------------------------------------------------------

std::size_t stream_end::room() const noexcept {
  if (closed_ || broken_ != 0 || phase_ != phase::connected)
    return 0;
  return home_.chosen().send_buffer_bytes -
         std::min(outgoing_.size(), home_.chosen().send_buffer_bytes);
}

std::size_t stream_end::write(std::string_view bytes) {
  wants_room_ = false;
  std::size_t taken = 0;
  while (taken < bytes.size() && room() > 0) {
    auto part = bytes.substr(taken, room());
    outgoing_.push(part);
    taken += part.size();
    transmit();
  }
  wants_room_ = room() == 0;
  return taken;
}

void stream_end::finish() {
  if (fin_ == fin::not_wanted)
    fin_ = fin::wanted;
  transmit();
}

// A socket that is closed takes everything, to refuse it.
std::size_t stream_end::window_of_other() noexcept {
  auto size = home_.chosen().receive_buffer_bytes;
  auto used = in_flight_ + (other().closed_ ? 0 : other().incoming_.size());
  return size - std::min(used, size);
}

void stream_end::transmit() {
  if (phase_ != phase::connected || broken_ != 0)
    return;
  bool some = false;
  while (!outgoing_.empty() && window_of_other() > 0) {
    send_segment(std::min({outgoing_.size(), window_of_other(), home_.chosen().segment_bytes_max}));
    some = true;
  }
  if (outgoing_.empty() && fin_ == fin::wanted) {
    fin_ = fin::on_its_way;
    note("sent FIN");
    deliver([](stream_end& to) { to.arrive_end(); });
  }
  if (some && std::exchange(wants_room_, false))
    changed();
}

void stream_end::send_segment(std::size_t bytes) {
  in_flight_ += bytes;
  note("sent " + std::to_string(bytes));
  deliver([segment = outgoing_.take(bytes)](stream_end& to) { to.arrive(segment); });
}

void stream_end::send_reset() {
  note("sent RST");
  deliver([](stream_end& to) { to.arrive_reset(); });
}

// -- options --------------------------------------------------------------------------------------

void stream_end::set_options(const socket_options& chosen) {
  auto take = [](auto& ours, const auto& theirs) {
    if (theirs)
      ours = theirs;
  };
  take(settings.no_delay, chosen.no_delay);
  take(settings.keep_alive, chosen.keep_alive);
  take(settings.type_of_service, chosen.type_of_service);
  take(settings.send_buffer_bytes, chosen.send_buffer_bytes);
  take(settings.receive_buffer_bytes, chosen.receive_buffer_bytes);
  take(settings.user_timeout, chosen.user_timeout);
  settings.raw.insert(settings.raw.end(), chosen.raw.begin(), chosen.raw.end());
}

// -- closing --------------------------------------------------------------------------------------

// A server's end has the address of the listener, which was never its own.
void stream_end::give_back() {
  if (this == &link_.client)
    home_.bound().release(local_.unmapped());
}

void stream_end::close() {
  if (std::exchange(closed_, true))
    return;
  note("closed");
  watcher_ = nullptr;
  give_back();
  if (phase_ != phase::connected) {
    if (other().phase_ == phase::connected)
      send_reset(); // the answer to a handshake that nobody wants any more
    return;
  }
  if (broken_ != 0)
    return;
  if (!incoming_.empty()) {
    incoming_.clear();
    outgoing_.clear();
    return send_reset();
  }
  finish();
}

void stream_end::reset() {
  if (!closed_ && phase_ == phase::connected && broken_ == 0) {
    closed_ = true;
    watcher_ = nullptr;
    note("reset");
    give_back();
    incoming_.clear();
    outgoing_.clear();
    return send_reset();
  }
  close();
}

} // namespace actornet::net::simulation
