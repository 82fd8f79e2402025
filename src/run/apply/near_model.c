/* Features of a table's pictures by a trained network, for finding what is nearly equal. */
#include "grimace/open.h"

#include <string.h>

#include "base/base.h"
#include "learners/extractor.h"
#include "learners/likeness.h"
#include "run/apply/model_set.h"

typedef struct work {
    const gr_manifest *m;
    gr_model_set set;
    gr_network network;
    gr_extractor *extractor;
    gr_loader *loader;
    gr_sample *samples;
    int64_t *order;
    float *maps;     /* [GR_EXTRACTOR_BATCH, numbers] */
    int64_t numbers; /* of an image's map */
    float *values;   /* [rows, width] */
    int64_t width;
} work;

static void close_work(work *w)
{
    gr_loader_destroy(w->loader);
    gr_extractor_destroy(w->extractor);
    gr_network_destroy(&w->network);
    gr_model_set_close(&w->set);
    gr_free(w->samples);
    gr_free(w->order);
    gr_free(w->maps);
    gr_free(w->values);
}

static gr_status load(work *w, const char *model, gr_error *err)
{
    gr_status status = gr_model_set_open(model, &w->set, err);
    if (status != GR_OK)
        return status;
    status = gr_model_set_forget(&w->set, err);
    if (status != GR_OK)
        return status;
    if (!w->set.learner->network)
        return gr_fail(err, GR_INVALID, "check: --features: %s is no network (%s), and only networks have features", model,
                       w->set.learner->name);
    status = gr_model_files_load(&w->set.files, 0, &w->network, NULL, err);
    if (status == GR_OK && w->network.model->head_input == NULL)
        return gr_fail(err, GR_INVALID, "check: --features: the head of %s reads several maps, and one is needed", model);
    if (status == GR_OK)
        status = gr_extractor_create(w->network.model, w->network.params, &w->extractor, err);
    return status;
}

static gr_status make_room(work *w, gr_error *err)
{
    gr_shape map = gr_value_shape(w->network.model->head_input);
    size_t cells, rows = (size_t)w->m->rows;
    w->numbers = gr_shape_elements(&map);
    w->width = map.dim[map.rank - 1];
    w->samples = gr_alloc(rows, sizeof *w->samples);
    w->order = gr_alloc(rows, sizeof *w->order);
    w->maps = gr_alloc(GR_EXTRACTOR_BATCH, (size_t)w->numbers * sizeof *w->maps);
    w->values = gr_mul_size(rows, (size_t)w->width, &cells) ? gr_alloc(cells, sizeof *w->values) : NULL;
    if (w->samples == NULL || w->order == NULL || w->maps == NULL || w->values == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the features of %lld pictures", (long long)w->m->rows);
    for (int64_t r = 0; r < w->m->rows; r++) {
        const gr_box *box = w->m->boxes != NULL ? &w->m->boxes[r] : NULL;
        w->order[r] = r;
        w->samples[r] = (gr_sample){.path = w->m->paths[r], .has_box = box != NULL && box->width > 0.0};
        if (w->samples[r].has_box)
            memcpy(w->samples[r].box, (double[4]){box->x, box->y, box->width, box->height}, sizeof w->samples[r].box);
    }
    return gr_model_set_loader(&w->set, NULL, w->samples, w->m->rows, true, &w->loader, err);
}

static gr_status see(work *w, gr_error *err)
{
    gr_status status = gr_loader_start(w->loader, 0, w->order, w->m->rows, GR_EXTRACTOR_BATCH, false, err);
    for (int64_t done = 0, n = 0; status == GR_OK && done < w->m->rows; done += n) {
        const float *pixels = NULL;
        status = gr_loader_next(w->loader, &pixels, NULL, &n, err);
        if (status != GR_OK)
            break;
        gr_extractor_run(w->extractor, pixels, n, w->maps);
        for (int64_t i = 0; i < n; i++)
            if (gr_loader_problem(w->loader, done + i) == NULL)
                gr_likeness_pool(w->maps + i * w->numbers, w->numbers / w->width, w->width, w->values + (done + i) * w->width);
    }
    return status;
}

gr_status gr_check_near_by(gr_check *check, const gr_split *split, const char *model, gr_error *err)
{
    if (model == NULL || check->prints == NULL || check->manifest.rows == 0)
        return gr_check_near(check, split, NULL, err);
    work w = {.m = &check->manifest};
    gr_status status = load(&w, model, err);
    if (status == GR_OK)
        status = make_room(&w, err);
    if (status == GR_OK)
        status = see(&w, err);
    const gr_picture_features features = {w.values, w.width};
    if (status == GR_OK)
        status = gr_check_near(check, split, &features, err);
    close_work(&w);
    return status;
}
