// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_pipe.hpp"
#include "kernel_tap.hpp"
#include "report_inbox.hpp"

#include <actornet/net/pump.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace actornet::net {

class kernel_backend;
class kernel_stream;

/// What the pumps of the kernel backends have in common: an end that is told once, and a stop that
/// is answered from a later turn. Lives until it is closed, and no file thread is at it.
class kernel_pump : public pump,
                    public stream_tap,
                    public report,
                    public std::enable_shared_from_this<kernel_pump> {
public:
  kernel_pump(kernel_backend& home, std::shared_ptr<report_inbox> inbox, pump_events& events)
      : home_(home), inbox_(std::move(inbox)), events_(&events) {}

  void own_itself() { self_ = shared_from_this(); }

  void stop() final;
  void close() final;
  void tell() final;

protected:
  enum class phase { moving, over, stopping, stopped };

  /// On the loop: what file threads have done, and what comes of it.
  virtual void go_on() = 0;
  /// A stream that is the sink is its owner's again.
  virtual void release_sink() {}
  /// Nobody moves anything any more: false if a file thread is at it right now, which will report.
  virtual bool halt() = 0;
  /// After `halt`: all that is inside, in order.
  virtual void take_back(std::vector<chunk>& into) = 0;
  /// The streams are their own again, and nothing refers to the pump but who must.
  virtual void let_go() = 0;

  bool is_moving() const noexcept { return is_open_ && phase_ == phase::moving; }
  bool is_open() const noexcept { return is_open_; }
  /// `go_on` is called in a later turn.
  void ask_for_turn() { inbox_->put(shared_from_this()); }

  void tell_moved(std::size_t bytes);
  void tell_blocked();
  void tell_source_over(const std::optional<error>& why);
  /// The same of a stream; `source_trouble_` says how.
  void tell_source_over(kernel_stream& from);
  /// `is_first`: not a byte was moved yet, and `why` means that the kernel cannot do it.
  void tell_sink_failed(const error& why, bool is_first);

  /// The source may receive by itself again; what broke it is yet to be told.
  void give_back(kernel_stream& from);

  /// What came early, as far as there is room.
  void fill_with_early(kernel_pipe& into);
  /// The next bytes of the stream `number` into `into`, which has room: bytes moved, -errno; 0 at
  /// the end, or, if something is in `into` already, perhaps at the end.
  std::ptrdiff_t fill_from_stream(int number, kernel_pipe& into);
  /// The next bytes of a stream into `into`, those that came early first. More than 0: there may be
  /// more; 0: none for now, or no room; or the end, in `source_over_` and `source_trouble_`.
  std::size_t fill(kernel_stream& from, kernel_pipe& into);
  /// Bytes that the kernel took; what it said else is in `blocked` or `why`.
  struct poured {
    std::size_t bytes = 0;
    bool is_blocked = false;
    std::optional<error> why;
  };
  static poured pour(kernel_pipe& from, kernel_stream& into);

  std::deque<chunk> early_;
  bool source_over_ = false;
  int source_trouble_ = 0; // errno of what broke the source; 0: it has ended

private:
  void answer_stop();

  kernel_backend& home_;
  const std::shared_ptr<report_inbox> inbox_;
  pump_events* events_;
  std::shared_ptr<kernel_pump> self_;
  phase phase_ = phase::moving;
  bool is_open_ = true;
};

} // namespace actornet::net
