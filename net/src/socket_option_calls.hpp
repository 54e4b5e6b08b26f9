// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>
#include <actornet/net/expected.hpp>
#include <actornet/net/socket_options.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace actornet::net {

// setsockopt(2), getsockopt(2) and what else asks a socket about itself, with our errors.

/// `what` names it for people: "TCP_NODELAY".
expected<void> set_option(int number, int level, int name, int value, std::string_view what);
expected<int> int_option(int number, int level, int name);
expected<std::vector<std::byte>> get_option(int number, int level, int name, std::size_t bytes_max);

/// What only TCP has is ignored on unix sockets. Stops at the first that is refused.
expected<void> set_options(int number, const socket_options& chosen);

bool is_unix(int number) noexcept;
/// Makes the next close(2) send RST.
void linger_zero(int number) noexcept;
/// SO_ERROR, which this call clears; 0 if there is none.
int take_pending_error(int number) noexcept;
/// What was sent and not acknowledged; 0 where nobody acknowledges.
std::size_t unacknowledged_bytes(int number) noexcept;

} // namespace actornet::net
