// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <liburing.h>
#include <stdint.h>

// Buffers that the kernel takes from a ring when there is something to receive, so that a quiet
// connection pins none. A buffer that came back with a completion has one holder; when the last
// holder releases it, the kernel may take it again.

enum { provided_group = 0 };

struct provided_buffers {
  struct io_uring_buf_ring* ring;
  char* memory;
  uint16_t* holders; // of each buffer
  unsigned buffer_bytes;
  unsigned count;
  unsigned free_count;
};

// `count` must be a power of two. Ends the program when the kernel does not want it.
void open_provided_buffers(struct provided_buffers* buffers, struct io_uring* ring, unsigned count,
                           unsigned buffer_bytes);

// A completion told of this buffer.
void take_buffer(struct provided_buffers* buffers, uint16_t id);

void hold_buffer(struct provided_buffers* buffers, uint16_t id);

void release_buffer(struct provided_buffers* buffers, uint16_t id);

char* buffer_at(const struct provided_buffers* buffers, uint16_t id);
