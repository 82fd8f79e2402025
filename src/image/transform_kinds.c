/* Each kind of transform: its name, what its parameters may be, whether it is random, and filters and enhancements done. */
#include "image/filters.h"

#include <math.h>

/* What a kind's parameters are. */
typedef enum parameters {
    SIZE,
    CHANCE,
    DEGREES,
    FACTORS,
    SHARES,
    ANGLES,
    RADII,
    EDGES,
    BILATERAL,
    GENERATOR,
    LAYERS,
    NOTHING
} parameters;

typedef struct kind {
    const char *name;
    parameters takes;
    bool fixed;  /* draws no random number */
    bool always; /* changes sizes, or has a probability of its own: no `chance` */
    gr_status (*enhance)(const gr_image *in, double value, gr_image *out, gr_error *err);
    gr_status (*edges)(const gr_image *in, bool cut, gr_image *out, gr_error *err);
} kind;

static const kind kinds[GR_TRANSFORM_KINDS] = {
    [GR_TRANSFORM_RESIZE] = {"resize", SIZE, true, true, NULL, NULL},
    [GR_TRANSFORM_RANDOM_CROP] = {"random_crop", SIZE, false, true, NULL, NULL},
    [GR_TRANSFORM_CENTER_CROP] = {"center_crop", SIZE, true, true, NULL, NULL},
    [GR_TRANSFORM_HFLIP] = {"hflip", CHANCE, false, true, NULL, NULL},
    [GR_TRANSFORM_ROTATE] = {"rotate", DEGREES, false, false, NULL, NULL},
    [GR_TRANSFORM_BRIGHTNESS] = {"brightness", FACTORS, false, false, NULL, NULL},
    [GR_TRANSFORM_GRAYSCALE] = {"grayscale", NOTHING, true, false, NULL, NULL},
    [GR_TRANSFORM_BGR] = {"bgr", NOTHING, true, true, NULL, NULL},
    [GR_TRANSFORM_SHEAR] = {"shear", SHARES, false, false, NULL, NULL},
    [GR_TRANSFORM_TURN] = {"turn", ANGLES, false, false, NULL, NULL},
    [GR_TRANSFORM_CONTRAST] = {"contrast", FACTORS, false, false, gr_image_contrast, NULL},
    [GR_TRANSFORM_COLOUR] = {"colour", FACTORS, false, false, gr_image_colour, NULL},
    [GR_TRANSFORM_SHARPNESS] = {"sharpness", FACTORS, false, false, gr_image_sharpness, NULL},
    [GR_TRANSFORM_BLUR] = {"blur", RADII, false, false, gr_image_blur, NULL},
    [GR_TRANSFORM_LAPLACIAN] = {"laplacian", EDGES, true, false, NULL, gr_image_laplacian},
    [GR_TRANSFORM_SOBEL] = {"sobel", EDGES, true, false, NULL, gr_image_sobel},
    [GR_TRANSFORM_PREWITT] = {"prewitt", EDGES, true, false, NULL, gr_image_prewitt},
    [GR_TRANSFORM_KERAS_GENERATOR] = {"keras_generator", GENERATOR, false, true, NULL, NULL},
    [GR_TRANSFORM_KERAS_LAYERS] = {"keras_layers", LAYERS, false, true, NULL, NULL},
    [GR_TRANSFORM_BILATERAL] = {"bilateral", BILATERAL, true, false, NULL, NULL},
};

const char *gr_transform_name(gr_transform_kind kind)
{
    return (unsigned)kind < GR_TRANSFORM_KINDS ? kinds[kind].name : "unknown";
}

bool gr_transform_takes_chance(gr_transform_kind kind)
{
    return !kinds[kind].always;
}

bool gr_transform_mirrors(const gr_transform *t)
{
    switch (t->kind) {
    case GR_TRANSFORM_HFLIP: return true;
    case GR_TRANSFORM_KERAS_GENERATOR: return t->more[GR_GENERATOR_HFLIP] != 0 || t->more[GR_GENERATOR_VFLIP] != 0;
    case GR_TRANSFORM_KERAS_LAYERS: return t->more[GR_LAYERS_FLIP] != GR_FLIP_NONE;
    default: return false;
    }
}

bool gr_transform_makes_floats(const gr_transform *t)
{
    return (t->kind == GR_TRANSFORM_RESIZE && t->c == GR_LIKE_TF) || t->kind == GR_TRANSFORM_KERAS_GENERATOR ||
           t->kind == GR_TRANSFORM_KERAS_LAYERS;
}

bool gr_transform_keeps_floats(const gr_transform *t)
{
    return gr_transform_makes_floats(t) || t->kind == GR_TRANSFORM_RANDOM_CROP || t->kind == GR_TRANSFORM_CENTER_CROP ||
           t->kind == GR_TRANSFORM_HFLIP || t->kind == GR_TRANSFORM_BGR;
}

bool gr_transform_is_fixed(const gr_transform *t)
{
    return (unsigned)t->kind < GR_TRANSFORM_KINDS && kinds[t->kind].fixed && !t->chance && !gr_transform_makes_floats(t);
}

bool gr_transform_makes_pixels(gr_transform_kind kind)
{
    return kinds[kind].enhance != NULL || kinds[kind].edges != NULL || kind == GR_TRANSFORM_BILATERAL;
}

gr_status gr_transform_pixels(const gr_transform *t, double value, const gr_image *in, gr_bilateral **kept, gr_image *out,
                              gr_error *err)
{
    const kind *k = &kinds[t->kind];
    if (k->enhance != NULL)
        return k->enhance(in, value, out, err);
    if (k->edges != NULL)
        return k->edges(in, t->a != 0, out, err);
    if (t->kind == GR_TRANSFORM_BILATERAL)
        return gr_image_bilateral(in, (int)t->a, t->b, t->c, kept, out, err);
    return gr_fail(err, GR_INTERNAL, "{%s} is no filter", k->name);
}

/* ---- what parameters may be: every comparison is written so that NaN fails it ---------------------------------------- */

static gr_status check_size(const gr_transform *t, gr_error *err)
{
    if (!(t->a >= 1 && t->a <= GR_IMAGE_SIDE_MAX && t->a == floor(t->a)))
        return gr_fail(err, GR_INVALID, "{%s: %g}: the size must be a whole number from 1 to %d", gr_transform_name(t->kind),
                       t->a, GR_IMAGE_SIDE_MAX);
    if (!(t->a * t->a <= GR_IMAGE_PIXELS_MAX))
        return gr_fail(err, GR_INVALID, "{%s: %g}: the size must be at most %g", gr_transform_name(t->kind), t->a,
                       floor(sqrt(GR_IMAGE_PIXELS_MAX)));
    return GR_OK;
}

static gr_status check_resize(const gr_transform *t, gr_error *err)
{
    bool known = t->b >= 0 && t->b < GR_FILTERS && t->b == floor(t->b) && t->c >= 0 && t->c < GR_LIKES && t->c == floor(t->c) &&
                 (t->d == 0 || t->d == 1);
    return known ? check_size(t, err)
                 : gr_fail(err, GR_INVALID, "{resize: [%g, %g, %g, %g]}: has a filter that is not known", t->a, t->b, t->c, t->d);
}

static gr_status check_generator(const gr_transform *t, gr_error *err)
{
    static const double most[GR_TRANSFORM_MORE] = {360, 1, 1, 80, 100, 100, 1, 1, 255, 255, 255, GR_BORDERS - 1, 255};
    bool right = t->more[GR_GENERATOR_ZOOM_LOW] > 0 && t->more[GR_GENERATOR_FILL] == floor(t->more[GR_GENERATOR_FILL]);
    for (int i = 0; i < GR_TRANSFORM_MORE; i++)
        right = right && t->more[i] >= 0 && t->more[i] <= most[i];
    return right ? GR_OK : gr_fail(err, GR_INVALID, "{keras_generator}: a number is out of its range");
}

static gr_status check_layers(const gr_transform *t, gr_error *err)
{
    static const double least[GR_TRANSFORM_MORE] = {0, -1, -1, 0, 0, -0.99, -0.99, 0, 0},
                        most[GR_TRANSFORM_MORE] = {GR_FLIPS - 1, 1, 1, 1, 1, 1, 1, GR_BORDERS - 1, 255};
    double fill = t->more[GR_LAYERS_FILL], flip = t->more[GR_LAYERS_FLIP];
    bool right = fill == floor(fill) && flip == floor(flip);
    for (int i = 0; i < GR_TRANSFORM_MORE; i++)
        right = right && t->more[i] >= least[i] && t->more[i] <= most[i];
    return right ? GR_OK : gr_fail(err, GR_INVALID, "{keras_layers}: a number is out of its range");
}

static gr_status check_range(const gr_transform *t, double least, double most, gr_error *err)
{
    if (!(t->a >= least && t->b >= t->a && t->b <= most))
        return gr_fail(err, GR_INVALID, "{%s: [%g, %g]}: must be [lo, hi] with %g <= lo <= hi <= %g",
                       gr_transform_name(t->kind), t->a, t->b, least, most);
    return GR_OK;
}

static gr_status check_degrees(const gr_transform *t, gr_error *err)
{
    if (t->values == 0)
        return t->a >= 0 && t->a <= 360 ? GR_OK
                                        : gr_fail(err, GR_INVALID, "{rotate: %g}: the degrees must be from 0 to 360", t->a);
    bool right = t->a >= -360 && t->b >= t->a && t->b <= 360 && (t->values == 2 || t->values == 4);
    if (right && t->values == 4)
        right = t->c >= -360 && t->d >= t->c && t->d <= 360;
    return right ? GR_OK
                 : gr_fail(err, GR_INVALID, "{rotate}: must be [lo, hi], or two of them, with -360 <= lo <= hi <= 360");
}

static gr_status check_angles(const gr_transform *t, gr_error *err)
{
    const double angles[4] = {t->a, t->b, t->c, t->d};
    bool right = t->values >= 1 && t->values <= 4;
    for (int i = 0; right && i < t->values; i++)
        right = angles[i] >= -270 && angles[i] <= 270 && fmod(angles[i], 90) == 0;
    return right ? GR_OK : gr_fail(err, GR_INVALID, "{turn}: must be one to four of -270, -180, -90, 0, 90, 180 and 270");
}

static gr_status check_bilateral(const gr_transform *t, gr_error *err)
{
    bool right =
        t->a >= 1 && t->a <= GR_BILATERAL_MAX && t->a == floor(t->a) && t->b > 0 && t->b <= 1e6 && t->c > 0 && t->c <= 1e6;
    return right ? GR_OK
                 : gr_fail(err, GR_INVALID,
                           "{bilateral: [%g, %g, %g]}: must be [diameter, sigma, sigma] with a whole diameter from 1 "
                           "to %d and sigmas above 0",
                           t->a, t->b, t->c, (int)GR_BILATERAL_MAX);
}

static gr_status check_parameters(const gr_transform *t, gr_error *err)
{
    switch (kinds[t->kind].takes) {
    case SIZE: return t->kind == GR_TRANSFORM_RESIZE ? check_resize(t, err) : check_size(t, err);
    case GENERATOR: return check_generator(t, err);
    case LAYERS: return check_layers(t, err);
    case CHANCE:
        return t->a >= 0 && t->a <= 1 ? GR_OK
                                      : gr_fail(err, GR_INVALID, "{%s: %g}: the probability must be from 0 to 1",
                                                gr_transform_name(t->kind), t->a);
    case DEGREES: return check_degrees(t, err);
    case FACTORS: return check_range(t, 0, 255, err);
    case SHARES: return check_range(t, -2, 2, err);
    case ANGLES: return check_angles(t, err);
    case RADII: return check_range(t, 0, GR_BLUR_MAX, err);
    case EDGES:
        return t->a == 0 || t->a == 1
                   ? GR_OK
                   : gr_fail(err, GR_INVALID, "{%s: %g}: must be 0 or 1", gr_transform_name(t->kind), t->a);
    case BILATERAL: return check_bilateral(t, err);
    case NOTHING: return GR_OK;
    }
    return gr_fail(err, GR_INTERNAL, "transform number %d is unknown", (int)t->kind);
}

gr_status gr_transform_check(const gr_transform *t, gr_error *err)
{
    if ((unsigned)t->kind >= GR_TRANSFORM_KINDS)
        return gr_fail(err, GR_INTERNAL, "transform number %d is unknown", (int)t->kind);
    if (t->chance && kinds[t->kind].always)
        return gr_fail(err, GR_INVALID, "{%s}: has no p, it is always done", gr_transform_name(t->kind));
    if (t->chance && !(t->p >= 0 && t->p <= 1))
        return gr_fail(err, GR_INVALID, "{%s}: p is %g, a probability from 0 to 1 would be right",
                       gr_transform_name(t->kind), t->p);
    return check_parameters(t, err);
}
