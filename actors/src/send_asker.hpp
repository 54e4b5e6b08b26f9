// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "responder.hpp"

#include <actornet/error.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace actornet {

/// Several sends that have one answer.
struct send_together {
  responder asker;
  std::uint64_t left = 0;
  std::uint64_t bytes = 0;
  bool keep_going = true;
  std::optional<error> why = std::nullopt; // the first
};

/// Who is to be told of a send; empty for a plain one.
struct send_asker {
  responder one = {};
  std::shared_ptr<send_together> together = nullptr;

  explicit operator bool() const noexcept { return one || together; }
};

} // namespace actornet
