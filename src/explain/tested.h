/* Which fold of a run tested an image. */
#ifndef GR_EXPLAIN_TESTED_H
#define GR_EXPLAIN_TESTED_H

#include "grimace/base.h"

typedef struct gr_tested gr_tested;

/* GIVES what RUN/splits.csv and the config say of the run in folder `run`. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_tested_open(const char *run, gr_tested **out, gr_error *err) GR_MUST_CHECK;
void gr_tested_close(gr_tested *tested);
/* The name of the first fold that tested the image in the file `path`, known by its path, else by its bytes; NULL: none did.
 * Lives as long as `tested`. Never fails: a file that cannot be read is not known. */
const char *gr_tested_fold(gr_tested *tested, const char *path);

#endif
