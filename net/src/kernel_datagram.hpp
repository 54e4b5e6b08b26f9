// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "datagram_pace.hpp"
#include "datagram_queue.hpp"
#include "kernel_outbox.hpp"

#include <actornet/net/datagram_socket.hpp>

#include <optional>

namespace actornet::net {

class kernel_backend;

/// What the datagram sockets of all backends over the kernel have in common, which is nearly
/// everything: many datagrams go through one system call, so that it does not matter how a backend
/// makes its own. A backend tells when there is something to receive, room to send, or an error.
class kernel_datagram : public datagram_socket {
public:
  kernel_datagram(kernel_backend& home, opened_datagram opened, datagram_events& events);

  void set_events(datagram_events& events) final { events_ = &events; }

  void set_receive_window(receive_window_ptr window) final { window_ = std::move(window); }
  void set_coalescing(duration longest) final;
  void start_receiving() final;
  void stop_receiving() final;
  std::uint32_t kernel_drops() const noexcept final;

  void send(chunk bytes, const endpoint& destination, send_tag tag, const endpoint& source) final;
  void send(std::vector<chunk> pieces, const endpoint& destination, send_tag tag,
            const endpoint& source) final;
  std::size_t unsent_bytes() const noexcept final { return unsent_.bytes(); }
  std::size_t unsent_datagrams() const noexcept final { return unsent_.size(); }
  void finish() final;

  expected<void> bind(const endpoint& where) final;
  expected<void> connect(const endpoint& remote) final;
  expected<void> disconnect() final;
  expected<endpoint> local() const final;
  const endpoint& remote() const noexcept final { return remote_; }

  expected<void> join(const group_membership& what) final;
  expected<void> leave(const group_membership& what) final;

  expected<void> set(const datagram_settings& chosen) final;
  expected<std::size_t> send_buffer_bytes() const final;
  expected<std::size_t> receive_buffer_bytes() const final;
  expected<std::vector<std::byte>> get_option(int level, int name,
                                              std::size_t bytes_max) const final;

  /// It is time to look what came: in a turn.
  void look();

protected:
  ~kernel_datagram() = default;
  kernel_backend& kernel_home() const noexcept { return home_; }

  /// `receive_more` is to be called soon, in a turn.
  virtual void ask_to_receive() = 0;
  /// `send_some` is to be called with the next flush.
  virtual void ask_to_send() = 0;
  /// `room_came` is to be called when the kernel takes more; or not any longer.
  virtual void watch_room(bool wanted) = 0;
  /// `data_came` is to be called when something comes, as it is from the beginning; or not any
  /// longer. Wanted again, it is also to be called for what is there already.
  virtual void watch_data(bool wanted) = 0;

  // Called by the backend, where events may be told.

  /// Data, an error, or both: receiving tells which.
  void data_came();
  void receive_more();
  /// The kernel says that there is an error, while nobody receives it.
  void trouble_came();
  void room_came();
  void send_some();
  bool is_receiving() const noexcept { return receiving_; }

  /// For `close`: nothing is told any more.
  void let_go() noexcept {
    stop_looking();
    gone_ = true;
    receiving_ = false;
    unsent_.clear();
  }

  descriptor socket_;

private:
  enum class noticing { woken, looking };
  enum class sending { ready, blocked };
  enum class outcome { more, stopped };

  bool is_connected() const noexcept { return remote_.family() != address_family::none; }
  int refusal_of(const endpoint& destination) const noexcept;
  int refusal_of_source(const endpoint& source, const endpoint& destination) const;
  unsent_datagram& add(std::size_t bytes, const endpoint& destination, send_tag tag,
                       const endpoint& source);

  bool is_large() const noexcept;
  void note_size(bool was_large) noexcept;
  void note_look(int messages, int messages_max);
  void choose_how_to_notice();
  void stop_looking() noexcept;
  void tell_batch(int messages);
  void tell_error(int number, std::string_view syscall);

  outcome send_once();
  outcome sent(const kernel_outbox& what, std::size_t messages);
  outcome send_refused(int number, std::size_t datagrams);
  outcome fail_first(int number);
  void learn_about_segments() noexcept;
  void wait_for_room();
  void tell_that_all_left();

  void part_from_peer();
  void keep_port(const endpoint& before);

  kernel_backend& home_;
  datagram_events* events_;
  const address_family family_;
  const bool has_control_;
  const bool receive_offload_;
  endpoint remote_;
  endpoint bound_; // before it was connected
  receive_window_ptr window_;
  datagram_pace pace_;
  std::size_t buffer_bytes_ = 0; // of the receive buffer
  datagram_queue unsent_;
  segmentation segments_;
  std::optional<int> suspect_;    // errno of a run, while its datagrams leave one by one
  std::optional<int> pending_;    // errno that may have been of something sent before
  std::size_t suspect_bytes_ = 0; // the size of those
  int small_batches_ = 0;         // in a row, while receiving the large way
  bool large_ = false;
  bool gone_ = false;
  bool receiving_ = false;
  bool readable_ = false; // data came and recvmmsg(2) has not drained it
  bool finishing_ = false;
  bool was_blocked_ = false; // and `on_room` is yet to be told
  noticing noticing_ = noticing::woken;
  sending sending_ = sending::ready;
};

} // namespace actornet::net
