// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/error.hpp>

#include <tl/expected.hpp>

#include <utility>

namespace actornet::net {

/// A value, or the reason why there is none. (C++23 has std::expected; until then its
/// forerunner.)
template <class T> using expected = tl::expected<T, error>;

/// `return fail(error::system(errno, "bind"));`
inline tl::unexpected<error> fail(error what) { return tl::unexpected<error>(std::move(what)); }

} // namespace actornet::net
