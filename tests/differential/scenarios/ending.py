# SPDX-License-Identifier: BSD-3-Clause
"""Ends without force: whose it is, what is still sent, what is refused."""

MUCH = 8_000_000  # more than the kernel takes while nobody reads


def the_peer_ends(stage):
    peer = stage.serves()
    peer.sends(b"hello")
    peer.finishes()
    peer.reads_to_end()
    stage.closed()


def the_peer_of_a_client_ends(stage):
    peer = stage.connects(stage.server())
    peer.sends(b"hello")
    peer.finishes()
    peer.reads_to_end()
    stage.closed()
    stage.ends()


def the_peer_ends_without_a_word(stage):
    peer = stage.serves()
    peer.finishes()
    peer.reads_to_end()
    stage.closed()


def half_open_the_answer_comes_after_the_end(stage):
    peer = stage.serves("--half-open")
    peer.sends(b"question")
    peer.finishes()
    stage.event("end")
    stage.asks("info 1")
    stage.does("write 1 answer", "finish 1 and more")
    peer.reads_to_end()
    stage.closed()


def a_half_open_client_answers_after_the_end(stage):
    peer = stage.connects(stage.server(), "--half-open")
    peer.finishes()
    stage.event("end")
    stage.does("write 1 answer", "finish 1")
    peer.reads_to_end()
    stage.closed()
    stage.ends()


def half_open_and_never_finished_it_stays(stage):
    peer = stage.serves("--half-open")
    peer.finishes()
    stage.event("end")
    stage.asks("info 1")
    stage.asks("connections")
    stage.does("destroy 1")
    peer.reads_to_end()
    stage.closed()
    stage.asks("connections")


def we_end_first_and_still_hear(stage):
    peer = stage.serves()
    stage.does("finish 1")
    peer.reads_to_end()
    stage.asks("info 1")
    peer.sends(b"still heard")
    peer.finishes()
    stage.closed()


def a_client_ends_first_and_still_hears(stage):
    peer = stage.connects(stage.server())
    stage.does("finish 1 good bye")
    peer.reads_to_end()
    peer.sends(b"still heard")
    peer.closes()
    stage.closed()
    stage.ends()


def half_open_we_end_first(stage):
    peer = stage.serves("--half-open")
    stage.does("finish 1 good bye")
    peer.reads_to_end()
    peer.sends(b"still heard")
    peer.finishes()
    stage.closed()


def both_end_at_once(stage):
    peer = stage.serves("--half-open")  # otherwise the finish may come after the automatic end
    with stage.stopped():
        stage.says("finish 1 from us")
        peer.sends(b"from the peer")
        peer.finishes()
    peer.reads_to_end()
    stage.closed()


def a_finish_has_the_last_bytes(stage):
    peer = stage.serves()
    stage.does("write 1 first", "finish 1 last")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def a_finish_without_bytes_is_only_an_end(stage):
    peer = stage.serves()
    stage.does("finish 1")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def what_is_queued_goes_out_before_the_end(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says("finish 1")
    stage.does("info 1")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def the_peers_end_cuts_nothing_off(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    peer.finishes()
    stage.event("end")
    stage.waits()  # for the automatic end
    peer.reads_to_end()
    stage.closed()


def a_second_finish_while_the_first_waits(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says("finish 1", "finish 1")
    stage.does("info 1")
    peer.reads_to_end()
    stage.answers("finish", "finish")
    peer.finishes()
    stage.closed()


def a_second_finish_when_the_first_is_done(stage):
    peer = stage.serves()
    stage.does("finish 1", "finish 1")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def a_write_after_finish(stage):
    peer = stage.serves()
    stage.does("write 1 before", "finish 1", "write 1 late")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def a_finish_with_bytes_after_finish(stage):
    peer = stage.serves()
    stage.does("finish 1", "finish 1 late")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def a_write_after_the_automatic_end(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    peer.finishes()
    stage.event("end")
    stage.waits()  # for the automatic end
    stage.does("write 1 late")
    peer.reads_to_end()
    if peer.received_a_part_of(MUCH):
        stage.name_count(len(peer.received), "PART")
    stage.closed()


def a_write_after_close(stage):
    peer = stage.serves()
    peer.finishes()
    peer.reads_to_end()
    stage.closed()
    stage.does("write 1 late", "finish 1 late")


def a_write_after_destroy(stage):
    peer = stage.serves()
    stage.says("destroy 1")
    stage.closed()
    stage.does("write 1 late", "write-bytes 1 0")
    peer.reads_to_end()


def destroy_is_an_end_for_the_peer(stage):
    peer = stage.serves()
    stage.does("write 1 hello", "destroy 1")
    stage.closed()
    peer.reads_to_end()


def destroy_twice_closes_once(stage):
    peer = stage.serves()
    stage.says("destroy 1", "destroy 1")
    stage.closed()
    peer.reads_to_end()


def destroy_cuts_off_what_is_queued(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says("write 1 behind it", "finish 1", "destroy 1")
    stage.closed()
    peer.reads_to_end()
    assert peer.received_a_part_of(MUCH), len(peer.received)
    stage.name_count(len(peer.received), "PART")


def destroy_before_all_is_read_resets(stage):
    peer = stage.serves("--pause-on-connect")
    peer.sends(bytes(500_000))
    stage.does("destroy 1")
    stage.closed()
    peer.reads_to_end()


def a_destroyed_client_leaves_nothing(stage):
    peer = stage.connects(stage.server())
    stage.says("destroy 1")
    stage.closed()
    peer.reads_to_end()
    stage.ends()
