/* Scores of several images as one row. */
#include <math.h>

#include "base/base.h"
#include "eval/units.h"
#include "grimace/averaging.h"

/* What gr_averaged_scores owns beside `values` and `sizes`. */
typedef struct memory {
    gr_arena *arena;
    const char **images, **groups;
    int32_t *fold;
    double *truth, *predicted;
} memory;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to average scores");
}

void gr_averaged_scores_free(gr_averaged_scores *a)
{
    memory *m = a->memory;
    if (m != NULL) {
        gr_arena_destroy(m->arena);
        gr_free(m->images);
        gr_free(m->groups);
        gr_free(m->fold);
        gr_free(m->truth);
        gr_free(m->predicted);
    }
    gr_free(m);
    gr_free(a->values);
    gr_free(a->sizes);
    *a = (gr_averaged_scores){0};
}

static bool make_room(const gr_score_predictions *p, gr_averaged_scores *out)
{
    size_t n = (size_t)p->count, cells = 0;
    memory *m = out->memory = gr_alloc(1, sizeof *m);
    return m != NULL && (m->arena = gr_arena_create()) != NULL && (m->images = gr_alloc(n, sizeof *m->images)) != NULL &&
           (m->groups = gr_alloc(n, sizeof *m->groups)) != NULL && (m->fold = gr_alloc(n, sizeof *m->fold)) != NULL &&
           gr_mul_size(n, (size_t)p->outputs, &cells) && (m->truth = gr_alloc(cells, sizeof *m->truth)) != NULL &&
           (m->predicted = gr_alloc(cells, sizeof *m->predicted)) != NULL &&
           (out->values = gr_alloc(n, sizeof *out->values)) != NULL &&
           (out->sizes = gr_alloc(n, sizeof *out->sizes)) != NULL;
}

/* The unit's first row: everything but its scores. */
static bool begin_unit(const gr_score_predictions *p, int64_t row, int64_t unit, gr_averaged_scores *out)
{
    memory *m = out->memory;
    m->groups[unit] = p->groups != NULL ? p->groups[row] : NULL;
    m->fold[unit] = p->fold[row];
    m->images[unit] = gr_units_name(m->arena, p->group_column, m->groups[unit], out->column, out->values[unit]);
    return m->images[unit] != NULL;
}

/* Sums over rows in their order, then the means; known[units, outputs] counts the labels. A predicted mean is a float, as
 * the scores themselves are, so that the table in a file is the one that was judged. */
static gr_status average(const gr_score_predictions *p, const int64_t *unit, const char *const *values, int64_t *known,
                         gr_averaged_scores *out, gr_error *err)
{
    memory *m = out->memory;
    int64_t outputs = p->outputs;
    for (int64_t i = 0; i < p->count; i++) {
        int64_t u = unit[i];
        if (out->sizes[u]++ == 0) {
            out->values[u] = values[i];
            if (!begin_unit(p, i, u, out))
                return no_memory(err);
        }
        for (int64_t k = 0; k < outputs; k++) {
            double truth = p->truth[i * outputs + k];
            m->truth[u * outputs + k] += isnan(truth) ? 0.0 : truth;
            known[u * outputs + k] += !isnan(truth);
            m->predicted[u * outputs + k] += p->predicted[i * outputs + k];
        }
    }
    for (int64_t i = 0; i < out->predictions.count * outputs; i++) {
        m->truth[i] = known[i] > 0 ? m->truth[i] / (double)known[i] : NAN;
        m->predicted[i] = (double)(float)(m->predicted[i] / (double)out->sizes[i / outputs]);
    }
    return GR_OK;
}

gr_status gr_average_scores(const gr_score_predictions *p, const char *column, const char *const *values,
                            gr_averaged_scores *out, gr_error *err)
{
    *out = (gr_averaged_scores){.column = column};
    int64_t *unit = NULL, *known = NULL, units = 0;
    gr_status status = make_room(p, out) ? GR_OK : no_memory(err);
    memory *m = out->memory;
    if (status == GR_OK && (unit = gr_units_number(p->count, p->fold, p->groups, values, m->arena, &units)) == NULL)
        status = no_memory(err);
    if (status == GR_OK && (known = gr_alloc((size_t)units * (size_t)p->outputs, sizeof *known)) == NULL)
        status = no_memory(err);
    if (status == GR_OK) {
        out->predictions = *p;
        out->predictions.count = units;
        out->predictions.images = m->images;
        out->predictions.groups = p->groups != NULL ? m->groups : NULL;
        out->predictions.fold = m->fold;
        out->predictions.truth = m->truth;
        out->predictions.predicted = m->predicted;
        status = average(p, unit, values, known, out, err);
    }
    gr_free(unit);
    gr_free(known);
    if (status != GR_OK)
        gr_averaged_scores_free(out);
    return status;
}

gr_status gr_results_average_scores(gr_results *results, const gr_averaged_scores *averaged,
                                    const gr_bootstrap_options *options, gr_error *err)
{
    gr_results *made = gr_alloc(1, sizeof *made);
    char *over = gr_strdup(averaged->column);
    gr_text name = {0};
    gr_text_printf(&name, "%s, averaged over %s", results->name, averaged->column);
    gr_status status = made != NULL && over != NULL && !name.failed ? GR_OK : no_memory(err);
    if (status == GR_OK)
        status = gr_score_results_make(name.data, &averaged->predictions, made, err);
    if (status == GR_OK && options != NULL && options->count > 0) {
        status = gr_score_results_bootstrap(made, &averaged->predictions, options, err);
        if (status != GR_OK)
            gr_results_free(made);
    }
    gr_text_free(&name);
    if (status != GR_OK) {
        gr_free(made);
        gr_free(over);
        return status;
    }
    results->averaged = made;
    results->averaged_over = over;
    return GR_OK;
}
