# SPDX-License-Identifier: BSD-3-Clause
"""What is compared: the messages of a subject in one vocabulary, as strands of short sentences.

A strand is what has an order: the events of one connection; the answers to its writes and finishes, and where among
them it was closed; the events of the listener. Runs of data are one sentence, since how they are cut means nothing.
"""

import base64

from console_process import pattern

# Node's own codes, and errno's that say the same. `GONE`: there is no such connection, or no longer, whoever ended it.
CODES = {
    "ERR_STREAM_WRITE_AFTER_END": "EPIPE",
    "ERR_STREAM_DESTROYED": "GONE",
    "ERR_SERVER_NOT_RUNNING": "GONE",
    "ECANCELED": "GONE",
    "ENOTCONN": "GONE",
}
ANSWERED_IN_ORDER = ("write", "write-bytes", "finish")
HAVE_ADDRESSES = ("connect", "bind", "listen")  # failures whose error names whom they concern


def rendered_bytes(data):
    data = bytes(data)
    if len(data) <= 40:
        return f"data {len(data)} {data!r}"
    return f"data {len(data)} {'as generated' if data == pattern(len(data)) else 'OF OTHER BYTES'}"


def payload(message):
    return message["text"].encode() if "text" in message else base64.b64decode(message["base64"])


def is_unix(message):
    return message["local"].startswith("unix:")


def code(error):
    return CODES.get(error["code"], error["code"])


def flag(name, value):
    return f"{name}={str(value).lower()}"


def ends(message):
    return f"local={message['local']} remote={message['remote']}"


def rendered_failure(message):
    words = ["failed", code(message), message.get("syscall", "")]
    if message.get("syscall") in HAVE_ADDRESSES:
        words += [str(message[name]) for name in ("address", "port") if message.get(name, -1) != -1]
    return " ".join(words)


def rendered_close(message):
    if "id" not in message:
        return "closed"
    return (f"closed {flag('had_error', message['had_error'])} read={message['bytes_read']} "
            f"written={message['bytes_written']}")


EVENTS = {
    "listening": lambda m: f"listening {m['local']}",
    # Node does not know the ends of a unix connection.
    "connected": lambda m: "connected" if is_unix(m) else f"connected {ends(m)}",
    "failed": rendered_failure,
    "closed": rendered_close,
    "dropped": lambda m: f"dropped {m['reason']}" + ("" if is_unix(m) else f" {ends(m)}"),
}

ANSWERS = {
    "write": lambda m: f"write {m['bytes']} {flag('keep_going', m['keep_going'])}",
    "connections": lambda m: f"connections {m['count']}",
    "info": lambda m: f"info read={m['bytes_read']} written={m['bytes_written']} state={m['state']}",
    "address": lambda m: f"address {m['family']} local={m['local']}" + (f" remote={m['remote']}" if "id" in m else ""),
}


def rendered_answer(message):
    name = message["reply"].replace("write-bytes", "write")
    if "error" in message:
        return f"{name} {code(message['error'])}"
    return ANSWERS.get(name, lambda m: name)(message)


class Trace:
    """The strands of one subject, by name."""

    def __init__(self, messages):
        self.strands = {}
        self._run = {}  # of data, by strand
        for message in messages:
            self._take(message)
        for name in list(self._run):
            self._end_run(name)
        self.strands = {name: strand for name, strand in self.strands.items() if strand != ["closed"] or
                        not name.startswith("answers")}

    def add(self, strand, sentence):
        self._end_run(strand)
        self.strands.setdefault(strand, []).append(sentence)

    def _take(self, message):
        number = message.get("id")
        if "event" in message:
            strand = "listener" if number is None else f"connection {number}"
            if message["event"] == "data":
                self._run.setdefault(strand, bytearray()).extend(payload(message))
            else:
                self.add(strand, EVENTS.get(message["event"], lambda m: m["event"])(message))
        if message.get("event") == "closed" and number is not None:
            self.add(f"answers {number}", "closed")
        elif message.get("reply") in ANSWERED_IN_ORDER:
            self.add(f"answers {number}", rendered_answer(message))

    def _end_run(self, strand):
        if run := self._run.pop(strand, None):
            self.strands.setdefault(strand, []).append(rendered_bytes(run))

    def rename(self, names):
        """Puts a name for each text that is another one at each run."""
        for strand, sentences in self.strands.items():
            for old, new in names:
                sentences = [old.sub(new, sentence) for sentence in sentences]
            self.strands[strand] = sentences
