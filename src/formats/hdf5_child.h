/* The child process that runs libhdf5, which damaged files can crash, and the pipe that it answers through. */
#ifndef GR_FORMATS_HDF5_CHILD_H
#define GR_FORMATS_HDF5_CHILD_H

#include <sys/types.h>

#include "formats/source.h"

typedef struct gr_hdf5_child {
    pid_t pid;
    int from; /* the pipe's end */
} gr_hdf5_child;

/* What runs in the child: writes to `to`, and returns whether all was written. */
typedef bool (*gr_hdf5_serve)(const gr_source *source, FILE *to);

/* Starts `serve` in a child without rights to much time or a core file. Fails: GR_IO (no pipe, no process). */
gr_status gr_hdf5_child_start(const gr_source *source, gr_hdf5_serve serve, gr_hdf5_child *child, gr_error *err) GR_MUST_CHECK;
/* Takes exactly `size` bytes from it; false when they do not come. */
bool gr_hdf5_child_take(const gr_hdf5_child *child, void *to, size_t size) GR_MUST_CHECK;
/* Ends it, whatever it does. Never fails. */
void gr_hdf5_child_end(gr_hdf5_child *child);
/* The sentence for a child that died or said nonsense. Fails: GR_INVALID, always. */
gr_status gr_hdf5_damaged(const gr_source *source, gr_error *err) GR_MUST_CHECK;

#endif
