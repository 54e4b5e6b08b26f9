// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_pumps.hpp"

#include "kernel_backend.hpp"
#include "kernel_file_sink_pump.hpp"
#include "kernel_file_source_pump.hpp"
#include "kernel_stream.hpp"
#include "kernel_stream_pump.hpp"

#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <utility>

namespace actornet::net {

namespace {

using unexpected_error = tl::unexpected<error>;

unexpected_error refused(int number) { return fail(error::system(number, "splice")); }

// splice(2) into a socket has no MSG_NOSIGNAL.
void block_sigpipe_here() noexcept {
  static thread_local const bool done = [] {
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    return pthread_sigmask(SIG_BLOCK, &only, nullptr) == 0;
  }();
  static_cast<void>(done);
}

int why_not_of_this_loop(const kernel_backend& home, const kernel_stream* stream) noexcept {
  if (stream == nullptr || !stream->belongs_to(home))
    return EXDEV;
  return stream->is_connected() ? 0 : ENOTCONN;
}

int why_no_source(const kernel_backend& home, const kernel_stream* stream) noexcept {
  if (int number = why_not_of_this_loop(home, stream); number != 0)
    return number;
  return stream->may_tap_receiving() ? 0 : EBUSY;
}

int why_no_sink(const kernel_backend& home, const kernel_stream* stream) noexcept {
  if (int number = why_not_of_this_loop(home, stream); number != 0)
    return number;
  return stream->may_tap_sending() ? 0 : EBUSY;
}

int why_no_source(const file_strand* file) noexcept {
  if (file == nullptr)
    return EXDEV;
  if (file->chosen.use != file_use::read)
    return EBADF;
  return file->is_read ? EBUSY : 0;
}

int why_no_sink(const file_strand* file) noexcept {
  if (file == nullptr)
    return EXDEV;
  if (file->chosen.use == file_use::read)
    return EBADF;
  return file->chosen.use == file_use::create_or_append ? EINVAL : 0;
}

template <class Pump> expected<pump_ptr> begun(std::shared_ptr<Pump> made) {
  if (auto ready = made->begin(); !ready)
    return fail(ready.error());
  return pump_ptr(made.get());
}

} // namespace

expected<pump_ptr> make_pump(kernel_backend& home, const std::shared_ptr<report_inbox>& inbox,
                             stream_socket& from, const opened_file_ptr& to, pump_events& events) {
  auto* source = dynamic_cast<kernel_stream*>(&from);
  auto sink = std::dynamic_pointer_cast<file_strand>(to);
  if (int number = why_no_source(home, source); number != 0)
    return refused(number);
  if (int number = why_no_sink(sink.get()); number != 0)
    return refused(number);
  return begun(std::make_shared<file_sink_pump>(home, inbox, events, *source, std::move(sink)));
}

expected<pump_ptr> make_pump(kernel_backend& home, const std::shared_ptr<report_inbox>& inbox,
                             stream_socket& from, stream_socket& to, pump_events& events) {
  auto* source = dynamic_cast<kernel_stream*>(&from);
  auto* sink = dynamic_cast<kernel_stream*>(&to);
  if (int number = why_no_source(home, source); number != 0)
    return refused(number);
  if (int number = why_no_sink(home, sink); number != 0)
    return refused(number);
  block_sigpipe_here();
  return begun(std::make_shared<stream_pump>(home, inbox, events, *source, *sink));
}

expected<pump_ptr> make_pump(kernel_backend& home, const std::shared_ptr<report_inbox>& inbox,
                             const opened_file_ptr& from, stream_socket& to, pump_events& events) {
  auto source = std::dynamic_pointer_cast<file_strand>(from);
  auto* sink = dynamic_cast<kernel_stream*>(&to);
  if (int number = why_no_source(source.get()); number != 0)
    return refused(number);
  if (int number = why_no_sink(home, sink); number != 0)
    return refused(number);
  block_sigpipe_here();
  return begun(std::make_shared<file_source_pump>(home, inbox, events, std::move(source), *sink));
}

} // namespace actornet::net
