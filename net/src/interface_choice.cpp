// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/interface_choice.hpp>

#include "address_text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace actornet::net {

namespace {

constexpr std::size_t name_bytes_max = 15; // IF_NAMESIZE, with its NUL

bool is_number(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// dev_valid_name() of the kernel.
bool is_name(std::string_view text) noexcept {
  return text.size() <= name_bytes_max && text != "." && text != ".." &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return c == '/' || c == ':' || std::isspace(static_cast<unsigned char>(c)) != 0;
         });
}

bool looks_like_address(std::string_view text) noexcept {
  return text.find(':') != std::string_view::npos ||
         (text.find('.') != std::string_view::npos &&
          text.find_first_not_of("0123456789.") == std::string_view::npos);
}

} // namespace

interface_choice interface_choice::all() {
  interface_choice made;
  made.how_ = kind::all;
  return made;
}

interface_choice interface_choice::named(std::string name) {
  interface_choice made;
  made.how_ = kind::name;
  made.name_ = std::move(name);
  return made;
}

interface_choice interface_choice::numbered(std::uint32_t index) {
  interface_choice made;
  made.how_ = index == 0 ? kind::system : kind::index;
  made.index_ = index;
  return made;
}

interface_choice interface_choice::with_address(const endpoint& address) {
  if (address.scope_id() != 0)
    return numbered(address.scope_id());
  interface_choice made;
  if (address.family() == address_family::none || address.is_wildcard())
    return made;
  made.how_ = kind::address;
  made.address_ = address.unmapped().with_port(0);
  return made;
}

expected<interface_choice> interface_choice::parse(std::string_view text) {
  if (text.empty())
    return interface_choice();
  if (text == "*")
    return all();
  if (is_number(text))
    return parse_decimal(text, "interface", UINT32_MAX).map([](auto index) {
      return numbered(static_cast<std::uint32_t>(index));
    });
  if (looks_like_address(text))
    return endpoint::parse_ip(text, 0).map(&interface_choice::with_address);
  if (!is_name(text))
    return fail(error::invalid(quoted(text) + " is not the name of an interface"));
  return named(std::string(text));
}

std::string to_string(const interface_choice& what) {
  switch (what.how()) {
  case interface_choice::kind::system:
    break;
  case interface_choice::kind::all:
    return "*";
  case interface_choice::kind::name:
    return what.name();
  case interface_choice::kind::index:
    return std::to_string(what.index());
  case interface_choice::kind::address:
    return what.address().address();
  }
  return "";
}

} // namespace actornet::net
