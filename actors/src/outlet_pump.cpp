// SPDX-License-Identifier: BSD-3-Clause
#include "outlet_pump.hpp"

#include "endpoint_actor.hpp"
#include "outlets.hpp"

#include <cerrno>

namespace actornet {

pump_target* pump_target::behind(const sink& handle, const io_loop& loop) {
  auto* found = dynamic_cast<endpoint_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
  if (found == nullptr || !found->is_at_home_on(loop))
    return nullptr;
  return dynamic_cast<pump_target*>(found);
}

// -- the beginning --------------------------------------------------------------------------------

template <class Source>
std::unique_ptr<outlet_pump> outlet_pump::begin(pump_owner& owner, outlets& from, Source&& source) {
  auto& target = *from.sole_target();
  auto made = std::make_unique<outlet_pump>(owner, from, target);
  auto started = target.start_pump(std::forward<Source>(source), *made);
  if (!started) {
    if (started.error().number != EBUSY) // else what a file has read ahead comes first
      from.never_pump();
    return nullptr;
  }
  made->pump_ = std::move(*started);
  return made;
}

std::unique_ptr<outlet_pump> outlet_pump::start(pump_owner& owner, outlets& from,
                                                net::stream_socket& source) {
  return begin(owner, from, source);
}

std::unique_ptr<outlet_pump> outlet_pump::start(pump_owner& owner, outlets& from,
                                                net::opened_file_ptr source) {
  return begin(owner, from, std::move(source));
}

outlet_pump::outlet_pump(pump_owner& owner, outlets& from, pump_target& to)
    : owner_(owner), from_(from), target_(&to) {
  flow_.to = from.sole_taker();
}

// -- the end --------------------------------------------------------------------------------------

outlet_pump::~outlet_pump() { close(); }

void outlet_pump::close() {
  pump_.reset();
  if (auto* target = std::exchange(target_, nullptr))
    target->pump_ends(*this);
}

void outlet_pump::stop() {
  if (!std::exchange(is_stopping_, true))
    pump_->stop();
}

void outlet_pump::stop_then(std::function<void()> then) {
  flow_.then.push_back(std::move(then));
  stop();
}

void outlet_pump::sink_closes(const net::error& why) {
  if (!flow_.sink_failure)
    flow_.sink_failure = why;
  stop();
}

std::vector<std::function<void()>> outlet_pump::give_up() {
  close();
  return std::exchange(flow_.then, {});
}

// -- what the pump tells --------------------------------------------------------------------------

void outlet_pump::on_moved(std::size_t bytes) {
  from_.pumped(bytes);
  target_->pump_moved(bytes);
  owner_.pumped(bytes);
}

void outlet_pump::on_source_end() {
  flow_.source_ended = true;
  stop();
}

void outlet_pump::on_source_failed(const net::error& why) {
  flow_.source_failure = why;
  stop();
}

void outlet_pump::on_sink_failed(const net::error& why) {
  target_->pump_failed(why);
  if (!flow_.sink_failure)
    flow_.sink_failure = target_->why_closed();
  stop();
}

void outlet_pump::on_refused(const net::error&) {
  from_.never_pump();
  stop();
}

void outlet_pump::on_stopped(std::vector<net::chunk> taken_back) {
  close();
  flow_.taken_back = std::move(taken_back);
  owner_.pump_stopped(std::move(flow_));
}

} // namespace actornet
