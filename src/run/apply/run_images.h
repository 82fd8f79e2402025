/* The picture files of a run, by the names that its tables have for them. */
#ifndef GR_RUN_RUN_IMAGES_H
#define GR_RUN_RUN_IMAGES_H

#include "base/base.h"
#include "grimace/manifest.h"
#include "grimace/text.h"

enum { GR_RUN_MANIFESTS = 64 };

typedef struct gr_run_images {
    int count; /* tables that could be read: the run's manifest, then its extra ones */
    struct {
        gr_manifest manifest;
        int64_t *order;     /* its images, sorted */
        const char *prefix; /* of its names in the run, "NAME:"; "": none */
    } tables[GR_RUN_MANIFESTS];
    const char *pretrained; /* the file of weights that its networks began with; NULL: none, or not known */
    gr_arena *arena;
} gr_run_images;

/* Reads the manifests that RUN/config.yaml names. One that cannot be read is said in `said`, a sentence a line, and left
 * out. GIVES *out (gr_run_images_close). Fails: GR_NOMEM. */
gr_status gr_run_images_open(const char *run, gr_run_images *out, gr_text *said, gr_error *err) GR_MUST_CHECK;
void gr_run_images_close(gr_run_images *images);
/* The file of the image that the run calls `name`; NULL: not known. Never fails. */
const char *gr_run_images_path(const gr_run_images *images, const char *name);
/* The name as the manifest that it comes from spells it: without "NAME:". Never fails. */
const char *gr_run_images_own_name(const gr_run_images *images, const char *name);

#endif
