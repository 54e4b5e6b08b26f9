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
struct send;
struct send_text;
struct send_pieces;
struct send_batch;
struct sent;
struct bind;
struct connect;
struct disconnect;
struct join;
struct leave;
struct set_ttl;
struct set_broadcast;
struct set_multicast_ttl;
struct set_multicast_loopback;
struct set_multicast_interface;
struct split_off;
struct session;
struct udp_info;
struct pipe;
struct unpipe;
struct join_sink;
struct transfer;
struct transferred;
struct take_back;
struct leave_sink;
struct make_durable;
struct sink_info;
struct source_info;

/// Whatever bytes can be piped to: a connection, a file, or an actor of the program's own. See
/// pipe_messages.hpp for what is asked of it.
using sink =
    caf::typed_actor<caf::reacts_to<join_sink>, caf::replies_to<transfer>::with<transferred>,
                     caf::reacts_to<take_back>, caf::reacts_to<leave_sink>>;

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
    caf::reacts_to<pipe>, caf::reacts_to<unpipe>, caf::reacts_to<join_sink>,
    caf::replies_to<transfer>::with<transferred>, caf::reacts_to<take_back>,
    caf::reacts_to<leave_sink>, caf::reacts_to<wind_down>, caf::reacts_to<ref>,
    caf::reacts_to<unref>>;

/// One listening socket.
using listener = caf::typed_actor<
    caf::reacts_to<close>, caf::replies_to<stop>::with<stopped>, caf::reacts_to<pause_accepting>,
    caf::reacts_to<resume_accepting>, caf::reacts_to<set_max_connections>,
    caf::replies_to<get_connections>::with<connections>,
    caf::replies_to<get_address>::with<addresses>, caf::replies_to<get_info>::with<listener_info>,
    caf::reacts_to<ref>, caf::reacts_to<unref>>;

/// One UDP socket, or one peer of it that was split off: a session, which has no commands that
/// concern the socket (EOPNOTSUPP).
using udp_endpoint = caf::typed_actor<
    caf::replies_to<send>::with<sent>, caf::replies_to<send_text>::with<sent>,
    caf::replies_to<send_pieces>::with<sent>, caf::replies_to<send_batch>::with<sent>,
    caf::reacts_to<bind>, caf::reacts_to<connect>, caf::reacts_to<disconnect>, caf::reacts_to<join>,
    caf::reacts_to<leave>, caf::reacts_to<set_ttl>, caf::reacts_to<set_broadcast>,
    caf::reacts_to<set_multicast_ttl>, caf::reacts_to<set_multicast_loopback>,
    caf::reacts_to<set_multicast_interface>, caf::reacts_to<set_type_of_service>,
    caf::reacts_to<set_buffer_sizes>, caf::reacts_to<set_socket_option>,
    caf::replies_to<get_socket_option>::with<socket_option>,
    caf::replies_to<split_off>::with<session>, caf::reacts_to<pause>, caf::reacts_to<resume>,
    caf::reacts_to<set_handler>, caf::replies_to<get_address>::with<addresses>,
    caf::replies_to<get_info>::with<udp_info>, caf::reacts_to<close>, caf::reacts_to<ref>,
    caf::reacts_to<unref>>;

/// A file that is written.
using file_sink = caf::typed_actor<
    caf::replies_to<write>::with<written>, caf::replies_to<write_text>::with<written>,
    caf::reacts_to<finish>, caf::reacts_to<make_durable>, caf::reacts_to<destroy>,
    caf::reacts_to<join_sink>, caf::replies_to<transfer>::with<transferred>,
    caf::reacts_to<take_back>, caf::reacts_to<leave_sink>,
    caf::replies_to<get_info>::with<sink_info>, caf::reacts_to<ref>, caf::reacts_to<unref>>;

/// A file that is read.
using file_source =
    caf::typed_actor<caf::reacts_to<pipe>, caf::reacts_to<unpipe>, caf::reacts_to<pause>,
                     caf::reacts_to<resume>, caf::reacts_to<destroy>,
                     caf::replies_to<get_info>::with<source_info>, caf::reacts_to<ref>,
                     caf::reacts_to<unref>>;

/// Who decides how many connections the listeners that it guards may have. It ends when neither the
/// program nor a listener refers to it, and nobody waits for it.
using connection_broker =
    caf::typed_actor<caf::reacts_to<set_limits>, caf::reacts_to<set_over_limit>,
                     caf::reacts_to<set_access>, caf::replies_to<get_use>::with<address_use>,
                     caf::replies_to<get_connections>::with<connections>,
                     caf::replies_to<get_info>::with<broker_info>,
                     caf::replies_to<stop>::with<stopped>>;

} // namespace actornet
