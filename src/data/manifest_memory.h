/* What lies behind a manifest's `memory`. */
#ifndef GR_DATA_MANIFEST_MEMORY_H
#define GR_DATA_MANIFEST_MEMORY_H

#include "base/memory.h"
#include "formats/csv.h"

/* What a manifest owns; `next`: of an extra table. */
typedef struct gr_manifest_memory {
    gr_csv *csv;
    gr_arena *arena; /* what the manifest points to, beside the table's strings */
    struct gr_manifest_memory *next;
} gr_manifest_memory;

#endif
