/* results.json and results.csv: each task writes its own. */
#include "run/write/results.h"

gr_status gr_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    return results->landmarks != NULL ? gr_landmark_results_write(results, folder, err)
                                      : gr_class_results_write(results, folder, err);
}
