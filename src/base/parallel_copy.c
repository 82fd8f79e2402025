#include "base/parallel_copy.h"

#include <string.h>

#include "base/threads.h"

typedef struct copying {
    const char *from;
    char *to;
    size_t bytes;
} copying;

static void copy_item(void *ctx, int64_t i, int thread)
{
    const copying *c = ctx;
    (void)thread;
    memcpy(c->to + (size_t)i * c->bytes, c->from + (size_t)i * c->bytes, c->bytes);
}

void gr_parallel_copy(void *to, const void *from, int64_t count, size_t bytes)
{
    copying c = {from, to, bytes};
    gr_parallel_for(count, copy_item, &c);
}
