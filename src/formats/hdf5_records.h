/* What runs in the child process that reads an HDF5 file, and what it says to its parent. */
#ifndef GR_FORMATS_HDF5_RECORDS_H
#define GR_FORMATS_HDF5_RECORDS_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "grimace/base.h"

/* What the child writes into the pipe: this, `length` bytes of text, and for a tensor its floats. */
typedef enum gr_hdf5_kind { GR_HDF5_TENSOR = 1, GR_HDF5_FAILED, GR_HDF5_END, GR_HDF5_MADE, GR_HDF5_VERSION } gr_hdf5_kind;
typedef struct gr_hdf5_record {
    uint32_t kind, length; /* length: of the name, the sentence, the model's configuration (MADE) or Keras's VERSION */
    uint32_t status;       /* GR_HDF5_FAILED: a gr_status; GR_HDF5_END: a gr_hdf5_order, and GR_HDF5_ARRANGED */
    uint32_t rank;
    int64_t dim[4];
} gr_hdf5_record;
enum { GR_HDF5_NAME_LIMIT = 1000, GR_HDF5_MADE_LIMIT = 64 << 20 };

/* How a file's layers stand there: in the network's order; by class, with their names; the same without names. */
typedef enum gr_hdf5_order { GR_HDF5_LISTED, GR_HDF5_COUNTED, GR_HDF5_NAMELESS } gr_hdf5_order;
/* Added to the order: an archive's configuration said which layer follows which, and so they were sent. */
enum { GR_HDF5_ARRANGED = 4 };

/* A file's bytes in memory, and the configuration of the model beside them, as it is written and read, and the version of
 * Keras; NULL where there is none. */
typedef struct gr_hdf5_image {
    void *bytes;
    size_t size;
    json_t *config;
    char *made, *version;
} gr_hdf5_image;

/* In the child: writes records to `to` for every float tensor of the file, or of `image` (NULL: none) that was found there,
 * of at most `limit` bytes together. *order: how its layers stand there, with GR_HDF5_ARRANGED or not. Fails: GR_INVALID (as
 * above), GR_NOMEM, GR_IO (the pipe). */
gr_status gr_hdf5_send(const char *path, const gr_hdf5_image *image, uint64_t limit, FILE *to, uint32_t *order,
                       gr_error *err) GR_MUST_CHECK;

#endif
