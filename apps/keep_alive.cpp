// SPDX-License-Identifier: BSD-3-Clause
// Options of sockets: set for each connection of a listener, and read back from the kernel. Try it
// with `keep_alive --delay=60 tcp://127.0.0.1:8080`, `nc 127.0.0.1 8080` in another terminal, and
// `ss -tno` in a third.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <netinet/in.h>  // SO_, IP_
#include <netinet/ip.h>  // IPTOS_
#include <netinet/tcp.h> // TCP_

#include <chrono>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <string>
#include <syncstream>

namespace an = actornet;

struct options : an::config {
  unsigned delay_s = 30;
  unsigned interval_s = 5;
  int probes = 3;
  std::uint8_t type_of_service = IPTOS_DSCP_AF21;

  options() {
    opt_group{custom_options_, "global"}
        .add(delay_s, "delay,d", "seconds of silence before the first probe")
        .add(interval_s, "interval,i", "seconds between probes")
        .add(probes, "probes,p", "so many without an answer, and the connection fails")
        .add(type_of_service, "type-of-service,t", "0 to 255, its upper 6 bits are the DSCP");
  }
};

caf::behavior tell_options(caf::event_based_actor* self, an::connection peer) {
  const auto tell = [=](const std::string& what, int level, int name) {
    self->request(peer, caf::infinite, an::get_socket_option{level, name, sizeof(int)})
        .then(
            [=](const an::socket_option& answer) {
              int value = 0;
              std::memcpy(&value, answer.value.data(), answer.value.size());
              std::osyncstream(std::cout) << what << ' ' << value << std::endl;
            },
            [=](const caf::error& why) { std::cerr << what << ' ' << to_string(why) << '\n'; });
  };
  return {
      [=](const an::connected&) {
        tell("SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
        tell("TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE);
        tell("TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL);
        tell("TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT);
        tell("TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
        tell("IP_TOS", IPPROTO_IP, IP_TOS);
      },
      [](const an::failed& event) { std::cerr << to_string(event.why) << '\n'; }, // ETIMEDOUT
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .no_delay = true,
       .keep_alive = an::keep_alive_options{.delay = std::chrono::seconds(cfg.delay_s),
                                            .interval = std::chrono::seconds(cfg.interval_s),
                                            .probes = cfg.probes},
       .type_of_service = cfg.type_of_service,
       .owner = self},
      tell_options);
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive( // at once, unless the address is a name
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
