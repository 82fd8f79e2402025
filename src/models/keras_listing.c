/* A plain network of Keras's as a config: what its configuration says, in our words. */
#include <math.h>
#include <string.h>

#include "models/keras_made.h"

#include "base/base.h"

/* What (x / 255 - mean) / std has to be for the same. */
static void normalise(const gr_keras_made *made, double mean[3], double std[3])
{
    for (int c = 0; c < 3; c++) {
        std[c] = 1.0 / (255.0 * made->scale[c]);
        mean[c] = -made->offset[c] * std[c];
        mean[c] = round(mean[c] * 1e9) / 1e9 + 0.0; /* no -0 */
        std[c] = round(std[c] * 1e12) / 1e12;
    }
}

gr_status gr_keras_pixels(const gr_weights *keras, bool *said, double mean[3], double std[3], gr_error *err)
{
    gr_arena *arena = gr_arena_create();
    gr_keras_made made;
    gr_error other = {0};
    bool known = false;
    *said = false;
    gr_status status = arena != NULL ? gr_keras_made_read(gr_weights_note(keras, "keras_config"),
                                                          gr_weights_note(keras, "keras_version"), arena, &made, &known, &other)
                                     : GR_NOMEM;
    if (status == GR_OK && known && made.rescaler != NULL) {
        *said = true;
        normalise(&made, mean, std);
    }
    gr_arena_destroy(arena);
    return status == GR_NOMEM ? gr_fail(err, GR_NOMEM, "no memory for the model's layers") : GR_OK;
}

/* ---- text --------------------------------------------------------------------------------------------------------------- */

static void put_layer(const gr_stack_layer *layer, gr_text *out)
{
    gr_stack_layer one = *layer;
    gr_text list = {0};
    one.momentum = one.momentum == 0.01 ? 0.0 : one.momentum; /* that of both semantics */
    gr_stack_give(&one);
    gr_stack_put(&one, 1, &list);
    if (list.data != NULL && !list.failed)
        gr_text_add(out, list.data + 1, strlen(list.data) - 2);
    out->failed = out->failed || list.failed;
    gr_text_free(&list);
}

static void put_numbers(gr_text *out, const char *key, const double numbers[3], int64_t channels)
{
    gr_text_printf(out, ", %s: [", key);
    for (int c = 0; c < (channels == 1 ? 1 : 3); c++) {
        gr_text_printf(out, c > 0 ? ", " : "");
        gr_yaml_put_number(out, numbers[c]);
    }
    gr_text_printf(out, "]");
}

static void put_images(const gr_keras_made *made, gr_text *out)
{
    double mean[3] = {0}, std[3] = {1, 1, 1};
    const int64_t *image = made->image;
    if (made->rescaler != NULL)
        normalise(made, mean, std);
    if (image[0] != image[1])
        gr_text_printf(out, "# its images are %lld x %lld; here they are square\n", (long long)image[0], (long long)image[1]);
    gr_text_printf(out, "data:\n  image: {");
    if (image[0] > 0)
        gr_text_printf(out, "size: %lld, ", (long long)image[0]);
    gr_text_printf(out, "channels: %lld", (long long)(image[2] == 1 ? 1 : 3));
    put_numbers(out, "mean", mean, image[2]);
    put_numbers(out, "std", std, image[2]);
    if (made->rescaler != NULL)
        gr_text_printf(out, "} # %s\n", made->rescaler);
    else
        gr_text_printf(out, "} # pixels / 255, for the file does not say how its images were prepared\n");
}

/* How many layers stand before the last dense one, which the task adds; all, where none is last. */
static int before_last(const gr_keras_made *made)
{
    int last = made->count;
    while (last > 0 && strcmp(made->layers[last - 1].kind->name, "act") == 0)
        last--;
    return last > 0 && strcmp(made->layers[last - 1].kind->name, "dense") == 0 ? last - 1 : made->count;
}

static void put_penalties(const gr_keras_made *made, int last, gr_text *out)
{
    bool any = false;
    for (int i = 0; i < made->count; i++) {
        const double *penalty = made->penalties[i];
        if (penalty[0] == 0.0 && penalty[1] == 0.0)
            continue;
        gr_text_printf(out, any ? "" : "  penalty:\n");
        any = true;
        gr_text_printf(out, i == last ? "    - {layers: [classifier.weight]" : "    - {layers: [layers.%d.weight]", i + 1);
        for (int k = 0; k < 2; k++)
            if (penalty[k] != 0.0) {
                gr_text_printf(out, ", l%d: ", k + 1);
                gr_yaml_put_number(out, penalty[k]);
            }
        gr_text_printf(out, "}\n");
    }
}

static void put_head(const gr_keras_made *made, const char *version, int last, gr_text *out)
{
    gr_text_printf(out, "# a plain network of Keras %.20s\n", version != NULL ? version : "of an unknown version");
    if (last < made->count) {
        const gr_stack_layer *top = &made->layers[last], *end = &made->layers[made->count - 1];
        const char *act = last + 1 < made->count ? end->word : top->act;
        gr_text_printf(out, "# its last layer, %s of %lld and %s, is the task's own\n", made->names[last], (long long)top->count,
                       act != NULL ? act : "no activation");
    }
    if (*made->aside != '\0')
        gr_text_printf(out, "# in training alone acts %s\n", made->aside);
    if (made->major > 0)
        gr_text_printf(out, "semantics: %s\n", made->major == 2 ? "keras2" : "keras3");
}

static gr_status check_softmax(const gr_keras_made *made, int last, gr_error *err)
{
    for (int i = 0; i < last; i++) {
        const gr_stack_layer *layer = &made->layers[i];
        const char *act = strcmp(layer->kind->name, "act") == 0 ? layer->word : layer->act;
        if (act != NULL && strcmp(act, "softmax") == 0)
            return gr_fail(err, GR_INVALID, "has a softmax in its midst, in %s, which model.layers has no counterpart of",
                           made->names[i]);
    }
    return GR_OK;
}

static gr_status list(const gr_keras_made *made, const char *version, const char *name, char **text, gr_error *err)
{
    int last = before_last(made);
    gr_text out = {0};
    gr_status status = check_softmax(made, last, err);
    if (status != GR_OK)
        return status;
    put_head(made, version, last, &out);
    put_images(made, &out);
    gr_text_printf(&out, "model:\n  layers:\n");
    for (int i = 0; i < last; i++) {
        gr_text_printf(&out, "    - ");
        put_layer(&made->layers[i], &out);
        gr_text_printf(&out, " # %s\n", made->names[i]);
    }
    put_penalties(made, last, &out);
    gr_text_printf(&out, "  pretrained: ");
    gr_yaml_put_string(&out, name);
    gr_text_printf(&out, "\n");
    if (out.failed) {
        gr_text_free(&out);
        return gr_fail(err, GR_NOMEM, "no memory for the model's layers");
    }
    *text = out.data;
    return GR_OK;
}

gr_status gr_keras_listing(const gr_weights *keras, const char *name, char **text, gr_error *err)
{
    const char *format = gr_weights_note(keras, "format"), *version = gr_weights_note(keras, "keras_version");
    gr_arena *arena = gr_arena_create();
    gr_keras_made made;
    bool known = false;
    *text = NULL;
    gr_status status = arena != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the model's layers");
    if (status == GR_OK && (format == NULL || strcmp(format, "keras") != 0))
        status = gr_fail(err, GR_INVALID, "is no file of Keras's; what model.save(\"NAME.keras\") writes would be right");
    if (status == GR_OK)
        status = gr_keras_made_read(gr_weights_note(keras, "keras_config"), version, arena, &made, &known, err);
    if (status == GR_OK && !known)
        status = gr_fail(err, GR_INVALID,
                         "does not say how its layers follow; what model.save(\"NAME.keras\") of a Sequential writes does");
    if (status == GR_OK)
        status = list(&made, version, name, text, err);
    gr_arena_destroy(arena);
    return status;
}
