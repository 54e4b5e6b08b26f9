// SPDX-License-Identifier: BSD-3-Clause
// A server on Node's net and dgram modules. Its command line is that of all servers here, see command.h.
'use strict';

const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const [mode, port, , directory] = process.argv.slice(2);
const clients = new Set();
let dataCount = 0;
let dataBytes = 0;
let fileCount = 0;

const modes = {
  'tcp-echo': (socket) => socket.pipe(socket),
  'tcp-sink': (socket) => {
    socket.on('data', (bytes) => {
      ++dataCount;
      dataBytes += bytes.length;
    });
  },
  broadcast: (socket) => {
    clients.add(socket);
    socket.on('data', (bytes) => clients.forEach((client) => client.write(bytes)));
    socket.on('close', () => clients.delete(socket));
  },
  // The client learns from the end of its connection that the file is complete.
  'tcp-to-file': (socket) => {
    const file = fs.createWriteStream(path.join(directory, `out.${fileCount++}`));
    file.on('close', () => socket.end());
    socket.pipe(file);
  },
};

const datagramModes = {
  'udp-echo': (socket, bytes, from) => socket.send(bytes, from.port, from.address),
  'udp-sink': (socket, bytes) => {
    ++dataCount;
    dataBytes += bytes.length;
  },
};

if (!(mode in modes || mode in datagramModes) || !port || (mode === 'tcp-to-file' && !directory)) {
  const all = Object.keys({ ...modes, ...datagramModes });
  console.error(`usage: node_server.js ${all.join('|')} PORT [SIZE [DIR]]`);
  process.exit(2);
}

process.on('SIGTERM', () => {
  if (mode.endsWith('-sink')) console.log(`count ${dataCount} ${dataBytes}`);
  process.exit(0);
});

function serveStreams() {
  net
    .createServer({ noDelay: true, allowHalfOpen: mode === 'tcp-to-file' }, (socket) => {
      socket.on('error', () => {}); // 'close' follows
      modes[mode](socket);
    })
    .listen({ host: '127.0.0.1', port: Number(port), backlog: 4096 }, () => console.log('ready'));
}

function serveDatagrams() {
  // The lookup of a numeric address is what Node does by itself; without it, each send is a turn later.
  const lookup = (address, family, done) => done(null, address, 4);
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, lookup });
  socket.on('message', (bytes, from) => datagramModes[mode](socket, bytes, from));
  socket.bind(Number(port), '127.0.0.1', () => console.log('ready'));
}

if (mode in modes) serveStreams();
else serveDatagrams();
