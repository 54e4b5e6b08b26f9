// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "answers.hpp"
#include "arguments.hpp"
#include "command.hpp"
#include "far_ends.hpp"
#include "line_reader.hpp"
#include "open_files.hpp"
#include "printer.hpp"
#include "roster.hpp"

#include <actornet/actornet.hpp>

#include <caf/all.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace console {

/// Starts the endpoint that the arguments ask for. Answered with true, or with false when that
/// failed; what is to be said about it is said.
struct start {};
/// Time is up, or somebody pressed ^C: an orderly end.
struct end_orderly {};
/// `sleep` is over.
struct wake {};
/// The deadline of an orderly end.
struct destroy_rest {};
/// Nothing holds the process any more: lines that come are those that were given before. Who sleeps
/// is not waited for: what is behind him is dropped, unless one before him makes all go on.
struct last_lines {};
/// Asked then; answered with the exit status when everything is printed that has to be. After a
/// `ref` among those lines all goes on.
struct conclude {};
/// Nothing more is to be done.
struct retire {};

/// The owner of the listener and the handler of all connections: prints their events, turns lines
/// of input into commands for them, prints the answers. The only one that writes to standard
/// output.
///
/// Made to be spawned hidden: the endpoints hold the process, it does not.
class console : public caf::event_based_actor {
public:
  console(caf::actor_config& cfg, arguments chosen, printer out);

  const char* name() const override { return "actornet.console"; }

protected:
  caf::behavior make_behavior() override;

private:
  enum class phase : std::uint8_t { starting, running, last_lines, ending };

  // -- start and end -----------------------------------------------------------------------------
  bool start_endpoint();
  bool start(const actornet::listen_options& options);
  bool start(const actornet::connect_options& options);
  bool start(const actornet::udp_options& options);
  bool refuse_start(const actornet::error& why);
  void end_in_order();
  void stop_listener(std::chrono::milliseconds deadline, const answers::receiver& done);
  void end_connection();
  void begin_last_lines();
  void fence_answers();
  void conclude_if_answered();
  /// Of an endpoint that never came to life: also a sentence for people, and the status.
  void failed_at_start(const actornet::error& why);

  // -- events ------------------------------------------------------------------------------------
  void on(const actornet::listening& event);
  void on(const actornet::accepted& event);
  void on(const actornet::dropped& event);
  void on(const actornet::listener_failed& event);
  void on(const actornet::listener_closed& event);
  void on(const actornet::connected& event);
  void on(const actornet::data& event);
  void on(const actornet::text_data& event);
  /// Those to whom the reaction sends what `peer` has sent.
  std::vector<actornet::connection> receivers_of(const actornet::connection& peer) const;
  void on(const actornet::end& event);
  void on(const actornet::timeout& event);
  void on(const actornet::drain& event);
  void on(const actornet::failed& event);
  void on(const actornet::closed& event);
  void on(const actornet::udp_listening& event);
  void on(const actornet::udp_connected& event);
  void on(const actornet::datagram& event);
  actornet::destination answer_to(const actornet::datagram& event) const;
  void on(const actornet::send_failed& event);
  void on(const actornet::udp_failed& event);
  void on(const actornet::udp_drain& event);
  void on(const actornet::udp_closed& event);
  void on(const actornet::piped& event);
  void on(const actornet::unpiped& event);
  void on(const actornet::sink_closed& event);
  /// An event of a connection with its number.
  void print_event(std::string_view what, const actornet::connection& peer,
                   const json& fields = json::object());

  // -- input -------------------------------------------------------------------------------------
  void take(input_line line);
  void run_lines();
  void run(const input_line& line);
  void run(const command& given, const to_connection& what);
  void run(const command& given, const to_listener& what);
  void run(const command& given, const change_list& what);
  void run(const command& given, const to_udp& what);
  void run(const command& given, const show_help&);
  void run(const command& given, const hold_lines& what);
  void run(const command& given, const end_program&);
  void run(const command& given, const pipe_to_file& what);
  void run(const command& given, const write_file& what);
  void run(const command& given, const end_file& what);
  /// What follows from a command that is about to be sent, whatever is answered.
  void note(const actornet::connection& peer, const connection_message& message);
  void send_to_one(const command& given, roster::number number, const connection_message& message);
  void send_to_all(const command& given, const connection_message& message);
  void print_answer(const json& head, const outcome& got);
  /// `ask_all` gives each of `count` commands the receiver of its answer; then one is printed.
  template <class F> void gather(const json& head, std::size_t count, F&& ask_all);

  // -- pipes and files ---------------------------------------------------------------------------
  using file_use = std::function<void(const actornet::file_sink&, const answers::receiver&)>;
  /// The sink of a path, opened if there is none.
  std::optional<actornet::file_sink> file_at(const std::string& path,
                                             const actornet::connection& near, outcome& refused);
  /// `use` asks the sink of a path something, once an older one is closed; `done` has the answer.
  void with_file(const std::string& path, const actornet::connection& near,
                 const answers::receiver& done, file_use use, bool may_try_again = true);
  void close_unused(const std::string& path, const actornet::file_sink& sink);
  void pipe_one(const actornet::connection& peer, const pipe_to_file& what,
                const answers::receiver& done);
  void pipe_all(json head, const pipe_to_file& what);
  /// What the handlers `file` and `forward` do with a new connection.
  void connect_through(const actornet::connection& peer);
  void pipe_failed(const actornet::connection& peer, const outcome& got);
  /// Where bytes are piped to, as a field.
  json target_of(const actornet::sink& sink) const;

  // -- forwarding --------------------------------------------------------------------------------
  void forward(const actornet::connection& near);
  void pipe_through(const actornet::connection& near, const actornet::connection& far);
  void forward_failed(const actornet::connection& near, const actornet::error& why);
  void pass_end_on(const actornet::connection& peer);
  void end_far_end_of(const actornet::closed& near);
  void wind_down_far_ends(std::chrono::milliseconds deadline);
  /// Holds the process, or does not, as `near` is told to.
  void hold_far_end_of(const actornet::connection& near, const connection_message& message);

  const arguments arguments_;
  const printer out_;
  phase phase_ = phase::starting;
  int status_ = 0;

  actornet::listener listener_;
  actornet::connection_broker broker_; // the listener's
  actornet::set_access access_;        // as it has it
  actornet::udp_endpoint udp_;
  /// An address that needs no resolver is listened on already: `listening` is under way and is to
  /// be printed before the first answer.
  bool is_listening_due_ = false;
  /// The endpoint was alive: what fails later is not a failed start.
  bool was_established_ = false;
  /// An option wants the UDP endpoint connected, and it is not yet.
  bool is_connect_due_ = false;
  bool is_udp_connected_ = false;
  roster connections_;
  answers answers_;
  open_files files_;
  far_ends far_ends_;
  /// Those that were told as failed because their far end did.
  std::set<caf::actor_id> not_forwarded_;

  std::deque<input_line> lines_;
  /// What `sleep` answers when it is over; while there is one, lines wait.
  std::optional<json> sleeping_;
  caf::response_promise conclusion_;
  /// Who lives and was asked something last, so that what he was asked before is answered then.
  /// None: nobody was yet.
  std::optional<std::size_t> fences_due_;
};

/// The fields that every answer begins with.
json answer_head(const command& given);

template <class F> void console::gather(const json& head, std::size_t count, F&& ask_all) {
  if (count == 0)
    return print_answer(head, {});
  struct gathering {
    std::size_t due;
    std::optional<actornet::error> first_error;
  };
  const auto all = std::make_shared<gathering>(gathering{count, {}});
  ask_all([this, head, all](const outcome& got) {
    if (got.error && !all->first_error)
      all->first_error = got.error;
    if (--all->due == 0)
      print_answer(head, {json::object(), all->first_error});
  });
}

} // namespace console

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::start)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::end_orderly)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::destroy_rest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::last_lines)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::conclude)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::retire)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(console::input_line)
