/* What a run's model costs: its size, and the time of an image with all networks that are asked about it first. */
#include "run/apply/cost.h"

#include <math.h>
#include <sys/stat.h>

#include "run/apply/guide.h"
#include "run/apply/predictor.h"

/* Keeps the first `most` rows that nothing is wrong with. */
static void keep_good(gr_ask *ask, int64_t most)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < ask->count && kept < most; i++) {
        if (ask->problems[i] != NULL)
            continue;
        ask->names[kept] = ask->names[i];
        ask->problems[kept] = NULL;
        ask->samples[kept] = ask->samples[i];
        ask->paths[kept] = ask->paths[i];
        ask->row[kept] = ask->row[i];
        ask->line[kept] = ask->line[i];
        kept++;
    }
    ask->count = kept;
}

static gr_status open_images(const gr_predictor *predictor, const char *path, const char *manifest, int64_t images,
                             const volatile sig_atomic_t *stop, gr_ask *ask, gr_error *err)
{
    gr_manifest_options options = {.whole = gr_predictor_task(predictor)->whole};
    gr_text ignored = {0};
    gr_status status = gr_ask_table(manifest, &options, ask, err);
    if (status != GR_OK)
        return status;
    keep_good(ask, images);
    status = gr_guide_ask(&gr_predictor_files(predictor)->card, path, NULL, true, ask, &ignored, stop, err);
    gr_text_free(&ignored);
    keep_good(ask, images);
    if (status == GR_OK && ask->count == 0)
        status = gr_fail(err, GR_INVALID, "%s: has no image that %s can be timed on", manifest, path);
    if (status != GR_OK)
        gr_ask_close(ask);
    return status;
}

gr_status gr_cost_measure(const char *path, const char *manifest, int64_t images, int passes,
                          const volatile sig_atomic_t *stop, gr_cost *out, gr_error *err)
{
    gr_predictor *predictor = NULL;
    gr_ask ask = {0};
    struct stat file;
    gr_cost first = {0};
    *out = (gr_cost){NAN, NAN, NAN, 0};
    gr_status status = gr_predictor_open(path, &predictor, err);
    if (status != GR_OK)
        return status;
    const gr_model_files *files = gr_predictor_files(predictor);
    if (stat(files->paths[0], &file) == 0)
        out->megabytes = 1e-6 * (double)file.st_size;
    status = open_images(predictor, path, manifest, images, stop, &ask, err);
    if (status == GR_OK) {
        out->images = ask.count;
        status = gr_predictor_cost(predictor, ask.samples, ask.count, passes, out, stop, err);
        gr_ask_close(&ask);
    }
    if (status == GR_OK && files->card.guide.run != NULL) {
        status = gr_cost_measure(files->card.guide.run, manifest, images, passes, stop, &first, err);
        out->ms_per_image += first.ms_per_image;
    }
    gr_predictor_close(predictor);
    return status;
}
