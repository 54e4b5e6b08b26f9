// SPDX-License-Identifier: BSD-3-Clause
// The yardstick of the benchmarks: what a hand-written, single-threaded, level-triggered epoll loop
// reaches without any abstraction.
//
//   epoll_server MODE PORT [SIZE]
//
// MODE is tcp-echo. Listens on 127.0.0.1, prints `ready` on a line of its own, and ends on SIGTERM
// by the signal's default action: there is nothing to tidy up. SIZE, the size of a message, is
// accepted so that all servers have the same command line; an echo does not need it.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  buffer_bytes = 64 * 1024,
  events_max = 512,
  accepts_max = 128, // per turn, so that a burst of clients does not starve those who are in
};

struct connection {
  int fd;
  char* unsent; // NULL while reading; what send did not take while waiting for room
  size_t unsent_begin;
  size_t unsent_end;
};

struct server;

// What a mode does with a connection. A handler returns false when the connection is over.
struct mode {
  const char* name;
  bool (*readable)(struct server*, struct connection*);
  bool (*writable)(struct server*, struct connection*);
};

struct server {
  const struct mode* mode;
  int listener;
  int epoll;
  char buffer[buffer_bytes]; // shared by all connections: one read is used up before the next
};

static _Noreturn void die(const char* what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static bool would_block(void) { return errno == EAGAIN || errno == EINTR; }

static bool watch(const struct server* server, struct connection* peer, int operation,
                  uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = peer};
  return epoll_ctl(server->epoll, operation, peer->fd, &event) == 0;
}

// Keeps what send did not take. Reading stops until it is gone, so that a client that never reads
// costs one buffer at most.
static bool keep_unsent(struct server* server, struct connection* peer, const char* bytes,
                        size_t size) {
  peer->unsent = malloc(size);
  if (peer->unsent == NULL)
    return false;
  memcpy(peer->unsent, bytes, size);
  peer->unsent_begin = 0;
  peer->unsent_end = size;
  return watch(server, peer, EPOLL_CTL_MOD, EPOLLOUT);
}

static bool echo_readable(struct server* server, struct connection* peer) {
  const ssize_t got = recv(peer->fd, server->buffer, sizeof server->buffer, 0);
  if (got <= 0)
    return got < 0 && would_block();
  ssize_t sent = send(peer->fd, server->buffer, (size_t)got, MSG_NOSIGNAL);
  if (sent == got)
    return true;
  if (sent < 0) {
    if (!would_block())
      return false;
    sent = 0;
  }
  return keep_unsent(server, peer, server->buffer + sent, (size_t)(got - sent));
}

static bool echo_writable(struct server* server, struct connection* peer) {
  const ssize_t sent = send(peer->fd, peer->unsent + peer->unsent_begin,
                            peer->unsent_end - peer->unsent_begin, MSG_NOSIGNAL);
  if (sent < 0)
    return would_block();
  peer->unsent_begin += (size_t)sent;
  if (peer->unsent_begin < peer->unsent_end)
    return true;
  free(peer->unsent);
  peer->unsent = NULL;
  return watch(server, peer, EPOLL_CTL_MOD, EPOLLIN);
}

static const struct mode modes[] = {
    {"tcp-echo", echo_readable, echo_writable},
};

static void close_connection(struct connection* peer) {
  close(peer->fd); // the only descriptor of this socket, so epoll forgets it too
  free(peer->unsent);
  free(peer);
}

static void open_connection(const struct server* server, int fd) {
  const int on = 1;
  struct connection* peer = calloc(1, sizeof *peer);
  if (peer == NULL)
    die("calloc");
  peer->fd = fd;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
      !watch(server, peer, EPOLL_CTL_ADD, EPOLLIN))
    close_connection(peer);
}

static void accept_batch(const struct server* server) {
  for (int count = 0; count < accepts_max; ++count) {
    const int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
      open_connection(server, fd);
    else if (errno == EAGAIN)
      return;
    else if (errno != ECONNABORTED && errno != EINTR)
      die("accept4"); // out of descriptors: a figure measured from here on would be wrong
  }
}

static _Noreturn void serve(struct server* server) {
  static struct epoll_event events[events_max];
  for (;;) {
    const int count = epoll_wait(server->epoll, events, events_max, -1);
    if (count < 0 && errno != EINTR)
      die("epoll_wait");
    for (int i = 0; i < count; ++i) {
      struct connection* peer = events[i].data.ptr;
      if (peer == NULL)
        accept_batch(server);
      else if (!(peer->unsent ? server->mode->writable : server->mode->readable)(server, peer))
        close_connection(peer);
    }
  }
}

static int listen_on_loopback(uint16_t port) {
  const int on = 1;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    die("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(fd, (const struct sockaddr*)&address, sizeof address) != 0)
    die("bind");
  if (listen(fd, SOMAXCONN) != 0)
    die("listen");
  return fd;
}

static void start(struct server* server, uint16_t port) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}; // NULL stands for the listener
  server->listener = listen_on_loopback(port);
  server->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (server->epoll < 0)
    die("epoll_create1");
  if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->listener, &event) != 0)
    die("epoll_ctl");
}

static const struct mode* find_mode(const char* name) {
  for (size_t i = 0; i < sizeof modes / sizeof *modes; ++i)
    if (strcmp(modes[i].name, name) == 0)
      return &modes[i];
  return NULL;
}

static bool parse_number(const char* text, unsigned long max, unsigned long* number) {
  char* end = NULL;
  *number = strtoul(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && *number >= 1 && *number <= max;
}

int main(int argc, char** argv) {
  static struct server server;
  unsigned long port = 0;
  unsigned long size = 0;
  const bool enough = argc == 3 || argc == 4;
  if (enough)
    server.mode = find_mode(argv[1]);
  if (server.mode == NULL || !parse_number(argv[2], UINT16_MAX, &port) ||
      (argc == 4 && !parse_number(argv[3], 1UL << 30, &size))) {
    fprintf(stderr, "usage: %s tcp-echo PORT [SIZE]\n", argv[0]);
    return 2;
  }
  start(&server, (uint16_t)port);
  puts("ready");
  fflush(stdout);
  serve(&server);
}
