// SPDX-License-Identifier: BSD-3-Clause
// A client sends the name of a file and a newline, and gets the file; or a line that says why not.
// Try it with `file_server --folder=. tcp://127.0.0.1:8080` and `echo README.md | nc 127.0.0.1
// 8080`.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <syncstream>

namespace an = actornet;

constexpr std::size_t name_bytes_max = 255;

struct options : an::config {
  std::string folder = ".";

  options() { opt_group{custom_options_, "global"}.add(folder, "folder,f", "where the files are"); }
};

void send_file(caf::event_based_actor* self, an::connection peer, const std::string& path) {
  const auto refuse = [=](const an::error& why) {
    self->send(peer, an::finish{an::text(to_string(why) + "\n")});
  };
  auto file = an::runtime::from(self->system()).open_source({.path = path});
  if (!file)
    return refuse(file.error());
  self->request(*file, caf::infinite, an::pipe{.to = peer})
      .then([=] { std::osyncstream(std::cout) << "sends " << path << std::endl; },
            [=](const caf::error& why) { refuse(an::error_of(why).value_or(an::error())); });
}

caf::behavior serve(caf::event_based_actor* self, an::connection peer, const std::string& folder) {
  auto name = std::make_shared<std::string>();
  return {[=](const an::data& event) {
    *name += event.bytes.view();
    const auto line_end = name->find('\n');
    if (line_end == name->npos && name->size() <= name_bytes_max)
      return;
    self->become([](const an::end&) {}); // one file is all that a connection gets
    name->resize(line_end == name->npos ? 0 : line_end);
    if (name->empty() || name->find('/') != name->npos || name->front() == '.')
      return self->send(peer, an::finish{an::text("no name of a file\n")});
    send_file(self, peer, folder + "/" + *name);
  }};
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .allow_half_open = true, // who has asked may be done with sending
       .owner = self},
      [folder = cfg.folder](auto* handler, auto peer) { return serve(handler, peer, folder); });
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive(
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
