/* A set of texts that grows, each with a number from 0 in the order of their arrival: a hash table with open addressing. */
#ifndef GR_BASE_TABLE_H
#define GR_BASE_TABLE_H

#include "base/base.h"

/* Zero-initialise it. The texts live in the arena of the first gr_table_add. */
typedef struct gr_table {
    const char **items; /* [count], in the order of their numbers */
    int64_t count, room;
    int64_t *slots; /* [slot_count], a power of two: a number + 1, or 0 */
    uint64_t *hashes; /* [room] */
    size_t slot_count;
} gr_table;

/* The number of text[length], which is added (copied into `arena`) when it is new. -1 when memory is short. */
int64_t gr_table_add(gr_table *table, gr_arena *arena, const char *text, size_t length) GR_MUST_CHECK;
/* The number of `text`, or -1 when it is not there. Never fails. */
int64_t gr_table_find(const gr_table *table, const char *text);
/* Frees all but the texts. Never fails. */
void gr_table_free(gr_table *table);

#endif
