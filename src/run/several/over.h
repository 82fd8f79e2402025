/* Has whatever a config asks for, one run or several, come to its end in a folder? */
#ifndef GR_RUN_OVER_H
#define GR_RUN_OVER_H

#include "base/base.h"
#include "grimace/config.h"

/* Are all parts of what `config` asks for finished and still there? Of its sweep nothing is said. Never fails. */
bool gr_whole_is_there(const gr_config *config, const char *folder);
/* The same, and is nothing of it or of a part being shared, nor left of sharing it by one who was killed? Never fails. */
bool gr_whole_is_over(const gr_config *config, const char *folder);
/* Says in the about.json of each part that is not whole, and of the folder where one is not, that it is not at its end. Fails:
 * GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_whole_reopen(const gr_config *config, const char *folder, gr_error *err) GR_MUST_CHECK;

#endif
