// SPDX-License-Identifier: BSD-3-Clause
#include "printer.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

using console::event_form;
using console::json;

namespace {

/// What is written to standard output while it lives goes into a pipe, which holds a few lines.
class captured_descriptor {
public:
  captured_descriptor() : before_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)) {
    REQUIRE(before_ >= 0);
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    REQUIRE(::dup2(ends_[1], STDOUT_FILENO) == STDOUT_FILENO);
  }
  ~captured_descriptor() {
    ::dup2(before_, STDOUT_FILENO);
    for (int each : {before_, ends_[0], ends_[1]})
      ::close(each);
  }
  captured_descriptor(const captured_descriptor&) = delete;
  captured_descriptor& operator=(const captured_descriptor&) = delete;

  std::string text() {
    std::string result(4096, '\0');
    auto size = ::read(ends_[0], result.data(), result.size());
    result.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return result;
  }

private:
  int before_;
  std::array<int, 2> ends_{-1, -1};
};

/// The line that is printed `age_ms` after the start.
std::string printed(event_form form, const json& fields, int age_ms = 0) {
  captured_descriptor output;
  auto started = console::printer::clock::now() - std::chrono::milliseconds(age_ms);
  console::printer(form, started).print(fields);
  return output.text();
}

/// Without the time, which goes on.
std::string as_text(const json& fields) {
  auto line = printed(event_form::text, fields);
  return line.substr(line.find_first_not_of(" 0123456789"));
}

} // namespace

TEST_CASE("a JSON line is one object that begins with the time since the start") {
  auto line = printed(event_form::json, {{"event", "data"}, {"id", 1}, {"text", "a\nb"}}, 5000);
  CHECK(line.starts_with("{\"t\":5"));
  CHECK(line.ends_with(R"(,"event":"data","id":1,"text":"a\nb"})"
                       "\n"));
  CHECK(json::parse(line)["t"].get<int>() >= 5000);
}

TEST_CASE("what is not UTF-8 is replaced, so that every line is JSON") {
  auto line = printed(event_form::json, {{"reply", "error"}, {"line", "\xff"}});
  CHECK(json::parse(line)["line"] == "\ufffd");
}

TEST_CASE("a line of text begins with the time, right-aligned") {
  auto line = printed(event_form::text, {{"event", "listening"}}, 5000);
  CHECK(line.starts_with("  5"));
  CHECK(line.ends_with(" listening\n"));
}

TEST_CASE("text shows events plainly, and answers behind an arrow") {
  CHECK(as_text({{"event", "end"}, {"id", 12}}) == "end #12\n");
  CHECK(as_text({{"reply", "write"}, {"id", "*"}, {"count", 3}}) == "> write #* count=3\n");
}

TEST_CASE("text quotes payloads always, and other words when they are not plain") {
  CHECK(as_text({{"event", "data"}, {"id", 1}, {"size", 5}, {"text", "hello"}}) ==
        "data #1 size=5 text=\"hello\"\n");
  CHECK(as_text({{"event", "connected"}, {"local", "[::1]:80"}, {"remote", "unix:"}}) ==
        "connected local=[::1]:80 remote=unix:\n");
  CHECK(as_text({{"reply", "error"}, {"line", "two words"}, {"message", ""}}) ==
        "> error line=\"two words\" message=\"\"\n");
  CHECK(as_text({{"event", "closed"}, {"had_error", false}}) == "closed had_error=false\n");
}

TEST_CASE("text lists the commands line by line") {
  CHECK(as_text({{"reply", "help"}, {"commands", {"help", "quit"}}}) ==
        "> help\n         help\n         quit\n");
}

TEST_CASE("with events none nothing is printed") {
  CHECK(printed(event_form::none, {{"event", "end"}}).empty());
  CHECK(console::printer(event_form::none, {}).is_silent());
  CHECK_FALSE(console::printer(event_form::json, {}).is_silent());
}
