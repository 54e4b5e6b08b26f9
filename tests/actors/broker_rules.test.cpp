// SPDX-License-Identifier: BSD-3-Clause

// Method: random programs. From a seed come the network's chances, a broker with limits, a policy
// and lists, listeners on several loops, and what happens to them: clients that come from few
// addresses, leave, reset and stay; limits, policies and lists that change; listeners that pause;
// accepts that fail. An owner without a mailbox looks at the counts within each event, so what is
// checked holds in every instant and not just in the end: no count above its limit, and nobody
// refused who had room. Whoever waits has a reason, and in the end everybody is accounted for.
// A failure prints its seed; ACTORNET_SEED=n runs that one alone (docs/testing.md).

#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/guarded_listener.hpp"
#include "support/instant_owner.hpp"
#include "support/random_limits.hpp"
#include "support/random_seeds.hpp"
#include "support/token_bucket.hpp"
#include "support/world.hpp"

#include "admission_gate.hpp"
#include "broker_actor.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::drop_reason;
using an::limit_scope;
using an::over_limit;
using an::test::dice;
using an::test::for_random_seeds;
using an::test::guarded_listener;
using an::test::instant_owner;
using an::test::some_limit;
using an::test::some_limits;
using an::test::some_list;
using an::test::some_policy;
using an::test::token_bucket;
using an::test::world;
using an::testkit::probe;

namespace {

constexpr std::int64_t none = -1;
constexpr std::size_t farewells_max = 64; // of a listener
const std::string farewell = "full";

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

bool is_within(std::uint64_t count, std::int64_t limit) {
  return limit == none || count <= static_cast<std::uint64_t>(limit);
}

bool is_reached(std::uint64_t count, std::int64_t limit) {
  return limit != none && count >= static_cast<std::uint64_t>(limit);
}

struct client {
  an::net::simulated_peer peer{nullptr};
  guarded_listener* at = nullptr;
  std::string sent;
  bool left = false;
  bool came = false; // in the backlog, or out of it
};

/// One broker, what is done to it, and what is known of it in every instant.
class random_guard {
public:
  explicit random_guard(std::uint64_t seed)
      : chance_(seed), w_({.network = network(seed), .loops = 1 + chance_.upto(2)}), asker_(w_),
        owner_(instant_owner::make(w_.system(), [this](const auto& event) { sees(event); })) {
    idle_ = w_.network().open_descriptors();
    make_broker();
    for (std::uint64_t i = 0, last = chance_.upto(2); i <= last; ++i)
      make_listener(static_cast<std::uint16_t>(80 + i));
  }

  void run() {
    for (std::uint64_t i = 0, last = 20 + chance_.upto(40); i <= last; ++i) {
      step();
      w_.settle();
      look_around();
    }
    let_everybody_in();
    check_clients();
    if (chance_.chance(50))
      let_everybody_leave();
    else
      drain();
    check_accounts();
  }

private:
  // -- the beginning -----------------------------------------------------------------------------

  static an::net::simulated_network::options network(std::uint64_t seed) {
    return {.seed = seed, .latency_max = seed % 2 == 0 ? 500us : 20ms};
  }

  void make_broker() {
    broker_ = *w_.net().make_broker({.limits = some_limits(chance_),
                                     .policy = some_policy(chance_),
                                     .farewell = an::text(farewell),
                                     .prefix_bits_ipv4 = 24,
                                     .owner = owner_});
    shared_ = an::broker_actor::admission_of(broker_, w_.system());
    tokens_.follow(shared_->limits());
  }

  void make_listener(std::uint16_t port) {
    auto made = std::make_unique<guarded_listener>();
    made->own_limit = made->own_limit_before = some_limit(chance_);
    an::listen_options how{.address = "tcp://*:" + std::to_string(port),
                           .broker = broker_,
                           .owner = owner_,
                           .dropped_events_max = chance_.one_of<std::size_t>({0, 2})};
    if (made->own_limit != none)
      how.max_connections = static_cast<std::size_t>(made->own_limit);
    tells_each_ = tells_each_ && how.dropped_events_max == 0;
    made->port = port;
    made->handle = *w_.net().listen(std::move(how), echo);
    for (const auto& gate : shared_->gates())
      if (caf::actor_cast<an::listener>(gate->owner()) == made->handle)
        made->gate = gate;
    REQUIRE(made->gate);
    listeners_.push_back(std::move(made));
    w_.settle();
    ++idle_;
  }

  // -- what happens ------------------------------------------------------------------------------

  void step() {
    const auto what = chance_.upto(99);
    if (what < 40)
      some_come();
    else if (what < 60)
      one_leaves();
    else if (what < 65)
      one_is_sent_away();
    else if (what < 73)
      asker_.asks(broker_, an::set_limits{some_limits(chance_)}).done();
    else if (what < 77)
      change_one_limit();
    else if (what < 82)
      asker_.asks(broker_, an::set_over_limit{some_policy(chance_), an::text(farewell)}).done();
    else if (what < 85)
      asker_.asks(broker_, an::set_access{{}, some_list(chance_)}).done();
    else if (what < 89)
      limit_listener(one_listener(), some_limit(chance_));
    else if (what < 93)
      pause_or_resume(one_listener());
    else if (what < 95)
      fail_an_accept(one_listener());
    else
      w_.pass(chance_.one_of<an::net::duration>({1ms, 20ms, 150ms, 2s}));
  }

  guarded_listener& one_listener() { return *listeners_[chance_.upto(listeners_.size() - 1)]; }

  void some_come() {
    for (auto i = chance_.upto(5) + 1; i > 0; --i) {
      client made;
      made.at = &one_listener();
      const auto network = static_cast<std::uint8_t>(chance_.upto(1));
      const auto host = static_cast<std::uint8_t>(chance_.upto(2) + 1);
      made.peer = w_.network().peer_connects(an::net::endpoint::ipv4({192, 0, 2, 1}, made.at->port),
                                             an::net::endpoint::ipv4({10, 0, network, host}, 0));
      made.sent = "client " + std::to_string(clients_.size());
      made.peer.sends(made.sent);
      clients_.push_back(made);
    }
    if (chance_.chance(70))
      w_.pass(chance_.one_of<an::net::duration>({1ms, 50ms}));
  }

  // Who is not there yet stays, so that everybody is counted.
  void one_leaves() {
    if (clients_.empty())
      return;
    auto& who = clients_[chance_.upto(clients_.size() - 1)];
    if (!who.peer.connected() || std::exchange(who.left, true))
      return;
    const auto how = chance_.upto(2);
    if (how == 0)
      who.peer.closes();
    else if (how == 1)
      who.peer.resets();
    else
      who.peer.finishes();
    if (chance_.chance(50))
      w_.pass(30ms);
  }

  void one_is_sent_away() {
    if (served_.empty())
      return;
    auto& who = served_[chance_.upto(served_.size() - 1)];
    if (chance_.chance(50))
      asker_.sends(who, an::destroy{});
    else
      asker_.sends(who, an::finish{});
  }

  void change_one_limit() {
    auto limits = shared_->limits();
    (chance_.chance(50) ? limits.total : limits.per_address) = some_limit(chance_);
    asker_.asks(broker_, an::set_limits{limits}).done();
  }

  void limit_listener(guarded_listener& which, std::int64_t limit) {
    which.own_limit = limit;
    asker_.asks(which.handle, an::set_max_connections{limit}).done();
    which.own_limit_before = limit;
  }

  void pause_or_resume(guarded_listener& which) {
    which.paused = !which.paused;
    if (which.paused)
      asker_.asks(which.handle, an::pause_accepting{}).done();
    else
      asker_.asks(which.handle, an::resume_accepting{}).done();
  }

  // Once: of a second failure soon after, nobody is told.
  void fail_an_accept(guarded_listener& which) {
    if (!std::exchange(which.fails, true))
      w_.network().fail_next_accept(an::net::endpoint::any_ipv6(which.port), ENOMEM);
  }

  // -- what is seen, within each event -----------------------------------------------------------

  void sees(const caf::type_erased_tuple& event) {
    tokens_.follow(shared_->limits());
    tokens_.flows_until(w_.network().now());
    if (event.match_elements<an::accepted>())
      sees_accepted(event.get_as<an::accepted>(0));
    else if (event.match_elements<an::dropped>())
      sees_dropped(event.get_as<an::dropped>(0));
    else if (event.match_elements<an::listener_failed>())
      listener_of(event.get_as<an::listener_failed>(0).from).trouble_until =
          w_.network().now() + 101ms;
    else if (event.match_elements<an::limit_reached>())
      sees_change(event.get_as<an::limit_reached>(0), true);
    else if (event.match_elements<an::limit_cleared>())
      sees_change(event.get_as<an::limit_cleared>(0), false);
  }

  guarded_listener& listener_of(const an::listener& handle) {
    for (auto& each : listeners_)
      if (each->handle == handle)
        return *each;
    throw std::logic_error("an event of a listener that there is not");
  }

  void sees_accepted(const an::accepted& event) {
    auto& at = listener_of(event.from);
    const auto limits = shared_->limits();
    const auto use = shared_->use_of(event.remote);
    CHECK(is_within(shared_->connections(), limits.total));
    CHECK(is_within(at.gate->connections(), limits.per_listener));
    CHECK((is_within(at.gate->connections(), at.own_limit) ||
           is_within(at.gate->connections(), at.own_limit_before)));
    CHECK(is_within(use.from_address, limits.per_address));
    CHECK(is_within(use.from_prefix, limits.per_prefix));
    CHECK_FALSE(shared_->access().deny.contains(event.remote));
    CHECK(tokens_.has_one());
    tokens_.takes_one();
    check_descriptors(0);
    ++at.accepted;
    served_.push_back(event.peer);
  }

  void sees_dropped(const an::dropped& event) {
    auto& at = listener_of(event.from);
    at.dropped += event.count;
    told_[event.reason] += event.count;
    if (!tells_each_)
      return;
    CHECK(has_reason(event, at));
    check_descriptors(1); // the one that is being refused
  }

  bool has_reason(const an::dropped& event, const guarded_listener& at) {
    const auto limits = shared_->limits();
    const auto use = shared_->use_of(event.remote);
    const bool may_wait = shared_->policy() == over_limit::wait;
    switch (event.reason) {
    case drop_reason::max_connections:
      return !may_wait && is_full(at);
    case drop_reason::max_per_address:
      return is_reached(use.from_address, limits.per_address);
    case drop_reason::max_per_prefix:
      return is_reached(use.from_prefix, limits.per_prefix);
    case drop_reason::accept_rate:
      return !may_wait && tokens_.may_be_empty();
    case drop_reason::denied:
      return shared_->access().deny.contains(event.remote);
    case drop_reason::no_descriptors:
      break;
    }
    return false;
  }

  bool is_full(const guarded_listener& at) const {
    const auto limits = shared_->limits();
    return is_reached(shared_->connections(), limits.total) ||
           is_reached(at.gate->connections(), limits.per_listener) ||
           is_reached(at.gate->connections(), at.own_limit) ||
           is_reached(at.gate->connections(), at.own_limit_before);
  }

  // A slot for each descriptor, and a descriptor for each slot.
  void check_descriptors(std::size_t refused) {
    const auto open = w_.network().open_descriptors() - idle_;
    CHECK(open >= shared_->connections());
    CHECK(open <= shared_->connections() + refused + farewells_max * listeners_.size());
    if (shared_->refused().sum() == 0)
      CHECK(open == shared_->connections());
  }

  template <class Change> void sees_change(const Change& event, bool reached) {
    auto& told = event.where ? listener_of(event.where).full_is_told
                             : scope_is_told_[static_cast<std::size_t>(event.scope)];
    CHECK(told != reached);
    told = reached;
  }

  // -- between steps -----------------------------------------------------------------------------

  void look_around() {
    tokens_.follow(shared_->limits());
    tokens_.flows_until(w_.network().now());
    for (auto& each : clients_)
      each.came = each.came || each.peer.connected();
    for (auto& each : listeners_) {
      const auto came = std::count_if(clients_.begin(), clients_.end(), [&](const client& one) {
        return one.came && one.at == each.get();
      });
      const auto done = each->gate->accepted() + each->gate->refused().sum();
      if (static_cast<std::uint64_t>(came) > done)
        CHECK(has_to_wait(*each));
    }
  }

  bool has_to_wait(const guarded_listener& at) {
    if (at.paused || w_.network().now() < at.trouble_until)
      return true;
    return shared_->policy() == over_limit::wait && (is_full(at) || tokens_.may_be_empty());
  }

  // -- the end -----------------------------------------------------------------------------------

  void let_everybody_in() {
    asker_.asks(broker_, an::set_access{}).done();
    asker_.asks(broker_, an::set_limits{}).done();
    for (auto& each : listeners_) {
      limit_listener(*each, none);
      if (each->paused)
        pause_or_resume(*each);
    }
    w_.pass(5s);
    look_around();
  }

  // Nobody is left who was neither served nor sent away.
  void check_clients() {
    for (const auto& each : clients_) {
      CHECK(each.came);
      const bool sent_away = each.peer.got_end() || each.peer.was_reset();
      CHECK((each.left || sent_away || each.peer.received() == each.sent));
    }
    for (const auto& each : listeners_)
      CHECK(each->gate->accepted() + each->gate->refused().sum() ==
            static_cast<std::uint64_t>(
                std::count_if(clients_.begin(), clients_.end(),
                              [&](const client& one) { return one.at == each.get(); })));
  }

  void let_everybody_leave() {
    for (auto& each : clients_)
      each.peer.closes();
    w_.pass(5s);
    CHECK(w_.network().open_descriptors() == idle_);
  }

  void drain() {
    const auto open = shared_->connections();
    auto report = asker_.asks(broker_, an::stop{500}).value<an::stopped>();
    CHECK(report.served == shared_->accepted());
    CHECK(report.finished + report.forced == open);
    w_.pass(5s); // clients that are told a farewell
    CHECK(w_.network().open_descriptors() == idle_ - listeners_.size());
  }

  void check_accounts() {
    CHECK(shared_->connections() == 0);
    CHECK(shared_->addresses() == 0);
    CHECK(shared_->accepted() + shared_->refused().sum() == clients_.size());
    const auto counted = shared_->refused();
    CHECK(told_[drop_reason::max_connections] == counted.max_connections);
    CHECK(told_[drop_reason::max_per_address] == counted.max_per_address);
    CHECK(told_[drop_reason::max_per_prefix] == counted.max_per_prefix);
    CHECK(told_[drop_reason::accept_rate] == counted.accept_rate);
    CHECK(told_[drop_reason::denied] == counted.denied);
    for (const auto& each : listeners_) {
      CHECK(each->gate->connections() == 0);
      CHECK(each->accepted == each->gate->accepted());
      CHECK(each->dropped == each->gate->refused().sum());
      CHECK_FALSE(each->full_is_told);
    }
    CHECK(std::count(scope_is_told_.begin(), scope_is_told_.end(), true) == 0);
  }

  dice chance_;
  world w_;
  probe asker_;
  caf::actor owner_;
  an::connection_broker broker_;
  std::shared_ptr<an::admission> shared_;
  std::vector<std::unique_ptr<guarded_listener>> listeners_;
  std::vector<client> clients_;
  std::vector<an::connection> served_;
  std::map<drop_reason, std::uint64_t> told_;
  std::array<bool, static_cast<std::size_t>(limit_scope::accept_rate) + 1> scope_is_told_{};
  token_bucket tokens_;
  std::size_t idle_ = 0;   // descriptors open without a client
  bool tells_each_ = true; // of the refused
};

} // namespace

TEST_CASE("whatever clients and limits do, no limit is passed and nobody is refused or waits who "
          "has room",
          "[soak][random]") {
  for_random_seeds({.usual = 2000, .soak = 50000},
                   [](std::uint64_t seed) { random_guard(seed).run(); });
}
