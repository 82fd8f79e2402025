#include "run/one/report_scores.h"

#include "base/base.h"
#include "run/one/averaging.h"
#include "run/one/report_classes.h"

/* Which groups the folds tested. */
typedef struct tested {
    int64_t count;
    const char *const *groups;
    const int32_t *fold;
} tested;

/* The files that follow from the statistics, which are TAKEN. */
static gr_status finish(gr_statistics *statistics, const tested *of, const char *folder, gr_results *results, gr_status status,
                        gr_error *err)
{
    if (status == GR_OK)
        status = gr_results_write(&statistics->results, folder, err);
    if (status == GR_OK)
        status = gr_summary_write(&statistics->results, of->count, of->groups, of->fold, folder, err);
    if (status == GR_OK)
        status = gr_statistics_write(statistics, folder, err);
    if (status == GR_OK) {
        *results = statistics->results;
        statistics->results = (gr_results){0};
    }
    gr_statistics_free(statistics);
    return status;
}

gr_status gr_report_scores(const gr_config *config, const gr_score_predictions *predictions, gr_kept *kept, const char *folder,
                           gr_results *results, gr_error *err)
{
    gr_statistics_options options = gr_statistics_options_of(config);
    gr_statistics statistics = {0};
    char *path = gr_path_join(folder, "predictions.csv");
    gr_status status = path != NULL ? gr_score_predictions_write_csv(predictions, path, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = gr_score_statistics_make(config->name, predictions, &options, &statistics, err);
    statistics.results.reported = config->reported;
    statistics.results.kept = kept;
    if (status == GR_OK)
        status = gr_averaging_run_scores(config, predictions, &options.bootstrap, folder, &statistics.results, err);
    gr_free(path);
    return finish(&statistics, &(tested){predictions->count, predictions->groups, predictions->fold}, folder, results, status,
                  err);
}

gr_status gr_report_labels(const gr_config *config, const gr_label_predictions *predictions, int positive, gr_kept *kept,
                           const char *folder, gr_results *results, gr_error *err)
{
    gr_statistics_options options = gr_statistics_options_of(config);
    gr_statistics statistics = {0};
    char *path = gr_path_join(folder, "predictions.csv");
    gr_status status = path != NULL ? gr_label_predictions_write_csv(predictions, path, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = gr_label_statistics_make(config->name, predictions, positive, &options, &statistics, err);
    statistics.results.reported = config->reported;
    statistics.results.kept = kept;
    gr_free(path);
    return finish(&statistics, &(tested){predictions->count, predictions->groups, predictions->fold}, folder, results, status,
                  err);
}
