// SPDX-License-Identifier: BSD-3-Clause
#include "kernel.hpp"

#include "backend.hpp"
#include "datagram_peer.hpp"
#include "peer.hpp"
#include "peer_listener.hpp"
#include "wire_address.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace actornet::net::simulation {

namespace {

// tcp(7): an unanswered SYN is sent again after a second.
constexpr auto syn_again_after = std::chrono::seconds(1);

bool is_internet(const endpoint& what) {
  return what.family() == address_family::ipv4 || what.family() == address_family::ipv6;
}

} // namespace

kernel::kernel(const options& chosen, descriptor_home& home)
    : chosen_(chosen), home_(home), dice_(chosen.seed), trace_(chosen.keep_trace),
      descriptors_(chosen.descriptors_max), datagrams_(*this) {
  assert(chosen.latency_min <= chosen.latency_max && chosen.segment_bytes_max > 0);
  assert(chosen.send_buffer_bytes > 0 && chosen.receive_buffer_bytes > 0);
  note("seed " + std::to_string(chosen.seed));
}

kernel::~kernel() = default;

duration kernel::latency() {
  auto least = static_cast<std::uint64_t>(chosen_.latency_min.count());
  auto most = static_cast<std::uint64_t>(chosen_.latency_max.count());
  return duration(static_cast<duration::rep>(dice_.between(least, most)));
}

descriptor kernel::open(descriptor_table::entry what) {
  assert(!descriptors_.is_full());
  return descriptor(descriptors_.add(std::move(what)), home_);
}

bool kernel::has_work() const {
  return std::any_of(backends_.begin(), backends_.end(),
                     [](const backend* each) { return each->has_work(); });
}

// -- listening ------------------------------------------------------------------------------------

expected<listener_end_ptr> kernel::listen(const endpoint& where, const listen_options& chosen) {
  if (int number = faults_.listen_failure(where); number != 0)
    return fail(error::system(number, number == EADDRINUSE ? "listen" : "bind", where));
  auto local = where;
  if (is_internet(where) && where.port() == 0)
    local = where.with_port(bound_.free_port(where));
  auto made = std::make_shared<listener_end>(*this, local, chosen);
  if (int number = bound_.add(made); number != 0)
    return fail(error::system(number, "listen", where));
  note("listens " + to_string(local));
  return made;
}

// -- connecting -----------------------------------------------------------------------------------

expected<endpoint> kernel::near_end(const endpoint& wire, const endpoint& from) {
  if (wire.family() == address_family::unix_socket)
    return endpoint::unix_unnamed();
  bool chosen = from.family() != address_family::none;
  auto local = chosen && !from.is_wildcard() ? from.unmapped() : own_address(wire);
  if (local.family() != wire.family())
    return fail(error::system(EINVAL, "bind", from));
  auto port = chosen && from.port() != 0 ? from.port() : bound_.free_port(local);
  local = local.with_port(port);
  if (!bound_.hold(local))
    return fail(error::system(EADDRINUSE, "bind", chosen ? from : local));
  return local;
}

expected<stream_end_ptr> kernel::connect(const endpoint& remote, const endpoint& from) {
  auto wire = on_the_wire(remote);
  auto near = near_end(wire, from);
  if (!near)
    return fail(near.error());
  auto link = std::make_shared<connection>(*this, ++connections_made_);
  forget_the_gone();
  connections_.push_back(link);
  link->client.name_ends(as_seen_by(remote.family(), *near), as_seen_by(remote.family(), wire));
  note(std::to_string(link->number) + " connects " + to_string(*near) + " to " + to_string(wire));
  int trouble = faults_.connect_failure(wire);
  if (trouble == 0)
    time_.at(time_.now() + latency(),
             [this, link, near = *near, wire] { arrive_syn(*link, near, wire); });
  else if (trouble != fault_script::silence)
    time_.at(time_.now() + latency(), [this, link, trouble] { refuse_later(*link, trouble); });
  return link->client.share();
}

void kernel::refuse_later(connection& link, int number) {
  time_.at(time_.now() + latency(),
           [link = link.shared_from_this(), number] { link->client.refuse(number); });
}

void kernel::arrive_syn(connection& link, const endpoint& wire_local, const endpoint& wire_remote) {
  if (link.client.is_closed())
    return;
  auto listener = bound_.find(wire_remote, dice_);
  if (!listener)
    return refuse_later(link, wire_remote.is_unix_path() ? ENOENT : ECONNREFUSED);
  if (listener->is_full()) {
    time_.at(time_.now() + syn_again_after,
             [this, link = link.shared_from_this(), wire_local, wire_remote] {
               arrive_syn(*link, wire_local, wire_remote);
             });
    return;
  }
  auto family = listener->local().family();
  link.server.name_ends(as_seen_by(family, wire_remote), as_seen_by(family, wire_local));
  link.server.establish();
  listener->arrive(link.server.share());
}

void kernel::forget_the_gone() {
  if (connections_.size() < forget_at_)
    return;
  std::erase_if(connections_, [](const auto& each) { return each.expired(); });
  forget_at_ = std::max<std::size_t>(64, connections_.size() * 2);
}

stream_end_ptr kernel::find(const endpoint& local, const endpoint& remote) {
  for (const auto& each : connections_) {
    auto link = each.lock();
    if (!link)
      continue;
    for (auto* end : {&link->client, &link->server})
      if (!end->is_closed() && end->local() == local && end->remote() == remote)
        return end->share();
  }
  return nullptr;
}

} // namespace actornet::net::simulation
