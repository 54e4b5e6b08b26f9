// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/backend_world.hpp"

#include <cerrno>

namespace actornet::test {

/// Two loops on a simulated network: time passes when there is nothing else to do.
class simulated_world final : public backend_world {
public:
  explicit simulated_world(const net::simulated_network::options& chosen)
      : network_(chosen), first_(network_.make_backend()), second_(network_.make_backend()),
        descriptors_max_(chosen.descriptors_max) {}
  ~simulated_world() override { CHECK(network_.open_descriptors() == 0); }

  net::io_backend& backend() override { return *first_; }
  net::io_backend& second_backend() override { return *second_; }

  bool turn() override {
    first_->poll(first_->now());
    second_->poll(second_->now());
    return network_.step();
  }

  bool run_until(const std::function<bool()>& condition) override {
    for (int turns = 0; turns < turns_max && !condition(); ++turns)
      if (!turn())
        break;
    return condition();
  }

  void settle() override {
    run_until([] { return false; });
  }

  void let_arrive() override { network_.advance_to(network_.now() + std::chrono::seconds(1)); }

  void forbid_descriptors(bool forbidden) override {
    network_.limit_descriptors(forbidden ? network_.open_descriptors() : descriptors_max_);
  }

  std::string path(std::string_view name) override { return "/files/" + std::string(name); }
  void put_file(const std::string& path, std::string_view bytes) override {
    network_.put_file(path, std::string(bytes));
  }
  std::optional<std::string> file_bytes(const std::string& path) override {
    return network_.file_bytes(path);
  }
  int limit_files(std::size_t bytes) override {
    network_.limit_disk(bytes);
    return ENOSPC;
  }

  net::simulated_network* simulation() override { return &network_; }

private:
  static constexpr int turns_max = 2'000'000;

  net::simulated_network network_;
  std::unique_ptr<net::io_backend> first_;
  std::unique_ptr<net::io_backend> second_;
  std::size_t descriptors_max_;
};

} // namespace actornet::test
