# SPDX-License-Identifier: BSD-3-Clause
"""Where ours is not as Node, on purpose: all that a run of the scenarios may find."""

from comparison import Difference

SERVED = "connected local=127.0.0.1:LISTENER remote=127.0.0.1:PEER1"
CONNECTED = "connected local=127.0.0.1:CLIENT remote=127.0.0.1:SERVER"

A_LATE_WRITE = ("A write after our end is refused to its writer, and breaks nothing else: the peer may still be sending, "
                "and what was written before may still be queued.")
CUT_OFF = "A write of which bytes were dropped has failed, also if the kernel has taken some; older Nodes call it done."
COUNTED = "bytes_written is what the kernel has taken; Node counts what was queued, sent or not."
GONE = "A closed connection is gone, however it ended: one code for whatever is asked of it."
HELD_BACK = "Paused, a connection reads nothing: what comes waits in the kernel. Node fills a buffer of its own."
HEARD_AT_ONCE = "A reset is told when it comes, also behind the peer's end; Node hears of it with its next write."
FAILED_IN = "The system call that failed is named, with its own code; Node says listen, and makes EACCES of ENOENT."
BEFORE_CLOSED = ("What was given before the handshake fails with what ended the connection, and before it is closed; "
                 "Node has a code of its own, and tells afterwards.")

DIFFERENCES = [
    # -- ending --------------------------------------------------------------------------------
    Difference(
        "a_write_after_finish", "connection 1",
        node=[SERVED, "failed EPIPE ", "closed had_error=true read=0 written=6"],
        ours=[SERVED, "end", "closed had_error=false read=0 written=6"],
        reason=A_LATE_WRITE),
    Difference(
        "a_finish_with_bytes_after_finish", "connection 1",
        node=[SERVED, "failed EPIPE ", "closed had_error=true read=0 written=0"],
        ours=[SERVED, "end", "closed had_error=false read=0 written=0"],
        reason=A_LATE_WRITE),
    Difference(
        "a_write_after_the_automatic_end", "connection 1",
        node=[SERVED, "end", "failed EPIPE ", "closed had_error=true read=0 written=8000000"],
        ours=[SERVED, "end", "closed had_error=false read=0 written=8000000"],
        reason=A_LATE_WRITE),
    Difference(
        "a_write_after_the_automatic_end", "peer 1",
        node=["data PART as generated", "end"],
        ours=["data 8000000 as generated", "end"],
        reason=A_LATE_WRITE),
    Difference(
        "a_write_after_the_automatic_end", "answers 1",
        node=["write EPIPE", "write 8000000 keep_going=false", "closed"],
        newer_node=["write EPIPE", "write GONE", "closed"],
        ours=["write EPIPE", "write 8000000 keep_going=false", "closed"],
        reason=A_LATE_WRITE + " Older Nodes call the write done that they cut off here."),
    Difference(
        "a_second_finish_when_the_first_is_done", "answers 1",
        node=["finish", "finish ERR_STREAM_ALREADY_FINISHED", "closed"],
        ours=["finish", "finish", "closed"],
        reason="A second finish asks for what is so already, whether the first is done or still waits."),
    Difference(
        "a_write_after_close", "answers 1",
        node=["closed", "write EPIPE", "finish EPIPE"],
        ours=["closed", "write GONE", "finish GONE"],
        reason=GONE),
    Difference(
        "destroy_cuts_off_what_is_queued", "answers 1",
        node=["write 8000000 keep_going=false", "write GONE", "finish GONE", "closed"],
        newer_node=["write GONE", "write GONE", "finish GONE", "closed"],
        ours=["write GONE", "write GONE", "finish GONE", "closed"],
        reason=CUT_OFF),
    Difference(
        "destroy_cuts_off_what_is_queued", "connection 1",
        node=[SERVED, "closed had_error=false read=0 written=8000000"],
        ours=[SERVED, "closed had_error=false read=0 written=PART"],
        reason=COUNTED),
    # -- breaking ------------------------------------------------------------------------------
    Difference(
        "data_and_a_reset_at_once", "connection 1",
        node=[SERVED, "data 10 b'last words'", "end", "closed had_error=false read=10 written=0"],
        ours=[SERVED, "data 10 b'last words'", "failed ECONNRESET read", "closed had_error=true read=10 written=0"],
        reason="A reset is never taken for an end: who was reset may not have sent all.",
        newer_node=[SERVED, "data 10 b'last words'", "failed ECONNRESET read", "closed had_error=true read=10 written=0"]),
    Difference(
        "a_reset_does_not_wait_for_resume", "connection 1",
        node=[SERVED, "failed ECONNRESET read", "closed had_error=true read=10 written=0"],
        ours=[SERVED, "failed ECONNRESET read", "closed had_error=true read=0 written=0"],
        reason=HELD_BACK),
    Difference(
        "a_reset_behind_much_that_is_queued", "answers 1",
        node=["write 8000000 keep_going=false", "write ECONNRESET", "finish ECONNRESET", "closed"],
        newer_node=["write GONE", "write ECONNRESET", "finish ECONNRESET", "closed"],
        ours=["write ECONNRESET", "write ECONNRESET", "finish ECONNRESET", "closed"],
        reason=CUT_OFF),
    Difference(
        "a_reset_behind_much_that_is_queued", "connection 1",
        node=[SERVED, "failed ECONNRESET read or write", "closed had_error=true read=0 written=8000000"],
        ours=[SERVED, "failed ECONNRESET read or write", "closed had_error=true read=0 written=PART"],
        reason=COUNTED),
    Difference(
        "a_reset_behind_much_that_is_queued_half_open", "connection 1",
        node=[SERVED, "end", "failed EPIPE read or write", "closed had_error=true read=0 written=8000000"],
        ours=[SERVED, "end", "failed EPIPE read or write", "closed had_error=true read=0 written=PART"],
        reason=COUNTED),
    Difference(
        "half_open_the_peer_ends_and_then_resets", "answers 1",
        node=["write EPIPE", "closed"],
        ours=["closed", "write GONE"],
        reason=HEARD_AT_ONCE),
    Difference(
        "half_open_the_peer_ends_and_then_resets", "connection 1",
        node=[SERVED, "end", "failed EPIPE write", "closed had_error=true read=0 written=4"],
        ours=[SERVED, "end", "failed EPIPE read", "closed had_error=true read=0 written=0"],
        reason=HEARD_AT_ONCE),
    Difference(
        "the_peer_closes_and_does_not_hear_us", "answers 1",
        node=["write 7 keep_going=true", "write EPIPE", "closed"],
        ours=["write 7 keep_going=true", "closed", "write GONE"],
        reason=HEARD_AT_ONCE),
    Difference(
        "the_peer_closes_and_does_not_hear_us", "connection 1",
        node=[SERVED, "end", "failed EPIPE write", "closed had_error=true read=0 written=11"],
        ours=[SERVED, "end", "failed EPIPE read", "closed had_error=true read=0 written=7"],
        reason=HEARD_AT_ONCE),
    Difference(
        "our_reset_fails_what_is_queued", "answers 1",
        node=["write 8000000 keep_going=false", "write GONE", "closed"],
        newer_node=["write GONE", "write GONE", "closed"],
        ours=["write ECONNRESET", "write ECONNRESET", "closed"],
        reason=CUT_OFF + " Ours says by what."),
    Difference(
        "our_reset_fails_what_is_queued", "connection 1",
        node=[SERVED, "closed had_error=false read=0 written=8000000"],
        ours=[SERVED, "closed had_error=false read=0 written=PART"],
        reason=COUNTED),
    # -- writing -------------------------------------------------------------------------------
    Difference(
        "no_drain_follows_a_destroy", "answers 1",
        node=["write 8000000 keep_going=false", "closed"],
        newer_node=["write GONE", "closed"],
        ours=["write GONE", "closed"],
        reason=CUT_OFF),
    Difference(
        "no_drain_follows_a_destroy", "connection 1",
        node=[SERVED, "closed had_error=false read=0 written=8000000"],
        ours=[SERVED, "closed had_error=false read=0 written=PART"],
        reason=COUNTED),
    Difference(
        "before_the_handshake_the_mark_is_not_looked_at", "answers 1",
        node=["write 999 keep_going=true", "write 1 keep_going=false", "closed"],
        ours=["write 999 keep_going=true", "write 1 keep_going=true", "closed"],
        reason="The queue is looked at after the first attempt to write, which is made when the connection is there."),
    Difference(
        "before_the_handshake_the_mark_is_not_looked_at", "connection 1",
        node=[CONNECTED, "drain", "end", "closed had_error=false read=0 written=1000"],
        ours=[CONNECTED, "end", "closed had_error=false read=0 written=1000"],
        reason="No drain follows where no write was told to wait."),
    # -- reading -------------------------------------------------------------------------------
    Difference(
        "paused_nothing_is_told", "asked",
        node=["info read=5 written=0 state=open", "0 data events"],
        ours=["info read=0 written=0 state=open", "0 data events"],
        reason=HELD_BACK),
    Difference(
        "paused_most_stays_with_the_peer", "asked",
        node=["less than all is read"],
        ours=["0 bytes are read"],
        reason=HELD_BACK),
    Difference(
        "paused_an_end_without_data", "asked",
        node=["1 ends"],
        ours=["0 ends"],
        reason="A pause holds back the peer's end as it does data; Node tells it if nothing came before."),
    Difference(
        "destroyed_while_paused_it_tells_nothing_more", "connection 1",
        node=[SERVED, "closed had_error=false read=10 written=0"],
        ours=[SERVED, "closed had_error=false read=0 written=0"],
        reason=HELD_BACK),
    Difference(
        "destroyed_while_paused_it_tells_nothing_more", "peer 1",
        node=["end"],
        ours=["reset"],
        reason="The kernel makes a reset of a close before all is read: the peer learns that nobody took it."),
    # -- connecting ----------------------------------------------------------------------------
    Difference(
        "a_unix_connection_has_its_addresses", "asked",
        node=["address unix local=unix: remote=unix:"],
        ours=["address unix local=unix: remote=unix:FOLDER/s"],
        reason="A unix connection has addresses, too; Node gives none."),
    Difference(
        "refused_all_that_was_given_before_fails_once", "answers 1",
        node=["closed", "write ERR_SOCKET_CLOSED_BEFORE_CONNECTION", "write ECONNREFUSED", "finish ECONNREFUSED"],
        ours=["write ECONNREFUSED", "write ECONNREFUSED", "finish ECONNREFUSED", "closed"],
        reason=BEFORE_CLOSED),
    Difference(
        "refused_all_that_was_given_before_fails_once", "connection 1",
        node=["failed ECONNREFUSED connect 127.0.0.1 SERVER", "closed had_error=true read=0 written=6"],
        ours=["failed ECONNREFUSED connect 127.0.0.1 SERVER", "closed had_error=true read=0 written=0"],
        reason=COUNTED),
    Difference(
        "destroyed_before_all_that_was_given_fails_once", "answers 1",
        node=["closed", "write ERR_SOCKET_CLOSED_BEFORE_CONNECTION", "write ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
              "finish ERR_SOCKET_CLOSED_BEFORE_CONNECTION"],
        ours=["write GONE", "write GONE", "finish GONE", "closed"],
        reason=BEFORE_CLOSED),
    Difference(
        "destroyed_before_all_that_was_given_fails_once", "connection 1",
        node=["closed had_error=false read=0 written=6"],
        ours=["closed had_error=false read=0 written=0"],
        reason=COUNTED),
    Difference(
        "it_is_reset_before", "connection 1",
        node=[CONNECTED, "closed had_error=false read=0 written=0"],
        ours=["closed had_error=false read=0 written=0"],
        reason="A reset ends the attempt to connect; Node waits for the connection, to reset that."),
    # -- listening -----------------------------------------------------------------------------
    Difference(
        "a_server_is_closed_when_its_last_connection_is", "asked",
        node=["close", "connections 2", "connections 1", "status 0", "closed in order: [1, 'server', 2]"],
        ours=["close", "connections 2", "connections 1", "status 0", "closed in order: [1, 2, 'server']"],
        reason="A server's close is the last of all events; Node tells it before the close of the last connection."),
    Difference(
        "an_idle_server_is_closed_twice", "listener",
        node=["listening 127.0.0.1:LISTENER", "closed", "closed"],
        ours=["listening 127.0.0.1:LISTENER", "closed"],
        reason="A server is closed once, however often that is asked for."),
    Difference(
        "the_address_is_not_ours", "listener",
        node=["failed EADDRNOTAVAIL listen 192.0.2.1"],
        ours=["failed EADDRNOTAVAIL bind 192.0.2.1"],
        reason=FAILED_IN),
    Difference(
        "the_unix_socket_is_stale", "listener",
        node=["failed EADDRINUSE listen FOLDER/s"],
        ours=["listening unix:FOLDER/s"],
        reason="A socket file that nobody listens behind is replaced; for Node it is in the way until somebody removes it."),
    Difference(
        "the_folder_of_the_unix_socket_is_missing", "listener",
        node=["failed EACCES listen FOLDER/missing/s"],
        ours=["failed ENOENT bind FOLDER/missing/s"],
        reason=FAILED_IN),
]
