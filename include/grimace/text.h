/* A growing text, which functions that write for a reader add to. Memory shortage sticks in `failed`, so that a writer looks
 * once, at its end. */
#ifndef GRIMACE_TEXT_H
#define GRIMACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "grimace/base.h"

/* Zero-initialise it; gr_text_free when done. It may hold any bytes. */
typedef struct gr_text {
    char *data; /* NUL-terminated behind `size`; NULL while nothing was added */
    size_t size, capacity;
    bool failed; /* memory was short: `data` is not whole */
} gr_text;

/* Appends bytes[size] (BORROWED). Shortage sticks in `failed`. Never fails. */
void gr_text_add(gr_text *text, const void *bytes, size_t size);
/* Appends as printf. Likewise. */
void gr_text_printf(gr_text *text, const char *fmt, ...) GR_PRINTF(2, 3);
/* Appends words[count] (BORROWED) as one lists them, `last` before the last: "a, b and c". Never fails: a shortage of memory
 * sticks. */
void gr_text_list(gr_text *text, const char *const *words, size_t count, const char *last);
/* Frees what it holds and empties it, `failed` included. Never fails. */
void gr_text_free(gr_text *text);

#endif
