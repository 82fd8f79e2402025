/* Writing zip archives (APPNOTE.TXT 6.3): entries stored as they are, below 4 GB. */
#ifndef GR_FORMATS_ZIP_WRITE_H
#define GR_FORMATS_ZIP_WRITE_H

#include <stddef.h>

#include "grimace/base.h"

typedef struct gr_zip_part {
    const char *name;
    const void *bytes;
    size_t size;
} gr_zip_part;

/* Writes the parts in their order as `path`, atomically, with no date: the same parts give the same bytes. Fails: GR_INVALID
 * (its folder absent or not writable; 4 GB or more), GR_IO, GR_NOMEM. */
gr_status gr_zip_write(const char *path, const gr_zip_part *parts, int count, gr_error *err) GR_MUST_CHECK;

#endif
