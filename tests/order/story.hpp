// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "order/recorder.hpp"
#include "support/served_client.hpp"
#include "system/host.hpp"

#include <string>
#include <utility>

namespace actornet::test {

/// More than fits into the buffers of a peer that does not read and of our socket, on all stages.
constexpr std::size_t too_much = 1'000'000;

inline chunk much() { return chunk::from(pattern(too_much)); }
inline const std::string much_written = "written 1000000, full";

/// One connection, its handler and its other side; how it came to be says who derives from it.
struct story {
  explicit story(stage& of) : where(of), handler(of) {}

  /// In one turn of the handler.
  template <class... Commands> void asks(Commands... what) { handler.asks(peer, what...); }
  template <class... Commands> void sends(Commands... what) { handler.sends(peer, what...); }

  /// The end of the story: `closed` comes, and then the log is this, with nothing behind it.
  void ends_as(const words& expected) {
    auto is_over = [&] {
      for (const auto& each : handler.log())
        if (each.starts_with("closed"))
          return true;
      return false;
    };
    bool over = where.run_until(is_over);
    if (over)
      where.settle();
    CHECK(handler.log() == expected);
  }

  void until_other_side(const std::function<bool(const other_side&)>& condition) {
    REQUIRE(where.run_until([&] { return condition(*other); }));
  }
  void until_other_got_end() {
    until_other_side([](const other_side& who) { return who.got_end(); });
  }
  void until_other_was_reset() {
    until_other_side([](const other_side& who) { return who.was_reset(); });
  }

  stage& where;
  recorder handler;
  connection peer;
  std::unique_ptr<other_side> other;
};

/// A listener whose connections have the story's handler.
struct listening_story : story {
  explicit listening_story(stage& of) : story(of) {}

  /// The handler is the owner, too: the log has what the listener tells.
  void listens_as_owner(listen_options chosen = {.address = any_port}) {
    chosen.owner = handler.actor();
    listens(std::move(chosen));
    handler.until("listening");
  }
  void listens(listen_options chosen) {
    chosen.unreferenced = true;
    if (!chosen.send_buffer_bytes)
      chosen.send_buffer_bytes = 64 * 1024;
    auto opened = where.net().listen(std::move(chosen), handler.actor());
    INFO((opened ? std::string() : to_string(opened.error())));
    REQUIRE(opened);
    server = *opened;
    address = handler.address_of(server);
  }

  listener server;
  endpoint address;
};

/// A listener, and a client of it.
struct served_story : listening_story {
  explicit served_story(stage& of, listen_options chosen = {.address = any_port})
      : listening_story(of) {
    listens(std::move(chosen));
    other = of.client_of(address);
    handler.until("connected");
    peer = handler.peer();
  }
};

/// The other direction: a connection that we make.
struct reaching_story : story {
  explicit reaching_story(stage& of) : story(of) {}

  /// Connects, and asks this while it is still connecting.
  template <class... Commands>
  void connects(const endpoint& to, connect_options chosen, Commands... what) {
    chosen.address = "tcp://" + to_string(to);
    connects_to(std::move(chosen), what...);
  }
  template <class... Commands> void connects_to(connect_options chosen, Commands... what) {
    chosen.unreferenced = true;
    if (!chosen.send_buffer_bytes)
      chosen.send_buffer_bytes = 64 * 1024;
    peer = handler.connects(std::move(chosen), what...);
  }

  /// Connects to a server, which accepts.
  template <class... Commands>
  void connects_to_server(connect_options chosen = {.address = {}}, Commands... what) {
    auto server = where.server();
    connects(server->local(), std::move(chosen), what...);
    REQUIRE(where.run_until([&] {
      other = server->accepts();
      return other != nullptr;
    }));
  }
};

} // namespace actornet::test
