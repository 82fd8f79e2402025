/* Sums of what several models find. */
#include "explain/average.h"

#include <string.h>

enum { MOST = GR_AVERAGE_MOST };

gr_status gr_average_open(const gr_crew *crew, int models, gr_average *out, gr_error *err)
{
    size_t methods = (size_t)crew->count, answers = (size_t)crew->subject->answers;
    *out = (gr_average){.models = models, .methods = crew->count, .answers = crew->subject->answers};
    out->sums = gr_alloc(methods, sizeof *out->sums);
    out->decided = gr_alloc(MOST * answers, sizeof *out->decided);
    out->mean = gr_alloc(MOST * answers, sizeof *out->mean);
    out->found = gr_alloc(MOST * methods, sizeof *out->found);
    out->sum = gr_alloc(MOST * methods, sizeof *out->sum);
    out->gap = gr_alloc(MOST * methods, sizeof *out->gap);
    bool whole = out->sums != NULL && out->decided != NULL && out->mean != NULL && out->found != NULL && out->sum != NULL &&
                 out->gap != NULL;
    for (size_t m = 0; whole && m < methods; m++)
        whole = (out->sums[m] = gr_alloc((size_t)(MOST * crew->methods[m].numbers), sizeof **out->sums)) != NULL;
    return whole ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the maps of %d images", MOST);
}

void gr_average_close(gr_average *a)
{
    for (int m = 0; a->sums != NULL && m < a->methods; m++)
        gr_free(a->sums[m]);
    gr_free(a->sums);
    gr_free(a->decided);
    gr_free(a->mean);
    gr_free(a->found);
    gr_free(a->sum);
    gr_free(a->gap);
    *a = (gr_average){0};
}

void gr_average_empty(gr_average *a, const gr_crew *crew)
{
    size_t places = MOST * (size_t)a->methods;
    for (int m = 0; m < a->methods; m++)
        memset(a->sums[m], 0, (size_t)(MOST * crew->methods[m].numbers) * sizeof **a->sums);
    memset(a->mean, 0, MOST * (size_t)a->answers * sizeof *a->mean);
    memset(a->found, 0, places * sizeof *a->found);
    memset(a->sum, 0, places * sizeof *a->sum);
    memset(a->gap, 0, places * sizeof *a->gap);
}

static void add_method(gr_average *a, const gr_crew_method *c, int m, int64_t at, int64_t n)
{
    const float *numbers = c->method->cells ? c->batch.cells : c->batch.maps;
    float *sums = a->sums[m] + at * c->numbers;
    double share = 1.0 / a->models;
    for (int64_t k = 0; k < n * c->numbers; k++)
        sums[k] += numbers[k] / (float)a->models;
    for (int64_t i = 0; i < n; i++) {
        const gr_found *one = &c->batch.images.found[i];
        int64_t place = m * MOST + at + i;
        gr_found *all = &a->found[place];
        all->name = one->name;
        all->predicted = one->predicted;
        all->value += one->value * share;
        all->probability += one->probability * share;
        all->confidence += one->confidence * share;
        a->sum[place] += c->batch.sums[i] * share;
        a->gap[place] += c->batch.gaps[i] * share;
    }
}

void gr_average_add(gr_average *a, const gr_crew *crew, int64_t at, int64_t n, bool first, bool guess)
{
    const float *answers = crew->methods[0].batch.images.answers;
    float *mean = a->mean + at * a->answers;
    if (first && guess)
        memcpy(a->decided + at * a->answers, answers, (size_t)(n * a->answers) * sizeof *answers);
    for (int64_t k = 0; k < n * a->answers; k++)
        mean[k] += answers[k] / (float)a->models;
    for (int m = 0; m < a->methods; m++)
        add_method(a, &crew->methods[m], m, at, n);
}

bool gr_average_guessed_wrong(const gr_average *a, const gr_aim *aim, int64_t at)
{
    bool wrong = false;
    for (int c = 0; aim->classes > 0 && c < aim->columns; c++)
        wrong = wrong || gr_aim_predicted(aim, a->decided + at * a->answers, c) !=
                             gr_aim_predicted(aim, a->mean + at * a->answers, c);
    return wrong;
}
