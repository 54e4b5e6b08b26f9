// SPDX-License-Identifier: BSD-3-Clause
#include "file_check.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>

namespace load {

namespace {

class file_check {
public:
  file_check(const std::vector<std::uint64_t>& sent, result& measured)
      : sent_(sent), has_file_(sent.size(), false), measured_(measured) {}

  void look_at(const std::filesystem::path& path);
  void tell_missing();

private:
  std::optional<std::size_t> owner_of(std::ifstream& file, std::uint64_t bytes);
  bool is_of(std::size_t connection, std::ifstream& file, std::uint64_t bytes);

  const std::vector<std::uint64_t>& sent_;
  std::vector<bool> has_file_;
  result& measured_;
  const pattern pattern_;
  std::vector<char> piece_ = std::vector<char>(pattern::piece_bytes_max);
};

void file_check::look_at(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  const auto owner = owner_of(file, std::filesystem::file_size(path));
  if (owner)
    has_file_[*owner] = true;
  else
    measured_.add_error(0, path.filename().string() + " is not what any connection has sent");
}

std::optional<std::size_t> file_check::owner_of(std::ifstream& file, std::uint64_t bytes) {
  for (std::size_t i = 0; i < sent_.size(); ++i)
    if (!has_file_[i] && sent_[i] == bytes && is_of(i, file, bytes))
      return i;
  return std::nullopt;
}

bool file_check::is_of(std::size_t connection, std::ifstream& file, std::uint64_t bytes) {
  file.clear();
  file.seekg(0);
  auto position = pattern::start_of(connection);
  while (bytes > 0) {
    const auto size = std::min<std::uint64_t>(bytes, piece_.size());
    if (!file.read(piece_.data(), static_cast<std::streamsize>(size)) ||
        std::memcmp(piece_.data(), pattern_.at(position), size) != 0)
      return false;
    position = pattern::advanced(position, size);
    bytes -= size;
  }
  return true;
}

void file_check::tell_missing() {
  for (std::size_t i = 0; i < sent_.size(); ++i)
    if (!has_file_[i])
      measured_.add_error(i, "no file has what it sent");
}

} // namespace

void check_files(const std::filesystem::path& directory, const std::vector<std::uint64_t>& sent,
                 result& measured) {
  file_check check{sent, measured};
  for (const auto& each : std::filesystem::directory_iterator{directory})
    check.look_at(each.path());
  check.tell_missing();
}

} // namespace load
