/* Lists of layers: from YAML, and back. What each option holds is a row of the table; which kinds have it, theirs says. */
#include "models/layer_list.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef enum holds {
    A_COUNT, /* int64_t */
    SIDES,   /* int64_t[2]: one number for both, or [rows, columns] */
    PADDING, /* gr_stack_pad */
    A_NAME,  /* const char *, one of names */
    A_REAL,  /* double */
    A_TRUTH  /* bool */
} holds;

typedef struct option {
    const char *name;
    holds holds;
    size_t offset;
    double low, high; /* a rate is below `high` */
    const char *const *(*names)(void);
    const char *right;
} option;

static const char *const *pooling_names(void)
{
    static const char *const names[] = {"max", "avg", NULL};
    return names;
}

enum { WIDEST = 65536, LONGEST = 1024 };
#define AT(field) offsetof(gr_stack_layer, field)
static const option options[] = {
    {"filters", A_COUNT, AT(count), 1, WIDEST, NULL, "a number of filters from 1 to 65536"},
    {"units", A_COUNT, AT(count), 1, WIDEST, NULL, "a number of units from 1 to 65536"},
    {"rate", A_REAL, AT(rate), 0, 1, NULL, "a share from 0 to below 1"},
    {"pooling", A_NAME, AT(word), 0, 0, pooling_names, NULL},
    {"activation", A_NAME, AT(word), 0, 0, gr_stack_act_names, NULL},
    {"kernel", SIDES, AT(sides), 1, LONGEST, NULL, "a side in pixels from 1 to 1024, or [rows, columns]"},
    {"size", SIDES, AT(sides), 1, LONGEST, NULL, "a side in pixels from 1 to 1024, or [rows, columns]"},
    {"stride", SIDES, AT(stride), 1, LONGEST, NULL, "a number of pixels from 1 to 1024, or [rows, columns]"},
    {"pad", PADDING, AT(pad), 0, LONGEST, NULL, "valid, same, a number of pixels from 0 to 1024, or [rows, columns]"},
    {"dilation", SIDES, AT(dilation), 1, LONGEST, NULL, "a number of pixels from 1 to 1024, or [rows, columns]"},
    {"groups", A_COUNT, AT(groups), 1, WIDEST, NULL, "a number of groups from 1 to 65536"},
    {"act", A_NAME, AT(act), 0, 0, gr_stack_act_names, NULL},
    {"slope", A_REAL, AT(slope), 1e-6, 1, NULL, "a number from 1e-6 to below 1"},
    {"bias", A_TRUTH, AT(bias), 0, 0, NULL, "true or false"},
    {"init", A_NAME, AT(init), 0, 0, gr_stack_init_names, NULL},
    {"eps", A_REAL, AT(eps), 1e-12, 1, NULL, "a number from 1e-12 to below 1"},
    {"momentum", A_REAL, AT(momentum), 1e-6, 1, NULL, "a number from 1e-6 to below 1"},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

/* The index of the option of that name; every name in the table of kinds is one. */
static int option_of(const char *name, size_t length)
{
    int i = 0;
    while (strlen(options[i].name) != length || strncmp(options[i].name, name, length) != 0)
        i++;
    return i;
}

/* ---- values
 * ------------------------------------------------------------------------------------------------------------------ */

static bool read_count(const gr_yaml *node, const option *o, int64_t *out)
{
    return node->kind == GR_YAML_SCALAR && node->plain && gr_parse_int64(node->text, out) && (double)*out >= o->low &&
           (double)*out <= o->high;
}

static bool read_sides(const gr_yaml *node, const option *o, int64_t out[2])
{
    if (node->kind == GR_YAML_LIST)
        return node->count == 2 && read_count(node->items[0], o, &out[0]) && read_count(node->items[1], o, &out[1]);
    bool good = read_count(node, o, &out[0]);
    out[1] = out[0];
    return good;
}

static bool read_pad(const gr_yaml *node, const option *o, gr_stack_pad *out)
{
    bool word = node->kind == GR_YAML_SCALAR;
    *out = (gr_stack_pad){.same = word && strcmp(node->text, "same") == 0};
    return out->same || (word && strcmp(node->text, "valid") == 0) || read_sides(node, o, out->zeros);
}

static bool read_name(const gr_yaml *node, const option *o, const char **out)
{
    const char *const *name = o->names();
    while (node->kind == GR_YAML_SCALAR && *name != NULL && strcmp(*name, node->text) != 0)
        name++;
    *out = node->kind == GR_YAML_SCALAR ? *name : NULL;
    return *out != NULL;
}

static bool read_real(const gr_yaml *node, const option *o, double *out)
{
    return node->kind == GR_YAML_SCALAR && node->plain && gr_parse_double(node->text, out) && *out >= o->low &&
           *out < o->high;
}

static bool read_truth(const gr_yaml *node, bool *out)
{
    *out = node->kind == GR_YAML_SCALAR && node->plain && strcmp(node->text, "true") == 0;
    return *out || (node->kind == GR_YAML_SCALAR && node->plain && strcmp(node->text, "false") == 0);
}

static bool read_value(const gr_yaml *node, const option *o, gr_stack_layer *layer)
{
    void *field = (char *)layer + o->offset;
    switch (o->holds) {
    case A_COUNT: return read_count(node, o, field);
    case SIDES: return read_sides(node, o, field);
    case PADDING: return read_pad(node, o, field);
    case A_NAME: return read_name(node, o, field);
    case A_REAL: return read_real(node, o, field);
    case A_TRUTH: return read_truth(node, field);
    }
    return false;
}

/* ---- mistakes
 * ---------------------------------------------------------------------------------------------------------------- */

static size_t count_names(const char *const *names)
{
    size_t count = 0;
    while (names[count] != NULL)
        count++;
    return count;
}

/* A scalar in quotes; a short list of scalars as it stands: it may be right but for one of them. */
static void put_node(gr_text *out, const gr_yaml *node)
{
    bool shown = node->kind == GR_YAML_LIST && node->count > 0 && node->count <= 4;
    for (int i = 0; shown && i < node->count; i++)
        shown = node->items[i]->kind == GR_YAML_SCALAR;
    if (node->kind == GR_YAML_SCALAR)
        gr_text_printf(out, "\"%.40s\"", node->text);
    else if (!shown)
        gr_text_printf(out, "%s", node->kind == GR_YAML_LIST ? "a list" : "a section");
    for (int i = 0; shown && i < node->count; i++)
        gr_text_printf(out, "%s%.40s%s", i == 0 ? "[" : ", ", node->items[i]->text, i == node->count - 1 ? "]" : "");
}

/* "layer 3 (conv): kernel is 0, expected ..." */
static gr_status refuse_value(int number, const gr_stack_kind *kind, const char *word, const gr_yaml *node, const option *o,
                              gr_error *err)
{
    gr_text right = {0}, is = {0};
    put_node(&is, node);
    if (o->names != NULL)
        gr_text_list(&right, o->names(), count_names(o->names()), "or");
    gr_status status = gr_fail(err, GR_INVALID, "layer %d (%s): %s is %s, expected %s", number, kind->name, word,
                               is.data != NULL ? is.data : "wrong", o->right != NULL ? o->right : right.data);
    gr_text_free(&right);
    gr_text_free(&is);
    return status;
}

static gr_status refuse_kind(int number, const char *name, gr_error *err)
{
    const char *names[16];
    size_t count = 0;
    gr_text all = {0};
    for (; gr_stack_kinds[count].name != NULL; count++)
        names[count] = gr_stack_kinds[count].name;
    const char *near = gr_nearest(name, names, count);
    gr_text_list(&all, names, count, "and");
    gr_status status = gr_fail(err, GR_INVALID,
                               "layer %d: there is no layer \"%.40s\"%s%s%s; known are %s, and each begins with that "
                               "word, as in {conv: 32, kernel: 3}",
                               number, name, near != NULL ? ", did you mean " : "", near != NULL ? near : "",
                               near != NULL ? "?" : "", all.data != NULL ? all.data : "others");
    gr_text_free(&all);
    return status;
}

static gr_status refuse_option(int number, const gr_stack_kind *kind, const char *name, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "layer %d (%s): has no \"%.40s\"%s%s", number, kind->name, name,
                   *kind->options != '\0' ? ", it may have " : "; nothing stands beside it", kind->options);
}

/* ---- one layer
 * --------------------------------------------------------------------------------------------------------------- */

/* The option called `name` among the kind's, or -1. */
static int allowed(const gr_stack_kind *kind, const char *name)
{
    for (const char *at = kind->options; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if (strlen(name) == length && strncmp(at, name, length) == 0)
            return option_of(at, length);
        at += length;
    }
    return -1;
}

static gr_status read_options(const gr_yaml *map, int first, int number, gr_stack_layer *layer, int *line, gr_error *err)
{
    for (int i = first; i < map->count; i++) {
        const gr_yaml *key = map->items[2 * i], *value = map->items[2 * i + 1];
        int o = key->kind == GR_YAML_SCALAR ? allowed(layer->kind, key->text) : -1;
        *line = key->line;
        if (o < 0)
            return refuse_option(number, layer->kind, key->kind == GR_YAML_SCALAR ? key->text : "a list", err);
        if (layer->given & 1u << o)
            return gr_fail(err, GR_INVALID, "layer %d (%s): %s is there twice", number, layer->kind->name, key->text);
        if (!read_value(value, &options[o], layer))
            return refuse_value(number, layer->kind, options[o].name, value, &options[o], err);
        layer->given |= 1u << o;
    }
    return GR_OK;
}

/* Does the node say that nothing stands behind the layer's word? */
static bool is_nothing(const gr_yaml *node)
{
    return node == NULL || (node->kind == GR_YAML_SCALAR && gr_yaml_is_null(node)) ||
           (node->kind == GR_YAML_MAP && node->count == 0);
}

/* What stands behind the layer's word. */
static gr_status read_own(const gr_yaml *value, int number, gr_stack_layer *layer, int *line, gr_error *err)
{
    const gr_stack_kind *kind = layer->kind;
    if (kind->value == NULL && value != NULL && value->kind == GR_YAML_MAP)
        return read_options(value, 0, number, layer, line, err);
    if (kind->value == NULL && !is_nothing(value))
        return gr_fail(err, GR_INVALID, "layer %d (%s): nothing is set by it, {%s: {}} would be right", number, kind->name,
                       kind->name);
    if (kind->value == NULL)
        return GR_OK;
    const option *o = &options[option_of(kind->value, strlen(kind->value))];
    static const gr_yaml nothing = {.kind = GR_YAML_SCALAR, .line = 1, .plain = true, .text = "", .nodes = 1};
    value = value != NULL ? value : &nothing;
    return read_value(value, o, layer) ? GR_OK : refuse_value(number, kind, "it", value, o, err);
}

/* What is left out. */
static void fill(gr_stack_layer *layer, bool pool)
{
    for (int axis = 0; axis < 2; axis++) {
        layer->sides[axis] = layer->sides[axis] > 0 ? layer->sides[axis] : pool ? 2 : 3;
        layer->stride[axis] = layer->stride[axis] > 0 ? layer->stride[axis] : pool ? layer->sides[axis] : 1;
        layer->dilation[axis] = layer->dilation[axis] > 0 ? layer->dilation[axis] : 1;
    }
}

/* A slope stands beside an activation that has one, and beside leaky_relu always: its users mean different ones. */
static gr_status check_slope(int number, const gr_stack_layer *layer, gr_error *err)
{
    const char *act = layer->act != NULL ? layer->act : strcmp(layer->kind->name, "act") == 0 ? layer->word : NULL;
    bool needed = false, may = act != NULL && gr_stack_act_slopes(act, &needed);
    if (needed && layer->slope == 0.0)
        return gr_fail(err, GR_INVALID,
                       "layer %d (%s): %s needs a slope: 0.3 is that of Keras's layer LeakyReLU, 0.2 of Keras's activation "
                       "leaky_relu, 0.01 PyTorch's",
                       number, layer->kind->name, act);
    if (!may && layer->slope != 0.0)
        return gr_fail(err, GR_INVALID, "layer %d (%s): slope is that of hard_sigmoid or leaky_relu, and %s%s", number,
                       layer->kind->name, act != NULL ? "act is " : "there is no act", act != NULL ? act : "");
    return GR_OK;
}

static gr_status read_layer(const gr_yaml *item, int number, gr_stack_layer *layer, int *line, gr_error *err)
{
    bool map = item->kind == GR_YAML_MAP && item->count > 0 && item->items[0]->kind == GR_YAML_SCALAR;
    *line = item->line;
    if (!map && item->kind != GR_YAML_SCALAR)
        return gr_fail(err, GR_INVALID, "layer %d: is %s, expected one layer such as {conv: 32, kernel: 3, act: relu}",
                       number, item->kind == GR_YAML_LIST ? "a list" : "empty");
    const char *name = map ? item->items[0]->text : item->text;
    *layer = (gr_stack_layer){.bias = true};
    for (const gr_stack_kind *k = gr_stack_kinds; k->name != NULL && layer->kind == NULL; k++)
        layer->kind = strcmp(k->name, name) == 0 ? k : NULL;
    if (layer->kind == NULL)
        return refuse_kind(number, name, err);
    gr_status status = read_own(map ? item->items[1] : NULL, number, layer, line, err);
    if (status == GR_OK && map)
        status = read_options(item, 1, number, layer, line, err);
    if (status == GR_OK)
        status = check_slope(number, layer, err);
    fill(layer, allowed(layer->kind, "size") >= 0);
    return status;
}

gr_status gr_stack_read(const gr_yaml *list, gr_stack_layer *layers, int *count, int *line, gr_error *err)
{
    *count = 0;
    *line = list != NULL ? list->line : 1;
    if (list == NULL || list->kind != GR_YAML_LIST)
        return gr_fail(err, GR_INVALID,
                       "expected a list of layers such as [{conv: 32, kernel: 3, act: relu}, {pool: max}, {flatten: {}}]");
    if (list->count < 1 || list->count > GR_STACK_MOST)
        return gr_fail(err, GR_INVALID, "has %d layers, expected 1 to %d", list->count, GR_STACK_MOST);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < list->count; i++)
        status = read_layer(list->items[i], i + 1, &layers[i], line, err);
    *count = list->count;
    return status;
}

/* ---- what is given ---------------------------------------------------------------------------------------------------------- */

static bool is_left_out(const gr_stack_layer *layer, const gr_stack_layer *plain, const option *o)
{
    const void *a = (const char *)layer + o->offset, *b = (const char *)plain + o->offset;
    const gr_stack_pad *pad = a;
    switch (o->holds) {
    case A_COUNT: return *(const int64_t *)a <= 1;
    case SIDES: return memcmp(a, b, 2 * sizeof(int64_t)) == 0;
    case PADDING: return !pad->same && pad->zeros[0] == 0 && pad->zeros[1] == 0;
    case A_NAME: return *(const char *const *)a == NULL;
    case A_REAL: return *(const double *)a == 0.0;
    case A_TRUTH: return *(const bool *)a;
    }
    return true;
}

void gr_stack_give(gr_stack_layer *layer)
{
    gr_stack_layer plain = {.bias = true, .sides = {layer->sides[0], layer->sides[1]}};
    fill(&plain, allowed(layer->kind, "size") >= 0);
    layer->given = 0;
    for (int o = 0; o < OPTIONS; o++) {
        bool sides = options[o].offset == AT(sides);
        if (allowed(layer->kind, options[o].name) == o && (sides || !is_left_out(layer, &plain, &options[o])))
            layer->given |= 1u << o;
    }
}

/* ---- back to YAML ----------------------------------------------------------------------------------------------------------- */

static void put_sides(const int64_t sides[2], gr_text *out)
{
    if (sides[0] == sides[1])
        gr_text_printf(out, "%lld", (long long)sides[0]);
    else
        gr_text_printf(out, "[%lld, %lld]", (long long)sides[0], (long long)sides[1]);
}

static void put_value(const gr_stack_layer *layer, const option *o, gr_text *out)
{
    const void *field = (const char *)layer + o->offset;
    const gr_stack_pad *pad = field;
    switch (o->holds) {
    case A_COUNT: gr_text_printf(out, "%lld", (long long)*(const int64_t *)field); break;
    case SIDES: put_sides(field, out); break;
    case PADDING:
        if (pad->same || (pad->zeros[0] == 0 && pad->zeros[1] == 0))
            gr_text_printf(out, pad->same ? "same" : "valid");
        else
            put_sides(pad->zeros, out);
        break;
    case A_NAME: gr_text_printf(out, "%s", *(const char *const *)field); break;
    case A_REAL: gr_yaml_put_number(out, *(const double *)field); break;
    case A_TRUTH: gr_text_printf(out, *(const bool *)field ? "true" : "false"); break;
    }
}

void gr_stack_put(const gr_stack_layer *layers, int count, gr_text *out)
{
    for (int i = 0; i < count; i++) {
        const gr_stack_layer *layer = &layers[i];
        const char *own = layer->kind->value;
        gr_text_printf(out, "%s{%s: ", i > 0 ? ", " : "[", layer->kind->name);
        if (own != NULL)
            put_value(layer, &options[option_of(own, strlen(own))], out);
        else
            gr_text_printf(out, "{}");
        for (int o = 0; o < OPTIONS; o++)
            if (layer->given & 1u << o) {
                gr_text_printf(out, ", %s: ", options[o].name);
                put_value(layer, &options[o], out);
            }
        gr_text_printf(out, "}");
    }
    gr_text_printf(out, "]");
}
