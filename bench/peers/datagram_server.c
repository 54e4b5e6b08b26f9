// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "datagram_server.h"

#include "descriptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
  batch_max = 64,
  datagram_bytes_max = 65536,
  receive_buffer_bytes = 4 * 1024 * 1024, // the kernel gives as much of it as it may
};

struct server {
  int socket;
  int ending;
  int epoll;
  bool echoes;
  bool offloads;
  uint64_t data_count;
  uint64_t data_bytes;
  struct mmsghdr messages[batch_max];
  struct iovec places[batch_max];
  struct sockaddr_in from[batch_max];
  _Alignas(struct cmsghdr) char controls[batch_max][CMSG_SPACE(sizeof(int))];
  char bytes[batch_max][datagram_bytes_max];
};

static void watch(const struct server* server, const int* fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = *fd};
  if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, *fd, &event) != 0)
    die("epoll_ctl");
}

static void prepare_to_receive(struct server* server, int count) {
  for (int i = 0; i < count; ++i) {
    struct msghdr* header = &server->messages[i].msg_hdr;
    server->places[i].iov_base = server->bytes[i];
    server->places[i].iov_len = datagram_bytes_max;
    header->msg_iov = &server->places[i];
    header->msg_iovlen = 1;
    header->msg_name = &server->from[i];
    header->msg_namelen = sizeof server->from[i];
    header->msg_control = server->offloads ? server->controls[i] : NULL;
    header->msg_controllen = server->offloads ? sizeof server->controls[i] : 0;
  }
}

// 0: it is one datagram.
static int segment_bytes(struct msghdr* header) {
  const struct cmsghdr* control = CMSG_FIRSTHDR(header);
  int size = 0;
  if (control != NULL && control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO)
    memcpy(&size, CMSG_DATA(control), sizeof size);
  return size;
}

static void count(struct server* server, struct mmsghdr* message) {
  const unsigned size = message->msg_len;
  const int segment = server->offloads ? segment_bytes(&message->msg_hdr) : 0;
  server->data_count += segment > 0 ? (size + (unsigned)segment - 1) / (unsigned)segment : 1;
  server->data_bytes += size;
}

// What came goes back as it came: the answer to a run is a run.
static void prepare_to_send(struct server* server, struct mmsghdr* message, int i) {
  struct msghdr* header = &message->msg_hdr;
  const int segment = server->offloads ? segment_bytes(header) : 0;
  server->places[i].iov_len = message->msg_len;
  header->msg_control = NULL;
  header->msg_controllen = 0;
  if (segment == 0 || (unsigned)segment >= message->msg_len)
    return;
  const uint16_t size = (uint16_t)segment;
  header->msg_control = server->controls[i];
  header->msg_controllen = CMSG_SPACE(sizeof size);
  struct cmsghdr* control = CMSG_FIRSTHDR(header);
  control->cmsg_level = IPPROTO_UDP;
  control->cmsg_type = UDP_SEGMENT;
  control->cmsg_len = CMSG_LEN(sizeof size);
  memcpy(CMSG_DATA(control), &size, sizeof size);
}

// What the kernel does not take is lost, as datagrams may be.
static void send_back(struct server* server, int found) {
  for (int sent = 0; sent < found;) {
    const int taken =
        sendmmsg(server->socket, server->messages + sent, (unsigned)(found - sent), MSG_DONTWAIT);
    sent += taken > 0 ? taken : 1;
  }
}

static void receive(struct server* server) {
  const int found = recvmmsg(server->socket, server->messages, batch_max, MSG_DONTWAIT, NULL);
  if (found < 0 && errno != EAGAIN && errno != EINTR)
    die("recvmmsg");
  for (int i = 0; i < found; ++i) {
    count(server, &server->messages[i]);
    if (server->echoes)
      prepare_to_send(server, &server->messages[i], i);
  }
  if (server->echoes && found > 0)
    send_back(server, found);
  prepare_to_receive(server, found > 0 ? found : 1);
}

static void open_socket(struct server* server, uint16_t port) {
  server->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (server->socket < 0)
    die("socket");
  const int bytes = receive_buffer_bytes;
  if (setsockopt(server->socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) != 0)
    die("SO_RCVBUF");
  const int on = 1;
  if (server->offloads && setsockopt(server->socket, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0)
    die("UDP_GRO");
  const struct sockaddr_in where = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(server->socket, (const struct sockaddr*)&where, sizeof where) != 0)
    die("bind");
}

void serve_datagrams(const struct command* command) {
  static struct server server;
  server.echoes = command->mode == mode_udp_echo || command->mode == mode_udp_echo_offload;
  server.offloads =
      command->mode == mode_udp_echo_offload || command->mode == mode_udp_sink_offload;
  server.ending = open_end_signal();
  open_socket(&server, command->port);
  server.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (server.epoll < 0)
    die("epoll_create1");
  watch(&server, &server.socket);
  watch(&server, &server.ending);
  prepare_to_receive(&server, batch_max);
  print_ready();
  for (bool is_ending = false; !is_ending;) {
    struct epoll_event events[2];
    const int found = epoll_wait(server.epoll, events, 2, -1);
    if (found < 0 && errno != EINTR)
      die("epoll_wait");
    for (int i = 0; i < found; ++i)
      if (events[i].data.fd == server.socket)
        receive(&server);
      else
        is_ending = true;
  }
  if (!server.echoes)
    print_count(server.data_count, server.data_bytes);
}
