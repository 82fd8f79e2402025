#include "support/relevance.h"

#include <string.h>

void test_relevance_map(const gr_graph *g, gr_params *params, const gr_value *from, const gr_value *to, const char *rules,
                        int64_t batch, const float *pixels, const float *start, float *map)
{
    enum { CHANNELS = 32 };
    float low[CHANNELS], high[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
        low[c] = -1.0f;
        high[c] = 1.0f;
    }
    gr_error err = {0};
    gr_relevance *r = NULL;
    gr_relevance_options options = {.from = from, .to = to, .batch = batch, .low = low, .high = high};
    gr_shape shape = gr_value_shape(to);
    assert_true(gr_shape_last(&shape) <= CHANNELS);
    size_t bytes = (size_t)(batch * gr_shape_elements(&shape)) * sizeof *map;
    if (gr_relevance_rules_parse(rules, &options.rules, &err) != GR_OK ||
        gr_relevance_create(g, params, &options, &r, &err) != GR_OK)
        fail_msg("%s", err.text);
    memcpy(gr_relevance_images(r), pixels, bytes);
    gr_relevance_forward(r);
    int64_t *first = gr_alloc((size_t)batch, sizeof *first);
    assert_non_null(first);
    memcpy(map, start != NULL ? gr_relevance_propagate(r, start) : gr_relevance_explain(r, first), bytes);
    gr_free(first);
    gr_relevance_destroy(r);
}

gr_params *test_relevance_params(const gr_graph *g)
{
    gr_error err = {0};
    gr_params *params;
    if (gr_params_alloc(g, false, &params, &err) != GR_OK)
        fail_msg("%s", err.text);
    memset(params->values, 0, params->count * sizeof *params->values);
    return params;
}

float *test_relevance_parameter(const gr_graph *g, gr_params *params, const char *name)
{
    for (int i = 0; i < gr_graph_parameter_count(g); i++)
        if (strcmp(gr_graph_parameter(g, i)->name, name) == 0)
            return params->values + gr_graph_parameter(g, i)->offset;
    fail_msg("there is no parameter %s", name);
    return NULL;
}
