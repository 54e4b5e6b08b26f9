// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdlib.h>
#include <string>
#include <string_view>

namespace actornet::test {

/// A directory for files of a test; removed with all that is in it.
class temporary_directory {
public:
  temporary_directory() {
    auto wanted = (std::filesystem::temp_directory_path() / "actornet-test-XXXXXX").string();
    REQUIRE(::mkdtemp(wanted.data()) != nullptr);
    path_ = wanted;
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

private:
  std::filesystem::path path_;
};

/// None if it cannot be read.
inline std::optional<std::string> bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  REQUIRE(file.flush());
}

} // namespace actornet::test
