// SPDX-License-Identifier: BSD-3-Clause
#include "pattern_file.hpp"

#include <cerrno>
#include <csignal>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <system_error>
#include <unistd.h>

namespace load {

pattern_file::pattern_file(const pattern& content) : file_(::memfd_create("pattern", MFD_CLOEXEC)) {
  const auto bytes = content.all();
  if (!file_.is_open() ||
      ::write(file_.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::system_error(errno, std::generic_category(), "memfd_create");
  std::signal(SIGPIPE, SIG_IGN); // sendfile(2) has no flags
}

ssize_t pattern_file::send(const unique_fd& to, std::size_t position, std::size_t size) const {
  auto offset = static_cast<off_t>(position);
  const auto count = ::sendfile(to.get(), file_.get(), &offset, size);
  if (count < 0 && errno == EINTR)
    errno = EAGAIN;
  return count;
}

} // namespace load
