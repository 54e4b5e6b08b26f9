// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_interfaces.hpp"

#include "address_text.hpp"
#include "socket_address.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace actornet::net {

namespace {

struct list_deleter {
  void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};
using address_list_ptr = std::unique_ptr<ifaddrs, list_deleter>;

expected<address_list_ptr> all_addresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0)
    return fail(error::system(errno, "getifaddrs"));
  return address_list_ptr(first);
}

tl::unexpected<error> refuse(int number, const std::string& sentence) {
  auto why = error::system(number, "setsockopt");
  why.detail = sentence;
  return fail(std::move(why));
}

bool has_address(const ifaddrs& each, const endpoint& address) {
  if (each.ifa_addr == nullptr)
    return false;
  socket_address native{};
  const bool is_ipv4 = each.ifa_addr->sa_family == AF_INET;
  if (!is_ipv4 && each.ifa_addr->sa_family != AF_INET6)
    return false;
  native.size = is_ipv4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  std::copy_n(reinterpret_cast<const char*>(each.ifa_addr), native.size,
              reinterpret_cast<char*>(&native.storage));
  auto found = native.to_endpoint();
  return found && found->family() == address.family() && found->bytes() == address.bytes();
}

expected<int> index_of_address(const endpoint& address, int unknown_address) {
  auto all = all_addresses();
  if (!all)
    return fail(all.error());
  for (const auto* each = all->get(); each != nullptr; each = each->ifa_next)
    if (has_address(*each, address))
      return static_cast<int>(::if_nametoindex(each->ifa_name));
  return refuse(unknown_address, "no interface has the address " + address.address());
}

expected<int> index_of_number(std::uint32_t index) {
  char name[IF_NAMESIZE] = {};
  if (::if_indextoname(index, name) == nullptr)
    return refuse(ENODEV, "there is no interface " + std::to_string(index));
  return static_cast<int>(index);
}

expected<int> index_of_name(const std::string& name) {
  if (auto index = ::if_nametoindex(name.c_str()); index != 0)
    return static_cast<int>(index);
  return refuse(ENODEV, "there is no interface " + quoted(name));
}

} // namespace

expected<int> interface_index(const interface_choice& what, int unknown_address) {
  switch (what.how()) {
  case interface_choice::kind::system:
    break;
  case interface_choice::kind::all:
    return refuse(EINVAL, "one interface is needed, not all");
  case interface_choice::kind::name:
    return index_of_name(what.name());
  case interface_choice::kind::index:
    return index_of_number(what.index());
  case interface_choice::kind::address:
    return index_of_address(what.address(), unknown_address);
  }
  return 0;
}

expected<std::vector<int>> multicast_interfaces() {
  auto all = all_addresses();
  if (!all)
    return fail(all.error());
  std::vector<int> found;
  for (const auto* each = all->get(); each != nullptr; each = each->ifa_next) {
    const bool can = (each->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK)) != 0;
    if (!can || (each->ifa_flags & IFF_UP) == 0)
      continue;
    int index = static_cast<int>(::if_nametoindex(each->ifa_name));
    if (index != 0 && std::find(found.begin(), found.end(), index) == found.end())
      found.push_back(index);
  }
  return found;
}

} // namespace actornet::net
