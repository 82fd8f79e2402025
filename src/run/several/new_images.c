/* Is it a run or a study that is asked about new images? */
#include "base/base.h"
#include "grimace/config.h"
#include "run/apply/judge.h"
#include "run/several/new_kinds.h"

typedef enum kind { RUN = 0, LABELS, CROSS } kind;

/* What lies in the folder, by its config; what cannot be read is told by who needs it. */
static gr_status find_kind(const char *path, kind *out, gr_error *err)
{
    gr_config *config = NULL;
    gr_error unread = {0};
    *out = RUN;
    if (!gr_is_folder(path))
        return GR_OK;
    char *file = gr_path_join(path, "config.yaml");
    if (file == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a path");
    if (gr_path_exists(file) && gr_config_load(file, NULL, 0, &config, &unread) == GR_OK)
        *out = config->experiment.labels.count > 0 ? LABELS : config->experiment.cross != NULL ? CROSS : RUN;
    gr_config_destroy(config);
    gr_free(file);
    return GR_OK;
}

gr_status gr_evaluate(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err)
{
    kind what;
    *out = (gr_evaluation){0};
    gr_status status = find_kind(options->path, &what, err);
    if (status != GR_OK)
        return status;
    return (what == LABELS ? gr_evaluate_labels : what == CROSS ? gr_evaluate_cross : gr_evaluate_run)(options, out, err);
}

gr_status gr_predict(const gr_predict_options *options, gr_predicted *out, gr_error *err)
{
    kind what;
    *out = (gr_predicted){0};
    gr_status status = find_kind(options->path, &what, err);
    return status == GR_OK ? (what == LABELS ? gr_predict_labels : gr_predict_run)(options, out, err) : status;
}
