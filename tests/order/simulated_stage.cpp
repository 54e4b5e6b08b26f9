// SPDX-License-Identifier: BSD-3-Clause
#include "order/simulated_stage.hpp"

#include "support/world.hpp"

#include <cerrno>
#include <utility>

namespace actornet::test {

namespace {

using namespace std::chrono_literals;

class simulated_other_side final : public other_side {
public:
  explicit simulated_other_side(net::simulated_peer self) : self_(std::move(self)) {}

  void sends(std::string_view bytes) override { self_.sends(bytes); }
  void finishes() override { self_.finishes(); }
  void closes() override { self_.closes(); }
  void resets() override { self_.resets(); }
  void stops_reading() override { self_.stops_reading(); }
  void reads() override { self_.reads(); }
  const std::string& received() const override { return self_.received(); }
  bool got_end() const override { return self_.got_end(); }
  bool was_reset() const override { return self_.was_reset(); }

private:
  net::simulated_peer self_;
};

class simulated_other_server final : public other_server {
public:
  explicit simulated_other_server(net::simulated_peer_listener self) : self_(std::move(self)) {}

  net::endpoint local() const override { return self_.local(); }
  std::unique_ptr<other_side> accepts() override {
    if (self_.waiting() == 0)
      return nullptr;
    return std::make_unique<simulated_other_side>(self_.accepts());
  }

private:
  net::simulated_peer_listener self_;
};

class simulated_stage final : public stage {
public:
  explicit simulated_stage(const net::simulated_network::options& chosen)
      : world_({.network = chosen}) {
    world_.network().hang_connects(silent);
    world_.network().fail_listens(foreign, EADDRNOTAVAIL);
  }

  caf::actor_system& system() override { return world_.system(); }

  std::unique_ptr<other_side> client_of(const endpoint& where) override {
    auto client = world_.network().peer_connects(where);
    REQUIRE(world_.run_until([&] { return client.connected(); }));
    return std::make_unique<simulated_other_side>(client);
  }
  std::unique_ptr<other_server> server() override {
    auto opened = world_.network().peer_listens(endpoint::loopback_ipv4(0));
    REQUIRE(opened);
    return std::make_unique<simulated_other_server>(*opened);
  }
  endpoint nobody_listens() override { return endpoint::loopback_ipv4(1); }
  endpoint nobody_answers() override { return silent; }
  endpoint not_ours() override { return foreign; }

  bool run_until(const std::function<bool()>& condition) override {
    return world_.run_until(condition);
  }
  void settle() override { world_.pass(arrival_max); }
  void lets_arrive(other_side&) override { world_.pass(arrival_max); }
  void dawdles(std::chrono::milliseconds time) override { world_.pass(time); }
  net::duration now() override { return world_.network().now().time_since_epoch(); }
  void ring() override {}
  net::duration work_done() override { return {}; }

private:
  // Many times what a segment and its answer take.
  static constexpr auto arrival_max = 50ms;
  inline static const endpoint silent = endpoint::loopback_ipv4(2);
  inline static const endpoint foreign = endpoint::ipv4({192, 0, 2, 1}, 0);

  world world_;
};

} // namespace

std::unique_ptr<stage> make_simulated_stage(const net::simulated_network::options& chosen) {
  return std::make_unique<simulated_stage>(chosen);
}

} // namespace actornet::test
