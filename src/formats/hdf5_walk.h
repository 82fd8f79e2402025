/* The two layouts of Keras's HDF5 files: what walks one (hdf5_send.c, hdf5_vars.c) shares this. All of it runs in the child.
 */
#ifndef GR_FORMATS_HDF5_WALK_H
#define GR_FORMATS_HDF5_WALK_H

#include "base/base.h"
#include "formats/hdf5_records.h"

typedef struct gr_hdf5_walk {
    const char *path;
    FILE *to;
    uint64_t left; /* bytes of tensors that may still come */
    gr_arena *arena;
    const json_t *config; /* of the whole model: {"class_name": , "config": {"layers": [...]}}; NULL: not known */
    bool named;           /* a layer has a name of its own */
    bool unarranged;      /* the configuration does not name all layers of a model */
    gr_error *err;
} gr_hdf5_walk;

/* Sends the open dataset under `name`, where it holds floats. Fails: GR_INVALID, GR_NOMEM, GR_IO. */
gr_status gr_hdf5_send_one(gr_hdf5_walk *walk, int64_t dataset, const char *name) GR_MUST_CHECK;
/* Sends the open file's tensors by the layout of .weights.h5: "LAYER/kernel:0", LAYER the layer's own name where the file
 * has it, else its class and number ("conv2d_3"), with the models that it lies within in front; in the order of
 * walk->config. Fails: likewise (GR_INVALID: no such file). */
gr_status gr_hdf5_send_vars(gr_hdf5_walk *walk, int64_t file, uint32_t *order) GR_MUST_CHECK;

/* Sends how the model was made, and by which Keras: what a whole model's file has in attributes; nothing where it has not, or
 * where that cannot be read. Fails: GR_IO, GR_NOMEM. */
gr_status gr_hdf5_send_attributes(gr_hdf5_walk *walk, int64_t file) GR_MUST_CHECK;
/* Sends one of the two, GR_HDF5_MADE or GR_HDF5_VERSION. Fails: GR_IO. */
gr_status gr_hdf5_send_text(gr_hdf5_walk *walk, gr_hdf5_kind kind, const char *text) GR_MUST_CHECK;

#endif
