// SPDX-License-Identifier: BSD-3-Clause
#include "console.hpp"

#include "udp_command.hpp"

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

namespace console {

json answer_head(const command& given) {
  json head{{"reply", given.name}};
  if (given.tag)
    head["tag"] = *given.tag;
  return head;
}

void console::take(input_line line) {
  if (phase_ == phase::ending)
    return;
  lines_.push_back(std::move(line));
  run_lines();
}

void console::run_lines() {
  const auto may_run = [this] {
    return !sleeping_ && !is_listening_due_ &&
           (phase_ == phase::running || phase_ == phase::last_lines);
  };
  while (!lines_.empty() && may_run()) {
    const auto line = std::move(lines_.front());
    lines_.pop_front();
    run(line);
  }
}

void console::run(const input_line& line) {
  if (is_blank(line.text))
    return;
  const auto given = arguments_.is_udp() ? parse_udp_command(line.text)
                                         : parse_command(line.text, arguments_.is_listen());
  if (given.what) {
    std::visit([&](const auto& what) { run(given, what); }, *given.what);
    return;
  }
  json answer = answer_head(given);
  answer["reply"] = "error";
  answer["line"] = line.text;
  answer["message"] = given.complaint;
  out_.print(answer);
}

void console::run(const command& given, const to_connection& what) {
  if (what.number)
    send_to_one(given, *what.number, what.message);
  else
    send_to_all(given, what.message);
}

void console::note(const actornet::connection& peer, const connection_message& message) {
  if (std::holds_alternative<actornet::destroy>(message) ||
      std::holds_alternative<actornet::reset>(message))
    connections_.give_up(peer);
  hold_far_end_of(peer, message);
}

void console::send_to_one(const command& given, roster::number number,
                          const connection_message& message) {
  json head = answer_head(given);
  head["id"] = number;
  const auto* peer = connections_.find(number);
  if (!peer) {
    print_answer(head, refusal(answers::nobody<actornet::connection>()));
    return;
  }
  note(*peer, message);
  std::visit(
      [&](const auto& chosen) {
        answers_.ask(*peer, chosen, [this, head](const outcome& got) { print_answer(head, got); });
      },
      message);
}

void console::send_to_all(const command& given, const connection_message& message) {
  json head = answer_head(given);
  head["id"] = "*";
  head["count"] = connections_.all().size();
  gather(head, connections_.all().size(), [&](const answers::receiver& each_done) {
    for (const auto& [number, peer] : connections_.all()) {
      note(peer, message);
      std::visit([&, to = peer](const auto& chosen) { answers_.ask(to, chosen, each_done); },
                 message);
    }
  });
}

void console::run(const command& given, const to_listener& what) {
  const json head = answer_head(given);
  if (!listener_) {
    print_answer(head, refusal(answers::nobody<actornet::listener>()));
    return;
  }
  const auto print = [this, head](const outcome& got) { print_answer(head, got); };
  if (const auto* how = std::get_if<actornet::stop>(&what.message))
    return stop_listener(std::chrono::milliseconds(how->deadline_ms), print);
  std::visit([&](const auto& chosen) { answers_.ask(listener_, chosen, print); }, what.message);
}

void console::run(const command& given, const change_list& what) {
  const json head = answer_head(given);
  if (!listener_) {
    print_answer(head, refusal(answers::nobody<actornet::listener>()));
    return;
  }
  (what.which == change_list::list::allow ? access_.allow : access_.deny) = what.rules;
  answers_.ask(broker_, access_, [this, head](const outcome& got) { print_answer(head, got); });
}

void console::run(const command& given, const to_udp& what) {
  const json head = answer_head(given);
  if (!udp_) {
    print_answer(head, refusal(answers::nobody<actornet::udp_endpoint>()));
    return;
  }
  std::visit(
      [&](const auto& chosen) {
        using message = std::decay_t<decltype(chosen)>;
        answers_.ask(udp_, chosen, [this, head](const outcome& got) {
          if (std::is_same_v<message, actornet::disconnect> && !got.error)
            is_udp_connected_ = false;
          print_answer(head, got);
        });
      },
      what.message);
}

void console::run(const command& given, const show_help&) {
  json answer = answer_head(given);
  answer["commands"] =
      arguments_.is_udp() ? udp_command_usages() : command_usages(arguments_.is_listen());
  out_.print(answer);
}

void console::run(const command& given, const hold_lines& what) {
  sleeping_ = answer_head(given);
  delayed_send(this, std::chrono::milliseconds(what.duration_ms), wake{});
}

void console::run(const command& given, const end_program&) {
  out_.print(answer_head(given));
  end_in_order();
}

void console::print_answer(const json& head, const outcome& got) {
  json answer = head;
  answer.update(got.fields);
  if (got.error)
    answer["error"] = answer_error(*got.error);
  out_.print(answer);
  conclude_if_answered();
}

} // namespace console
