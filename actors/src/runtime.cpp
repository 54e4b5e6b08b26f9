// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/runtime.hpp>

#include "broker_actor.hpp"
#include "chosen_backend.hpp"
#include "configured.hpp"
#include "connection_actor.hpp"
#include "file_sink_actor.hpp"
#include "file_source_actor.hpp"
#include "io_loop.hpp"
#include "listener_actor.hpp"
#include "log_sink.hpp"
#include "loop_function.hpp"
#include "message_types.hpp"
#include "open_listeners.hpp"
#include "stop_round.hpp"
#include "udp_actor.hpp"
#include "unhandled_events.hpp"

#include <actornet/messages.hpp>

#include <actornet/net/address.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <utility>

namespace actornet {

namespace {

using net::address;
using net::fail;
using net::scheme;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "actornet: %s\n", why.c_str());
  std::abort();
}

std::shared_ptr<net::receive_budget> budget_of(std::size_t bytes_max) {
  return bytes_max > 0 ? std::make_shared<net::receive_budget>(bytes_max) : nullptr;
}

expected<void> check_path(const std::string& path) {
  if (path.empty() || path.find('\0') != path.npos)
    return fail(error::invalid("'" + path + "' is no path of a file"));
  return {};
}

expected<address> parse_stream_address(std::string_view text) {
  auto parsed = address::parse(text);
  if (parsed && (parsed->use == scheme::udp4 || parsed->use == scheme::udp6))
    return fail(error::invalid("'" + std::string(text) +
                               "' is for datagrams; streams begin with tcp://, unix: or fd:"));
  return parsed;
}

listener_actor& actor_of(const listener& handle) {
  return *static_cast<listener_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

connection_actor& actor_of(const connection& handle) {
  return *static_cast<connection_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

udp_actor& actor_of(const udp_endpoint& handle) {
  return *static_cast<udp_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

} // namespace

// -- module ---------------------------------------------------------------------------------------

caf::actor_system::module* runtime::make(caf::actor_system& system, caf::detail::type_list<>) {
  return new runtime(system);
}

runtime& runtime::from(caf::actor_system& system) {
  if (!system.has_network_manager())
    give_up("not loaded: cfg.load<actornet::runtime>() or CAF_MAIN(actornet::runtime) does that");
  // CAF keeps a slot for a module that it does not have, under a type that it does not define; what
  // it hands out is what our `subtype_ptr` returned.
  return reinterpret_cast<runtime&>(system.network_manager());
}

runtime::runtime(caf::actor_system& system) : system_(system), log_(std::make_unique<log_sink>()) {}

runtime::runtime(caf::actor_system& system, std::size_t loops, const make_backend& make,
                 delivery events, std::size_t receive_budget_bytes)
    : system_(system), log_(std::make_unique<log_sink>()), driven_by_hand_(true) {
  // Its time is not the time that handlers take.
  receive_budget_ = budget_of(receive_budget_bytes);
  loop_settings settings{
      .events = events, .handler_budget = std::chrono::milliseconds(0), .budget = receive_budget_};
  for (std::size_t i = 0; i < loops; ++i)
    loops_.push_back(std::make_unique<io_loop>(system, make(), settings, *log_));
}

runtime::~runtime() = default;

void runtime::init(caf::actor_system_config& cfg) { make_messages_known(cfg); }

void runtime::start() {
  if (driven_by_hand_)
    return;
  auto options = read_options(system_.config());
  if (!options)
    give_up(options.error().detail);
  receive_budget_ = options->of_each.budget;
  chosen_backend backends(options->backend, [this](std::string_view why) { log_->line(why); });
  for (std::size_t i = 0; i < options->loops; ++i) {
    auto made = backends.make();
    if (!made) {
      // CAF's actor system cannot be told: it has threads already, and takes no exception.
      log_->line("no I/O backend: " + to_string(made.error()));
      std::_Exit(EXIT_FAILURE);
    }
    loops_.push_back(std::make_unique<io_loop>(system_, std::move(*made), options->of_each, *log_));
  }
  for (std::size_t i = 0; i < loops_.size(); ++i)
    loops_[i]->start_thread(i);
}

void runtime::stop() {
  for (auto& each : loops_)
    each->shut_down();
}

caf::actor_system::module::id_t runtime::id() const { return network_manager; }

void* runtime::subtype_ptr() { return this; }

// -- loops ----------------------------------------------------------------------------------------

io_loop& runtime::next_loop() {
  return *loops_[next_loop_.fetch_add(1, std::memory_order_relaxed) % loops_.size()];
}

// A connection that a handler opens lives with that handler: what goes between them stays on the
// loop.
io_loop& runtime::nearest_loop() {
  auto* here = io_loop::current();
  for (auto& each : loops_)
    if (each.get() == here)
      return *here;
  return next_loop();
}

// Of another node, or another system, there is no loop here.
io_loop& runtime::loop_near(const connection& other) {
  auto* found =
      other ? dynamic_cast<endpoint_actor*>(caf::actor_cast<caf::abstract_actor*>(other)) : nullptr;
  if (found != nullptr)
    for (auto& each : loops_)
      if (found->is_at_home_on(*each))
        return *each;
  return nearest_loop();
}

std::string_view runtime::backend_name() const noexcept { return loops_.front()->backend().name(); }

bool runtime::turn() {
  bool did = false;
  for (auto& each : loops_)
    did = each->turn_by_hand() || did;
  // What one loop was told last may have become work for another.
  for (auto& each : loops_)
    did = each->inbox()->has_items() || did;
  return did;
}

std::optional<net::instant> runtime::next_timer() const {
  std::optional<net::instant> first;
  for (const auto& each : loops_)
    if (auto next = each->timers().next(); next && (!first || *next < *first))
      first = next;
  return first;
}

// -- what people should know ----------------------------------------------------------------------

void runtime::on_log(std::function<void(std::string_view)> line) { log_->replace(std::move(line)); }

std::uint64_t runtime::slow_handlers() const noexcept {
  std::uint64_t result = 0;
  for (const auto& each : loops_)
    result += each->slow_handlers();
  return result;
}

std::size_t runtime::received_bytes_held() const noexcept {
  return receive_budget_ ? receive_budget_->bytes_held() : 0;
}

// -- actors and endpoints -------------------------------------------------------------------------

caf::actor runtime::spawn_on_loop(std::function<caf::behavior(caf::event_based_actor*)> made) {
  return loop_function::spawn(nearest_loop(), std::move(made));
}

expected<file_sink> runtime::open_sink(sink_options chosen, caf::actor owner) {
  if (auto checked = check_path(chosen.path); !checked)
    return fail(checked.error());
  auto& home = loop_near(std::exchange(chosen.near, {}));
  auto result = file_sink_actor::spawn(home, std::move(chosen), std::move(owner));
  home.put(task([result] {
    static_cast<file_sink_actor*>(caf::actor_cast<caf::abstract_actor*>(result))->start();
  }));
  return result;
}

expected<file_source> runtime::open_source(source_options chosen, caf::actor owner) {
  if (auto checked = check_path(chosen.path); !checked)
    return fail(checked.error());
  auto& home = loop_near(std::exchange(chosen.near, {}));
  auto result = file_source_actor::spawn(home, std::move(chosen), std::move(owner));
  home.put(task([result] {
    static_cast<file_source_actor*>(caf::actor_cast<caf::abstract_actor*>(result))->start();
  }));
  return result;
}

expected<connection_broker> runtime::make_broker(broker_options chosen) {
  if (chosen.prefix_bits_ipv4 > 32 || chosen.prefix_bits_ipv6 > 128)
    return fail(error::invalid("a prefix has at most 32 bits (IPv4), or 128 (IPv6)"));
  return broker_actor::spawn(nearest_loop(), std::move(chosen));
}

// Each loop says on its own thread whom it has; the last to do so begins.
void runtime::stop_all(const struct stop& how, const caf::actor& whom) {
  struct gathering {
    std::mutex mutex;
    stop_list all;
    std::size_t due;
  };
  if (whom)
    drop_unhandled_events(whom);
  auto gathered = std::make_shared<gathering>();
  gathered->due = loops_.size();
  for (auto& each : loops_)
    each->put(task([gathered, how, whom, loop = each.get()] {
      {
        std::lock_guard lock(gathered->mutex);
        loop->collect_for_stop(gathered->all);
        if (--gathered->due > 0)
          return;
      }
      stop_round::begin(*loop, std::move(gathered->all), how, {nullptr, whom},
                        [whom](stopped report) {
                          if (whom)
                            caf::anon_send(whom, report);
                        });
    }));
}

expected<listener> runtime::listen(listen_options chosen, handler made) {
  auto where = parse_stream_address(chosen.address);
  if (!where)
    return fail(where.error());
  if (chosen.broker && !broker_actor::admission_of(chosen.broker, system_))
    return fail(error::invalid("the broker of a listener has to be one of its own actor system"));
  if (chosen.abort.stop_requested())
    return fail(error::of(trouble::aborted, "listen", "aborted by the program"));
  auto& home = next_loop();
  auto socket_options = listener_actor::socket_options(chosen);
  auto spawn = [&] {
    return listener_actor::spawn(home, std::move(chosen), std::move(made),
                                 [this]() -> io_loop& { return next_loop(); });
  };
  if (!needs_no_resolver(*where)) {
    auto result = spawn();
    home.put(task([result, name = *where] { actor_of(result).start_resolving(name); }));
    return result;
  }
  auto opened = open_listeners(home.backend(), *where, socket_options);
  if (!opened)
    return fail(opened.error());
  auto result = spawn();
  auto carried = std::make_shared<opened_listeners>(std::move(*opened));
  home.put(task([result, carried] { actor_of(result).start_listening(std::move(*carried)); }));
  return result;
}

expected<connection> runtime::connect(connect_options chosen, handler made) {
  auto to = parse_stream_address(chosen.address);
  if (!to)
    return fail(to.error());
  if (to->host == "*")
    return fail(error::invalid("'*' is an address to listen on, not to connect to"));
  auto settings = std::make_shared<connection_settings>(chosen, std::move(made));
  settings->abort = chosen.abort;
  endpoint from_here;
  if (!chosen.from.empty()) {
    auto from = parse_stream_address(chosen.from);
    if (!from)
      return fail(from.error());
    auto numeric = from->numeric();
    if (!numeric)
      return fail(
          error::invalid("the address to connect from must be numeric: '" + chosen.from + "'"));
    from_here = *numeric;
  }
  auto& home = loop_near(chosen.near);
  if (to->use != scheme::descriptor) {
    connect_plan plan{.to = std::move(*to),
                      .family = chosen.family,
                      .timeout = chosen.connect_timeout,
                      .attempt_delay = chosen.attempt_delay,
                      .how = {settings->socket, from_here},
                      .deny = chosen.deny};
    auto result = connection_actor::spawn(home, std::move(settings), !chosen.unreferenced);
    home.put(task([result, plan] { actor_of(result).start_connecting(plan); }));
    return result;
  }
  auto adopted = home.backend().adopt_stream(to->descriptor);
  if (!adopted)
    return fail(adopted.error());
  auto result = connection_actor::spawn(home, std::move(settings), !chosen.unreferenced);
  auto carried = std::make_shared<net::accepted_stream>(std::move(*adopted));
  home.put(task([result, carried] { actor_of(result).start_accepted(std::move(*carried)); }));
  return result;
}

expected<udp_endpoint> runtime::open_udp(udp_options chosen, udp_handler made) {
  auto where = address::parse(chosen.address);
  if (!where)
    return fail(where.error());
  const bool is_adopted = where->use == scheme::descriptor;
  if (!is_adopted && where->use != scheme::udp4 && where->use != scheme::udp6)
    return fail(error::invalid("'" + chosen.address +
                               "' is for streams; datagrams begin with udp4:, udp6: or fd:"));
  if (chosen.abort.stop_requested())
    return fail(error::of(trouble::aborted, "bind", "aborted by the program"));
  auto how = udp_actor::socket_options(chosen, *where);
  if (!how)
    return fail(how.error());
  auto& home = nearest_loop();
  auto opened = is_adopted ? home.backend().adopt_datagram(where->descriptor, *how)
                           : home.backend().open_datagram(*how);
  if (!opened)
    return fail(opened.error());
  auto result = udp_actor::spawn(home, std::move(chosen), std::move(made));
  auto carried = std::make_shared<net::opened_datagram>(std::move(*opened));
  home.put(task([result, carried] { actor_of(result).start(std::move(*carried)); }));
  return result;
}

} // namespace actornet
