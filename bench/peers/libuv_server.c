// SPDX-License-Identifier: BSD-3-Clause
// A server on libuv, as its manual suggests: uv_try_write first, and uv_write for what that did not
// take. Its command line is in command.h.
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { buffer_bytes = 64 * 1024, backlog = 4096 };

struct connection {
  uv_tcp_t handle; // first: libuv's pointers to it are pointers to the connection
  struct connection* previous;
  struct connection* next;
  struct file_write* file; // NULL if nothing is written to files
};

// What came last on its way into a file, by a thread of libuv's; nothing is read meanwhile.
struct file_write {
  uv_fs_t request;
  int fd;
  size_t size;
  size_t written;
  char bytes[buffer_bytes];
};

struct server {
  uv_tcp_t listener;
  uv_signal_t ending;
  enum mode mode;
  const char* directory;
  unsigned long file_count;
  struct connection* connections;
  uint64_t data_count;
  uint64_t data_bytes;
  char buffer[buffer_bytes]; // libuv asks for memory right before it reads, and tells right after
};

// A write that takes its bytes along.
struct queued_write {
  uv_write_t request;
  char bytes[];
};

static struct server server;

static void check(int status, const char* what) {
  if (status >= 0)
    return;
  fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  exit(EXIT_FAILURE);
}

static void free_connection(uv_handle_t* handle) {
  struct connection* peer = (struct connection*)handle;
  free(peer->file);
  free(peer);
}

static void close_connection(struct connection* peer) {
  if (uv_is_closing((uv_handle_t*)&peer->handle))
    return;
  if (peer->previous != NULL)
    peer->previous->next = peer->next;
  else
    server.connections = peer->next;
  if (peer->next != NULL)
    peer->next->previous = peer->previous;
  if (peer->file != NULL) {
    uv_fs_t closing;
    check(uv_fs_close(NULL, &closing, peer->file->fd, NULL), "close");
    uv_fs_req_cleanup(&closing);
  }
  uv_close((uv_handle_t*)&peer->handle, free_connection);
}

static void give_buffer(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  (void)suggested;
  struct connection* peer = (struct connection*)handle;
  *buffer = uv_buf_init(peer->file == NULL ? server.buffer : peer->file->bytes, buffer_bytes);
}

static void read_done(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer);

static void write_done(uv_write_t* request, int status) {
  struct connection* peer = (struct connection*)request->handle;
  free(request);
  if (status < 0)
    close_connection(peer);
  else if (server.mode == mode_echo && !uv_is_closing((uv_handle_t*)&peer->handle))
    uv_read_start((uv_stream_t*)&peer->handle, give_buffer, read_done);
}

// An echo that is not taken stops reading, so that a client that never reads costs one buffer.
static void queue(struct connection* peer, const char* bytes, size_t size) {
  struct queued_write* write = malloc(sizeof *write + size);
  if (write == NULL) {
    close_connection(peer);
    return;
  }
  memcpy(write->bytes, bytes, size);
  const uv_buf_t buffer = uv_buf_init(write->bytes, (unsigned)size);
  uv_stream_t* stream = (uv_stream_t*)&peer->handle;
  if (server.mode == mode_echo)
    uv_read_stop(stream);
  if (uv_write(&write->request, stream, &buffer, 1, write_done) < 0) {
    free(write);
    close_connection(peer);
  }
}

static void send_bytes(struct connection* peer, char* bytes, size_t size) {
  const uv_buf_t buffer = uv_buf_init(bytes, (unsigned)size);
  const int sent = uv_try_write((uv_stream_t*)&peer->handle, &buffer, 1);
  if (sent < 0 && sent != UV_EAGAIN)
    close_connection(peer);
  else if (sent < (int)size)
    queue(peer, bytes + (sent < 0 ? 0 : sent), size - (sent < 0 ? 0U : (size_t)sent));
}

static void broadcast(char* bytes, size_t size) {
  struct connection* next = NULL;
  for (struct connection* peer = server.connections; peer != NULL; peer = next) {
    next = peer->next;
    send_bytes(peer, bytes, size);
  }
}

static void write_rest(struct connection* peer);

static void file_written(uv_fs_t* request) {
  struct connection* peer = request->data;
  check((int)request->result, "write");
  peer->file->written += (size_t)request->result;
  uv_fs_req_cleanup(request);
  if (peer->file->written < peer->file->size)
    write_rest(peer);
  else
    check(uv_read_start((uv_stream_t*)&peer->handle, give_buffer, read_done), "read");
}

static void write_rest(struct connection* peer) {
  struct file_write* file = peer->file;
  const uv_buf_t rest =
      uv_buf_init(file->bytes + file->written, (unsigned)(file->size - file->written));
  file->request.data = peer;
  check(uv_fs_write(peer->handle.loop, &file->request, file->fd, &rest, 1, -1, file_written),
        "write");
}

static void write_to_file(struct connection* peer, size_t size) {
  uv_read_stop((uv_stream_t*)&peer->handle);
  peer->file->size = size;
  peer->file->written = 0;
  write_rest(peer);
}

static void read_done(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer) {
  struct connection* peer = (struct connection*)stream;
  if (got < 0) {
    close_connection(peer);
    return;
  }
  if (got == 0)
    return; // EAGAIN, says the manual
  ++server.data_count;
  server.data_bytes += (uint64_t)got;
  if (server.mode == mode_echo)
    send_bytes(peer, buffer->base, (size_t)got);
  else if (server.mode == mode_broadcast)
    broadcast(buffer->base, (size_t)got);
  else if (server.mode == mode_to_file)
    write_to_file(peer, (size_t)got);
}

static void connected(uv_stream_t* listener, int status) {
  check(status, "listen");
  struct connection* peer = calloc(1, sizeof *peer);
  if (peer == NULL)
    check(UV_ENOMEM, "calloc");
  uv_tcp_init(listener->loop, &peer->handle);
  check(uv_accept(listener, (uv_stream_t*)&peer->handle), "accept");
  uv_tcp_nodelay(&peer->handle, 1);
  if (server.mode == mode_to_file) {
    peer->file = malloc(sizeof *peer->file);
    if (peer->file == NULL)
      check(UV_ENOMEM, "malloc");
    peer->file->fd = open_out(server.directory, server.file_count++);
  }
  peer->next = server.connections;
  if (peer->next != NULL)
    peer->next->previous = peer;
  server.connections = peer;
  uv_read_start((uv_stream_t*)&peer->handle, give_buffer, read_done);
}

static void end(uv_signal_t* handle, int number) {
  (void)number;
  if (server.mode == mode_sink)
    print_count(server.data_count, server.data_bytes);
  uv_stop(handle->loop);
}

int main(int argc, char** argv) {
  const struct command command = parse_file_command(mode_to_file, argc, argv);
  uv_loop_t* loop = uv_default_loop();
  struct sockaddr_in address;
  server.mode = command.mode;
  server.directory = command.directory;
  check(uv_ip4_addr("127.0.0.1", command.port, &address), "address");
  check(uv_tcp_init(loop, &server.listener), "socket");
  check(uv_tcp_bind(&server.listener, (const struct sockaddr*)&address, 0), "bind");
  check(uv_listen((uv_stream_t*)&server.listener, backlog, connected), "listen");
  check(uv_signal_init(loop, &server.ending), "signal");
  check(uv_signal_start(&server.ending, end, SIGTERM), "signal");
  print_ready();
  uv_run(loop, UV_RUN_DEFAULT);
  return 0;
}
