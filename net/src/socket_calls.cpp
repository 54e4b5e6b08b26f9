// SPDX-License-Identifier: BSD-3-Clause
#include "socket_calls.hpp"

#include "socket_address.hpp"
#include "socket_file.hpp"
#include "socket_option_calls.hpp"
#include "unix_mode.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace actornet::net {

namespace {

class kernel_home final : public descriptor_home {
public:
  // close(2) on Linux frees the descriptor whatever it answers, so there is nothing to retry.
  void close_descriptor(int number) noexcept override { ::close(number); }
};

bool is_internet(address_family family) noexcept {
  return family == address_family::ipv4 || family == address_family::ipv6;
}

expected<descriptor> open_socket(const endpoint& about) {
  auto to = socket_address::of(about);
  int number = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (number < 0)
    return fail(error::system(errno, "socket", about));
  return descriptor(number, kernel_descriptors());
}

expected<void> bind_to(int number, const endpoint& where) {
  auto to = socket_address::of(where);
  if (::bind(number, reinterpret_cast<const sockaddr*>(&to.storage), to.size) != 0)
    return fail(error::system(errno, "bind", where));
  return {};
}

// Node and libuv report a taken address as a failed `listen`, whichever call noticed it.
expected<void> bind_listener(int number, const endpoint& where) {
  auto bound = bind_to(number, where);
  if (!bound && bound.error().number == EADDRINUSE) {
    if (where.is_unix_path() && remove_stale_socket_file(where.unix_name()))
      bound = bind_to(number, where);
    if (!bound && bound.error().number == EADDRINUSE)
      bound.error().syscall = "listen";
  }
  return bound;
}

expected<void> prepare_listener(int number, const endpoint& where, const listen_options& chosen) {
  if (!is_internet(where.family()))
    return {};
  if (auto set = set_option(number, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"); !set)
    return set;
  if (where.family() == address_family::ipv6)
    if (auto set = set_option(number, IPPROTO_IPV6, IPV6_V6ONLY, chosen.ipv6_only, "IPV6_V6ONLY");
        !set)
      return set;
  if (chosen.reuse_port)
    if (auto set = set_option(number, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT"); !set)
      return set;
  return set_options(number, {.receive_buffer_bytes = chosen.receive_buffer_bytes});
}

expected<void> check_stream_socket(int number) {
  auto type = int_option(number, SOL_SOCKET, SO_TYPE);
  if (!type)
    return fail(type.error());
  if (*type != SOCK_STREAM)
    return fail(wrong_kind("getsockopt", "the descriptor is not a stream socket"));
  return {};
}

expected<void> make_non_blocking(int number) {
  int flags = ::fcntl(number, F_GETFL);
  if (flags < 0 || ::fcntl(number, F_SETFL, flags | O_NONBLOCK) != 0)
    return fail(error::system(errno, "fcntl"));
  return {};
}

} // namespace

descriptor_home& kernel_descriptors() noexcept {
  static kernel_home home;
  return home;
}

error wrong_kind(std::string_view syscall, std::string why) {
  auto result = error::system(EINVAL, syscall);
  result.detail = std::move(why);
  return result;
}

expected<opened_listener> open_kernel_listener(const endpoint& where,
                                               const listen_options& chosen) {
  if (auto fits = check_unix_mode(where, chosen); !fits)
    return fail(fits.error());
  auto socket = open_socket(where);
  if (!socket)
    return fail(socket.error());
  int number = socket->number();
  if (auto prepared = prepare_listener(number, where, chosen); !prepared)
    return fail(prepared.error().at(where));
  if (auto bound = bind_listener(number, where); !bound)
    return fail(bound.error());
  bound_path file = where.is_unix_path() ? bound_path(where.unix_name()) : bound_path();
  if (chosen.unix_mode && ::chmod(where.unix_name().c_str(), *chosen.unix_mode) != 0)
    return fail(error::system(errno, "chmod", where));
  if (::listen(number, chosen.backlog) != 0)
    return fail(error::system(errno, "listen", where));
  auto local = local_endpoint(number);
  if (!local)
    return fail(local.error());
  return opened_listener{std::move(*socket), std::move(*local), std::move(file)};
}

expected<opened_listener> adopt_kernel_listener(int number, const listen_options& chosen) {
  if (auto fits = check_unix_mode({}, chosen); !fits)
    return fail(fits.error());
  if (auto fits = check_stream_socket(number); !fits)
    return fail(fits.error());
  auto listening = int_option(number, SOL_SOCKET, SO_ACCEPTCONN);
  if (!listening)
    return fail(listening.error());
  auto local = local_endpoint(number);
  if (!local)
    return fail(local.error());
  bool bound = local->family() == address_family::unix_socket
                   ? local->is_abstract() || !local->unix_name().empty()
                   : local->port() != 0;
  if (*listening == 0 && (!bound || remote_endpoint(number)))
    return fail(wrong_kind("listen", "the descriptor is neither bound nor listening"));
  if (*listening == 0 && ::listen(number, chosen.backlog) != 0)
    return fail(error::system(errno, "listen", *local));
  if (auto done = make_non_blocking(number); !done)
    return fail(done.error());
  return opened_listener{descriptor(number, kernel_descriptors()), std::move(*local), {}};
}

expected<accepted_stream> adopt_kernel_stream(int number) {
  if (auto fits = check_stream_socket(number); !fits)
    return fail(fits.error());
  auto listening = int_option(number, SOL_SOCKET, SO_ACCEPTCONN);
  if (listening && *listening != 0)
    return fail(wrong_kind("getpeername", "the descriptor listens, it is not a connection"));
  auto local = local_endpoint(number);
  auto remote = remote_endpoint(number);
  if (!remote && remote.error().number == ENOTCONN)
    return fail(wrong_kind("getpeername", "the descriptor is not connected"));
  if (!local || !remote)
    return fail(!local ? local.error() : remote.error());
  if (auto done = make_non_blocking(number); !done)
    return fail(done.error());
  return accepted_stream{descriptor(number, kernel_descriptors()), std::move(*local),
                         std::move(*remote)};
}

expected<descriptor> open_stream(const endpoint& remote, const connect_options& chosen) {
  auto socket = open_socket(remote);
  if (!socket)
    return socket;
  if (auto set = set_options(socket->number(), chosen.socket); !set)
    return fail(set.error().at(remote));
  if (chosen.from.family() != address_family::none)
    if (auto bound = bind_to(socket->number(), chosen.from); !bound)
      return fail(bound.error());
  return socket;
}

// accept(2): these concern the connection that was to be accepted, not the listener.
bool is_trouble_of_one_connection(int number) noexcept {
  switch (number) {
  case EINTR:
  case ECONNABORTED:
  case EPERM: // a firewall forbids this one
  case EPROTO:
  case ENETDOWN:
  case ENOPROTOOPT:
  case EHOSTDOWN:
  case ENONET:
  case EHOSTUNREACH:
  case EOPNOTSUPP:
  case ENETUNREACH:
    return true;
  default:
    return false;
  }
}

expected<endpoint> local_endpoint(int number) {
  socket_address found{};
  found.size = sizeof(found.storage);
  if (::getsockname(number, reinterpret_cast<sockaddr*>(&found.storage), &found.size) != 0)
    return fail(error::system(errno, "getsockname"));
  return found.to_endpoint();
}

expected<endpoint> remote_endpoint(int number) {
  socket_address found{};
  found.size = sizeof(found.storage);
  if (::getpeername(number, reinterpret_cast<sockaddr*>(&found.storage), &found.size) != 0)
    return fail(error::system(errno, "getpeername"));
  return found.to_endpoint();
}

} // namespace actornet::net
