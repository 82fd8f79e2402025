/* The members of resize, keras_generator and keras_layers: a row each. */
#include "config/transform_maps.h"

#include <math.h>
#include <string.h>

#include "base/strings.h"

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

/* ---- keras_generator, keras_layers
 * --------------------------------------------------------------------------------------------------------- */

typedef enum holds { A_NUMBER, A_TRUTH, A_RANGE, AROUND_ONE, A_FILL, A_FLIP, AROUND_ZERO, SHARES } holds;

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
static const member layers[] = {
    {"flip", A_FLIP, GR_LAYERS_FLIP, 0, 0},
    {"rotation", AROUND_ZERO, GR_LAYERS_ROTATION_LOW, -1, 1},
    {"translation", SHARES, GR_LAYERS_TRANSLATION_ROWS, 0, 1},
    {"zoom", AROUND_ZERO, GR_LAYERS_ZOOM_LOW, -0.99, 1},
    {"fill", A_FILL, GR_LAYERS_FILL, 0, 0},
    {"cval", A_NUMBER, GR_LAYERS_CVAL, 0, 255},
};
enum { MEMBERS = sizeof members / sizeof members[0], LAYERS = sizeof layers / sizeof layers[0] };

static const member *members_of(gr_transform_kind kind, int *count)
{
    bool here = kind == GR_TRANSFORM_KERAS_LAYERS;
    *count = here ? (int)LAYERS : (int)MEMBERS;
    return here ? layers : members;
}

/* What a transform has without a word of it. */
static void set_defaults(gr_transform *t)
{
    if (t->kind == GR_TRANSFORM_KERAS_GENERATOR)
        t->more[GR_GENERATOR_ZOOM_LOW] = t->more[GR_GENERATOR_ZOOM_HIGH] = 1;
    else
        t->more[GR_LAYERS_FILL] = GR_BORDER_REFLECT;
}

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

/* One number f is [-f, f]. */
static bool read_around(const gr_yaml *value, const gr_range *range, double out[2])
{
    double most;
    if (value->kind != GR_YAML_SCALAR)
        return read_pair(value, range, out);
    if (!gr_value_real(value, range, &most) || -fabs(most) < range->low)
        return false;
    out[0] = -fabs(most);
    out[1] = fabs(most);
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
    case A_FLIP: more[m->at] = name_of(value, gr_flip_name); return more[m->at] > 0;
    case AROUND_ZERO: return read_around(value, &range, &more[m->at]);
    case SHARES:
        return value->kind == GR_YAML_LIST && value->count == 2 && gr_value_real(value->items[0], &range, &more[m->at]) &&
               gr_value_real(value->items[1], &range, &more[m->at + 1]);
    case A_TRUTH:
        if (!gr_value_bool(value, &truth))
            return false;
        more[m->at] = truth;
        return true;
    }
    return false;
}

static bool read_members(const gr_yaml *value, gr_transform *t)
{
    bool seen[MEMBERS] = {false};
    int count;
    const member *table = members_of(t->kind, &count);
    set_defaults(t);
    if (value->kind != GR_YAML_MAP || value->count == 0)
        return false;
    for (int i = 0; i < value->count; i++) {
        int k = 0;
        while (k < count && strcmp(table[k].name, value->items[2 * i]->text) != 0)
            k++;
        if (k == count || seen[k] || !read_member(value->items[2 * i + 1], &table[k], t->more))
            return false;
        seen[k] = true;
    }
    return true;
}

static bool is_default(const gr_transform *t, const member *m)
{
    bool two = m->holds == AROUND_ONE || m->holds == A_RANGE || m->holds == AROUND_ZERO || m->holds == SHARES;
    gr_transform other = {.kind = t->kind};
    set_defaults(&other);
    return t->more[m->at] == other.more[m->at] && (!two || t->more[m->at + 1] == other.more[m->at + 1]);
}

static void put_member(const gr_transform *t, const member *m, gr_text *out)
{
    double value = t->more[m->at];
    gr_text_printf(out, "%s: ", m->name);
    if (m->holds == A_FILL) {
        gr_text_printf(out, "%s", gr_border_name((int)value));
    } else if (m->holds == A_FLIP) {
        gr_text_printf(out, "%s", gr_flip_name((int)value));
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

static void put_members(const gr_transform *t, gr_text *out)
{
    int count, put = 0;
    const member *table = members_of(t->kind, &count);
    for (int k = 0; k < count; k++)
        if (!is_default(t, &table[k])) {
            gr_text_printf(out, put++ > 0 ? ", " : "{");
            put_member(t, &table[k], out);
        }
    gr_text_printf(out, put > 0 ? "}" : "{rotation: 0}");
}

/* ---- either
 * ------------------------------------------------------------------------------------------------------------------ */

bool gr_transform_map_read(const gr_yaml *value, gr_transform *t)
{
    return t->kind == GR_TRANSFORM_RESIZE ? read_resize(value, t) : read_members(value, t);
}

const char *gr_transform_map_unknown(const gr_yaml *value, gr_transform_kind kind, const char **nearest)
{
    static const char *const of_resize[] = {"size", "filter", "like", "antialias"};
    const char *names[MEMBERS];
    int count = sizeof of_resize / sizeof of_resize[0];
    if (kind == GR_TRANSFORM_RESIZE) {
        memcpy(names, of_resize, sizeof of_resize);
    } else {
        const member *table = members_of(kind, &count);
        for (int k = 0; k < count; k++)
            names[k] = table[k].name;
    }
    *nearest = NULL;
    for (int i = 0; value->kind == GR_YAML_MAP && i < value->count; i++) {
        const char *key = value->items[2 * i]->text;
        int k = 0;
        while (k < count && strcmp(names[k], key) != 0)
            k++;
        if (k == count) {
            *nearest = gr_nearest(key, names, (size_t)count);
            /* Keras's own words: rotation_range, fill_mode. */
            for (k = 0; *nearest == NULL && k < count; k++)
                if (strncmp(key, names[k], strlen(names[k])) == 0)
                    *nearest = names[k];
            return key;
        }
    }
    return NULL;
}

void gr_transform_map_put(const gr_transform *t, gr_text *out)
{
    if (t->kind == GR_TRANSFORM_RESIZE)
        put_resize(t, out);
    else
        put_members(t, out);
}
