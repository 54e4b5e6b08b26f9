// SPDX-License-Identifier: BSD-3-Clause
#include "provided_buffers.h"

#include "descriptor.h"

#include <errno.h>
#include <stdlib.h>

static void give_to_kernel(struct provided_buffers* buffers, uint16_t id) {
  io_uring_buf_ring_add(buffers->ring, buffer_at(buffers, id), buffers->buffer_bytes, id,
                        io_uring_buf_ring_mask(buffers->count), 0);
  io_uring_buf_ring_advance(buffers->ring, 1);
  ++buffers->free_count;
}

void open_provided_buffers(struct provided_buffers* buffers, struct io_uring* ring, unsigned count,
                           unsigned buffer_bytes) {
  const size_t page_bytes = 4096;
  void* entries = NULL;
  if (posix_memalign(&entries, page_bytes, count * sizeof(struct io_uring_buf)) != 0)
    die("posix_memalign");
  buffers->ring = entries;
  buffers->memory = malloc((size_t)count * buffer_bytes);
  buffers->holders = calloc(count, sizeof *buffers->holders);
  if (buffers->memory == NULL || buffers->holders == NULL)
    die("malloc");
  buffers->buffer_bytes = buffer_bytes;
  buffers->count = count;
  buffers->free_count = 0;
  struct io_uring_buf_reg registration = {
      .ring_addr = (uint64_t)(uintptr_t)entries, .ring_entries = count, .bgid = provided_group};
  const int error = io_uring_register_buf_ring(ring, &registration, 0);
  if (error < 0) {
    errno = -error;
    die("io_uring_register_buf_ring");
  }
  io_uring_buf_ring_init(buffers->ring);
  for (unsigned id = 0; id < count; ++id)
    give_to_kernel(buffers, (uint16_t)id);
}

void take_buffer(struct provided_buffers* buffers, uint16_t id) {
  --buffers->free_count;
  buffers->holders[id] = 1;
}

void hold_buffer(struct provided_buffers* buffers, uint16_t id) { ++buffers->holders[id]; }

void release_buffer(struct provided_buffers* buffers, uint16_t id) {
  if (--buffers->holders[id] == 0)
    give_to_kernel(buffers, id);
}

char* buffer_at(const struct provided_buffers* buffers, uint16_t id) {
  return buffers->memory + (size_t)id * buffers->buffer_bytes;
}
