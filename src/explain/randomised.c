/* Randomised layers (Adebayo et al. 2018, cascading): from the output down, layer after layer gets the numbers of an
 * untrained network, in eight stages of as many layers each; a map that stays as it was does not show what the model learnt.
 * What is compared is the rank correlation (Spearman) with the map of the trained network, of cells where the method has
 * them. */
#include <string.h>

#include "explain/crew.h"
#include "explain/trial.h"
#include "grimace/correlation.h"

enum { STAGES = 8, SEED = 1 };

static const char *const columns[STAGES] = {"random_1", "random_2", "random_3", "random_4",
                                            "random_5", "random_6", "random_7", "random_8"};

/* Are two parameters of one layer? Their names are the same up to the last point. */
static bool same_layer(const char *a, const char *b)
{
    const char *end = strrchr(a, '.');
    size_t length = end != NULL ? (size_t)(end - a) + 1 : strlen(a);
    return strncmp(a, b, length) == 0 && strchr(b + length, '.') == NULL;
}

/* Layers of parameter i, counted from 0 at the output. */
static int depth_of(const gr_graph *graph, int i, int depth)
{
    bool last = i == gr_graph_parameter_count(graph) - 1;
    return last || same_layer(gr_graph_parameter(graph, i)->name, gr_graph_parameter(graph, i + 1)->name) ? depth
                                                                                                          : depth + 1;
}

static int count_layers(const gr_graph *graph)
{
    int depth = 0;
    for (int i = gr_graph_parameter_count(graph) - 1; i >= 0; i--)
        depth = depth_of(graph, i, depth);
    return depth + 1;
}

/* Gives the layers from the output down to `layers` of them the numbers of `fresh`. */
static void randomise(const gr_graph *graph, int layers, const gr_params *fresh, gr_params *params)
{
    int depth = 0;
    for (int i = gr_graph_parameter_count(graph) - 1; i >= 0; i--) {
        const gr_parameter *p = gr_graph_parameter(graph, i);
        depth = depth_of(graph, i, depth);
        if (depth < layers)
            memcpy(params->values + p->offset, fresh->values + p->offset, p->count * sizeof(float));
    }
}

static gr_status compare(const float *a, const float *b, int64_t count, double *out, gr_error *err)
{
    gr_correlation found = {0};
    double *x = gr_alloc((size_t)count, sizeof *x), *y = gr_alloc((size_t)count, sizeof *y);
    for (int64_t i = 0; x != NULL && y != NULL && i < count; i++) {
        x[i] = (double)a[i];
        y[i] = (double)b[i];
    }
    gr_status status = x != NULL && y != NULL ? gr_spearman(x, y, count, 0.95, &found, err)
                                              : gr_fail(err, GR_NOMEM, "no memory to compare maps");
    *out = found.r;
    gr_free(x);
    gr_free(y);
    return status;
}

/* Maps of the network as it is now beside those of before. */
static gr_status compare_all(const gr_trial_images *images, const gr_trial_maps *maps, int stage, double *numbers,
                             gr_error *err)
{
    gr_crew crew;
    gr_status status = gr_crew_open(images->subject, &maps->method, 1, maps->options, images->n, &crew, err);
    if (status != GR_OK)
        return status;
    status = gr_crew_run(&crew, images->pixels, images->n, images->answers, err);
    for (int64_t i = 0; status == GR_OK && i < images->n; i++)
        status = compare(maps->numbers + i * maps->count, gr_crew_numbers(&crew, 0, i), maps->count,
                         &numbers[i * STAGES + stage], err);
    gr_crew_close(&crew);
    return status;
}

static gr_status run(const gr_trial_images *images, const gr_trial_maps *maps, double *numbers, gr_error *err)
{
    gr_network *network = &images->subject->network;
    gr_params *fresh = NULL;
    if (network->model == NULL)
        return GR_OK;
    const gr_graph *graph = network->model->graph;
    size_t count = network->params->count;
    float *trained = gr_alloc(count, sizeof *trained);
    gr_status status = trained != NULL ? gr_params_create(graph, SEED, false, &fresh, err)
                                       : gr_fail(err, GR_NOMEM, "no memory for a second network");
    if (status != GR_OK) {
        gr_free(trained);
        return status;
    }
    memcpy(trained, network->params->values, count * sizeof *trained);
    int layers = count_layers(graph);
    for (int stage = 0; status == GR_OK && stage < STAGES; stage++) {
        gr_subject_forget(images->subject);
        randomise(graph, ((stage + 1) * layers + STAGES - 1) / STAGES, fresh, network->params);
        status = compare_all(images, maps, stage, numbers, err);
    }
    gr_subject_forget(images->subject);
    memcpy(network->params->values, trained, count * sizeof *trained);
    gr_params_destroy(fresh);
    gr_free(trained);
    return status;
}

const gr_trial gr_randomised_trial = {
    .name = "randomised",
    .summary = "rank correlation with the map of a network whose upper layers (1 to 8 eighths) are untrained; low is good",
    .columns = columns,
    .column_count = STAGES,
    .run = run,
};
