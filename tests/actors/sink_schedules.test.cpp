// SPDX-License-Identifier: BSD-3-Clause

// Method: random schedules, as in pipe_schedules.test.cpp, of sinks that are actors of the program,
// and answer when they like: they take all, a part or nothing of what they were given. They are
// piped and unpiped, one at a time or several at once, while the client sends words that tell their
// places. Whatever is done, no word is given to anybody, be it the handler, after somebody was
// given it who took it, or will; and if they take turns, none is lost. ACTORNET_SEED=n runs one
// alone.

#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/random_seeds.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstring>
#include <deque>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::dice;
using an::test::served_client;

namespace {

using word = std::uint32_t;
constexpr word words_max = 20'000;

std::vector<word> words_in(std::string_view bytes) {
  REQUIRE(bytes.size() % sizeof(word) == 0);
  std::vector<word> all(bytes.size() / sizeof(word));
  std::memcpy(all.data(), bytes.data(), bytes.size());
  return all;
}

/// Who had which word. A step is what happens while nobody answers.
struct account {
  void given(word which) {
    REQUIRE_FALSE(is_taken[which]);
    given_in[which] = step;
  }
  void taken(word which) { is_taken[which] = true; }
  void taken(word which, int given_in_step) {
    REQUIRE(given_in[which] == given_in_step); // else somebody was given it since
    taken(which);
  }

  int step = 0;
  std::vector<int> given_in = std::vector<int>(words_max);
  std::vector<bool> is_taken = std::vector<bool>(words_max);
};

class wilful_sink {
public:
  wilful_sink(an::test::world& w, account& all)
      : actor(w.system().spawn(
            [this, &all](an::sink::pointer self, int) -> an::sink::behavior_type {
              return {
                  [](const an::join_sink&) {},
                  [this, &all, self](const an::transfer& what) {
                    due_.push_back({words_in(what.bytes.view()), all.step,
                                    self->make_response_promise<an::transferred>()});
                    for (auto each : due_.back().words)
                      all.given(each);
                    return due_.back().answer;
                  },
                  [](const an::take_back&) {},
                  [this](const an::leave_sink&) { is_piped = takes_no_more_ = false; },
              };
            },
            0)) {}

  // It has taken so many words of what is due, and takes no more if it `stops`.
  void answers(account& all, std::size_t words, bool stops) {
    while (!due_.empty() && (stops || takes_no_more_ || due_.front().words.size() <= words)) {
      auto [given, step, answer] = std::move(due_.front());
      due_.pop_front();
      const auto size = takes_no_more_ ? 0 : std::min(words, given.size());
      for (std::size_t i = 0; i < size; ++i)
        all.taken(given[i], step);
      words -= size;
      takes_no_more_ = takes_no_more_ || size < given.size();
      answer.deliver(an::transferred{size * sizeof(word), false, {}});
    }
  }

  bool is_piped = false;

private:
  struct due {
    std::vector<word> words;
    int step;
    caf::typed_response_promise<an::transferred> answer;
  };
  std::deque<due> due_;
  bool takes_no_more_ = false;

public:
  an::sink actor;
};

class random_schedule : served_client {
public:
  explicit random_schedule(std::uint64_t seed)
      : served_client({.address = an::test::port_80}, an::test::without_chance()), chance_(seed),
        take_turns_(chance_.chance(50)) {
    for (int i = 0; i < 3; ++i)
      sinks_.emplace_back(w, account_);
    auto records = [this](caf::event_based_actor*) -> caf::behavior {
      return {
          [this](const an::data& event) {
            for (auto each : words_in(event.bytes.view())) {
              account_.given(each);
              account_.taken(each);
            }
          },
          [this](const an::closed&) { is_closed_ = true; },
      };
    };
    handler.asks(peer, an::set_handler{an::test::spawned(w.system(), records)}).done();
  }

  void run() {
    for (auto steps = 5 + chance_.upto(60); steps > 0; --steps) {
      act();
      if (chance_.chance(70))
        passes();
    }
    for (int i = 0; i < 100; ++i) {
      handler.sends(peer, an::unpipe{});
      passes();
      for (auto& each : sinks_)
        each.answers(account_, words_max, true);
    }
    handler.sends(peer, an::resume{});
    client.finishes();
    passes();
    CHECK(is_closed_);
    for (word each = 0; take_turns_ && each < sent_; ++each)
      REQUIRE(account_.is_taken[each]);
  }

private:
  void passes() {
    w.pass(1s);
    ++account_.step;
  }

  void act() {
    auto& sink = sinks_[chance_.upto(sinks_.size() - 1)];
    switch (chance_.upto(8)) {
    case 0:
    case 1:
      return sends(1 + static_cast<word>(chance_.upto(200)));
    case 2:
    case 3:
      if (take_turns_)
        handler.sends(peer, an::unpipe{});
      if (!std::exchange(sink.is_piped, true))
        handler.sends(peer, an::pipe{.to = sink.actor});
      return;
    case 4:
      return handler.sends(peer, an::unpipe{sink.actor});
    case 5:
      return handler.sends(peer, an::resume{});
    default:
      return sink.answers(account_, chance_.upto(200), chance_.chance(30));
    }
  }

  void sends(word words) {
    std::string bytes;
    for (; words > 0; --words, ++sent_)
      bytes.append(reinterpret_cast<const char*>(&sent_), sizeof(word));
    client.sends(bytes);
  }

  dice chance_;
  bool take_turns_;
  account account_;
  std::deque<wilful_sink> sinks_;
  word sent_ = 0;
  bool is_closed_ = false;
};

} // namespace

TEST_CASE("whatever sinks take, and whenever they say so: nobody is given what another has",
          "[soak][random]") {
  an::test::for_random_seeds({.usual = 300, .soak = 5000},
                             [](std::uint64_t seed) { random_schedule(seed).run(); });
}
