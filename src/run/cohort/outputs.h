/* How wide the answer of a config's model is, from the manifest only where the config does not say it. */
#ifndef GR_RUN_OUTPUTS_H
#define GR_RUN_OUTPUTS_H

#include "grimace/config.h"
#include "learners/target.h"

/* Sets *outputs and *classes (those of the config or of *manifest, NULL where there are none). *manifest GIVES
 * (gr_manifest_free, also where it was not read). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_outputs_of(const gr_config *config, gr_manifest *manifest, gr_outputs *outputs, const char *const **classes,
                        gr_error *err) GR_MUST_CHECK;

#endif
