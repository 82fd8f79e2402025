/* The images below a folder, for importers. */
#ifndef GR_DATA_FILES_H
#define GR_DATA_FILES_H

#include "base/base.h"

/* Paths relative to the folder, in byte order. */
typedef struct gr_image_files {
    const char **items; /* [count], in the arena */
    int64_t count;
    const char *left_out; /* the other files by kind, "3 .heic (a HEIC is not read ...), 2 .txt", in the arena; NULL: none */
} gr_image_files;

/* Lists every picture below `folder`, by the names' ends (gr_image_ending). Links to folders are followed, each folder is
 * entered once; hidden files and folders are passed over. *out lives in `arena`.
 * Fails: GR_INVALID (no such folder, too deep, a name that is no UTF-8, no image), GR_NOMEM. */
gr_status gr_image_files_find(const char *folder, gr_arena *arena, gr_image_files *out, gr_error *err) GR_MUST_CHECK;
/* What stands before such a path in the manifest `path`: GIVES (gr_free) "" where that lies in `folder`, "sub/folder/" where
 * it lies above, else an absolute folder with its '/'. NULL when the manifest's folder is not there, or memory is short. */
char *gr_image_files_prefix(const char *folder, const char *path) GR_MUST_CHECK;

#endif
