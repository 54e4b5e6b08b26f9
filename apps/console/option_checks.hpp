// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/CLI.hpp>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

/// What the options of all commands are checked with.
namespace console {

template <class Enum> using names = std::vector<std::pair<std::string, Enum>>;

/// A number in a range, refused with a sentence that names it.
template <class T> CLI::Validator between(T low, T high) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        T value{};
        if (CLI::detail::lexical_cast(text, value) && value >= low && value <= high)
          return {};
        std::ostringstream sentence;
        sentence << '\'' << text << "' is not a number from " << low << " to " << high;
        return sentence.str();
      },
      "");
}

/// One of some words, refused with a sentence that names them all.
template <class Enum> CLI::Validator one_of(const names<Enum>& known) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        std::string all;
        for (const auto& [name, value] : known) {
          if (text == name) {
            text = std::to_string(static_cast<int>(value));
            return {};
          }
          all += (all.empty() ? "" : ", ") + name;
        }
        return '\'' + text + "' is not one of " + all;
      },
      "");
}

/// CLI11 would use operator>>, which enumerations do not have.
template <class Enum>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Enum& chosen,
                        const std::string& text, const names<Enum>& known) {
  return app
      .add_option_function<int>(
          name, [&chosen](int value) { chosen = static_cast<Enum>(value); }, text)
      ->transform(one_of(known))
      ->type_name("WORD");
}

} // namespace console
