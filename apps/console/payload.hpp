// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace console {

/// The order of fields is part of the contract.
using json = nlohmann::ordered_json;

/// The bytes that a TEXT of an input line stands for: a JSON string, `hex:...`, `base64:...`, or
/// the text itself. Nothing when the notation that it began is not kept.
std::optional<actornet::net::chunk> bytes_of_text(std::string_view text);

/// `count` bytes; byte i is i mod 251.
actornet::net::chunk generated_bytes(std::size_t count);

/// Adds `size`, then `text` or, when the bytes are not UTF-8, `base64`; of more than `shown_max`
/// bytes the first ones and `truncated`. Text is cut between characters.
void describe(const actornet::net::chunk& bytes, std::size_t shown_max, json& fields);

/// The same of what is text already.
void describe_text(std::string_view text, std::size_t shown_max, json& fields);

} // namespace console
