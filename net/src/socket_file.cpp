// SPDX-License-Identifier: BSD-3-Clause
#include "socket_file.hpp"

#include "socket_address.hpp"
#include "socket_calls.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace actornet::net {

namespace {

std::optional<struct stat> socket_file(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode))
    return std::nullopt;
  return found;
}

// The number of a file that was removed is soon used again: its time of change tells them apart.
bool is_same(const struct stat& left, const struct stat& right) {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino &&
         left.st_ctim.tv_sec == right.st_ctim.tv_sec &&
         left.st_ctim.tv_nsec == right.st_ctim.tv_nsec;
}

// Of the wrong type for whoever listens there: he is found (EPROTOTYPE), and does not notice.
bool belongs_to_nobody(const endpoint& where) {
  descriptor probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                   kernel_descriptors());
  auto to = socket_address::of(where);
  return probe && ::connect(probe.number(), to.data(), to.size) != 0 && errno == ECONNREFUSED;
}

} // namespace

bool remove_stale_socket_file(const std::string& path) {
  auto where = endpoint::unix_path(path);
  auto before = socket_file(path);
  if (!where || !before || !belongs_to_nobody(*where))
    return false;
  auto now = socket_file(path);
  return now && is_same(*before, *now) && ::unlink(path.c_str()) == 0;
}

} // namespace actornet::net
