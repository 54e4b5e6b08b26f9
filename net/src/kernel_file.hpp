// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_file_strand.hpp"
#include "report_inbox.hpp"
#include "send_queue.hpp"

#include <actornet/net/buffer_pool.hpp>
#include <actornet/net/file.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace actornet::net {

class kernel_backend;

/// A file of a kernel backend: what its loop sees of a strand. Lives until it is closed (the
/// owner's end) and no task of it is left (the file threads').
class kernel_file final : public file,
                          public report,
                          public std::enable_shared_from_this<kernel_file> {
public:
  kernel_file(kernel_backend& home, std::shared_ptr<report_inbox> inbox,
              std::shared_ptr<file_strand> strand, file_events& events);

  /// The outcome, immediate failures too, is told in a later turn.
  void begin(const expected<void>& prepared);

  void set_events(file_events& events) override { events_ = &events; }
  void write(chunk bytes) override;
  void sync() override;
  std::size_t unwritten_bytes() const noexcept override { return unwritten_bytes_; }
  std::vector<chunk> take_unwritten() override;
  void set_receive_window(receive_window_ptr window) override { window_ = std::move(window); }
  void start_reading() override;
  void stop_reading() override;
  void read_no_further() override;
  void finish() override;
  opened_file_ptr share() const override { return strand_; }
  void close() override;

  void tell() override;

private:
  class file_task;
  class open_task;
  class write_task;
  class sync_task;
  class read_task;
  class finish_task;

  struct filled_block {
    buffer_pool::lent_block memory;
    std::size_t size = 0;
  };
  // What file threads have done, in order.
  enum class reading { off, on, rest };
  enum class outcome { opened, open_failed, written, synced, sync_failed, read, failed, closed };
  struct news {
    outcome what;
    std::size_t bytes = 0;
    file_facts facts = {};
    std::optional<error> why = {};
    std::vector<filled_block> blocks = {};
    bool is_end = false;
  };

  // File threads.
  void put(news what);
  void put_failure(outcome what, int number, std::string_view syscall);
  bool is_broken();

  // Loop's thread.
  void tell_one(news& what);
  void break_off();
  void deliver_read();
  chunk to_chunk(filled_block& filled);
  void read_ahead();
  void note_reading();

  kernel_backend& home_;
  const std::shared_ptr<report_inbox> inbox_;
  const std::shared_ptr<file_strand> strand_;
  file_events* events_;
  std::shared_ptr<kernel_file> self_;
  receive_window_ptr window_;
  std::size_t unwritten_bytes_ = 0;
  std::deque<filled_block> arrived_;
  std::optional<error> read_failure_; // behind what has arrived
  bool is_open_ = true;               // the owner has not closed it
  bool failure_told_ = false;
  reading reading_ = reading::off;
  bool read_is_over_ = false; // the end was found
  bool read_end_told_ = false;
  bool read_under_way_ = false;

  std::mutex mutex_;
  // Guarded by mutex_.
  send_queue unwritten_;
  std::weak_ptr<write_task> last_write_; // it takes more, until it has ended
  std::vector<news> news_;
  bool is_reported_ = false;
  bool broken_ = false;
};

} // namespace actornet::net
