/* results.json and results.csv: each task writes its own. */
#include "run/write/results.h"

gr_status gr_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    if (results->landmarks != NULL)
        return gr_landmark_results_write(results, folder, err);
    if (results->scores != NULL)
        return gr_score_results_write(results, folder, err);
    if (results->labels != NULL)
        return gr_label_results_write(results, folder, err);
    return gr_class_results_write(results, folder, err);
}
