// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/error.hpp>

#include <caf/error.hpp>

#include <optional>

namespace actornet {

using net::error;
using net::trouble;

/// Our error as CAF's, which is how a request is answered that failed: category `actornet`, the
/// errno as its code, and the whole of our error within.
caf::error to_caf(const error& why);

/// The other way round; nothing when `why` is not one of ours (for example a request's time-out).
///
///     self->request(peer, caf::infinite, write{...}).then(on_written, [](const caf::error& e) {
///       if (auto why = error_of(e); why && why->code() == "EPIPE") ...
std::optional<error> error_of(const caf::error& why);

} // namespace actornet
