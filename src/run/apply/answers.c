#include "run/apply/answers.h"

#include <math.h>

static gr_status make_room(int64_t count, int models, size_t width, gr_answered *out, gr_error *err)
{
    size_t numbers, all;
    *out = (gr_answered){.count = count, .models = models, .width = width};
    bool fits = gr_mul_size((size_t)count, width, &numbers) && gr_mul_size(numbers, (size_t)models, &all);
    if (fits) {
        out->each = gr_alloc(all, sizeof *out->each);
        out->mean = gr_alloc(numbers, sizeof *out->mean);
        out->voices = gr_alloc((size_t)count, sizeof *out->voices);
        out->spread = gr_alloc((size_t)count, sizeof *out->spread);
        out->problems = gr_alloc((size_t)count, sizeof *out->problems);
    }
    return out->each != NULL && out->mean != NULL && out->voices != NULL && out->spread != NULL && out->problems != NULL
               ? GR_OK
               : gr_fail(err, GR_NOMEM, "no memory for the predictions of %lld images", (long long)count);
}

/* Mean and spread of image `i` over the models that were asked (`knows` NULL: all). voices[models] is scratch. */
static gr_status join(const gr_predictor *p, gr_answered *a, int64_t i, const bool *knows, int positive, const float **voices,
                      gr_error *err)
{
    const gr_task *task = gr_predictor_task(p);
    int n = 0;
    for (int m = 0; m < a->models; m++)
        if (knows == NULL || !knows[i * a->models + m])
            voices[n++] = a->each + ((size_t)m * (size_t)a->count + (size_t)i) * a->width;
    a->voices[i] = a->problems[i] == NULL ? n : 0;
    a->spread[i] = NAN;
    if (a->voices[i] == 0)
        return GR_OK;
    if (n > 1)
        a->spread[i] = task->spread(&gr_predictor_files(p)->card, positive, voices, n);
    float *to = a->mean + (size_t)i * a->width;
    if (task->target.join != NULL)
        return task->target.join(voices, n, to, err);
    for (size_t k = 0; k < a->width; k++) {
        double sum = 0.0;
        for (int m = 0; m < n; m++)
            sum += (double)voices[m][k];
        to[k] = (float)(sum / n);
    }
    return GR_OK;
}

static gr_status join_all(const gr_predictor *p, gr_answered *a, const bool *knows, int positive, gr_error *err)
{
    const float **voices = gr_alloc((size_t)a->models, sizeof *voices);
    if (voices == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions");
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < a->count; i++)
        status = join(p, a, i, knows, positive, voices, err);
    gr_free(voices);
    return status;
}

gr_status gr_answers_make(gr_predictor *p, const gr_questions *q, int positive, const volatile sig_atomic_t *stop,
                          gr_answered *out, gr_error *err)
{
    gr_status status = make_room(q->count, gr_predictor_files(p)->count, gr_predictor_width(p), out, err);
    if (status == GR_OK)
        status = gr_predictor_run_each(p, q, out->each, out->problems, stop, err);
    if (status == GR_OK)
        status = join_all(p, out, q->knows, positive, err);
    if (status != GR_OK)
        gr_answered_free(out);
    return status;
}

/* The mean of unit `u` by model `m`. */
static void average_unit(const gr_answered *in, const int64_t *unit, int m, double *sums, const int64_t *sizes,
                         gr_answered *out)
{
    for (size_t k = 0; k < (size_t)out->count * out->width; k++)
        sums[k] = 0.0;
    for (int64_t i = 0; i < in->count; i++)
        for (size_t k = 0; in->voices[i] > 0 && k < in->width; k++)
            sums[(size_t)unit[i] * in->width + k] +=
                (double)in->each[((size_t)m * (size_t)in->count + (size_t)i) * in->width + k];
    for (size_t k = 0; k < (size_t)out->count * out->width; k++)
        out->each[(size_t)m * (size_t)out->count * out->width + k] = (float)(sums[k] / (double)sizes[k / out->width]);
}

gr_status gr_answers_average(const gr_predictor *p, const gr_answered *in, const int64_t *unit, int64_t units, int positive,
                             gr_answered *out, gr_error *err)
{
    gr_status status = make_room(units, in->models, in->width, out, err);
    double *sums = gr_alloc((size_t)units, in->width * sizeof *sums);
    int64_t *sizes = gr_alloc((size_t)units, sizeof *sizes);
    if (status == GR_OK && (sums == NULL || sizes == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory for the predictions of %lld units", (long long)units);
    for (int64_t i = 0; status == GR_OK && i < in->count; i++)
        sizes[unit[i]] += in->voices[i] > 0;
    for (int64_t u = 0; status == GR_OK && u < units; u++)
        out->problems[u] = sizes[u] == 0 ? "none of its images could be read" : NULL;
    for (int m = 0; status == GR_OK && m < in->models; m++)
        average_unit(in, unit, m, sums, sizes, out);
    if (status == GR_OK)
        status = join_all(p, out, NULL, positive, err);
    gr_free(sums);
    gr_free(sizes);
    if (status != GR_OK)
        gr_answered_free(out);
    return status;
}

void gr_answered_free(gr_answered *a)
{
    gr_free(a->each);
    gr_free(a->mean);
    gr_free(a->voices);
    gr_free(a->spread);
    gr_free(a->problems);
    *a = (gr_answered){0};
}
