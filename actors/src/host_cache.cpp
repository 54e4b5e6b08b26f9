// SPDX-License-Identifier: BSD-3-Clause
#include "host_cache.hpp"

#include "io_loop.hpp"
#include "loop_timer.hpp"
#include "resolve_errors.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace actornet {

class host_cache::question final : net::name_lookup_events {
public:
  question(host_cache& whose, std::string host)
      : whose_(whose), home_(whose.home_), host_(std::move(host)), answer_due_([this] {
          net::address name;
          name.host = host_;
          auto us = take_us();
          whose_.not_found(us->host_, no_answer_error(name));
        }) {
    const auto family = whose_.any_else_ ? net::address_family::none : whose_.family_;
    lookup_ = home_.backend().look_up({host_, 0, family}, *this);
    home_.arm_for_answer(answer_due_);
  }
  ~question() { home_.timers().disarm(answer_due_); }
  question(const question&) = delete;
  question& operator=(const question&) = delete;

private:
  void on_resolved(std::vector<net::endpoint> found) override {
    auto first = std::find_if(found.begin(), found.end(),
                              [this](const auto& each) { return each.family() == whose_.family_; });
    const auto& address = first == found.end() ? found.front() : *first;
    auto us = take_us();
    whose_.found(us->host_, address.with_port(0));
  }

  void on_not_resolved(const net::error& why) override {
    auto us = take_us();
    whose_.not_found(us->host_, why);
  }

  /// No question any more, and alive until the caller is done.
  std::unique_ptr<question> take_us() {
    auto found = whose_.questions_.find(host_);
    auto us = std::move(found->second);
    whose_.questions_.erase(found);
    return us;
  }

  // Gone, perhaps, once the answer was told.
  host_cache& whose_;
  io_loop& home_;
  const std::string host_;
  net::name_lookup_ptr lookup_;
  loop_timer answer_due_;
};

host_cache::host_cache(io_loop& home, host_answers& answers, net::address_family family,
                       bool any_else)
    : home_(home), answers_(answers), family_(family), any_else_(any_else) {}

host_cache::~host_cache() = default;

const net::endpoint* host_cache::find(const std::string& host) const {
  auto found = known_.find(host);
  return found == known_.end() ? nullptr : &found->second;
}

void host_cache::ask(const std::string& host) {
  if (!known_.contains(host) && !questions_.contains(host))
    questions_.emplace(host, std::make_unique<question>(*this, host));
}

void host_cache::forget_questions() { questions_.clear(); }

void host_cache::found(const std::string& host, const net::endpoint& address) {
  if (known_.size() >= hosts_max)
    known_.erase(known_.begin());
  known_.emplace(host, address);
  answers_.on_host_found(host, address);
}

void host_cache::not_found(const std::string& host, const net::error& why) {
  answers_.on_host_not_found(host, why);
}

} // namespace actornet
