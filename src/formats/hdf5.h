/* Keras's weights in HDF5 files. libhdf5 trusts the files that it reads, so a child process runs it: hdf5.c holds the
 * child's strings, hdf5_keras.c is what runs in the child. */
#ifndef GR_FORMATS_HDF5_H
#define GR_FORMATS_HDF5_H

#include "formats/weights.h"

/* What the child writes into the pipe: this, `length` bytes of text, and for a tensor its floats. */
typedef enum gr_hdf5_kind { GR_HDF5_TENSOR = 1, GR_HDF5_FAILED, GR_HDF5_END } gr_hdf5_kind;
typedef struct gr_hdf5_record {
    uint32_t kind, length; /* length: of the name or the sentence */
    uint32_t status;       /* GR_HDF5_FAILED: a gr_status */
    uint32_t rank;
    int64_t dim[4];
} gr_hdf5_record;
enum { GR_HDF5_NAME_LIMIT = 1000 };

/* Do these first bytes begin an HDF5 file? Never fails. */
bool gr_hdf5_is(const unsigned char *bytes, size_t size);
/* Does the file there begin as one? false when it cannot be read. Never fails. */
bool gr_hdf5_is_file(const char *path);
/* Adds the float tensors (as F32, in Keras's layouts) of a file that Keras wrote, and note "format" = "keras". They are named
 * "layer/weight:0": the weight's own name, behind the layer's where it does not begin with that.
 * Fails: GR_INVALID (not Keras's, damaged, too large), GR_NOMEM, GR_IO (no child process). */
gr_status gr_hdf5_read(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
/* In the child: writes records to `to` for every float tensor of the file, of at most `limit` bytes together.
 * Fails: GR_INVALID (as above), GR_NOMEM, GR_IO (the pipe). */
gr_status gr_hdf5_send(const char *path, uint64_t limit, FILE *to, gr_error *err) GR_MUST_CHECK;

#endif
