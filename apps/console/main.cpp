// SPDX-License-Identifier: BSD-3-Clause
// The program `actornet`: starts an endpoint, prints each message that it emits, and turns each
// line of input into a command to it.
#include "arguments.hpp"
#include "console.hpp"
#include "line_reader.hpp"
#include "printer.hpp"
#include "signal_watch.hpp"

#include <actornet/net/address.hpp>
#include <actornet/runtime.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/settings.hpp>

#include <csignal>
#include <fcntl.h>
#include <memory>
#include <sodium.h>
#include <unistd.h>

namespace {

/// A socket must not become standard input or output because these were closed.
void occupy_standard_descriptors() {
  int opened = 0;
  while (opened >= 0 && opened <= STDERR_FILENO)
    opened = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::close(opened);
}

bool is_standard_input_adopted(const console::arguments& chosen) {
  const auto address = actornet::net::address::parse(chosen.address());
  return address && address->descriptor == STDIN_FILENO;
}

void configure(caf::actor_system_config& cfg, const console::arguments& chosen) {
  cfg.load<actornet::runtime>();
  caf::put(cfg.content, "actornet.backend", chosen.backend);
  // One handler serves all connections: more loops are no faster, and what happens on one of them
  // may be told before what happened on another.
  caf::put(cfg.content, "actornet.loops", chosen.loops.value_or(1));
  // One actor lives on the scheduler: workers that look for others to help would only use the
  // processor.
  cfg.set("scheduler.policy", caf::atom("sharing"));
  cfg.set("scheduler.max-threads", 1);
}

/// Waits for the answer. The actor that asks counts as running, so it must be gone before anybody
/// waits for the rest.
template <class Answer, class Question>
Answer ask(caf::actor_system& system, const caf::actor& whom, Question question, Answer otherwise) {
  caf::scoped_actor self{system};
  self->request(whom, caf::infinite, question)
      .receive([&](Answer answer) { otherwise = answer; }, [](const caf::error&) {});
  return otherwise;
}

/// Nobody is waited for after that, whatever a line says that comes only now.
void end(caf::actor_system& system, const caf::actor& whom) {
  caf::scoped_actor self{system};
  self->send(whom, console::retire{});
  self->wait_for(whom);
  system.await_actors_before_shutdown(false);
}

/// Until nothing holds the process any more; its status.
int run(caf::actor_system& system, const console::arguments& chosen, const console::printer& out) {
  const auto actor = system.spawn<console::console, caf::hidden>(chosen, out);
  const console::signal_watch signals([actor] { caf::anon_send(actor, console::end_orderly{}); });
  ask(system, actor, console::start{}, false);
  std::unique_ptr<console::line_reader> input;
  if (!is_standard_input_adopted(chosen))
    input = std::make_unique<console::line_reader>(STDIN_FILENO, [actor](console::input_line line) {
      caf::anon_send(actor, std::move(line));
    });
  int status = 0;
  do {
    system.await_all_actors_done();
    caf::anon_send(actor, console::last_lines{});
    if (input)
      input->settle();
    // Endpoints sent their last events before they went: those are before this in the mailbox.
    status = ask(system, actor, console::conclude{}, 1);
  } while (system.registry().running() > 0);
  end(system, actor);
  return status;
}

} // namespace

int main(int argc, char** argv) {
  const auto started = console::printer::clock::now();
  occupy_standard_descriptors();
  const auto parsed = console::parse_arguments(argc, argv);
  if (const auto* status = std::get_if<int>(&parsed))
    return *status;
  const auto& chosen = std::get<console::arguments>(parsed);
  if (sodium_init() < 0) {
    console::complain("actornet: libsodium cannot be initialised");
    return 1;
  }
  console::signal_watch::block();
  std::signal(SIGPIPE, SIG_IGN); // connections do not end because nobody reads what is printed
  caf::actor_system_config cfg;
  configure(cfg, chosen);
  caf::actor_system system{cfg};
  return run(system, chosen, console::printer(chosen.events, started));
}
