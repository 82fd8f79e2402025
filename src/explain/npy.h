/* A map as a NumPy file. */
#ifndef GR_EXPLAIN_NPY_H
#define GR_EXPLAIN_NPY_H

#include "grimace/base.h"

/* Writes numbers[rows, columns] as float32 in NumPy's format, version 1.0. Fails: GR_INVALID (the folder is absent or not
 * writable), GR_IO, GR_NOMEM. */
gr_status gr_npy_write(const char *path, const float *numbers, int rows, int columns, gr_error *err) GR_MUST_CHECK;
/* Reads numbers[rows, columns] back. Fails: GR_INVALID (absent, not what gr_npy_write wrote, another size), GR_NOMEM. */
gr_status gr_npy_read(const char *path, int rows, int columns, float *numbers, gr_error *err) GR_MUST_CHECK;

#endif
