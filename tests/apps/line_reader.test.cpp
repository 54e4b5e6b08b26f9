// SPDX-License-Identifier: BSD-3-Clause
#include "line_reader.hpp"
#include "support/catch.hpp"
#include "system/watched.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using actornet::test::watched;

namespace {

/// A pipe, and the lines that a reader at its end has told.
class told_lines {
public:
  told_lines() {
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
    reader_.emplace(ends_[0], [this](console::input_line line) {
      lines_.change([&](auto& all) { all.push_back(std::move(line)); });
    });
  }
  ~told_lines() {
    reader_.reset();
    ::close(ends_[0]);
    ends();
  }
  told_lines(const told_lines&) = delete;
  told_lines& operator=(const told_lines&) = delete;

  void is_written(std::string_view text) { CHECK(takes(text)); }
  /// The same on another thread, where Catch2 must not be asked.
  bool takes(std::string_view text) {
    return ::write(ends_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  void ends() {
    if (ends_[1] >= 0)
      ::close(std::exchange(ends_[1], -1));
  }
  void settle() { reader_->settle(); }
  bool comes_to(std::size_t count) {
    return lines_.becomes([&](const auto& all) { return all.size() == count; });
  }
  std::vector<std::string> texts() {
    std::vector<std::string> result;
    for (const auto& each : lines_.now())
      result.push_back(each.text);
    return result;
  }
  void takes_first() {
    lines_.change([](auto& all) { all.pop_front(); });
  }

private:
  std::array<int, 2> ends_{-1, -1};
  watched<std::deque<console::input_line>> lines_;
  std::optional<console::line_reader> reader_;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a line is told when its end has come, however it was cut up on the way") {
  told_lines lines;
  lines.is_written("one\ntw");
  CHECK(lines.comes_to(1));
  lines.is_written("o\n\nth");
  CHECK(lines.comes_to(3));
  lines.is_written("ree\n");
  CHECK(lines.comes_to(4));
  CHECK(lines.texts() == texts{"one", "two", "", "three"});
}

TEST_CASE("a last line without a newline counts, an empty one does not") {
  told_lines cut;
  cut.is_written("one\ntwo");
  cut.ends();
  CHECK(cut.comes_to(2));
  CHECK(cut.texts() == texts{"one", "two"});
}

TEST_CASE("lines may hold any bytes, and be longer than what is read at once") {
  told_lines lines;
  std::string longest(150'000, 'x');
  bool is_taken = false;
  std::thread writes(
      [&] { is_taken = lines.takes(longest + "\n" + std::string("\0\xff", 2) + "\n"); });
  CHECK(lines.comes_to(2));
  writes.join();
  CHECK(is_taken);
  CHECK(lines.texts() == texts{longest, std::string("\0\xff", 2)});
}

TEST_CASE("while too many lines wait to be taken, no more are read") {
  constexpr std::size_t most = console::line_reader::lines_held_max;
  told_lines lines;
  std::string all;
  for (std::size_t i = 0; i < most + 2; ++i)
    all += std::to_string(i) + "\n";
  lines.is_written(all);
  CHECK(lines.comes_to(most));
  lines.takes_first();
  CHECK(lines.comes_to(most));
  CHECK(lines.texts().back() == std::to_string(most));
  lines.takes_first();
  CHECK(lines.comes_to(most));
  CHECK(lines.texts().back() == std::to_string(most + 1));
}

TEST_CASE("a reader that has settled has told every line that was given") {
  told_lines lines;
  std::string all;
  for (int i = 0; i < 1000; ++i)
    all += std::to_string(i) + "\n";
  lines.is_written(all + "begun");
  lines.settle();
  CHECK(lines.texts().size() == 1000);
  CHECK(lines.texts().back() == "999");
}

TEST_CASE("a reader that has settled after the end has told the last line, too") {
  told_lines lines;
  lines.is_written("one\nlast");
  lines.ends();
  lines.settle();
  CHECK(lines.texts() == texts{"one", "last"});
  lines.settle();
  CHECK(lines.texts().size() == 2);
}

TEST_CASE("a reader that waits for more can be ended") {
  told_lines lines;
  lines.is_written("begun");
  CHECK(lines.texts().empty());
}
