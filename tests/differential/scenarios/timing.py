# SPDX-License-Identifier: BSD-3-Clause
"""Silence, and what breaks it."""

MUCH = 8_000_000  # more than the kernel takes while nobody reads
SLOW = "1000"  # ms of silence that must not be told: what prevents it may take a while on a busy machine
SLOWER = 1300


def silence_is_told_once(stage):
    stage.serves("--idle-timeout", "60")
    stage.event("timeout")
    stage.waits(200)
    stage.asks("info 1")


def what_comes_begins_a_new_silence(stage):
    peer = stage.serves()
    stage.does("timeout 1 60")
    stage.event("timeout")
    peer.sends(b"hello")
    stage.event("timeout")
    stage.does("timeout 1 0")
    peer.finishes()
    stage.closed()


def what_we_write_begins_a_new_silence(stage):
    peer = stage.serves()
    stage.does("timeout 1 60")
    stage.event("timeout")
    stage.does("write 1 hello")
    stage.event("timeout")
    stage.does("timeout 1 0")
    peer.finishes()
    stage.closed()


def the_peers_end_begins_a_new_silence(stage):
    peer = stage.serves("--half-open")
    stage.does("timeout 1 60")
    stage.event("timeout")
    peer.finishes()
    stage.event("end")
    stage.event("timeout")
    stage.does("timeout 1 0", "finish 1")
    stage.closed()


def a_timeout_of_0_is_none(stage):
    peer = stage.serves("--idle-timeout", SLOW)
    stage.does("timeout 1 0")
    stage.waits(SLOWER)
    peer.finishes()
    stage.closed()


def a_new_timeout_replaces_the_old_one(stage):
    peer = stage.serves()
    stage.says(f"timeout 1 {SLOW}", "timeout 1 60000")
    stage.waits(SLOWER)
    stage.does("timeout 1 60")
    stage.event("timeout")
    stage.does("timeout 1 0")
    peer.finishes()
    stage.closed()


def a_timeout_is_only_told(stage):
    peer = stage.serves("--idle-timeout", "60")
    stage.event("timeout")
    stage.does("timeout 1 0", "write 1 still here")
    peer.reads(10)
    peer.finishes()
    stage.closed()


def pauses_are_silence(stage):
    peer = stage.serves("--idle-timeout", "60")
    stage.event("timeout")
    stage.does("pause 1", "resume 1", "no-delay 1 on", "no-delay 1 off")
    stage.waits(200)
    peer.finishes()
    stage.closed()


def paused_from_the_start_nothing_breaks_the_silence(stage):
    peer = stage.serves("--idle-timeout", "60", "--pause-on-connect")
    stage.event("timeout")
    peer.sends(b"unheard")
    stage.waits(200)
    stage.does("timeout 1 0")
    peer.finishes()
    stage.says("resume 1")
    stage.closed()


def a_stalled_write_is_silence(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.does("timeout 1 60")
    stage.event("timeout")
    stage.waits(200)
    stage.does("timeout 1 0")
    peer.reads(MUCH)
    peer.finishes()
    stage.closed()


def a_half_open_client_is_silent_too(stage):
    peer = stage.connects(stage.server(), "--half-open")
    peer.finishes()
    stage.event("end")
    stage.does("timeout 1 60")
    stage.event("timeout")
    stage.does("finish 1")
    stage.closed()
    stage.ends()


def connecting_may_be_silence(stage):
    stage.is_connecting()
    stage.does("timeout 1 60")
    stage.event("timeout")
    stage.asks("info 1")
    stage.says("destroy 1")
    stage.closed()
    stage.ends()


def after_a_timeout_while_connecting_it_still_connects(stage):
    server = stage.is_connecting()
    stage.does("timeout 1 100")
    stage.event("timeout")
    stage.does("timeout 1 0")
    peer = stage.has_accepted(server.listens_again())
    peer.finishes()
    stage.closed()
    stage.ends()


def closed_there_is_no_silence(stage):
    stage.serves("--idle-timeout", SLOW)
    stage.says("destroy 1")
    stage.closed()
    stage.waits(SLOWER)
