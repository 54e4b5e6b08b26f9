// SPDX-License-Identifier: BSD-3-Clause
// What a hand-written, single-threaded io_uring loop reaches without any abstraction: multishot
// accept and receive, provided buffers, and one system call per turn for all that is to be sent.
// Its command line is in command.h.
//
// Receiving stops when all buffers wait to be sent. So one client that never reads stops all: right
// for a measurement, wrong for a server.
#define _GNU_SOURCE
#include "command.h"
#include "descriptor.h"
#include "provided_buffers.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  submissions_max = 4096,
  completions_max = 4 * submissions_max,
  parts_max = 64, // of one send
  small_count = 1024,
  small_bytes = 4 * 1024,
  large_count = 4,
  large_bytes = 64 * 1024,
};

// Bytes of one buffer that a connection has to send.
struct part {
  uint32_t size;
  uint16_t buffer;
};

struct connection {
  int fd;
  bool is_receiving; // the kernel will tell of it again
  bool is_over;      // nothing more will be received
  bool is_listed;    // among those that have something to send
  uint32_t place;    // in the server's table
  struct part* parts;
  uint32_t part_count;
  uint32_t part_room;
  uint32_t sending_count; // parts at the front that the kernel is sending
  uint32_t sending_bytes;
};

struct list {
  struct connection** items;
  size_t count;
  size_t room;
};

struct server {
  struct io_uring ring;
  struct provided_buffers buffers;
  void (*received)(struct server*, struct connection*, uint16_t, uint32_t);
  int listener;
  struct list connections;
  struct list senders; // with something to send at the end of the turn
  struct list starved; // that found no buffer
  uint64_t data_count;
  uint64_t data_bytes;
  bool is_ending;
  // The kernel has copied these when a submission has returned (IORING_FEAT_SUBMIT_STABLE).
  struct iovec vectors[submissions_max];
  struct msghdr headers[submissions_max];
  unsigned vector_count;
  unsigned header_count;
};

// What a completion is about: a number, or a connection with the lowest bit set for its sends.
enum { about_accept = 0, about_end = 2, send_bit = 1 };

static void append(struct list* list, struct connection* peer) {
  if (list->count == list->room) {
    list->room = list->room * 2 + 64;
    list->items = realloc(list->items, list->room * sizeof(struct connection*));
    if (list->items == NULL)
      die("realloc");
  }
  list->items[list->count++] = peer;
}

static void submit(struct server* server) {
  if (io_uring_submit(&server->ring) < 0)
    die("io_uring_submit");
  server->vector_count = server->header_count = 0;
}

static struct io_uring_sqe* next_submission(struct server* server) {
  struct io_uring_sqe* entry = io_uring_get_sqe(&server->ring);
  if (entry != NULL)
    return entry;
  submit(server);
  return io_uring_get_sqe(&server->ring);
}

static void start_accepting(struct server* server) {
  struct io_uring_sqe* entry = next_submission(server);
  io_uring_prep_multishot_accept(entry, server->listener, NULL, NULL, SOCK_CLOEXEC);
  io_uring_sqe_set_data64(entry, about_accept);
}

static void start_receiving(struct server* server, struct connection* peer) {
  struct io_uring_sqe* entry = next_submission(server);
  io_uring_prep_recv_multishot(entry, peer->fd, NULL, 0, 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = provided_group;
  io_uring_sqe_set_data(entry, peer);
  peer->is_receiving = true;
}

// --- sending ------------------------------------------------------------------------------------

static void add_part(struct server* server, struct connection* peer, struct part part) {
  if (peer->part_count == peer->part_room) {
    peer->part_room = peer->part_room * 2 + 2;
    peer->parts = realloc(peer->parts, peer->part_room * sizeof *peer->parts);
    if (peer->parts == NULL)
      die("realloc");
  }
  peer->parts[peer->part_count++] = part;
  if (!peer->is_listed && peer->sending_count == 0) {
    peer->is_listed = true;
    append(&server->senders, peer);
  }
}

static void drop_parts(struct server* server, struct connection* peer, uint32_t begin,
                       uint32_t end) {
  for (uint32_t i = begin; i < end; ++i)
    release_buffer(&server->buffers, peer->parts[i].buffer);
  memmove(peer->parts + begin, peer->parts + end, (peer->part_count - end) * sizeof *peer->parts);
  peer->part_count -= end - begin;
}

// MSG_WAITALL lets the kernel go on after a short send, instead of us.
static void send_parts(struct server* server, struct connection* peer) {
  const int flags = MSG_NOSIGNAL | MSG_WAITALL;
  const uint32_t count = peer->part_count < parts_max ? peer->part_count : parts_max;
  if (server->vector_count + count > submissions_max || server->header_count == submissions_max)
    submit(server);
  struct io_uring_sqe* entry = next_submission(server); // first: it may empty these arrays, too
  struct iovec* vectors = server->vectors + server->vector_count;
  peer->sending_count = count;
  peer->sending_bytes = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const struct part* part = peer->parts + i;
    vectors[i].iov_base = buffer_at(&server->buffers, part->buffer);
    vectors[i].iov_len = part->size;
    peer->sending_bytes += part->size;
  }
  if (count == 1) {
    io_uring_prep_send(entry, peer->fd, vectors->iov_base, vectors->iov_len, flags);
  } else {
    struct msghdr* header = server->headers + server->header_count++;
    *header = (struct msghdr){.msg_iov = vectors, .msg_iovlen = count};
    server->vector_count += count;
    io_uring_prep_sendmsg(entry, peer->fd, header, flags);
  }
  io_uring_sqe_set_data64(entry, (uint64_t)(uintptr_t)peer | send_bit);
}

// --- connections --------------------------------------------------------------------------------

static void open_connection(struct server* server, int fd) {
  struct connection* peer = calloc(1, sizeof *peer);
  if (peer == NULL)
    die("calloc");
  peer->fd = fd;
  peer->place = (uint32_t)server->connections.count;
  append(&server->connections, peer);
  if (!set_no_delay(fd))
    die("setsockopt TCP_NODELAY");
  start_receiving(server, peer);
}

static void close_if_done(struct server* server, struct connection* peer) {
  if (!peer->is_over || peer->is_receiving || peer->is_listed || peer->part_count > 0)
    return;
  struct connection* last = server->connections.items[--server->connections.count];
  server->connections.items[peer->place] = last;
  last->place = peer->place;
  close(peer->fd);
  free(peer->parts);
  free(peer);
}

static void handle_receive(struct server* server, struct connection* peer,
                           const struct io_uring_cqe* done) {
  peer->is_receiving = (done->flags & IORING_CQE_F_MORE) != 0;
  if (done->res > 0) {
    const uint16_t buffer = (uint16_t)(done->flags >> IORING_CQE_BUFFER_SHIFT);
    take_buffer(&server->buffers, buffer);
    server->received(server, peer, buffer, (uint32_t)done->res);
    release_buffer(&server->buffers, buffer);
  } else if (done->res != -ENOBUFS) {
    peer->is_over = true;
  }
  if (!peer->is_receiving && !peer->is_over)
    append(&server->starved, peer);
  close_if_done(server, peer);
}

static void handle_send(struct server* server, struct connection* peer,
                        const struct io_uring_cqe* done) {
  const bool is_broken = done->res != (int32_t)peer->sending_bytes;
  drop_parts(server, peer, 0, is_broken ? peer->part_count : peer->sending_count);
  peer->sending_count = 0;
  if (is_broken)
    shutdown(peer->fd, SHUT_RDWR); // receiving ends, and then the connection
  if (peer->part_count > 0 && !peer->is_listed) {
    peer->is_listed = true;
    append(&server->senders, peer);
  }
  close_if_done(server, peer);
}

// --- modes --------------------------------------------------------------------------------------

static void echo(struct server* server, struct connection* peer, uint16_t buffer, uint32_t size) {
  hold_buffer(&server->buffers, buffer);
  add_part(server, peer, (struct part){.size = size, .buffer = buffer});
}

static void count(struct server* server, struct connection* peer, uint16_t buffer, uint32_t size) {
  (void)peer;
  (void)buffer;
  ++server->data_count;
  server->data_bytes += size;
}

static void broadcast(struct server* server, struct connection* peer, uint16_t buffer,
                      uint32_t size) {
  (void)peer;
  for (size_t i = 0; i < server->connections.count; ++i)
    if (!server->connections.items[i]->is_over)
      echo(server, server->connections.items[i], buffer, size);
}

// --- turns --------------------------------------------------------------------------------------

static void handle(struct server* server, const struct io_uring_cqe* done) {
  const uint64_t about = io_uring_cqe_get_data64(done);
  struct connection* peer = (struct connection*)(uintptr_t)(about & ~(uint64_t)send_bit);
  if (about == about_end) {
    server->is_ending = true;
  } else if (about != about_accept) {
    ((about & send_bit) != 0 ? handle_send : handle_receive)(server, peer, done);
  } else {
    if (done->res >= 0)
      open_connection(server, done->res);
    else if (done->res != -ECONNABORTED)
      die("accept"); // out of descriptors: a figure measured from here on would be wrong
    if ((done->flags & IORING_CQE_F_MORE) == 0)
      start_accepting(server);
  }
}

// No more than there are buffers for: the others would only be refused again.
static void receive_again(struct server* server) {
  unsigned room = server->buffers.free_count;
  for (; server->starved.count > 0 && room > 0; --room)
    start_receiving(server, server->starved.items[--server->starved.count]);
}

static void send_all(struct server* server) {
  for (size_t i = 0; i < server->senders.count; ++i) {
    struct connection* peer = server->senders.items[i];
    peer->is_listed = false;
    send_parts(server, peer);
  }
  server->senders.count = 0;
}

static void serve(struct server* server) {
  while (!server->is_ending) {
    const int error = io_uring_submit_and_wait(&server->ring, 1);
    if (error < 0 && error != -EINTR)
      die("io_uring_submit_and_wait");
    server->vector_count = server->header_count = 0;
    struct io_uring_cqe* done = NULL;
    unsigned head = 0;
    unsigned handled = 0;
    io_uring_for_each_cqe(&server->ring, head, done) {
      handle(server, done);
      ++handled;
    }
    io_uring_cq_advance(&server->ring, handled);
    send_all(server);
    receive_again(server);
  }
}

static void open_ring(struct server* server, const struct command* command) {
  struct io_uring_params parameters = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                                IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                       .cq_entries = completions_max};
  const int error = io_uring_queue_init_params(submissions_max, &server->ring, &parameters);
  if (error < 0) {
    errno = -error;
    die("io_uring_queue_init_params");
  }
  // Small messages: enough buffers for many connections. Large ones, and a sink, which uses each
  // buffer at once: so few that they stay in the cache; to be refused one costs little beside it.
  const bool is_large = command->mode == mode_sink || command->size_bytes > small_bytes;
  const unsigned count = is_large ? large_count : small_count;
  const unsigned buffer_bytes = is_large ? large_bytes : small_bytes;
  open_provided_buffers(&server->buffers, &server->ring, count, buffer_bytes);
}

int main(int argc, char** argv) {
  static struct server server;
  const struct command command = parse_command(argc, argv);
  if (is_udp(command.mode))
    refuse_mode();
  const int ending = open_end_signal();
  void (*const modes[])(struct server*, struct connection*, uint16_t, uint32_t) = {
      [mode_echo] = echo, [mode_sink] = count, [mode_broadcast] = broadcast};
  server.received = modes[command.mode];
  server.listener = listen_on_loopback(command.port);
  open_ring(&server, &command);
  start_accepting(&server);
  struct io_uring_sqe* entry = next_submission(&server);
  io_uring_prep_poll_add(entry, ending, POLLIN);
  io_uring_sqe_set_data64(entry, about_end);
  submit(&server);
  print_ready();
  serve(&server);
  if (command.mode == mode_sink)
    print_count(server.data_count, server.data_bytes);
  return 0;
}
