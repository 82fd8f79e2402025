/* What is wrong with a data set, told before training: every row, every image file, and what they are together. */
#ifndef GRIMACE_CHECK_H
#define GRIMACE_CHECK_H

#include <stdbool.h>

#include "grimace/base.h"
#include "grimace/manifest.h"
#include "grimace/scan.h"
#include "grimace/split.h"
#include "grimace/text.h"

/* One thing found: an error makes training fail or its result worthless, a warning may be meant. */
typedef struct gr_finding {
    bool error;
    const char *text; /* "FILE:LINE: column: ..." */
} gr_finding;

typedef struct gr_check {
    gr_manifest manifest;  /* the rows that can be used; its rows are 0 when there are none */
    gr_image_facts *facts;   /* [manifest.rows] */
    struct gr_print *prints; /* [manifest.rows], where they were asked for; else NULL */
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

/* Checks also the table at `path`, whose images train only and which need not have all classes, or several groups: by `options`,
 * but by the classes of out->manifest where it has rows, and all of its rows. What is found stands behind the other findings.
 * Fails: as gr_check_manifest. */
gr_status gr_check_extra(const char *path, const gr_manifest_options *options, gr_check *out, gr_error *err) GR_MUST_CHECK;

/* Appends a line for any two names of the manifest's columns, labels, groups, sessions, treatments or parts that differ in case,
 * blanks or leading zeros only: what gr_check_manifest warns of, for who trains without asking it. `all`: in every column but those
 * of images and numbers. Fails: GR_NOMEM. */
gr_status gr_check_names(const gr_manifest *manifest, bool all, gr_text *said, gr_error *err) GR_MUST_CHECK;

/* What a network makes of the check's pictures: values[manifest.rows, width]; BORROWED. */
typedef struct gr_picture_features {
    const float *values;
    int64_t width;
} gr_picture_features;

/* Warns of nearly equal pictures (by a perceptual hash, confirmed by the correlation of small grey copies, in a mirror, too) and of
 * consecutive frames of a video that stand in different groups, have different labels, or are divided between training and test
 * part by a fold of `split` (BORROWED; NULL: by the manifest's column `split`). With `features` (NULL: none) pictures that are
 * parts of others count as nearly equal, too: each picture's twenty nearest by features are laid upon each other. The check was
 * made with `prints`. Fails: GR_NOMEM. */
gr_status gr_check_near(gr_check *check, const gr_split *split, const gr_picture_features *features,
                        gr_error *err) GR_MUST_CHECK;

/* Adds a finding of the caller's; `text` is copied. Fails: GR_NOMEM. */
gr_status gr_check_add(gr_check *check, bool error, const char *text, gr_error *err) GR_MUST_CHECK;

/* Frees all that a check holds, and empties it. Never fails. */
void gr_check_free(gr_check *check);

#endif
