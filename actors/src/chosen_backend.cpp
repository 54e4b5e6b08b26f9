// SPDX-License-Identifier: BSD-3-Clause
#include "chosen_backend.hpp"

#include <actornet/net/backends.hpp>

#include <utility>

namespace actornet {

chosen_backend::chosen_backend(std::string name, log_line log)
    : name_(std::move(name)), log_(std::move(log)), names_(std::make_shared<net::resolver>()) {}

net::expected<std::unique_ptr<net::io_backend>> chosen_backend::make() {
  if (name_ == "epoll")
    return net::make_epoll_backend(names_);
  if (name_ != "uring" && name_ != "auto")
    return net::fail(
        net::error::invalid("no such backend: '" + name_ + "'; there are auto, uring, epoll"));
  auto made = net::make_uring_backend(names_);
  if (made || name_ == "uring")
    return made;
  log_("epoll instead of io_uring: " + to_string(made.error()));
  name_ = "epoll";
  return net::make_epoll_backend(names_);
}

} // namespace actornet
