// SPDX-License-Identifier: BSD-3-Clause
'use strict';

// node echo_client.js PORT MIB: sends that much noise to an echo server, as fast as it is taken, then FIN, and
// prints the digests of what was sent and of what came back until the server's FIN.

const { createHash, randomBytes } = require('crypto');
const net = require('net');

const MIB = 1024 * 1024;
const [port, mib] = process.argv.slice(2).map(Number);

const sent = createHash('sha256');
const received = createHash('sha256');
const noise = randomBytes(MIB - 8);
let blocks = 0;
let count = 0;

function block() {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(blocks++));
  return Buffer.concat([number, noise]);
}

const socket = net.connect({ port, host: '127.0.0.1' });

function sendOn() {
  while (blocks < mib) {
    const next = block();
    sent.update(next);
    if (!socket.write(next)) {
      socket.once('drain', sendOn);
      return;
    }
  }
  socket.end();
}

socket.on('connect', sendOn);
socket.on('data', (bytes) => {
  received.update(bytes);
  count += bytes.length;
});
socket.on('error', (error) => {
  console.error(error);
  process.exitCode = 1;
});
socket.on('close', () => {
  console.log(JSON.stringify({ sent: sent.digest('hex'), received: received.digest('hex'), count }));
});
