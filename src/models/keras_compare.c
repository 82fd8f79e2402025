/* Does a model of Keras's compute what model.layers says? The numbers of a file fit many networks: what lies between them (its
 * activations, borders, strides, pools, the eps of its batch norms) is compared step by step. A step is what a layer does, or
 * its activation; a dropout, which does nothing at inference, is none. */
#include "models/keras_compare.h"

#include <math.h>
#include <string.h>

#include "models/keras_made.h"

enum { STEPS_OF_LAYER = 2 };

typedef struct step {
    int item;                    /* of the list that it is of */
    const gr_stack_layer *layer; /* of that place */
    const char *act;             /* NULL: what the layer itself does */
    double slope;
    int64_t zeros[2][2]; /* around what a window reads: [rows, columns][before, behind] */
} step;

typedef struct steps {
    step *all;
    int count;
} steps;

typedef struct work {
    const gr_model_options *options;
    const gr_model *model;
    const gr_keras_made *made;
    gr_stack_layer *layers; /* model.layers */
    int layer_count;
    steps theirs, ours;
    gr_error *err;
} work;

/* ---- lists to steps ----------------------------------------------------------------------------------------------------- */

/* The zeros around a window's map of size[2], and the size behind it. */
static void look_at_window(const gr_stack_layer *layer, int64_t size[2], step *s)
{
    for (int axis = 0; axis < 2; axis++) {
        int64_t reach = layer->dilation[axis] * (layer->sides[axis] - 1) + 1, stride = layer->stride[axis];
        gr_stack_zeros(layer, axis, size[axis], &s->zeros[axis][0], &s->zeros[axis][1]);
        int64_t whole = size[axis] + s->zeros[axis][0] + s->zeros[axis][1];
        size[axis] = whole >= reach ? (whole - reach) / stride + 1 : 0;
    }
}

static bool is(const gr_stack_layer *layer, const char *kind)
{
    return strcmp(layer->kind->name, kind) == 0;
}

static gr_status unfold(work *w, const gr_stack_layer *layers, int count, steps *out, gr_arena *arena)
{
    int64_t size[2] = {w->options->size, w->options->size};
    out->all = gr_arena_alloc(arena, STEPS_OF_LAYER * (size_t)count + 1, sizeof *out->all);
    if (out->all == NULL)
        return gr_fail(w->err, GR_NOMEM, "no memory to compare layers");
    for (int i = 0; i < count; i++) {
        const gr_stack_layer *layer = &layers[i];
        bool act = is(layer, "act");
        step s = {.item = i, .layer = layer};
        if (is(layer, "conv") || is(layer, "pool"))
            look_at_window(layer, size, &s);
        if (!act && !is(layer, "dropout"))
            out->all[out->count++] = s;
        if (act || layer->act != NULL)
            out->all[out->count++] =
                (step){.item = i, .layer = layer, .act = act ? layer->word : layer->act, .slope = layer->slope};
    }
    return GR_OK;
}

/* ---- are two the same? --------------------------------------------------------------------------------------------------- */

/* Keras keeps some of its numbers in float32. */
static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fmax(fabs(a), fabs(b));
}

static double slope_of(const step *s)
{
    return s->slope == 0.0 && strcmp(s->act, "hard_sigmoid") == 0 ? 1.0 / 6 : s->slope;
}

static double eps_of(const work *w, const gr_stack_layer *layer)
{
    double eps = w->model->graph->norm_eps;
    return layer->eps > 0.0 ? layer->eps : eps > 0.0 ? eps : 1e-5;
}

static bool is_same_window(const step *a, const step *b)
{
    const gr_stack_layer *x = a->layer, *y = b->layer;
    bool same = memcmp(a->zeros, b->zeros, sizeof a->zeros) == 0;
    bool bordered = a->zeros[0][0] + a->zeros[0][1] + a->zeros[1][0] + a->zeros[1][1] > 0;
    for (int axis = 0; axis < 2; axis++)
        same = same && x->sides[axis] == y->sides[axis] && x->stride[axis] == y->stride[axis] &&
               x->dilation[axis] == y->dilation[axis];
    return same && (!is(x, "pool") || !bordered || strcmp(x->word, "max") == 0 || x->pad.same == y->pad.same);
}

/* Numbers that the file has are needed; of those that it lacks a bias of 0 does the same. */
static bool is_same(const work *w, const step *theirs, const step *ours)
{
    const gr_stack_layer *x = theirs->layer, *y = ours->layer;
    if (theirs->act != NULL || ours->act != NULL)
        return theirs->act != NULL && ours->act != NULL && strcmp(theirs->act, ours->act) == 0 &&
               is_near(slope_of(theirs), slope_of(ours));
    if (x->kind != y->kind || x->count != y->count || (x->bias && !y->bias) ||
        (x->word != NULL && strcmp(x->word, y->word) != 0))
        return false;
    if (is(x, "batch_norm"))
        return is_near(x->eps, eps_of(w, y));
    int64_t groups = x->groups > 1 ? x->groups : 1;
    return (!is(x, "conv") && !is(x, "pool")) || (groups == (y->groups > 1 ? y->groups : 1) && is_same_window(theirs, ours));
}

/* ---- sentences ----------------------------------------------------------------------------------------------------------- */

/* A layer as model.layers has it, down to what acts at inference. */
static void put_layer(const work *w, const gr_stack_layer *layer, gr_text *out)
{
    gr_stack_layer one = *layer;
    gr_text list = {0};
    one.init = NULL;
    one.momentum = 0.0;
    one.eps = is(layer, "batch_norm") ? eps_of(w, layer) : 0.0;
    gr_stack_give(&one);
    gr_stack_put(&one, 1, &list);
    if (list.data != NULL && !list.failed)
        gr_text_add(out, list.data + 1, strlen(list.data) - 2);
    gr_text_free(&list);
}

/* t, o: the steps that differ; the end of a list is one behind its last. An activation that the other has not beside a layer
 * is told with the layer. */
static gr_status differs(work *w, int t, int o)
{
    gr_text a = {0}, b = {0};
    bool act = t < w->theirs.count && w->theirs.all[t].act != NULL, other = o < w->ours.count && w->ours.all[o].act != NULL;
    if (act && !other && o > 0 && !is(w->theirs.all[t].layer, "act"))
        o--;
    else if (other && !act && t > 0 && !is(w->ours.all[o].layer, "act"))
        t--;
    const char *name = t < w->theirs.count ? w->made->names[w->theirs.all[t].item] : "";
    int number = o < w->ours.count ? w->ours.all[o].item + 1 : w->layer_count;
    if (t < w->theirs.count)
        put_layer(w, w->theirs.all[t].layer, &a);
    if (o < w->ours.count)
        put_layer(w, w->ours.all[o].layer, &b);
    gr_status status = GR_INVALID;
    if (a.failed || b.failed)
        status = gr_fail(w->err, GR_NOMEM, "no memory to compare layers");
    else if (t == w->theirs.count)
        gr_fail(w->err, status, "ends where layer %d of model.layers is %s: a list without it would be right", number, b.data);
    else if (o == w->ours.count)
        gr_fail(w->err, status,
                "goes on with its layer %s, which is %s, where model.layers ends: it behind layer %d would be right", name,
                a.data, number);
    else
        gr_fail(w->err, status, "its layer %s is %s, and layer %d of model.layers is %s: the file's would be right", name, a.data,
                number, b.data);
    gr_text_free(&a);
    gr_text_free(&b);
    return status;
}

/* ---- the last layer ------------------------------------------------------------------------------------------------------ */

/* How many outputs the model's own last layer has. */
static int64_t outputs_of(const gr_model *model)
{
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *param = gr_graph_parameter(model->graph, i);
        if (strcmp(param->name, "classifier.weight") == 0)
            return param->shape.dim[0];
    }
    return 0;
}

/* Step t is the file's last dense layer: what comes behind it is how the task answers. One of another number of outputs gives
 * no numbers, which is said where they are loaded, but for one by sigmoid, which are two classes. */
static gr_status check_answer(work *w, int t)
{
    const step *top = &w->theirs.all[t];
    const char *act = NULL;
    int behind = t + 1;
    for (; behind < w->theirs.count && w->theirs.all[behind].act != NULL; behind++)
        act = act == NULL || strcmp(act, w->theirs.all[behind].act) == 0 ? w->theirs.all[behind].act : "more than one";
    if (behind < w->theirs.count)
        return differs(w, t, w->ours.count);
    bool classes = strcmp(w->model->task, "classes") == 0;
    bool plain = classes || strcmp(w->model->task, "scores") == 0 || strcmp(w->model->task, "landmarks") == 0;
    int64_t outputs = outputs_of(w->model);
    if (classes && top->layer->count == 1 && outputs == 2 && act != NULL && strcmp(act, "sigmoid") == 0)
        return GR_OK; /* taken as two classes */
    bool taken = top->layer->count == outputs || (classes && top->layer->count == 1 && outputs == 2);
    if (!plain || !taken || act == NULL)
        return GR_OK;
    if (classes && strcmp(act, "softmax") == 0 && w->made->groups == w->model->outputs)
        return GR_OK;
    return gr_fail(w->err, GR_INVALID,
                   "its last layer %s gives its answer by %s%s, and the task %s gives it %s: a file that ends so would be right",
                   w->made->names[top->item], act, strcmp(act, "softmax") == 0 && classes ? " over all labels" : "",
                   w->model->task, classes ? "by softmax" : "without an activation");
}

static gr_status compare(work *w)
{
    int at = 0;
    while (at < w->theirs.count && at < w->ours.count && is_same(w, &w->theirs.all[at], &w->ours.all[at]))
        at++;
    if (at < w->ours.count)
        return differs(w, at, at);
    if (at == w->theirs.count || strcmp(w->options->head, "linear") != 0)
        return GR_OK; /* a file without the top, or a head with layers of its own */
    bool dense = w->theirs.all[at].act == NULL && is(w->theirs.all[at].layer, "dense");
    return dense ? check_answer(w, at) : differs(w, at, at);
}

gr_status gr_keras_compare(const gr_model_options *options, const gr_model *model, const gr_weights *keras, bool *known,
                           gr_error *err)
{
    gr_arena *arena = gr_arena_create();
    gr_keras_made made;
    const gr_yaml *root = NULL;
    int line;
    work w = {.options = options, .model = model, .made = &made, .err = err};
    *known = false;
    w.layers = arena != NULL ? gr_arena_alloc(arena, GR_STACK_MOST, sizeof *w.layers) : NULL;
    gr_status status = w.layers != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to compare layers");
    if (status == GR_OK)
        status = gr_keras_made_read(gr_weights_note(keras, "keras_config"), gr_weights_note(keras, "keras_version"), arena,
                                    &made, known, err);
    if (status == GR_OK && *known)
        status = gr_yaml_parse(NULL, options->layers, strlen(options->layers), arena, &root, err);
    if (status == GR_OK && *known)
        status = gr_stack_read(root, w.layers, &w.layer_count, &line, err);
    if (status == GR_OK && *known)
        status = unfold(&w, made.layers, made.count, &w.theirs, arena);
    if (status == GR_OK && *known)
        status = unfold(&w, w.layers, w.layer_count, &w.ours, arena);
    if (status == GR_OK && *known)
        status = compare(&w);
    gr_arena_destroy(arena);
    return status;
}
