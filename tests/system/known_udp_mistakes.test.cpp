// SPDX-License-Identifier: BSD-3-Clause
// What other runtimes have got wrong with datagrams that the network bounces; only a kernel bounces
// any. Their like for connections and listeners is in tests/order.
#include "support/catch.hpp"
#include "system/host.hpp"

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;
const std::string any_udp_port = "udp4://127.0.0.1:0";

/// Of an endpoint that is its handler's first.
class told_endpoint {
public:
  told_endpoint(host& program, an::udp_options chosen)
      : program_(program), self_(program.system()) {
    auto opened = program.net().open_udp(std::move(chosen), caf::actor(self_));
    REQUIRE(opened);
    at_ = *opened;
    local_ = next<an::udp_listening>().local;
  }
  ~told_endpoint() {
    if (at_)
      close();
  }
  told_endpoint(const told_endpoint&) = delete;
  told_endpoint& operator=(const told_endpoint&) = delete;

  template <class Event> Event next() {
    std::optional<Event> got;
    self_->receive([&](const Event& event) { got = event; }, caf::after(patience) >> [] {});
    REQUIRE(got);
    return *got;
  }
  const an::endpoint& local() const { return local_; }
  void sends(const std::string& text, const an::destination& to = {}) {
    CHECK(program_.asks<an::sent>(at_, an::send{an::text(text), to})->bytes == text.size());
  }
  bool is_open() {
    return program_.asks<an::udp_info>(at_, an::get_info{})->state == an::udp_state::open;
  }
  /// Nothing is told before it is closed.
  void close() {
    CHECK(program_.orders(at_, an::close{}));
    at_ = nullptr;
    std::string told = "nothing";
    self_->receive([&](const an::udp_failed&) { told = "failed"; },
                   [&](const an::send_failed&) { told = "a send failed"; },
                   [&](const an::udp_closed&) { told = "closed"; }, caf::after(patience) >> [] {});
    CHECK(told == "closed");
  }

private:
  host& program_;
  caf::scoped_actor self_;
  an::udp_endpoint at_;
  an::endpoint local_;
};

} // namespace

TEST_CASE("mistake: a bounced datagram closes an endpoint that is not connected, or fails its "
          "next send to another") {
  host program(2);
  an::endpoint dead = told_endpoint(program, {.address = any_udp_port}).local();
  told_endpoint peer(program, {.address = any_udp_port});
  told_endpoint sender(program, {.address = any_udp_port});
  for (int i = 0; i < 50; ++i) {
    sender.sends("to nobody", dead);
    sender.sends(std::to_string(i), peer.local());
    CHECK(peer.next<an::datagram>().bytes.view() == std::to_string(i));
  }
  CHECK(sender.is_open());
}

TEST_CASE("mistake: what the network bounces ends a connected endpoint") {
  host program(2);
  an::endpoint there = told_endpoint(program, {.address = any_udp_port}).local();
  told_endpoint sender(program, {.address = any_udp_port, .connect_to = to_string(there)});
  sender.next<an::udp_connected>();
  for (int i = 0; i < 10; ++i) {
    sender.sends("to nobody");
    CHECK(sender.next<an::udp_failed>().why.code() == "ECONNREFUSED");
  }
  CHECK(sender.is_open());
  told_endpoint peer(program, {.address = "udp4://" + to_string(there)});
  sender.sends("to somebody");
  CHECK(peer.next<an::datagram>().bytes.view() == "to somebody");
}
