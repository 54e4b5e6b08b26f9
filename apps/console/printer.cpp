// SPDX-License-Identifier: BSD-3-Clause
#include "printer.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <string>
#include <thread>
#include <unistd.h>

namespace console {

namespace {

/// Unbuffered, so that a line is with the reader before the next thing happens.
void write_all(int descriptor, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t taken = ::write(descriptor, rest.data(), rest.size());
    if (taken >= 0)
      rest.remove_prefix(static_cast<std::size_t>(taken));
    else if (errno == EAGAIN) // somebody else made the terminal non-blocking
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    else if (errno != EINTR)
      return; // nobody reads: there is nobody to tell
  }
}

/// What the peers send need not be UTF-8, for example in the names of unix sockets.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_plain(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("._:/@%[]-").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string value_text(const std::string& name, const json& value) {
  if (value.is_string() && name != "text" && is_plain(value.get<std::string>()))
    return value.get<std::string>();
  return dump(value);
}

/// `    12 data #1 size=5 text="hello"`; answers have a `>` before their name.
std::string text_line(std::int64_t t_ms, const json& fields) {
  std::string line = std::to_string(t_ms);
  line.insert(0, 6 - std::min<std::size_t>(6, line.size()), ' ');
  for (const auto& [name, value] : fields.items()) {
    if (name == "event" || name == "reply")
      line += (name == "reply" ? " > " : " ") + value.get<std::string>();
    else if (name == "commands")
      for (const auto& usage : value)
        line += "\n         " + usage.get<std::string>();
    else if (name == "id")
      line += " #" + (value.is_string() ? value.get<std::string>() : dump(value));
    else
      line += " " + name + "=" + value_text(name, value);
  }
  return line + "\n";
}

std::string json_line(std::int64_t t_ms, const json& fields) {
  json line{{"t", t_ms}};
  line.update(fields);
  return dump(line) + "\n";
}

} // namespace

void printer::print(const json& fields) const {
  if (is_silent())
    return;
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - started_);
  write_all(STDOUT_FILENO, form_ == event_form::json ? json_line(age.count(), fields)
                                                     : text_line(age.count(), fields));
}

void complain(std::string_view sentence) { write_all(STDERR_FILENO, std::string(sentence) + "\n"); }

} // namespace console
