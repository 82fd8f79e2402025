/* A PNG of pixels with or without opacity, and with how large it is. */
#ifndef GR_IMAGE_PNG_PICTURE_H
#define GR_IMAGE_PNG_PICTURE_H

#include "base/base.h"

typedef struct gr_png_picture {
    const uint8_t *pixels; /* [height, width, channels] */
    int width, height;
    int channels;                    /* 3: R G B; 4: R G B A */
    double dpi;                      /* 0: not said */
    bool drawn;                      /* lines and areas of one colour, which no filter makes smaller */
    bool quick;                      /* soon written rather than small */
    const char *title, *description; /* UTF-8; NULL: none */
} gr_png_picture;

/* Appends the PNG to `out`. Fails: GR_INVALID (empty or too large), GR_NOMEM. */
gr_status gr_png_encode_picture(const gr_png_picture *picture, gr_text *out, gr_error *err) GR_MUST_CHECK;

#endif
