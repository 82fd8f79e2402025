/* The loader: turns lists of image files into batches of float pixels on threads of its own, ahead of their use.
 *
 * What a batch holds follows from the options, the epoch and the sample indices alone: the same bits for any number of
 * threads, with or without a cache. */
#ifndef GRIMACE_LOADER_H
#define GRIMACE_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grimace/image.h"
#include "grimace/image_cache.h"
#include "grimace/sample.h"

typedef struct gr_loader_options {
    const gr_sample *samples; /* [count], borrowed for the loader's life */
    int64_t count;
    int size, channels; /* a batch is [n, size, size, channels] */
    float mean[3], std[3];
    const gr_transform *transforms; /* copied */
    int transform_count;
    const gr_cutter *cutter; /* borrowed for the loader's life; NULL: a sample without a box is its whole picture */
    bool fast_dct;           /* as gr_image_read_by; the cache keeps both apart */
    const char *transforms_key; /* named in errors, such as "data.train_transforms" (borrowed); NULL: "transforms" */
    uint64_t seed;
    gr_image_cache *cache; /* borrowed; NULL: the loader has one of its own, of cache_bytes */
    size_t cache_bytes;    /* 0: as gr_image_cache_create; 1: keep nothing */
    int threads;           /* 0: one per core that the process may use, at most 4 */
    bool tolerant; /* a sample that cannot be loaded fails nothing: its pixels are zeros, and gr_loader_problem tells what it has */
} gr_loader_options;

typedef struct gr_loader gr_loader;

/* Gives a loader with its threads waiting. Reads no file yet.
 * Fails: GR_INVALID (transforms that cannot end in size x size, channels, mean or std out of range), GR_NOMEM, GR_IO (no
 * thread could be started). */
gr_status gr_loader_create(const gr_loader_options *options, gr_loader **out, gr_error *err) GR_MUST_CHECK;

/* Starts a pass and its prefetching: `order` [count] (copied) are sample indices, cut into batches of batch_size; the last
 * may be smaller, drop_last leaves it out then. A pass under way is given up. The random numbers of sample i are those of
 * (seed, epoch, i), wherever it stands in the order; where i comes several times (oversampling), each time draws anew.
 * Fails: GR_INVALID (an index or batch_size out of range), GR_NOMEM. */
gr_status gr_loader_start(gr_loader *loader, uint32_t epoch, const int64_t *order, int64_t count, int64_t batch_size,
                          bool drop_last, gr_error *err) GR_MUST_CHECK;

/* Waits for the next batch: *pixels [n, size, size, channels] and *indices [n] are borrowed until the next call to
 * gr_loader_next, _start or _destroy; n = 0 at the end of the pass (and before the first). `pixels` or `indices` may be
 * NULL when they are not wanted. A sample that cannot be loaded fails the call whose batch holds it, and every later one
 * until the next start. Fails: GR_INVALID (such a sample: the sentence names its file), GR_NOMEM. */
gr_status gr_loader_next(gr_loader *loader, const float **pixels, const int64_t **indices, int64_t *n,
                         gr_error *err) GR_MUST_CHECK;

/* The origins [n] of the samples of the batch that gr_loader_next gave last, borrowed as long as its pixels; NULL when there
 * is none. Never fails. */
const gr_origin *gr_loader_origins(gr_loader *loader);

/* The samples that it was made for; BORROWED. Never fails. */
const gr_sample *gr_loader_samples(const gr_loader *loader);
/* Gives the picture of sample `index` as its file has it, without box and transforms, beside any pass and from any thread. A sample
 * that cannot be read leaves a tolerant loader an empty picture and a problem. Fails: as gr_image_read, with the
  * sample's `where`. */
gr_status gr_loader_picture(gr_loader *loader, int64_t index, gr_image *picture, gr_error *err) GR_MUST_CHECK;

/* What was wrong with sample `index` when a tolerant loader met it ("FILE: ...", without the sample's `where`), BORROWED from the
 * loader; NULL: nothing, or it was not met. Never fails. */
const char *gr_loader_problem(gr_loader *loader, int64_t index);

/* Stops the threads, in the middle of a pass too, and frees all. NULL is fine. Never fails. */
void gr_loader_destroy(gr_loader *loader);

#endif
