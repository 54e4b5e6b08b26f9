// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/messages.hpp>

#include <actornet/net/expected.hpp>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>

// The commands about options of a socket that connections and UDP endpoints both obey. `Settings`
// is what their socket takes.
namespace actornet {

template <class Settings> net::expected<Settings> settings_of(const set_type_of_service& given) {
  if (given.value < 0 || given.value > 255)
    return net::fail(error::invalid("the type of service is a byte, 0 to 255, not " +
                                    std::to_string(given.value)));
  return Settings{.type_of_service = static_cast<std::uint8_t>(given.value)};
}

template <class Settings> net::expected<Settings> settings_of(const set_buffer_sizes& given) {
  Settings result;
  if (given.send_bytes > 0)
    result.send_buffer_bytes = given.send_bytes;
  if (given.receive_bytes > 0)
    result.receive_buffer_bytes = given.receive_bytes;
  return result;
}

template <class Settings> net::expected<Settings> settings_of(const set_socket_option& given) {
  auto bytes = std::as_bytes(std::span(given.value.data(), given.value.size()));
  return Settings{.raw = {{given.level, given.name, {bytes.begin(), bytes.end()}}}};
}

template <class Socket>
net::expected<socket_option> option_of(const Socket& socket, const get_socket_option& asked) {
  constexpr std::uint32_t bytes_max = 4096;
  if (asked.bytes_max > bytes_max)
    return net::fail(error::invalid("no option of a socket has more than " +
                                    std::to_string(bytes_max) + " bytes"));
  auto got = socket.get_option(asked.level, asked.name, asked.bytes_max);
  if (!got)
    return net::fail(got.error());
  std::string bytes(got->size(), '\0');
  std::memcpy(bytes.data(), got->data(), got->size());
  return socket_option{chunk::from(std::move(bytes))};
}

} // namespace actornet
