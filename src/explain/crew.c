/* Methods at work on one model. */
#include "explain/crew.h"

#include <math.h>
#include <string.h>

static gr_status open_method(gr_crew *crew, gr_crew_method *m, const gr_explain_options *options, gr_error *err)
{
    gr_subject *s = crew->subject;
    gr_method_batch *b = &m->batch;
    size_t n = (size_t)crew->batch;
    gr_status status = gr_method_check(m->method, s, err);
    m->at.layer = "";
    if (status == GR_OK)
        status = m->method->open(s, options, crew->batch, &m->at, &m->state, err);
    if (status != GR_OK)
        return status;
    m->numbers = m->method->cells ? (int64_t)m->at.rows * m->at.columns : s->size * s->size;
    float *numbers = gr_alloc(n * (size_t)m->numbers, sizeof *numbers);
    *(m->method->cells ? &b->cells : &b->maps) = numbers;
    b->sums = gr_alloc(n, sizeof *b->sums);
    b->gaps = gr_alloc(n, sizeof *b->gaps);
    b->images.answers = gr_alloc(n * (size_t)s->answers, sizeof *b->images.answers);
    b->images.found = gr_alloc(n, sizeof *b->images.found);
    if (numbers == NULL || b->sums == NULL || b->gaps == NULL || b->images.answers == NULL || b->images.found == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld heat maps", (long long)crew->batch);
    return GR_OK;
}

gr_status gr_crew_open(gr_subject *subject, const gr_method *const *methods, int count, const gr_explain_options *options,
                       int64_t batch, gr_crew *out, gr_error *err)
{
    *out = (gr_crew){.subject = subject, .methods = gr_alloc((size_t)count, sizeof *out->methods), .batch = batch};
    gr_status status = out->methods != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the methods");
    for (int m = 0; status == GR_OK && m < count; m++) {
        out->methods[m].method = methods[m];
        out->count++;
        status = open_method(out, &out->methods[m], options, err);
    }
    if (status != GR_OK)
        gr_crew_close(out);
    return status;
}

void gr_crew_close(gr_crew *crew)
{
    for (int m = 0; m < crew->count; m++) {
        gr_crew_method *c = &crew->methods[m];
        c->method->close(c->state);
        gr_free(c->batch.cells);
        gr_free(c->batch.maps);
        gr_free(c->batch.sums);
        gr_free(c->batch.gaps);
        gr_free(c->batch.images.answers);
        gr_free(c->batch.images.found);
    }
    gr_free(crew->methods);
    *crew = (gr_crew){0};
}

gr_status gr_crew_run(gr_crew *crew, const float *pixels, int64_t n, const float *decided, gr_error *err)
{
    gr_status status = GR_OK;
    for (int m = 0; status == GR_OK && m < crew->count; m++) {
        gr_crew_method *c = &crew->methods[m];
        gr_method_batch *b = &c->batch;
        b->images.n = n;
        b->images.pixels = pixels;
        b->images.decided = decided;
        if (b->maps != NULL)
            memset(b->maps, 0, (size_t)(n * c->numbers) * sizeof *b->maps);
        for (int64_t i = 0; i < n; i++)
            b->gaps[i] = (double)NAN;
        status = c->method->run(c->state, b, err);
    }
    return status;
}

float *gr_crew_numbers(const gr_crew *crew, int m, int64_t i)
{
    const gr_crew_method *c = &crew->methods[m];
    return (c->method->cells ? c->batch.cells : c->batch.maps) + i * c->numbers;
}
