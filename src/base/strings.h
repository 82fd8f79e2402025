/* Strings: the nearest word, UTF-8, strict numbers. */
#ifndef GR_BASE_STRINGS_H
#define GR_BASE_STRINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grimace/base.h"

/* The word of words[count] nearest to `word` by edit distance (a swap of neighbours counts one), or NULL when none is near
 * enough to be what was meant. */
const char *gr_nearest(const char *word, const char *const *words, size_t count);
/* true when text[length] is valid UTF-8 (no overlong forms, surrogates or NUL). */
bool gr_utf8_valid(const char *text, size_t length);
/* How many bytes the blank at the beginning of `text` has, or the one before `end` (not before `text`), 0 where there is none: a
 * space, tab or line end, a no-break or narrow one, the byte-order mark; UTF-8. Never fails. */
size_t gr_blank(const char *text);
size_t gr_blank_before(const char *text, const char *end);
bool gr_starts_with(const char *text, const char *prefix);
bool gr_ends_with(const char *text, const char *suffix);
/* Strict number parsing: the whole of `text`, in the C locale, finite; false when it is not one. */
bool gr_parse_double(const char *text, double *out) GR_MUST_CHECK;
bool gr_parse_int64(const char *text, int64_t *out) GR_MUST_CHECK;

#endif
