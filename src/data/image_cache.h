/* How loaders read and fill the cache of decoded images. */
#ifndef GR_DATA_IMAGE_CACHE_H
#define GR_DATA_IMAGE_CACHE_H

#include "base/base.h"
#include "grimace/image_cache.h"

/* What names an entry: the loader makes one for each sample, once. `text` is borrowed until the entry is looked up or added;
 * the cache keeps a copy. */
typedef struct gr_cache_key {
    const char *text;
    uint64_t hash; /* gr_hash_text(0, text) */
} gr_cache_key;

/* What is kept: the pixels, and where they came from. */
typedef struct gr_cached_image {
    gr_image image;
    gr_origin origin;
} gr_cached_image;

/* The image of that name, borrowed for the cache's life, or NULL. Never fails. */
const gr_cached_image *gr_image_cache_find(gr_image_cache *cache, gr_cache_key key);

/* Takes image->image (and zeroes it) when there is room, and returns the cached one; when another thread was first, that
 * one's image is returned and this one freed: they are equal. NULL, and the pixels stay the caller's, when the cache is full. */
const gr_cached_image *gr_image_cache_add(gr_image_cache *cache, gr_cache_key key, gr_cached_image *image);

#endif
