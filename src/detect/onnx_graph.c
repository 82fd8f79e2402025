#include "detect/onnx_graph.h"

#include <string.h>

#include "detect/onnx_kinds.h"

enum { MOST_NODES = 20000 };

typedef struct step {
    const gr_onnx_node_read *node;
    const gr_onnx_kind *kind;
    int *in, *out; /* indices of values; -1: not there */
} step;

struct gr_onnx_graph {
    gr_onnx_file file;
    gr_arena *arena;
    step *steps;
    int value_count, most_inputs, most_outputs, input;
    int *outputs;     /* [file.output_count] */
    int *last;        /* [value_count]: the step behind which the value is not read any more; -1: a constant, or never */
    gr_nd *constants; /* [value_count]; values NULL: it is none */
};

/* ---- opening ---------------------------------------------------------------------------------------------------------- */

static const gr_onnx_kind *kind_of(const char *type)
{
    static const gr_onnx_kind *const lists[] = {gr_onnx_numbers, gr_onnx_maps, gr_onnx_shapes};
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (const gr_onnx_kind *k = lists[l]; k->type != NULL; k++)
            if (strcmp(k->type, type) == 0)
                return k;
    return NULL;
}

/* Names of all values: the input's, the constants', what nodes make. */
typedef struct naming {
    const char **names;
    int64_t *order;
    int count;
} naming;

static gr_status name_values(gr_onnx_graph *g, naming *n, gr_error *err)
{
    const gr_onnx_file *f = &g->file;
    int64_t room = 1 + f->array_count;
    for (int i = 0; i < f->node_count; i++)
        room += f->nodes[i].output_count;
    n->names = gr_arena_alloc(g->arena, (size_t)room, sizeof *n->names);
    if (n->names == NULL || room > INT32_MAX)
        return gr_fail(err, GR_NOMEM, "%s: no memory for a graph", f->path);
    n->names[n->count++] = f->inputs[0].name;
    for (int i = 0; i < f->array_count; i++)
        n->names[n->count++] = f->arrays[i].name;
    for (int i = 0; i < f->node_count; i++)
        for (int o = 0; o < f->nodes[i].output_count; o++)
            n->names[n->count++] = f->nodes[i].outputs[o];
    n->order = gr_names_sort(n->names, n->count);
    return n->order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for a graph", f->path);
}

static int index_of(const naming *n, const char *name)
{
    return name[0] != '\0' ? (int)gr_names_find(n->names, n->order, n->count, name) : -1;
}

static gr_status link_step(gr_onnx_graph *g, const naming *n, int index, bool *made, gr_error *err)
{
    const gr_onnx_node_read *node = &g->file.nodes[index];
    step *s = &g->steps[index];
    *s = (step){.node = node, .kind = kind_of(node->type)};
    if (s->kind == NULL)
        return gr_fail(err, GR_INVALID, "%s: the operator %.60s of the node %.80s is not known here", g->file.path,
                       node->type, node->name);
    s->in = gr_arena_alloc(g->arena, (size_t)node->input_count + 1, sizeof *s->in);
    s->out = gr_arena_alloc(g->arena, (size_t)node->output_count + 1, sizeof *s->out);
    if (s->in == NULL || s->out == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for a graph", g->file.path);
    for (int i = 0; i < node->input_count; i++) {
        s->in[i] = index_of(n, node->inputs[i]);
        if (node->inputs[i][0] != '\0' && (s->in[i] < 0 || !made[s->in[i]]))
            return gr_fail(err, GR_INVALID, "%s: nothing before the node %.80s makes its input %.80s", g->file.path,
                           node->name, node->inputs[i]);
        if (s->in[i] >= 0)
            g->last[s->in[i]] = index;
    }
    bool there = node->input_count >= s->kind->least && node->output_count > 0;
    for (int i = 0; there && i < s->kind->least; i++)
        there = s->in[i] >= 0;
    if (!there)
        return gr_fail(err, GR_INVALID, "%s: the node %.80s lacks inputs or outputs of %s", g->file.path, node->name,
                       node->type);
    for (int i = 0; i < node->output_count; i++) {
        s->out[i] = index_of(n, node->outputs[i]);
        if (s->out[i] >= 0 && made[s->out[i]])
            return gr_fail(err, GR_INVALID, "%s: %.80s is made twice", g->file.path, node->outputs[i]);
        if (s->out[i] >= 0)
            made[s->out[i]] = true;
    }
    g->most_inputs = node->input_count > g->most_inputs ? node->input_count : g->most_inputs;
    g->most_outputs = node->output_count > g->most_outputs ? node->output_count : g->most_outputs;
    return GR_OK;
}

static gr_status link_all(gr_onnx_graph *g, const naming *n, bool *made, gr_error *err)
{
    const gr_onnx_file *f = &g->file;
    g->value_count = n->count;
    g->input = index_of(n, f->inputs[0].name);
    for (int i = 0; i < n->count; i++)
        g->last[i] = -1;
    for (int i = 0; i < f->array_count; i++) {
        const gr_onnx_array *a = &f->arrays[i];
        int at = index_of(n, a->name);
        if (at < 0 || made[at])
            continue;
        g->constants[at] = (gr_nd){.rank = a->rank, .whole = a->whole, .count = a->count, .values = a->values};
        memcpy(g->constants[at].dim, a->dim, sizeof a->dim);
        made[at] = true;
    }
    if (g->input < 0)
        return gr_fail(err, GR_INVALID, "%s: its input has no name", f->path);
    made[g->input] = true;
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < f->node_count; i++)
        status = link_step(g, n, i, made, err);
    for (int i = 0; status == GR_OK && i < f->output_count; i++) {
        g->outputs[i] = index_of(n, f->outputs[i].name);
        if (g->outputs[i] < 0 || !made[g->outputs[i]])
            return gr_fail(err, GR_INVALID, "%s: nothing makes the output %.80s", f->path, f->outputs[i].name);
        g->last[g->outputs[i]] = f->node_count;
    }
    return status;
}

static gr_status link_graph(gr_onnx_graph *g, gr_error *err)
{
    const gr_onnx_file *f = &g->file;
    naming n = {0};
    if (f->input_count != 1 || f->output_count < 1 || f->node_count < 1 || f->node_count > MOST_NODES)
        return gr_fail(err, GR_INVALID,
                       "%s: has %d inputs, %d outputs and %d nodes; one picture that goes in, and boxes that come out, "
                       "would be right",
                       f->path, f->input_count, f->output_count, f->node_count);
    gr_status status = name_values(g, &n, err);
    bool *made = status == GR_OK ? gr_arena_alloc(g->arena, (size_t)n.count, sizeof *made) : NULL;
    g->steps = gr_arena_alloc(g->arena, (size_t)f->node_count, sizeof *g->steps);
    g->last = gr_arena_alloc(g->arena, (size_t)n.count + 1, sizeof *g->last);
    g->constants = gr_arena_alloc(g->arena, (size_t)n.count + 1, sizeof *g->constants);
    g->outputs = gr_arena_alloc(g->arena, (size_t)f->output_count, sizeof *g->outputs);
    if (status == GR_OK &&
        (made == NULL || g->steps == NULL || g->last == NULL || g->constants == NULL || g->outputs == NULL))
        status = gr_fail(err, GR_NOMEM, "%s: no memory for a graph", f->path);
    if (status == GR_OK)
        status = link_all(g, &n, made, err);
    gr_free(n.order);
    return status;
}

gr_status gr_onnx_graph_open(const char *path, gr_onnx_graph **out, gr_error *err)
{
    gr_onnx_graph *g = gr_alloc(1, sizeof *g);
    if (g == NULL || (g->arena = gr_arena_create()) == NULL) {
        gr_free(g);
        return gr_fail(err, GR_NOMEM, "%s: no memory for a graph", path);
    }
    gr_status status = gr_onnx_read(path, &g->file, err);
    if (status == GR_OK)
        status = link_graph(g, err);
    if (status == GR_OK)
        *out = g;
    else
        gr_onnx_graph_close(g);
    return status;
}

void gr_onnx_graph_close(gr_onnx_graph *g)
{
    if (g == NULL)
        return;
    if (g->file.arena != NULL)
        gr_onnx_file_free(&g->file);
    gr_arena_destroy(g->arena);
    gr_free(g);
}

const gr_onnx_file *gr_onnx_graph_file(const gr_onnx_graph *g)
{
    return &g->file;
}

/* ---- running ---------------------------------------------------------------------------------------------------------- */

typedef struct running {
    const gr_onnx_graph *g;
    gr_nd *values;    /* [value_count]; those of constants and of the input are borrowed */
    const gr_nd **in; /* [most inputs] */
    gr_nd *out;       /* [most outputs] */
} running;

static bool borrowed(const running *r, int value)
{
    return value == r->g->input || r->g->constants[value].values != NULL;
}

static gr_status run_step(running *r, int index, gr_error *err)
{
    const step *s = &r->g->steps[index];
    const gr_onnx_node_read *n = s->node;
    for (int i = 0; i < n->input_count || i < GR_ONNX_INPUTS; i++)
        r->in[i] = i < n->input_count && s->in[i] >= 0 ? &r->values[s->in[i]] : NULL;
    for (int i = 0; i < n->output_count; i++)
        r->out[i] = (gr_nd){0};
    gr_onnx_call call = {.node = n,
                         .opset = r->g->file.opset,
                         .in = r->in,
                         .in_count = n->input_count,
                         .out = r->out,
                         .out_count = n->output_count,
                         .err = err};
    gr_status status = s->kind->run(&call);
    for (int i = 0; i < n->output_count; i++)
        if (s->out[i] >= 0)
            r->values[s->out[i]] = r->out[i];
        else
            gr_free(r->out[i].values);
    if (status == GR_INVALID) {
        gr_error_prefix(err, "the node %.80s (%s)", n->name[0] != '\0' ? n->name : n->outputs[0], n->type);
        gr_error_prefix(err, "%s", r->g->file.path);
    }
    for (int i = 0; i < n->input_count; i++)
        if (s->in[i] >= 0 && r->g->last[s->in[i]] == index && !borrowed(r, s->in[i])) {
            gr_free(r->values[s->in[i]].values);
            r->values[s->in[i]].values = NULL;
        }
    return status;
}

/* A copy, for a value may be an output twice, or a constant. */
static gr_status copy_output(const gr_nd *from, gr_nd *to, gr_error *err)
{
    gr_status status = gr_nd_make(to, from->rank, from->dim, err);
    if (status == GR_OK)
        memcpy(to->values, from->values, (size_t)from->count * sizeof *to->values);
    return status;
}

gr_status gr_onnx_graph_run(const gr_onnx_graph *g, const gr_nd *input, gr_nd *outputs, gr_error *err)
{
    running r = {.g = g};
    int inputs = g->most_inputs > GR_ONNX_INPUTS ? g->most_inputs : GR_ONNX_INPUTS;
    r.values = gr_alloc((size_t)g->value_count, sizeof *r.values);
    r.in = gr_alloc((size_t)inputs, sizeof *r.in);
    r.out = gr_alloc((size_t)g->most_outputs + 1, sizeof *r.out);
    bool there = r.values != NULL && r.in != NULL && r.out != NULL;
    gr_status status = there ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory to run it", g->file.path);
    for (int i = 0; there && i < g->value_count; i++)
        r.values[i] = g->constants[i];
    if (there)
        r.values[g->input] = *input;
    for (int o = 0; o < g->file.output_count; o++)
        outputs[o] = (gr_nd){0};
    for (int i = 0; status == GR_OK && i < g->file.node_count; i++)
        status = run_step(&r, i, err);
    for (int o = 0; status == GR_OK && o < g->file.output_count; o++)
        status = copy_output(&r.values[g->outputs[o]], &outputs[o], err);
    for (int o = 0; status != GR_OK && o < g->file.output_count; o++) {
        gr_free(outputs[o].values);
        outputs[o] = (gr_nd){0};
    }
    for (int i = 0; there && i < g->value_count; i++)
        if (!borrowed(&r, i))
            gr_free(r.values[i].values);
    gr_free(r.values);
    gr_free(r.in);
    gr_free(r.out);
    return status;
}
