// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/io_backend.hpp>

#include <memory>

namespace actornet::net {

class resolver;

/// The backend over epoll(7), edge triggered. `names` answers `look_up` and may be shared by all
/// backends of a program. Fails with what epoll_create1(2) or eventfd(2) say.
expected<std::unique_ptr<io_backend>> make_epoll_backend(std::shared_ptr<resolver> names);

/// The backend over io_uring(7): one system call a turn for up to 1024 operations, whatever the
/// number of connections. Linux 6.0 or later (EINVAL says that it is older, ENOSYS or EPERM that it
/// is forbidden here).
expected<std::unique_ptr<io_backend>> make_uring_backend(std::shared_ptr<resolver> names);

} // namespace actornet::net
