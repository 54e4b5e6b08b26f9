// SPDX-License-Identifier: BSD-3-Clause
#include "support/captured_output.hpp"
#include "support/catch.hpp"
#include "support/event_log.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <caf/exit_reason.hpp>

#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::captured_output;
using an::test::event_log;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;
using an::test::spawned;
using an::test::world;
using an::testkit::probe;

TEST_CASE("the runtime of a system is found again, and names its loops and backend") {
  world w({.loops = 3});
  CHECK(&an::runtime::from(w.system()) == &w.net());
  CHECK(w.net().loop_count() == 3);
  CHECK(w.net().backend_name() == "simulated");
}

TEST_CASE("connections are spread over the loops, whose handlers all work") {
  auto echo = [](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
  };
  for (std::size_t loops : {1u, 2u, 3u, 8u}) {
    CAPTURE(loops);
    served_client story({.address = port_80}, {.loops = loops}, echo);
    std::vector<an::net::simulated_peer> clients;
    for (int i = 0; i < 20; ++i) {
      clients.push_back(one_more_client(story));
      clients.back().sends("client " + std::to_string(i));
      clients.back().finishes();
    }
    story.w.pass(1s);
    for (int i = 0; i < 20; ++i) {
      CHECK(clients[static_cast<std::size_t>(i)].received() == "client " + std::to_string(i));
      CHECK(clients[static_cast<std::size_t>(i)].got_end());
    }
  }
}

TEST_CASE("a handler opens connections of its own: a proxy") {
  auto proxy = [](caf::event_based_actor* self, an::connection client) -> caf::behavior {
    auto server = *an::runtime::from(self->system())
                       .connect({.address = "tcp://127.0.0.1:90"}, caf::actor(self));
    auto other = [=](const an::connection& one) { return one == client ? server : client; };
    return {[=](const an::data& event) { self->send(other(event.peer), an::write{event.bytes}); },
            [=](const an::end& event) { self->send(other(event.peer), an::finish{}); }};
  };
  served_client story({.address = port_80}, {.loops = 2}, caf::actor());
  auto beyond = *story.w.network().peer_listens(an::test::at_90);
  auto entry = *story.w.net().listen({.address = "tcp://127.0.0.1:81"}, proxy);
  auto client = story.w.network().peer_connects(an::net::endpoint::loopback_ipv4(81));
  auto question = pattern(200'000);
  client.sends(question);
  client.finishes();
  REQUIRE(story.w.run_until([&] { return beyond.waiting() > 0; }));
  auto server = beyond.accepts();
  REQUIRE(story.w.run_until([&] { return server.got_end(); }));
  CHECK(server.received() == question);
}

TEST_CASE("two connections of one system may talk to each other") {
  world w({.loops = 2});
  probe here(w);
  probe there(w);
  auto server = w.net().listen({.address = port_80}, there.actor());
  auto peer = *w.net().connect({.address = port_80}, here.actor());
  auto other = there.expects<an::connected>().peer;
  here.expects<an::connected>();
  here.sends(peer, an::finish{an::text("hello")});
  CHECK(there.expects_bytes(5) == "hello");
  there.sends(other, an::write{an::text("bye")});
  there.expects<an::end>();
  CHECK(here.expects_bytes(3) == "bye");
  here.expects<an::end>();
  CHECK_FALSE(here.expects<an::closed>().had_error);
  CHECK_FALSE(there.expects<an::closed>().had_error);
}

TEST_CASE("a system that ends closes what is open, and tells it") {
  event_log log;
  std::vector<std::string> owner_heard;
  {
    world w;
    auto handler = spawned(w.system(), [&](caf::event_based_actor*) -> caf::behavior {
      return event_log::recorded_by(log);
    });
    auto owner = spawned(w.system(), [&](caf::event_based_actor*) -> caf::behavior {
      return {[&](const an::listener_closed&) { owner_heard.emplace_back("listener_closed"); }};
    });
    w.net().listen({.address = port_80, .owner = owner}, handler).value();
    w.network().peer_connects(at_80).sends("hello");
    w.network().peer_connects(at_80);
    w.network().hang_connects(an::test::at_90);
    w.net().connect({.address = an::test::port_90}, handler).value();
    w.pass(1s);
    CHECK(log.count("connected") == 2);
    CHECK(log.count("closed") == 0);
  }
  CHECK(log.count("closed") == 3);
  CHECK(log.count("failed") == 0);
  CHECK(owner_heard == std::vector<std::string>{"listener_closed"});
}

TEST_CASE("a system may end in the middle of everything") {
  for (std::size_t loops : {1u, 3u}) {
    for (int steps = 0; steps < 40; ++steps) {
      CAPTURE(loops, steps);
      auto echo = [](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
        return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
      };
      world w({.loops = loops});
      w.net().listen({.address = port_80}, echo).value();
      std::vector<an::net::simulated_peer> clients;
      for (int i = 0; i < 3; ++i) {
        clients.push_back(w.network().peer_connects(at_80));
        clients.back().sends(pattern(300'000));
        clients.back().finishes();
      }
      for (int i = 0; i < steps; ++i) {
        w.net().turn();
        w.network().step();
      }
      w.net().stop(); // as the system's end does
      CHECK(w.network().open_descriptors() == 0);
      w.network().advance_to(w.network().now() + 1s);
      for (auto& each : clients)
        CHECK((each.refused() || each.was_reset() || each.got_end()));
    }
  }
}

TEST_CASE("what has only begun when a system ends is closed, too, and tells it") {
  event_log log;
  std::vector<std::string> owner_heard;
  world w;
  w.network().hang_connects(an::test::at_90);
  auto owner = spawned(w.system(), [&](caf::event_based_actor*) -> caf::behavior {
    return {[&](const an::listening&) { owner_heard.emplace_back("listening"); },
            [&](const an::listener_closed&) { owner_heard.emplace_back("listener_closed"); }};
  });
  auto handler = spawned(w.system(), [&](caf::event_based_actor*) -> caf::behavior {
    return event_log::recorded_by(log);
  });
  w.net().listen({.address = port_80, .owner = owner}, handler).value();
  w.net().connect({.address = an::test::port_90}, handler).value();
  w.net().stop();
  CHECK(w.network().open_descriptors() == 0);
  w.settle();
  CHECK(owner_heard == std::vector<std::string>{"listening", "listener_closed"});
  CHECK(log.names == std::vector<std::string>{"closed"});
}

TEST_CASE("requests that a system's end leaves without an endpoint are answered") {
  captured_output output;
  std::vector<std::string> codes;
  std::size_t written = 0;
  {
    world w;
    auto asks = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      return {[&, self, peer](const an::connected&) {
        for (int i = 0; i < 10; ++i)
          self->request(peer, caf::infinite, an::write{an::text(pattern(100'000))})
              .then([&](const an::written&) { ++written; },
                    [&](const caf::error& why) { codes.push_back(an::error_of(why)->code()); });
      }};
    };
    w.net().listen({.address = port_80}, asks).value();
    auto client = w.network().peer_connects(at_80);
    client.stops_reading();
    w.pass(1s);
    CHECK(codes.empty());
  }
  CHECK(written + codes.size() == 10);
  CHECK(codes.size() >= 8);
  CHECK(std::set<std::string>(codes.begin(), codes.end()) == std::set<std::string>{"ECANCELED"});
  CHECK(output.text().empty());
}

TEST_CASE("handles may be used after the end of everything") {
  std::optional<an::connection> peer;
  std::optional<an::listener> server;
  {
    served_client story;
    peer = story.peer;
    server = story.server;
    story.w.net().stop();
    auto late = story.handler.asks(*peer, an::write{an::text("late")});
    CHECK(late.failure().kind == an::trouble::shut_down);
    CHECK(story.handler.asks(*server, an::get_info{}).failure().code() == "ECANCELED");
    story.w.net().stop(); // twice is once
  }
}

TEST_CASE("a handle kept for ever keeps neither its connection's handler nor what made it") {
  auto captured = std::make_shared<int>();
  an::connection peer;
  an::listener server;
  {
    auto function = [captured](caf::event_based_actor*, an::connection) -> caf::behavior {
      return {[captured](const an::data&) {}};
    };
    served_client story({.address = port_80}, {}, function);
    peer = story.peer;
    server = story.server;
    story.handler.asks(server, an::stop{0}).value<an::stopped>();
    story.w.pass(1s);
  }
  CHECK(captured.use_count() == 1);
}

TEST_CASE("the last chunk of a connection may be dropped on another thread") {
  served_client story({.address = port_80, .receive_window_bytes = 1});
  story.client.sends("first");
  auto event = std::make_unique<an::data>(story.handler.expects<an::data>());
  auto size = event->bytes.size();
  story.client.sends("second");
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  std::thread([&] { event.reset(); }).join();
  CHECK_FALSE(story.handler.expects_bytes(11 - size).empty());
}

TEST_CASE("the same seed gives the same run") {
  auto hash_of = [](std::uint64_t seed) {
    served_client story({.address = port_80}, {.network = {.seed = seed}});
    story.client.sends(pattern(100'000));
    story.handler.sends(story.peer, an::write{an::text(pattern(100'000))});
    story.client.finishes();
    story.handler.expects_bytes(100'000);
    story.handler.expects<an::end>();
    story.handler.expects<an::closed>();
    return story.w.network().trace_hash();
  };
  CHECK(hash_of(7) == hash_of(7));
  CHECK(hash_of(7) != hash_of(8));
}

TEST_CASE("endpoints have names, and tell the signatures of their handles") {
  served_client story;
  auto actor_of = [](const auto& handle) {
    return static_cast<caf::monitorable_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
  };
  auto* peer = actor_of(story.peer);
  auto* server = actor_of(story.server);
  CHECK(std::string(peer->name()) == "actornet.connection");
  CHECK(std::string(server->name()) == "actornet.listener");
  CHECK(peer->message_types() == story.w.system().message_types(story.peer));
  CHECK(server->message_types() == story.w.system().message_types(story.server));
  CHECK(peer->message_types().size() == 30);
  auto guard = *story.w.net().make_broker({});
  CHECK(std::string(actor_of(guard)->name()) == "actornet.connection_broker");
  CHECK(actor_of(guard)->message_types() == story.w.system().message_types(guard));
}

TEST_CASE("a system ends, and lets go of them, although handlers ask again at every answer") {
  auto captured = std::make_shared<int>();
  for (int handlers = 1; handlers <= 4; ++handlers) {
    world w;
    auto asks = [captured](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      auto again = std::make_shared<std::function<void()>>();
      *again = [=, weak = std::weak_ptr(again)] {
        auto next = [weak] {
          if (auto strong = weak.lock())
            (*strong)();
        };
        self->request(peer, caf::infinite, an::set_no_delay{})
            .then([=] { next(); }, [=](const caf::error&) { next(); });
      };
      return {[=](const an::connected&) { (*again)(); }, [captured](int) {}};
    };
    w.net().listen({.address = port_80}, asks).value();
    for (int i = 0; i < handlers; ++i)
      w.network().peer_connects(at_80);
    for (int i = 0; i < 20; ++i) {
      w.net().turn();
      w.network().step();
    }
  }
  CHECK(captured.use_count() == 1);
}
