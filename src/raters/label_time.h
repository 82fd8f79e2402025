/* The scheme of gr_label_images that labels by the time of a picture. */
#ifndef GR_RATERS_LABEL_TIME_H
#define GR_RATERS_LABEL_TIME_H

#include "base/base.h"
#include "grimace/label.h"

/* Andresen et al. 2020, Table 1. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_label_by_time(const char *table, const char *out, gr_label_counts *counts, gr_error *err) GR_MUST_CHECK;

#endif
