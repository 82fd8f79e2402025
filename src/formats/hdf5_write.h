/* HDF5 files in the making: tensors in groups, and texts beside them. */
#ifndef GR_FORMATS_HDF5_WRITE_H
#define GR_FORMATS_HDF5_WRITE_H

#include "grimace/weights.h"

/* An attribute of a group ("": the root), which is made where no tensor has made it: one text (count -1), or a list of them.
 */
typedef struct gr_hdf5_label {
    const char *group, *key;
    const char *const *texts;
    int64_t count;
} gr_hdf5_label;

/* GIVES the bytes (gr_free) of a file with each of `weights` (float32) as a dataset of its name, "group/group/name". The
 * same content gives the same bytes. Fails: GR_INVALID (a name that is no path), GR_NOMEM. */
gr_status gr_hdf5_make(const gr_weights *weights, const gr_hdf5_label *labels, int count, unsigned char **bytes,
                       size_t *size, gr_error *err) GR_MUST_CHECK;

#endif
