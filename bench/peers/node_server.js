// SPDX-License-Identifier: BSD-3-Clause
// A server on Node's net module. Its command line is that of all servers here, see command.h.
'use strict';

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

if (!(mode in modes) || !port || (mode === 'tcp-to-file' && !directory)) {
  console.error(`usage: node_server.js ${Object.keys(modes).join('|')} PORT [SIZE [DIR]]`);
  process.exit(2);
}

process.on('SIGTERM', () => {
  if (mode === 'tcp-sink') console.log(`count ${dataCount} ${dataBytes}`);
  process.exit(0);
});

net
  .createServer({ noDelay: true, allowHalfOpen: mode === 'tcp-to-file' }, (socket) => {
    socket.on('error', () => {}); // 'close' follows
    modes[mode](socket);
  })
  .listen({ host: '127.0.0.1', port: Number(port), backlog: 4096 }, () => console.log('ready'));
