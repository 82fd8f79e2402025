#include "run/one/averaging.h"

#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/results.h"

static const char key[] = "evaluate.average_over";

/* The values of the manifest's column for each prediction, by the image's name. */
static gr_status look_up(const gr_csv *manifest, const char *column, const gr_predictions *p, const char **values,
                         gr_error *err)
{
    int image = gr_csv_column(manifest, "image"), at = gr_csv_column(manifest, column);
    const char **images = gr_alloc((size_t)manifest->rows, sizeof *images);
    for (int64_t i = 0; images != NULL && image >= 0 && i < manifest->rows; i++)
        images[i] = gr_csv_field(manifest, i, image);
    int64_t *order = images != NULL ? gr_names_sort(images, manifest->rows) : NULL;
    gr_status status = order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its images", manifest->path);
    if (status == GR_OK && (image < 0 || at < 0))
        status = gr_fail(err, GR_INVALID, "%s:1: there is no column %.80s, which %s names", manifest->path, column, key);
    for (int64_t i = 0; status == GR_OK && i < p->count; i++) {
        int64_t row = gr_names_find(images, order, manifest->rows, p->images[i]);
        if (row < 0)
            status = gr_fail(err, GR_INVALID, "%s: has no image %.200s, which was tested", manifest->path, p->images[i]);
        else
            values[i] = gr_csv_field(manifest, row, at);
    }
    gr_free(images);
    gr_free(order);
    return status;
}

gr_status gr_averaging_run(const gr_config *config, const gr_predictions *predictions, const gr_bootstrap_options *options,
                           const char *folder, gr_results *results, gr_error *err)
{
    const char *column = config->evaluate.average_over;
    if (column == NULL)
        return GR_OK;
    const char **values = gr_alloc((size_t)predictions->count, sizeof *values);
    char *path = gr_path_join(folder, "predictions_averaged.csv");
    gr_csv *manifest = NULL;
    gr_averaged averaged = {0};
    gr_status status = GR_OK;
    if (values == NULL || path == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to average predictions");
    if (status == GR_OK)
        status = gr_csv_read(config->data.manifest, &manifest, err);
    if (status == GR_OK)
        status = look_up(manifest, column, predictions, values, err);
    if (status == GR_OK)
        status = gr_average_predictions(predictions, column, values, &averaged, err);
    if (status == GR_OK)
        status = gr_averaged_write_csv(&averaged, path, err);
    if (status == GR_OK)
        status = gr_results_average(results, &averaged, options, err);
    gr_averaged_free(&averaged);
    gr_csv_destroy(manifest);
    gr_free(values);
    gr_free(path);
    return status;
}
