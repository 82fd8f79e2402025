/* The files of a run of classes. */
#include "run/one/report_classes.h"

#include <string.h>

#include "base/base.h"
#include "grimace/results.h"
#include "run/one/averaging.h"

gr_statistics_options gr_statistics_options_of(const gr_config *config)
{
    gr_bootstrap_options bootstrap = {.count = config->evaluate.bootstrap.count,
                                      .level = config->evaluate.bootstrap.level,
                                      .by_group = strcmp(config->evaluate.bootstrap.by, "group") == 0,
                                      .seed = config->seed};
    gr_bootstrap_options permutation = {.count = config->evaluate.permutation.count,
                                        .level = config->evaluate.bootstrap.level,
                                        .by_group = strcmp(config->evaluate.permutation.by, "group") == 0,
                                        .seed = config->seed};
    return (gr_statistics_options){config->evaluate.confidence, bootstrap, permutation};
}

gr_status gr_report_classes(const gr_config *config, const gr_predictions *predictions, int positive, gr_kept *kept,
                            const char *folder, gr_results *results, gr_error *err)
{
    gr_statistics_options options = gr_statistics_options_of(config);
    gr_statistics statistics = {0};
    char *path = gr_path_join(folder, "predictions.csv");
    gr_status status =
        path != NULL ? gr_predictions_write_csv(predictions, path, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = gr_statistics_make(config->name, predictions, positive, &options, &statistics, err);
    statistics.results.reported = config->reported;
    statistics.results.kept = kept;
    if (status == GR_OK)
        status = gr_averaging_run(config, predictions, &options.bootstrap, folder, &statistics.results, err);
    if (status == GR_OK)
        status = gr_results_write(&statistics.results, folder, err);
    if (status == GR_OK)
        status = gr_summary_write(&statistics.results, predictions->count, predictions->groups, predictions->fold, folder, err);
    if (status == GR_OK)
        status = gr_statistics_write(&statistics, folder, err);
    if (status == GR_OK) {
        *results = statistics.results;
        statistics.results = (gr_results){0};
    }
    gr_statistics_free(&statistics);
    gr_free(path);
    return status;
}

gr_status gr_report_gathered(const gr_cohort *cohort, gr_gathered *g, gr_decision choose, bool ordered, const char *folder,
                             gr_results *results, gr_error *err)
{
    gr_predictions predictions;
    gr_status status = gr_gathered_classes(cohort, g, choose, ordered, &predictions, err);
    if (status == GR_OK) {
        status = gr_report_classes(cohort->config, &predictions, cohort->positive, g->kept, folder, results, err);
        g->kept = NULL;
    }
    gr_free((void *)(uintptr_t)predictions.labels);
    gr_free((void *)(uintptr_t)predictions.predicted);
    return status;
}

void gr_answer_classes(const gr_card *card, const char *const *images, int64_t count, const float *probabilities,
                       gr_decision choose, gr_text *out)
{
    int classes = (int)card->model.classes;
    int32_t *predicted = gr_alloc((size_t)count, sizeof *predicted);
    out->failed = out->failed || predicted == NULL;
    for (int64_t i = 0; predicted != NULL && i < count; i++)
        predicted[i] = choose(probabilities + i * classes, classes);
    gr_predictions predictions = {.count = count,
                                  .class_count = classes,
                                  .classes = card->classes,
                                  .images = images,
                                  .predicted = predicted,
                                  .probabilities = probabilities};
    if (predicted != NULL)
        gr_predictions_csv(&predictions, out);
    gr_free(predicted);
}
