/* A file that is read in pieces, at any place: what the readers of weight files stand on. */
#ifndef GR_FORMATS_SOURCE_H
#define GR_FORMATS_SOURCE_H

#include "base/base.h"

typedef struct gr_source {
    const char *path; /* borrowed; begins every sentence */
    int file;
    uint64_t size;
} gr_source;

/* Opens a regular file of at most 8 GB; `what` (borrowed during the call) says what was expected: "a safetensors file".
 * Fails: GR_INVALID (absent, not a regular file, unreadable, too large). */
gr_status gr_source_open(const char *path, const char *what, gr_source *source, gr_error *err) GR_MUST_CHECK;
/* Reads exactly `size` bytes at byte `at`. Fails: GR_INVALID (beyond the end, unreadable). */
gr_status gr_source_read(const gr_source *source, void *to, uint64_t size, uint64_t at, gr_error *err) GR_MUST_CHECK;
/* Fine on a zeroed source and on one that could not be opened. Never fails. */
void gr_source_close(gr_source *source);

#endif
