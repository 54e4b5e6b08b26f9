// SPDX-License-Identifier: BSD-3-Clause
// What actornet does, to look at: a server and three clients, all made of actors, exchange bytes on
// loopback sockets, and every typed message is printed as it happens. Ends by itself; status 0 if
// every byte came back.
#include <actornet/actornet.hpp>

#include <caf/all.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace an = actornet;

namespace {

/// What a client has to say about its life, when that is over.
struct report {
  std::string client;
  bool as_expected = false;
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(report)

namespace {

constexpr std::chrono::seconds patience{20};

/// One line, whole, from whatever thread.
void say(const std::string& who, const std::string& what) {
  const std::string line =
      who + std::string(16 - std::min<std::size_t>(15, who.size()), ' ') + what;
  std::puts(line.c_str());
}

/// Short texts are shown, long ones counted.
std::string shown(const an::chunk& bytes) {
  return bytes.size() <= 40 ? '"' + std::string(bytes.view()) + '"'
                            : std::to_string(bytes.size()) + " bytes";
}

std::string shown(const an::closed& event) {
  return "closed        " + std::to_string(event.bytes_read) + " bytes read, " +
         std::to_string(event.bytes_written) + " written" +
         (event.had_error ? ", after an error" : "");
}

/// The server's side of a connection: one such actor for each client.
caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  const auto name = std::make_shared<std::string>("server");
  return {
      [=](const an::connected& event) {
        *name = "server :" + std::to_string(event.remote.port());
        say(*name, "connected     from " + to_string(event.remote));
      },
      [=](const an::data& event) {
        say(*name, "data          " + shown(event.bytes) + ", goes back");
        self->send(peer, an::write{event.bytes});
      },
      [=](const an::end&) { say(*name, "end           the client has finished: so do we"); },
      [=](const an::closed& event) { say(*name, shown(event)); },
  };
}

/// A client: says its texts, waits until all has come back, finishes.
struct client {
  std::string name;
  std::vector<std::string> texts;
  caf::actor boss;
  std::string expected = {};
  std::string received = {};

  void speak(caf::event_based_actor* self, const an::connection& peer) {
    for (const auto& text : texts) {
      expected += text;
      say(name, "write ->      " + shown(an::text(text)));
      self->request(peer, caf::infinite, an::write{an::text(text)})
          .then([this](const an::written& answer) {
            say(name, "written       " + std::to_string(answer.bytes) + " bytes are in the kernel");
          });
    }
  }

  void hear(caf::event_based_actor* self, const an::connection& peer, const an::chunk& bytes) {
    say(name, "data          " + shown(bytes));
    received += bytes.view();
    if (received.size() == expected.size()) {
      say(name, "finish ->");
      self->send(peer, an::finish{});
    }
  }
};

an::handler behaviour_of(client who) {
  return [who](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    const auto me = std::make_shared<client>(who);
    return {
        [=](const an::connected& event) {
          say(me->name, "connected     to " + to_string(event.remote));
          me->speak(self, peer);
        },
        [=](const an::data& event) { me->hear(self, peer, event.bytes); },
        [=](const an::drain&) { say(me->name, "drain         there is room for more"); },
        [=](const an::end&) { say(me->name, "end"); },
        [=](const an::failed& event) { say(me->name, "failed        " + to_string(event.why)); },
        [=](const an::closed& event) {
          say(me->name, shown(event));
          self->send(me->boss, report{me->name, !event.had_error && me->received == me->expected});
        },
    };
  };
}

std::string long_text() {
  std::string made(1 << 20, ' ');
  for (std::size_t i = 0; i < made.size(); ++i)
    made[i] = static_cast<char>('a' + i % 23);
  return made;
}

/// Where the server listens: the system has picked the port.
std::string address_of(const an::listener& server, caf::scoped_actor& self) {
  std::string address;
  self->request(server, patience, an::get_address{})
      .receive([&](const an::addresses& answer) { address = to_string(answer.local); },
               [](const caf::error&) {});
  return address;
}

bool all_came_back(std::size_t clients, caf::scoped_actor& self) {
  bool result = true;
  for (std::size_t i = 0; i < clients && result; ++i)
    self->receive(
        [&](const report& got) {
          say("demo", got.client + (got.as_expected ? " got back what it sent"
                                                    : " did not get back what it sent"));
          result = got.as_expected;
        },
        caf::after(patience) >> [&] { result = false; });
  return result;
}

bool stop_server(const an::listener& server, caf::scoped_actor& self) {
  bool orderly = false;
  say("demo", "stop ->       the server");
  self->request(server, patience, an::stop{})
      .receive(
          [&](const an::stopped& answer) {
            say("demo", "stopped       " + std::to_string(answer.forced) + " connections by force");
            orderly = answer.forced == 0;
          },
          [](const caf::error&) {});
  return orderly;
}

int run(caf::actor_system& system) {
  caf::scoped_actor self{system};
  auto& network = an::runtime::from(system);
  const auto server = network.listen({.address = "tcp://127.0.0.1:0"}, echo);
  if (!server) {
    say("demo", to_string(server.error()));
    return 1;
  }
  const auto address = address_of(*server, self);
  say("server", "listening     on " + address);
  const std::vector<client> clients{
      {"ann", {"hello", "from ann"}, self},
      {"bob", {"bob here"}, self},
      {"cecil", {long_text()}, self},
  };
  std::size_t started = 0;
  for (const auto& who : clients)
    if (network.connect({.address = "tcp://" + address}, behaviour_of(who)))
      ++started;
  const bool as_expected = started == clients.size() && all_came_back(started, self);
  const bool orderly = stop_server(*server, self);
  say("demo", as_expected && orderly ? "every byte came back" : "something went wrong");
  return as_expected && orderly ? 0 : 1;
}

} // namespace

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  caf::actor_system_config cfg;
  cfg.load<actornet::runtime>();
  caf::actor_system system{cfg};
  return run(system);
}
