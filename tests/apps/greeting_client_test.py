#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The sample greeting_client, with a server of Node's and with bare sockets.

    greeting_client_test.py PATH_OF_THE_SAMPLE
"""

from sample_process import *

# Answers when the client has finished.
NODE_SERVER = """
require('net').createServer({allowHalfOpen: true}, c => {
  let said = '';
  c.on('data', bytes => { said += bytes; });
  c.on('end', () => c.end('you said ' + said));
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
"""


class GreetingClient(SampleTest):
    def test_it_says_its_greeting_and_prints_the_answer(self):
        port = int(self.start(["node", "-e", NODE_SERVER]).stdout.readline())
        url = f"tcp://127.0.0.1:{port}"
        for options, greeting in ((["--greeting=good day"], "good day"), ([], "hello")):
            self.assertEqual(self.sample(*options, url).ended(),
                             (0, [f"you said {greeting}"], f"connected to 127.0.0.1:{port}\n"))

    def test_it_finishes_first_and_prints_until_the_server_has_finished(self):
        server = self.server()
        client = self.sample(url_of(server))
        peer = self.accept(server)
        self.assertEqual(self.receive_all(peer), b"hello\n")
        for answer in ("one", "two"):
            peer.sendall(answer.encode() + b"\n")
            self.assertEqual(client.line(), answer)
        peer.shutdown(socket.SHUT_WR)
        self.assertEqual(client.ended()[:2], (0, []))

    def test_it_says_why_it_failed(self):
        with socket.socket() as bound:  # and does not listen
            bound.bind(("127.0.0.1", 0))
            refused = self.sample(url_of(bound)).ended()
            port = bound.getsockname()[1]
        self.assertEqual(refused, (0, [], f"connect ECONNREFUSED: connection refused 127.0.0.1:{port}\n"))
        server = self.server()
        client = self.sample(url_of(server))
        peer = self.accept(server)
        self.receive_all(peer)
        reset(peer)
        self.assertIn("ECONNRESET", client.ended()[2])

    def test_its_patience_with_a_server_that_accepts_nobody_or_says_nothing_ends(self):
        self.assertIn("ETIMEDOUT", self.sample("--patience=100ms", self.silent_url()).ended()[2])
        server = self.server()
        client = self.sample("--patience=100ms", url_of(server))
        peer = self.accept(server)
        self.assertEqual(self.receive_all(peer), b"hello\n")
        self.assertIn("the server says nothing any more\n", client.ended()[2])


if __name__ == "__main__":
    main()
