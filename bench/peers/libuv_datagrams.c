// SPDX-License-Identifier: BSD-3-Clause
#include "libuv_datagrams.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum {
  datagram_bytes_max = 64 * 1024,
  batch_max = 20, // as many as libuv receives at once
  receive_buffer_bytes = 4 * 1024 * 1024,
};

struct server {
  uv_udp_t socket;
  uv_signal_t ending;
  enum mode mode;
  uint64_t data_count;
  uint64_t data_bytes;
  char buffer[datagram_bytes_max * batch_max];
};

static struct server server;

static void check(int status, const char* what) {
  if (status >= 0)
    return;
  fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  exit(EXIT_FAILURE);
}

static void give_buffer(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  (void)handle;
  (void)suggested;
  *buffer = uv_buf_init(server.buffer, sizeof server.buffer);
}

// An answer that the kernel does not take is lost, as datagrams may be.
static void received(uv_udp_t* socket, ssize_t got, const uv_buf_t* buffer,
                     const struct sockaddr* from, unsigned flags) {
  (void)flags;
  if (got < 0)
    check((int)got, "recv");
  if (from == NULL)
    return; // nothing more, or the buffer is free again
  ++server.data_count;
  server.data_bytes += (uint64_t)got;
  if (server.mode == mode_udp_echo) {
    const uv_buf_t answer = uv_buf_init(buffer->base, (unsigned)got);
    uv_udp_try_send(socket, &answer, 1, from);
  }
}

static void end(uv_signal_t* handle, int number) {
  (void)number;
  if (server.mode == mode_udp_sink)
    print_count(server.data_count, server.data_bytes);
  uv_stop(handle->loop);
}

void serve_libuv_datagrams(const struct command* command) {
  uv_loop_t* loop = uv_default_loop();
  struct sockaddr_in address;
  int bytes = receive_buffer_bytes;
  if (command->mode != mode_udp_echo && command->mode != mode_udp_sink)
    refuse_mode();
  server.mode = command->mode;
  check(uv_ip4_addr("127.0.0.1", command->port, &address), "address");
  check(uv_udp_init_ex(loop, &server.socket, AF_INET | UV_UDP_RECVMMSG), "socket");
  check(uv_udp_bind(&server.socket, (const struct sockaddr*)&address, 0), "bind");
  check(uv_recv_buffer_size((uv_handle_t*)&server.socket, &bytes), "buffer");
  check(uv_udp_recv_start(&server.socket, give_buffer, received), "receive");
  check(uv_signal_init(loop, &server.ending), "signal");
  check(uv_signal_start(&server.ending, end, SIGTERM), "signal");
  print_ready();
  uv_run(loop, UV_RUN_DEFAULT);
}
