// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/simulated_network.hpp>

#include "simulation/backend.hpp"
#include "simulation/kernel.hpp"
#include "simulation/peer.hpp"
#include "simulation/peer_listener.hpp"
#include "simulation/wire_address.hpp"

#include <cerrno>
#include <utility>

namespace actornet::net {

simulated_network::simulated_network() : simulated_network(options{}) {}

simulated_network::simulated_network(options chosen)
    : kernel_(std::make_unique<simulation::kernel>(chosen, *this)) {}

simulated_network::~simulated_network() = default;

std::unique_ptr<io_backend> simulated_network::make_backend() {
  return std::make_unique<simulation::backend>(*kernel_);
}

// -- time -----------------------------------------------------------------------------------------

instant simulated_network::now() const noexcept { return kernel_->time().now(); }

std::optional<instant> simulated_network::next_event() const {
  return kernel_->has_work() ? now() : kernel_->time().next();
}

void simulated_network::advance_to(instant when) { kernel_->time().advance_to(when); }

bool simulated_network::step() {
  auto next = next_event();
  if (next)
    advance_to(*next);
  return next.has_value();
}

// -- peers ----------------------------------------------------------------------------------------

simulated_peer simulated_network::peer_connects(const endpoint& remote, const endpoint& from) {
  auto made = std::make_shared<simulation::peer>(kernel_->connect(remote, from));
  kernel_->keep(made);
  return simulated_peer(std::move(made));
}

expected<simulated_peer_listener> simulated_network::peer_listens(const endpoint& where,
                                                                  const listen_options& chosen) {
  auto end = kernel_->listen(where, chosen);
  if (!end)
    return fail(end.error());
  auto made = std::make_shared<simulation::peer_listener>(*kernel_, std::move(*end));
  kernel_->keep(made);
  return simulated_peer_listener(std::move(made));
}

// -- things that go wrong -------------------------------------------------------------------------

void simulated_network::refuse_connects(const endpoint& remote) {
  fail_connects(remote, ECONNREFUSED);
}

void simulated_network::hang_connects(const endpoint& remote) {
  fail_connects(remote, simulation::fault_script::silence);
}

void simulated_network::fail_connects(const endpoint& remote, int number) {
  kernel_->faults().fail_connects(simulation::on_the_wire(remote), number);
}

void simulated_network::allow_connects(const endpoint& remote) {
  kernel_->faults().allow_connects(simulation::on_the_wire(remote));
}

void simulated_network::fail_listens(const endpoint& where, int number) {
  kernel_->faults().fail_listens(where, number);
}

void simulated_network::allow_listens(const endpoint& where) {
  kernel_->faults().allow_listens(where);
}

void simulated_network::fail_next_accept(const endpoint& listener, int number) {
  kernel_->faults().fail_next_accept(listener, number);
}

void simulated_network::limit_descriptors(std::size_t most) { kernel_->descriptors().limit(most); }

bool simulated_network::reset_stream(const endpoint& local, const endpoint& remote,
                                     std::size_t after_bytes) {
  auto end = kernel_->find(local, remote);
  if (end)
    end->break_after(after_bytes);
  return end != nullptr;
}

// -- names ----------------------------------------------------------------------------------------

void simulated_network::add_host(std::string name, std::vector<endpoint> addresses,
                                 duration delay) {
  kernel_->names().set(std::move(name), {std::move(addresses), {}, false, delay});
}

void simulated_network::fail_name(std::string name, std::string code, duration delay) {
  kernel_->names().set(std::move(name), {{}, std::move(code), false, delay});
}

void simulated_network::silence_name(std::string name) {
  kernel_->names().set(std::move(name), {{}, {}, true, {}});
}

// -- files ----------------------------------------------------------------------------------------

void simulated_network::put_file(const std::string& path, std::string bytes) {
  kernel_->files().find_or_make(path)->bytes = std::move(bytes);
}

void simulated_network::remove_file(const std::string& path) { kernel_->files().remove(path); }

std::optional<std::string> simulated_network::file_bytes(const std::string& path) const {
  auto node = kernel_->files().find(path);
  if (!node)
    return std::nullopt;
  return node->bytes;
}

std::size_t simulated_network::synced_bytes(const std::string& path) const {
  auto node = kernel_->files().find(path);
  return node ? node->synced_bytes : 0;
}

void simulated_network::fail_opens(const std::string& path, int number) {
  kernel_->files().fail_opens(path, number);
}

void simulated_network::allow_opens(const std::string& path) { kernel_->files().allow_opens(path); }

void simulated_network::fail_file(const std::string& path, int number, std::size_t calls_before) {
  kernel_->files().find_or_make(path)->failure = {calls_before, number};
}

void simulated_network::limit_disk(std::size_t bytes) { kernel_->files().limit(bytes); }

void simulated_network::refuse_pumps(bool refused) { kernel_->files().refuse_pumps(refused); }

void simulated_network::hang_file(const std::string& path) {
  kernel_->files().find_or_make(path)->hangs = true;
}

void simulated_network::continue_file(const std::string& path) {
  auto node = kernel_->files().find_or_make(path);
  node->hangs = false;
  for (auto& each : std::exchange(node->waiting, {}))
    kernel_->time().at(kernel_->time().now(), std::move(each));
}

// -- looking on -----------------------------------------------------------------------------------

std::optional<socket_options> simulated_network::settings_of(const endpoint& local,
                                                             const endpoint& remote) const {
  auto end = kernel_->find(local, remote);
  if (!end)
    return std::nullopt;
  return end->settings;
}

std::size_t simulated_network::open_descriptors() const noexcept {
  return kernel_->descriptors().size();
}

std::uint64_t simulated_network::trace_hash() const noexcept { return kernel_->log().hash(); }

const std::vector<std::string>& simulated_network::trace() const noexcept {
  return kernel_->log().lines();
}

void simulated_network::close_descriptor(int number) noexcept {
  kernel_->descriptors().close(number);
}

} // namespace actornet::net
