// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace actornet::test {

/// A file system in memory of a size that is soon full, or that may not be written to. It is
/// mounted nowhere, so it needs no directory and leaves nothing behind; only who may mount can have
/// one.
class small_disk {
public:
  explicit small_disk(const char* bytes, unsigned mount_attributes = 0) {
    const auto context = static_cast<int>(::syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
    if (context < 0)
      return;
    ::syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "size", bytes, 0);
    if (::syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0)
      mount_ = static_cast<int>(::syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, mount_attributes));
    ::close(context);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (mount_ >= 0)
      ::close(mount_);
  }

  /// False where mounting is not allowed.
  bool is_there() const noexcept { return mount_ >= 0; }
  /// Valid in every thread of this process, for as long as this lives.
  std::string operator/(std::string_view name) const {
    return "/proc/self/fd/" + std::to_string(mount_) + "/" + std::string(name);
  }

private:
  int mount_ = -1;
};

} // namespace actornet::test
