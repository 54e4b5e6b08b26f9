// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/io_backend.hpp>
#include <actornet/net/resolver.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace actornet {

/// Makes the backends of a runtime's loops, all of one kind: that of the option `actornet.backend`.
///
/// `auto` is io_uring where that works, and otherwise epoll, after one line to `log` that says why.
class chosen_backend {
public:
  using log_line = std::function<void(std::string_view)>;

  chosen_backend(std::string name, log_line log);

  net::expected<std::unique_ptr<net::io_backend>> make();

private:
  std::string name_;
  log_line log_;
  std::shared_ptr<net::resolver> names_;
};

} // namespace actornet
