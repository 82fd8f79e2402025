/* An image to load, and who cuts it. */
#ifndef GRIMACE_SAMPLE_H
#define GRIMACE_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/image.h"

/* One image to load; all strings are borrowed for the loader's life. */
typedef struct gr_sample {
    const char *path;  /* the file */
    const char *where; /* put before an error's sentence, for example "manifest.csv:12: image"; NULL: nothing */
    double box[4];     /* x, y, width, height in pixels; read when has_box */
    bool has_box;
    int side;    /* above 0: the picture is seen through `map` as a square of so many pixels, and neither box nor cutter is used */
    gr_map map;
    const float *points; /* [point_count, 2]: landmarks of the picture in its pixels, numbered as in its table, NaN where one is not
                          * known; for models that turn faces upright by a table's; NULL: none */
    int point_count;
    int label; /* the caller's; the loader does not look at it */
    const float *numbers; /* the caller's, of learners that read numbers in the image's place; NULL: none */
    const gr_image *image; /* these pixels in place of the file, never cached, `path` is for sentences; borrowed; NULL: the file */
} gr_sample;

/* Finds the part of a picture to use, where a sample has no box. */
typedef struct gr_cutter {
    /* Sets box (x, y, width, height, whole pixels inside `image`, BORROWED). Called from several threads at once. Fails: GR_INVALID
     * (nothing is found; the sentence does not name the picture), GR_NOMEM. */
    gr_status (*cut)(const void *ctx, const gr_image *image, double box[4], gr_error *err);
    const void *ctx;
    uint64_t key; /* of all that the box follows from beside the picture; not 0 */
} gr_cutter;

#endif
