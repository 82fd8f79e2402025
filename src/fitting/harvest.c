/* Each window has a random number of its own, which follows from its place; those with the smallest are taken. So a thread
 * keeps no more than it may have to give, and what is taken depends on no order. */
#include "fitting/harvest.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "detect/visit.h"

typedef struct entry {
    uint64_t key;
    int64_t slot; /* of the pixels */
} entry;

/* A heap whose first entry has the largest key. */
typedef struct basket {
    entry *entries;
    int64_t count, room;
    uint8_t *pixels;
    gr_harvest_count seen;
} basket;

typedef struct harvest {
    const gr_fit_pictures *pictures;
    const gr_cascade *cascade;
    const gr_harvest_options *options;
    basket *baskets; /* [threads] */
    size_t size;     /* of a window's pixels */
} harvest;

typedef struct picking {
    const harvest *h;
    basket *basket;
    int64_t index;
    uint32_t key[2]; /* of the picture's random numbers */
} picking;

static void sink(basket *b, int64_t at)
{
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= b->count)
            return;
        if (child + 1 < b->count && b->entries[child + 1].key > b->entries[child].key)
            child++;
        if (b->entries[child].key <= b->entries[at].key)
            return;
        entry e = b->entries[at];
        b->entries[at] = b->entries[child];
        b->entries[child] = e;
        at = child;
    }
}

static void rise(basket *b, int64_t at)
{
    while (at > 0 && b->entries[(at - 1) / 2].key < b->entries[at].key) {
        entry e = b->entries[at];
        b->entries[at] = b->entries[(at - 1) / 2];
        b->entries[(at - 1) / 2] = e;
        at = (at - 1) / 2;
    }
}

static bool grow(const harvest *h, basket *b)
{
    int64_t room = b->room == 0 ? 256 : 2 * b->room;
    entry *entries = gr_realloc(b->entries, (size_t)room, sizeof *entries);
    if (entries == NULL)
        return false;
    b->entries = entries;
    uint8_t *pixels = gr_realloc(b->pixels, (size_t)room, h->size);
    if (pixels == NULL)
        return false;
    b->pixels = pixels;
    b->room = room;
    return true;
}

static gr_status pick(void *ctx, const gr_visited *window, gr_error *err)
{
    picking *p = ctx;
    basket *b = p->basket;
    const gr_found *f = &window->box;
    uint32_t place[4] = {(uint32_t)f->x, (uint32_t)f->y}, out[4];
    memcpy(&place[2], &window->level->scale, sizeof place[2]);
    b->seen.passed++;
    gr_philox(p->key, place, out);
    uint64_t key = (uint64_t)out[0] << 32 | out[1];
    bool full = b->count == p->h->options->most;
    if (full && key >= b->entries[0].key)
        return GR_OK;
    gr_box box = {f->x, f->y, f->width, f->height};
    if (gr_fit_overlaps(p->h->pictures, p->index, &box, p->h->options->overlap))
        return GR_OK;
    if (!full && b->count == b->room && !grow(p->h, b))
        return gr_fail(err, GR_NOMEM, "no memory for windows of pictures");
    int64_t slot = full ? b->entries[0].slot : b->count;
    gr_visited_pixels(window, b->pixels + (size_t)slot * p->h->size);
    if (full) {
        b->entries[0].key = key;
        sink(b, 0);
    } else {
        b->entries[b->count] = (entry){key, slot};
        rise(b, b->count++);
    }
    return GR_OK;
}

static gr_status search_picture(void *ctx, int64_t index, const gr_grey *grey, int thread, gr_error *err)
{
    const harvest *h = ctx;
    gr_rng rng = gr_rng_make(h->options->seed, GR_FOR_NEGATIVES, (uint32_t)h->options->round, (uint64_t)index);
    picking p = {.h = h, .basket = &h->baskets[thread], .index = index};
    p.key[0] = gr_rng_u32(&rng);
    p.key[1] = gr_rng_u32(&rng);
    gr_detect_options options = {.scale = h->options->scale};
    return gr_cascade_visit(h->cascade, grey, &options, pick, &p, &p.basket->seen.seen, err);
}

typedef struct kept {
    uint64_t key;
    const uint8_t *pixels;
} kept;

static int by_key(const void *pa, const void *pb)
{
    const kept *a = pa, *b = pb;
    return (a->key > b->key) - (a->key < b->key);
}

/* The smallest keys of all threads' baskets, in their order. */
static gr_status gather(const harvest *h, int threads, gr_patches *out, gr_harvest_count *count, gr_error *err)
{
    int64_t all = 0, n = 0;
    for (int t = 0; t < threads; t++)
        all += h->baskets[t].count;
    kept *list = gr_alloc((size_t)all, sizeof *list);
    out->count = all < h->options->most ? all : h->options->most;
    out->pixels = gr_alloc((size_t)out->count, h->size);
    if (list == NULL || out->pixels == NULL) {
        gr_free(list);
        gr_patches_free(out);
        return gr_fail(err, GR_NOMEM, "no memory for %lld windows of pictures", (long long)all);
    }
    for (int t = 0; t < threads; t++) {
        const basket *b = &h->baskets[t];
        count->seen += b->seen.seen;
        count->passed += b->seen.passed;
        for (int64_t i = 0; i < b->count; i++)
            list[n++] = (kept){b->entries[i].key, b->pixels + (size_t)b->entries[i].slot * h->size};
    }
    qsort(list, (size_t)all, sizeof *list, by_key);
    for (int64_t i = 0; i < out->count; i++)
        memcpy(out->pixels + (size_t)i * h->size, list[i].pixels, h->size);
    gr_free(list);
    return GR_OK;
}

gr_status gr_harvest(const gr_fit_pictures *pictures, const gr_cascade *cascade, const gr_harvest_options *options,
                     gr_patches *out, gr_harvest_count *count, gr_error *err)
{
    gr_cascade_stage all = {.threshold = -1}; /* of nothing: all windows pass */
    gr_cascade first = *cascade;
    int threads = gr_threads_get();
    if (cascade->stage_count == 0) {
        first.stages = &all;
        first.stage_count = 1;
    }
    harvest h = {pictures, &first, options, gr_alloc((size_t)threads, sizeof(basket)),
                 (size_t)cascade->width * (size_t)cascade->height};
    *out = (gr_patches){.width = cascade->width, .height = cascade->height};
    *count = (gr_harvest_count){0};
    gr_status status = h.baskets != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for windows of pictures");
    if (status == GR_OK)
        status = gr_fit_each(pictures, search_picture, &h, err);
    if (status == GR_OK)
        status = gather(&h, threads, out, count, err);
    for (int t = 0; h.baskets != NULL && t < threads; t++) {
        gr_free(h.baskets[t].entries);
        gr_free(h.baskets[t].pixels);
    }
    gr_free(h.baskets);
    return status;
}
