/* Lists of transforms in files of their own. */
#ifndef GR_CONFIG_PIPELINES_H
#define GR_CONFIG_PIPELINES_H

#include "base/base.h"
#include "config/config.h"

/* Reads the file at `path`, a YAML list as data.train_transforms takes it, into `arena`, where list->items lives. Fails:
 * GR_INVALID
 * ("PATH:LINE: data.train_transforms: ..."), GR_NOMEM. */
gr_status gr_pipeline_file(const char *path, gr_arena *arena, gr_transforms *list, gr_error *err) GR_MUST_CHECK;

/* Appends one transform as YAML. */
void gr_transform_put(const gr_transform *transform, gr_text *out);

#endif
