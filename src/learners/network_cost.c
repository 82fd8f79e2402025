/* What a trained network costs: how many numbers it has, and how long an image takes that comes alone, as on a telephone:
 * read, decoded, changed, asked about. */
#include "learners/network_cost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "learners/views.h"

typedef struct timed {
    gr_network network;
    gr_card card;
    gr_workspace *workspace;
    gr_plan *plan; /* of one image */
    float *answer; /* [target->width] */
} timed;

static void close_timed(timed *t)
{
    gr_plan_destroy(t->plan);
    gr_workspace_destroy(t->workspace);
    gr_network_destroy(&t->network);
    gr_card_free(&t->card);
    gr_free(t->answer);
}

static gr_status open_timed(const gr_model_files *files, const gr_target *target, timed *t, gr_error *err)
{
    *t = (timed){0};
    gr_status status = gr_model_files_load(files, 0, &t->network, &t->card, err);
    if (status != GR_OK)
        return status;
    const gr_value *keep[] = {t->network.model->answer};
    gr_plan_options options = {.batch = 1, .keep = keep, .keep_count = 1};
    t->workspace = gr_workspace_create();
    t->answer = gr_alloc(target->width(&t->card), sizeof *t->answer);
    if (t->workspace == NULL || t->answer == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a model");
    else
        status = gr_plan_compile(t->network.model->graph, t->network.params, t->workspace, &options, &t->plan, err);
    if (status != GR_OK)
        close_timed(t);
    return status;
}

/* Running statistics are not among them, as the literature counts. */
static double count_parameters(const gr_graph *graph)
{
    double count = 0;
    for (int i = 0; i < gr_graph_parameter_count(graph); i++)
        count += gr_graph_parameter(graph, i)->buffer ? 0.0 : (double)gr_graph_parameter(graph, i)->count;
    return count;
}

/* One image from its file to what the model says, with all views that the model's card asks for. */
static gr_status ask(const timed *t, const gr_target *target, gr_loader *loader, int64_t image, gr_error *err)
{
    const gr_value *input = t->network.model->image, *answer = t->network.model->answer;
    gr_shape shape = gr_value_shape(input), numbers = gr_value_shape(answer);
    const float *pixels;
    int64_t n = 0;
    gr_status status = gr_loader_start(loader, 0, &image, 1, 1, false, err);
    if (status == GR_OK)
        status = gr_loader_next(loader, &pixels, NULL, &n, err);
    if (status != GR_OK)
        return status;
    for (int v = -1; v < t->card.tta.count; v++) {
        float *to = gr_plan_data(t->plan, input);
        if (v < 0)
            memcpy(to, pixels, (size_t)gr_shape_elements(&shape) * sizeof *to);
        else
            gr_view_make(gr_view_find(t->card.tta.items[v]), pixels, 1, t->card.model.size, t->card.model.channels, to);
        gr_plan_forward(t->plan, 0, 0);
        target->read(&t->card, &numbers, gr_loader_origins(loader), gr_plan_data(t->plan, answer), t->answer);
    }
    return GR_OK;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median over passes of the mean time of an image; a first pass, which wakes caches and threads, does not count. */
static gr_status time_passes(const timed *t, const gr_target *target, gr_loader *loader, int64_t count, int passes,
                             double *out, const volatile sig_atomic_t *stop, gr_error *err)
{
    double *ms = gr_alloc((size_t)passes, sizeof *ms);
    gr_status status = ms != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for times");
    for (int p = -1; status == GR_OK && p < passes; p++) {
        double start = gr_seconds();
        for (int64_t i = 0; status == GR_OK && i < count; i++)
            status = stop != NULL && *stop ? gr_fail(err, GR_INTERRUPTED, "stopped before all was timed")
                                           : ask(t, target, loader, i, err);
        if (p >= 0)
            ms[p] = 1000.0 * (gr_seconds() - start) / (double)count;
    }
    if (status == GR_OK) {
        qsort(ms, (size_t)passes, sizeof *ms, by_size);
        *out = (ms[(passes - 1) / 2] + ms[passes / 2]) / 2;
    }
    gr_free(ms);
    return status;
}

gr_status gr_network_cost(const gr_model_files *files, const gr_target *target, gr_loader *loader, int64_t count, int passes,
                          gr_cost *out, const volatile sig_atomic_t *stop, gr_error *err)
{
    timed t;
    gr_status status = open_timed(files, target, &t, err);
    if (status != GR_OK)
        return status;
    out->parameters = count_parameters(t.network.model->graph);
    if (count > 0)
        status = time_passes(&t, target, loader, count, passes, &out->ms_per_image, stop, err);
    close_timed(&t);
    return status;
}
