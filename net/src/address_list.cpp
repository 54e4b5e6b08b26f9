// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/address_list.hpp>

#include <algorithm>
#include <utility>

namespace actornet::net {

namespace {

struct span {
  endpoint::ipv6_bytes first;
  endpoint::ipv6_bytes last;
};

// In ascending order, none overlapping another.
std::vector<span> merged(const std::vector<address_rule>& rules) {
  std::vector<span> all;
  for (const auto& each : rules)
    all.push_back({each.first(), each.last()});
  std::sort(all.begin(), all.end(),
            [](const span& left, const span& right) { return left.first < right.first; });
  std::vector<span> result;
  for (const auto& each : all)
    if (result.empty() || result.back().last < each.first)
      result.push_back(each);
    else
      result.back().last = std::max(result.back().last, each.last);
  return result;
}

} // namespace

struct address_list::content {
  std::vector<address_rule> rules;
  std::vector<span> spans;
};

address_list::address_list(std::vector<address_rule> rules) {
  auto spans = merged(rules);
  content_ = std::make_shared<const content>(content{std::move(rules), std::move(spans)});
}

expected<address_list> address_list::parse(const std::vector<std::string_view>& texts) {
  std::vector<address_rule> rules;
  for (auto each : texts) {
    auto rule = address_rule::parse(each);
    if (!rule)
      return fail(rule.error());
    rules.push_back(*rule);
  }
  return address_list(std::move(rules));
}

bool address_list::contains(const endpoint& who) const noexcept {
  if (!content_ || (who.family() != address_family::ipv4 && who.family() != address_family::ipv6))
    return false;
  auto bytes = mapped_bytes(who);
  const auto& spans = content_->spans;
  auto behind = std::upper_bound(
      spans.begin(), spans.end(), bytes,
      [](const endpoint::ipv6_bytes& left, const span& right) { return left < right.first; });
  return behind != spans.begin() && bytes <= std::prev(behind)->last;
}

const std::vector<address_rule>& address_list::rules() const noexcept {
  static const std::vector<address_rule> none;
  return content_ ? content_->rules : none;
}

std::string to_string(const address_list& what) {
  std::string result;
  for (const auto& each : what.rules())
    result += (result.empty() ? "" : ", ") + to_string(each);
  return result;
}

} // namespace actornet::net
