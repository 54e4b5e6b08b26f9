// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

// A pipe of the kernel that bytes pass on their way from a socket to a file, as large as a user may
// have it.
struct splice_pipe {
  int out;
  int in;
  size_t bytes; // that it may hold
};

// Ends the program if there cannot be one.
struct splice_pipe make_splice_pipe(void);

// As much as is there, or fits, from a non-blocking socket to a file, where the pipe is empty
// before and after: the bytes, 0 at the end, -1 with errno. Ends the program if the file does not
// take them.
ssize_t splice_through(const struct splice_pipe* pipe, int from, int to);
