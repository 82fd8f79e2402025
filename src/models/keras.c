/* The tensors of a Keras file in our names and layouts. Every parameter of the backbone asks for its layer (keras_names.c);
 * a file that lacks one, has another shape or has more layers in between is another network, and is refused: loaded in part
 * it would give numbers, but not Keras's. */
#include "models/keras_names.h"
#include "models/keras_stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

typedef struct work {
    const gr_model_options *options;
    const gr_model *model;
    gr_weights *keras, *out;
    const gr_keras_network *network;
    gr_keras_numbers numbers;
    bool *used;        /* [tensors of the file] */
    bool counted;      /* the file's layers stand in the order of their classes */
    int last;          /* the file's last tensor of the backbone; -1: none yet */
    const char *twice; /* a tensor that is there under two layers of one name, or NULL */
    gr_error *err;
} work;

static const char backbone_prefix[] = "backbone.", classifier_prefix[] = "classifier.";

static gr_status no_memory(work *w)
{
    return gr_fail(w->err, GR_NOMEM, "no memory for the weights");
}

/* ---- names of the file: "model/layer/weight:0" ------------------------------------------------------------------------ */

/* The weight's own name: behind the last slash, without ":0". */
static const char *own_name(const char *name, size_t *length)
{
    const char *slash = strrchr(name, '/');
    const char *own = slash != NULL ? slash + 1 : name;
    *length = strcspn(own, ":");
    return own;
}

/* The length of the part of a path that begins at `part`. */
static size_t part_length(const char *part)
{
    return strcspn(part, "/");
}

/* Is it `variable`, or as Keras 1 had it: "conv1_W", "conv1_W_1"? */
static bool is_variable(const char *name, const char *layer, const char *variable)
{
    static const char *const old[][2] = {
        {"kernel", "W"},    {"bias", "b"},   {"moving_mean", "running_mean"}, {"moving_variance", "running_std"},
        {"gamma", "gamma"}, {"beta", "beta"}};
    size_t length, prefix = strlen(layer);
    const char *own = own_name(name, &length);
    if (length == strlen(variable) && strncmp(own, variable, length) == 0)
        return true;
    if (length <= prefix || strncmp(own, layer, prefix) != 0 || own[prefix] != '_')
        return false;
    own += prefix + 1;
    length -= prefix + 1;
    for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
        size_t end = strlen(old[i][1]);
        if (strcmp(old[i][0], variable) == 0 && length >= end && strncmp(own, old[i][1], end) == 0)
            return length == end || own[end] == '_';
    }
    return false;
}

/* The position of a layer's variable, or -1. */
static int find(work *w, const char *layer, const char *variable)
{
    int found = -1;
    for (int i = 0; i < gr_weights_count(w->keras); i++) {
        const char *name = gr_weights_name(w->keras, i);
        if (!gr_keras_in_layer(name, layer, w->network != NULL ? w->network->folders : NULL) || !is_variable(name, layer, variable))
            continue;
        if (found >= 0)
            w->twice = name;
        else
            found = i;
    }
    return found;
}

/* ---- numbered layers -------------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The numbers N of the layers "KIND_N" (and 0 for "KIND") that have a `variable`, in order. GIVES *out. */
static gr_status collect_numbers(work *w, const char *kind, const char *variable, int64_t **out, int *count)
{
    size_t kind_length = strlen(kind);
    *count = 0;
    *out = gr_alloc((size_t)gr_weights_count(w->keras) + 1, sizeof **out);
    if (*out == NULL)
        return no_memory(w);
    for (int i = 0; i < gr_weights_count(w->keras); i++) {
        const char *name = gr_weights_name(w->keras, i);
        size_t own;
        const char *last = own_name(name, &own);
        if (own != strlen(variable) || strncmp(last, variable, own) != 0)
            continue;
        for (const char *part = name; part < last; part += part_length(part) + 1) {
            char number[20] = "0";
            int64_t value;
            size_t length = part_length(part);
            if (length < kind_length || strncmp(part, kind, kind_length) != 0 || length - kind_length >= sizeof number)
                continue;
            if (length > kind_length)
                snprintf(number, sizeof number, "%.*s", (int)(length - kind_length - 1), part + kind_length + 1);
            if ((length > kind_length && part[kind_length] != '_') || !gr_parse_int64(number, &value) || value < 0)
                continue;
            (*out)[(*count)++] = value;
            break;
        }
    }
    qsort(*out, (size_t)*count, sizeof **out, by_number);
    return GR_OK;
}

/* ---- which network it is ---------------------------------------------------------------------------------------------- */

static bool is_of(work *w, const gr_keras_network *network)
{
    gr_keras_layer layer = {0};
    return network->layer(&w->numbers, network->first, &layer) &&
           find(w, layer.name, layer.kernel != NULL ? layer.kernel : "kernel") >= 0;
}

static gr_status recognise(work *w)
{
    const char *other = NULL;
    for (const gr_keras_network *n = gr_keras_networks; n->backbone != NULL; n++) {
        w->network = n; /* whose folders `find` knows */
        if (!is_of(w, n))
            continue;
        other = n->backbone;
        if (strcmp(other, w->options->backbone) != 0)
            continue;
        if (n->difference == NULL || gr_model_is_keras(w->options))
            return GR_OK;
        return gr_fail(w->err, GR_INVALID, "was written by Keras, whose %s %s; model.variant keras would be right",
                       n->backbone, n->difference);
    }
    if (other != NULL)
        return gr_fail(w->err, GR_INVALID, "holds Keras's %s; a file of %s, or model.backbone %s, would be right", other,
                       w->options->backbone, other);
    return gr_fail(w->err, GR_INVALID,
                   "was written by Keras, but none of its layers is called as keras.applications calls the "
                   "first of %s%s%s",
                   w->options->backbone, gr_weights_count(w->keras) > 0 ? "; its first tensor is " : "",
                   gr_weights_count(w->keras) > 0 ? gr_weights_name(w->keras, 0) : "");
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

static const float *numbers_at(const work *w, int position)
{
    return gr_weights_at(w->keras, position)->data;
}

/* A new tensor among the results; NULL when it cannot be had (w->err). */
static float *add_result(work *w, const char *name, gr_shape shape, gr_status *status)
{
    gr_tensor tensor;
    *status = gr_tensor_create(&tensor, GR_F32, &shape, w->err);
    if (*status != GR_OK)
        return NULL;
    float *data = tensor.data;
    *status = gr_weights_take(w->out, name, &tensor, w->err);
    gr_tensor_destroy(&tensor);
    return *status == GR_OK ? data : NULL;
}

static gr_status misshapen(work *w, int position, const gr_shape *want)
{
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    return gr_fail(w->err, GR_INVALID, "%s is %s, Keras's %s of %lld channels has %s there",
                   gr_weights_name(w->keras, position), gr_shape_text(&gr_weights_at(w->keras, position)->shape, a),
                   w->options->backbone, (long long)w->options->channels, gr_shape_text(want, b));
}

static void use(work *w, int position, bool of_backbone)
{
    w->used[position] = true;
    if (of_backbone && position > w->last)
        w->last = position;
}

/* [KH,KW,C,OC], which depthwise kernels are as [KH,KW,C,1] too, to [OC,C,KH,KW]. */
static gr_status convert_kernel(work *w, const gr_parameter *param, int position)
{
    const int64_t *d = param->shape.dim;
    const gr_shape *got = &gr_weights_at(w->keras, position)->shape;
    gr_shape depthwise = gr_shape4(d[0], d[1], d[3], 1);
    if (!gr_shape_equal(got, &param->shape) && !(d[2] == 1 && gr_shape_equal(got, &depthwise)))
        return misshapen(w, position, &param->shape);
    gr_status status;
    const float *from = numbers_at(w, position);
    float *to = add_result(w, param->name, gr_shape4(d[3], d[2], d[0], d[1]), &status);
    for (int64_t o = 0; to != NULL && o < d[3]; o++)
        for (int64_t i = 0; i < d[2]; i++)
            for (int64_t t = 0; t < d[0] * d[1]; t++)
                to[(o * d[2] + i) * d[0] * d[1] + t] = from[(t * d[2] + i) * d[3] + o];
    return status;
}

/* [F,out], or [1,1,F,out], to [out,F]; F is [H,W,C] there and [C,H,W] here where the map was flattened. */
static gr_status convert_dense(work *w, const gr_parameter *param, int position, int64_t flattened)
{
    const gr_shape *got = &gr_weights_at(w->keras, position)->shape;
    bool pointwise = got->rank == 4 && got->dim[0] == 1 && got->dim[1] == 1;
    if (got->rank != 2 && !pointwise)
        return misshapen(w, position, &(gr_shape){.rank = 2, .dim = {param->shape.dim[1], param->shape.dim[0]}});
    int64_t in = got->dim[got->rank - 2], out = got->dim[got->rank - 1];
    int64_t channels = flattened > 0 && in % flattened == 0 ? flattened : 1;
    gr_status status;
    const float *from = numbers_at(w, position);
    float *to = add_result(w, param->name, gr_shape2(out, in), &status);
    int64_t pixels = in / channels;
    enum { ROWS = 16 }; /* a cache line of `from` at a time: fc1 has 103 million numbers */
    for (int64_t first = 0; to != NULL && first < out; first += ROWS)
        for (int64_t c = 0; c < channels; c++)
            for (int64_t p = 0; p < pixels; p++)
                for (int64_t o = first; o < out && o < first + ROWS; o++)
                    to[o * in + c * pixels + p] = from[(p * channels + c) * out + o];
    return status;
}

/* from - less + more; a layer's [OC] are copied so. */
static gr_status convert_vector(work *w, const gr_parameter *param, int position, int less, double more)
{
    gr_status status;
    const gr_tensor *got = gr_weights_at(w->keras, position);
    bool top = gr_starts_with(param->name, classifier_prefix); /* whose number of classes may differ */
    if (got->shape.rank != 1 || (!top && !gr_shape_equal(&got->shape, &param->shape)))
        return misshapen(w, position, &param->shape);
    if (less >= 0 && !gr_shape_equal(&gr_weights_at(w->keras, less)->shape, &param->shape))
        return misshapen(w, less, &param->shape);
    const float *from = got->data;
    float *to = add_result(w, param->name, got->shape, &status);
    for (int64_t i = 0; to != NULL && i < got->shape.dim[0]; i++)
        to[i] = (float)((double)from[i] - (less >= 0 ? (double)numbers_at(w, less)[i] : 0.0) + more);
    return status;
}

static gr_status fill(work *w, const gr_parameter *param, float value)
{
    gr_status status;
    float *to = add_result(w, param->name, param->shape, &status);
    for (size_t i = 0; to != NULL && i < param->count; i++)
        to[i] = value;
    return status;
}

/* ---- parameter by parameter ------------------------------------------------------------------------------------------- */

static gr_status lacks(work *w, const gr_keras_layer *layer)
{
    return gr_fail(w->err, GR_INVALID, "lacks the layer %s of Keras's %s, or its numbers", layer->name,
                   w->options->backbone);
}

static gr_status convert_weight(work *w, const gr_parameter *param, const gr_keras_layer *layer, bool of_backbone)
{
    bool gamma = param->shape.rank == 1;
    int at = find(w, layer->name, gamma ? "gamma" : layer->kernel != NULL ? layer->kernel : "kernel");
    if (at < 0 && param->layout == GR_LAYOUT_CONV && layer->kernel == NULL)
        at = find(w, layer->name, "depthwise_kernel");
    if (at < 0 && gamma && find(w, layer->name, "moving_mean") >= 0)
        return fill(w, param, 1.0f); /* scale=False */
    if (at < 0)
        return param->shape.rank == 2 ? GR_OK : lacks(w, layer); /* a file may come without the top */
    use(w, at, of_backbone);
    if (gamma)
        return convert_vector(w, param, at, -1, 0.0);
    return param->layout == GR_LAYOUT_CONV ? convert_kernel(w, param, at) : convert_dense(w, param, at, layer->flattened);
}

static gr_status convert_bias(work *w, const gr_parameter *param, const gr_keras_layer *layer, bool of_backbone)
{
    int at = find(w, layer->name, "beta");
    if (at < 0)
        at = find(w, layer->name, "bias");
    if (at < 0 && find(w, layer->name, "moving_mean") >= 0)
        return fill(w, param, 0.0f); /* center=False */
    if (at < 0)
        return find(w, layer->name, "kernel") >= 0 ? fill(w, param, 0.0f) /* use_bias=False */
               : of_backbone                       ? lacks(w, layer)
                                                   : GR_OK;
    use(w, at, of_backbone);
    return convert_vector(w, param, at, -1, 0.0);
}

/* The mean of x + b is that of x, and b. */
static gr_status convert_statistic(work *w, const gr_parameter *param, const gr_keras_layer *layer)
{
    bool mean = gr_ends_with(param->name, "_mean");
    int at = find(w, layer->name, mean ? "moving_mean" : "moving_variance");
    int bias = mean && layer->biased[0] != '\0' ? find(w, layer->biased, "bias") : -1;
    if (at < 0)
        return lacks(w, layer);
    use(w, at, true);
    if (bias >= 0)
        use(w, bias, true);
    return convert_vector(w, param, at, bias, mean ? 0.0 : w->network->more_eps);
}

/* The layer that gives the logits, by one of the names that the network's top has had. */
static bool find_top(work *w, gr_keras_layer *layer)
{
    for (const char *name = w->network->top + 1; *name != '\0'; name += strcspn(name, " ") + 1) {
        snprintf(layer->name, sizeof layer->name, "%.*s", (int)strcspn(name, " "), name);
        if (find(w, layer->name, "kernel") >= 0)
            return true;
    }
    return false;
}

static gr_status convert_parameter(work *w, const gr_parameter *param)
{
    gr_keras_layer layer = {0};
    char ours[GR_KERAS_NAME * 2];
    bool of_backbone = gr_starts_with(param->name, backbone_prefix);
    const char *name = param->name + (of_backbone ? strlen(backbone_prefix) : 0), *leaf = strrchr(name, '.');
    snprintf(ours, sizeof ours, "%.*s", leaf != NULL ? (int)(leaf - name) : 0, name);
    if (of_backbone) {
        if (gr_starts_with(name, "AuxLogits."))
            return GR_OK; /* Keras has no auxiliary classifier */
        if (!w->network->layer(&w->numbers, ours, &layer))
            return gr_fail(w->err, GR_INTERNAL, "no layer of Keras is known for %s", param->name);
    } else if (!gr_starts_with(name, classifier_prefix) || gr_ends_with(name, ".thresholds") || !find_top(w, &layer)) {
        return GR_OK; /* a head of ours */
    }
    of_backbone = of_backbone && !gr_starts_with(name, classifier_prefix); /* VGG's dense layers may be missing */
    if (strcmp(leaf, ".weight") == 0)
        return convert_weight(w, param, &layer, of_backbone);
    return strcmp(leaf, ".bias") == 0 ? convert_bias(w, param, &layer, of_backbone) : convert_statistic(w, param, &layer);
}

/* ---- what is left, and what is said ----------------------------------------------------------------------------------- */

/* Numbers of a layer `normalization`, which stands in front of the network. */
static bool is_normalization(work *w, int position, const char *variable)
{
    const char *name = gr_weights_name(w->keras, position);
    size_t length;
    const char *own = own_name(name, &length);
    return strstr(name, "normalization") != NULL && length == strlen(variable) && strncmp(own, variable, length) == 0;
}

/* Where the file's layers stand in no order: a convolution or batch norm, which no head of Keras's applications has. */
static bool is_inner(work *w, int position)
{
    size_t length;
    const char *own = own_name(gr_weights_name(w->keras, position), &length);
    return gr_weights_at(w->keras, position)->shape.rank == 4 || (length >= 7 && strncmp(own, "moving_", 7) == 0) ||
           (length > 0 && strspn(own, "0123456789") == length); /* a variable of a class that is not known */
}

/* What stands between the backbone's tensors belongs to another network; what stands behind them goes to the results. */
static gr_status pass_on_the_rest(work *w)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < gr_weights_count(w->keras); i++) {
        const char *name = gr_weights_name(w->keras, i);
        if (w->used[i] || is_normalization(w, i, "mean") || is_normalization(w, i, "variance") ||
            is_normalization(w, i, "count"))
            continue;
        if (w->counted ? is_inner(w, i) : i < w->last)
            return gr_fail(w->err, GR_INVALID, "has %s among its layers, which Keras's %s has not: it holds another network",
                           name, w->options->backbone);
        status = gr_weights_take(w->out, name, gr_weights_at(w->keras, i), w->err);
    }
    return status;
}

/* Mean and deviation that a layer `normalization` of three channels has. Published files keep the deviations as variances,
 * which Keras makes up for by a second division; a layer that has learned them does not. */
static bool find_normalization(work *w, double mean[3], double deviation[3])
{
    static const double imagenet[3] = {0.229, 0.224, 0.225};
    int means = -1, variances = -1;
    for (int i = 0; i < gr_weights_count(w->keras); i++) {
        if (is_normalization(w, i, "mean") && gr_shape_elements(&gr_weights_at(w->keras, i)->shape) == 3)
            means = i;
        if (is_normalization(w, i, "variance") && gr_shape_elements(&gr_weights_at(w->keras, i)->shape) == 3)
            variances = i;
    }
    if (means < 0 || variances < 0)
        return false;
    bool published = true;
    for (int c = 0; c < 3; c++) {
        mean[c] = numbers_at(w, means)[c];
        deviation[c] = numbers_at(w, variances)[c];
        published = published && fabs(deviation[c] - imagenet[c]) < 1e-4;
    }
    bool positive = true;
    for (int c = 0; c < 3; c++) {
        positive = positive && deviation[c] > 0.0;
        deviation[c] = published ? deviation[c] : sqrt(deviation[c]);
    }
    return positive;
}

static void tell(work *w, void (*report)(void *ctx, const char *sentence), void *ctx)
{
    double mean[3], deviation[3];
    gr_text line = {0};
    if (w->network->trained_on != NULL)
        gr_text_printf(&line, "Keras's %s was trained on %s", w->network->backbone, w->network->trained_on);
    else if (find_normalization(w, mean, deviation))
        gr_text_printf(&line,
                       "Keras's %s normalises its image: data.image.mean [%.6g, %.6g, %.6g] and data.image.std [%.6g, "
                       "%.6g, %.6g] do the same",
                       w->network->backbone, mean[0], mean[1], mean[2], deviation[0], deviation[1], deviation[2]);
    else
        gr_text_printf(&line, "Keras's %s was trained on RGB pixels in ImageNet's normalisation, the default",
                       w->network->backbone);
    if (report != NULL && !line.failed)
        report(ctx, line.data);
    gr_text_free(&line);
    if (report != NULL && w->network->more_eps > 0.0)
        report(
            ctx,
            "an eps of 1e-3 in batch norm, which goes with these names, is kept by adding it to the running variances: the "
            "same where those are used; in training it is 1.001e-5");
}

static gr_status convert(work *w)
{
    gr_status status = collect_numbers(w, "conv2d", "kernel", &w->numbers.convs, &w->numbers.conv_count);
    if (status == GR_OK)
        status = collect_numbers(w, "batch_normalization", "moving_mean", &w->numbers.norms, &w->numbers.norm_count);
    if (status == GR_OK)
        status = recognise(w);
    for (int i = 0; status == GR_OK && i < gr_graph_parameter_count(w->model->graph); i++)
        status = convert_parameter(w, gr_graph_parameter(w->model->graph, i));
    if (status == GR_OK && w->twice != NULL)
        status = gr_fail(w->err, GR_INVALID, "has two layers of one name: %s is the second", w->twice);
    return status == GR_OK ? pass_on_the_rest(w) : status;
}

gr_status gr_weights_from_keras(const gr_model_options *options, const gr_model *model, gr_weights *keras, gr_weights **out,
                                void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err)
{
    const char *order = gr_weights_note(keras, "order");
    work w = {.options = options, .model = model, .keras = keras, .counted = order != NULL, .last = -1, .err = err};
    *out = NULL;
    if (options->layers != NULL)
        return gr_stack_from_keras(options, model, keras, out, report, ctx, err);
    if (order != NULL && strcmp(order, "nameless") == 0)
        return gr_fail(err, GR_INVALID,
                       "holds no names of layers, as files of Keras before 3: model.save(\"NAME.h5\") there writes what "
                       "is read");
    w.out = gr_weights_create();
    w.used = gr_alloc((size_t)gr_weights_count(keras) + 1, sizeof *w.used);
    gr_status status = w.out != NULL && w.used != NULL ? convert(&w) : no_memory(&w);
    if (status == GR_OK)
        tell(&w, report, ctx);
    gr_free(w.used);
    gr_free(w.numbers.convs);
    gr_free(w.numbers.norms);
    if (status != GR_OK) {
        gr_weights_destroy(w.out);
        w.out = NULL;
    }
    *out = w.out;
    return status;
}
