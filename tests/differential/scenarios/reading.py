# SPDX-License-Identifier: BSD-3-Clause
"""What comes in, and pauses."""

from console_process import pattern

MUCH = 3_000_000


def what_comes_is_told_whole(stage):
    peer = stage.serves()
    peer.sends(pattern(MUCH))
    peer.finishes()
    peer.reads_to_end()
    stage.closed()


def paused_nothing_is_told(stage):
    peer = stage.serves()
    stage.does("pause 1")
    peer.sends(b"waits")
    stage.waits()
    stage.asks("info 1")
    stage.note(f"{len(stage.subject.of('data'))} data events")
    stage.does("resume 1")
    stage.data(5)
    peer.finishes()
    stage.closed()


def paused_the_end_waits_behind_its_data(stage):
    peer = stage.serves()
    stage.does("pause 1")
    peer.sends(b"waits")
    peer.finishes()
    stage.waits()
    stage.note(f"{len(stage.subject.of('end'))} ends")
    stage.says("resume 1")
    stage.closed()


def paused_an_end_without_data(stage):
    peer = stage.serves()
    stage.does("pause 1")
    peer.finishes()
    stage.waits()
    stage.note(f"{len(stage.subject.of('end'))} ends")
    stage.says("resume 1")
    peer.reads_to_end()
    stage.closed()


def paused_from_the_start_nothing_is_told(stage):
    peer = stage.serves("--pause-on-connect")
    peer.sends(b"waits")
    peer.finishes()
    stage.waits()
    stage.note(f"{len(stage.subject.of('data'))} data events")
    stage.says("resume 1")
    stage.closed()


def paused_from_the_start_nothing_is_read(stage):
    peer = stage.serves("--pause-on-connect")
    peer.sends(b"waits")
    stage.waits()
    stage.asks("info 1")
    stage.says("resume 1")
    stage.data(5)
    peer.finishes()
    stage.closed()


def paused_from_the_start_it_can_be_written_to(stage):
    peer = stage.serves("--pause-on-connect")
    stage.does("write 1 hello")
    peer.reads(5)
    stage.does("finish 1")
    peer.reads_to_end()
    peer.finishes()
    stage.says("resume 1")
    stage.closed()


def pauses_come_and_go(stage):
    peer = stage.serves()
    total = 0
    for word in (b"one", b"two", b"three"):
        stage.does("pause 1")
        peer.sends(word)
        total += len(word)
        stage.waits()
        stage.note(f"{sum(m['size'] for m in stage.subject.of('data'))} bytes told")
        stage.does("resume 1")
        stage.data(total)
    peer.finishes()
    stage.closed()


def paused_twice_it_is_resumed_once(stage):
    peer = stage.serves()
    stage.does("pause 1", "pause 1", "resume 1", "resume 1")
    peer.sends(b"hello")
    stage.data(5)
    peer.finishes()
    stage.closed()


def paused_most_stays_with_the_peer(stage):
    peer = stage.serves()
    stage.does("pause 1")
    peer.sends(pattern(MUCH // 10))
    stage.waits()
    held = stage.subject.ask("info 1")["bytes_read"]
    stage.note("less than all is read" if 0 < held < MUCH // 10 else f"{held} bytes are read")
    stage.says("resume 1")
    peer.finishes()
    peer.reads_to_end()
    stage.closed()


def destroyed_while_paused_it_tells_nothing_more(stage):
    peer = stage.serves()
    stage.does("pause 1")
    peer.sends(b"never told")
    stage.waits()
    stage.says("destroy 1")
    stage.closed()
    peer.reads_to_end()
