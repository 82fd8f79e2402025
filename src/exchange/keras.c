/* A model as Keras 3's archive, or its weights alone: config.json is a functional model of plain layers, model.weights.h5 has the
 * numbers by class and place ("layers/conv2d_3/vars/0"). The place is that of Keras's own sorting of the layers, which is repeated
 * here: by their distance from the output, then in the order in which a walk from the output meets them
 * (keras/src/ops/function.py, 3.0 to 3.15). */
#include "exchange/keras.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/keras_layers.h"
#include "formats/hdf5_write.h"
#include "formats/json.h"
#include "formats/zip_write.h"
#include "models/keras_names.h"

enum { NAME = 128, MORE_LAYERS = 4, INCEPTION = 94 };

/* ---- names of layers ------------------------------------------------------------------------------------------------ */

typedef struct naming {
    const gr_keras_network *network; /* NULL: layers keep our names */
    const char **biased;             /* [operators]: convolutions that have a bias there */
    int biased_count;
    bool own_top; /* the network's own last layers stand behind it */
    gr_keras_numbers numbers;
    int64_t counted[INCEPTION]; /* 0, 1, ...: layers that Keras numbers */
    gr_arena *arena;
} naming;

static void find_network(naming *n, const gr_model_options *options)
{
    for (int i = 0; i < INCEPTION; i++)
        n->counted[i] = i;
    n->own_top = strcmp(options->head, "linear") == 0;
    n->numbers = (gr_keras_numbers){n->counted, n->counted, INCEPTION, INCEPTION};
    for (const gr_keras_network *k = gr_keras_networks; k->backbone != NULL && n->network == NULL; k++)
        if (options->layers == NULL && strcmp(k->backbone, options->backbone) == 0 && k->more_eps == 0.0 &&
            (k->difference == NULL || gr_model_is_keras(options)))
            n->network = k;
}

static const char *layer_name(void *ctx, const gr_op *op)
{
    naming *n = ctx;
    gr_keras_layer layer = {0};
    const char *ours = gr_starts_with(op->name, "backbone.") ? op->name + strlen("backbone.") : op->name;
    if (n->network == NULL || op->param_count == 0)
        return ours;
    if (strcmp(ours, "classifier") == 0)
        return (n->network->traits & GR_KERAS_DENSE_AS_CONV) ? "logits" : "predictions";
    bool known = ours != op->name && n->network->layer(&n->numbers, ours, &layer) &&
                 (layer.kernel == NULL || gr_ends_with(ours, ".pointwise")); /* by which a separable one is called */
    if (known && layer.biased[0] != '\0')
        n->biased[n->biased_count++] = gr_arena_strndup(n->arena, layer.biased, strlen(layer.biased));
    return known ? gr_arena_strndup(n->arena, layer.name, strlen(layer.name)) : ours;
}

/* ---- the network's layers ------------------------------------------------------------------------------------------- */

static void mark_needed(const gr_graph *g, const gr_value *answer, bool *needed)
{
    needed[answer->index] = true;
    for (int o = g->op_count - 1; o >= 0; o--) {
        const gr_op *op = g->ops[o];
        bool used = false;
        for (int i = 0; i < op->out_count; i++)
            used = used || needed[op->out[i]->index];
        for (int i = 0; used && i < op->in_count; i++)
            needed[op->in[i]->index] = true;
    }
}

static json_t *shape_json(const gr_shape *shape)
{
    json_t *list = json_pack("[n]");
    for (int d = 1; d < shape->rank; d++)
        json_array_append_new(list, json_integer(shape->dim[d]));
    return list;
}

/* A concat of inputs at, at + 1 of a concat stands in their place. */
static void nest(gr_keras_net *net, int node, int at, const char *suffix)
{
    const char *name = net->nodes[node].name;
    char *text = gr_arena_printf(net->arena, "%s.%s", name, suffix);
    const int *in = net->nodes[node].in + at;
    gr_shape shape = net->nodes[in[0]].shape;
    shape.dim[3] += net->nodes[in[1]].shape.dim[3];
    int inner = gr_keras_node_add(net, text, "Concatenate", json_pack("{s:i}", "axis", -1), shape, in, 2);
    gr_keras_node *outer = &net->nodes[node];
    net->nodes[inner].one_list = true;
    outer->in[at] = inner;
    memmove(outer->in + at + 1, outer->in + at + 2, (size_t)(--outer->in_count - at - 1) * sizeof *outer->in);
}

/* What layers read, in Keras's order and nesting: their places follow from it. */
static void arrange(gr_keras_net *net, unsigned traits)
{
    int count = net->count;
    for (int i = 0; net->status == GR_OK && i < count; i++) {
        gr_keras_node *node = &net->nodes[i];
        int first = node->in[0];
        if ((traits & GR_KERAS_SHORTCUT_FIRST) && strcmp(node->kind, "Add") == 0 && node->in_count == 2) {
            node->in[0] = node->in[1];
            node->in[1] = first;
        }
        if ((traits & GR_KERAS_INCEPTION) && strcmp(node->kind, "Concatenate") == 0 && node->in_count == 6) {
            nest(net, i, 3, "doubles");
            nest(net, i, 1, "singles");
        }
    }
}

static gr_status add_layers(gr_keras_net *net, const gr_model *model, unsigned traits)
{
    const gr_graph *g = net->graph;
    bool *needed = gr_arena_alloc(net->arena, (size_t)g->value_count, sizeof *needed);
    if (needed == NULL || net->nodes == NULL || net->made == NULL || net->mapped == NULL)
        return gr_fail(net->err, GR_NOMEM, "no memory for the model");
    mark_needed(g, model->answer, needed);
    net->made[model->image->index] =
        gr_keras_node_add(net, "image", "InputLayer", json_pack("{s:o}", "batch_shape", shape_json(&model->image->shape)),
                          model->image->shape, NULL, 0);
    for (int o = 0; net->status == GR_OK && o < g->op_count; o++)
        if (needed[g->ops[o]->out[0]->index])
            gr_keras_add(net, g->ops[o]);
    arrange(net, traits);
    return net->status;
}

/* ---- Keras's order -------------------------------------------------------------------------------------------------- */

typedef struct place {
    int node, met, depth; /* met: when the walk came to it first; -1: never */
} place;

typedef struct walk {
    const gr_keras_net *net;
    place *places; /* [nodes] */
    int *behind;   /* nodes, each behind those that it reads */
    int met, done;
} walk;

static void visit(walk *w, int node)
{
    if (w->places[node].met >= 0)
        return;
    w->places[node] = (place){.node = node, .met = w->met++};
    for (int i = 0; i < w->net->nodes[node].in_count; i++)
        visit(w, w->net->nodes[node].in[i]);
    w->behind[w->done++] = node;
}

static int by_place(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return x->depth != y->depth ? y->depth - x->depth : x->met - y->met;
}

/* The nodes in Keras's order into places[*count]. */
static gr_status sort_layers(const gr_keras_net *net, int last, place *places, int *count)
{
    walk w = {.net = net, .places = places, .behind = gr_arena_alloc(net->arena, (size_t)net->count, sizeof *w.behind)};
    if (w.behind == NULL)
        return gr_fail(net->err, GR_NOMEM, "no memory for the model");
    for (int i = 0; i < net->count; i++)
        places[i] = (place){.node = i, .met = -1, .depth = -1};
    visit(&w, last);
    places[last].depth = 0;
    for (int b = w.done - 1; b >= 0; b--) {
        const gr_keras_node *node = &net->nodes[w.behind[b]];
        for (int i = 0; i < node->in_count; i++) {
            place *read = &places[node->in[i]];
            int depth = places[w.behind[b]].depth + 1;
            read->depth = read->depth > depth ? read->depth : depth;
        }
    }
    *count = w.done;
    qsort(places, (size_t)net->count, sizeof *places, by_place); /* what is not met has depth -1 */
    return GR_OK;
}

/* ---- config.json ---------------------------------------------------------------------------------------------------- */

static json_t *value_json(const gr_keras_net *net, int node)
{
    return json_pack("{s:s, s:{s:o, s:s, s:[s,i,i]}}", "class_name", "__keras_tensor__", "config", "shape",
                     shape_json(&net->nodes[node].shape), "dtype", "float32", "keras_history", net->nodes[node].name, 0, 0);
}

static json_t *layer_json(const gr_keras_net *net, const gr_keras_node *node)
{
    json_t *config = json_copy(node->config), *args = json_array(), *nodes = json_array();
    json_object_set_new(config, "name", json_string(node->name));
    json_object_set_new(config, "dtype", json_string("float32"));
    for (int i = 0; i < node->in_count; i++)
        json_array_append_new(args, value_json(net, node->in[i]));
    if (node->one_list)
        args = json_pack("[o]", args);
    if (node->in_count > 0)
        json_array_append_new(nodes, json_pack("{s:O, s:{}}", "args", args, "kwargs"));
    json_decref(args);
    return json_pack("{s:s, s:s, s:o, s:n, s:s, s:o}", "module", "keras.layers", "class_name", node->kind, "config", config,
                     "registered_name", "name", node->name, "inbound_nodes", nodes);
}

static json_t *config_json(const gr_keras_net *net, const place *places, int count, int last)
{
    json_t *layers = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(layers, layer_json(net, &net->nodes[places[i].node]));
    return json_pack("{s:s, s:s, s:{s:s, s:b, s:o, s:[[s,i,i]], s:[[s,i,i]]}, s:s}", "module", "keras.src.models.functional",
                     "class_name", "Functional", "config", "name", "grimace", "trainable", 1, "layers", layers,
                     "input_layers", net->nodes[0].name, 0, 0, "output_layers", net->nodes[last].name, 0, 0,
                     "registered_name", "Functional");
}

/* ---- model.weights.h5 ----------------------------------------------------------------------------------------------- */

/* "DepthwiseConv2D" as "depthwise_conv2d", as Keras names its groups. */
static void put_snake(const char *kind, char to[NAME])
{
    size_t at = 0;
    for (size_t i = 0; kind[i] != '\0' && at + 2 < NAME; i++) {
        bool starts = i > 0 && isupper((unsigned char)kind[i]) && islower((unsigned char)kind[i - 1]);
        bool word = i > 0 && isupper((unsigned char)kind[i]) && islower((unsigned char)kind[i + 1]) && !starts;
        if (starts || (word && kind[i - 1] != '_'))
            to[at++] = '_';
        to[at++] = (char)tolower((unsigned char)kind[i]);
    }
    to[at] = '\0';
}

/* "layers/conv2d_3/vars": the group of the layer that stands at `index`. */
static void put_group(const gr_keras_net *net, const place *places, int index, char to[NAME])
{
    const char *kind = net->nodes[places[index].node].kind;
    char snake[NAME];
    int before = 0;
    for (int i = 0; i < index; i++)
        before += strcmp(net->nodes[places[i].node].kind, kind) == 0;
    put_snake(kind, snake);
    if (before > 0)
        snprintf(to, NAME, "layers/%.80s_%d/vars", snake, before);
    else
        snprintf(to, NAME, "layers/%.80s/vars", snake);
}

static gr_status take_tensors(gr_keras_net *net, const place *places, int count, gr_weights *to, gr_hdf5_label *labels,
                              int *labelled)
{
    gr_status status = GR_OK;
    for (int i = 0; i < count; i++) {
        gr_keras_node *node = &net->nodes[places[i].node];
        char group[NAME], name[NAME + 16];
        put_group(net, places, i, group);
        for (int v = 0; status == GR_OK && v < node->variable_count; v++) {
            snprintf(name, sizeof name, "%s/%d", group, v);
            status = gr_weights_take(to, name, &node->tensors[v], net->err);
        }
        if (node->variable_count == 0)
            continue;
        gr_hdf5_label *label = &labels[(*labelled)++];
        *label = (gr_hdf5_label){gr_arena_strndup(net->arena, group, strlen(group)), "name", &node->name, -1};
        if (label->group == NULL)
            return gr_fail(net->err, GR_NOMEM, "no memory for the weights' names");
    }
    return status;
}

/* ---- as keras.applications has it ------------------------------------------------------------------------------------ */

static gr_status drop_gamma(gr_keras_net *net, const naming *names, gr_keras_node *node)
{
    gr_tensor *gamma = node->tensors;
    for (int64_t i = 0; i < gamma->shape.dim[0]; i++)
        if (((const float *)gamma->data)[i] != 1.0f)
            return gr_fail(net->err, GR_INVALID,
                           "%s has trained a gamma, which Keras's %s has not; NAME.keras, or a model whose backbone was "
                           "frozen, would be right",
                           node->name, names->network->backbone);
    gr_tensor_destroy(gamma);
    memmove(gamma, gamma + 1, (size_t)(--node->variable_count) * sizeof *gamma);
    gamma[node->variable_count] = (gr_tensor){0};
    return GR_OK;
}

/* In weights alone, which go into Keras's own network, stands what that has besides. */
static gr_status fit_node(gr_keras_net *net, const naming *names, gr_keras_node *node)
{
    gr_tensor *first = node->tensors;
    gr_status status = GR_OK;
    bool biased = false;
    for (int i = 0; i < names->biased_count; i++)
        biased = biased || (names->biased[i] != NULL && strcmp(names->biased[i], node->name) == 0);
    if (biased && strcmp(node->kind, "Conv2D") == 0 && node->variable_count == 1) {
        status = gr_tensor_create(&node->tensors[1], GR_F32, &(gr_shape){.rank = 1, .dim = {first->shape.dim[3]}}, net->err);
        node->variable_count += status == GR_OK;
    }
    if ((names->network->traits & GR_KERAS_DENSE_AS_CONV) && names->own_top && strcmp(node->kind, "Dense") == 0) {
        node->kind = "Conv2D";
        first->shape = gr_shape4(1, 1, first->shape.dim[0], first->shape.dim[1]);
    }
    if ((names->network->traits & GR_KERAS_INCEPTION) && strcmp(node->kind, "BatchNormalization") == 0)
        status = drop_gamma(net, names, node);
    return status;
}

/* layers/normalization/vars: mean, variance and a count, which is not read. */
static gr_status put_normalization(const json_t *notes, gr_weights *to, gr_error *err)
{
    static const char *const keys[] = {"mean", "std"};
    const gr_shape scalar = gr_shape_make(0, NULL);
    const float none = 0.0f;
    gr_status status = gr_weights_add(to, "layers/normalization/vars/2", GR_F32, &scalar, &none, err);
    for (int k = 0; k < 2 && status == GR_OK; k++) {
        const json_t *list = json_object_get(notes, keys[k]);
        float values[3];
        gr_shape shape = gr_shape1((int64_t)json_array_size(list));
        for (size_t i = 0; i < 3 && i < json_array_size(list); i++) {
            double value = json_number_value(json_array_get(list, i));
            values[i] = (float)(k == 0 ? value : value * value);
        }
        status = gr_weights_add(to, k == 0 ? "layers/normalization/vars/0" : "layers/normalization/vars/1", GR_F32, &shape, values,
                                err);
    }
    return status;
}

static gr_status write_weights(gr_keras_net *net, const naming *names, const place *places, int count, const json_t *notes,
                               const char *out)
{
    int labelled = 0;
    unsigned char *bytes = NULL;
    size_t size = 0;
    gr_weights *tensors = gr_weights_create();
    gr_hdf5_label *labels = gr_arena_alloc(net->arena, (size_t)count, sizeof *labels);
    gr_status status = tensors != NULL && labels != NULL ? GR_OK : gr_fail(net->err, GR_NOMEM, "no memory for the model");
    for (int i = 0; status == GR_OK && names->network != NULL && i < count; i++)
        if (net->nodes[places[i].node].variable_count > 0)
            status = fit_node(net, names, &net->nodes[places[i].node]);
    if (status == GR_OK && names->network != NULL && (names->network->traits & GR_KERAS_NORMALISES))
        status = put_normalization(notes, tensors, net->err);
    if (status == GR_OK)
        status = take_tensors(net, places, count, tensors, labels, &labelled);
    if (status == GR_OK)
        status = gr_hdf5_make(tensors, labels, labelled, &bytes, &size, net->err);
    if (status == GR_OK)
        status = gr_file_write(out, (const char *)bytes, size, net->err);
    gr_weights_destroy(tensors);
    gr_free(bytes);
    return status;
}

/* ---- the archive ---------------------------------------------------------------------------------------------------- */

static gr_status write_archive(gr_keras_net *net, const place *places, int count, int last, json_t *notes, const char *out)
{
    int labelled = 0;
    unsigned char *bytes = NULL;
    size_t size = 0;
    gr_text config = {0}, metadata = {0};
    gr_weights *tensors = gr_weights_create();
    gr_hdf5_label *labels = gr_arena_alloc(net->arena, (size_t)count, sizeof *labels);
    json_t *model = config_json(net, places, count, last),
           *about = json_pack("{s:s, s:O}", "keras_version", "3.0.0", "grimace", notes);
    gr_json_line(&config, model);
    gr_json_line(&metadata, about);
    gr_status status = tensors != NULL && labels != NULL && !config.failed && !metadata.failed
                           ? take_tensors(net, places, count, tensors, labels, &labelled)
                           : gr_fail(net->err, GR_NOMEM, "no memory for the model");
    if (status == GR_OK)
        status = gr_hdf5_make(tensors, labels, labelled, &bytes, &size, net->err);
    gr_weights_destroy(tensors);
    const gr_zip_part parts[] = {{"metadata.json", metadata.data, metadata.size},
                                 {"config.json", config.data, config.size},
                                 {"model.weights.h5", bytes, size}};
    if (status == GR_OK)
        status = gr_zip_write(out, parts, 3, net->err);
    json_decref(model);
    json_decref(about);
    gr_text_free(&config);
    gr_text_free(&metadata);
    gr_free(bytes);
    return status;
}

gr_status gr_keras_write(const gr_model *model, const gr_model_options *options, const gr_weights *weights, json_t *notes,
                         const char *out, int *layers, gr_error *err)
{
    const gr_graph *g = model->graph;
    naming names = {.arena = gr_arena_create()};
    if (names.arena == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the model");
    gr_keras_net net = {
        .graph = g, .weights = weights, .arena = names.arena, .err = err, .name_of = layer_name, .ctx = &names};
    net.capacity = MORE_LAYERS * g->op_count + 1;
    net.nodes = gr_arena_alloc(net.arena, (size_t)net.capacity, sizeof *net.nodes);
    net.made = gr_arena_alloc(net.arena, (size_t)g->value_count, sizeof *net.made);
    net.mapped = gr_arena_alloc(net.arena, (size_t)g->value_count, sizeof *net.mapped);
    names.biased = gr_arena_alloc(net.arena, (size_t)g->op_count + 1, sizeof *names.biased);
    if (names.biased != NULL)
        find_network(&names, options);
    gr_status status = add_layers(&net, model, names.network != NULL ? names.network->traits : 0);
    place *places = gr_arena_alloc(net.arena, (size_t)net.capacity, sizeof *places);
    int last = status == GR_OK ? net.made[model->answer->index] : 0, count = 0;
    if (status == GR_OK && places == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the model");
    if (status == GR_OK)
        status = sort_layers(&net, last, places, &count);
    if (status == GR_OK)
        status = gr_ends_with(out, ".weights.h5") ? write_weights(&net, &names, places, count, notes, out)
                                                  : write_archive(&net, places, count, last, notes, out);
    *layers = count;
    for (int i = 0; i < net.count; i++) {
        json_decref(net.nodes[i].config);
        for (int v = 0; v < net.nodes[i].variable_count; v++)
            gr_tensor_destroy(&net.nodes[i].tensors[v]);
    }
    gr_arena_destroy(net.arena);
    return status;
}
