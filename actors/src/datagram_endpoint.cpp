// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_endpoint.hpp"

#include <actornet/messages.hpp>

#include <memory>
#include <utility>

namespace actornet {

bool datagram_endpoint::obey_send(command& what) {
  const auto begin = [this](auto given, responder asker) {
    auto to = std::move(given.to);
    auto made = pack(std::move(given));
    made.what.asker.one = std::move(asker);
    begin_send(std::move(made), to);
  };
  if (what.is<send>()) {
    auto asker = what.asker();
    begin(what.take<send>(), std::move(asker));
  } else if (what.is<send_batch>()) {
    obey_batch(what);
  } else if (what.is<send_text>()) {
    auto asker = what.asker();
    begin(what.take<send_text>(), std::move(asker));
  } else if (what.is<send_pieces>()) {
    auto asker = what.asker();
    begin(what.take<send_pieces>(), std::move(asker));
  } else {
    return false;
  }
  return true;
}

void datagram_endpoint::obey_batch(command& what) {
  auto asker = what.asker();
  auto given = what.take<send_batch>();
  if (given.all.empty())
    return answer(asker, sent{});
  std::shared_ptr<send_together> together;
  if (asker)
    together = std::make_shared<send_together>(send_together{std::move(asker), given.all.size()});
  for (auto& each : given.all) {
    auto to = std::move(each.to);
    auto made = pack(std::move(each));
    made.what.asker.together = together;
    begin_send(std::move(made), to);
  }
}

void datagram_endpoint::answer_sent(send_asker& who, std::uint64_t bytes, bool keep_going) {
  if (!who.together)
    return answer(who.one, sent{bytes, keep_going});
  who.together->bytes += bytes;
  who.together->keep_going = who.together->keep_going && keep_going;
  one_less(*who.together);
}

void datagram_endpoint::answer_not_sent(send_asker& who, const error& why) {
  if (!who.together)
    return answer_error(who.one, why);
  if (!who.together->why)
    who.together->why = why;
  one_less(*who.together);
}

void datagram_endpoint::one_less(send_together& of) {
  if (--of.left > 0)
    return;
  if (of.why)
    answer_error(of.asker, *of.why);
  else
    answer(of.asker, sent{of.bytes, of.keep_going});
}

} // namespace actornet
