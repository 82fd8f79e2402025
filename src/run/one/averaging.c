#include "run/one/averaging.h"

#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/results.h"

static const char key[] = "evaluate.average_over";

/* What averaging needs of a run: the file of averaged predictions, and the column's value for each prediction. */
typedef struct wanted {
    const char *column;
    const char **values;
    char *path;
    gr_csv *manifest;
} wanted;

static void free_wanted(wanted *w)
{
    gr_csv_destroy(w->manifest);
    gr_free(w->values);
    gr_free(w->path);
}

/* The values of the manifest's column for each prediction, by the image's name. */
static gr_status look_up(const wanted *w, const char *const *predicted, int64_t count, gr_error *err)
{
    const gr_csv *manifest = w->manifest;
    int image = gr_csv_column(manifest, "image"), at = gr_csv_column(manifest, w->column);
    const char **images = gr_alloc((size_t)manifest->rows, sizeof *images);
    for (int64_t i = 0; images != NULL && image >= 0 && i < manifest->rows; i++)
        images[i] = gr_csv_fault_of(manifest, i) == NULL ? gr_csv_field(manifest, i, image) : ""; /* its cells may be shifted */
    int64_t *order = images != NULL ? gr_names_sort(images, manifest->rows) : NULL;
    gr_status status = order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its images", manifest->path);
    if (status == GR_OK && (image < 0 || at < 0))
        status = gr_fail(err, GR_INVALID, "%s:1: there is no column %.80s, which %s names", manifest->path, w->column, key);
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        int64_t row = gr_names_find(images, order, manifest->rows, predicted[i]);
        if (row < 0)
            status = gr_fail(err, GR_INVALID, "%s: has no image %.200s, which was tested", manifest->path, predicted[i]);
        else
            w->values[i] = gr_csv_field(manifest, row, at);
    }
    gr_free(images);
    gr_free(order);
    return status;
}

/* Of images[count]. Whatever comes of it, free_wanted follows. */
static gr_status find_values(const gr_config *config, const char *const *images, int64_t count, const char *folder, wanted *out,
                             gr_error *err)
{
    *out = (wanted){.column = config->evaluate.average_over,
                    .values = gr_alloc((size_t)count, sizeof *out->values),
                    .path = gr_path_join(folder, "predictions_averaged.csv")};
    if (out->values == NULL || out->path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to average predictions");
    gr_status status = gr_csv_read_tolerant(config->data.manifest, &out->manifest, err);
    return status == GR_OK ? look_up(out, images, count, err) : status;
}

gr_status gr_averaging_run(const gr_config *config, const gr_predictions *predictions, const gr_bootstrap_options *options,
                           const char *folder, gr_results *results, gr_error *err)
{
    if (config->evaluate.average_over == NULL)
        return GR_OK;
    wanted w;
    gr_averaged averaged = {0};
    gr_status status = find_values(config, predictions->images, predictions->count, folder, &w, err);
    if (status == GR_OK)
        status = gr_average_predictions(predictions, w.column, w.values, &averaged, err);
    if (status == GR_OK)
        status = gr_averaged_write_csv(&averaged, w.path, err);
    if (status == GR_OK)
        status = gr_results_average(results, &averaged, options, err);
    gr_averaged_free(&averaged);
    free_wanted(&w);
    return status;
}

gr_status gr_averaging_run_scores(const gr_config *config, const gr_score_predictions *predictions,
                                  const gr_bootstrap_options *options, const char *folder, gr_results *results, gr_error *err)
{
    if (config->evaluate.average_over == NULL)
        return GR_OK;
    wanted w;
    gr_averaged_scores averaged = {0};
    gr_status status = find_values(config, predictions->images, predictions->count, folder, &w, err);
    if (status == GR_OK)
        status = gr_average_scores(predictions, w.column, w.values, &averaged, err);
    if (status == GR_OK)
        status = gr_averaged_scores_write_csv(&averaged, w.path, err);
    if (status == GR_OK)
        status = gr_results_average_scores(results, &averaged, options, err);
    gr_averaged_scores_free(&averaged);
    free_wanted(&w);
    return status;
}
