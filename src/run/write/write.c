/* Results and statistics on disk and in tables: each task writes its own. */
#include "run/write/results.h"
#include "run/write/statistics.h"

gr_status gr_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    if (results->landmarks != NULL)
        return gr_landmark_results_write(results, folder, err);
    if (results->boxes != NULL)
        return gr_box_results_write(results, folder, err);
    if (results->scores != NULL)
        return gr_score_results_write(results, folder, err);
    if (results->labels != NULL)
        return gr_label_results_write(results, folder, err);
    return gr_class_results_write(results, folder, err);
}

gr_status gr_statistics_write(const gr_statistics *s, const char *folder, gr_error *err)
{
    if (s->columns != NULL)
        return gr_label_statistics_write(s, folder, err);
    if (s->results.scores != NULL)
        return gr_score_statistics_write(s, folder, err);
    return gr_class_statistics_write(s, folder, err);
}

json_t *gr_statistics_json(const gr_statistics *s)
{
    if (s->columns != NULL)
        return gr_statistics_labels_json(s);
    if (s->results.scores != NULL)
        return gr_statistics_agreement_json(s);
    return gr_statistics_classes_json(s);
}

void gr_statistics_table(const gr_statistics *s, gr_text *out)
{
    if (s->columns != NULL)
        gr_label_statistics_table(s, out);
    else if (s->results.scores != NULL)
        gr_score_statistics_table(s, out);
    else
        gr_class_statistics_table(s, out);
}
