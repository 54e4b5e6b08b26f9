// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

namespace an = actornet;
using namespace actornet::test;

namespace {

constexpr std::size_t writes_count = 100'000;

/// Which writes were answered, in the order of the answers.
struct answers {
  std::vector<std::size_t> written;
  std::vector<std::size_t> failed;
  std::vector<std::string> codes; // of the failed ones, each code once

  std::size_t count() const { return written.size() + failed.size(); }

  void fail(std::size_t number, const std::string& code) {
    failed.push_back(number);
    if (std::find(codes.begin(), codes.end(), code) == codes.end())
      codes.push_back(code);
  }
};

using answers_board = std::shared_ptr<watched<answers>>;

std::vector<std::size_t> numbers(std::size_t from, std::size_t to) {
  std::vector<std::size_t> result(to - from);
  for (std::size_t i = from; i < to; ++i)
    result[i - from] = i;
  return result;
}

/// Asks for all writes at once and gets the answers. No ordinary actor: one of those needs half a
/// minute to find the functions for 100,000 open requests (CAF 0.17 keeps them in a table that
/// degenerates).
class writer final : public caf::monitorable_actor {
public:
  writer(caf::actor_config& cfg, answers_board board)
      : caf::monitorable_actor(cfg), board_(std::move(board)) {}

  void asks(const an::connection& peer, std::size_t size) {
    auto id = caf::make_message_id();
    for (std::size_t i = 0; i < writes_count; ++i) {
      auto line = std::to_string(i) + "\n";
      line.insert(0, size - line.size(), ' ');
      peer->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr(ctrl()), ++id, caf::no_stages,
                                              an::write{an::text(line)}),
                    nullptr);
    }
  }

  /// On the connection's loop.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    auto number = what->mid.request_id().integer_value() - first_id();
    auto& content = what->content();
    if (what->mid.is_response() && content.match_elements<an::written>())
      board_->change([&](answers& all) { all.written.push_back(number); });
    else if (what->mid.is_response() && content.match_elements<caf::error>())
      board_->change(
          [&](answers& all) { all.fail(number, code_of(content.get_as<caf::error>(0))); });
  }

private:
  static std::uint64_t first_id() {
    return (++caf::make_message_id()).request_id().integer_value();
  }

  static std::string code_of(const caf::error& why) {
    auto known = an::error_of(why);
    return known ? known->code() : "not ours";
  }

  answers_board board_;
};

struct one_connection {
  host program;
  witness server;
  raw_socket client;
  answers_board board = std::make_shared<watched<answers>>();
  an::listener opened;
  caf::actor asker;

  explicit one_connection(int receive_buffer = 0)
      : opened(program.listens(server.made())), client_address_(program.address_of(opened)) {
    client = raw_socket::connected_to(client_address_, receive_buffer);
    REQUIRE(server.sees("connected"));
    caf::actor_config cfg;
    auto& system = program.system();
    asker = caf::make_actor<writer, caf::actor>(system.next_actor_id(), system.node(), &system, cfg,
                                                board);
  }
  void asks_for_writes(std::size_t size) {
    static_cast<writer*>(caf::actor_cast<caf::abstract_actor*>(asker))->asks(server.peer(), size);
  }
  ~one_connection() {
    caf::anon_send(opened, an::close{});
    server.forget_peer();
  }

private:
  an::endpoint client_address_;
};

} // namespace

TEST_CASE("a hundred thousand writes on one connection are answered in order, each once") {
  one_connection c;
  c.asks_for_writes(8);
  auto bytes = c.client.receives_all(writes_count * 8);
  CHECK(c.board->becomes([](const answers& all) { return all.count() == writes_count; }));
  auto all = c.board->now();
  CHECK(all.written == numbers(0, writes_count));
  CHECK(all.failed.empty());
  REQUIRE(bytes.size() == writes_count * 8);
  std::size_t misplaced = 0;
  for (std::size_t i = 0; i < writes_count; ++i)
    misplaced += std::stoul(bytes.substr(i * 8, 8)) != i;
  CHECK(misplaced == 0);
}

TEST_CASE("after destroy in the middle of a hundred thousand writes the rest fail, each once") {
  constexpr std::size_t size = 256;
  one_connection c(16 * 1024);
  c.asks_for_writes(size);
  // 25 MB were asked for, of which the kernel takes what its buffers hold: the peer reads a little.
  auto bytes = c.client.receives_all(1024 * 1024);
  CHECK(bytes.size() == 1024 * 1024);
  caf::anon_send(c.server.peer(), an::destroy{});
  CHECK(c.board->becomes([](const answers& all) { return all.count() == writes_count; }));
  auto all = c.board->now();
  auto middle = all.written.size();
  CHECK(middle >= bytes.size() / size);
  CHECK(middle < writes_count);
  CHECK(all.written == numbers(0, middle));
  CHECK(all.failed == numbers(middle, writes_count));
  CHECK(all.codes == std::vector<std::string>{"ECANCELED"});
  // What the kernel had is delivered, and is what was reported.
  REQUIRE(c.server.sees("closed"));
  bytes += c.client.receives_to_end();
  auto seen = c.server.now();
  CHECK(bytes.size() == seen.bytes_written);
  CHECK(bytes.size() / size == middle);
  CHECK(seen.events == std::vector<std::string>{"connected", "closed"});
}

TEST_CASE("writes from eight threads to one connection keep the order of each thread") {
  constexpr std::size_t threads_count = 8;
  constexpr std::size_t each_count = 10'000;
  one_connection c;
  std::vector<std::thread> senders;
  for (std::size_t i = 0; i < threads_count; ++i)
    senders.emplace_back([peer = c.server.peer(), i] {
      for (std::size_t k = 0; k < each_count; ++k) {
        auto line = std::to_string(i * each_count + k);
        line.insert(0, 8 - line.size(), '0');
        caf::anon_send(peer, an::write{an::text(line)});
      }
    });
  auto bytes = c.client.receives_all(threads_count * each_count * 8);
  for (auto& each : senders)
    each.join();
  REQUIRE(bytes.size() == threads_count * each_count * 8);
  std::array<std::size_t, threads_count> next{};
  std::size_t misplaced = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    auto number = std::stoul(bytes.substr(at, 8));
    auto& expected = next.at(number / each_count);
    misplaced += number % each_count != expected;
    ++expected;
  }
  CHECK(misplaced == 0);
  CHECK(next == std::array<std::size_t, threads_count>{each_count, each_count, each_count,
                                                       each_count, each_count, each_count,
                                                       each_count, each_count});
}

TEST_CASE("a request to a connection that is gone is answered with ENOTCONN") {
  one_connection c;
  c.client.finishes();
  REQUIRE(c.server.sees("closed"));
  auto peer = c.server.peer();
  auto written = c.program.asks<an::written>(peer, an::write{an::text("late")});
  REQUIRE_FALSE(written);
  CHECK(written.error().code() == "ENOTCONN");
  auto destroyed = c.program.orders(peer, an::destroy{});
  REQUIRE_FALSE(destroyed);
  CHECK(destroyed.error().code() == "ENOTCONN");
  auto info = c.program.asks<an::connection_info>(peer, an::get_info{});
  REQUIRE(info);
  CHECK(info->state == an::connection_state::closed);
}
