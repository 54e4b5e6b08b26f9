// SPDX-License-Identifier: BSD-3-Clause
// What Node does: a server or a client of its module net, written as anybody would, which takes the command line and
// the input lines of the console, and prints JSON as the console does.
//
//   node subject.js listen|connect ADDRESS [options]
'use strict';

const net = require('net');

function tell(message) {
  process.stdout.write(JSON.stringify(message) + '\n');
}

// -- the command line -------------------------------------------------------------------------------

const FLAGS = ['half-open', 'pause-on-connect', 'no-delay', 'ipv6-only'];

function parseCommandLine([command, address, ...words]) {
  const options = {};
  while (words.length > 0) {
    const name = words.shift().slice('--'.length);
    options[name] = FLAGS.includes(name) ? true : words.shift();
  }
  return {command, address, options};
}

/// {path} or {host, port}, as net takes it; `*` is no host.
function target(url) {
  if (url.startsWith('unix:')) return {path: url.slice('unix:'.length).replace(/^@/, '\0')};
  const [, host, port] = /^tcp:\/\/(.*):(\d+)$/.exec(url);
  return host === '*' ? {port: +port} : {host: host.replace(/[[\]]/g, ''), port: +port};
}

function text(address, port, family) {
  if (address === undefined) return 'unix:';
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

const {command, address, options} = parseCommandLine(process.argv.slice(2));
const number = name => options[name] === undefined ? undefined : +options[name];

// -- connections ------------------------------------------------------------------------------------

const sockets = new Map();

function ends(socket) {
  return {
    local: text(socket.localAddress, socket.localPort, socket.localFamily),
    remote: text(socket.remoteAddress, socket.remotePort, socket.remoteFamily),
  };
}

function tellError(error, id) {
  const where = error.address && error.address.replace(/^\0/, '@');
  tell({event: 'failed', id, code: error.code, syscall: error.syscall, address: where, port: error.port});
}

function follow(id, socket) {
  sockets.set(id, socket);
  if (options['idle-timeout']) socket.setTimeout(number('idle-timeout'));
  if (options.encoding) socket.setEncoding(options.encoding);
  socket.on('data', chunk => {
    const bytes = Buffer.from(chunk);
    tell({event: 'data', id, size: bytes.length, base64: bytes.toString('base64')});
  });
  for (const event of ['end', 'drain', 'timeout']) socket.on(event, () => tell({event, id}));
  socket.on('error', error => tellError(error, id));
  socket.on('close', hadError => {
    tell({event: 'closed', id, had_error: hadError === true,
      bytes_read: socket.bytesRead, bytes_written: socket.bytesWritten});
  });
}

const STATES = {opening: 'connecting', open: 'open', readOnly: 'read_only', writeOnly: 'write_only', closed: 'closed'};

// Each takes the socket, the rest of the line and what answers the line.
const CONNECTION_COMMANDS = {
  'write': (socket, rest, answer) => write(socket, bytes(rest), answer),
  'write-bytes': (socket, rest, answer) => write(socket, Buffer.alloc(+rest, GENERATED), answer),
  'finish': (socket, rest, answer) => {
    const done = error => answer(error ? {error} : {});
    if (rest) socket.end(bytes(rest), done);
    else socket.end(done);
  },
  'destroy': (socket, rest, answer) => { socket.destroy(); answer(); },
  'reset': (socket, rest, answer) => { socket.resetAndDestroy(); answer(); },
  'pause': (socket, rest, answer) => { socket.pause(); answer(); },
  'resume': (socket, rest, answer) => { socket.resume(); answer(); },
  'encoding': (socket, rest, answer) => { socket.setEncoding(rest); answer(); },
  'timeout': (socket, rest, answer) => { socket.setTimeout(+rest); answer(); },
  'no-delay': (socket, rest, answer) => { socket.setNoDelay(rest === 'on'); answer(); },
  'keep-alive': (socket, rest, answer) => {
    const [word, delay] = rest.split(' ');
    socket.setKeepAlive(word === 'on', delay ? +delay : undefined);
    answer();
  },
  'address': (socket, rest, answer) => answer({...ends(socket), family: socket.localFamily || 'unix'}),
  'info': (socket, rest, answer) => {
    answer({bytes_read: socket.bytesRead, bytes_written: socket.bytesWritten, buffered: socket.writableLength,
      state: STATES[socket.readyState]});
  },
};

const GENERATED = Buffer.from(Array.from({length: 251}, (_, i) => i));

function bytes(rest) {
  return Buffer.from(rest.startsWith('"') ? JSON.parse(rest) : rest);
}

function write(socket, data, answer) {
  const keepGoing = socket.write(data, error => {
    answer(error ? {error} : {bytes: data.length, keep_going: keepGoing});
  });
}

// -- the two commands -------------------------------------------------------------------------------

let server;

function listen() {
  server = net.createServer({
    allowHalfOpen: options['half-open'], pauseOnConnect: options['pause-on-connect'], noDelay: options['no-delay'],
    keepAlive: 'keep-alive' in options, keepAliveInitialDelay: number('keep-alive'),
  });
  server.maxConnections = number('max-connections');
  server.on('connection', socket => {
    const id = sockets.size + 1;
    tell({event: 'connected', id, ...ends(socket)});
    follow(id, socket);
    if (options.handler === 'echo') socket.pipe(socket);
  });
  server.on('listening', () => tell({event: 'listening', local: listeningAddress().local}));
  server.on('error', error => {
    tellError(error);
    process.exitCode = 1;
    process.stdin.unref();
  });
  server.on('close', () => {
    tell({event: 'closed'});
    process.stdin.unref();
  });
  server.on('drop', end => {
    tell({event: 'dropped', reason: 'max_connections',
      local: text(end?.localAddress, end?.localPort, end?.localFamily),
      remote: text(end?.remoteAddress, end?.remotePort, end?.remoteFamily)});
  });
  server.listen({...target(address), backlog: number('backlog'), ipv6Only: options['ipv6-only']});
}

function listeningAddress() {
  const where = server.address();
  if (typeof where === 'string') return {local: 'unix:' + where.replace(/^\0/, '@'), family: 'unix'};
  return {local: text(where.address, where.port, where.family), family: where.family};
}

function connect() {
  const socket = new net.Socket({
    allowHalfOpen: options['half-open'], writableHighWaterMark: number('high-water-mark'),
  });
  follow(1, socket);
  socket.on('connect', () => tell({event: 'connected', id: 1, ...ends(socket)}));
  socket.on('close', () => process.stdin.unref());
  socket.on('error', () => { if (socket.remoteAddress === undefined) process.exitCode = 1; });
  if (options['no-delay']) socket.setNoDelay();
  if (options['keep-alive']) socket.setKeepAlive(true, number('keep-alive'));
  const from = options.from ? target(options.from) : {};
  socket.connect({
    ...target(address), family: number('family'), localAddress: from.host, localPort: from.port || undefined,
  });
}

const LISTENER_COMMANDS = {
  'connections': answer => server.getConnections((error, count) => answer(error ? {error} : {count})),
  'max-connections': (answer, rest) => { server.maxConnections = rest === 'none' ? undefined : +rest; answer(); },
  'address': answer => answer(server.listening ? listeningAddress() : {error: {code: 'ENOTCONN'}}),
  'close': answer => {
    const wasListening = server.listening;
    server.close(error => { if (error) answer({error}); });
    if (wasListening) answer();
  },
};

// -- input lines ------------------------------------------------------------------------------------

function answerer(reply, tag, id) {
  return (fields = {}) => {
    if (fields.error) fields = {error: {code: fields.error.code, message: fields.error.message}};
    tell({reply, tag, id, ...fields});
  };
}

async function obey(line) {
  const [, tag, name, rest = ''] = /^(?:#(\S+) )?(\S+)(?: (.*))?$/.exec(line);
  if (name === 'sleep') {
    await new Promise(resolve => setTimeout(resolve, +rest).unref());
    return answerer(name, tag)();
  }
  if (rest === '' || !(name in CONNECTION_COMMANDS)) return LISTENER_COMMANDS[name](answerer(name, tag), rest);
  const [, id, argument = ''] = /^(\d+)(?: (.*))?$/.exec(rest);
  CONNECTION_COMMANDS[name](sockets.get(+id), argument, answerer(name, tag, +id));
}

async function readLines() {
  let begun = '';
  for await (const chunk of process.stdin) {
    const lines = (begun + chunk).split('\n');
    begun = lines.pop();
    for (const line of lines) await obey(line);
  }
}

// Input holds the program until all is closed, which half-open sockets whose peer has ended would not do.
({listen, connect})[command]();
process.stdin.setEncoding('utf8');
readLines();
