// SPDX-License-Identifier: BSD-3-Clause
#include "configured.hpp"

#include <actornet/net/receive_budget.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/string_view.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

namespace actornet {

namespace {

constexpr std::size_t hour_us = 3'600'000'000; // to look for longer is no different

std::size_t number(const caf::actor_system_config& given, caf::string_view option,
                   std::size_t unless) {
  return caf::get_or(given, option, unless);
}

net::expected<delivery> delivery_of(const caf::actor_system_config& given) {
  auto word = caf::get_or(given, "actornet.delivery", std::string("in_place"));
  if (word == "in_place")
    return delivery::in_place;
  if (word == "plain")
    return delivery::plain;
  return net::fail(
      error::invalid("actornet.delivery is '" + word + "', but there are: in_place, plain"));
}

} // namespace

net::expected<configured> read_options(const caf::actor_system_config& given) {
  auto events = delivery_of(given);
  if (!events)
    return net::fail(events.error());
  configured result;
  result.backend = caf::get_or(given, "actornet.backend", std::string("auto"));
  result.loops = number(given, "actornet.loops", 0);
  if (result.loops == 0)
    result.loops = std::max(1u, std::thread::hardware_concurrency());
  auto& each = result.of_each;
  each.events = *events;
  each.handler_budget = std::chrono::milliseconds(number(given, "actornet.handler_budget_ms", 10));
  each.resolve_timeout =
      std::chrono::milliseconds(number(given, "actornet.resolve_timeout_ms", 30'000));
  each.busy_poll =
      std::chrono::microseconds(std::min(number(given, "actornet.busy_poll_us", 0), hour_us));
  if (auto bytes = number(given, "actornet.receive_budget_bytes", 0); bytes > 0)
    each.budget = std::make_shared<net::receive_budget>(bytes);
  return result;
}

} // namespace actornet
