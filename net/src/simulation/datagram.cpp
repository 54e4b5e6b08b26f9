// SPDX-License-Identifier: BSD-3-Clause
#include "datagram.hpp"

#include "inline_block.hpp"
#include "membership_refusal.hpp"
#include "wire_address.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace actornet::net::simulation {

namespace {

constexpr std::uint64_t batch_max = 64;

expected<void> answer(int number, std::string_view syscall, const endpoint& about) {
  if (number == 0)
    return {};
  return fail(error::system(number, syscall, about));
}

expected<void> changed(int number, const group_membership& what, membership_change how) {
  if (number == 0)
    return {};
  return fail(membership_refusal(number, what, how));
}

std::vector<std::byte> gathered(const unsent_datagram& from) {
  std::vector<std::byte> all;
  all.reserve(from.bytes);
  for (const auto& each : from)
    all.insert(all.end(), each.begin(), each.end());
  return all;
}

} // namespace

datagram::datagram(backend& home, opened_datagram opened, datagram_end_ptr end,
                   datagram_events& events)
    : home_(home), socket_(std::move(opened.socket)), end_(std::move(end)), events_(&events),
      family_(opened.family), reports_(opened.reports), remote_(std::move(opened.remote)) {
  end_->watch(this);
}

void datagram::note(std::string_view what) {
  home_.home().note("fd " + std::to_string(socket_.number()) + " told " + std::string(what));
}

// -- turns ----------------------------------------------------------------------------------------

void datagram::on_turn() {
  tell_error();
  if (!closed)
    receive_some();
  if (!closed && std::exchange(blocked_, false))
    send_some();
}

void datagram::on_flush() {
  if (!blocked_)
    send_some();
}

void datagram::tell_error() {
  if (int number = end_->take_error(); number != 0) {
    note("error " + std::to_string(number));
    events_->on_error(error::system(number, "recvmsg", remote_));
  }
}

// -- receiving ------------------------------------------------------------------------------------

void datagram::start_receiving() {
  receiving_ = true;
  home_.call_next_turn(*this);
}

void datagram::receive_some() {
  if (!receiving_ || !end_->has_waiting())
    return;
  auto& dice = home_.home().dice();
  auto most = dice.chance(home_.home().chosen().partial_receive_chance) ? dice.between(1, batch_max)
                                                                        : batch_max;
  std::vector<received_datagram> batch;
  for (; most > 0 && end_->has_waiting(); --most)
    batch.push_back(received(end_->take()));
  note("datagrams " + std::to_string(batch.size()));
  events_->on_datagrams(batch);
  if (!closed && end_->has_waiting())
    home_.call_next_turn(*this);
}

received_datagram datagram::received(wire_datagram from) {
  received_datagram made{inline_block::copy_of(from.bytes.bytes(), window_),
                         as_seen_by(family_, from.from)};
  if (reports_.local_address) {
    made.local = as_seen_by(family_, from.to).with_port(0);
    made.interface = from.interface;
  }
  if (reports_.timestamp)
    made.received_at = received_datagram::time_stamp(from.arrived.time_since_epoch());
  if (reports_.type_of_service)
    made.type_of_service = from.type_of_service;
  return made;
}

// -- sending --------------------------------------------------------------------------------------

int datagram::refusal_of(const endpoint& destination) const noexcept {
  if (destination.family() == address_family::none)
    return is_connected() ? 0 : EDESTADDRREQ;
  if (destination.family() == address_family::unix_socket ||
      (destination.family() == address_family::ipv6 && family_ == address_family::ipv4))
    return EAFNOSUPPORT;
  return is_connected() ? EISCONN : 0;
}

unsent_datagram& datagram::add(std::size_t bytes, const endpoint& destination, send_tag tag,
                               const endpoint& source) {
  auto& added = unsent_.add(bytes);
  added.tag = tag;
  added.refusal = refusal_of(destination);
  added.destination = destination;
  added.source = source;
  if (!blocked_)
    home_.call_at_flush(*this);
  return added;
}

void datagram::send(chunk bytes, const endpoint& destination, send_tag tag,
                    const endpoint& source) {
  const auto size = bytes.size();
  add(size, destination, tag, source).only = std::move(bytes);
}

void datagram::send(std::vector<chunk> pieces, const endpoint& destination, send_tag tag,
                    const endpoint& source) {
  std::size_t bytes = 0;
  for (const auto& each : pieces)
    bytes += each.size();
  add(bytes, destination, tag, source).pieces = std::move(pieces);
}

void datagram::finish() {
  finishing_ = true;
  if (!blocked_)
    home_.call_at_flush(*this);
}

void datagram::send_some() {
  while (!unsent_.empty()) {
    if (home_.home().dice().chance(home_.home().chosen().partial_send_chance))
      return wait_for_room();
    if (!send_first())
      return;
  }
  tell_that_all_left();
}

bool datagram::send_first() {
  const auto gone = unsent_.take();
  const auto& to = gone.destination.family() == address_family::none ? remote_ : gone.destination;
  int number = gone.refusal;
  if (number == 0)
    number = end_->send(chunk::from(gathered(gone)), on_the_wire(to), gone.source.unmapped());
  if (number == 0) {
    note("sent " + std::to_string(gone.bytes));
    events_->on_sent(gone.tag, gone.bytes);
  } else {
    note("send failed " + std::to_string(number));
    events_->on_send_failed(gone.tag, error::system(number, "send", to));
  }
  return !closed;
}

void datagram::wait_for_room() {
  blocked_ = true;
  home_.call_next_turn(*this);
  if (std::exchange(was_blocked_, true))
    return;
  note("blocked");
  events_->on_send_blocked();
}

void datagram::tell_that_all_left() {
  if (std::exchange(was_blocked_, false)) {
    note("room");
    events_->on_room();
    if (closed || !unsent_.empty())
      return;
  }
  if (std::exchange(finishing_, false)) {
    note("finished");
    events_->on_finished();
  }
}

// -- addresses, groups and settings ---------------------------------------------------------------

expected<void> datagram::bind(const endpoint& where) {
  return answer(where.family() == family_ ? end_->bind(where) : EINVAL, "bind", where);
}

void datagram::fix_destinations() {
  for (std::size_t i = 0; i < unsent_.size(); ++i)
    if (unsent_[i].destination.family() == address_family::none && unsent_[i].refusal == 0)
      unsent_[i].destination = remote_;
}

expected<void> datagram::connect(const endpoint& remote) {
  const bool is_internet =
      remote.family() == address_family::ipv4 ||
      (remote.family() == address_family::ipv6 && family_ == address_family::ipv6);
  const auto wire = on_the_wire(remote);
  if (int number = is_internet ? end_->connect(wire) : EAFNOSUPPORT; number != 0)
    return answer(number, "connect", remote);
  fix_destinations();
  remote_ = as_seen_by(family_, wire);
  return {};
}

expected<void> datagram::disconnect() {
  if (!is_connected())
    return fail(error::system(ENOTCONN, "connect"));
  fix_destinations();
  remote_ = {};
  end_->disconnect();
  return {};
}

expected<void> datagram::join(const group_membership& what) {
  return changed(end_->join(what), what, membership_change::join);
}

expected<void> datagram::leave(const group_membership& what) {
  return changed(end_->leave(what), what, membership_change::leave);
}

expected<void> datagram::set(const datagram_settings& chosen) {
  return answer(end_->set(chosen), "setsockopt", {});
}

expected<std::vector<std::byte>> datagram::get_option(int level, int name,
                                                      std::size_t bytes_max) const {
  const auto& raw = end_->settings().raw;
  for (auto each = raw.rbegin(); each != raw.rend(); ++each)
    if (each->level == level && each->name == name) {
      auto value = each->value;
      value.resize(std::min(value.size(), bytes_max));
      return value;
    }
  return fail(error::system(ENOPROTOOPT, "getsockopt"));
}

void datagram::close() {
  receiving_ = false;
  unsent_.clear();
  socket_ = {};
  let_go();
}

} // namespace actornet::net::simulation
