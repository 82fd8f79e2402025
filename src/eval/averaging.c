/* Probabilities of several images as one row. */
#include "grimace/averaging.h"

#include "base/base.h"
#include "eval/units.h"
#include "grimace/ordinal.h"

/* What gr_averaged owns beside `values` and `sizes`. */
typedef struct memory {
    gr_arena *arena;
    const char **images, **groups;
    int32_t *fold, *labels, *predicted;
    float *probabilities;
} memory;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to average predictions");
}

void gr_averaged_free(gr_averaged *a)
{
    memory *m = a->memory;
    if (m != NULL) {
        gr_arena_destroy(m->arena);
        gr_free(m->images);
        gr_free(m->groups);
        gr_free(m->fold);
        gr_free(m->labels);
        gr_free(m->predicted);
        gr_free(m->probabilities);
    }
    gr_free(m);
    gr_free(a->values);
    gr_free(a->sizes);
    *a = (gr_averaged){0};
}

static bool make_room(const gr_predictions *p, gr_averaged *out)
{
    size_t n = (size_t)p->count, cells = 0;
    memory *m = out->memory = gr_alloc(1, sizeof *m);
    return m != NULL && (m->arena = gr_arena_create()) != NULL && (m->images = gr_alloc(n, sizeof *m->images)) != NULL &&
           (m->groups = gr_alloc(n, sizeof *m->groups)) != NULL && (m->fold = gr_alloc(n, sizeof *m->fold)) != NULL &&
           (m->labels = gr_alloc(n, sizeof *m->labels)) != NULL &&
           (m->predicted = gr_alloc(n, sizeof *m->predicted)) != NULL && gr_mul_size(n, (size_t)p->class_count, &cells) &&
           (m->probabilities = gr_alloc(cells, sizeof *m->probabilities)) != NULL &&
           (out->values = gr_alloc(n, sizeof *out->values)) != NULL &&
           (out->sizes = gr_alloc(n, sizeof *out->sizes)) != NULL;
}

/* The unit's first row: everything but its probabilities. */
static bool begin_unit(const gr_predictions *p, int64_t row, int64_t unit, gr_averaged *out)
{
    memory *m = out->memory;
    m->groups[unit] = p->groups != NULL ? p->groups[row] : NULL;
    m->images[unit] = gr_units_name(m->arena, p->group_column, m->groups[unit], out->column, out->values[unit]);
    m->fold[unit] = p->fold[row];
    m->labels[unit] = p->labels[row];
    return m->images[unit] != NULL;
}

/* Sums over rows in their order, then the means and the classes. */
static gr_status average(const gr_predictions *p, const int64_t *unit, const char *const *values, double *sums,
                         gr_averaged *out, gr_error *err)
{
    memory *m = out->memory;
    int classes = p->class_count;
    int64_t units = out->predictions.count;
    for (int64_t i = 0; i < p->count; i++) {
        int64_t u = unit[i];
        if (out->sizes[u]++ == 0) {
            out->values[u] = values[i];
            if (!begin_unit(p, i, u, out))
                return no_memory(err);
        }
        if (p->labels[i] != m->labels[u])
            return gr_fail(
                err, GR_INVALID,
                "%s %.80s: %.200s is of class %s, other images that it would be averaged with are of class %s; one "
                "class would be right",
                out->column, m->images[u], p->images[i], p->classes[p->labels[i]], p->classes[m->labels[u]]);
        for (int c = 0; c < classes; c++)
            sums[u * classes + c] += (double)p->probabilities[i * classes + c];
    }
    for (int64_t u = 0; u < units; u++) {
        for (int c = 0; c < classes; c++)
            m->probabilities[u * classes + c] = (float)(sums[u * classes + c] / (double)out->sizes[u]);
    }
    return GR_OK;
}

void gr_averaged_decide(gr_averaged *a, gr_decision decide)
{
    memory *m = a->memory;
    int classes = a->predictions.class_count;
    for (int64_t u = 0; u < a->predictions.count; u++)
        m->predicted[u] = decide(m->probabilities + u * classes, classes);
}

gr_status gr_average_predictions(const gr_predictions *p, const char *column, const char *const *values, gr_averaged *out,
                                 gr_error *err)
{
    *out = (gr_averaged){.column = column};
    int64_t *unit = NULL, units = 0;
    double *sums = NULL;
    size_t cells = 0;
    gr_status status = make_room(p, out) ? GR_OK : no_memory(err);
    memory *m = out->memory;
    if (status == GR_OK && (unit = gr_units_number(p->count, p->fold, p->groups, values, m->arena, &units)) == NULL)
        status = no_memory(err);
    if (status == GR_OK && gr_mul_size((size_t)units, (size_t)p->class_count, &cells))
        sums = gr_alloc(cells, sizeof *sums);
    if (status == GR_OK && sums == NULL)
        status = no_memory(err);
    if (status == GR_OK) {
        out->predictions = *p;
        out->predictions.count = units;
        out->predictions.images = m->images;
        out->predictions.groups = p->groups != NULL ? m->groups : NULL;
        out->predictions.fold = m->fold;
        out->predictions.labels = m->labels;
        out->predictions.predicted = m->predicted;
        out->predictions.probabilities = m->probabilities;
        status = average(p, unit, values, sums, out, err);
    }
    if (status == GR_OK)
        gr_averaged_decide(out, p->ordered ? gr_predict_median : gr_predict_class);
    gr_free(unit);
    gr_free(sums);
    if (status != GR_OK)
        gr_averaged_free(out);
    return status;
}

gr_status gr_results_average(gr_results *results, const gr_averaged *averaged, const gr_bootstrap_options *options,
                             gr_error *err)
{
    gr_results *made = gr_alloc(1, sizeof *made);
    char *over = gr_strdup(averaged->column);
    gr_text name = {0};
    gr_text_printf(&name, "%s, averaged over %s", results->name, averaged->column);
    gr_status status = made != NULL && over != NULL && !name.failed ? GR_OK : no_memory(err);
    if (status == GR_OK)
        status = gr_results_make(name.data, &averaged->predictions, results->positive, made, err);
    if (status == GR_OK) {
        made->confidence = results->confidence;
        if (options != NULL && options->count > 0)
            status = gr_results_bootstrap(made, &averaged->predictions, options, err);
        if (status == GR_OK && results->ordinal != NULL)
            status = gr_results_add_ordinal(made, &averaged->predictions, err);
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
