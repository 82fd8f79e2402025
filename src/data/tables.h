/* Small tables of counts for a person to read. */
#ifndef GR_DATA_TABLES_H
#define GR_DATA_TABLES_H

#include "base/base.h"
#include "grimace/manifest.h"
#include "grimace/split.h"

/* One way to sort the rows of a manifest into named kinds. */
typedef struct gr_kinds {
    const char *title;        /* the column's name */
    const char *const *names; /* [count] */
    const int32_t *index;     /* [rows] in [0, count) */
    int count;
} gr_kinds;

/* Appends "1138 images, 2 classes (pain), 6 groups (animal)", of other labels "scores (pain)" or "3 label columns of 2
 * classes". Failures of all of these stick in out->failed. */
void gr_table_title(gr_text *out, const gr_manifest *m);
/* Appends counts of rows: a line per kind of `down`, a column per kind of `across` (NULL: only the sum) and their sums; long
 * tables are cut, and say so. */
void gr_table_counts(gr_text *out, int64_t rows, const gr_kinds *down, const gr_kinds *across);
/* Appends a line for each column of scores, or of several of classes: how many labels are known, and their least, mean,
 * greatest and deviation (n - 1), or how many are of each class. Nothing where the manifest has none. */
void gr_table_values(gr_text *out, const gr_manifest *m);
/* Appends what each fold has in its parts: groups, images, images of each class, or of each column of labels how many are
 * known; and which classes or columns a part lacks. */
void gr_table_split(gr_text *out, const gr_split *split, const gr_manifest *m);

/* The labels and the groups of a manifest as kinds; count 0 where it has none. */
gr_kinds gr_kinds_labels(const gr_manifest *m);
gr_kinds gr_kinds_groups(const gr_manifest *m);

#endif
