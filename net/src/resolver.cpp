// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/resolver.hpp>

#include "socket_address.hpp"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace actornet::net {

namespace {

// Node says ENOTFOUND for both, and so do we.
std::string code_of(int trouble) {
  switch (trouble) {
  case EAI_NONAME:
  case EAI_NODATA:
    return "ENOTFOUND";
  case EAI_ADDRFAMILY:
    return "EAI_ADDRFAMILY";
  case EAI_AGAIN:
    return "EAI_AGAIN";
  case EAI_BADFLAGS:
    return "EAI_BADFLAGS";
  case EAI_CANCELED:
    return "EAI_CANCELED";
  case EAI_FAIL:
    return "EAI_FAIL";
  case EAI_FAMILY:
    return "EAI_FAMILY";
  case EAI_MEMORY:
    return "EAI_MEMORY";
  case EAI_SERVICE:
    return "EAI_SERVICE";
  case EAI_SOCKTYPE:
    return "EAI_SOCKTYPE";
  default:
    return "EAI_FAIL";
  }
}

error not_resolved(const name_query& query, int trouble) {
  auto why = error::of(trouble::not_resolved, "getaddrinfo", {});
  why.address = query.host;
  why.port = query.port;
  why.resolver_code = code_of(trouble);
  return why;
}

int family_to_ask(address_family family) {
  switch (family) {
  case address_family::ipv4:
    return AF_INET;
  case address_family::ipv6:
    return AF_INET6;
  default:
    return AF_UNSPEC;
  }
}

void append_endpoint(std::vector<endpoint>& found, const addrinfo& each, std::uint16_t port) {
  socket_address address;
  if (each.ai_addrlen > sizeof(address.storage))
    return;
  std::memcpy(&address.storage, each.ai_addr, each.ai_addrlen);
  address.size = each.ai_addrlen;
  auto made = address.to_endpoint();
  if (made && std::find(found.begin(), found.end(), made->with_port(port)) == found.end())
    found.push_back(made->with_port(port));
}

resolver::answer ask_system(const name_query& query) {
  // A name is cut at a NUL by C: what is asked would not be what was said.
  if (query.host.empty() || query.host.find('\0') != std::string::npos)
    return fail(not_resolved(query, EAI_NONAME));
  addrinfo hints{};
  hints.ai_family = family_to_ask(query.family);
  hints.ai_socktype = SOCK_STREAM; // else each address comes once for each type
  addrinfo* first = nullptr;
  if (int trouble = ::getaddrinfo(query.host.c_str(), nullptr, &hints, &first); trouble != 0)
    return fail(not_resolved(query, trouble));
  std::vector<endpoint> found;
  for (const auto* each = first; each != nullptr; each = each->ai_next)
    append_endpoint(found, *each, query.port);
  ::freeaddrinfo(first);
  if (found.empty())
    return fail(not_resolved(query, EAI_NONAME));
  return found;
}

} // namespace

/// Shared by the resolver and its threads: those that are stuck in getaddrinfo(3) outlive it.
class resolver::pool : public std::enable_shared_from_this<pool> {
public:
  explicit pool(options chosen) : chosen_(chosen) { assert(chosen.threads_max > 0); }

  void ask(name_query query, reply then);
  void stop();

private:
  struct question {
    name_query query;
    reply then;
  };

  // Those that have no question yet; they may not know yet that one waits for them.
  std::size_t free_threads() const noexcept { return threads_ - busy_; }
  void start_thread();
  void work();

  const options chosen_;
  std::mutex mutex_;
  std::condition_variable something_to_do_;
  // All guarded by mutex_.
  std::deque<question> waiting_;
  std::size_t threads_ = 0;
  std::size_t busy_ = 0; // threads that ask the system right now
  bool stopped_ = false;
};

void resolver::pool::ask(name_query query, reply then) {
  {
    std::lock_guard guard(mutex_);
    bool may_start = threads_ < chosen_.threads_max;
    if (may_start && waiting_.size() >= free_threads())
      start_thread();
    if (threads_ > 0 && waiting_.size() < chosen_.queue_max + free_threads()) {
      waiting_.push_back({std::move(query), std::move(then)});
      something_to_do_.notify_one();
      return;
    }
  }
  then(fail(not_resolved(query, EAI_AGAIN)));
}

// With every signal blocked: the host program's handlers are to run on its own threads.
void resolver::pool::start_thread() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([self = shared_from_this()] { self->work(); }).detach();
    ++threads_;
  } catch (const std::system_error&) {
    // No more threads for now: those that are there do it, or the question is refused.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void resolver::pool::work() {
  std::unique_lock guard(mutex_);
  while (!stopped_) {
    if (waiting_.empty()) {
      something_to_do_.wait(guard);
      continue;
    }
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    ++busy_;
    guard.unlock();
    auto found = ask_system(next.query);
    guard.lock();
    bool wanted = !stopped_;
    guard.unlock();
    if (wanted)
      next.then(std::move(found));
    next = {};
    guard.lock();
    --busy_;
  }
}

void resolver::pool::stop() {
  std::deque<question> left;
  {
    std::lock_guard guard(mutex_);
    stopped_ = true;
    left.swap(waiting_);
  }
  something_to_do_.notify_all();
  for (auto& each : left)
    each.then(fail(not_resolved(each.query, EAI_CANCELED)));
}

resolver::resolver() : resolver(options{}) {}
resolver::resolver(options chosen) : pool_(std::make_shared<pool>(chosen)) {}
resolver::~resolver() { pool_->stop(); }

void resolver::ask(name_query query, reply then) { pool_->ask(std::move(query), std::move(then)); }

} // namespace actornet::net
