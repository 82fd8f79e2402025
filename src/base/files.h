/* Files: read whole, written whole or not at all; paths; a clock. */
#ifndef GR_BASE_FILES_H
#define GR_BASE_FILES_H

#include <stdbool.h>
#include <stdio.h>

#include "grimace/base.h"

/* Reads a whole regular file of at most `limit` bytes; gives *data (gr_free) with a NUL behind the last byte.
 * Fails: GR_INVALID (absent, not a regular file, larger than limit, unreadable), GR_NOMEM. */
gr_status gr_file_read(const char *path, size_t limit, char **data, size_t *size, gr_error *err) GR_MUST_CHECK;
/* Writes a file so that `path` holds either its old content or all of the new one, whatever happens: temporary file in the
 * same folder, fsync, rename, fsync of the folder. A link to a file stays: that file is replaced. Fails: GR_INVALID (its folder
 * absent or not writable, `path` a folder, a device or a pipe), GR_IO. */
gr_status gr_file_write(const char *path, const void *data, size_t size, gr_error *err) GR_MUST_CHECK;
/* As gr_file_write, but the disk may take its time: for many files of which a later one, synced, says that they are whole. Only
 * gr_files_sync(a path near them) makes sure that they are on the disk. Fails: as gr_file_write. */
gr_status gr_file_put(const char *path, const void *data, size_t size, gr_error *err) GR_MUST_CHECK;
/* Waits until all that was written to the file system of `path` is on the disk. Fails: GR_IO. */
gr_status gr_files_sync(const char *path, gr_error *err) GR_MUST_CHECK;
/* The same in pieces: begin, any number of writes to `stream`, then commit or abort. */
typedef struct gr_atomic_file {
    FILE *stream;
    char *path, *temporary;
    void *folder; /* in which the temporary file lies, whatever becomes of the path to it; NULL: it may not be listed */
} gr_atomic_file;
gr_status gr_atomic_begin(gr_atomic_file *file, const char *path, gr_error *err) GR_MUST_CHECK;
gr_status gr_atomic_commit(gr_atomic_file *file, gr_error *err) GR_MUST_CHECK;
void gr_atomic_abort(gr_atomic_file *file);
/* Makes a folder and its parents; fine when it exists. Fails: GR_INVALID. */
gr_status gr_make_folders(const char *path, gr_error *err) GR_MUST_CHECK;
bool gr_path_exists(const char *path);
bool gr_is_folder(const char *path);
/* Do both lead to one file or folder that is there, by whatever names? */
bool gr_same_path(const char *a, const char *b);
/* Is the folder there with something in it? */
bool gr_folder_holds(const char *path);
/* Path arithmetic; each gives a new string (gr_free), NULL when memory is short. gr_path_join returns `name` alone when it
 * is absolute. gr_path_folder("a/b.c") is "a", of "b.c" ".". */
char *gr_path_join(const char *folder, const char *name) GR_MUST_CHECK;
char *gr_path_folder(const char *path) GR_MUST_CHECK;
/* GIVES `path` as it is written from `folder` on, both absolute and without . and .. in them: "../data/a.csv"; `path` as
 * it is where the two have no folder in common but the root, and cannot move together. NULL when memory is short. */
char *gr_path_relative(const char *folder, const char *path) GR_MUST_CHECK;
/* Seconds since some fixed moment, monotonic. */
double gr_seconds(void);

#endif
