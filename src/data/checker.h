/* A check under way, shared by its files: check.c (pictures, classes, groups), check_names.c (names and columns), check_boxes.c. */
#ifndef GR_DATA_CHECKER_H
#define GR_DATA_CHECKER_H

#include "base/base.h"
#include "grimace/check.h"

/* The findings under construction. */
typedef struct gr_checker {
    gr_check *out;
    gr_arena *arena;
    gr_finding *findings; /* grows by gr_realloc */
    int64_t room;
    const char *path;
    bool extra;  /* a table whose images train only: it need not have all classes, or several groups */
    bool failed; /* no memory */
} gr_checker;

/* Notes a finding; memory shortage sticks in ck->failed. */
void gr_check_found(gr_checker *ck, bool error, const char *fmt, ...) GR_PRINTF(3, 4);

/* Names of groups, classes, sessions, treatments and columns that differ in blanks, case or leading zeros only; `all`: of every
 * column that has names. */
void gr_check_alike(gr_checker *ck, bool all);
/* Columns that look as if their values must never be split, but are. */
void gr_check_undeclared(gr_checker *ck);
/* Boxes of a pixel; boxes and landmarks that look like percent. */
void gr_check_boxes(gr_checker *ck);

#endif
