/* From a decoded frame's pixels to red, green and blue, by libswscale as FFmpeg's tool asks it. */
#ifndef GR_VIDEO_COLOUR_H
#define GR_VIDEO_COLOUR_H

#include "video/library.h"

/* The last conversion, kept for frames of the same kind. Zero-initialise it. */
typedef struct gr_colour {
    struct SwsContext *sws;
    int width, height, format, space, range;
} gr_colour;

/* GIVES `in` as 8-bit RGB to `out`, which is empty. in->colorspace says which matrix. Fails: GR_INVALID (pixels that have no
 * colours, such as those of a graphics card), GR_NOMEM. */
gr_status gr_colour_rgb(gr_colour *colour, const gr_ffmpeg *lib, const AVFrame *in, AVFrame *out,
                        gr_error *err) GR_MUST_CHECK;
void gr_colour_free(gr_colour *colour, const gr_ffmpeg *lib);

#endif
