/* The plain arrays of an HDF5 file: what tables and tracks are stored in. libhdf5 runs in a child process (hdf5_child.h);
 * hdf5_arrays_read.c is the parent, hdf5_arrays_send.c what runs in the child. */
#ifndef GR_FORMATS_HDF5_ARRAYS_H
#define GR_FORMATS_HDF5_ARRAYS_H

#include "formats/source.h"

enum { GR_HDF5_RANK = 4, GR_HDF5_ARRAYS = 1000, GR_HDF5_ARRAY_NAME = 500, GR_HDF5_DIMS = 200 };

typedef struct gr_hdf5_array {
    const char *name; /* "tracks", "group/values": from the root, at most one group deep; "group/table.index": a field of a
                       * table whose rows are records, and "group/table.values_kind": PyTables' attribute of what it holds */
    const char *dims; /* its attribute "dims"; "" when it has none */
    int rank;
    int64_t dim[GR_HDF5_RANK];
    int64_t count;         /* of items; rank 0: 1 */
    const double *numbers; /* [count]; NULL: it holds no numbers */
    const char **texts;    /* [count]; NULL: it holds no texts. Both NULL: something else, which was not read */
} gr_hdf5_array;

typedef struct gr_hdf5_arrays {
    gr_hdf5_array *items; /* [count], all in the arena */
    int count;
} gr_hdf5_arrays;

/* Reads every array of numbers and of texts in the root and in its groups, of at most 1 GB together, into `arena`.
 * Fails: GR_INVALID (no HDF5 file, damaged, too much), GR_NOMEM, GR_IO (no child process). */
gr_status gr_hdf5_arrays_read(const char *path, gr_arena *arena, gr_hdf5_arrays *out, gr_error *err) GR_MUST_CHECK;
/* The array of that name, or NULL. Never fails. */
const gr_hdf5_array *gr_hdf5_array_find(const gr_hdf5_arrays *arrays, const char *name);

/* ---- between child and parent ---- */

typedef enum gr_hdf5_array_kind {
    GR_HDF5_NUMBERS = 1,
    GR_HDF5_TEXTS,
    GR_HDF5_OTHER,
    GR_HDF5_ARRAYS_FAILED,
    GR_HDF5_ARRAYS_END
} gr_hdf5_array_kind;

/* A record, then `name` bytes of its name (or of the sentence), `dims` bytes, and `bytes` bytes: doubles, or texts with a NUL
 * behind each. */
typedef struct gr_hdf5_array_record {
    uint32_t kind, status, name, dims, rank;
    int64_t dim[GR_HDF5_RANK];
    uint64_t bytes;
} gr_hdf5_array_record;

/* In the child: sends all arrays of at most `limit` bytes, without a last record. Fails: as above. */
gr_status gr_hdf5_arrays_send(const char *path, uint64_t limit, FILE *to, gr_error *err) GR_MUST_CHECK;

#endif
