/* Images: decoded from PNG, JPEG, WebP and TIFF, resized, cut, augmented and turned into the float pixels that a network
 * reads.
 *
 * W width, H height, C channels, S the side of a square network input. An image is H x W x 3 bytes, rows from the top,
 * pixels interleaved R G B, no padding between rows. */
#ifndef GRIMACE_IMAGE_H
#define GRIMACE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"

/* An 8-bit RGB image. Zero-initialise it; gr_image_free works on a zeroed one. */
typedef struct gr_image {
    int width, height;
    uint8_t *pixels; /* [height, width, 3] */
} gr_image;

/* What is refused: a side beyond GR_IMAGE_SIDE_MAX or more than GR_IMAGE_PIXELS_MAX pixels. */
enum { GR_IMAGE_SIDE_MAX = 16384, GR_IMAGE_PIXELS_MAX = 100000000 };

/* Gives an image of width x height with undefined pixels.
 * Fails: GR_INVALID (a side or the pixel count outside the limits), GR_NOMEM. */
gr_status gr_image_make(int width, int height, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* Frees the pixels and zeroes the struct. Never fails. */
void gr_image_free(gr_image *image);

/* Reads a PNG, JPEG, WebP or TIFF file (told apart by content, never by name) and gives its pixels. Grey becomes RGB by
 * repetition, alpha and tRNS are composited over black, 16 bits are scaled to 8, CMYK becomes RGB as Pillow does it, the
 * orientation that a camera noted (EXIF in all four) is applied. Of a TIFF of several pages, an MPO and an animated PNG the
 * first picture is read. A file that is damaged anywhere is refused, never half read; one of another kind is named, with the
 * command that makes a PNG of it. Every sentence begins with `path`.
 * Fails: GR_INVALID (absent, unreadable, of another kind, damaged, too large), GR_NOMEM. */
gr_status gr_image_read(const char *path, gr_image *out, gr_error *err) GR_MUST_CHECK;
/* The same; with `fast_dct` a JPEG goes through libjpeg's fast DCT (JDCT_IFAST), as tf.io.decode_jpeg has it: up to 6 levels
 * off the other. Fails: as gr_image_read. */
gr_status gr_image_read_by(const char *path, bool fast_dct, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* The same from memory: `bytes` [size] and `name` (for the sentences) are borrowed. Fails: as gr_image_read. */
gr_status gr_image_decode(const void *bytes, size_t size, const char *name, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* Does the file's name end as those of pictures that gr_image_read reads (".jpg", ".JPEG", ".tif", ...)? For lists of a
 * folder's pictures: what a file is, its bytes say. Never fails. */
bool gr_image_ending(const char *name);
/* Does it end as those of pictures that are not read (".heic", ".gif")? Then `advice` (NULL: not wanted) is given a sentence
 * more, without a full stop: what it is and which command makes a PNG of it. Never fails. */
bool gr_image_foreign(const char *name, gr_text *advice);
/* The width and height that gr_image_read would give, by the file's head alone where that settles it: nothing is decoded, so
 * a damaged file may pass. Fails: as gr_image_read. */
gr_status gr_image_size(const char *path, int *width, int *height, gr_error *err) GR_MUST_CHECK;

/* Writes an 8-bit RGB PNG so that `path` holds its old content or all of the new. The same pixels give the same bytes.
 * Fails: GR_INVALID (empty or too large image, folder absent or not writable), GR_IO, GR_NOMEM. */
gr_status gr_png_write(const char *path, const gr_image *image, gr_error *err) GR_MUST_CHECK;

/* The bytes of that PNG in memory; gives *bytes (gr_image_bytes_free). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_png_encode(const gr_image *image, uint8_t **bytes, size_t *size, gr_error *err) GR_MUST_CHECK;
/* The same pixels as a PNG of other bytes, made several times as fast, for many pictures at once. Likewise. */
gr_status gr_png_encode_quick(const gr_image *image, uint8_t **bytes, size_t *size, gr_error *err) GR_MUST_CHECK;
/* A JPEG of quality 1 to 100 as libjpeg counts, colours at half the resolution below 90. Likewise. */
gr_status gr_jpeg_encode(const gr_image *image, int quality, uint8_t **bytes, size_t *size, gr_error *err) GR_MUST_CHECK;
void gr_image_bytes_free(uint8_t *bytes);

/* ---- how good a picture is ---------------------------------------------------------------------------------------------
 */

/* Gives (gr_image_bytes_free) the brightness 0..255 of each pixel, (4899 R + 9617 G + 1868 B + 8192) >> 14, as OpenCV's
 * cvtColor makes grey. Fails: GR_NOMEM. */
gr_status gr_image_grey(const gr_image *image, uint8_t **grey, gr_error *err) GR_MUST_CHECK;
/* The variance of the Laplacian of grey[height, width] (4 neighbours, edges mirrored): low where nothing is sharp. OpenCV's
 * Laplacian(grey, CV_64F).var(). Never fails. */
double gr_grey_sharpness(const uint8_t *grey, int width, int height);
/* The mean of grey[count], 0..255. Never fails. */
double gr_grey_mean(const uint8_t *grey, size_t count);
/* The share of a[count] that is more than GR_GREY_NOISE from b[count]: of pixels that changed. Never fails. */
enum { GR_GREY_NOISE = 8 };
double gr_grey_difference(const uint8_t *a, const uint8_t *b, size_t count);

/* Gives `in` resized to width x height by Pillow's antialiased bilinear filter (Image.resize((w, h), BILINEAR)): a triangle
 * of support max(1, scale), 22-bit fixed-point weights, first along rows, then along columns, rounded to 8 bits in between;
 * equal to Pillow 9 bit for bit. Fails: GR_INVALID (a size outside the limits), GR_NOMEM. */
gr_status gr_image_resize(const gr_image *in, int width, int height, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* How a picture is resized: the filter, and whose arithmetic it has. */
typedef enum gr_filter {
    GR_FILTER_BILINEAR,
    GR_FILTER_NEAREST,
    GR_FILTER_BICUBIC,
    GR_FILTER_LANCZOS,
    GR_FILTER_AREA,
    GR_FILTERS
} gr_filter;
typedef enum gr_like { GR_LIKE_PILLOW, GR_LIKE_TF, GR_LIKE_OPENCV, GR_LIKES } gr_like;
/* Their names: "bilinear", "pillow"; NULL behind the last. Static storage. Never fail. */
const char *gr_filter_name(int i);
const char *gr_like_name(int i);

/* Gives the rectangle of `in` whose box is {x, y, width, height} in pixels; edges are rounded to whole pixels.
 * Fails: GR_INVALID (not finite, empty, or beyond the image), GR_NOMEM. */
gr_status gr_image_crop(const gr_image *in, const double box[4], gr_image *out, gr_error *err) GR_MUST_CHECK;

/* ---- points ----------------------------------------------------------------------------------------------------------- */

/* Where the points of an image went when it was cut, resized, mirrored and turned: (u, v) is now at
 * (xx u + xy v + x, yx u + yy v + y). Coordinates are continuous, from the upper left corner: (0.5, 0.5) is the middle of
 * the first pixel. */
typedef struct gr_map {
    double xx, xy, x;
    double yx, yy, y;
} gr_map;

/* None of these fails. The inverse is of a map that keeps some area, as those of all transforms do. */
gr_map gr_map_identity(void);
gr_map gr_map_shift(double x, double y);
/* Adds a step behind what `map` does already. */
void gr_map_then(gr_map *map, const gr_map *step);
gr_map gr_map_inverse(const gr_map *map);
void gr_map_point(const gr_map *map, double x, double y, double to[2]);
/* Are left and right exchanged, by an odd number of mirrorings? */
bool gr_map_mirrors(const gr_map *map);

/* ---- transforms ---------------------------------------------------------------------------------------------------- */

typedef enum gr_transform_kind {
    GR_TRANSFORM_RESIZE, /* a = S: Pillow's bilinear to S x S; b: a gr_filter, c: a gr_like, d = 1: antialiased (tf). Pixels
                          * of tf.image.resize are not rounded */
    GR_TRANSFORM_RANDOM_CROP, /* a = S: S x S at a uniform place (torchvision RandomCrop) */
    GR_TRANSFORM_CENTER_CROP, /* a = S: S x S from the middle (torchvision CenterCrop; a smaller image is refused) */
    GR_TRANSFORM_HFLIP,       /* a = p: mirrored left to right with probability p */
    GR_TRANSFORM_ROTATE,      /* a = degrees: by a uniform angle in [-a, a], nearest pixel, black corners, same size
                               * (torchvision RandomRotation); values 2: in [a, b], 4: in [a, b] or [c, d], by their lengths.
                               * Angles are counter-clockwise */
    GR_TRANSFORM_BRIGHTNESS,  /* a = lo, b = hi: times a uniform factor in [lo, hi], truncated, clipped to 0..255 (Pillow) */
    GR_TRANSFORM_GRAYSCALE,   /* Pillow's L = (19595 R + 38470 G + 7471 B + 2^15) >> 16 in all three channels */
    GR_TRANSFORM_BGR,         /* R and B change places */
    GR_TRANSFORM_SHEAR,     /* a, b: rows shifted by a uniform share in [a, b] of their distance from the middle one, nearest
                             * pixel, black corners (Pillow's transform with AFFINE and (1, share, ..., 0, 1, 0)) */
    GR_TRANSFORM_TURN,      /* a, b ...: by one of `values` angles, all as likely, whole multiples of 90 degrees; a quarter
                             * exchanges width and height */
    GR_TRANSFORM_CONTRAST,  /* a = lo, b = hi: Pillow's ImageEnhance.Contrast by a uniform factor in [lo, hi] */
    GR_TRANSFORM_COLOUR,    /* likewise ImageEnhance.Color */
    GR_TRANSFORM_SHARPNESS, /* likewise ImageEnhance.Sharpness */
    GR_TRANSFORM_BLUR,      /* a, b: Pillow's GaussianBlur with a uniform radius in [a, b] */
    GR_TRANSFORM_LAPLACIAN, /* OpenCV's Laplacian of each channel, ksize 3, without its sign; a = 1: negative numbers are 0
                             */
    GR_TRANSFORM_SOBEL,     /* the mean of OpenCV's Sobel across and down of each channel; a likewise */
    GR_TRANSFORM_PREWITT,   /* the same with [1 1 1] for [1 2 1] */
    GR_TRANSFORM_BILATERAL, /* a = diameter, b = sigma of colour, c = sigma of space: OpenCV's bilateralFilter */
    GR_TRANSFORM_KERAS_GENERATOR, /* more: Keras's ImageDataGenerator (src/image/generator.c); pixels are not rounded */
    GR_TRANSFORM_KERAS_LAYERS,    /* more: Keras's random layers (src/image/random_layers.c); likewise */
    GR_TRANSFORM_KINDS
} gr_transform_kind;

/* The numbers of a keras_generator: ranges of degrees, shares of a side (as Keras calls them: width_shift moves rows),
 * degrees, factors; 1: flips half the time; factors (high 0: none), levels, a gr_border and the value of its constant. */
enum {
    GR_GENERATOR_ROTATION,
    GR_GENERATOR_WIDTH_SHIFT,
    GR_GENERATOR_HEIGHT_SHIFT,
    GR_GENERATOR_SHEAR,
    GR_GENERATOR_ZOOM_LOW,
    GR_GENERATOR_ZOOM_HIGH,
    GR_GENERATOR_HFLIP,
    GR_GENERATOR_VFLIP,
    GR_GENERATOR_BRIGHTNESS_LOW,
    GR_GENERATOR_BRIGHTNESS_HIGH,
    GR_GENERATOR_CHANNEL_SHIFT,
    GR_GENERATOR_FILL,
    GR_GENERATOR_CVAL,
    GR_TRANSFORM_MORE
};
/* The numbers of keras_layers (RandomFlip, RandomRotation, RandomTranslation, RandomZoom): a gr_random_flip; shares of a whole
 * turn, from and to; shares of the height and of the width; what is added to a zoom of 1, from and to; a gr_border and the value
 * of its constant. */
enum {
    GR_LAYERS_FLIP,
    GR_LAYERS_ROTATION_LOW,
    GR_LAYERS_ROTATION_HIGH,
    GR_LAYERS_TRANSLATION_ROWS,
    GR_LAYERS_TRANSLATION_COLUMNS,
    GR_LAYERS_ZOOM_LOW,
    GR_LAYERS_ZOOM_HIGH,
    GR_LAYERS_FILL,
    GR_LAYERS_CVAL
};
/* RandomFlip's mode; horizontal_and_vertical draws twice in Keras 2 (both) and once in 3 (together). */
typedef enum gr_random_flip {
    GR_FLIP_NONE,
    GR_FLIP_HORIZONTAL,
    GR_FLIP_VERTICAL,
    GR_FLIP_BOTH,
    GR_FLIP_TOGETHER,
    GR_FLIPS
} gr_random_flip;
const char *gr_flip_name(int i); /* NULL behind the last */

/* What stands beyond a picture's border, in SciPy's words. */
typedef enum gr_border { GR_BORDER_NEAREST, GR_BORDER_REFLECT, GR_BORDER_CONSTANT, GR_BORDER_WRAP, GR_BORDERS } gr_border;
const char *gr_border_name(int i); /* NULL behind the last */

typedef struct gr_transform {
    gr_transform_kind kind;
    double a, b, c, d;
    int values;  /* how many of them a rotation or turn has, 0: as its kind says */
    bool chance; /* done with probability p only; not of resize, crops and hflip, which has its own */
    double p;
    double more[GR_TRANSFORM_MORE]; /* of a keras_generator and of keras_layers alone */
} gr_transform;

/* The kind's name in a config ("random_crop"); static storage. Never fails. */
const char *gr_transform_name(gr_transform_kind kind);
/* May it mirror a picture, so that left becomes right? Never fails. */
bool gr_transform_mirrors(const gr_transform *t);
/* May it be done by chance (`chance`, `p`)? Never fails. */
bool gr_transform_takes_chance(gr_transform_kind kind);

/* Are two the same in everything? Never fails. */
bool gr_transforms_equal(const gr_transform *a, const gr_transform *b);

/* The size in_w x in_h after `n` transforms goes to *w, *h. in_w = in_h = 0 says that it is not known yet; then *w = *h = 0
 * when no transform of the list settles it. Parameters are checked too: S whole in 1..GR_IMAGE_SIDE_MAX, p in [0, 1],
 * degrees in [0, 360], 0 <= lo <= hi <= 255. Behind a quarter turn of an image that is not square, the shorter side counts.
 * Fails: GR_INVALID (a parameter out of range, an image smaller than a crop). */
gr_status gr_transforms_output(const gr_transform *list, int n, int in_w, int in_h, int *w, int *h,
                               gr_error *err) GR_MUST_CHECK;

/* gr_transforms_output, and the end must be size x size (data.image.size) unless it is unknown still.
 * Fails: GR_INVALID. */
gr_status gr_transforms_check(const gr_transform *list, int n, int in_w, int in_h, int size, gr_error *err) GR_MUST_CHECK;

/* How many transforms at the head of the list draw no random number: what may be done once and kept. Never fails. */
int gr_transforms_fixed(const gr_transform *list, int n);

/* Applies transforms that draw no random number to `image` in place (its pixels are freed and replaced), and adds to `map`
 * (NULL: not wanted) where its points go. Fails: GR_INVALID (as gr_transforms_output; a random transform in the list),
 * GR_NOMEM. */
gr_status gr_transforms_prepare(const gr_transform *list, int n, gr_image *image, gr_map *map, gr_error *err) GR_MUST_CHECK;

/* Names the random numbers of one sample: they follow from these three and from nothing else. */
typedef struct gr_augment_key {
    uint64_t seed;
    uint32_t epoch;
    uint64_t sample;
} gr_augment_key;

/* The road from 8-bit pixels to a network's input: transforms in order, then per channel c
 *     out[y, x, c] = (v / 255 - mean[c]) / std[c]   in float32, as torchvision's ToTensor and Normalize compute it.
 * channels 1: v is L as in GRAYSCALE, mean[0] and std[0] count. Holds scratch memory: one pipeline per thread. */
typedef struct gr_pipeline gr_pipeline;

/* Gives a pipeline; the list is copied. channels is 1 or 3.
 * Fails: GR_INVALID (channels, std not above 0, a list that gr_transforms_check refuses), GR_NOMEM. */
gr_status gr_pipeline_create(const gr_transform *list, int n, int size, int channels, const float mean[3],
                             const float std[3], gr_pipeline **out, gr_error *err) GR_MUST_CHECK;
/* Gives one for gr_pipeline_image alone. Fails: GR_INVALID (a parameter), GR_NOMEM. */
gr_status gr_pipeline_for_images(const gr_transform *list, int n, gr_pipeline **out, gr_error *err) GR_MUST_CHECK;
void gr_pipeline_destroy(gr_pipeline *pipeline);

/* Applies the transforms from number `first` on (those before it are done: see gr_transforms_fixed) to `in` (borrowed) and
 * writes out [size, size, channels]. Fails: GR_INVALID (a size that does not fit, see gr_transforms_check), GR_NOMEM. */
gr_status gr_pipeline_apply(gr_pipeline *pipeline, int first, const gr_image *in, gr_augment_key key, float *out,
                            gr_error *err) GR_MUST_CHECK;

/* The same up to the bytes before they become floats, of whatever size the transforms end in: gives *out.
 * Fails: GR_INVALID (a crop that does not fit), GR_NOMEM. */
gr_status gr_pipeline_image(gr_pipeline *pipeline, const gr_image *in, gr_augment_key key, gr_image *out,
                            gr_error *err) GR_MUST_CHECK;

/* Where the points of `in` are in the pixels that the last gr_pipeline_apply or gr_pipeline_image wrote. Never fails. */
gr_map gr_pipeline_map(const gr_pipeline *pipeline);

#endif
