/* Copies that all threads make together: batches of images are tens of megabytes, which one is slow to move while others wait. */
#ifndef GR_BASE_PARALLEL_COPY_H
#define GR_BASE_PARALLEL_COPY_H

#include <stddef.h>
#include <stdint.h>

/* Copies `count` items of `bytes` bytes each, as memcpy. Never fails. */
void gr_parallel_copy(void *to, const void *from, int64_t count, size_t bytes);

#endif
