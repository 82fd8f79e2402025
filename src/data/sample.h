/* A sample's way from its file to what the cache of decoded images keeps: decoded, cut, and through the transforms that draw no
 * random number. */
#ifndef GR_DATA_SAMPLE_H
#define GR_DATA_SAMPLE_H

#include "data/image_cache.h"
#include "grimace/sample.h"

typedef struct gr_sample_road {
    const gr_cutter *cutter; /* NULL: a sample without a box is its whole picture */
    const gr_transform *list;
    int fixed;            /* so many of the list are done before an image is kept */
    const char *list_key; /* names the list in sentences */
    bool fast_dct;        /* of JPEGs */
} gr_sample_road;

/* The sample's picture as its file has it, or a copy of its image. GIVES *out. Fails: as gr_image_read. */
gr_status gr_sample_picture(const gr_sample *sample, bool fast_dct, gr_image *out, gr_error *err) GR_MUST_CHECK;
/* Fails: GR_INVALID (the file, the box, nothing that the cutter finds, a transform), GR_NOMEM. */
gr_status gr_sample_decode(const gr_sample_road *road, const gr_sample *sample, gr_cached_image *out, gr_error *err) GR_MUST_CHECK;

/* A key of each of samples[count], which says all that its pixels follow from: the fixed transforms, the box or the cutter, the
 * file. GIVES *arena, where their texts are, and *keys. Fails: GR_NOMEM; both may be there then, too. */
gr_status gr_sample_keys(const gr_sample_road *road, const gr_sample *samples, int64_t count, gr_arena **arena,
                         gr_cache_key **keys, gr_error *err) GR_MUST_CHECK;

#endif
