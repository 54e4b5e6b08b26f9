// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stddef.h>
#include <stdint.h>

// The command line that all servers of the benchmarks share:
//
//   SERVER MODE PORT [SIZE [DIR]]
//
// MODE is tcp-echo, tcp-sink or broadcast, or, of some servers, tcp-to-file; PORT is on 127.0.0.1.
// SIZE, of a message in bytes, is what clients will send. With tcp-to-file, what the N-th client
// sends becomes the file DIR/out.N, counted from 0, and its connection is closed when that is
// complete; tcp-to-file-splice does the same with splice(2).

enum mode { mode_echo, mode_sink, mode_broadcast, mode_to_file, mode_to_file_splice };

struct command {
  enum mode mode;
  uint16_t port;
  size_t size_bytes;     // 64 when not given
  const char* directory; // NULL when not given
};

// Ends the program with status 2 and a sentence when the arguments are not of this form.
struct command parse_command(int argc, char** argv);

// The same for a server that also writes files: `last` is the last mode that it has.
struct command parse_file_command(enum mode last, int argc, char** argv);

// The file DIR/out.N; ends the program if it cannot be made.
int open_out(const char* directory, unsigned long number);

// Tells that the server listens.
void print_ready(void);

// What a sink has seen, as it ends: times that data came, and its bytes.
void print_count(uint64_t messages, uint64_t bytes);
