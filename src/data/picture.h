/* The pixels of one sample of a loader, from a file or from memory. */
#ifndef GR_DATA_PICTURE_H
#define GR_DATA_PICTURE_H

#include "grimace/image_cache.h"

/* Gives the whole picture: that of the file `path`, or a copy of `pixels` where they are not NULL. Fails: as gr_image_read. */
gr_status gr_picture_read(const char *path, const gr_image *pixels, gr_image *out, gr_error *err) GR_MUST_CHECK;
/* Gives the part in box[4] = {x, y, width, height} (NULL: all), and where that lies. Fails: likewise, and as gr_image_crop. */
gr_status gr_picture_part(const char *path, const gr_image *pixels, const double *box, gr_image *out, gr_origin *origin,
                          gr_error *err) GR_MUST_CHECK;

#endif
