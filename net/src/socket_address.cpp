// SPDX-License-Identifier: BSD-3-Clause
#include "socket_address.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/un.h>

namespace actornet::net {

namespace {

constexpr std::size_t sun_path_offset = offsetof(sockaddr_un, sun_path);

template <class Sockaddr> socket_address stored(const Sockaddr& native, std::size_t size) {
  socket_address result;
  std::memcpy(&result.storage, &native, size);
  result.size = static_cast<socklen_t>(size);
  return result;
}

socket_address of_nothing() {
  sa_family_t family = AF_UNSPEC;
  auto result = stored(family, sizeof family);
  // connect(2) wants more than the bare family from AF_UNSPEC.
  result.size = sizeof(sockaddr);
  return result;
}

socket_address of_ipv4(const endpoint& what) {
  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_port = htons(what.port());
  std::memcpy(&native.sin_addr, what.bytes().data(), sizeof native.sin_addr);
  return stored(native, sizeof native);
}

socket_address of_ipv6(const endpoint& what) {
  sockaddr_in6 native{};
  native.sin6_family = AF_INET6;
  native.sin6_port = htons(what.port());
  native.sin6_scope_id = what.scope_id();
  std::memcpy(&native.sin6_addr, what.bytes().data(), sizeof native.sin6_addr);
  return stored(native, sizeof native);
}

// An abstract name begins with a NUL and has its length from the size; a path ends in a NUL.
socket_address of_unix(const endpoint& what) {
  sockaddr_un native{};
  native.sun_family = AF_UNIX;
  const auto& name = what.unix_name();
  if (name.empty() && !what.is_abstract())
    return stored(native, sun_path_offset);
  std::copy(name.begin(), name.end(), native.sun_path + (what.is_abstract() ? 1 : 0));
  return stored(native, sun_path_offset + name.size() + 1);
}

template <class Sockaddr> expected<Sockaddr> loaded(const socket_address& from) {
  if (from.size < sizeof(Sockaddr))
    return fail(error::invalid("a socket address of " + std::to_string(from.size) +
                               " bytes is cut short: " + std::to_string(sizeof(Sockaddr)) +
                               " are needed"));
  Sockaddr native;
  std::memcpy(&native, &from.storage, sizeof native);
  return native;
}

endpoint from_ipv4(const sockaddr_in& native) {
  endpoint::ipv4_bytes bytes{};
  std::memcpy(bytes.data(), &native.sin_addr, bytes.size());
  return endpoint::ipv4(bytes, ntohs(native.sin_port));
}

endpoint from_ipv6(const sockaddr_in6& native) {
  endpoint::ipv6_bytes bytes{};
  std::memcpy(bytes.data(), &native.sin6_addr, bytes.size());
  return endpoint::ipv6(bytes, ntohs(native.sin6_port), native.sin6_scope_id);
}

expected<endpoint> from_unix(const socket_address& from) {
  std::string_view name{reinterpret_cast<const char*>(&from.storage) + sun_path_offset,
                        from.size - sun_path_offset};
  if (name.empty())
    return endpoint::unix_unnamed();
  if (name[0] == '\0')
    return endpoint::unix_abstract(std::string{name.substr(1)});
  return endpoint::unix_path(std::string{name.substr(0, name.find('\0'))});
}

} // namespace

socket_address socket_address::of(const endpoint& what) {
  switch (what.family()) {
  case address_family::none:
    break;
  case address_family::ipv4:
    return of_ipv4(what);
  case address_family::ipv6:
    return of_ipv6(what);
  case address_family::unix_socket:
    return of_unix(what);
  }
  return of_nothing();
}

expected<endpoint> socket_address::to_endpoint() const {
  if (size == 0)
    return endpoint{};
  if (size < sizeof storage.ss_family || size > sizeof storage)
    return fail(error::invalid("a socket address cannot have " + std::to_string(size) + " bytes"));
  switch (storage.ss_family) {
  case AF_UNSPEC:
    return endpoint{};
  case AF_INET:
    return loaded<sockaddr_in>(*this).map(from_ipv4);
  case AF_INET6:
    return loaded<sockaddr_in6>(*this).map(from_ipv6);
  case AF_UNIX:
    return from_unix(*this);
  default:
    return fail(error::system(EAFNOSUPPORT, ""));
  }
}

} // namespace actornet::net
