/* Feature maps of a network by the names of their layers. */
#include "explain/layers.h"

#include <string.h>

#include "graph/op.h"

static const char prefix[] = "backbone.";

/* Marks what `value` follows from, the image and itself included; ops stand in the order of building, makers before readers.
 */
static bool *mark(const gr_graph *g, const gr_value *value)
{
    bool *on = gr_alloc((size_t)g->value_count, sizeof *on);
    if (on == NULL)
        return NULL;
    on[value->index] = true;
    for (int o = g->op_count - 1; o >= 0; o--) {
        bool read = false;
        for (int k = 0; k < g->ops[o]->out_count; k++)
            read = read || on[g->ops[o]->out[k]->index];
        for (int k = 0; read && k < g->ops[o]->in_count; k++)
            on[g->ops[o]->in[k]->index] = true;
    }
    return on;
}

static bool is_map(const gr_op *op, const bool *on)
{
    const gr_value *v = op->out[0];
    return on[v->index] && v->shape.rank == 4 && v->shape.dim[1] * v->shape.dim[2] > 1;
}

/* Is the layer `op` a part of the module `name`? */
static bool is_part(const char *op, const char *name)
{
    size_t length = strlen(name);
    return strncmp(op, name, length) == 0 && op[length] == '.';
}

static const char *bare(const char *name)
{
    return gr_starts_with(name, prefix) ? name + sizeof prefix - 1 : name;
}

/* As many names as fit into a sentence. */
static gr_status unknown(const gr_graph *g, const bool *on, const char *name, gr_error *err)
{
    gr_text list = {0};
    const char **names = gr_alloc((size_t)g->op_count, sizeof *names);
    int count = 0, told = 0;
    for (int o = 0; names != NULL && o < g->op_count; o++)
        if (is_map(g->ops[o], on))
            names[count++] = bare(g->ops[o]->name);
    for (int i = count - 1; i >= 0 && list.size + strlen(names[i]) < 600; i--, told++)
        gr_text_printf(&list, "%s%s", told > 0 ? ", " : "", names[i]);
    const char *near = names != NULL ? gr_nearest(bare(name), names, (size_t)count) : NULL;
    gr_status status =
        gr_fail(err, GR_INVALID,
                "--layer: the model has no layer \"%.80s\" with a map before what is explained%s%s%s; from the last one "
                "on they are %s%s",
                name, near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "",
                list.data != NULL ? list.data : "none", told < count ? ", ... (grimace info --model NAME has all)" : "");
    gr_free(names);
    gr_text_free(&list);
    return status;
}

gr_status gr_layer_find(const gr_model *model, const gr_value *value, const char *name, const gr_value **out, gr_error *err)
{
    const gr_graph *g = model->graph;
    *out = name == NULL ? model->features : NULL;
    if (name == NULL)
        return GR_OK;
    bool *on = mark(g, value);
    if (on == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of layers");
    for (int o = 0; o < g->op_count; o++)
        if (is_map(g->ops[o], on) && strcmp(bare(g->ops[o]->name), bare(name)) == 0)
            *out = g->ops[o]->out[0];
    for (int o = g->op_count - 1; *out == NULL && o >= 0; o--)
        if (is_map(g->ops[o], on) && is_part(bare(g->ops[o]->name), bare(name)))
            *out = g->ops[o]->out[0];
    gr_status status = *out != NULL ? GR_OK : unknown(g, on, name, err);
    gr_free(on);
    return status;
}
