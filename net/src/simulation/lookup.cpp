// SPDX-License-Identifier: BSD-3-Clause
#include "lookup.hpp"

#include <utility>

namespace actornet::net::simulation {

void lookup::begin(const name_query& query) {
  auto reply = home_.home().names().ask(query);
  if (!reply)
    return;
  answer_ = std::move(reply->answer);
  auto& time = home_.home().time();
  time.at(time.now() + home_.home().latency() + reply->delay, [weak = weak_from_this(), this] {
    if (auto alive = weak.lock(); alive && !closed)
      home_.call_next_turn(*this);
  });
}

void lookup::on_turn() {
  auto answer = *std::exchange(answer_, std::nullopt);
  home_.home().note(answer ? "resolved" : "not resolved");
  if (answer)
    events_.on_resolved(std::move(*answer));
  else
    events_.on_not_resolved(answer.error());
}

} // namespace actornet::net::simulation
