#include "data/near_pairs.h"

#include <stdlib.h>

#include "base/base.h"

typedef struct found {
    gr_near_pair *pairs;
    int64_t count, room;
    bool failed;
} found;

typedef struct search {
    const gr_print *prints;
    uint64_t *hashes; /* [rows]: apart from the grey copies, so that they lie close */
    gr_shape *shapes; /* [rows] */
    int64_t rows;
    bool (*wanted)(const void *ctx, int64_t first, int64_t second);
    const void *ctx;
    found *found; /* [threads] */
} search;

static void add(found *f, gr_near_pair pair)
{
    if (f->count == f->room) {
        int64_t room = f->room > 0 ? 2 * f->room : 256;
        gr_near_pair *grown = gr_realloc(f->pairs, (size_t)room, sizeof *grown);
        f->failed = f->failed || grown == NULL;
        if (grown == NULL)
            return;
        f->pairs = grown;
        f->room = room;
    }
    f->pairs[f->count++] = pair;
}

/* How many bits are set. Written out: a compiler that may not count on the instruction for it calls a function. */
static int count_bits(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (int)(x * 0x0101010101010101u >> 56);
}

static void prepare(void *ctx, int64_t i, int thread)
{
    (void)thread;
    search *s = ctx;
    s->hashes[i] = s->prints[i].hash;
    if (s->prints[i].known)
        gr_print_shape(&s->prints[i], &s->shapes[i]);
}

/* Row `i` with those behind it. */
static void compare(void *ctx, int64_t i, int thread)
{
    search *s = ctx;
    const gr_print *a = &s->prints[i];
    for (int64_t j = i + 1; a->known && j < s->rows; j++) {
        if (count_bits(a->hash ^ s->hashes[j]) > GR_NEAR_BITS && count_bits(a->mirrored ^ s->hashes[j]) > GR_NEAR_BITS)
            continue;
        if (gr_shape_bound(&s->shapes[i], &s->shapes[j]) < GR_NEAR_CORRELATION)
            continue;
        if (!s->prints[j].known || !s->wanted(s->ctx, i, j))
            continue;
        double correlation = gr_print_correlation(a, &s->prints[j]);
        if (correlation >= GR_NEAR_CORRELATION)
            add(&s->found[thread], (gr_near_pair){i, j, (float)correlation});
    }
}

/* Early rows have more behind them: a thread's range of indices takes them from both ends. */
static void compare_some(void *ctx, int64_t index, int thread)
{
    search *s = ctx;
    int64_t other = s->rows - 1 - index;
    compare(ctx, index, thread);
    if (other > index)
        compare(ctx, other, thread);
}

static int by_rows(const void *a, const void *b)
{
    const gr_near_pair *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->second < y->second ? -1 : x->second > y->second;
}

static gr_status gather(found *all, int threads, gr_near_pair **out, int64_t *count, gr_error *err)
{
    bool good = true;
    *count = 0;
    for (int t = 0; t < threads; t++) {
        *count += all[t].count;
        good = good && !all[t].failed;
    }
    *out = good ? gr_alloc((size_t)*count, sizeof **out) : NULL;
    if (*out == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for nearly equal pictures");
    int64_t at = 0;
    for (int t = 0; t < threads; t++)
        for (int64_t i = 0; i < all[t].count; i++)
            (*out)[at++] = all[t].pairs[i];
    qsort(*out, (size_t)*count, sizeof **out, by_rows);
    return GR_OK;
}

gr_status gr_near_pairs(const gr_print *prints, int64_t rows, bool (*wanted)(const void *ctx, int64_t first, int64_t second),
                        const void *ctx, gr_near_pair **out, int64_t *count, gr_error *err)
{
    int threads = gr_threads_get();
    found *all = gr_alloc((size_t)threads, sizeof *all);
    uint64_t *hashes = gr_alloc((size_t)rows, sizeof *hashes);
    gr_shape *shapes = gr_alloc((size_t)rows, sizeof *shapes);
    *out = NULL;
    *count = 0;
    gr_status status = all != NULL && hashes != NULL && shapes != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for nearly equal pictures");
    if (status == GR_OK) {
        search s = {prints, hashes, shapes, rows, wanted, ctx, all};
        gr_parallel_for(rows, prepare, &s);
        gr_parallel_for((rows + 1) / 2, compare_some, &s);
        status = gather(all, threads, out, count, err);
    }
    for (int t = 0; all != NULL && t < threads; t++)
        gr_free(all[t].pairs);
    gr_free(all);
    gr_free(hashes);
    gr_free(shapes);
    return status;
}
