// SPDX-License-Identifier: BSD-3-Clause
#include "order/kernel_stage.hpp"

#include "order/kernel_other_side.hpp"
#include "support/open_descriptors.hpp"
#include "system/host.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <optional>
#include <utility>

namespace actornet::test {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

// So small that a peer which does not read is soon full.
constexpr int receive_buffer = 64 * 1024;

class kernel_other_server final : public other_server {
public:
  explicit kernel_other_server(kernel_other_side::registry& all) : all_(all) {
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }

  net::endpoint local() const override { return net::endpoint::loopback_ipv4(socket_.port()); }
  std::unique_ptr<other_side> accepts() override {
    pollfd waiting{socket_.number(), POLLIN, 0};
    if (::poll(&waiting, 1, 0) == 0)
      return nullptr;
    return std::make_unique<kernel_other_side>(socket_.accepts(), all_);
  }

private:
  kernel_other_side::registry& all_;
  raw_socket socket_ = raw_socket::listening(16);
};

class kernel_stage final : public stage {
public:
  explicit kernel_stage(const std::string& backend) {
    program_.emplace(1, std::vector<host::option>{{"actornet.backend", backend}});
    REQUIRE(program_->net().backend_name() == backend);
    turner_ = net().spawn_on_loop(
        [](caf::event_based_actor*) -> caf::behavior { return {[](int turn) { return turn; }}; });
  }
  ~kernel_stage() override {
    caf::anon_send_exit(turner_, caf::exit_reason::user_shutdown);
    turner_ = nullptr;
    program_.reset();
    bell_.close();
    held_.clear();
    CHECK(descriptors_come_down_to(descriptors_before_));
  }

  caf::actor_system& system() override { return program_->system(); }

  std::unique_ptr<other_side> client_of(const endpoint& where) override {
    return std::make_unique<kernel_other_side>(raw_socket::connected_to(where, receive_buffer),
                                               all_);
  }
  std::unique_ptr<other_server> server() override {
    return std::make_unique<kernel_other_server>(all_);
  }

  // A port that is taken, and does not listen.
  endpoint nobody_listens() override {
    held_.push_back(raw_socket::bound());
    return endpoint::loopback_ipv4(held_.back().port());
  }

  // A backlog that is full: the kernel drops what else wants to connect.
  endpoint nobody_answers() override {
    held_.push_back(raw_socket::listening(0));
    auto where = endpoint::loopback_ipv4(held_.back().port());
    for (bool fits = true; fits;) {
      auto filler = raw_socket::unconnected();
      fits = filler.connects_at_once(where);
      held_.push_back(std::move(filler));
    }
    return where;
  }

  // Of the addresses for documents (RFC 5737).
  endpoint not_ours() override { return endpoint::ipv4({192, 0, 2, 1}, 0); }

  bool run_until(const std::function<bool()>& condition) override {
    return run_until(condition, clock::now() + 20s);
  }

  void settle() override {
    for (int turn = 0; turn < turns_to_settle; ++turn) {
      REQUIRE(program_->asks<int>(turner_, turn) == turn);
      for (auto* each : all_)
        each->turn();
    }
  }

  void lets_arrive(other_side& who) override {
    auto& socket = dynamic_cast<kernel_other_side&>(who);
    REQUIRE(run_until([&] { return socket.everything_arrived(); }));
  }

  void dawdles(std::chrono::milliseconds time) override {
    run_until([] { return false; }, clock::now() + time);
  }

  net::duration now() override { return clock::now().time_since_epoch(); }

  void ring() override {
    const eventfd_t one = 1;
    ::eventfd_write(bell_.number(), one);
  }

  net::duration work_done() override {
    timespec used{};
    REQUIRE(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  }

private:
  static constexpr int turns_to_settle = 20;
  // For conditions that ring no bell.
  static constexpr auto look_again = 10ms;

  bool run_until(const std::function<bool()>& condition, clock::time_point deadline) {
    for (;;) {
      for (auto* each : all_)
        each->turn();
      if (condition())
        return true;
      auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
      if (left <= 0ms)
        return false;
      wait(std::min<std::chrono::milliseconds>(left, look_again));
    }
  }

  void wait(std::chrono::milliseconds most) {
    std::vector<pollfd> interests{{bell_.number(), POLLIN, 0}};
    for (auto* each : all_)
      interests.push_back(each->interest());
    ::poll(interests.data(), interests.size(), static_cast<int>(most.count()));
    eventfd_t rung = 0;
    ::eventfd_read(bell_.number(), &rung);
  }

  std::size_t descriptors_before_ = descriptor_count();
  raw_socket bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::optional<host> program_;
  caf::actor turner_;
  kernel_other_side::registry all_;
  std::vector<raw_socket> held_;
};

} // namespace

std::unique_ptr<stage> make_kernel_stage(const std::string& backend) {
  return std::make_unique<kernel_stage>(backend);
}

} // namespace actornet::test
