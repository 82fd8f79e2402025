/* Parameters to named tensors in PyTorch's layouts, and back. */
#include "models/models.h"
#include "base/threads.h"
#include "grimace/plan.h"
#include "models/weights_match.h"

#include <string.h>

/* A convolution on its way from [oc, c, taps] to [taps, c, oc], or back. */
typedef struct turning {
    int64_t taps, c, oc;
    const float *from;
    float *to;
    bool to_file;
} turning;

enum { LINE = 16 }; /* output channels at a time: what lies beside each other on one side is a cache line */

static void turn_line(void *ctx, int64_t index, int thread)
{
    const turning *t = ctx;
    int64_t begin = index * LINE, end = begin + LINE < t->oc ? begin + LINE : t->oc;
    (void)thread;
    for (int64_t i = 0; i < t->c; i++)
        for (int64_t k = 0; k < t->taps; k++)
            for (int64_t o = begin; o < end; o++) {
                int64_t theirs = (o * t->c + i) * t->taps + k, ours = (k * t->c + i) * t->oc + o;
                if (t->to_file)
                    t->to[theirs] = t->from[ours];
                else
                    t->to[ours] = t->from[theirs];
            }
}

static void convert(const gr_parameter *param, const float *from, float *to, bool to_file)
{
    if (param->layout != GR_LAYOUT_CONV) {
        memcpy(to, from, param->count * sizeof(float));
        return;
    }
    turning t = {param->shape.dim[0] * param->shape.dim[1], param->shape.dim[2], param->shape.dim[3], from, to, to_file};
    gr_parallel_for((t.oc + LINE - 1) / LINE, turn_line, &t);
}

static void to_file(const gr_parameter *param, const float *from, float *to)
{
    convert(param, from, to, true);
}

static void from_file(const gr_parameter *param, const float *from, float *to)
{
    convert(param, from, to, false);
}

gr_status gr_model_export(const gr_model *model, const struct gr_params *params, gr_weights **out, gr_error *err)
{
    *out = NULL;
    gr_weights *weights = gr_weights_create();
    if (weights == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the weights");
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *param = gr_graph_parameter(model->graph, i);
        gr_shape shape = gr_parameter_file_shape(param);
        gr_tensor tensor;
        status = gr_tensor_create(&tensor, GR_F32, &shape, err);
        if (status != GR_OK)
            break;
        to_file(param, params->values + param->offset, tensor.data);
        status = gr_weights_take(weights, param->name, &tensor, err);
        gr_tensor_destroy(&tensor);
    }
    if (status != GR_OK) {
        gr_weights_destroy(weights);
        return status;
    }
    *out = weights;
    return GR_OK;
}

/* ---- names of PyTorch ------------------------------------------------------------------------------------------------------ */

/* The parameter's name in PyTorch; last_layer (or NULL) is that of the classifier. */
static void put_pytorch_name(gr_text *out, const char *name, const char *last_layer)
{
    static const char backbone[] = "backbone.", classifier[] = "classifier.";
    if (gr_starts_with(name, backbone))
        gr_text_printf(out, "%s", name + strlen(backbone));
    else if (last_layer != NULL && gr_starts_with(name, classifier))
        gr_text_printf(out, "%s.%s", last_layer, name + strlen(classifier));
    else
        gr_text_printf(out, "%s", name);
}

static const char variance[] = ".running_var";

/* The name of the counter that stands behind a batch norm's variance there. */
static void put_counter_name(gr_text *out, const char *name)
{
    gr_text_printf(out, "%.*s.num_batches_tracked", (int)(strlen(name) - strlen(variance)), name);
}

static gr_status add_for_pytorch(const char *name, const gr_tensor *tensor, gr_weights *out, gr_error *err)
{
    const int64_t batches = 0; /* read by momentum None only */
    const gr_shape scalar = gr_shape_make(0, NULL);
    gr_status status = gr_weights_add(out, name, tensor->type, &tensor->shape, tensor->data, err);
    if (status != GR_OK || !gr_ends_with(name, variance))
        return status;
    gr_text counter = {0};
    put_counter_name(&counter, name);
    status = counter.failed ? gr_fail(err, GR_NOMEM, "no memory for the weights")
                            : gr_weights_add(out, counter.data, GR_I64, &scalar, &batches, err);
    gr_text_free(&counter);
    return status;
}

static const char *last_layer_of(const gr_model_options *options)
{
    return strcmp(options->head, "linear") == 0 ? gr_backbone_last_layer(options->backbone) : NULL;
}

gr_status gr_weights_for_pytorch(const gr_model_options *options, const gr_weights *weights, gr_weights **out, gr_error *err)
{
    const char *last_layer = last_layer_of(options);
    gr_status status = GR_OK;
    *out = gr_weights_create();
    if (*out == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the weights");
    for (int i = 0; status == GR_OK && i < gr_weights_count(weights); i++) {
        gr_text name = {0};
        put_pytorch_name(&name, gr_weights_name(weights, i), last_layer);
        status = name.failed ? gr_fail(err, GR_NOMEM, "no memory for the weights")
                             : add_for_pytorch(name.data, gr_weights_at(weights, i), *out, err);
        gr_text_free(&name);
    }
    if (status != GR_OK) {
        gr_weights_destroy(*out);
        *out = NULL;
    }
    return status;
}

/* ---- is a file whole? -------------------------------------------------------------------------------------------------- */

static gr_status must_hold(const gr_weights *weights, const gr_text *name, const gr_shape *shape, gr_error *err)
{
    char text[GR_SHAPE_TEXT];
    if (name->failed)
        return gr_fail(err, GR_NOMEM, "no memory for the weights");
    const gr_tensor *have = gr_weights_find(weights, name->data);
    return have != NULL && gr_shape_equal(&have->shape, shape)
               ? GR_OK
               : gr_fail(err, GR_INVALID, "has no tensor %s of shape %s, which its architecture needs", name->data,
                         gr_shape_text(shape, text));
}

gr_status gr_model_check_whole(const gr_model *model, const gr_model_options *options, const gr_weights *weights, gr_error *err)
{
    bool exported = gr_weights_find(weights, gr_graph_parameter(model->graph, 0)->name) == NULL;
    const gr_shape scalar = gr_shape_make(0, NULL);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *param = gr_graph_parameter(model->graph, i);
        gr_shape shape = gr_parameter_file_shape(param);
        gr_text name = {0}, counter = {0};
        if (exported)
            put_pytorch_name(&name, param->name, last_layer_of(options));
        else
            gr_text_printf(&name, "%s", param->name);
        status = must_hold(weights, &name, &shape, err);
        if (status == GR_OK && exported && gr_ends_with(name.data, variance)) {
            put_counter_name(&counter, name.data);
            status = must_hold(weights, &counter, &scalar, err);
        }
        gr_text_free(&name);
        gr_text_free(&counter);
    }
    return status;
}

/* ---- import: counts of what happened, said in a few sentences -------------------------------------------------------------- */

typedef struct import_log {
    void (*report)(void *ctx, const char *sentence);
    void *ctx;
    int loaded;
    const char *summed; /* the tensor whose colours were summed, or NULL */
    gr_text line;
    gr_text left_out, reshaped, missing; /* the first few names of each */
    int left_out_count, reshaped_count, missing_count;
} import_log;

enum { NAMES_SHOWN = 4 };

static void say(import_log *log)
{
    if (log->report != NULL && !log->line.failed && log->line.data != NULL)
        log->report(log->ctx, log->line.data);
    gr_text_free(&log->line);
}

/* Begins the next item of a list; false when enough are shown. */
static bool next_item(gr_text *list, int *count)
{
    if (++*count > NAMES_SHOWN)
        return false;
    gr_text_printf(list, *count > 1 ? ", " : "");
    return true;
}

/* One sentence for a list: its first names, how many more there are, and what became of them. */
static void say_list(import_log *log, gr_text *list, int count, const char *what, const char *end)
{
    if (count > 0 && !list->failed) {
        gr_text_printf(&log->line, "%s: %s", what, list->data);
        if (count > NAMES_SHOWN)
            gr_text_printf(&log->line, " and %d more", count - NAMES_SHOWN);
        gr_text_printf(&log->line, "%s", end);
        say(log);
    }
    gr_text_free(list);
}

/* The kernels of three colours, summed for the one channel of the model. */
static gr_status sum_colours(const gr_parameter *param, gr_tensor *kernels, gr_error *err)
{
    gr_shape shape = gr_parameter_file_shape(param);
    gr_tensor sum;
    gr_status status = gr_tensor_create(&sum, GR_F32, &shape, err);
    if (status != GR_OK)
        return status;
    int64_t taps = shape.dim[2] * shape.dim[3];
    const float *from = kernels->data;
    float *to = sum.data;
    for (int64_t o = 0; o < shape.dim[0]; o++)
        for (int64_t t = 0; t < taps; t++) {
            const float *colours = from + o * 3 * taps + t;
            to[o * taps + t] = (float)((double)colours[0] + (double)colours[taps] + (double)colours[2 * taps]);
        }
    gr_tensor_destroy(kernels);
    *kernels = sum;
    return GR_OK;
}

static gr_status load_one(const gr_parameter *param, const gr_tensor *tensor, float *to, gr_error *err)
{
    gr_tensor plain = {0};
    gr_status status = gr_tensor_to_f32(tensor, &plain, err);
    if (status == GR_OK && gr_parameter_takes_sum(param, &tensor->shape))
        status = sum_colours(param, &plain, err);
    if (status != GR_OK) {
        gr_tensor_destroy(&plain);
        return status;
    }
    from_file(param, plain.data, to);
    gr_tensor_destroy(&plain);
    return GR_OK;
}

static void leave_out(import_log *log, const char *name)
{
    /* PyTorch's batch norms count their batches, and an average its models, which nothing here needs to know. */
    if (gr_ends_with(name, ".num_batches_tracked") || strcmp(name, "n_averaged") == 0 || gr_ends_with(name, ".n_averaged"))
        return;
    if (next_item(&log->left_out, &log->left_out_count))
        gr_text_printf(&log->left_out, "%s", name);
}

static gr_status load_fitting(const gr_model *model, struct gr_params *params, const gr_weights *weights, const gr_match *match,
                              bool *filled, import_log *log, gr_error *err)
{
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const char *name = gr_weights_name(weights, i);
        const gr_tensor *tensor = gr_weights_at(weights, i);
        int place = match->parameter[i];
        if (place < 0 || filled[place]) {
            if (place != GR_MATCH_RIVAL)
                leave_out(log, name);
            continue;
        }
        const gr_parameter *param = gr_graph_parameter(model->graph, place);
        gr_shape want = gr_parameter_file_shape(param);
        bool sum = gr_parameter_takes_sum(param, &tensor->shape);
        if (!sum && !gr_shape_equal(&want, &tensor->shape)) {
            char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
            if (next_item(&log->reshaped, &log->reshaped_count))
                gr_text_printf(&log->reshaped, "%s (%s in the file, %s in the model)", name, gr_shape_text(&tensor->shape, a),
                                 gr_shape_text(&want, b));
            continue;
        }
        gr_status status = load_one(param, tensor, params->values + param->offset, err);
        if (status != GR_OK)
            return status;
        log->summed = sum ? name : log->summed;
        filled[place] = true;
        log->loaded++;
    }
    return GR_OK;
}

/* The names that the file has, for one who has to find out what it is. */
static gr_status refuse_all(const gr_model *model, const gr_weights *weights, gr_error *err)
{
    gr_text names = {0};
    int count = gr_weights_count(weights);
    for (int i = 0; i < count && i < NAMES_SHOWN; i++)
        gr_text_printf(&names, "%s%s", i > 0 ? ", " : "; the file's first are ", gr_weights_name(weights, i));
    gr_status status = gr_fail(err, GR_INVALID, "none of its %d tensors fits the model, whose first parameter is %s%s", count,
                               gr_graph_parameter(model->graph, 0)->name, names.data != NULL && !names.failed ? names.data : "");
    gr_text_free(&names);
    return status;
}

/* The file's tensor for a parameter, of whatever shape; NULL when it has none. */
static const gr_tensor *tensor_for(const gr_weights *weights, const gr_match *match, int parameter)
{
    for (int t = 0; t < gr_weights_count(weights); t++)
        if (match->parameter[t] == parameter)
            return gr_weights_at(weights, t);
    return NULL;
}

/* A frozen tensor with its random initial numbers is never meant. */
static gr_status check_frozen(const gr_model *model, const gr_weights *weights, const gr_match *match, const bool *filled,
                              gr_error *err)
{
    int i = 0;
    while (i < gr_graph_parameter_count(model->graph) && (filled[i] || !gr_graph_parameter(model->graph, i)->frozen))
        i++;
    if (i == gr_graph_parameter_count(model->graph))
        return GR_OK;
    const gr_parameter *param = gr_graph_parameter(model->graph, i);
    const gr_tensor *tensor = tensor_for(weights, match, i);
    if (tensor == NULL)
        return gr_fail(err, GR_INVALID,
                       "%s is frozen (model.freeze), but is not in the file: it would keep its random initial numbers; a file that "
                       "has it, or not freezing it, would be right",
                       param->name);
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    gr_shape want = gr_parameter_file_shape(param);
    return gr_fail(
        err, GR_INVALID,
        "%s is frozen (model.freeze), but is %s in the file and %s in the model: it would keep its random initial numbers; "
        "a file that fits, or not freezing it, would be right",
        param->name, gr_shape_text(&tensor->shape, a), gr_shape_text(&want, b));
}

/* What stood in front of the names, and what else could have been meant. */
static void say_names(import_log *log, const gr_match *match)
{
    if (match->wrapper != NULL) {
        gr_text_printf(&log->line, "\"%s\" in the file's names is passed over", match->wrapper);
        say(log);
    }
    if (match->rival != NULL) {
        gr_text_printf(
            &log->line,
            "the file holds two sets of weights, with %s and with %s in front of the names: the first is taken; a file of "
            "the other alone would choose that",
            *match->prefix != '\0' ? match->prefix : "nothing", *match->rival != '\0' ? match->rival : "nothing");
        say(log);
    } else if (*match->prefix != '\0') {
        gr_text_printf(&log->line, "\"%s\" in front of the file's names is taken off", match->prefix);
        say(log);
    }
}

static void say_all(import_log *log, const gr_match *match, int count)
{
    say_names(log, match);
    say_list(log, &log->left_out, log->left_out_count, "left out", ", which the model does not have");
    say_list(log, &log->reshaped, log->reshaped_count, "of another shape", ": initial values are kept");
    say_list(log, &log->missing, log->missing_count, "not in the file", ": initial values are kept");
    if (log->summed != NULL) {
        gr_text_printf(&log->line, "%s: its kernels for three colours are summed for the one channel of the images", log->summed);
        say(log);
    }
    gr_text_printf(&log->line, "loaded: %d of the model's %d tensors", log->loaded, count);
    say(log);
}

gr_status gr_model_import(const gr_model *model, struct gr_params *params, const gr_weights *weights,
                          void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err)
{
    int count = gr_graph_parameter_count(model->graph);
    bool *filled = gr_alloc((size_t)count + 1, sizeof *filled);
    if (filled == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to load weights");
    import_log log = {.report = report, .ctx = ctx};
    gr_match match;
    gr_status status = gr_match_names(model, weights, &match, err);
    if (status == GR_OK)
        status = load_fitting(model, params, weights, &match, filled, &log, err);
    if (status == GR_OK && log.loaded == 0)
        status = refuse_all(model, weights, err);
    if (status == GR_OK)
        status = check_frozen(model, weights, &match, filled, err);
    for (int i = 0; status == GR_OK && i < count; i++)
        if (!filled[i] && tensor_for(weights, &match, i) == NULL && next_item(&log.missing, &log.missing_count))
            gr_text_printf(&log.missing, "%s", gr_graph_parameter(model->graph, i)->name);
    if (status == GR_OK)
        say_all(&log, &match, count);
    gr_text_free(&log.left_out);
    gr_text_free(&log.reshaped);
    gr_text_free(&log.missing);
    gr_match_free(&match);
    gr_free(filled);
    return status;
}
