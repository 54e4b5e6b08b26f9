// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "command.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char* const mode_names[] = {[mode_echo] = "tcp-echo",
                                         [mode_sink] = "tcp-sink",
                                         [mode_broadcast] = "broadcast",
                                         [mode_to_file] = "tcp-to-file",
                                         [mode_to_file_splice] = "tcp-to-file-splice"};

static bool parse_mode(const char* name, enum mode last, enum mode* mode) {
  for (size_t i = 0; i <= (size_t)last; ++i)
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

static void refuse(const char* program, enum mode last) {
  fprintf(stderr, "usage: %s ", program);
  for (size_t i = 0; i <= (size_t)last; ++i)
    fprintf(stderr, "%s%s", i == 0 ? "" : "|", mode_names[i]);
  fputs(" PORT [SIZE [DIR]]\n", stderr);
  exit(2);
}

struct command parse_command(int argc, char** argv) {
  return parse_file_command(mode_broadcast, argc, argv);
}

struct command parse_file_command(enum mode last, int argc, char** argv) {
  struct command parsed;
  unsigned long port = 0;
  unsigned long size = 64;
  if (argc < 3 || argc > 5 || !parse_mode(argv[1], last, &parsed.mode) ||
      !parse_number(argv[2], UINT16_MAX, &port) ||
      (argc > 3 && !parse_number(argv[3], 1UL << 30, &size)))
    refuse(argv[0], last);
  parsed.port = (uint16_t)port;
  parsed.size_bytes = size;
  parsed.directory = argc > 4 ? argv[4] : NULL;
  if (parsed.mode >= mode_to_file && parsed.directory == NULL)
    refuse(argv[0], last);
  return parsed;
}

int open_out(const char* directory, unsigned long number) {
  char path[4096];
  if (snprintf(path, sizeof path, "%s/out.%lu", directory, number) >= (int)sizeof path) {
    fputs("the path is too long\n", stderr);
    exit(EXIT_FAILURE);
  }
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  return fd;
}

void print_ready(void) {
  puts("ready");
  fflush(stdout);
}

void print_count(uint64_t messages, uint64_t bytes) {
  printf("count %" PRIu64 " %" PRIu64 "\n", messages, bytes);
  fflush(stdout);
}
