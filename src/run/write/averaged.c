/* predictions_averaged.csv. */
#include <string.h>

#include "grimace/results.h"
#include "run/write/pieces.h"
#include "run/write/scores.h"

/* The unit's value, unless the column is the group's, which stands there already, and how many images it has; for a NULL value the
 * header. */
static void put_unit(gr_text *out, bool with_column, const char *column, const char *value, int64_t size)
{
    if (with_column) {
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "", value != NULL ? value : column);
    }
    if (value != NULL)
        gr_text_printf(out, ",%lld\n", (long long)size);
    else
        gr_text_printf(out, ",images\n");
}

gr_status gr_averaged_write_csv(const gr_averaged *a, const char *path, gr_error *err)
{
    const gr_predictions *p = &a->predictions;
    bool with_column = p->groups == NULL || strcmp(p->group_column, a->column) != 0;
    gr_text out = {0};
    gr_eval_prediction_header(p, &out);
    put_unit(&out, with_column, a->column, NULL, 0);
    for (int64_t u = 0; u < p->count; u++) {
        gr_eval_prediction_row(p, u, &out);
        put_unit(&out, with_column, a->column, a->values[u], a->sizes[u]);
    }
    return gr_eval_finish(&out, path, err);
}

gr_status gr_averaged_scores_write_csv(const gr_averaged_scores *a, const char *path, gr_error *err)
{
    const gr_score_predictions *p = &a->predictions;
    bool with_column = p->groups == NULL || strcmp(p->group_column, a->column) != 0;
    gr_text out = {0};
    gr_eval_score_prediction_header(p, &out);
    put_unit(&out, with_column, a->column, NULL, 0);
    for (int64_t u = 0; u < p->count; u++) {
        gr_eval_score_prediction_row(p, u, &out);
        put_unit(&out, with_column, a->column, a->values[u], a->sizes[u]);
    }
    return gr_eval_finish(&out, path, err);
}
