# SPDX-License-Identifier: BSD-3-Clause
"""Resets, by either side."""

MUCH = 8_000_000  # more than the kernel takes while nobody reads


def the_peer_resets(stage):
    peer = stage.serves()
    peer.resets()
    stage.closed()
    stage.asks("connections")


def the_peer_of_a_client_resets(stage):
    peer = stage.connects(stage.server())
    peer.resets()
    stage.closed()


def the_peer_resets_after_its_data(stage):
    peer = stage.serves()
    peer.sends(b"last words")
    stage.data(10)
    peer.resets()
    stage.closed()


def data_and_a_reset_at_once(stage):
    peer = stage.serves()
    with stage.stopped():
        peer.sends(b"last words")
        peer.resets()
    stage.closed()


def a_reset_does_not_wait_for_resume(stage):
    peer = stage.serves()
    stage.does("pause 1")
    peer.sends(b"never told")
    stage.waits()
    peer.resets()
    stage.closed()


def a_reset_while_paused_from_the_start(stage):
    peer = stage.serves("--pause-on-connect")
    stage.does("info 1")
    peer.resets()
    stage.waits()
    stage.says("resume 1")
    stage.closed()


def half_open_the_peer_ends_and_then_resets(stage):
    peer = stage.serves("--half-open")
    peer.finishes()
    stage.event("end")
    peer.resets()
    stage.waits()
    stage.does("write 1 late")
    stage.closed()


def the_peer_closes_and_does_not_hear_us(stage):
    peer = stage.serves("--half-open")
    peer.closes()
    stage.event("end")
    stage.does("write 1 unheard")
    stage.waits()
    stage.does("write 1 late")
    stage.closed()


def a_reset_behind_much_that_is_queued(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says("write 1 behind it", "finish 1")
    stage.does("info 1")
    stage.either_may_notice()
    peer.resets()
    closed = stage.closed()
    stage.name_count(min(closed["bytes_written"], MUCH - 1), "PART")


def a_reset_behind_much_that_is_queued_half_open(stage):
    peer = stage.serves("--half-open")
    stage.begins_to_write(MUCH)
    peer.finishes()
    stage.event("end")
    stage.either_may_notice()
    peer.resets()
    closed = stage.closed()
    stage.name_count(min(closed["bytes_written"], MUCH - 1), "PART")


def the_peer_closes_without_reading_all(stage):
    peer = stage.serves()
    stage.does("write 1 unread")
    peer.closes()
    stage.closed()


def our_reset_reaches_the_peer(stage):
    peer = stage.serves()
    stage.says("reset 1")
    stage.closed()
    peer.reads_to_end()
    stage.asks("connections")


def our_reset_of_a_client_reaches_the_peer(stage):
    peer = stage.connects(stage.server())
    stage.says("reset 1")
    stage.closed()
    peer.reads_to_end()
    stage.ends()


def our_reset_after_our_end(stage):
    peer = stage.serves()
    stage.does("finish 1 good bye")
    peer.reads_to_end()
    stage.says("reset 1")
    stage.closed()


def our_reset_fails_what_is_queued(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says("write 1 behind it", "reset 1")
    closed = stage.closed()
    peer.reads_to_end()
    stage.name_count(len(peer.received), "SOME")
    stage.name_count(min(closed["bytes_written"], MUCH - 1), "PART")


def one_reset_leaves_the_others_alone(stage):
    first = stage.serves()
    second = stage.peer_connects()
    first.resets()
    stage.closed(1)
    stage.does("write 2 still here")
    second.reads(10)
    second.finishes()
    stage.closed(2)
