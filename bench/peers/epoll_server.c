// SPDX-License-Identifier: BSD-3-Clause
// The yardstick of the benchmarks: what a hand-written, single-threaded, level-triggered epoll loop
// reaches without any abstraction. Its command line is in command.h.
#define _GNU_SOURCE
#include "command.h"
#include "descriptor.h"
#include "splice.h"

#include <errno.h>
#include <stdbool.h>
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
  int file;     // where what comes goes, or -1
  size_t place; // in the server's table
  char* unsent; // what send did not take, or NULL: then nothing waits for room
  size_t unsent_begin;
  size_t unsent_end;
};

struct server {
  const struct mode_functions* mode;
  int listener;
  int ending;
  int epoll;
  const char* directory;
  unsigned long file_count;
  struct splice_pipe pipe; // empty between turns
  struct connection** connections;
  size_t connection_count;
  size_t connection_room;
  uint64_t data_count;
  uint64_t data_bytes;
  char buffer[buffer_bytes]; // shared by all connections: one read is used up before the next
};

// What a mode does with what was read into the buffer. Returns false when the connection is over.
struct mode_functions {
  bool (*received)(struct server*, struct connection*, size_t);
  bool (*readable)(struct server*, struct connection*); // instead of reading into the buffer
  uint32_t events_while_unsent; // without EPOLLIN, a client that never reads is no longer read from
};

static bool would_block(void) { return errno == EAGAIN || errno == EINTR; }

static bool watch(const struct server* server, struct connection* peer, int operation,
                  uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = peer};
  return epoll_ctl(server->epoll, operation, peer->fd, &event) == 0;
}

static bool keep_unsent(const struct server* server, struct connection* peer, const char* bytes,
                        size_t size) {
  const size_t kept = peer->unsent_end - peer->unsent_begin;
  char* grown = malloc(kept + size);
  if (grown == NULL)
    return false;
  if (kept > 0)
    memcpy(grown, peer->unsent + peer->unsent_begin, kept);
  memcpy(grown + kept, bytes, size);
  const bool is_first = peer->unsent == NULL;
  free(peer->unsent);
  peer->unsent = grown;
  peer->unsent_begin = 0;
  peer->unsent_end = kept + size;
  return !is_first || watch(server, peer, EPOLL_CTL_MOD, server->mode->events_while_unsent);
}

static bool send_or_keep(const struct server* server, struct connection* peer, size_t size) {
  ssize_t sent = 0;
  if (peer->unsent == NULL) {
    sent = send(peer->fd, server->buffer, size, MSG_NOSIGNAL);
    if (sent == (ssize_t)size)
      return true;
    if (sent < 0 && !would_block())
      return false;
    if (sent < 0)
      sent = 0;
  }
  return keep_unsent(server, peer, server->buffer + sent, size - (size_t)sent);
}

static bool send_unsent(const struct server* server, struct connection* peer) {
  const ssize_t sent = send(peer->fd, peer->unsent + peer->unsent_begin,
                            peer->unsent_end - peer->unsent_begin, MSG_NOSIGNAL);
  if (sent < 0)
    return would_block();
  peer->unsent_begin += (size_t)sent;
  if (peer->unsent_begin < peer->unsent_end)
    return true;
  free(peer->unsent);
  peer->unsent = NULL;
  peer->unsent_begin = peer->unsent_end = 0;
  return watch(server, peer, EPOLL_CTL_MOD, EPOLLIN);
}

static bool echo(struct server* server, struct connection* peer, size_t size) {
  return send_or_keep(server, peer, size);
}

static bool count(struct server* server, struct connection* peer, size_t size) {
  (void)peer;
  ++server->data_count;
  server->data_bytes += size;
  return true;
}

// A receiver that has broken is closed when epoll tells of it, not here: this turn may still have
// an event that points to it.
static bool broadcast(struct server* server, struct connection* peer, size_t size) {
  (void)peer;
  for (size_t i = 0; i < server->connection_count; ++i)
    send_or_keep(server, server->connections[i], size);
  return true;
}

static bool write_to_file(struct server* server, struct connection* peer, size_t size) {
  for (size_t written = 0; written < size;) {
    const ssize_t count = write(peer->file, server->buffer + written, size - written);
    if (count < 0)
      die("write");
    written += (size_t)count;
  }
  return true;
}

static bool splice_to_file(struct server* server, struct connection* peer) {
  const ssize_t got = splice_through(&server->pipe, peer->fd, peer->file);
  return got > 0 || (got < 0 && would_block());
}

static const struct mode_functions modes[] = {
    [mode_echo] = {echo, NULL, EPOLLOUT},
    [mode_sink] = {count, NULL, EPOLLOUT},
    [mode_broadcast] = {broadcast, NULL, EPOLLIN | EPOLLOUT},
    [mode_to_file] = {write_to_file, NULL, EPOLLOUT},
    [mode_to_file_splice] = {NULL, splice_to_file, EPOLLOUT},
};

static bool receive(struct server* server, struct connection* peer) {
  if (server->mode->readable != NULL)
    return server->mode->readable(server, peer);
  const ssize_t got = recv(peer->fd, server->buffer, sizeof server->buffer, 0);
  if (got <= 0)
    return got < 0 && would_block();
  return server->mode->received(server, peer, (size_t)got);
}

static bool handle(struct server* server, struct connection* peer, uint32_t events) {
  if (peer->unsent != NULL && (events & ~(uint32_t)EPOLLIN) != 0 && !send_unsent(server, peer))
    return false;
  return (events & ~(uint32_t)EPOLLOUT) == 0 || receive(server, peer);
}

static void open_connection(struct server* server, int fd) {
  if (server->connection_count == server->connection_room) {
    server->connection_room = server->connection_room * 2 + 64;
    server->connections =
        realloc(server->connections, server->connection_room * sizeof *server->connections);
    if (server->connections == NULL)
      die("realloc");
  }
  struct connection* peer = calloc(1, sizeof *peer);
  if (peer == NULL)
    die("calloc");
  peer->fd = fd;
  peer->file = server->directory == NULL ? -1 : open_out(server->directory, server->file_count++);
  peer->place = server->connection_count;
  server->connections[server->connection_count++] = peer;
  if (!set_no_delay(fd) || !watch(server, peer, EPOLL_CTL_ADD, EPOLLIN))
    die("a new connection");
}

static void close_connection(struct server* server, struct connection* peer) {
  struct connection* last = server->connections[--server->connection_count];
  server->connections[peer->place] = last;
  last->place = peer->place;
  if (peer->file >= 0)
    close(peer->file);
  close(peer->fd); // the only descriptor of this socket, so epoll forgets it too
  free(peer->unsent);
  free(peer);
}

static void accept_batch(struct server* server) {
  for (int accepted = 0; accepted < accepts_max; ++accepted) {
    const int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
      open_connection(server, fd);
    else if (errno == EAGAIN)
      return;
    else if (errno != ECONNABORTED && errno != EINTR)
      die("accept4"); // out of descriptors: a figure measured from here on would be wrong
  }
}

static void serve(struct server* server) {
  static struct epoll_event events[events_max];
  for (bool is_ending = false; !is_ending;) {
    const int found = epoll_wait(server->epoll, events, events_max, -1);
    if (found < 0 && errno != EINTR)
      die("epoll_wait");
    for (int i = 0; i < found; ++i) {
      void* owner = events[i].data.ptr;
      if (owner == &server->listener)
        accept_batch(server);
      else if (owner == &server->ending)
        is_ending = true;
      else if (!handle(server, owner, events[i].events))
        close_connection(server, owner);
    }
  }
}

// `fd` is a member of the server, and its address says which one has an event.
static void watch_member(const struct server* server, int* fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};
  if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, *fd, &event) != 0)
    die("epoll_ctl");
}

int main(int argc, char** argv) {
  static struct server server;
  const struct command command = parse_file_command(mode_to_file_splice, argc, argv);
  server.mode = &modes[command.mode];
  if (command.mode >= mode_to_file)
    server.directory = command.directory;
  if (command.mode == mode_to_file_splice)
    server.pipe = make_splice_pipe();
  server.ending = open_end_signal();
  server.listener = listen_on_loopback(command.port);
  server.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (server.epoll < 0)
    die("epoll_create1");
  watch_member(&server, &server.listener);
  watch_member(&server, &server.ending);
  print_ready();
  serve(&server);
  if (command.mode == mode_sink)
    print_count(server.data_count, server.data_bytes);
  return 0;
}
