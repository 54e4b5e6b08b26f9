// SPDX-License-Identifier: BSD-3-Clause
#include "parcel.hpp"

#include <actornet/error.hpp>

#include <actornet/net/text_encoding.hpp>

#include <string>

namespace actornet {

packed pack(send&& given) {
  const std::uint64_t size = given.bytes.size();
  const bool to_the_end = given.length == UINT64_MAX;
  if (given.offset > size || (!to_the_end && given.length > size - given.offset)) {
    auto asked = std::to_string(given.offset) +
                 (to_the_end ? "" : " and length " + std::to_string(given.length));
    return {{.size = size},
            error::invalid("offset " + asked + " are out of the range of " + std::to_string(size) +
                           " bytes")};
  }
  if (given.offset > 0 || !to_the_end)
    given.bytes = given.bytes.slice(given.offset, to_the_end ? SIZE_MAX : given.length);
  const auto left = given.bytes.size();
  return {{.bytes = std::move(given.bytes), .size = left}};
}

packed pack(const send_text& given) {
  auto bytes = net::encode(given.text, given.encoding);
  if (!bytes)
    return {{.size = given.text.size()}, bytes.error()};
  const auto size = bytes->size();
  return {{.bytes = std::move(*bytes), .size = size}};
}

packed pack(send_pieces&& given) {
  std::uint64_t size = 0;
  for (const auto& each : given.pieces)
    size += each.size();
  return {{.pieces = std::move(given.pieces), .size = size}};
}

} // namespace actornet
