// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "splice.h"

#include "descriptor.h"

#include <fcntl.h>
#include <unistd.h>

enum { wanted_bytes = 1024 * 1024 };

struct splice_pipe make_splice_pipe(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    die("pipe2");
  int bytes = fcntl(ends[1], F_SETPIPE_SZ, wanted_bytes);
  if (bytes < 0)
    bytes = fcntl(ends[1], F_GETPIPE_SZ);
  return (struct splice_pipe){.out = ends[0], .in = ends[1], .bytes = (size_t)bytes};
}

ssize_t splice_through(const struct splice_pipe* pipe, int from, int to) {
  const ssize_t got =
      splice(from, NULL, pipe->in, NULL, pipe->bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  for (ssize_t left = got; left > 0;) {
    const ssize_t count = splice(pipe->out, NULL, to, NULL, (size_t)left, SPLICE_F_MOVE);
    if (count <= 0)
      die("splice");
    left -= count;
  }
  return got;
}
