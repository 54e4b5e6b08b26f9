// SPDX-License-Identifier: BSD-3-Clause
#include "socket_option_calls.hpp"

#include <actornet/net/error.hpp>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <string>

namespace actornet::net {

namespace {

int domain_of(int number) noexcept {
  return int_option(number, SOL_SOCKET, SO_DOMAIN).value_or(AF_UNSPEC);
}

error refusal_of(std::string_view what) {
  auto why = error::system(errno, "setsockopt");
  why.detail = why.message() + " (" + std::string(what) + ")";
  return why;
}

template <class Number> int as_int(Number value) noexcept {
  return static_cast<int>(std::min<std::common_type_t<Number, long long>>(value, INT_MAX));
}

// tcp(7): the kernel refuses more than 32767 seconds.
int whole_seconds(std::chrono::milliseconds time) noexcept {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return static_cast<int>(std::clamp<decltype(seconds)>(seconds, 0, 32767));
}

expected<void> set_keep_alive(int number, const keep_alive_options& chosen) {
  if (auto set = set_option(number, SOL_SOCKET, SO_KEEPALIVE, chosen.enabled, "SO_KEEPALIVE"); !set)
    return set;
  if (!chosen.enabled)
    return {};
  if (int idle = whole_seconds(chosen.delay); idle > 0)
    if (auto set = set_option(number, IPPROTO_TCP, TCP_KEEPIDLE, idle, "TCP_KEEPIDLE"); !set)
      return set;
  if (int interval = whole_seconds(chosen.interval); interval > 0)
    if (auto set = set_option(number, IPPROTO_TCP, TCP_KEEPINTVL, interval, "TCP_KEEPINTVL"); !set)
      return set;
  if (chosen.probes > 0)
    return set_option(number, IPPROTO_TCP, TCP_KEEPCNT, chosen.probes, "TCP_KEEPCNT");
  return {};
}

// A socket of IPv6 may carry IPv4 as well, which has its own.
expected<void> set_type_of_service(int number, int value) {
  if (domain_of(number) == AF_INET6)
    if (auto set = set_option(number, IPPROTO_IPV6, IPV6_TCLASS, value, "IPV6_TCLASS"); !set)
      return set;
  return set_option(number, IPPROTO_IP, IP_TOS, value, "IP_TOS");
}

expected<void> set_tcp_options(int number, const socket_options& chosen) {
  if (chosen.no_delay)
    if (auto set = set_option(number, IPPROTO_TCP, TCP_NODELAY, *chosen.no_delay, "TCP_NODELAY");
        !set)
      return set;
  if (chosen.keep_alive)
    if (auto set = set_keep_alive(number, *chosen.keep_alive); !set)
      return set;
  if (chosen.type_of_service)
    if (auto set = set_type_of_service(number, *chosen.type_of_service); !set)
      return set;
  if (chosen.user_timeout)
    return set_option(number, IPPROTO_TCP, TCP_USER_TIMEOUT, as_int(chosen.user_timeout->count()),
                      "TCP_USER_TIMEOUT");
  return {};
}

expected<void> set_buffers(int number, const socket_options& chosen) {
  if (chosen.send_buffer_bytes)
    if (auto set = set_option(number, SOL_SOCKET, SO_SNDBUF, as_int(*chosen.send_buffer_bytes),
                              "SO_SNDBUF");
        !set)
      return set;
  if (chosen.receive_buffer_bytes)
    return set_option(number, SOL_SOCKET, SO_RCVBUF, as_int(*chosen.receive_buffer_bytes),
                      "SO_RCVBUF");
  return {};
}

expected<void> set_raw(int number, const raw_option& chosen) {
  if (::setsockopt(number, chosen.level, chosen.name, chosen.value.data(),
                   static_cast<socklen_t>(chosen.value.size())) == 0)
    return {};
  return fail(refusal_of("option " + std::to_string(chosen.name) + " of level " +
                         std::to_string(chosen.level)));
}

// A FIN that is on its way counts as a byte (tcp_ioctl in the kernel's tcp.c).
bool fin_is_unacknowledged(int number) noexcept {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(number, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return false;
  return info.tcpi_state == TCP_FIN_WAIT1 || info.tcpi_state == TCP_CLOSING ||
         info.tcpi_state == TCP_LAST_ACK;
}

} // namespace

expected<void> set_option(int number, int level, int name, int value, std::string_view what) {
  if (::setsockopt(number, level, name, &value, sizeof(value)) != 0)
    return fail(refusal_of(what));
  return {};
}

expected<int> int_option(int number, int level, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(number, level, name, &value, &size) != 0)
    return fail(error::system(errno, "getsockopt"));
  return value;
}

expected<std::vector<std::byte>> get_option(int number, int level, int name,
                                            std::size_t bytes_max) {
  std::vector<std::byte> value(bytes_max);
  auto size = static_cast<socklen_t>(bytes_max);
  if (::getsockopt(number, level, name, value.data(), &size) != 0)
    return fail(error::system(errno, "getsockopt"));
  value.resize(size);
  return value;
}

expected<void> set_options(int number, const socket_options& chosen) {
  if (auto set = set_tcp_options(number, chosen); !set && domain_of(number) != AF_UNIX)
    return set;
  if (auto set = set_buffers(number, chosen); !set)
    return set;
  for (const auto& each : chosen.raw)
    if (auto set = set_raw(number, each); !set)
      return set;
  return {};
}

bool is_unix(int number) noexcept { return domain_of(number) == AF_UNIX; }

void linger_zero(int number) noexcept {
  linger none{1, 0};
  ::setsockopt(number, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

int take_pending_error(int number) noexcept {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(number, SOL_SOCKET, SO_ERROR, &value, &size) != 0)
    return errno;
  return value;
}

std::size_t unacknowledged_bytes(int number) noexcept {
  int bytes = 0;
  if (domain_of(number) == AF_UNIX || ::ioctl(number, SIOCOUTQ, &bytes) != 0 || bytes <= 0)
    return 0;
  return static_cast<std::size_t>(bytes) - (fin_is_unacknowledged(number) ? 1 : 0);
}

} // namespace actornet::net
