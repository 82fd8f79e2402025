/* Building a graph: values, operators, parameters. Everything lives in the graph's arena. */
#include "graph/op.h"

#include <string.h>

gr_shape gr_shape1(int64_t a)
{
    return gr_shape_make(1, &a);
}

gr_shape gr_shape2(int64_t a, int64_t b)
{
    return gr_shape_make(2, (int64_t[]){a, b});
}

gr_shape gr_shape4(int64_t n, int64_t h, int64_t w, int64_t c)
{
    return gr_shape_make(4, (int64_t[]){n, h, w, c});
}

int64_t gr_shape_rows(const gr_shape *shape)
{
    int64_t rows = 1;
    for (int i = 0; i + 1 < shape->rank; i++)
        rows *= shape->dim[i];
    return rows;
}

int64_t gr_shape_last(const gr_shape *shape)
{
    return shape->rank > 0 ? shape->dim[shape->rank - 1] : 1;
}

gr_graph *gr_graph_create(void)
{
    gr_graph *g = gr_alloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    g->arena = gr_arena_create();
    if (g->arena == NULL) {
        gr_free(g);
        return NULL;
    }
    return g;
}

void gr_graph_destroy(gr_graph *g)
{
    if (g == NULL)
        return;
    gr_arena_destroy(g->arena);
    gr_free(g->values);
    gr_free(g->ops);
    gr_free(g->params);
    gr_free(g);
}

gr_status gr_graph_status(const gr_graph *g, gr_error *err)
{
    if (g->error.status == GR_OK)
        return GR_OK;
    return gr_fail(err, g->error.status, "%s", g->error.text);
}

/* Room for one more pointer in list[count]. */
static bool grow(void ***list, int count, int *capacity)
{
    if (count < *capacity)
        return true;
    int more = *capacity > 0 ? 2 * *capacity : 64;
    void **grown = gr_realloc(*list, (size_t)more, sizeof **list);
    if (grown == NULL)
        return false;
    *list = grown;
    *capacity = more;
    return true;
}

static bool no_memory(gr_graph *g)
{
    gr_fail(&g->error, GR_NOMEM, "no memory for the graph");
    return false;
}

gr_value *gr_graph_find(const gr_graph *g, const char *name)
{
    for (int i = 0; i < g->value_count; i++)
        if (strcmp(g->values[i]->name, name) == 0)
            return g->values[i];
    return NULL;
}

static gr_value *add_value(gr_graph *g, const char *name, gr_type type, gr_shape shape, gr_op *maker)
{
    if (gr_graph_find(g, name) != NULL) {
        gr_fail(&g->error, GR_INVALID, "%s: two layers have this name; each needs its own", name);
        return NULL;
    }
    int64_t count;
    if (!gr_shape_count(&shape, &count)) {
        char text[GR_SHAPE_TEXT];
        gr_fail(&g->error, GR_INVALID, "%s: the shape %s is out of range", name, gr_shape_text(&shape, text));
        return NULL;
    }
    void **list = (void **)g->values;
    bool room = grow(&list, g->value_count, &g->value_capacity);
    g->values = (gr_value **)list;
    gr_value *value = room ? gr_arena_alloc(g->arena, 1, sizeof *value) : NULL;
    char *copy = value != NULL ? gr_arena_strdup(g->arena, name) : NULL;
    if (copy == NULL) {
        no_memory(g);
        return NULL;
    }
    *value = (gr_value){copy, type, shape, maker, g->value_count};
    g->values[g->value_count++] = value;
    return value;
}

gr_value *gr_input(gr_graph *g, const char *name, gr_type type, gr_shape shape)
{
    if (g->error.status != GR_OK)
        return NULL;
    return add_value(g, name, type, shape, NULL);
}

uint64_t gr_name_key(const char *name)
{
    return gr_hash_text(0, name);
}

static gr_op *new_op(gr_graph *g, const gr_op_type *type, const char *name, const void *attr, size_t attr_size)
{
    void **list = (void **)g->ops;
    bool room = grow(&list, g->op_count, &g->op_capacity);
    g->ops = (gr_op **)list;
    gr_op *op = room ? gr_arena_alloc(g->arena, 1, sizeof *op) : NULL;
    if (op == NULL || (op->name = gr_arena_strdup(g->arena, name)) == NULL ||
        (op->attr = gr_arena_alloc(g->arena, 1, attr_size)) == NULL) {
        no_memory(g);
        return NULL;
    }
    op->type = type;
    op->attr_size = attr_size;
    op->id = gr_name_key(name);
    if (attr_size > 0)
        memcpy(op->attr, attr, attr_size);
    return op;
}

gr_op *gr_graph_add_op(gr_graph *g, const gr_op_type *type, const char *name, gr_value *const *in, int in_count, int out_count,
                       const void *attr, size_t attr_size)
{
    if (g->error.status != GR_OK)
        return NULL;
    gr_shape shapes[GR_MAX_INPUTS], outs[GR_MAX_OUTPUTS];
    if (in_count < 1 || in_count > GR_MAX_INPUTS) {
        gr_fail(&g->error, GR_INVALID, "%s: %s takes 1 to %d inputs, not %d", name, type->name, GR_MAX_INPUTS, in_count);
        return NULL;
    }
    for (int i = 0; i < in_count; i++) {
        if (in[i] == NULL) {
            gr_fail(&g->error, GR_INTERNAL, "%s: %s was given no input %d", name, type->name, i);
            return NULL;
        }
        shapes[i] = in[i]->shape;
    }
    gr_op *op = new_op(g, type, name, attr, attr_size);
    if (op == NULL)
        return NULL;
    if (type->infer(op, shapes, outs, &g->error) != GR_OK) {
        gr_error_prefix(&g->error, "%s", name);
        return NULL;
    }
    op->in_count = in_count;
    op->out_count = out_count;
    for (int i = 0; i < in_count; i++)
        op->in[i] = in[i];
    for (int i = 0; i < out_count; i++) {
        const char *value_name = i == 0 ? name : gr_arena_printf(g->arena, "%s.%d", name, i);
        op->out[i] = value_name != NULL ? add_value(g, value_name, GR_F32, outs[i], op) : NULL;
        if (op->out[i] == NULL)
            return NULL;
    }
    g->ops[g->op_count++] = op;
    return op;
}

gr_value *gr_graph_add_value(gr_graph *g, const gr_op_type *type, const char *name, gr_value *const *in, int in_count,
                             const void *attr, size_t attr_size)
{
    gr_op *op = gr_graph_add_op(g, type, name, in, in_count, 1, attr, attr_size);
    return op != NULL ? op->out[0] : NULL;
}

/* The graph's own way for random weights; the biases beside them are 0 then. */
static void overrule(const gr_graph *g, gr_parameter *param)
{
    bool random = param->init != GR_INIT_ZERO && param->init != GR_INIT_ONE && param->init != GR_INIT_THRESHOLDS;
    if (g->own_init && random)
        param->init = param->shape.rank > 1 ? g->init : GR_INIT_ZERO;
}

bool gr_graph_add_param_of(gr_graph *g, gr_op *op, const char *layer, const char *suffix, gr_parameter model)
{
    if (g->error.status != GR_OK || op == NULL)
        return false;
    void **list = (void **)g->params;
    bool room = grow(&list, g->param_count, &g->param_capacity);
    g->params = (gr_parameter **)list;
    gr_parameter *param = room ? gr_arena_alloc(g->arena, 1, sizeof *param) : NULL;
    char *name = param != NULL ? gr_arena_printf(g->arena, "%s.%s", layer, suffix) : NULL;
    if (name == NULL)
        return no_memory(g);
    *param = model;
    overrule(g, param);
    param->name = name;
    param->count = (size_t)gr_shape_elements(&model.shape);
    param->offset = g->param_floats;
    /* Each parameter starts on a cache line, so that no two share one. */
    g->param_floats += (param->count + 15) / 16 * 16;
    op->param[op->param_count++] = g->param_count;
    g->params[g->param_count++] = param;
    return true;
}

bool gr_graph_add_param(gr_graph *g, gr_op *op, const char *suffix, gr_parameter model)
{
    return op != NULL && gr_graph_add_param_of(g, op, op->name, suffix, model);
}

int gr_graph_parameter_count(const gr_graph *g)
{
    return g->param_count;
}

const gr_parameter *gr_graph_parameter(const gr_graph *g, int index)
{
    return g->params[index];
}

size_t gr_graph_parameter_floats(const gr_graph *g)
{
    return g->param_floats;
}

int gr_graph_freeze(gr_graph *g, const char *prefix)
{
    int frozen = 0;
    size_t length = strlen(prefix);
    for (int i = 0; i < g->param_count; i++) {
        const char *name = g->params[i]->name;
        if (!gr_starts_with(name, prefix))
            continue;
        if (length > 0 && prefix[length - 1] != '.' && name[length] != '\0' && name[length] != '.')
            continue; /* in the middle of a word */
        g->params[i]->frozen = true;
        frozen++;
    }
    return frozen;
}

/* An activation: elementwise, without parameters, and fed by what makes a layer together with it. */
static bool belongs_to_layer(const gr_op *op)
{
    const gr_op *before = op->in_count == 1 ? op->in[0]->maker : NULL;
    return before != NULL && op->param_count == 0 && gr_shape_equal(&op->in[0]->shape, &op->out[0]->shape) &&
           strcmp(op->type->name, "dropout") != 0 &&
           (strcmp(before->type->name, "conv2d") == 0 || strcmp(before->type->name, "dense") == 0);
}

int gr_graph_freeze_first(gr_graph *g, int count)
{
    int layers = 1;
    for (int o = 0; o < g->op_count; o++) {
        const gr_op *op = g->ops[o];
        layers += !belongs_to_layer(op);
        if (layers > count)
            return count;
        for (int p = 0; p < op->param_count; p++)
            g->params[op->param[p]]->frozen = true;
    }
    return layers;
}

const char *gr_value_name(const gr_value *value)
{
    return value->name;
}

gr_shape gr_value_shape(const gr_value *value)
{
    return value->shape;
}
