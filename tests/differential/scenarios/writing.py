# SPDX-License-Identifier: BSD-3-Clause
"""Writes: what is answered, in which order, and when a writer is to wait."""

MUCH = 8_000_000  # more than the kernel takes while nobody reads


def a_write_is_answered(stage):
    peer = stage.serves()
    stage.does("write 1 hello")
    peer.reads(5)
    stage.asks("info 1")


def writes_go_out_in_order(stage):
    peer = stage.serves()
    stage.says(*(f"write 1 {word}" for word in ("one", "two", "three", "four", "five")), "finish 1")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def an_empty_write_sends_nothing(stage):
    peer = stage.serves()
    stage.does("write-bytes 1 0", "write 1 hello", "write-bytes 1 0", "finish 1")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def characters_go_out_as_utf8(stage):
    peer = stage.serves()
    stage.does('write 1 "gr\\u00fc\\u00dfe \\u20ac\\n"')
    peer.reads(12)
    peer.finishes()
    stage.closed()


def a_slow_reader_gets_all_and_one_drain_follows(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    peer.reads(MUCH)
    stage.event("drain")
    stage.does("write 1 more")
    peer.reads(MUCH + 4)
    peer.finishes()
    stage.closed()


def each_wait_has_its_own_drain(stage):
    peer = stage.serves()
    for times in (1, 2):
        stage.begins_to_write(MUCH)
        peer.reads(times * MUCH)
        stage.event("drain")
        stage.answers("write-bytes")
    peer.finishes()
    stage.closed()


def many_writes_behind_each_other_have_one_drain(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says(*(f"write-bytes 1 {size}" for size in range(1, 100)))
    stage.does("info 1")
    peer.reads(MUCH + sum(range(1, 100)))
    stage.event("drain")
    peer.finishes()
    stage.closed()


def no_drain_follows_a_finish(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says("finish 1")
    stage.does("info 1")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()


def no_drain_follows_a_destroy(stage):
    peer = stage.serves()
    stage.begins_to_write(MUCH)
    stage.says("destroy 1")
    stage.closed()
    peer.reads_to_end()
    stage.name_count(len(peer.received), "PART")


def below_the_mark_a_writer_goes_on(stage):
    peer = stage.connects(stage.server(), "--high-water-mark", str(1 << 30))
    stage.begins_to_write(MUCH)
    peer.reads(MUCH)
    stage.answers("write-bytes")
    peer.finishes()
    stage.closed()


def at_the_mark_a_writer_is_to_wait(stage):
    mark = 10_000_000
    peer = stage.connects(stage.server(), "--high-water-mark", str(mark))
    stage.begins_to_write(MUCH)
    below_the_mark = mark - 1 - stage.subject.ask("info 1")["buffered"]
    stage.says(f"write-bytes 1 {below_the_mark}", "write-bytes 1 1")
    stage.does("info 1", "info 1")
    peer.reads(MUCH + below_the_mark + 1)
    stage.event("drain")
    peer.finishes()
    stage.closed()
    stage.name_count(below_the_mark, "BELOW")
    stage.name_count(MUCH + below_the_mark + 1, "ALL")


def before_the_handshake_the_mark_is_not_looked_at(stage):
    mark = 1000
    server = stage.is_connecting("--high-water-mark", str(mark))
    stage.says(f"write-bytes 1 {mark - 1}", "write-bytes 1 1")
    stage.does("info 1")
    peer = stage.has_accepted(server.listens_again())
    peer.reads(mark)
    stage.waits()
    peer.finishes()
    stage.closed()


def all_is_written_to_many_clients(stage):
    peers = [stage.serves()] + [stage.peer_connects() for _ in range(4)]
    for number in range(1, 6):
        stage.does(f"write {number} to number {number}")
    for peer in peers:
        peer.reads(len("to number 1"))
        peer.finishes()
    for number in range(1, 6):
        stage.closed(number)


def _is_echoed(stage, *options):
    peer = stage.serves("--handler", "echo", *options)
    for word in (b"one", b"two", b"three"):
        peer.sends(word)
        peer.reads(len(peer.received) + len(word))
    peer.finishes()
    peer.reads_to_end()
    stage.closed()


def what_comes_is_echoed_with_its_end(stage):
    _is_echoed(stage)


def what_comes_is_echoed_with_its_end_half_open(stage):
    _is_echoed(stage, "--half-open")


def a_unix_socket_carries_much(stage):
    peer = stage.serves(address=f"unix:{stage.path('s')}")
    stage.begins_to_write(MUCH)
    stage.says("finish 1")
    stage.does("info 1")
    peer.reads_to_end()
    peer.finishes()
    stage.closed()
