// SPDX-License-Identifier: BSD-3-Clause
// Sends a file to each client in tiny pieces, and minds what the answers to its writes say: when
// the queue is too full it waits for `drain`. Try it with
// `slow_writer --file=BIG_FILE --high-water-mark=100 tcp://127.0.0.1:8080` and a client that does
// not read: `socat -u TCP:127.0.0.1:8080 EXEC:"sleep 5"`.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <cstddef>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <syncstream>

namespace an = actornet;

struct options : an::config {
  std::string file = "README.md";
  std::size_t piece = 10;
  std::size_t high_water_mark = 64 * 1024;

  options() {
    opt_group{custom_options_, "global"}
        .add(file, "file,f", "what is sent")
        .add(piece, "piece,p", "bytes of one write")
        .add(high_water_mark, "high-water-mark,m", "queued bytes from which a writer should wait");
  }
};

// One write after the other, each when the one before was taken into the queue.
void write_on(caf::event_based_actor* self, an::connection peer,
              const std::shared_ptr<std::ifstream>& file, std::size_t piece) {
  std::string bytes(piece, '\0');
  file->read(bytes.data(), static_cast<std::streamsize>(piece));
  bytes.resize(static_cast<std::size_t>(file->gcount()));
  if (bytes.empty())
    return self->send(peer, an::finish{});
  self->request(peer, caf::infinite, an::write{an::text(std::move(bytes))})
      .then(
          [=](const an::written& answer) {
            if (answer.keep_going)
              return write_on(self, peer, file, piece);
            std::osyncstream(std::cout) << "wait: " << answer.buffered << " buffered" << std::endl;
          },
          [](const caf::error& why) { std::cerr << to_string(why) << '\n'; });
}

caf::behavior send_slowly(caf::event_based_actor* self, an::connection peer,
                          const std::string& path, std::size_t piece) {
  auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  return {
      [=](const an::connected&) { write_on(self, peer, file, piece); },
      [=](const an::drain&) {
        std::osyncstream(std::cout) << "drain" << std::endl;
        write_on(self, peer, file, piece);
      },
      [](const an::closed& event) {
        std::osyncstream(std::cout) << "closed after " << event.bytes_written << std::endl;
      },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .high_water_mark_bytes = cfg.high_water_mark,
       .owner = self},
      [path = cfg.file, piece = cfg.piece](auto* handler, auto peer) {
        return send_slowly(handler, peer, path, piece);
      });
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive(
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
