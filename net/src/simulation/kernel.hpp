// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "bindings.hpp"
#include "datagram_switch.hpp"
#include "descriptor_table.hpp"
#include "fault_script.hpp"
#include "file_system.hpp"
#include "name_table.hpp"
#include "random.hpp"
#include "schedule.hpp"
#include "trace.hpp"

#include <actornet/net/simulated_network.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace actornet::net::simulation {

class backend;
class datagram_peer;
class peer;
class peer_listener;

/// What all backends and peers of a simulated network share: the part of the kernel.
class kernel {
public:
  using options = simulated_network::options;

  kernel(const options& chosen, descriptor_home& home);
  ~kernel();
  kernel(const kernel&) = delete;
  kernel& operator=(const kernel&) = delete;

  const options& chosen() const noexcept { return chosen_; }
  schedule& time() noexcept { return time_; }
  const schedule& time() const noexcept { return time_; }
  random& dice() noexcept { return dice_; }
  duration latency();
  void note(std::string_view what) { trace_.add(time_.now(), what); }
  const trace& log() const noexcept { return trace_; }
  bindings& bound() noexcept { return bound_; }
  fault_script& faults() noexcept { return faults_; }
  datagram_switch& datagrams() noexcept { return datagrams_; }
  file_system& files() noexcept { return files_; }
  name_table& names() noexcept { return names_; }
  descriptor_table& descriptors() noexcept { return descriptors_; }
  const descriptor_table& descriptors() const noexcept { return descriptors_; }

  /// A number for `what`. Not when the table is full.
  descriptor open(descriptor_table::entry what);
  /// Takes over an open number that nobody owns.
  descriptor owner_of(int number) { return descriptor(number, home_); }

  /// bind(2) and listen(2).
  expected<listener_end_ptr> listen(const endpoint& where, const listen_options& chosen);
  /// Sends SYN; the outcome is seen at the end.
  expected<stream_end_ptr> connect(const endpoint& remote, const endpoint& from);
  stream_end_ptr find(const endpoint& local, const endpoint& remote);

  void add(backend& door) { backends_.push_back(&door); }
  void remove(backend& door) { std::erase(backends_, &door); }
  bool has_work() const;
  void keep(std::shared_ptr<peer> what) { peers_.push_back(std::move(what)); }
  void keep(std::shared_ptr<datagram_peer> what) { datagram_peers_.push_back(std::move(what)); }
  void keep(std::shared_ptr<peer_listener> what) { peer_listeners_.push_back(std::move(what)); }

private:
  expected<endpoint> near_end(const endpoint& wire, const endpoint& from);
  void arrive_syn(connection& link, const endpoint& wire_local, const endpoint& wire_remote);
  void refuse_later(connection& link, int number);
  void forget_the_gone();

  const options chosen_;
  descriptor_home& home_;
  random dice_;
  trace trace_;
  schedule time_;
  bindings bound_;
  fault_script faults_;
  file_system files_;
  name_table names_;
  descriptor_table descriptors_;
  datagram_switch datagrams_;
  std::uint64_t connections_made_ = 0;
  std::vector<std::weak_ptr<connection>> connections_;
  std::size_t forget_at_ = 64; // how many connections to remember before looking which are gone
  std::vector<backend*> backends_;
  std::vector<std::shared_ptr<peer>> peers_;
  std::vector<std::shared_ptr<peer_listener>> peer_listeners_;
  std::vector<std::shared_ptr<datagram_peer>> datagram_peers_;
};

} // namespace actornet::net::simulation
