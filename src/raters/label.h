/* The schemes of gr_label_images, one file each. */
#ifndef GR_DATA_LABEL_H
#define GR_DATA_LABEL_H

#include "base/base.h"
#include "grimace/label.h"

/* Andresen et al. 2020, Table 1. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_label_by_time(const char *table, const char *out, gr_label_counts *counts, gr_error *err) GR_MUST_CHECK;

#endif
