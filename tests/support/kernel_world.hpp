// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/backend_world.hpp"
#include "support/temporary_directory.hpp"

#include <actornet/net/resolver.hpp>

#include <sys/resource.h>

#include <optional>

namespace actornet::test {

/// Two loops of a backend over the kernel, driven by the test's thread.
class kernel_world final : public backend_world {
public:
  using make_backend = std::function<net::expected<std::unique_ptr<net::io_backend>>(
      std::shared_ptr<net::resolver>)>;

  explicit kernel_world(const make_backend& make);
  ~kernel_world() override;

  net::io_backend& backend() override { return *first_; }
  net::io_backend& second_backend() override { return *second_; }
  bool turn() override;
  bool run_until(const std::function<bool()>& condition) override;
  void settle() override;
  // On the loopback, what is sent has arrived when the call returns.
  void let_arrive() override {}
  void forbid_descriptors(bool forbidden) override;
  std::string path(std::string_view name) override { return files_ / name; }
  void put_file(const std::string& path, std::string_view bytes) override {
    write_file(path, bytes);
  }
  std::optional<std::string> file_bytes(const std::string& path) override {
    return bytes_of_file(path);
  }
  int limit_files(std::size_t bytes) override;

private:
  temporary_directory files_;
  std::size_t descriptors_before_;
  std::shared_ptr<net::resolver> names_;
  std::unique_ptr<net::io_backend> first_;
  std::unique_ptr<net::io_backend> second_;
  std::optional<rlimit> limit_before_;
  std::optional<rlimit> file_limit_before_;
};

} // namespace actornet::test
