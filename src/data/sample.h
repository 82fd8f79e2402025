/* The pixels of one sample of a loader. */
#ifndef GR_DATA_SAMPLE_H
#define GR_DATA_SAMPLE_H

#include "grimace/loader.h"

/* Gives the whole picture. Fails: as gr_image_read. */
gr_status gr_sample_picture(const gr_sample *sample, gr_image *out, gr_error *err) GR_MUST_CHECK;
/* Gives the sample's box of it, or all where it has none, and where that lies. Fails: likewise, and as gr_image_crop. */
gr_status gr_sample_part(const gr_sample *sample, gr_image *out, gr_origin *origin, gr_error *err) GR_MUST_CHECK;

#endif
