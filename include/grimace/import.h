/* Importers: from the folder that a data set's owners ship to a manifest. */
#ifndef GRIMACE_IMPORT_H
#define GRIMACE_IMPORT_H

#include "grimace/base.h"

/* How the folders of a data set say what an image shows. */
typedef struct gr_import_options {
    const char *pain;    /* name of the folders that hold images of pain; NULL: the usual ones, see datasets/ratspain */
    const char *no_pain; /* of those without; NULL: the usual ones */
} gr_import_options;

/* What an import found. */
typedef struct gr_import_counts {
    int64_t images, pain;
    int animals;
} gr_import_counts;

/* Writes the manifest `image,animal,pain` (pain: 1 or 0) of RatsPain's face crops in `folder` to `path`: every PNG and JPEG
 * file below it, whose path must hold one folder that names the label and one that names the animal, in either order
 * (rat1/pain/x.png, pain/rat1/x.png). Image paths are relative to the manifest where they lie below its folder, else
 * absolute; rows are in byte order of the paths. `counts` receives what was found.
 * Fails: GR_INVALID (no such folder, a path that does not say animal and label, no image), GR_IO, GR_NOMEM. */
gr_status gr_import_ratspain(const char *folder, const char *path, const gr_import_options *options,
                             gr_import_counts *counts, gr_error *err) GR_MUST_CHECK;

#endif
