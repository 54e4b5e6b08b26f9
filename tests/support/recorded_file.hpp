// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/told_words.hpp"

#include <actornet/net/file.hpp>
#include <actornet/net/io_backend.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actornet::test {

/// A file that writes down what it is told.
struct recorded_file final : net::file_events {
  /// One word each: opened, open_failed, written, synced, sync_failed, read, read_end, failed,
  /// closed.
  std::vector<std::string> told;
  net::file_facts facts;
  std::optional<net::error> failure;
  std::size_t written = 0;
  std::string read;
  /// What was read is also kept as it came, if that is wanted.
  bool keeps_chunks = false;
  std::vector<net::chunk> chunks;
  /// Called at the end of each event, with its word: it may close the file.
  std::function<void(std::string_view)> then;
  /// Last, so that it is closed before the rest goes.
  net::file_ptr file;

  void open(net::io_backend& loop, std::string path, const net::file_options& chosen = {}) {
    file = loop.open_file(std::move(path), chosen, *this);
  }

  std::size_t count(std::string_view word) const { return count_of(word, told); }
  bool was_told(std::string_view word) const { return count(word) > 0; }
  /// What the file gives back after a failure.
  std::string take_unwritten() const {
    std::string bytes;
    for (const auto& each : file->take_unwritten())
      bytes += each.view();
    return bytes;
  }

  void on_opened(const net::file_facts& found) override {
    facts = found;
    tell("opened");
  }
  void on_open_failed(const net::error& why) override {
    failure = why;
    tell("open_failed");
  }
  void on_written(std::size_t bytes) override {
    written += bytes;
    tell("written");
  }
  void on_synced() override { tell("synced"); }
  void on_sync_failed(const net::error& why) override {
    failure = why;
    tell("sync_failed");
  }
  void on_read(net::chunk bytes) override {
    read += bytes.view();
    if (keeps_chunks)
      chunks.push_back(std::move(bytes));
    tell("read");
  }
  void on_read_end() override { tell("read_end"); }
  void on_failed(const net::error& why) override {
    failure = why;
    tell("failed");
  }
  void on_closed() override { tell("closed"); }

private:
  void tell(std::string_view word) {
    told.emplace_back(word);
    if (then)
      then(word);
  }
};

} // namespace actornet::test
