#include "run/several/whole.h"

#include "base/base.h"
#include "run/one/elsewhere.h"
#include "run/several/first.h"
#include "run/several/repeats.h"
#include "run/several/study.h"

gr_status gr_whole_check(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_error *err)
{
    if (gr_repeats_wanted(config) && gr_repeats_check(config, err) != GR_OK)
        return err->status;
    return gr_study_wanted(config) ? gr_study_check(config, options, shared, err)
                                   : gr_run_check(config, options, shared, err);
}

gr_status gr_whole_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                       gr_error *err)
{
    if (gr_repeats_wanted(config))
        return gr_repeats_check(config, err) == GR_OK ? gr_repeats_run(config, options, shared, results, err) : err->status;
    return gr_study_wanted(config) ? gr_study_run(config, options, shared, results, err)
                                   : gr_run_shared(config, options, shared, results, err);
}

gr_status gr_run(const gr_config *config, const gr_run_options *options, gr_results *results, gr_error *err)
{
    gr_shared shared = {0};
    gr_config *behind = NULL; /* a run of landmarks */
    *results = (gr_results){0};
    gr_elsewhere_tell(config, options);
    gr_status status = gr_first_landmarks(config, options, gr_run, &behind, err);
    if (status == GR_OK)
        status = gr_shared_open(config, &shared, err);
    shared.threads = options->threads;
    if (status == GR_OK)
        status = gr_whole_run(behind != NULL ? behind : config, options, &shared, results, err);
    gr_shared_close(&shared);
    gr_config_destroy(behind);
    return status;
}
