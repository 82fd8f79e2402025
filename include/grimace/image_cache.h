/* Decoded images that several loaders share. */
#ifndef GRIMACE_IMAGE_CACHE_H
#define GRIMACE_IMAGE_CACHE_H

#include <stddef.h>

#include "grimace/image.h"

/* Decoded images, kept as 8-bit RGB after the transforms that draw no random number (a leading `resize: 256` makes an entry
 * 256 x 256 x 3 bytes). Several loaders, one after another or at once, may share one: train, validation, every fold. Images
 * are told apart by path, box and those transforms. When it is full, the rest is decoded anew each time; nothing is evicted.
 * Safe to use from several threads. */
typedef struct gr_image_cache gr_image_cache;

/* Gives an empty cache of at most `bytes`; 0: a quarter of the machine's memory, at most 4 GiB. Fails: GR_NOMEM. */
gr_status gr_image_cache_create(size_t bytes, gr_image_cache **out, gr_error *err) GR_MUST_CHECK;
/* Frees it; every loader that borrowed it must be gone. NULL is fine. Never fails. */
void gr_image_cache_destroy(gr_image_cache *cache);
/* Images held, and the bytes they take. Never fails. */
size_t gr_image_cache_count(gr_image_cache *cache);
size_t gr_image_cache_bytes(gr_image_cache *cache);

/* Where the pixels of a sample in a batch came from. */
typedef struct gr_origin {
    int width, height; /* of the decoded image, upright */
    gr_map map;        /* from its points to those of the [size, size] pixels in the batch */
} gr_origin;

#endif
