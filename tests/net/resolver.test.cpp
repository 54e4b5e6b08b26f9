// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/resolver.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <set>
#include <thread>

using namespace actornet::net;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;

std::future<resolver::answer> ask(resolver& names, name_query query) {
  auto answer = std::make_shared<std::promise<resolver::answer>>();
  auto later = answer->get_future();
  names.ask(std::move(query),
            [answer](resolver::answer what) { answer->set_value(std::move(what)); });
  return later;
}

resolver::answer must_answer(std::future<resolver::answer> later) {
  REQUIRE(later.wait_for(patience) == std::future_status::ready);
  return later.get();
}

// A question that keeps its thread until it is let go.
class slow_question {
public:
  explicit slow_question(resolver& names) {
    names.ask({"127.0.0.1", 1}, [begun = begun_, done = done_](const resolver::answer&) {
      begun->set_value();
      done->get_future().wait();
    });
    REQUIRE(begun_->get_future().wait_for(patience) == std::future_status::ready);
  }
  ~slow_question() { let_go(); }
  void let_go() {
    if (done_)
      done_->set_value();
    done_.reset();
  }

private:
  std::shared_ptr<std::promise<void>> begun_ = std::make_shared<std::promise<void>>();
  std::shared_ptr<std::promise<void>> done_ = std::make_shared<std::promise<void>>();
};

void check_not_resolved(const resolver::answer& answer, const std::string& host,
                        const std::string& code) {
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == trouble::not_resolved);
  CHECK(answer.error().syscall == "getaddrinfo");
  CHECK(answer.error().address == host);
  CHECK(answer.error().code() == code);
}

} // namespace

TEST_CASE("localhost has loopback addresses, each once, with the port that was asked for",
          "[resolver]") {
  resolver names;
  auto answer = must_answer(ask(names, {"localhost", 8080}));
  REQUIRE(answer);
  REQUIRE(!answer->empty());
  for (const auto& each : *answer) {
    CHECK(each.is_loopback());
    CHECK(each.port() == 8080);
  }
  CHECK(std::set(answer->begin(), answer->end()).size() == answer->size());
}

TEST_CASE("a numeric address resolves to itself", "[resolver]") {
  resolver names;
  CHECK(must_answer(ask(names, {"192.0.2.1", 80})) ==
        std::vector{*endpoint::parse("192.0.2.1:80")});
  CHECK(must_answer(ask(names, {"::1", 80})) == std::vector{endpoint::loopback_ipv6(80)});
}

TEST_CASE("an address of the other family is not found", "[resolver]") {
  resolver names;
  auto answer = must_answer(ask(names, {"127.0.0.1", 80, address_family::ipv6}));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == trouble::not_resolved);
}

TEST_CASE("names that cannot exist are ENOTFOUND", "[resolver]") {
  resolver names;
  for (const auto& host : {std::string(), std::string("127.0.0.1\0.example", 18),
                           std::string(70, 'a').append(".invalid")})
    check_not_resolved(must_answer(ask(names, {host, 80})), host, "ENOTFOUND");
}

TEST_CASE("questions of many threads are each answered once", "[resolver]") {
  constexpr int each_asks = 50;
  resolver names;
  std::atomic<int> answers{0};
  std::promise<void> all;
  std::vector<std::thread> askers;
  for (int i = 0; i < 4; ++i)
    askers.emplace_back([&] {
      for (int k = 0; k < each_asks; ++k)
        names.ask({"127.0.0.1", static_cast<std::uint16_t>(k + 1)}, [&](resolver::answer answer) {
          if (answer && ++answers == 4 * each_asks)
            all.set_value();
        });
    });
  for (auto& each : askers)
    each.join();
  CHECK(all.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(answers == 4 * each_asks);
}

TEST_CASE("answers come on another thread than the one that asked", "[resolver]") {
  resolver names;
  std::promise<std::thread::id> where;
  names.ask({"127.0.0.1", 1},
            [&](const resolver::answer&) { where.set_value(std::this_thread::get_id()); });
  auto later = where.get_future();
  REQUIRE(later.wait_for(patience) == std::future_status::ready);
  CHECK(later.get() != std::this_thread::get_id());
}

TEST_CASE("a resolver's thread takes no signal of the program", "[resolver]") {
  resolver names;
  std::promise<bool> blocked;
  names.ask({"127.0.0.1", 1}, [&](const resolver::answer&) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked.set_value(sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGUSR1) == 1);
  });
  CHECK(blocked.get_future().get());
}

TEST_CASE("a slow question does not hold up the next while there are threads", "[resolver]") {
  resolver names({.threads_max = 2});
  slow_question slow(names);
  CHECK(must_answer(ask(names, {"127.0.0.1", 80})));
}

TEST_CASE("a question beyond the queue is refused at once with EAI_AGAIN", "[resolver]") {
  resolver names({.threads_max = 1, .queue_max = 1});
  slow_question slow(names);
  auto waits = ask(names, {"127.0.0.1", 80});
  auto refused = ask(names, {"127.0.0.1", 81});
  REQUIRE(refused.wait_for(0s) == std::future_status::ready);
  check_not_resolved(refused.get(), "127.0.0.1", "EAI_AGAIN");
  CHECK(waits.wait_for(0s) == std::future_status::timeout);
  slow.let_go();
  const auto answer = must_answer(std::move(waits));
  CHECK(answer.has_value());
}

TEST_CASE("a resolver that goes cancels what waits and waits for nothing", "[resolver]") {
  auto names = std::make_unique<resolver>(resolver::options{.threads_max = 1});
  slow_question slow(*names);
  auto waits = ask(*names, {"localhost", 80});
  names.reset();
  REQUIRE(waits.wait_for(0s) == std::future_status::ready);
  check_not_resolved(waits.get(), "localhost", "EAI_CANCELED");
}

TEST_CASE("a resolver can go while a thread asks", "[resolver]") {
  for (int round = 0; round < 50; ++round) {
    resolver names;
    for (int i = 0; i < 4; ++i)
      names.ask({"localhost", 80}, [](const resolver::answer&) {});
  }
  SUCCEED();
}
