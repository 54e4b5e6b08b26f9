// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/descriptor.hpp>
#include <actornet/net/io_backend.hpp>
#include <actornet/net/simulated_datagram_peer.hpp>
#include <actornet/net/simulated_peer.hpp>
#include <actornet/net/simulated_peer_listener.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace actornet::net {

namespace simulation {
class kernel;
}

/// A network in memory with a virtual clock, for tests of whatever stands on an I/O backend.
///
/// Everything that chance decides (latency, segments, partial receives and sends) follows from the
/// seed: same seed and same calls, same run. Time passes only in `advance_to` and `step`; a
/// backend's `poll` tells what is due by now and never waits. A test therefore turns a crank:
///
///     simulated_network network({.seed = 7});
///     auto backend = network.make_backend();
///     ... open a listener on `backend`, start to accept ...
///     auto client = network.peer_connects(endpoint::loopback_ipv4(80));
///     client.sends("abc");
///     do
///       backend->poll(backend->now());
///     while (network.step());
///
/// What it keeps of TCP: bytes arrive in order and before the FIN or RST that was sent after them;
/// half close; back-pressure through send and receive buffers; RST for bytes that reach a closed
/// socket, and from a socket that is closed with bytes unread; a reset socket still hands out what
/// arrived. What it leaves out: loss and retransmission (a stream does not show them), TIME_WAIT,
/// routes (every address belongs to everybody), and, for unix sockets, files and credentials.
///
/// What it keeps of UDP: datagrams are lost, doubled and overtake each other by chance; those of
/// one sender do not overtake otherwise. A receive buffer that is full drops and counts. "Port
/// unreachable" comes back to sockets that are connected. Broadcast (255.255.255.255,
/// 127.255.255.255, 192.0.2.255) and multicast reach all who should hear them, each backend and
/// each peer being a host with the interfaces lo (1) and eth0 (2: 192.0.2.1, 2001:db8::1).
///
/// One thread, that which turns the crank, also where `io_backend` allows any; only
/// `io_backend::wake` may be called from others. Backends, sockets and descriptors must be gone
/// before the network.
class simulated_network final : public descriptor_home {
public:
  struct options {
    std::uint64_t seed = 1;
    /// Each segment takes a time of its own between these; segments of one stream never overtake.
    duration latency_min = std::chrono::microseconds(20);
    duration latency_max = std::chrono::microseconds(500);
    std::size_t segment_bytes_max = 1460;
    /// How often a receive gets less than is there, and a send less than there is room for: 0 to 1.
    double partial_receive_chance = 0.1;
    double partial_send_chance = 0.1;
    /// What the kernel takes from a sender, and keeps for a receiver, until a sender has to wait.
    std::size_t send_buffer_bytes = 64 * 1024;
    std::size_t receive_buffer_bytes = 64 * 1024;
    /// What becomes of a datagram: 0 to 1.
    double datagram_loss_chance = 0;
    double datagram_duplicate_chance = 0;
    /// Chance that one may overtake those before it.
    double datagram_reorder_chance = 0;
    /// What a datagram socket keeps until it is received, 512 bytes beside each datagram included.
    std::size_t datagram_buffer_bytes = 208 * 1024;
    /// Open descriptors of all backends together; more is EMFILE, and clients are shed.
    std::size_t descriptors_max = 65536;
    /// Keep the lines of the trace, not only their hash.
    bool keep_trace = false;
  };

  simulated_network();
  explicit simulated_network(options chosen);
  ~simulated_network();
  simulated_network(const simulated_network&) = delete;
  simulated_network& operator=(const simulated_network&) = delete;

  /// A loop's door to this network; any number of them.
  std::unique_ptr<io_backend> make_backend();

  // -- time ---------------------------------------------------------------------------------------

  instant now() const noexcept;
  /// When something happens next: `now()` if a backend has something to tell already (poll it),
  /// none if nothing will ever happen by itself.
  std::optional<instant> next_event() const;
  /// Lets happen, in order, what is due until then. Not into the past.
  void advance_to(instant when);
  /// Advances to the next event. False if there is none.
  bool step();

  // -- peers: clients and servers without a backend -----------------------------------------------

  /// A client. It may be told to send at once; that waits for the connection.
  simulated_peer peer_connects(const endpoint& remote, const endpoint& from = {});
  /// A server that accepts everybody. Port 0 chooses one.
  expected<simulated_peer_listener> peer_listens(const endpoint& where,
                                                 const listen_options& chosen = {});

  /// A datagram socket of somebody else. Errors are those of `io_backend::open_datagram`.
  expected<simulated_datagram_peer> peer_opens(const datagram_options& chosen);

  // -- things that go wrong -----------------------------------------------------------------------

  // A rule holds until it is taken back. `remote` with port 0 means every port of that address.

  /// ECONNREFUSED after a round trip, whether somebody listens or not.
  void refuse_connects(const endpoint& remote);
  /// Never answered.
  void hang_connects(const endpoint& remote);
  /// Any other errno (EHOSTUNREACH, ETIMEDOUT, ...) after a round trip.
  void fail_connects(const endpoint& remote, int number);
  /// Takes back the three above.
  void allow_connects(const endpoint& remote);

  /// EADDRNOTAVAIL, EACCES, ... for who wants to listen, or to bind a datagram socket, there.
  void fail_listens(const endpoint& where, int number);
  void allow_listens(const endpoint& where);
  /// The next accept on the listener bound to `listener` fails; told once for each call of this. A
  /// want of descriptors (EMFILE, ENFILE) is as if none were held in reserve: nobody is shed.
  void fail_next_accept(const endpoint& listener, int number);
  /// Any errno (ENETUNREACH, EHOSTUNREACH, EPERM, ...) for each datagram that is sent there, and
  /// for who wants to connect a datagram socket to there.
  void fail_sends(const endpoint& remote, int number);
  void allow_sends(const endpoint& remote);
  /// From now on, at most so many open descriptors.
  void limit_descriptors(std::size_t most);

  /// Breaks a connection, for both ends, once `after_bytes` more have arrived at the end that calls
  /// itself `local` and the other `remote`; with 0 at once. False if there is no such connection.
  bool reset_stream(const endpoint& local, const endpoint& remote, std::size_t after_bytes = 0);

  // -- names: "localhost" and numeric hosts are known; others are ENOTFOUND -----------------------

  /// The ports of `addresses` do not matter.
  void add_host(std::string name, std::vector<endpoint> addresses, duration delay = {});
  /// `code` as in `error::resolver_code`: "ENOTFOUND", "EAI_AGAIN", ...
  void fail_name(std::string name, std::string code, duration delay = {});
  /// Never answered.
  void silence_name(std::string name);

  // -- files: in memory, by path. There are no directories: any path is a file's ------------------

  /// Makes a file, or puts `bytes` in the place of what is in it.
  void put_file(const std::string& path, std::string bytes);
  /// After that its path is free; whoever has it open goes on with it.
  void remove_file(const std::string& path);
  /// None if there is no such file.
  std::optional<std::string> file_bytes(const std::string& path) const;
  /// How much of it the last `sync` made durable.
  std::size_t synced_bytes(const std::string& path) const;

  /// EACCES, EISDIR, EROFS, ... for who opens it, until it is taken back.
  void fail_opens(const std::string& path, int number);
  void allow_opens(const std::string& path);
  /// After `calls_before` more calls that read, write or sync the file, which is made if need be,
  /// one fails: EIO, EDQUOT, ...
  void fail_file(const std::string& path, int number, std::size_t calls_before = 0);
  /// Files grow by so many bytes more, all together; then it is ENOSPC, behind what had room.
  void limit_disk(std::size_t bytes);
  /// Calls on the file, which is made if need be, do not return until it goes on.
  void hang_file(const std::string& path);
  void continue_file(const std::string& path);
  /// Every pump, as by a kernel that has none.
  void refuse_pumps(bool refused);

  // -- looking on ---------------------------------------------------------------------------------

  /// What was set on the end that calls itself `local` and the other `remote`.
  std::optional<socket_options> settings_of(const endpoint& local, const endpoint& remote) const;

  /// For tests of leaks. Peers have none.
  std::size_t open_descriptors() const noexcept;
  /// Of everything that happened so far: equal for equal runs.
  std::uint64_t trace_hash() const noexcept;
  /// One line per happening, with its time; empty without `keep_trace`.
  const std::vector<std::string>& trace() const noexcept;

  void close_descriptor(int number) noexcept override;

private:
  std::unique_ptr<simulation::kernel> kernel_;
};

} // namespace actornet::net
