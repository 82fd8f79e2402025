/* What is wrong with a data set, told before training: every row, every image file, and what they are together. */
#ifndef GRIMACE_CHECK_H
#define GRIMACE_CHECK_H

#include <stdbool.h>

#include "grimace/base.h"
#include "grimace/manifest.h"

/* What was found out about one image file. */
typedef struct gr_image_facts {
    int width, height; /* pixels; 0 where it could not be decoded */
    uint64_t size;     /* bytes of the file */
    uint64_t hash[2];  /* of these bytes: equal files have equal hashes */
    double mean[3];    /* over the box, or the whole image: mean of R, G, B in [0, 1], and of their squares */
    double square[3];
    char *problem; /* why it cannot be used, NULL when it can; owned */
} gr_image_facts;

/* Decodes the image of every row of `manifest` (BORROWED) on all threads and writes facts[rows]; what cannot be decoded, and
 * a box beyond the image, is told in `problem`. gr_image_facts_free afterwards. Fails: GR_NOMEM. */
gr_status gr_scan_images(const gr_manifest *manifest, gr_image_facts *facts, gr_error *err) GR_MUST_CHECK;
void gr_image_facts_free(gr_image_facts *facts, int64_t count);

/* One thing found: an error makes training fail or its result worthless, a warning may be meant. */
typedef struct gr_finding {
    bool error;
    const char *text; /* "FILE:LINE: column: ..." */
} gr_finding;

typedef struct gr_check {
    gr_manifest manifest;  /* the rows that can be used; its rows are 0 when there are none */
    gr_image_facts *facts; /* [manifest.rows] */
    const gr_finding *findings;
    int64_t count, errors, warnings;
    void *memory;
} gr_check;

/* Checks the manifest at `path` by `options` (BORROWED; its `report` and `skip_files` are not used): rows and files as
 * gr_manifest_load, images that cannot be decoded, boxes and landmarks beyond their image, identical files under two names
 * (an error when their labels or groups differ), classes that are missing or tiny, a single class or group, groups with one
 * class only, landmarks that few images have. *out GIVES (gr_check_free). Fails: GR_INVALID (the table cannot be read at
 * all), GR_NOMEM. */
gr_status gr_check_manifest(const char *path, const gr_manifest_options *options, gr_check *out,
                            gr_error *err) GR_MUST_CHECK;

/* The same for the manifest of a config; what is wrong with its extra manifests follows, which may lack classes and groups.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_check_config(const struct gr_config *config, gr_check *out, gr_error *err) GR_MUST_CHECK;
void gr_check_free(gr_check *check);

#endif
