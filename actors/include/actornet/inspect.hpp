// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/address_list.hpp>
#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/error.hpp>
#include <actornet/net/text_encoding.hpp>

#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/sec.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How CAF prints and serialises the values of `net`. In their namespace, where CAF finds it.
namespace actornet::net {

/// Length and bytes. Only messages to other nodes come here; the copies are theirs.
template <class Inspector> typename Inspector::result_type inspect(Inspector& f, chunk& what) {
  std::string bytes(what.view());
  auto load = [&]() -> caf::error {
    what = chunk::from(std::move(bytes));
    return caf::none;
  };
  return f(caf::meta::type_name("actornet.chunk"), bytes, caf::meta::load_callback(load));
}

/// As text: `127.0.0.1:80`; empty for none.
template <class Inspector> typename Inspector::result_type inspect(Inspector& f, endpoint& what) {
  std::string text = what.family() == address_family::none ? std::string() : to_string(what);
  auto load = [&]() -> caf::error {
    if (text.empty()) {
      what = endpoint();
      return caf::none;
    }
    auto parsed = endpoint::parse(text);
    if (!parsed)
      return caf::sec::invalid_argument;
    what = std::move(*parsed);
    return caf::none;
  };
  return f(caf::meta::type_name("actornet.endpoint"), text, caf::meta::load_callback(load));
}

/// As the texts of its rules.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, address_list& what) {
  std::vector<std::string> texts;
  for (const auto& each : what.rules())
    texts.push_back(to_string(each));
  auto load = [&]() -> caf::error {
    auto parsed = address_list::parse(std::vector<std::string_view>(texts.begin(), texts.end()));
    if (!parsed)
      return caf::sec::invalid_argument;
    what = std::move(*parsed);
    return caf::none;
  };
  return f(caf::meta::type_name("actornet.address_list"), texts, caf::meta::load_callback(load));
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, error& what) {
  return f(caf::meta::type_name("actornet.error"), what.kind, what.number, what.syscall,
           what.address, what.port, what.detail, what.resolver_code);
}

/// An encoding travels by its name; none has an empty one, which only an optional one may have.
inline std::string name_of(const std::optional<text_encoding>& encoding) {
  return encoding ? std::string(to_string(*encoding)) : std::string();
}

inline caf::error load(text_encoding& into, const std::string& name) {
  const auto named = text_encoding_named(name);
  if (!named)
    return caf::sec::invalid_argument;
  into = *named;
  return caf::none;
}

inline caf::error load(std::optional<text_encoding>& into, const std::string& name) {
  into.reset();
  return name.empty() ? caf::error() : load(into.emplace(), name);
}

/// The parts of a message, and behind them its encoding. (CAF would take the number of any
/// enumeration as it comes, and knows no std::optional.)
template <class Inspector, class Encoding, class... Parts>
typename Inspector::result_type inspect_encoded(Inspector& f, Encoding& encoding,
                                                Parts&&... parts) {
  auto name = name_of(encoding);
  auto take = [&]() -> caf::error { return load(encoding, name); };
  return f(std::forward<Parts>(parts)..., name, caf::meta::load_callback(take));
}

} // namespace actornet::net
