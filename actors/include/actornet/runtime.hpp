// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/broker_options.hpp>
#include <actornet/file_options.hpp>
#include <actornet/handler.hpp>
#include <actornet/handles.hpp>
#include <actornet/options.hpp>
#include <actornet/udp_options.hpp>

#include <actornet/net/expected.hpp>
#include <actornet/net/io_backend.hpp>
#include <actornet/net/receive_budget.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace actornet {

using net::expected;

class io_loop;
class log_sink;

/// The network of an actor system: a CAF module with N I/O loops, each a thread with its own
/// backend.
///
///     caf::actor_system_config cfg;
///     cfg.load<actornet::runtime>();   // or: CAF_MAIN(actornet::runtime)
///     caf::actor_system system{cfg};
///     actornet::runtime::from(system).listen({.address = "tcp://*:8080"}, handler);
///
/// Configuration: `actornet.loops` (default: one per core), `actornet.backend` (`auto`,
/// `uring` or `epoll`; `auto` takes io_uring where it works, and says on standard error why not; a
/// program that asks for what this machine does not have ends with a line and status 1),
/// `actornet.delivery`, `actornet.handler_budget_ms`, `actornet.resolve_timeout_ms`,
/// `actornet.busy_poll_us`, `actornet.receive_budget_bytes`; see <actornet/config.hpp>.
///
/// All functions may be called on any thread, from actors too; none blocks. The actor system ends
/// when its actors are done: listeners and connections count among them unless they are
/// unreferenced. What is open when the system ends is closed.
class runtime : public caf::actor_system::module {
public:
  /// The loaded runtime. Aborts with a sentence when it was not loaded: a programming mistake.
  static runtime& from(caf::actor_system& system);

  /// Spawns a listener. A numeric address is bound and listening on return (and refused as the
  /// kernel refuses it); for a name the owner is told `listening` or `listener_failed` later.
  expected<listener> listen(listen_options chosen, handler made);

  /// Spawns a connection that connects; `connected` or `failed` tells what came of it. Commands
  /// may be sent at once. Fails only for options that make no sense, and for a bad `fd:`.
  expected<connection> connect(connect_options chosen, handler made);

  /// Spawns a UDP endpoint. An address is bound on return (and refused as the kernel refuses it);
  /// `udp_listening` tells it, too. What else the options say is done before that event, but for
  /// `connect_to`. Commands may be sent at once.
  expected<udp_endpoint> open_udp(udp_options chosen, udp_handler made);

  /// Spawns a sink that writes a file: bytes that any actor sends it (`write`), and those of any
  /// number of sources that are piped to it (`pipe`). Commands may be sent at once; `sink_opened`
  /// or `sink_failed` tells the owner what came of it, and `sink_closed` is the last event. Fails
  /// only for options that make no sense. It lives on the caller's loop, or else on the next, if
  /// the options do not say where.
  expected<file_sink> open_sink(sink_options chosen, caf::actor owner = nullptr);

  /// Spawns a source that reads a file as fast as what it is piped to takes bytes, and not before
  /// it is. The owner hears `source_opened`, `source_unpiped`, and at last `source_closed`.
  expected<file_source> open_source(source_options chosen, caf::actor owner = nullptr);

  /// Spawns a connection broker, which guards the listeners that are told so
  /// (`listen_options::broker`). It lives as long as the program or one of them refers to it, does
  /// not keep its owner alive, and the actor system does not wait for it. Fails for more prefix
  /// bits than addresses have.
  expected<connection_broker> make_broker(broker_options chosen);

  /// Stops all listeners as `stop` does, and has the connections that nobody listened for wind down
  /// in the same way; those that are connecting end at once. `whom` is told `drain_progress`, and
  /// at the end, once, `stopped`, with the sums; it may be null. What is opened from now on is not
  /// stopped.
  void stop_all(const struct stop& how, const caf::actor& whom);

  /// Spawns an ordinary actor that lives on an I/O loop: on the caller's, when called on one (by a
  /// handler, say), else on the next in turn. A hub, for example, that is the handler of many
  /// connections of one loop: no thread lies between it and them.
  ///
  /// It runs there whoever sends to it, so it must not block or compute for long. It drops events
  /// that it has no case for. In all else it is as if spawned by the actor system: that waits for
  /// it, and it ends when it quits, fails, or nobody refers to it any more. `made` is called on the
  /// loop, in a later turn; one that throws has the actor fail.
  caf::actor spawn_on_loop(std::function<caf::behavior(caf::event_based_actor*)> made);

  std::size_t loop_count() const noexcept { return loops_.size(); }
  /// "uring", "epoll", "simulated", ...
  std::string_view backend_name() const noexcept;

  // -- what people should know -------------------------------------------------------------------

  /// Gives the runtime's few lines for people to `line`, on whatever thread they arise, one at a
  /// time; it must not throw, block, or call `on_log`. Null: to standard error, each behind
  /// "actornet: ", as it is from the start. Lines do not end in a newline.
  ///
  /// One tells that a turn of a handler held up its loop for longer than
  /// `actornet.handler_budget_ms`, another that a message came to an actor of ours which has no
  /// case for it; each at most once a second and loop, with the number of those it stands for.
  void on_log(std::function<void(std::string_view)> line);

  /// How many turns of handlers have held up their loops for too long.
  std::uint64_t slow_handlers() const noexcept;

  /// Of all connections together: the received bytes (of memory) that somebody still refers to.
  /// Counted only if there is a limit, `actornet.receive_budget_bytes`; else 0.
  std::size_t received_bytes_held() const noexcept;

  // -- for tests: loops that are driven by hand --------------------------------------------------

  using make_backend = std::function<std::unique_ptr<net::io_backend>()>;

  /// A runtime without threads: `turn` runs its loops on the caller's. See <actornet/testkit.hpp>.
  runtime(caf::actor_system& system, std::size_t loops, const make_backend& make,
          delivery events = delivery::in_place, std::size_t receive_budget_bytes = 0);
  /// One turn of each loop, without waiting; true if anything was done. Only without threads.
  bool turn();
  /// When a timer of a loop will next be due. Only without threads.
  std::optional<net::instant> next_timer() const;

  // -- caf::actor_system::module -----------------------------------------------------------------

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>);
  explicit runtime(caf::actor_system& system);
  ~runtime() override;
  void init(caf::actor_system_config& cfg) override;
  void start() override;
  void stop() override;
  id_t id() const override;
  void* subtype_ptr() override;

private:
  io_loop& next_loop();
  io_loop& nearest_loop();
  io_loop& loop_near(const connection& other);

  caf::actor_system& system_;
  std::shared_ptr<net::receive_budget> receive_budget_; // null: no limit
  std::unique_ptr<log_sink> log_;                       // before the loops, which refer to it
  std::vector<std::unique_ptr<io_loop>> loops_;
  // Any thread takes the next number; loops are served in turn.
  std::atomic<std::size_t> next_loop_{0};
  bool driven_by_hand_ = false;
};

} // namespace actornet
