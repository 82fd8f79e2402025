/* Trials of maps, batch by batch: the maps are made once more, as no trial could do with numbers in files alone. */
#include <math.h>
#include <string.h>

#include "explain/explainer.h"
#include "explain/gradient.h"
#include "explain/maps.h"
#include "explain/ready.h"
#include "explain/trial.h"

enum { BATCH = 32, MOST = 128, CURVES = 2 };

/* The trials on one pass. */
typedef struct checker {
    gr_explainer *explainer;
    gr_image_pass pass; /* its loader */
    const gr_explain_faces *faces;
    gr_explain_heard each;
    void *ctx;
    const volatile sig_atomic_t *stop;
    const char *const *problems; /* of the samples; NULL: it can be asked about */
    int64_t left_out;
    const char *fold;
} checker;

/* One batch's buffers. */
typedef struct batch {
    float *pixels, *maps, *seeds;
    double *points, *numbers; /* numbers [BATCH, gr_trial_numbers()], by trial */
    int64_t samples[BATCH];
    gr_origin origins[BATCH];
    gr_subject_batch images;
} batch;

int gr_explain_check_count(void)
{
    return gr_trial_columns();
}

const char *gr_explain_check_name(int i)
{
    const gr_trial *trial;
    for (int t = 0; (trial = gr_trial_at(t)) != NULL && i >= 0; i -= trial->column_count, t++)
        if (i < trial->column_count)
            return trial->columns[i];
    return NULL;
}

/* ---- a batch ---------------------------------------------------------------------------------------------------------- */

static void free_batch(batch *b)
{
    gr_free(b->pixels);
    gr_free(b->maps);
    gr_free(b->seeds);
    gr_free(b->points);
    gr_free(b->numbers);
    gr_free(b->images.answers);
    gr_free(b->images.found);
}

static gr_status make_batch(const gr_subject *s, int points, batch *b, gr_error *err)
{
    *b = (batch){.pixels = gr_alloc((size_t)(BATCH * s->pixels), sizeof *b->pixels),
                 .maps = gr_alloc((size_t)(BATCH * s->size * s->size), sizeof *b->maps),
                 .seeds = gr_alloc((size_t)(BATCH * s->values), sizeof *b->seeds),
                 .points = gr_alloc((size_t)BATCH * 2 * (size_t)points + 1, sizeof *b->points),
                 .numbers = gr_alloc((size_t)BATCH * (size_t)gr_trial_numbers(), sizeof *b->numbers)};
    b->images.answers = gr_alloc((size_t)(BATCH * s->answers), sizeof *b->images.answers);
    b->images.found = gr_alloc(BATCH, sizeof *b->images.found);
    b->images.pixels = b->pixels;
    bool whole = b->pixels != NULL && b->maps != NULL && b->seeds != NULL && b->points != NULL && b->numbers != NULL &&
                 b->images.answers != NULL && b->images.found != NULL;
    return whole ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a batch of images");
}

/* Takes what the loader gave, without the images that could not be read. */
static void take(checker *c, const gr_subject *s, const float *pixels, const int64_t *samples, int64_t n, batch *b)
{
    const gr_origin *origins = gr_loader_origins(c->pass.loader);
    int points = c->faces->point_count;
    b->images.n = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = b->images.n;
        if (gr_loader_problem(c->pass.loader, samples[i]) != NULL) {
            c->left_out++;
            continue;
        }
        memcpy(b->pixels + at * s->pixels, pixels + i * s->pixels, (size_t)s->pixels * sizeof *pixels);
        b->origins[at] = origins[i];
        b->samples[at] = samples[i];
        if (points > 0)
            memcpy(b->points + at * 2 * points, c->faces->points + samples[i] * 2 * points,
                   2 * (size_t)points * sizeof *b->points);
        b->images.n++;
    }
}

/* ---- trials ----------------------------------------------------------------------------------------------------------- */

static gr_status tell(const checker *c, const batch *b, const char *method, gr_error *err)
{
    const gr_aim *aim = &c->explainer->models.aim;
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < b->images.n; i++) {
        double numbers[MOST], curves[CURVES * GR_EXPLAIN_CURVE_POINTS];
        const double *from = b->numbers;
        int count = 0, drawn = 0;
        const gr_trial *trial;
        for (int t = 0; (trial = gr_trial_at(t)) != NULL; t++) {
            int width = trial->column_count + trial->points;
            memcpy(numbers + count, from + i * width, (size_t)trial->column_count * sizeof *numbers);
            memcpy(curves + drawn, from + i * width + trial->column_count, (size_t)trial->points * sizeof *curves);
            count += trial->column_count;
            drawn += trial->points;
            from += b->images.n * width;
        }
        const gr_found *f = &b->images.found[i];
        status = c->each(c->ctx,
                         &(gr_explain_checked){.sample = b->samples[i],
                                               .method = method,
                                               .fold = c->fold,
                                               .class_name = aim->names[f->name],
                                               .predicted = f->predicted >= 0 ? aim->names[f->predicted] : NULL,
                                               .numbers = numbers,
                                               .curves = curves},
                         err);
    }
    return status;
}

/* All trials of method `m` of the crew, which has just run. */
static gr_status try_method(const checker *c, const gr_crew *crew, int m, batch *b, gr_error *err)
{
    gr_subject *s = crew->subject;
    const gr_crew_method *method = &crew->methods[m];
    const gr_trial_images images = {.subject = s,
                                    .n = b->images.n,
                                    .pixels = b->pixels,
                                    .answers = b->images.answers,
                                    .found = b->images.found,
                                    .seeds = b->seeds,
                                    .origins = b->origins,
                                    .points = b->points,
                                    .point_count = c->faces->point_count};
    const gr_trial_maps maps = {.method = method->method,
                                .options = &c->explainer->models.options,
                                .maps = method->method->cells ? b->maps : gr_crew_numbers(crew, m, 0),
                                .numbers = gr_crew_numbers(crew, m, 0),
                                .count = method->numbers};
    for (int64_t i = 0; method->method->cells && i < images.n; i++)
        gr_map_draw(gr_crew_numbers(crew, m, i), method->at.rows, method->at.columns, (int)s->size,
                    b->maps + i * s->size * s->size);
    for (int64_t k = 0; k < images.n * gr_trial_numbers(); k++)
        b->numbers[k] = (double)NAN;
    gr_status status = GR_OK;
    double *numbers = b->numbers;
    const gr_trial *trial;
    for (int t = 0; status == GR_OK && (trial = gr_trial_at(t)) != NULL; t++) {
        status = trial->run(&images, &maps, numbers, err);
        numbers += images.n * (trial->column_count + trial->points);
    }
    return status == GR_OK ? tell(c, b, method->method->name, err) : status;
}

static gr_status try_batch(const checker *c, gr_crew *crew, batch *b, gr_error *err)
{
    if (b->images.n == 0)
        return GR_OK;
    gr_status status = gr_gradient_choose(crew->subject, GR_AS_PREDICTED, &b->images, b->seeds, err);
    if (status == GR_OK)
        status = gr_crew_run(crew, b->pixels, b->images.n, b->images.answers, err);
    for (int m = 0; status == GR_OK && m < crew->count; m++)
        status = try_method(c, crew, m, b, err);
    return status;
}

/* Samples order[count] by model `index`. */
static gr_status try_model(checker *c, int index, const int64_t *order, int64_t count, gr_error *err)
{
    gr_pass_models *m = &c->explainer->models;
    gr_crew crew = {0};
    batch b = {0};
    gr_status status = gr_pass_model(m, index, err);
    if (status == GR_OK)
        status = gr_crew_open(&m->subject, m->methods, m->options.method_count, &m->options, count < BATCH ? count : BATCH,
                              &crew, err);
    if (status != GR_OK)
        return status;
    status = make_batch(&m->subject, c->faces->point_count, &b, err);
    if (status == GR_OK)
        status = gr_loader_start(c->pass.loader, 0, order, count, crew.batch, false, err);
    for (int64_t done = 0, n = 0; status == GR_OK && done < count; done += n) {
        const float *pixels;
        const int64_t *samples;
        if (c->stop != NULL && *c->stop) {
            status = gr_fail(err, GR_INTERRUPTED, "stopped before all images were checked");
            break;
        }
        status = gr_loader_next(c->pass.loader, &pixels, &samples, &n, err);
        if (status == GR_OK)
            take(c, &m->subject, pixels, samples, n, &b);
        if (status == GR_OK)
            status = try_batch(c, &crew, &b, err);
    }
    free_batch(&b);
    gr_crew_close(&crew);
    return status;
}

static gr_status try_all(checker *c, const gr_sample *samples, int64_t count, int64_t *order, gr_error *err)
{
    gr_explainer *e = c->explainer;
    int files = e->models.files.count;
    gr_status status = GR_OK;
    for (int64_t i = 0; files > 1 && i < count; i++)
        c->left_out += c->problems[i] != NULL || gr_explainer_model_of(e, samples[i].path) < 0;
    for (int m = 0; status == GR_OK && m < files; m++) {
        int64_t n = 0;
        for (int64_t i = 0; i < count; i++) {
            int model = gr_explainer_model_of(e, samples[i].path);
            if (c->problems[i] == NULL && (model == m || (model < 0 && files == 1)))
                order[n++] = i;
        }
        c->fold = e->folds != NULL ? e->folds[m] : "all";
        if (n > 0)
            status = try_model(c, m, order, n, err);
    }
    return status;
}

gr_status gr_explainer_check(gr_explainer *e, const gr_sample *samples, int64_t count, const gr_explain_faces *faces,
                             gr_explain_heard each, void *ctx, const volatile sig_atomic_t *stop, int64_t *left_out,
                             gr_error *err)
{
    checker c = {.explainer = e, .faces = faces, .each = each, .ctx = ctx, .stop = stop};
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    gr_ready ready = {0};
    const gr_model_files *files = &e->models.files;
    gr_status status = order != NULL ? gr_ready_open(&files->card, files->first, samples, count, stop, &ready, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for the images");
    c.problems = ready.problems;
    if (status == GR_OK)
        status = gr_pass_open(&e->models, ready.samples, count, &c.pass, err);
    if (status == GR_OK)
        status = try_all(&c, ready.samples, count, order, err);
    gr_pass_close(&c.pass);
    gr_ready_close(&ready);
    gr_free(order);
    *left_out = c.left_out;
    return status;
}
