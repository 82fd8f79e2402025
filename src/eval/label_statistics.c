/* The statistics of several columns of classes: those of each column, and of their total. */
#include "base/base.h"
#include "eval/label_results.h"
#include "eval/statistics_private.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the statistics");
}

static gr_status judge_columns(const gr_label_predictions *p, int positive, const gr_statistics_options *options,
                               gr_statistics *out, gr_error *err)
{
    out->columns = gr_alloc((size_t)p->label_count, sizeof *out->columns);
    out->column_count = p->label_count;
    gr_status status = out->columns != NULL ? GR_OK : no_memory(err);
    for (int k = 0; status == GR_OK && k < p->label_count; k++) {
        gr_label_column column;
        status = gr_label_column_make(p, k, &column, err);
        if (status == GR_OK)
            status = gr_statistics_make(p->names[k], &column.predictions, positive, options, &out->columns[k], err);
        gr_label_column_free(&column);
        const gr_bootstrap *drawn = status == GR_OK ? out->columns[k].results.bootstrap : NULL;
        if (drawn != NULL)
            status = gr_bootstrap_copy(drawn, &out->results.labels->each[k].bootstrap, err);
        if (status == GR_OK)
            out->results.labels->each[k].confidence = options->confidence;
    }
    out->results.labels->bootstrap = options->bootstrap;
    return status;
}

static gr_status judge_total(const gr_label_predictions *p, const gr_statistics_options *options, gr_statistics *out, gr_error *err)
{
    double *numbers = gr_alloc((size_t)p->class_count, sizeof *numbers), *room = gr_alloc((size_t)p->count, 2 * sizeof *room);
    gr_status status = numbers != NULL && room != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK && gr_label_totals(p, numbers, room)) {
        const gr_score_column total = {p->count, p->fold, room, room + p->count};
        const gr_score_predictions rows = {.count = p->count, .images = p->images, .groups = p->groups};
        out->agreement = gr_alloc(1, sizeof *out->agreement);
        status = out->agreement != NULL ? gr_statistics_agree(&rows, &total, options, out->agreement,
                                                              &out->results.labels->total.bootstrap, err)
                                        : no_memory(err);
    }
    gr_free(numbers);
    gr_free(room);
    return status;
}

gr_status gr_label_statistics_make(const char *name, const gr_label_predictions *p, int positive,
                                   const gr_statistics_options *options, gr_statistics *out, gr_error *err)
{
    gr_status status = gr_statistics_begin(p->images, p->count, options, out, err);
    if (status == GR_OK)
        status = gr_label_results_make(name, p, positive, &out->results, err);
    if (status == GR_OK) {
        out->results.confidence = options->confidence;
        status = judge_columns(p, positive, options, out, err);
    }
    if (status == GR_OK)
        status = judge_total(p, options, out, err);
    if (status != GR_OK)
        gr_statistics_free(out);
    return status;
}

gr_status gr_label_statistics_break_down(gr_statistics *s, const gr_label_predictions *p, const char *column,
                                         const char *const *values, gr_error *err)
{
    gr_parted parted;
    gr_label_predictions rows = *p;
    int positive = s->results.labels->each[0].positive;
    gr_status status = gr_statistics_part(s, column, values, p->count, &parted, err);
    if (status == GR_OK) {
        rows.folds = parted.names;
        rows.fold_count = parted.count;
        rows.fold = parted.of_row;
        status = gr_label_results_make(column, &rows, positive, &s->by[s->by_count], err);
    }
    return gr_statistics_parted(s, &parted, status);
}
