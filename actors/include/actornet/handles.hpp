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
struct write_text;
struct written;
struct finish;
struct destroy;
struct finish_then_destroy;
struct reset;
struct pause;
struct resume;
struct set_handler;
struct set_encoding;
struct set_timeout;
struct set_lifetime;
struct set_keep_alive;
struct set_no_delay;
struct set_type_of_service;
struct set_buffer_sizes;
struct set_user_timeout;
struct set_socket_option;
struct get_socket_option;
struct socket_option;
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
struct wind_down;
struct set_limits;
struct set_over_limit;
struct set_access;
struct get_use;
struct address_use;
struct broker_info;

/// One connection, TCP or unix.
using connection = caf::typed_actor<
    caf::replies_to<write>::with<written>, caf::replies_to<write_text>::with<written>,
    caf::reacts_to<finish>, caf::reacts_to<finish_then_destroy>, caf::reacts_to<destroy>,
    caf::reacts_to<reset>, caf::reacts_to<pause>, caf::reacts_to<resume>,
    caf::reacts_to<set_handler>, caf::reacts_to<set_encoding>, caf::reacts_to<set_timeout>,
    caf::reacts_to<set_lifetime>, caf::reacts_to<set_keep_alive>, caf::reacts_to<set_no_delay>,
    caf::reacts_to<set_type_of_service>, caf::reacts_to<set_buffer_sizes>,
    caf::reacts_to<set_user_timeout>, caf::reacts_to<set_socket_option>,
    caf::replies_to<get_socket_option>::with<socket_option>,
    caf::replies_to<get_address>::with<addresses>, caf::replies_to<get_info>::with<connection_info>,
    caf::reacts_to<wind_down>, caf::reacts_to<ref>, caf::reacts_to<unref>>;

/// One listening socket.
using listener = caf::typed_actor<
    caf::reacts_to<close>, caf::replies_to<stop>::with<stopped>, caf::reacts_to<pause_accepting>,
    caf::reacts_to<resume_accepting>, caf::reacts_to<set_max_connections>,
    caf::replies_to<get_connections>::with<connections>,
    caf::replies_to<get_address>::with<addresses>, caf::replies_to<get_info>::with<listener_info>,
    caf::reacts_to<ref>, caf::reacts_to<unref>>;

/// Who decides how many connections the listeners that it guards may have. It ends when neither the
/// program nor a listener refers to it, and nobody waits for it.
using connection_broker =
    caf::typed_actor<caf::reacts_to<set_limits>, caf::reacts_to<set_over_limit>,
                     caf::reacts_to<set_access>, caf::replies_to<get_use>::with<address_use>,
                     caf::replies_to<get_connections>::with<connections>,
                     caf::replies_to<get_info>::with<broker_info>,
                     caf::replies_to<stop>::with<stopped>>;

} // namespace actornet
