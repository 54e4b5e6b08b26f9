// SPDX-License-Identifier: BSD-3-Clause
#include "command.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char* const mode_names[] = {
    [mode_echo] = "tcp-echo",
    [mode_sink] = "tcp-sink",
    [mode_broadcast] = "broadcast",
    [mode_udp_echo] = "udp-echo",
    [mode_udp_sink] = "udp-sink",
    [mode_udp_echo_offload] = "udp-echo-offload",
    [mode_udp_sink_offload] = "udp-sink-offload",
};

static bool parse_mode(const char* name, enum mode* mode) {
  for (size_t i = 0; i < sizeof mode_names / sizeof *mode_names; ++i)
    if (strcmp(mode_names[i], name) == 0) {
      *mode = (enum mode)i;
      return true;
    }
  return false;
}

static bool parse_number(const char* text, unsigned long max, unsigned long* number) {
  char* end = NULL;
  *number = strtoul(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && *number >= 1 && *number <= max;
}

struct command parse_command(int argc, char** argv) {
  struct command parsed;
  unsigned long port = 0;
  unsigned long size = 64;
  if (argc < 3 || argc > 5 || !parse_mode(argv[1], &parsed.mode) ||
      !parse_number(argv[2], UINT16_MAX, &port) ||
      (argc > 3 && !parse_number(argv[3], 1UL << 30, &size))) {
    fprintf(stderr, "usage: %s tcp-echo|tcp-sink|broadcast|udp-echo|udp-sink PORT [SIZE [DIR]]\n",
            argv[0]);
    exit(2);
  }
  parsed.port = (uint16_t)port;
  parsed.size_bytes = size;
  return parsed;
}

int is_udp(enum mode mode) { return mode >= mode_udp_echo; }

void refuse_mode(void) {
  fputs("this server does not have the mode\n", stderr);
  exit(2);
}

void print_ready(void) {
  puts("ready");
  fflush(stdout);
}

void print_count(uint64_t messages, uint64_t bytes) {
  printf("count %" PRIu64 " %" PRIu64 "\n", messages, bytes);
  fflush(stdout);
}
