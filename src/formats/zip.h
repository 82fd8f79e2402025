/* Reading zip archives (APPNOTE.TXT 6.3), as far as PyTorch writes them: entries stored or deflated, zip64 where it is
 * large. Every place and size in the archive may lie: entries must lie within the file, before its directory, and must not
 * overlap. */
#ifndef GR_FORMATS_ZIP_H
#define GR_FORMATS_ZIP_H

#include "formats/source.h"

typedef struct gr_zip_entry {
    const char *name;
    uint64_t at, end; /* of its header and data in the file */
    uint64_t data_at, packed, size;
    uint32_t crc;
    bool deflated;
} gr_zip_entry;

typedef struct gr_zip {
    const gr_source *source; /* borrowed */
    gr_arena *names;
    gr_zip_entry *entries; /* [count], sorted by name; each name once; folders are left out */
    size_t count;
} gr_zip;

/* Reads the directory of `source`; gives *zip (gr_zip_close). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_zip_open(const gr_source *source, gr_zip *zip, gr_error *err) GR_MUST_CHECK;
void gr_zip_close(gr_zip *zip);
/* The entry called `name`, or NULL. Never fails. */
const gr_zip_entry *gr_zip_find(const gr_zip *zip, const char *name);
/* The whole content into to[entry->size]; its checksum must fit. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_zip_read(const gr_zip *zip, const gr_zip_entry *entry, void *to, gr_error *err) GR_MUST_CHECK;

#endif
