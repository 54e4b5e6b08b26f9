// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_backend.hpp"
#include "kernel_stream.hpp"
#include "uring_buffers.hpp"
#include "uring_queue.hpp"
#include "uring_source.hpp"

#include <deque>
#include <memory>
#include <unordered_set>
#include <vector>

namespace actornet::net {

/// The I/O backend over io_uring(7).
///
/// A turn costs one system call: it hands over all that was asked for since the last one, the sends
/// of all connections among it, waits, and fetches what has come meanwhile; one more each time that
/// more was asked for than the queue holds. Receiving and accepting are multishot: asked for once,
/// until stopped.
class uring_backend final : public kernel_backend {
public:
  uring_backend(std::shared_ptr<wake_signal> bell, std::shared_ptr<resolver> names,
                std::unique_ptr<uring_queue> queue);
  expected<void> begin(const uring_options& chosen);
  ~uring_backend() override;

  std::string_view name() const noexcept override { return "uring"; }
  void flush() override;
  void poll(std::optional<instant> until) override;
  bool waits_precisely() const noexcept override { return true; }

  expected<listen_socket_ptr> add_listener(opened_listener opened, listen_events& events) override;
  expected<stream_socket_ptr> add_stream(descriptor socket, const socket_options& chosen,
                                         stream_events& events) override;
  stream_socket_ptr connect(const endpoint& remote, const connect_options& chosen,
                            stream_events& events) override;
  expected<datagram_socket_ptr> add_datagram(opened_datagram opened,
                                             datagram_events& events) override;

  // For the sources.

  void call_next_turn(uring_source& source);
  void call_at_flush(uring_source& source) {
    if (!std::exchange(source.awaits_flush, true))
      to_flush_.push_back(&source);
  }
  /// The same, when a buffer may be free for it; until then it must not ask for one. As many are
  /// called in a turn as there are buffers: the others would only be refused again.
  void call_when_buffers_are_free(uring_source& source);
  /// Within `on_flush`: an operation of `source`, to be filled in. Null: there is no room for more,
  /// and `on_flush` will be called again.
  io_uring_sqe* start(uring_source& source, uring_operation what);
  /// Within `on_flush`: so few want to be flushed that their own system calls cost less.
  bool flushes_few() const noexcept { return flushing_.size() <= few; }
  /// Within `on_flush`: `source` did it by itself. It is told so as of any operation.
  void done_already(uring_source& source, uring_operation what, int result);
  /// A source begins to live; it ends in `forget_the_dead`.
  void add(uring_source&) noexcept { ++sources_; }
  /// Ends an operation that is under way; its completion will say so.
  void cancel(uring_source& source, uring_operation what);
  /// `source` is closed, and so is `socket` when this returns, or, if the kernel refuses to take
  /// operations that name it, as soon as it has taken them. The source is deleted when the end of
  /// all that was under way has been told.
  void bury(uring_source& source, descriptor socket);
  /// As `cancel`, and the operation is over when this returns; that is told in the next turn.
  void cancel_now(uring_source& source, uring_operation what);
  /// For a send of several pieces: valid until it is handed over.
  send_frame& next_frame();
  uring_buffers& received() noexcept { return *received_; }
  /// Has the receive end when it has taken about so many bytes, if the kernel can do that; if it
  /// turns out that it cannot, `receives_are_unbounded`. False: it cannot.
  bool bound_receive(io_uring_sqe& receive, std::size_t bytes) const noexcept;
  void receives_are_unbounded() noexcept { bounds_ = bounds::none; }

  /// How often the kernel was entered so far.
  std::uint64_t entries() const noexcept { return queue_->entries(); }
  /// How many wait for a buffer.
  std::size_t starved() const noexcept { return starved_.size(); }

private:
  enum class bounds : std::uint8_t { none, of_receives, refused };
  struct outcome {
    uring_source* source;
    uring_completion what;
  };
  struct cancellation {
    uring_source* source;
    uring_operation what;
  };

  void feed_the_starved();
  void listen_to_bell();
  void prepare();
  void prepare_cancellations();
  void cancel_now();
  void submit();
  void forget_what_was_handed_over();
  bool may_wait() const noexcept;
  void wait(std::optional<instant> until);
  void tell_completions();
  void fetch_ahead() const noexcept;
  void tell_done();
  void tell(const io_uring_cqe& completion);
  void call_turns();
  void tell_closed(uring_source& source, const uring_completion& what);
  void forget_the_dead();
  void end_what_lingers();

  static constexpr std::size_t few = 2;
  // So many connections, with their actors, find room in the processor's cache.
  static constexpr std::size_t cached_sources_max = 256;

  static std::uint64_t tag(const uring_source* source, uring_operation what) noexcept;

  std::unique_ptr<uring_queue> queue_;
  std::unique_ptr<uring_buffers> received_;
  bounds bounds_ = bounds::of_receives;
  std::size_t sources_ = 0;
  bool bell_is_heard_ = false; // the operation that listens to it is under way
  bool woken_ = false;         // the bell rang: one poll does not wait
  std::vector<cancellation> to_cancel_;
  std::vector<uring_source*> next_turn_;
  std::vector<uring_source*> this_turn_;
  std::deque<uring_source*> starved_; // found no buffer; who waits longest is first
  unsigned let_in_ = 0;               // of them, since the kernel was last entered
  std::vector<uring_source*> to_flush_;
  std::vector<uring_source*> flushing_;
  std::vector<outcome> done_;     // in the flush that is going on
  std::deque<send_frame> frames_; // which stay where they are
  std::size_t frames_used_ = 0;
  // Named by operations that the kernel has yet to see: their numbers must not be used again.
  std::vector<descriptor> to_close_;
  std::unordered_set<uring_source*> lingering_; // closed, but something is under way
  std::vector<uring_source*> dead_;
};

} // namespace actornet::net
