/* Features on disk. One file holds what one backbone reads out of images that were prepared in one way: a head of 16 bytes
 * (the magic word, the width), then for each image the hash of its content, the hash of that and its numbers, and the
 * numbers as float32 in the machine's order. An entry whose hash does not fit counts as none. */
#ifndef GR_LEARNERS_FEATURE_FILE_H
#define GR_LEARNERS_FEATURE_FILE_H

#include <signal.h>

#include "base/base.h"

/* The features of the images of a manifest. */
typedef struct gr_feature_table {
    uint64_t key;  /* of all that features follow from but the image: weights, preparation, arithmetic */
    uint64_t list; /* of the manifest's images and boxes */
    int64_t rows;
    size_t width;
    float *values;    /* [rows, width] */
    bool *have;       /* [rows]: which of them are there */
    uint64_t *images; /* [rows]: hashes of their content; 0: not known */
    char *path;       /* the file; NULL: they are kept nowhere */
} gr_feature_table;

/* GIVES an empty table without a path. Fails: GR_NOMEM. */
gr_status gr_feature_table_create(int64_t rows, size_t width, gr_feature_table *out, gr_error *err) GR_MUST_CHECK;
void gr_feature_table_free(gr_feature_table *table);

/* Takes from the file what the table lacks and knows the content of. No file, or one that is damaged from its head on, holds
 * nothing; *damaged entries were passed over. Fails: GR_NOMEM. */
gr_status gr_feature_file_read(gr_feature_table *table, int64_t *damaged, gr_error *err) GR_MUST_CHECK;
/* Writes what the table has beside what the file holds of other images, whole or not at all; makes the folder.
 * Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_feature_file_write(const gr_feature_table *table, gr_error *err) GR_MUST_CHECK;

/* Waits until no other process fills this file, or *stop (may be NULL), and removes what a killed one left half-written.
 * *lock: to be closed by gr_feature_file_unlock; -1 where the file system knows no locks, or the folder cannot be made: then
 * nobody else fills it, or all do and the last one's file stays. *waited: somebody did. Fails: GR_INTERRUPTED. */
gr_status gr_feature_file_lock(const char *path, const volatile sig_atomic_t *stop, int *lock, bool *waited,
                               gr_error *err) GR_MUST_CHECK;
void gr_feature_file_unlock(int lock);

#endif
