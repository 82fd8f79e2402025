/* predictions_averaged.csv. */
#include <string.h>

#include "grimace/results.h"
#include "run/write/pieces.h"

gr_status gr_averaged_write_csv(const gr_averaged *a, const char *path, gr_error *err)
{
    const gr_predictions *p = &a->predictions;
    bool with_column = p->groups == NULL || strcmp(p->group_column, a->column) != 0; /* the group stands there already */
    gr_text out = {0};
    gr_eval_prediction_header(p, &out);
    if (with_column) {
        gr_text_add(&out, ",", 1);
        gr_csv_put_joined(&out, "", a->column);
    }
    gr_text_printf(&out, ",images\n");
    for (int64_t u = 0; u < p->count; u++) {
        gr_eval_prediction_row(p, u, &out);
        if (with_column) {
            gr_text_add(&out, ",", 1);
            gr_csv_put_joined(&out, "", a->values[u]);
        }
        gr_text_printf(&out, ",%lld\n", (long long)a->sizes[u]);
    }
    return gr_eval_finish(&out, path, err);
}
