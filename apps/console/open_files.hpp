// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <caf/actor_addr.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace console {

/// The files that are written, by path: at most one sink for each, and who waits until it is
/// closed.
class open_files {
public:
  /// Null when there is none, or when it is being closed.
  const actornet::file_sink* find(const std::string& path) const {
    const auto found = files_.find(path);
    return found == files_.end() || found->second.is_closing ? nullptr : &found->second.sink;
  }

  bool is_closing(const std::string& path) const {
    const auto found = files_.find(path);
    return found != files_.end() && found->second.is_closing;
  }

  void add(const std::string& path, const actornet::file_sink& sink) {
    files_[path].sink = sink;
    paths_[sink.id()] = path;
  }

  /// Something is asked of the sink of that path.
  void begin_use(const std::string& path) { ++files_[path].asked; }

  /// It was answered. True: nothing has come of the sink, nor is anybody else about to use it, so
  /// that it is open for nothing.
  bool end_use(const std::string& path, const actornet::file_sink& sink, bool succeeded) {
    const auto found = files_.find(path);
    if (found == files_.end() || found->second.sink != sink)
      return false;
    auto& used = found->second;
    used.was_used = used.was_used || succeeded;
    return --used.asked == 0 && !used.was_used && !used.is_closing;
  }

  /// It takes no more, and `sink_closed` will tell when its path is free.
  void begin_to_close(const std::string& path) {
    if (const auto found = files_.find(path); found != files_.end())
      found->second.is_closing = true;
  }

  /// `then` is called when it is closed.
  void when_closed(const std::string& path, std::function<void()> then) {
    files_[path].waiting.push_back(std::move(then));
  }

  /// Forgets the sink; what waited for that is to be called now.
  std::vector<std::function<void()>> closed(const actornet::file_sink& sink) {
    const auto found = files_.find(path_of(sink.id()));
    if (found == files_.end() || found->second.sink != sink)
      return {};
    auto waiting = std::move(found->second.waiting);
    files_.erase(found);
    return waiting;
  }

  /// Also of one that is closed; empty if it never was here.
  std::string path_of(caf::actor_id sink) const {
    const auto found = paths_.find(sink);
    return found == paths_.end() ? std::string() : found->second;
  }

  // A path with bytes that are to stay: should its sink fail, the next one goes on behind them.
  // Only of a sink that is open: what somebody has asked to end is no longer kept.
  void keep(const std::string& path, const actornet::file_sink& sink) {
    if (const auto* open = find(path); open && *open == sink)
      kept_.insert(path);
  }
  void do_not_keep(const std::string& path) { kept_.erase(path); }
  bool is_kept(const std::string& path) const { return kept_.contains(path); }

private:
  struct file {
    actornet::file_sink sink;
    bool is_closing = false;
    bool was_used = false;
    std::size_t asked = 0;
    std::vector<std::function<void()>> waiting;
  };

  std::map<std::string, file> files_;
  std::map<caf::actor_id, std::string> paths_;
  std::set<std::string> kept_;
};

} // namespace console
