// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/descriptor.hpp>
#include <actornet/net/listen_socket.hpp>
#include <actornet/net/stream_socket.hpp>

#include <string>
#include <string_view>

namespace actornet::net {

// The system calls on sockets that the kernel backends share, with our errors. All descriptors that
// come out of here are non-blocking and close-on-exec.

/// Closes descriptors of the kernel.
descriptor_home& kernel_descriptors() noexcept;

/// socket(2), the options, bind(2), listen(2).
expected<opened_listener> open_kernel_listener(const endpoint& where, const listen_options& chosen);
/// A bound or listening stream socket; left alone on failure.
expected<opened_listener> adopt_kernel_listener(int number, const listen_options& chosen);
/// A connected stream socket; left alone on failure.
expected<accepted_stream> adopt_kernel_stream(int number);

/// A stream socket with `chosen.socket` set and bound to `chosen.from`, ready to connect to
/// `remote`.
expected<descriptor> open_stream(const endpoint& remote, const connect_options& chosen);

/// What accept(2) says of a connection that was to be accepted, and not of the listener.
bool is_trouble_of_one_connection(int number) noexcept;

/// EINVAL of `syscall`: a descriptor that is open, but not what it was said to be.
error wrong_kind(std::string_view syscall, std::string why);

expected<endpoint> local_endpoint(int number);
expected<endpoint> remote_endpoint(int number);

} // namespace actornet::net
