/* JSON results on disk: jansson builds them, these write them the same way everywhere. */
#ifndef GR_FORMATS_JSON_H
#define GR_FORMATS_JSON_H

#include <jansson.h>

#include "base/base.h"

/* A JSON number, or null when `value` is not finite (JSON has no NaN). GIVES a new reference; NULL when memory is short. */
json_t *gr_json_real(double value) GR_MUST_CHECK;
/* Writes `value` (borrowed) atomically to `path`: keys in the order of insertion, two-space indent, 17 digits, a line end.
 * Fails: GR_INVALID (folder absent or not writable), GR_IO, GR_NOMEM. */
gr_status gr_json_write(const char *path, const json_t *value, gr_error *err) GR_MUST_CHECK;
/* The same with nine digits, for times and the like. Fails: likewise. */
gr_status gr_json_write_rounded(const char *path, const json_t *value, gr_error *err) GR_MUST_CHECK;
/* Appends `value` (borrowed) and a line end to `out` on a single line, for .jsonl files. A failure sticks in out->failed. */
void gr_json_line(gr_text *out, const json_t *value);
/* Reads a JSON file of at most 256 MB; gives *value (json_decref). Fails: GR_INVALID ("FILE:LINE: ..."), GR_NOMEM. */
gr_status gr_json_read(const char *path, json_t **value, gr_error *err) GR_MUST_CHECK;

#endif
