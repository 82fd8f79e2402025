/* Finding faces in pictures: boxes with scores, from an OpenCV cascade (XML), a network (ONNX) or a chain of detectors (YAML).
 *
 * A cascade's boxes are those of OpenCV's detectMultiScale for the same options, the same set bit for bit; their order is
 * grimace's own: the highest score first, then the largest area, then from the top and from the left. */
#ifndef GRIMACE_DETECT_H
#define GRIMACE_DETECT_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/image.h"

/* What a search of a cascade is told; a chain's stages may say otherwise. */
typedef struct gr_detect_options {
    double scale;   /* from one size of the window to the next: 1.001 to 10 */
    int neighbours; /* how many windows a box is grouped of must be more than this or as many: OpenCV's minNeighbors; 0: no
                     * grouping, each window is a box */
    int min_size, max_size;           /* of a box's sides in pixels; 0: any */
    const char *kind;                 /* of a model's or network's boxes, BORROWED as long as it is open; NULL: the model's first */
    double least;                     /* of a model or network: boxes from this score on, 0 to 1; 0: the model's own */
    const struct gr_detector *models; /* how what is a model is opened, a chain's part, too; NULL: it cannot be */
} gr_detect_options;

/* scale 1.1, 3 neighbours, any size: OpenCV's own. Never fails. */
gr_detect_options gr_detect_defaults(void);

/* A box in pixels. The score of a cascade's is the number of windows that it is grouped of. */
typedef struct gr_found {
    int x, y, width, height;
    double score;
    const char *detector; /* which stage of a chain found it, or the detector's name; BORROWED from the finder */
} gr_found;

/* Zero-initialise it; gr_found_free when done. */
typedef struct gr_found_list {
    gr_found *boxes;
    int64_t count, capacity;
} gr_found_list;
void gr_found_free(gr_found_list *list);

/* A detector that has been opened. It may be asked from several threads at once. */
typedef struct gr_finder gr_finder;

/* Opens the detector at `path`: .xml is a cascade, .onnx a network of a known ending, .yaml or .yml a chain; where
 * options->models is one, .safetensors or a folder a model. `options` is BORROWED during the call. Fails: GR_INVALID (options out
 * of range; no such file, or one that is no detector: "FILE:LINE: ..."), GR_NOMEM. */
gr_status gr_finder_open(const char *path, const gr_detect_options *options, gr_finder **out, gr_error *err) GR_MUST_CHECK;
/* Its file's name without folder and ending; BORROWED. Never fails. */
const char *gr_finder_name(const gr_finder *finder);
/* The path that it was opened by, as it was given; BORROWED. Never fails. */
const char *gr_finder_path(const gr_finder *finder);
/* A hash of what its files hold, those of a chain's parts too. Fails: GR_INVALID (a file that cannot be read), GR_NOMEM. */
gr_status gr_finder_content(const gr_finder *finder, uint64_t *hash, gr_error *err) GR_MUST_CHECK;
/* Finds boxes in `image` (BORROWED), on gr_threads_get threads, and puts them in *out in place of what is there: none is no
 * failure. Fails: GR_NOMEM. */
gr_status gr_finder_find(const gr_finder *finder, const gr_image *image, gr_found_list *out, gr_error *err) GR_MUST_CHECK;
void gr_finder_close(gr_finder *finder);

#endif
