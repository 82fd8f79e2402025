/* A new folder of pictures made of those of a table, with its manifest: all of it, or nothing. */
#ifndef GR_RUN_PICTURE_SET_H
#define GR_RUN_PICTURE_SET_H

#include <signal.h>

#include "data/moved_table.h"

/* A picture that was made, and where the points of its source went. */
typedef struct gr_made_picture {
    gr_image image;
    gr_map map;
    bool left_out; /* there is none, for a reason that the maker counts */
} gr_made_picture;

typedef struct gr_picture_set {
    const char *out;                   /* the folder to make: images/ and manifest.csv, which is written last */
    bool force;                        /* also into one that holds files */
    const volatile sig_atomic_t *stop; /* NULL: never */
    gr_moved_table *table;
    int times;     /* pictures of each row */
    bool numbered; /* names say which of them */
    /* Makes picture `number` (from 0) of `row` from `source` (BORROWED), GIVES made->image. Called from several threads. */
    gr_status (*make)(void *ctx, int64_t row, int number, const gr_image *source, gr_made_picture *made, gr_error *err);
    void *ctx;
} gr_picture_set;

/* Writes the set. *written: its pictures; notices take sentences about the table, and about landmarks and boxes that left
 * their pictures. Fails: GR_INVALID (the folder, a picture, as make), GR_INTERRUPTED, GR_IO, GR_NOMEM. */
gr_status gr_picture_set_write(const gr_picture_set *set, int64_t *written, gr_text *notices, gr_error *err) GR_MUST_CHECK;

#endif
