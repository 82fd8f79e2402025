/* The members of resize and keras_generator: a row each. */
#include "config/transform_maps.h"

#include <math.h>
#include <string.h>

/* The number of `word` among names, -1: none. */
static int name_of(const gr_yaml *value, const char *(*names)(int i))
{
    int i = 0;
    while (value->kind == GR_YAML_SCALAR && names(i) != NULL && strcmp(names(i), value->text) != 0)
        i++;
    return value->kind == GR_YAML_SCALAR && names(i) != NULL ? i : -1;
}

/* ---- resize
 * ------------------------------------------------------------------------------------------------------------------ */

static bool read_resize(const gr_yaml *value, gr_transform *t)
{
    static const gr_range pixels = {1, GR_IMAGE_SIDE_MAX, false, false};
    int64_t size = 0;
    bool antialias = false, said = false, good = value->kind == GR_YAML_MAP;
    if (!good) {
        good = gr_value_int(value, &pixels, &size);
        t->a = (double)size;
        return good;
    }
    for (int i = 0; good && i < value->count; i++) {
        const char *key = value->items[2 * i]->text;
        const gr_yaml *item = value->items[2 * i + 1];
        int filter = name_of(item, gr_filter_name), like = name_of(item, gr_like_name);
        if (strcmp(key, "size") == 0) {
            good = size == 0 && gr_value_int(item, &pixels, &size);
        } else if (strcmp(key, "filter") == 0) {
            good = filter >= 0;
            t->b = filter;
        } else if (strcmp(key, "like") == 0) {
            good = like >= 0;
            t->c = like;
        } else {
            said = true;
            good = strcmp(key, "antialias") == 0 && gr_value_bool(item, &antialias);
        }
    }
    t->a = (double)size;
    t->d = t->c == GR_LIKE_TF && antialias;
    /* Pillow always does, but for nearest; OpenCV never does. */
    bool always = t->c == GR_LIKE_PILLOW && t->b != GR_FILTER_NEAREST;
    return good && size > 0 && (!said || t->c == GR_LIKE_TF || antialias == always);
}

static void put_resize(const gr_transform *t, gr_text *out)
{
    if (t->b == 0 && t->c == 0) {
        gr_yaml_put_number(out, t->a);
        return;
    }
    gr_text_printf(out, "{size: ");
    gr_yaml_put_number(out, t->a);
    gr_text_printf(out, ", filter: %s, like: %s", gr_filter_name((int)t->b), gr_like_name((int)t->c));
    if (t->c == GR_LIKE_TF)
        gr_text_printf(out, ", antialias: %s", t->d != 0 ? "true" : "false");
    gr_text_printf(out, "}");
}

/* ---- keras_generator
 * --------------------------------------------------------------------------------------------------------- */

typedef enum holds { A_NUMBER, A_TRUTH, A_RANGE, AROUND_ONE, A_FILL } holds;

/* Where the number lies (of a range, the first of two), and what it is without the key; a number lies from low to high. */
typedef struct member {
    const char *name;
    holds holds;
    int at;
    double low, high;
} member;
static const member members[] = {
    {"rotation", A_NUMBER, GR_GENERATOR_ROTATION, 0, 360},
    {"width_shift", A_NUMBER, GR_GENERATOR_WIDTH_SHIFT, 0, 0.999},
    {"height_shift", A_NUMBER, GR_GENERATOR_HEIGHT_SHIFT, 0, 0.999},
    {"shear", A_NUMBER, GR_GENERATOR_SHEAR, 0, 80},
    {"zoom", AROUND_ONE, GR_GENERATOR_ZOOM_LOW, 0.01, 100},
    {"hflip", A_TRUTH, GR_GENERATOR_HFLIP, 0, 0},
    {"vflip", A_TRUTH, GR_GENERATOR_VFLIP, 0, 0},
    {"brightness", A_RANGE, GR_GENERATOR_BRIGHTNESS_LOW, 0, 255},
    {"channel_shift", A_NUMBER, GR_GENERATOR_CHANNEL_SHIFT, 0, 255},
    {"fill", A_FILL, GR_GENERATOR_FILL, 0, 0},
    {"cval", A_NUMBER, GR_GENERATOR_CVAL, 0, 255},
};
enum { MEMBERS = sizeof members / sizeof members[0] };

static bool read_pair(const gr_yaml *value, const gr_range *range, double out[2])
{
    return value->kind == GR_YAML_LIST && value->count == 2 && gr_value_real(value->items[0], range, &out[0]) &&
           gr_value_real(value->items[1], range, &out[1]) && out[0] <= out[1];
}

/* As Keras has it: one number z is [1 - z, 1 + z]. */
static bool read_zoom(const gr_yaml *value, const gr_range *range, double out[2])
{
    static const gr_range share = {0, 0.99, false, false};
    double z;
    if (value->kind != GR_YAML_SCALAR)
        return read_pair(value, range, out);
    if (!gr_value_real(value, &share, &z))
        return false;
    out[0] = 1 - z;
    out[1] = 1 + z;
    return true;
}

static bool read_member(const gr_yaml *value, const member *m, double *more)
{
    const gr_range range = {m->low, m->high, false, false};
    bool truth;
    switch (m->holds) {
    case A_NUMBER: return gr_value_real(value, &range, &more[m->at]);
    case A_RANGE: return read_pair(value, &range, &more[m->at]) && more[m->at + 1] > 0;
    case AROUND_ONE: return read_zoom(value, &range, &more[m->at]);
    case A_FILL: more[m->at] = name_of(value, gr_border_name); return more[m->at] >= 0;
    case A_TRUTH:
        if (!gr_value_bool(value, &truth))
            return false;
        more[m->at] = truth;
        return true;
    }
    return false;
}

static bool read_generator(const gr_yaml *value, gr_transform *t)
{
    bool seen[MEMBERS] = {false};
    t->more[GR_GENERATOR_ZOOM_LOW] = t->more[GR_GENERATOR_ZOOM_HIGH] = 1;
    if (value->kind != GR_YAML_MAP || value->count == 0)
        return false;
    for (int i = 0; i < value->count; i++) {
        int k = 0;
        while (k < MEMBERS && strcmp(members[k].name, value->items[2 * i]->text) != 0)
            k++;
        if (k == MEMBERS || seen[k] || !read_member(value->items[2 * i + 1], &members[k], t->more))
            return false;
        seen[k] = true;
    }
    return true;
}

static bool is_default(const gr_transform *t, const member *m)
{
    double standard = m->holds == AROUND_ONE ? 1 : 0;
    return t->more[m->at] == standard && (m->holds != AROUND_ONE || t->more[m->at + 1] == 1) &&
           (m->holds != A_RANGE || t->more[m->at + 1] == 0);
}

static void put_member(const gr_transform *t, const member *m, gr_text *out)
{
    double value = t->more[m->at];
    gr_text_printf(out, "%s: ", m->name);
    if (m->holds == A_FILL) {
        gr_text_printf(out, "%s", gr_border_name((int)value));
    } else if (m->holds == A_TRUTH) {
        gr_text_printf(out, "true");
    } else if (m->holds == A_NUMBER) {
        gr_yaml_put_number(out, value);
    } else {
        gr_text_printf(out, "[");
        gr_yaml_put_number(out, value);
        gr_text_printf(out, ", ");
        gr_yaml_put_number(out, t->more[m->at + 1]);
        gr_text_printf(out, "]");
    }
}

static void put_generator(const gr_transform *t, gr_text *out)
{
    int count = 0;
    for (int k = 0; k < MEMBERS; k++)
        if (!is_default(t, &members[k])) {
            gr_text_printf(out, count++ > 0 ? ", " : "{");
            put_member(t, &members[k], out);
        }
    gr_text_printf(out, count > 0 ? "}" : "{rotation: 0}");
}

/* ---- either
 * ------------------------------------------------------------------------------------------------------------------ */

bool gr_transform_map_read(const gr_yaml *value, gr_transform *t)
{
    return t->kind == GR_TRANSFORM_RESIZE ? read_resize(value, t) : read_generator(value, t);
}

void gr_transform_map_put(const gr_transform *t, gr_text *out)
{
    if (t->kind == GR_TRANSFORM_RESIZE)
        put_resize(t, out);
    else
        put_generator(t, out);
}
