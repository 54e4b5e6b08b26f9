// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_datagram.hpp"

#include "inline_block.hpp"
#include "kernel_backend.hpp"
#include "kernel_intake.hpp"
#include "socket_address.hpp"
#include "socket_calls.hpp"
#include "socket_datagram_calls.hpp"
#include "socket_group_calls.hpp"
#include "socket_option_calls.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace actornet::net {

namespace {

// Bounds the turn: other sockets come first after so many calls that send.
constexpr int sends_per_turn_max = 4;
// A socket that got nothing large for so long is taken for one of small datagrams again.
constexpr int small_batches_max = 8;

bool wants_control(const opened_datagram& opened) noexcept {
  return opened.receive_offload || !(opened.reports == datagram_reports());
}

// Errors of a run that may be of the run only: a path that cannot take its packets, a device that
// cannot make their checksums (udp_send_skb() in the kernel's udp.c), a kernel that cannot do it.
bool may_be_of_run(int number) noexcept {
  return number == EINVAL || number == EMSGSIZE || number == EIO || number == EOPNOTSUPP ||
         number == ENOPROTOOPT || number == EPERM || number == ENOBUFS || number == ENOMEM;
}

chunk joined(const std::vector<chunk>& pieces, std::size_t bytes) {
  std::vector<std::byte> all;
  all.reserve(bytes);
  for (const auto& each : pieces)
    all.insert(all.end(), each.begin(), each.end());
  return chunk::from(std::move(all));
}

} // namespace

kernel_datagram::kernel_datagram(kernel_backend& home, opened_datagram opened,
                                 datagram_events& events)
    : socket_(std::move(opened.socket)), home_(home), events_(&events), family_(opened.family),
      has_control_(wants_control(opened)), receive_offload_(opened.receive_offload),
      remote_(std::move(opened.remote)) {}

// -- receiving ------------------------------------------------------------------------------------

void kernel_datagram::start_receiving() {
  receiving_ = true;
  if (readable_)
    ask_to_receive();
}

void kernel_datagram::stop_receiving() {
  receiving_ = false;
  choose_how_to_notice();
}

void kernel_datagram::data_came() { look(); }

bool kernel_datagram::is_large() const noexcept { return large_ || receive_offload_; }

void kernel_datagram::note_size(bool was_large) noexcept {
  small_batches_ = was_large ? 0 : small_batches_ + 1;
  large_ = was_large || (large_ && small_batches_ < small_batches_max);
}

// One batch a turn: what it is answered with leaves while it is in the processor's cache, and other
// sockets have theirs.
void kernel_datagram::receive_more() {
  if (!receiving_ || !readable_)
    return;
  const auto how = is_large() ? kernel_intake::way::large : kernel_intake::way::small;
  const int count = home_.intake().receive(socket_.number(), how, has_control_);
  // Who got less than asked for has emptied the socket: whatever comes later is told anew.
  readable_ = count == kernel_intake::count_max(how) || (count < 0 && count != -EAGAIN);
  note_look(std::max(count, 0), kernel_intake::count_max(how));
  if (count > 0)
    tell_batch(count);
  else if (count != -EAGAIN)
    tell_error(-count, "recvmsg");
  if (gone_)
    return;
  if (receiving_ && readable_)
    ask_to_receive();
  choose_how_to_notice();
}

void kernel_datagram::look() {
  readable_ = true;
  receive_more();
}

void kernel_datagram::set_coalescing(duration longest) {
  pace_.set_longest(longest);
  buffer_bytes_ = receive_buffer_bytes().value_or(0);
  choose_how_to_notice();
}

void kernel_datagram::note_look(int messages, int messages_max) {
  if (pace_.may_wait())
    pace_.looked(home_.now(),
                 {static_cast<std::size_t>(messages), static_cast<std::size_t>(messages_max),
                  home_.intake().buffered_bytes(messages), buffer_bytes_});
}

void kernel_datagram::choose_how_to_notice() {
  const auto wait =
      receiving_ && home_.waits_precisely() ? pace_.until_next() : std::optional<duration>();
  if (!wait && noticing_ == noticing::woken)
    return;
  if (!wait) {
    stop_looking();
    return watch_data(true);
  }
  home_.looks().put(*this, home_.now() + *wait);
  if (std::exchange(noticing_, noticing::looking) == noticing::woken)
    watch_data(false);
}

void kernel_datagram::stop_looking() noexcept {
  if (std::exchange(noticing_, noticing::woken) == noticing::looking)
    home_.looks().remove(*this);
}

void kernel_datagram::tell_batch(int messages) {
  auto& intake = home_.intake();
  auto batch = intake.collect(messages, window_);
  note_size(intake.saw_large());
  home_.told();
  events_->on_datagrams(batch);
  intake.forget();
}

void kernel_datagram::trouble_came() {
  if (int number = take_pending_error(socket_.number()); number != 0)
    tell_error(number, "recvmsg");
}

void kernel_datagram::tell_error(int number, std::string_view syscall) {
  home_.told();
  events_->on_error(error::system(number, syscall).at(remote_));
}

std::uint32_t kernel_datagram::kernel_drops() const noexcept {
  return dropped_datagrams(socket_.number());
}

// -- what is to be sent ---------------------------------------------------------------------------

int kernel_datagram::refusal_of(const endpoint& destination) const noexcept {
  switch (destination.family()) {
  case address_family::none:
    return is_connected() ? 0 : EDESTADDRREQ;
  case address_family::unix_socket:
    return EAFNOSUPPORT;
  case address_family::ipv6:
    if (family_ == address_family::ipv4)
      return EAFNOSUPPORT;
    break;
  case address_family::ipv4:
    break;
  }
  return is_connected() ? EISCONN : 0;
}

// Whether it is an address of this host, the kernel sees.
int kernel_datagram::refusal_of_source(const endpoint& source, const endpoint& destination) const {
  const auto& to = destination.family() == address_family::none ? remote_ : destination;
  return source.unmapped().family() == to.unmapped().family() ? 0 : EINVAL;
}

unsent_datagram& kernel_datagram::add(std::size_t bytes, const endpoint& destination, send_tag tag,
                                      const endpoint& source) {
  pace_.sent();
  choose_how_to_notice();
  auto& added = unsent_.add(bytes);
  added.tag = tag;
  added.refusal = refusal_of(destination);
  if (destination.family() == family_)
    added.destination = destination;
  else
    added.destination = reachable_from(family_, destination);
  if (source.family() != address_family::none) {
    added.source = reachable_from(family_, source).with_port(0);
    if (added.refusal == 0)
      added.refusal = refusal_of_source(source, destination);
  }
  if (sending_ == sending::ready)
    ask_to_send();
  return added;
}

void kernel_datagram::send(chunk bytes, const endpoint& destination, send_tag tag,
                           const endpoint& source) {
  const auto size = bytes.size();
  add(size, destination, tag, source).only = std::move(bytes);
}

void kernel_datagram::send(std::vector<chunk> pieces, const endpoint& destination, send_tag tag,
                           const endpoint& source) {
  std::size_t bytes = 0;
  for (const auto& each : pieces)
    bytes += each.size();
  if (pieces.size() > kernel_outbox::pieces_of_one_max)
    return send(joined(pieces, bytes), destination, tag, source);
  add(bytes, destination, tag, source).pieces = std::move(pieces);
}

void kernel_datagram::finish() {
  finishing_ = true;
  ask_to_send();
}

// -- sending --------------------------------------------------------------------------------------

void kernel_datagram::send_some() {
  if (sending_ == sending::blocked)
    return;
  for (int i = 0; i < sends_per_turn_max && !unsent_.empty(); ++i)
    if (send_once() == outcome::stopped)
      return;
  if (!unsent_.empty())
    ask_to_send();
  else
    tell_that_all_left();
}

kernel_datagram::outcome kernel_datagram::send_once() {
  if (unsent_[0].refusal != 0)
    return fail_first(unsent_[0].refusal);
  auto& outbox = home_.outbox();
  outbox.fill(unsent_, segments_);
  const int taken = outbox.send(socket_.number());
  if (taken > 0)
    return sent(outbox, static_cast<std::size_t>(taken));
  return send_refused(-taken, outbox.datagrams_of(0));
}

kernel_datagram::outcome kernel_datagram::sent(const kernel_outbox& what, std::size_t messages) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < messages; ++i)
    count += what.datagrams_of(i);
  // Whoever is told may use the outbox, through another socket, before this ends.
  if (segments_.singles > 0)
    learn_about_segments();
  segments_.singles -= std::min(segments_.singles, count);
  home_.told();
  if (auto number = std::exchange(pending_, std::nullopt)) {
    events_->on_error(error::system(*number, "send").at(remote_));
    if (gone_)
      return outcome::stopped;
  }
  for (; count > 0; --count) {
    const auto tag = unsent_[0].tag;
    const auto bytes = unsent_[0].bytes;
    unsent_.pop();
    events_->on_sent(tag, bytes);
    if (gone_)
      return outcome::stopped;
  }
  return outcome::more;
}

// Alone it left: it was because of the run. A size that does not fit the path is remembered; any
// other reason is one against all runs.
void kernel_datagram::learn_about_segments() noexcept {
  if (auto number = std::exchange(suspect_, std::nullopt)) {
    const bool is_size = *number == EINVAL || *number == EMSGSIZE;
    const bool is_passing = *number == ENOBUFS || *number == ENOMEM;
    if (!is_passing)
      segments_.bytes_max = is_size ? suspect_bytes_ - 1 : 0;
  }
}

kernel_datagram::outcome kernel_datagram::send_refused(int number, std::size_t datagrams) {
  if (number == EAGAIN) {
    wait_for_room();
    return outcome::stopped;
  }
  // connect(2): what came back of something sent before is told by the next call, whatever that is;
  // asked again, it does what it was to do.
  if (is_connected() && !pending_) {
    pending_ = number;
    return outcome::more;
  }
  auto before = std::exchange(pending_, std::nullopt);
  if (before && *before != number) {
    home_.told();
    events_->on_error(error::system(*before, "send").at(remote_));
    if (gone_)
      return outcome::stopped;
  }
  if (datagrams == 1 || !may_be_of_run(number))
    return fail_first(number);
  segments_.singles = datagrams;
  suspect_ = number;
  suspect_bytes_ = unsent_[0].bytes;
  return outcome::more;
}

kernel_datagram::outcome kernel_datagram::fail_first(int number) {
  const auto gone = unsent_.take();
  suspect_.reset();
  segments_.singles -= std::min<std::size_t>(segments_.singles, 1);
  const auto& about =
      gone.destination.family() == address_family::none ? remote_ : gone.destination;
  home_.told();
  events_->on_send_failed(gone.tag, error::system(number, "send").at(about));
  return gone_ ? outcome::stopped : outcome::more;
}

void kernel_datagram::wait_for_room() {
  sending_ = sending::blocked;
  const bool is_new = !std::exchange(was_blocked_, true);
  watch_room(true);
  home_.told();
  if (auto number = std::exchange(pending_, std::nullopt)) {
    events_->on_error(error::system(*number, "send").at(remote_));
    if (gone_)
      return;
  }
  if (is_new)
    events_->on_send_blocked();
}

void kernel_datagram::room_came() {
  if (sending_ != sending::blocked)
    return;
  sending_ = sending::ready;
  watch_room(false);
  send_some();
}

void kernel_datagram::tell_that_all_left() {
  if (std::exchange(was_blocked_, false)) {
    home_.told();
    events_->on_room();
    if (gone_ || !unsent_.empty())
      return;
  }
  if (std::exchange(finishing_, false)) {
    home_.told();
    events_->on_finished();
  }
}

// -- addresses ------------------------------------------------------------------------------------

expected<void> kernel_datagram::bind(const endpoint& where) {
  return bind_datagram(socket_.number(), where);
}

// What was sent without a destination was for the one that it was connected to. What that sent
// back, and the kernel would tell the next send, is not for others.
void kernel_datagram::part_from_peer() {
  for (std::size_t i = 0; i < unsent_.size(); ++i)
    if (unsent_[i].destination.family() == address_family::none && unsent_[i].refusal == 0)
      unsent_[i].destination = remote_;
  pending_.reset();
  take_pending_error(socket_.number());
}

expected<void> kernel_datagram::connect(const endpoint& remote) {
  const auto reachable = reachable_from(family_, remote);
  if (refusal_of(reachable) == EAFNOSUPPORT || remote.family() == address_family::none)
    return fail(error::system(EAFNOSUPPORT, "connect", remote));
  auto before = local();
  auto to = socket_address::of(reachable);
  if (::connect(socket_.number(), to.data(), to.size) != 0)
    return fail(error::system(errno, "connect", remote));
  part_from_peer();
  if (!is_connected())
    bound_ = std::move(before).value_or(endpoint());
  auto peer = remote_endpoint(socket_.number());
  remote_ = std::move(peer).value_or(reachable);
  return {};
}

expected<void> kernel_datagram::disconnect() {
  if (!is_connected())
    return fail(error::system(ENOTCONN, "connect"));
  auto before = local();
  auto nowhere = socket_address::of(endpoint());
  if (::connect(socket_.number(), nowhere.data(), nowhere.size) != 0)
    return fail(error::system(errno, "connect", remote_));
  part_from_peer();
  remote_ = {};
  if (before)
    keep_port(*before);
  return {};
}

// connect(2) with AF_UNSPEC forgets a port that the kernel has chosen (__udp_disconnect()).
void kernel_datagram::keep_port(const endpoint& before) {
  auto now = local();
  if (!now || now->port() != 0)
    return;
  auto where = bound_.port() != 0                ? bound_
               : family_ == address_family::ipv6 ? endpoint::any_ipv6(0)
                                                 : endpoint::any_ipv4(0);
  static_cast<void>(bind_datagram(socket_.number(), where.with_port(before.port())));
}

expected<endpoint> kernel_datagram::local() const { return local_endpoint(socket_.number()); }

// -- groups and settings --------------------------------------------------------------------------

expected<void> kernel_datagram::join(const group_membership& what) {
  return join_group(socket_.number(), family_, what);
}

expected<void> kernel_datagram::leave(const group_membership& what) {
  return leave_group(socket_.number(), family_, what);
}

expected<void> kernel_datagram::set(const datagram_settings& chosen) {
  auto done = set_datagram(socket_.number(), family_, chosen);
  buffer_bytes_ = receive_buffer_bytes().value_or(0);
  return done;
}

expected<std::size_t> kernel_datagram::send_buffer_bytes() const {
  return int_option(socket_.number(), SOL_SOCKET, SO_SNDBUF).map([](int bytes) {
    return static_cast<std::size_t>(bytes);
  });
}

expected<std::size_t> kernel_datagram::receive_buffer_bytes() const {
  return int_option(socket_.number(), SOL_SOCKET, SO_RCVBUF).map([](int bytes) {
    return static_cast<std::size_t>(bytes);
  });
}

expected<std::vector<std::byte>> kernel_datagram::get_option(int level, int name,
                                                             std::size_t bytes_max) const {
  return net::get_option(socket_.number(), level, name, bytes_max);
}

} // namespace actornet::net
