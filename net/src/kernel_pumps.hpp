// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>
#include <actornet/net/file.hpp>
#include <actornet/net/pump.hpp>
#include <actornet/net/stream_socket.hpp>

#include <memory>

namespace actornet::net {

class kernel_backend;
class report_inbox;

// The pumps of a kernel backend, or why there cannot be one: see `io_backend::start_pump`.

expected<pump_ptr> make_pump(kernel_backend& home, const std::shared_ptr<report_inbox>& inbox,
                             stream_socket& from, const opened_file_ptr& to, pump_events& events);
expected<pump_ptr> make_pump(kernel_backend& home, const std::shared_ptr<report_inbox>& inbox,
                             stream_socket& from, stream_socket& to, pump_events& events);
expected<pump_ptr> make_pump(kernel_backend& home, const std::shared_ptr<report_inbox>& inbox,
                             const opened_file_ptr& from, stream_socket& to, pump_events& events);

} // namespace actornet::net
