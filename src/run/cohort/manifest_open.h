/* How a config describes its manifest. */
#ifndef GR_RUN_COHORT_MANIFEST_OPEN_H
#define GR_RUN_COHORT_MANIFEST_OPEN_H

#include "base/base.h"
#include "grimace/config.h"
#include "grimace/manifest.h"

/* Calls use(ctx, path, options) with what the config says about its manifest; `options` lives during the call.
 * Fails: GR_INVALID (no data.manifest or data.label), and as `use`. */
gr_status gr_with_manifest_options(const gr_config *config,
                                   gr_status (*use)(void *ctx, const char *path, const gr_manifest_options *options,
                                                    gr_error *err),
                                   void *ctx, gr_error *err) GR_MUST_CHECK;

#endif
