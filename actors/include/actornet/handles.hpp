// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

/// The statically typed handles of endpoints: a command that an endpoint does not know is an error
/// of the compiler. Handles are cheap to copy, may be sent in messages, and keep the actor (not the
/// connection) alive.
namespace actornet {

struct write;
struct written;
struct finish;
struct destroy;
struct reset;
struct pause;
struct resume;
struct set_handler;
struct set_timeout;
struct set_keep_alive;
struct set_no_delay;
struct get_address;
struct addresses;
struct get_info;
struct connection_info;
struct ref;
struct unref;
struct close;
struct stop;
struct stopped;
struct pause_accepting;
struct resume_accepting;
struct set_max_connections;
struct get_connections;
struct connections;
struct listener_info;

/// One connection, TCP or unix.
using connection = caf::typed_actor<
    caf::replies_to<write>::with<written>, caf::reacts_to<finish>, caf::reacts_to<destroy>,
    caf::reacts_to<reset>, caf::reacts_to<pause>, caf::reacts_to<resume>,
    caf::reacts_to<set_handler>, caf::reacts_to<set_timeout>, caf::reacts_to<set_keep_alive>,
    caf::reacts_to<set_no_delay>, caf::replies_to<get_address>::with<addresses>,
    caf::replies_to<get_info>::with<connection_info>, caf::reacts_to<ref>, caf::reacts_to<unref>>;

/// One listening socket.
using listener = caf::typed_actor<
    caf::reacts_to<close>, caf::replies_to<stop>::with<stopped>, caf::reacts_to<pause_accepting>,
    caf::reacts_to<resume_accepting>, caf::reacts_to<set_max_connections>,
    caf::replies_to<get_connections>::with<connections>,
    caf::replies_to<get_address>::with<addresses>, caf::replies_to<get_info>::with<listener_info>,
    caf::reacts_to<ref>, caf::reacts_to<unref>>;

} // namespace actornet
