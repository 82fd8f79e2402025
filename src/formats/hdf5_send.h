/* What runs in the child process that reads an HDF5 file, and what it says to its parent. */
#ifndef GR_FORMATS_HDF5_SEND_H
#define GR_FORMATS_HDF5_SEND_H

#include <stdint.h>
#include <stdio.h>

#include "grimace/base.h"

/* What the child writes into the pipe: this, `length` bytes of text, and for a tensor its floats. */
typedef enum gr_hdf5_kind { GR_HDF5_TENSOR = 1, GR_HDF5_FAILED, GR_HDF5_END } gr_hdf5_kind;
typedef struct gr_hdf5_record {
    uint32_t kind, length; /* length: of the name or the sentence */
    uint32_t status;       /* GR_HDF5_FAILED: a gr_status */
    uint32_t rank;
    int64_t dim[4];
} gr_hdf5_record;
enum { GR_HDF5_NAME_LIMIT = 1000 };

/* In the child: writes records to `to` for every float tensor of the file, of at most `limit` bytes together.
 * Fails: GR_INVALID (as above), GR_NOMEM, GR_IO (the pipe). */
gr_status gr_hdf5_send(const char *path, uint64_t limit, FILE *to, gr_error *err) GR_MUST_CHECK;

#endif
