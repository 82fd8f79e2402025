/* Values in a layer's configuration, as Keras writes them, and its words for activations. */
#include "models/keras_values.h"

#include <math.h>
#include <string.h>

typedef gr_keras_reader reader;

gr_status gr_keras_refuse(reader *r, const char *what)
{
    return gr_fail(r->err, GR_INVALID, "has a layer %s (%s) %s, which model.layers has no counterpart of", r->name,
                   r->class_name, what);
}

/* ---- values of a configuration ----------------------------------------------------------------------------------------- */

const char *gr_keras_text(const json_t *config, const char *key)
{
    const char *text = json_string_value(json_object_get(config, key));
    return text != NULL ? text : "";
}

double gr_keras_number(const json_t *config, const char *key, double fallback)
{
    const json_t *value = json_object_get(config, key);
    if (json_is_object(value))
        value = json_object_get(value, "value");
    return json_is_number(value) ? json_number_value(value) : fallback;
}

int64_t gr_keras_count(const json_t *config, const char *key, int64_t fallback)
{
    double value = gr_keras_number(config, key, (double)fallback);
    return value >= 0 && value <= GR_KERAS_COUNT_LIMIT ? (int64_t)value : 0;
}

bool gr_keras_truth(const json_t *config, const char *key, bool fallback)
{
    const json_t *value = json_object_get(config, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

bool gr_keras_sides(const json_t *config, const char *key, int64_t fallback, int64_t out[2])
{
    const json_t *value = json_object_get(config, key);
    for (size_t i = 0; i < 2; i++) {
        const json_t *side = json_is_array(value) ? json_array_get(value, i) : value;
        out[i] = json_is_integer(side) ? json_integer_value(side) : side == NULL || json_is_null(side) ? fallback : 0;
    }
    return out[0] >= 1 && out[1] >= 1 && out[0] <= INT16_MAX && out[1] <= INT16_MAX;
}

/* ---- activations ------------------------------------------------------------------------------------------------------- */

static void set_act(gr_stack_layer *layer, const char *name, double slope)
{
    layer->act = name;
    layer->slope = slope;
}

/* An activation by Keras's word for it; false: none of ours. */
static bool act_by_name(const reader *r, const char *word, gr_stack_layer *layer)
{
    static const char *const others[][2] = {{"swish", "silu"}, {"hard_silu", "hard_swish"}};
    static const char leaky[] = "leaky_relu", steep[] = "hard_sigmoid", softmax[] = "softmax";
    if (strcmp(word, "linear") == 0)
        return true;
    if (strcmp(word, softmax) == 0) {
        set_act(layer, softmax, 0);
        return true;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        word = strcmp(word, others[i][0]) == 0 ? others[i][1] : word;
    for (const char *const *name = gr_stack_act_names(); *name != NULL; name++)
        if (strcmp(*name, word) == 0) {
            set_act(layer, *name, strcmp(word, leaky) == 0 ? 0.2 : strcmp(word, steep) == 0 && r->made->major == 2 ? 0.2 : 0);
            return true;
        }
    return false;
}

/* A rectifier: max(x, 0), below its top, with a slope below 0. */
static bool act_of_relu(const json_t *config, gr_stack_layer *layer)
{
    double top = gr_keras_number(config, "max_value", INFINITY), slope = gr_keras_number(config, "negative_slope", 0);
    if (gr_keras_number(config, "threshold", 0) != 0 || (top != INFINITY && (top != 6 || slope != 0)) || slope < 0 || slope >= 1)
        return false;
    set_act(layer, slope > 0 ? "leaky_relu" : top == 6 ? "relu6" : "relu", slope);
    return true;
}

static bool act_of_leaky(const json_t *config, gr_stack_layer *layer)
{
    double slope = gr_keras_number(config, "negative_slope", gr_keras_number(config, "alpha", 0.3));
    if (slope < 0 || slope >= 1)
        return false;
    set_act(layer, slope > 0 ? "leaky_relu" : "relu", slope);
    return true;
}

bool gr_keras_act_class(const char *class_name, const json_t *config, gr_stack_layer *layer)
{
    if (strcmp(class_name, "ReLU") == 0)
        return act_of_relu(config, layer);
    if (strcmp(class_name, "LeakyReLU") == 0)
        return act_of_leaky(config, layer);
    bool elu = strcmp(class_name, "ELU") == 0 && gr_keras_number(config, "alpha", 1) == 1;
    const json_t *axis = json_object_get(config, "axis");
    bool softmax = strcmp(class_name, "Softmax") == 0 && (axis == NULL || json_integer_value(axis) == -1);
    set_act(layer, elu ? "elu" : "softmax", 0);
    return elu || softmax;
}

gr_status gr_keras_act(reader *r, gr_stack_layer *layer)
{
    const json_t *value = json_object_get(r->config, "activation"), *config = json_object_get(value, "config");
    const char *word = json_is_string(value) ? json_string_value(value) : gr_keras_text(value, "class_name");
    bool known = value == NULL || json_is_null(value) || (json_is_string(value) && act_by_name(r, word, layer));
    if (json_is_string(config)) /* a function */
        known = act_by_name(r, word = json_string_value(config), layer);
    else if (json_is_object(config))
        known = gr_keras_act_class(word, config, layer);
    return known ? GR_OK
                 : gr_fail(r->err, GR_INVALID,
                           "has a layer %s (%s) with the activation %s, which is none of model.layers (a function of one's own, "
                           "or of another kind)",
                           r->name, r->class_name, *word != '\0' ? word : "of an unknown kind");
}
