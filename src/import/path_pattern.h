/* Patterns of paths: "{treatment}/{animal}_{time}_*.jpg". */
#ifndef GR_DATA_PATH_PATTERN_H
#define GR_DATA_PATH_PATTERN_H

#include "base/base.h"

enum { GR_PATTERN_FIELDS = 16, GR_PATTERN_LENGTH = 400 };

/* A piece: one character, or `*`, or a field. */
typedef struct gr_pattern_piece {
    char literal; /* '*': any characters but '/'; '{': a field, one such character or more */
    int field;
} gr_pattern_piece;

typedef struct gr_path_pattern {
    gr_pattern_piece pieces[GR_PATTERN_LENGTH];
    int count;
    const char *fields[GR_PATTERN_FIELDS]; /* names, in the arena */
    int field_count;
} gr_path_pattern;

/* Reads `text`; names live in `arena`. Fails: GR_INVALID (a field without end or name, named twice or `image`; too long),
 * GR_NOMEM. */
gr_status gr_path_pattern_read(const char *text, gr_arena *arena, gr_path_pattern *out, gr_error *err) GR_MUST_CHECK;
/* Matches the whole of `path`, each piece as short as the rest allows, in time and memory of pieces times characters;
 * values[field_count] receives the fields' texts (in `arena`). *matched tells whether it fits. Fails: GR_NOMEM. */
gr_status gr_path_pattern_match(const gr_path_pattern *pattern, const char *path, gr_arena *arena, const char **values,
                                bool *matched, gr_error *err) GR_MUST_CHECK;

#endif
