#include "run/cohort/class_weights.h"

#include <string.h>

#include "grimace/config.h"

static bool is_class(const gr_manifest *m, const char *name)
{
    for (int c = 0; c < m->class_count; c++)
        if (strcmp(m->classes[c], name) == 0)
            return true;
    return false;
}

static bool is_named(const gr_named_weights *weights, const char *class)
{
    for (int i = 0; i < weights->count; i++)
        if (strcmp(weights->items[i].name, class) == 0)
            return true;
    return false;
}

static gr_status refuse_name(const gr_config *config, const gr_manifest *m, const char *name, gr_error *err)
{
    gr_text classes = {0};
    gr_text_list(&classes, m->classes, (size_t)m->class_count, "and");
    gr_status status = gr_config_fail(config, "loss.class_weight", err, "there is no class %.80s; there are %s", name,
                                      classes.data != NULL ? classes.data : "others");
    gr_text_free(&classes);
    return status;
}

gr_status gr_class_weights_check(const gr_cohort *cohort, gr_error *err)
{
    const gr_config *config = cohort->config;
    const gr_manifest *m = &cohort->manifest;
    const gr_named_weights *weights = &config->loss.class_weight;
    for (int i = 0; i < weights->count; i++)
        if (!is_class(m, weights->items[i].name))
            return refuse_name(config, m, weights->items[i].name, err);
    bool some = strcmp(config->semantics, "keras3") == 0; /* Keras 3 takes 1 for the others, Keras 2 fails */
    for (int c = 0; weights->count > 0 && !some && c < m->class_count; c++)
        if (!is_named(weights, m->classes[c]))
            return gr_config_fail(config, "loss.class_weight", err,
                                  "says nothing of the class %.80s; a weight for each would be right", m->classes[c]);
    return GR_OK;
}
