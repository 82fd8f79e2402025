/* All crops at a glance, each with the line of manifest.csv that it stands on. */
#ifndef GR_DATA_CROP_SHEET_H
#define GR_DATA_CROP_SHEET_H

#include "data/crop_table.h"

/* Writes `path`, a .png or an .html page, of the crops in the folder `out` (`folder`: the same, absolute). Fails: GR_INVALID
 * (more crops than a picture holds, a folder that cannot be written), GR_IO, GR_NOMEM. */
gr_status gr_crop_sheet(const gr_crop_table *table, const char *out, const char *folder, const char *path,
                        gr_error *err) GR_MUST_CHECK;

#endif
