// SPDX-License-Identifier: BSD-3-Clause
#include "backend.hpp"

#include "file.hpp"
#include "listener.hpp"
#include "lookup.hpp"
#include "pump.hpp"
#include "stream.hpp"
#include "unix_mode.hpp"

#include <cerrno>
#include <utility>

namespace actornet::net::simulation {

namespace {

error wrong_kind(int number, std::string_view syscall, std::string_view sentence) {
  auto why = error::system(number, syscall);
  why.detail = sentence;
  return why;
}

} // namespace

backend::backend(kernel& home) : home_(home), now_(home.time().now()) { home_.add(*this); }

backend::~backend() { home_.remove(*this); }

// -- turns ----------------------------------------------------------------------------------------

void backend::flush() {
  for (auto& each : std::exchange(to_flush_, {})) {
    each->awaits_flush = false;
    if (!each->closed)
      each->on_flush();
  }
}

// It never waits: nothing can happen until somebody advances the clock, and that is this thread.
void backend::poll(std::optional<instant>) {
  flush();
  woken_.store(false, std::memory_order_release);
  home_.time().advance_to(home_.time().now());
  now_ = home_.time().now();
  for (auto& each : std::exchange(next_turn_, {})) {
    each->awaits_turn = false;
    if (!each->closed)
      each->on_turn();
  }
}

void backend::call_next_turn(source& what) {
  if (!std::exchange(what.awaits_turn, true))
    next_turn_.push_back(what.shared_from_this());
}

void backend::call_at_flush(source& what) {
  if (!std::exchange(what.awaits_flush, true))
    to_flush_.push_back(what.shared_from_this());
}

bool backend::has_work() const noexcept {
  return woken_.load(std::memory_order_acquire) || !next_turn_.empty() || !to_flush_.empty();
}

// -- operations -----------------------------------------------------------------------------------

expected<opened_listener> backend::open_listener(const endpoint& where,
                                                 const listen_options& chosen) {
  if (auto fits = check_unix_mode(where, chosen); !fits)
    return fail(fits.error());
  if (home_.descriptors().is_full())
    return fail(error::system(EMFILE, "socket", where));
  auto made = home_.listen(where, chosen);
  if (!made)
    return fail(made.error());
  auto local = (*made)->local();
  return opened_listener{home_.open(std::move(*made)), std::move(local), {}};
}

expected<opened_listener> backend::adopt_listener(int number, const listen_options& chosen) {
  if (auto fits = check_unix_mode({}, chosen); !fits)
    return fail(fits.error());
  if (!home_.descriptors().has(number))
    return fail(error::system(EBADF, "getsockopt"));
  auto listener = home_.descriptors().listener(number);
  if (!listener)
    return fail(wrong_kind(EINVAL, "listen", "the descriptor is neither bound nor listening"));
  return opened_listener{home_.owner_of(number), listener->local(), {}};
}

expected<accepted_stream> backend::adopt_stream(int number) {
  if (!home_.descriptors().has(number))
    return fail(error::system(EBADF, "getsockopt"));
  auto end = home_.descriptors().stream(number);
  if (!end)
    return fail(
        wrong_kind(EINVAL, "getpeername", "the descriptor listens, it is not a connection"));
  return accepted_stream{home_.owner_of(number), end->local(), end->remote()};
}

expected<listen_socket_ptr> backend::add_listener(opened_listener opened, listen_events& events) {
  auto end = home_.descriptors().listener(opened.socket.number());
  if (!end)
    return fail(error::system(ENOTSOCK, "getsockopt"));
  auto made = std::make_shared<listener>(*this, std::move(opened.socket), std::move(end), events);
  made->own_itself();
  return listen_socket_ptr(made.get());
}

expected<stream_socket_ptr> backend::add_stream(descriptor socket, const socket_options& chosen,
                                                stream_events& events) {
  auto end = home_.descriptors().stream(socket.number());
  if (!end)
    return fail(error::system(ENOTSOCK, "getsockopt"));
  auto made = std::make_shared<stream>(*this, events);
  made->own_itself();
  made->begin_connected(std::move(socket), std::move(end), chosen);
  return stream_socket_ptr(made.get());
}

stream_socket_ptr backend::connect(const endpoint& remote, const connect_options& chosen,
                                   stream_events& events) {
  auto made = std::make_shared<stream>(*this, events);
  made->own_itself();
  made->begin_connect(remote, chosen);
  return stream_socket_ptr(made.get());
}

name_lookup_ptr backend::look_up(name_query query, name_lookup_events& events) {
  auto made = std::make_shared<lookup>(*this, events);
  made->own_itself();
  made->begin(query);
  return name_lookup_ptr(made.get());
}

file_ptr backend::open_file(std::string path, const file_options& chosen, file_events& events) {
  auto end = std::make_shared<file_end>(home_, std::move(path), chosen);
  auto made = std::make_shared<file>(*this, std::move(end), events);
  made->own_itself();
  made->begin();
  return file_ptr(made.get());
}

// -- pumps ----------------------------------------------------------------------------------------

template <class From, class To>
expected<pump_ptr> backend::begin_pump(int trouble, From&& from, To&& to, pump_events& events) {
  if (trouble == 0 && home_.descriptors().is_full())
    trouble = EMFILE;
  if (trouble == 0 && home_.files().refuses_pumps())
    trouble = EOPNOTSUPP;
  if (trouble != 0)
    return fail(error::system(trouble, "splice"));
  auto made = std::make_shared<pump>(*this, events);
  made->own_itself();
  made->write_to(std::forward<To>(to));
  made->read_from(std::forward<From>(from));
  return pump_ptr(made.get());
}

int backend::why_not_from(const stream* from) const noexcept {
  if (from == nullptr || !from->is_of(*this))
    return EXDEV;
  if (!from->is_connected())
    return ENOTCONN;
  return from->may_tap_receiving() ? 0 : EBUSY;
}

int backend::why_not_to(const stream* to) const noexcept {
  if (to == nullptr || !to->is_of(*this))
    return EXDEV;
  if (!to->is_connected())
    return ENOTCONN;
  return to->may_tap_sending() ? 0 : EBUSY;
}

expected<pump_ptr> backend::start_pump(stream_socket& from, opened_file_ptr to,
                                       pump_events& events) {
  auto* source = dynamic_cast<stream*>(&from);
  auto sink = std::dynamic_pointer_cast<file_end>(to);
  auto trouble = why_not_from(source);
  if (trouble == 0)
    trouble = sink ? sink->why_no_pump_into() : EXDEV;
  return begin_pump(trouble, source, std::move(sink), events);
}

expected<pump_ptr> backend::start_pump(stream_socket& from, stream_socket& to,
                                       pump_events& events) {
  auto* source = dynamic_cast<stream*>(&from);
  auto* sink = dynamic_cast<stream*>(&to);
  auto trouble = why_not_from(source);
  if (trouble == 0)
    trouble = why_not_to(sink);
  return begin_pump(trouble, source, sink, events);
}

expected<pump_ptr> backend::start_pump(opened_file_ptr from, stream_socket& to,
                                       pump_events& events) {
  auto source = std::dynamic_pointer_cast<file_end>(from);
  auto* sink = dynamic_cast<stream*>(&to);
  auto trouble = source ? source->why_no_pump_out_of() : EXDEV;
  if (trouble == 0)
    trouble = why_not_to(sink);
  return begin_pump(trouble, std::move(source), sink, events);
}

} // namespace actornet::net::simulation
