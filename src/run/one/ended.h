/* Has a run come to its end, as the files of its folder say? */
#ifndef GR_RUN_ENDED_H
#define GR_RUN_ENDED_H

#include "base/base.h"
#include "formats/json.h"

/* Did the last session of the run, sweep or study in `folder` come to its end, as its about.json says? Never fails. */
bool gr_run_is_done(const char *folder);
/* Did grimace train begin it, as its about.json says? Never fails. */
bool gr_run_is_of_train(const char *folder);
/* And is all still there: results, their tables, and each fold's folder with the checkpoint that holds its predictions? Never
 * fails. */
bool gr_run_is_whole(const char *folder);
/* Are the tables there that its results.json, whatever its folds, is written with? Never fails. */
bool gr_run_has_tables(const char *folder);
/* Says in about.json that it is not at its end after all. Fails: GR_INVALID (no such file), GR_IO, GR_NOMEM. */
gr_status gr_run_reopen(const char *folder, gr_error *err) GR_MUST_CHECK;

/* Is RUN/NAME there? Never fails. */
bool gr_has_file(const char *folder, const char *name);
/* Has RUN/results.json the key `key`? Never fails. */
bool gr_run_has_result(const char *folder, const char *key);
/* Sets the key `key` of RUN/results.json to `value` (BORROWED). Fails: GR_INVALID (no such file, damaged), GR_IO, GR_NOMEM. */
gr_status gr_run_put_result(const char *folder, const char *key, json_t *value, gr_error *err) GR_MUST_CHECK;
/* Is something left in the folder of work that was shared? Never fails. */
bool gr_is_being_shared(const char *folder);

#endif
