/* What the files of this room share. */
#ifndef GR_IMAGE_PRIVATE_H
#define GR_IMAGE_PRIVATE_H

#include "base/base.h"
#include "grimace/image.h"

/* A file beyond GR_IMAGE_FILE_MAX is not opened: far above any image within the limits that is not padding. A build for fuzzers
 * has tiny limits, so that an input costs microseconds and not seconds. */
#ifdef GR_TINY_LIMITS
#define GR_IMAGE_FILE_MAX ((size_t)1 << 20)
enum { GR_PIXELS_LIMIT = 1 << 16 };
#else
#define GR_IMAGE_FILE_MAX ((size_t)512 << 20)
enum { GR_PIXELS_LIMIT = GR_IMAGE_PIXELS_MAX };
#endif

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

/* What a file is, by its first bytes. */
typedef enum gr_image_kind {
    GR_IMAGE_UNKNOWN,
    GR_IMAGE_PNG,
    GR_IMAGE_JPEG,
    GR_IMAGE_WEBP,
    GR_IMAGE_TIFF,
    GR_IMAGE_FOREIGN /* and all above: known, not read */
} gr_image_kind;
gr_image_kind gr_image_kind_of(const uint8_t *bytes, size_t size);

/* Refuses a file that no decoder takes: says what it is and, where there is one, the command that makes a PNG of it. Fails:
 * GR_INVALID, always. */
gr_status gr_image_refuse(const uint8_t *bytes, size_t size, const char *name, gr_error *err) GR_MUST_CHECK;
/* The command that makes a PNG of a picture: of any, of an animation's first, of what ffmpeg alone reads. */
typedef enum gr_convert { GR_CONVERT_NONE, GR_CONVERT_ANY, GR_CONVERT_FIRST, GR_CONVERT_FFMPEG } gr_convert;
/* The sentence of all such refusals: `what` is "a lossless JPEG". Fails: GR_INVALID, always. */
gr_status gr_image_refuse_as(const char *name, const char *what, gr_convert how, gr_error *err) GR_MUST_CHECK;

/* The kind of JPEG that libjpeg may not know, "a lossless JPEG", in what; "" for those that everybody writes. The command that
 * converts it. Never fails. */
enum { GR_JPEG_KIND_MAX = 40 };
gr_convert gr_jpeg_kind(const uint8_t *bytes, size_t size, char what[GR_JPEG_KIND_MAX]);

/* The orientation 1..8 of EXIF data: a TIFF directory, behind "Exif\0\0" or not; 1 when there is none or it is not well
 * formed. Never fails. */
int gr_exif_orientation(const uint8_t *bytes, size_t size);
/* That of a whole PNG, which has been decoded without an error. Never fails. */
int gr_png_orientation(const uint8_t *bytes, size_t size);

/* count pixels R G B A to R G B over black. Never fails. */
void gr_rgb_of_rgba(const uint8_t *rgba, size_t count, uint8_t *rgb);
/* count pixels C M Y K to R G B as Pillow does it; inverted: each is stored as 255 minus itself. Never fails. */
void gr_rgb_of_cmyk(const uint8_t *cmyk, size_t count, bool inverted, uint8_t *rgb);

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

/* Pillow's transform(size, AFFINE, at) with nearest pixels and black beyond the edges, likewise: output (x, y) is input
 * (at[0] x + at[1] y + at[2], at[3] x + at[4] y + at[5]). Never fails. */
void gr_image_affine(const uint8_t *in, int width, int height, const double at[6], uint8_t *out);
/* Of a shear by `share`: the numbers for gr_image_affine. Never fails. */
void gr_shear_affine(int height, double share, double at[6]);

/* One parameter check for all: {name: parameters}. Fails: GR_INVALID. */
gr_status gr_transform_check(const gr_transform *transform, gr_error *err) GR_MUST_CHECK;
/* Does it draw no random number? Never fails. */
bool gr_transform_is_fixed(const gr_transform *transform);
/* The filters and enhancements: `in` through `transform` with the value that was drawn for it, to `out` of the same size
 * (filters.h, also for `kept`). Fails: GR_NOMEM; GR_INTERNAL for another kind. */
struct gr_bilateral;
gr_status gr_transform_pixels(const gr_transform *transform, double value, const gr_image *in, struct gr_bilateral **kept,
                              gr_image *out, gr_error *err) GR_MUST_CHECK;
/* Is it one of those? Never fails. */
bool gr_transform_makes_pixels(gr_transform_kind kind);

/* Maps of single steps: each coordinate times a factor, the mirroring of an image of that width, the turn of
 * gr_image_rotate. Never fail. */
gr_map gr_map_scale(double x, double y);
gr_map gr_map_mirror(int width);
gr_map gr_map_rotation(int width, int height, double degrees);
gr_map gr_map_shear(int height, double share);
/* The turn by `quarters` times 90 degrees counter-clockwise, 0 to 3, of an image of that size. */
gr_map gr_map_turn(int width, int height, int quarters);

/* Where torchvision's CenterCrop begins: Python's round((length - crop) / 2). Never fails. */
int gr_center_crop_start(int length, int crop);

/* Does this transform make floats of bytes? And may this kind stand behind such a one? Never fail. */
bool gr_transform_makes_floats(const gr_transform *t);
bool gr_transform_keeps_floats(const gr_transform *t);

#endif
