// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "descriptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

void die(const char* what) {
  perror(what);
  exit(EXIT_FAILURE);
}

int listen_on_loopback(uint16_t port) {
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

bool set_no_delay(int fd) {
  const int on = 1;
  return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
}

int open_end_signal(void) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  if (sigprocmask(SIG_BLOCK, &ends, NULL) != 0)
    die("sigprocmask");
  const int fd = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0)
    die("signalfd");
  return fd;
}
