# SPDX-License-Identifier: BSD-3-Clause
"""What tests of storms of clients share: clients from several threads, and somebody who counts the descriptors of a process."""

import os
import pathlib
import threading
import time

from console_process import DEADLINE


class Observer:
    """Counts the descriptors of a process, again and again, until told to stop.

    A look takes a while, in which some close that it has seen, and others open that it will see. But what two looks in a
    row have seen was open, all of it together, between them.
    """

    def __init__(self, process_id):
        self._directory = pathlib.Path(f"/proc/{process_id}/fd")
        self.at_first = self.count()
        self.most = 0
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def look(self):
        """What is open, by number and by what that stands for, which is another one each time; but for what a sanitizer
        reads of its own process."""
        seen = set()
        for number in os.listdir(self._directory):
            try:
                seen.add((number, os.readlink(self._directory / number)))
            except FileNotFoundError:
                pass  # closed meanwhile
        return {(number, what) for number, what in seen if not what.startswith("/proc/")}

    def count(self):
        return len(self.look() & self.look())

    def until_seen(self, count):
        """Waits until it has seen so many at once: what is open and stays so is not missed."""
        end = time.monotonic() + DEADLINE
        while self.most < count:
            if time.monotonic() > end:
                raise AssertionError(f"of {count} that are open no more than {self.most} were seen in {self.looks} looks")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _watch(self):
        before = self.look()
        while not self._over.is_set():
            now = self.look()
            self.most = max(self.most, len(before & now) - self.at_first)
            self.looks += 1
            before = now


def on_threads(count, work):
    """`work(number)` on so many threads at once; what they return, and raises what the first raised."""
    results, failures = [None] * count, []

    def guarded(number):
        try:
            results[number] = work(number)
        except BaseException as trouble:
            failures.append(trouble)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results
