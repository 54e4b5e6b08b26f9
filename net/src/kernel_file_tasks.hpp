// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_file.hpp"

#include <utility>

namespace actornet::net {

/// What a file thread does for a file, which it keeps alive.
class kernel_file::file_task : public file_strand::task {
public:
  explicit file_task(std::shared_ptr<kernel_file> owner) : owner_(std::move(owner)) {}

protected:
  using step = file_strand::step;

  kernel_file& owner() const noexcept { return *owner_; }

private:
  const std::shared_ptr<kernel_file> owner_;
};

class kernel_file::open_task final : public file_task {
public:
  using file_task::file_task;
  step run(file_strand& file) noexcept override;
};

/// Writes what is collected until there is no more, or it is broken off.
class kernel_file::write_task final : public file_task {
public:
  write_task(std::shared_ptr<kernel_file> owner, std::size_t bytes)
      : file_task(std::move(owner)), left(bytes) {}
  step run(file_strand& file) noexcept override;

  // Guarded by the owner's mutex.
  std::size_t left; ///< so many bytes of what waits are its own
  bool ended = false;

private:
  step wrote(std::size_t bytes);
};

class kernel_file::sync_task final : public file_task {
public:
  using file_task::file_task;
  step run(file_strand& file) noexcept override;
};

class kernel_file::read_task final : public file_task {
public:
  read_task(std::shared_ptr<kernel_file> owner, std::vector<buffer_pool::lent_block> blocks)
      : file_task(std::move(owner)), blocks_(std::move(blocks)) {}
  step run(file_strand& file) noexcept override;

private:
  void put(std::size_t bytes, bool is_end);

  std::vector<buffer_pool::lent_block> blocks_;
};

class kernel_file::finish_task final : public file_task {
public:
  using file_task::file_task;
  step run(file_strand& file) noexcept override;
};

} // namespace actornet::net
