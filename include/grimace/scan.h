/* Every image of a manifest, looked at once. */
#ifndef GRIMACE_SCAN_H
#define GRIMACE_SCAN_H

#include <stdint.h>

#include "grimace/base.h"
#include "grimace/image.h"
#include "grimace/manifest.h"

/* What was found out about one image file. */
typedef struct gr_image_facts {
    int width, height; /* pixels; 0 where it could not be decoded */
    uint64_t size;     /* bytes of the file */
    uint64_t hash[2];  /* of these bytes: equal files have equal hashes */
    double mean[3];    /* with `colours`: over the box, or the whole image: mean of R, G, B in [0, 1], and of their squares */
    double square[3];
    char *problem; /* why it cannot be used, NULL when it can; owned */
} gr_image_facts;

/* Looks at the image of every row of `manifest` (BORROWED) on all threads and writes facts[rows]; what cannot be decoded, and
 * a box beyond the image, is told in `problem`. Without `colours` means and squares stay 0, and of JPEGs and PNGs all data are
 * read, but not all pixels computed. gr_image_facts_free afterwards. Fails: GR_NOMEM. */
gr_status gr_scan_images(const gr_manifest *manifest, bool colours, gr_image_facts *facts, gr_error *err) GR_MUST_CHECK;
/* Likewise, but decodes every picture whole, and hands it to seen(ctx, row, image), from several threads at once; the image is
 * BORROWED during the call. Fails: GR_NOMEM. */
gr_status gr_scan_pictures(const gr_manifest *manifest, void (*seen)(void *ctx, int64_t row, const gr_image *image), void *ctx,
                           gr_image_facts *facts, gr_error *err) GR_MUST_CHECK;
void gr_image_facts_free(gr_image_facts *facts, int64_t count);

#endif
