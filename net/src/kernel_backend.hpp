// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "busy_poll.hpp"
#include "datagram_looks.hpp"
#include "lookup_inbox.hpp"
#include "report_inbox.hpp"
#include "spare_descriptor.hpp"
#include "wake_signal.hpp"

#include <actornet/net/buffer_pool.hpp>
#include <actornet/net/io_backend.hpp>

#include <algorithm>
#include <atomic>
#include <memory>

namespace actornet::net {

class kernel_intake;
class kernel_outbox;
class file_threads;

/// What the backends over the kernel have in common: how sockets are opened, how other threads wake
/// the loop, and how names are looked up.
class kernel_backend : public io_backend {
public:
  kernel_backend(std::shared_ptr<wake_signal> bell, std::shared_ptr<resolver> names);
  ~kernel_backend() override;

  instant now() const noexcept final { return now_; }
  void set_busy_poll(duration longest) final { busy_poll_.set_longest(longest); }
  void wake() noexcept final;

  expected<opened_listener> open_listener(const endpoint& where,
                                          const listen_options& chosen) final;
  expected<opened_listener> adopt_listener(int number, const listen_options& chosen) final;
  expected<accepted_stream> adopt_stream(int number) final;
  expected<opened_datagram> open_datagram(const datagram_options& chosen) final;
  expected<opened_datagram> adopt_datagram(int number, const datagram_options& chosen) final;
  name_lookup_ptr look_up(name_query query, name_lookup_events& events) final;
  file_ptr open_file(std::string path, const file_options& chosen, file_events& events) final;
  expected<pump_ptr> start_pump(stream_socket& from, opened_file_ptr to, pump_events& events) final;
  expected<pump_ptr> start_pump(stream_socket& from, stream_socket& to, pump_events& events) final;
  expected<pump_ptr> start_pump(opened_file_ptr from, stream_socket& to, pump_events& events) final;

  // For the sockets of the backend.

  /// Somebody was told something: what comes of it must not wait for the kernel.
  void told() noexcept { told_ = true; }
  buffer_pool& buffers() noexcept { return buffers_; }
  /// For the datagram sockets; there from the first one on.
  kernel_intake& intake() noexcept { return *intake_; }
  kernel_outbox& outbox() noexcept { return *outbox_; }
  /// Sockets that are to look at a time of their own: `poll` does not wait for longer.
  datagram_looks& looks() noexcept { return looks_; }
  /// `poll` ends within microseconds of the first of them, and not within milliseconds.
  virtual bool waits_precisely() const noexcept = 0;
  /// For the listeners; held from the first one on.
  spare_descriptor& spare() noexcept { return spare_; }

protected:
  /// The steady clock, which is what `now` follows.
  static instant read_clock() noexcept;
  void update_now() noexcept { now_ = read_clock(); }

  /// Before a sleep that is to end at `until`: calls `look` until it says that something came, for
  /// as long as busy polling is worth it. Whether something came.
  template <class F> bool came_before_sleep(std::optional<instant> until, F&& look) {
    const auto time = busy_poll_.next();
    if (time <= duration(0))
      return false;
    const auto end = until ? std::min(*until, read_clock() + time) : read_clock() + time;
    bool came = look();
    while (!came && read_clock() < end)
      came = look();
    busy_poll_.looked(came);
    return came;
  }

  int bell_number() const noexcept { return bell_->number(); }
  /// The loop has heard the bell: the next `wake` rings again.
  void bell_was_heard() noexcept { rung_.store(false, std::memory_order_release); }
  /// Before the first datagram socket.
  void prepare_for_datagrams();
  /// `until`, or when the first look is due, whichever comes first.
  std::optional<instant> or_next_look(std::optional<instant> until) const noexcept {
    const auto next = looks_.next();
    return !until || (next && *next < *until) ? next : until;
  }
  /// For the end of a wait.
  void look_if_due() { looks_.call_due(waits_precisely() ? now_ : instant::max()); }
  /// What other threads have done for this loop.
  void deliver_reports() {
    lookups_->deliver();
    reports_->deliver();
  }

  bool told_ = false;

private:
  std::shared_ptr<wake_signal> bell_;
  std::shared_ptr<lookup_inbox> lookups_;
  std::shared_ptr<report_inbox> reports_;
  std::shared_ptr<resolver> names_;
  std::shared_ptr<file_threads> files_; // from the first file on
  buffer_pool buffers_;
  std::unique_ptr<kernel_intake> intake_;
  std::unique_ptr<kernel_outbox> outbox_;
  datagram_looks looks_;
  busy_poll busy_poll_;
  spare_descriptor spare_;
  instant now_;
  // Set by whoever rings, taken back by the loop before it looks for what they left.
  std::atomic<bool> rung_{false};
};

} // namespace actornet::net
