/* Names of files from names of images. */
#ifndef GR_EXPLAIN_FOLDER_NAMES_H
#define GR_EXPLAIN_FOLDER_NAMES_H

#include "base/base.h"

/* Writes names[count] (of `arena`): each of images[count] without its ending, / as _, at most 200 bytes from its end; a
 * later one that would have the name of an earlier one has _2, _3 ... behind it. Fails: GR_NOMEM. */
gr_status gr_folder_names(const char *const *images, int64_t count, gr_arena *arena, const char **names,
                          gr_error *err) GR_MUST_CHECK;

#endif
