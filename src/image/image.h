/* What the files of this room share. */
#ifndef GR_IMAGE_PRIVATE_H
#define GR_IMAGE_PRIVATE_H

#include "base/base.h"
#include "grimace/image.h"

/* Pillow's MULDIV255: a * b / 255, rounded, for a and b in 0..255. */
static inline uint8_t gr_mul_div_255(unsigned a, unsigned b)
{
    unsigned t = a * b + 128;
    return (uint8_t)(((t >> 8) + t) >> 8);
}

/* Pillow's L, with weights that add up to 65536: a grey pixel stays what it is. */
static inline uint8_t gr_luma(const uint8_t rgb[3])
{
    return (uint8_t)((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

/* Refuses sizes outside the limits, before anything is allocated for them. Fails: GR_INVALID. */
gr_status gr_image_check_size(const char *name, uint64_t width, uint64_t height, gr_error *err) GR_MUST_CHECK;

/* The orientation 1..8 in an APP1 segment "Exif\0\0" + TIFF; 1 when there is none or it is not well formed. Never fails. */
int gr_exif_orientation(const uint8_t *bytes, size_t size);

/* Turns `image` the way its EXIF orientation says (2..8), so that it stands upright. Fails: GR_NOMEM. */
gr_status gr_image_orient(gr_image *image, int orientation, gr_error *err) GR_MUST_CHECK;

/* A part of an image: rows `stride` bytes apart. */
typedef struct gr_image_part {
    const uint8_t *pixels;
    size_t stride;
    int width, height;
} gr_image_part;

/* gr_image_resize of a part, without a look at the limits: they hold already. Fails: GR_NOMEM. */
gr_status gr_image_resize_part(gr_image_part in, int width, int height, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* Pillow's rotate(degrees) with nearest pixels and black corners: `in` [height, width, 3] to `out` of the same size. */
void gr_image_rotate(const uint8_t *in, int width, int height, double degrees, uint8_t *out);

/* Maps of single steps: each coordinate times a factor, the mirroring of an image of that width, the turn of
 * gr_image_rotate. Never fail. */
gr_map gr_map_scale(double x, double y);
gr_map gr_map_mirror(int width);
gr_map gr_map_rotation(int width, int height, double degrees);

/* Where torchvision's CenterCrop begins: Python's round((length - crop) / 2). Never fails. */
int gr_center_crop_start(int length, int crop);

#endif
