// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stddef.h>
#include <stdint.h>

// The command line that all servers of the benchmarks share:
//
//   SERVER MODE PORT [SIZE [DIR]]
//
// MODE is tcp-echo, tcp-sink or broadcast; PORT is on 127.0.0.1. SIZE, of a message in bytes, is
// what clients will send; DIR is for modes that write files.

enum mode { mode_echo, mode_sink, mode_broadcast };

struct command {
  enum mode mode;
  uint16_t port;
  size_t size_bytes; // 64 when not given
};

// Ends the program with status 2 and a sentence when the arguments are not of this form.
struct command parse_command(int argc, char** argv);

// Tells that the server listens.
void print_ready(void);

// What a sink has seen, as it ends: times that data came, and its bytes.
void print_count(uint64_t messages, uint64_t bytes);
