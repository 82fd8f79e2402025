/* Pictures through models, batch by batch. A picture that one model explains goes straight through; one that several do
 * waits, with a few dozen others, until each of them has had its turn. */
#include "explain/pass.h"

#include <string.h>

#include "explain/maps.h"
#include "run/apply/model_finder.h"

enum { BATCH = 32 };

/* ---- models
 * ------------------------------------------------------------------------------------------------------------------- */

gr_status gr_pass_model(gr_pass_models *m, int index, gr_error *err)
{
    if (m->is_open && m->open == index)
        return GR_OK;
    if (m->is_open)
        gr_subject_close(&m->subject);
    gr_status status = gr_subject_open(&m->files, index, &m->aim, &m->subject, err);
    m->is_open = status == GR_OK;
    m->open = index;
    return status;
}

static gr_status make_loader(const gr_pass_models *m, const gr_face_cut *cut, const gr_sample *samples, int64_t count,
                             gr_loader **out, gr_error *err)
{
    const gr_card *card = &m->files.card;
    gr_loader_options options = {.samples = samples,
                                 .count = count,
                                 .size = (int)card->model.size,
                                 .channels = (int)card->model.channels,
                                 .transforms = card->transforms,
                                 .transform_count = card->transform_count,
                                 .transforms_key = "the model's transforms",
                                 .cutter = cut != NULL ? gr_face_cut_cutter(cut) : NULL,
                                 .cache_bytes = m->files.count > 1 ? (size_t)256 << 20 : 1,
                                 .fast_dct = card->fast_dct,
                                 .tolerant = true};
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)card->mean[c];
        options.std[c] = (float)card->std[c];
    }
    return gr_loader_create(&options, out, err);
}

static gr_status open_cut(const gr_card_crop *crop, gr_face_cut **out, gr_error *err)
{
    const gr_face_cut_options options = {crop->detector, crop->margin, crop->square, crop->key, &gr_model_detector};
    return crop->detector != NULL ? gr_face_cut_open(&options, out, err) : GR_OK;
}

gr_status gr_pass_open(gr_pass_models *models, const gr_sample *samples, int64_t count, gr_image_pass *out, gr_error *err)
{
    size_t size = (size_t)models->files.card.model.size;
    *out = (gr_image_pass){.models = models, .samples = samples, .map = gr_alloc(size * size, sizeof *out->map)};
    gr_status status = out->map != NULL ? gr_image_make((int)size, (int)size, &out->picture, err)
                                        : gr_fail(err, GR_NOMEM, "no memory for a map");
    if (status == GR_OK)
        status = open_cut(&models->files.card.crop, &out->cut, err);
    if (status == GR_OK)
        status = make_loader(models, out->cut, samples, count, &out->loader, err);
    return status;
}

void gr_pass_close(gr_image_pass *p)
{
    gr_loader_destroy(p->loader);
    gr_face_cut_close(p->cut);
    gr_image_free(&p->picture);
    gr_average_close(&p->average);
    gr_free(p->map);
    *p = (gr_image_pass){0};
}

/* ---- telling
 * ------------------------------------------------------------------------------------------------------------------ */

static gr_status tell_problem(const gr_image_pass *p, int64_t sample, const char *problem, gr_error *err)
{
    const char *path = p->samples[sample].path;
    size_t length = strlen(path);
    if (strncmp(problem, path, length) == 0 && gr_starts_with(problem + length, ": "))
        problem += length + 2;
    return p->each(p->ctx, &(gr_explanation){.sample = sample, .problem = problem}, err);
}

/* The picture as the network reads it, in 8 bits. */
static void show(gr_image_pass *p, const float *pixels)
{
    const gr_card *card = &p->models->files.card;
    int64_t channels = card->model.channels, count = card->model.size * card->model.size;
    bool swapped = false;
    for (int t = 0; t < card->transform_count; t++)
        swapped ^= card->transforms[t].kind == GR_TRANSFORM_BGR;
    for (int64_t i = 0; i < count; i++)
        for (int c = 0; c < 3; c++) {
            int from = channels == 1 ? 0 : swapped ? 2 - c : c;
            float v = (pixels[i * channels + from] * (float)card->std[from] + (float)card->mean[from]) * 255 + 0.5f;
            p->picture.pixels[3 * i + c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
}

/* One method's result of one image: `numbers` are cells or the map. */
typedef struct told {
    const gr_crew_method *method;
    const gr_found *found;
    const float *numbers;
    double sum, gap;
} told;

static gr_status tell(gr_image_pass *p, int64_t sample, const char *fold, const gr_origin *origin, const told *t, gr_error *err)
{
    const gr_aim *aim = &p->models->aim;
    const gr_crew_method *m = t->method;
    int size = (int)p->models->files.card.model.size;
    bool cells = m->method->cells;
    if (cells)
        gr_map_draw(t->numbers, m->at.rows, m->at.columns, size, p->map);
    const gr_explanation explanation = {.sample = sample,
                                        .method = m->method->name,
                                        .layer = m->at.layer,
                                        .fold = fold,
                                        .class_name = aim->names[t->found->name],
                                        .probability = t->found->probability,
                                        .logit = t->found->value,
                                        .sum = cells ? gr_map_sum(t->numbers, m->numbers) : t->sum,
                                        .gap = t->gap,
                                        .predicted = t->found->predicted >= 0 ? aim->names[t->found->predicted] : NULL,
                                        .confidence = t->found->confidence,
                                        .is_signed = m->method->is_signed,
                                        .size = size,
                                        .map = cells ? p->map : t->numbers,
                                        .cell_rows = cells ? m->at.rows : 0,
                                        .cell_columns = cells ? m->at.columns : 0,
                                        .cells = cells ? t->numbers : NULL,
                                        .picture = &p->picture,
                                        .origin = *origin};
    return p->each(p->ctx, &explanation, err);
}

/* ---- batches
 * ------------------------------------------------------------------------------------------------------------------ */

/* Which models a batch goes through, and what comes of it. */
typedef struct turn {
    const char *fold;
    int64_t at;             /* of its first image among those of the pass */
    bool several, last;     /* it is averaged; this is the last model of them */
    bool settled;           /* average.decided is no guess */
    int64_t *again, *count; /* images whose class was guessed wrong are added here */
} turn;

/* Image i of the batch by all methods. */
static gr_status tell_image(gr_image_pass *p, const gr_crew *crew, int64_t sample, int64_t i, const turn *t, gr_error *err)
{
    const gr_average *a = &p->average;
    gr_status status = GR_OK;
    for (int m = 0; status == GR_OK && m < crew->count; m++) {
        const gr_crew_method *c = &crew->methods[m];
        int64_t place = m * GR_AVERAGE_MOST + t->at + i;
        told one = {.method = c};
        if (t->several) {
            one.found = &a->found[place];
            one.numbers = a->sums[m] + (t->at + i) * c->numbers;
            one.sum = a->sum[place];
            one.gap = a->gap[place];
        } else {
            one.found = &c->batch.images.found[i];
            one.numbers = gr_crew_numbers(crew, m, i);
            one.sum = c->batch.sums[i];
            one.gap = c->batch.gaps[i];
        }
        status = tell(p, sample, t->fold, &gr_loader_origins(p->loader)[i], &one, err);
    }
    return status;
}

static gr_status tell_batch(gr_image_pass *p, const gr_crew *crew, const float *pixels, const int64_t *samples, int64_t n,
                            const turn *t, gr_error *err)
{
    gr_average *a = &p->average;
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        const char *problem = gr_loader_problem(p->loader, samples[i]);
        if (problem != NULL) {
            status = tell_problem(p, samples[i], problem, err);
        } else if (t->several && !t->settled && gr_average_guessed_wrong(a, &p->models->aim, t->at + i)) {
            /* decided[*count] is of an image before this one, or its own: it is not read again */
            memcpy(a->decided + *t->count * a->answers, a->mean + (t->at + i) * a->answers,
                   (size_t)a->answers * sizeof *a->mean);
            t->again[(*t->count)++] = samples[i];
        } else {
            show(p, pixels + i * crew->subject->pixels);
            status = tell_image(p, crew, samples[i], i, t, err);
        }
    }
    return status;
}

/* The open model over samples order[count]. `first`: of several models this is the first. */
static gr_status through(gr_image_pass *p, gr_crew *crew, const int64_t *order, int64_t count, bool first, turn t, gr_error *err)
{
    gr_average *a = &p->average;
    gr_status status = gr_loader_start(p->loader, 0, order, count, crew->batch, false, err);
    while (status == GR_OK && t.at < count) {
        const float *pixels, *decided = t.several && (t.settled || !first) ? a->decided + t.at * a->answers : NULL;
        const int64_t *samples;
        int64_t n = 0;
        if (p->stop != NULL && *p->stop)
            return gr_fail(err, GR_INTERRUPTED, "stopped before all images were explained");
        status = gr_loader_next(p->loader, &pixels, &samples, &n, err);
        if (status == GR_OK)
            status = gr_crew_run(crew, pixels, n, decided, err);
        if (status == GR_OK && t.several)
            gr_average_add(a, crew, t.at, n, first, !t.settled);
        if (status == GR_OK && t.last)
            status = tell_batch(p, crew, pixels, samples, n, &t, err);
        t.at += n;
    }
    return status;
}

/* The methods on model `index`, for so many images at once that the last batch lacks few. */
static gr_status open_crew(gr_pass_models *m, int index, int64_t count, gr_crew *out, gr_error *err)
{
    int64_t batches = (count + BATCH - 1) / BATCH;
    gr_status status = gr_pass_model(m, index, err);
    return status == GR_OK ? gr_crew_open(&m->subject, m->methods, m->options.method_count, &m->options,
                                          (count + batches - 1) / batches, out, err)
                           : status;
}

gr_status gr_pass_one(gr_image_pass *p, int model, const int64_t *order, int64_t count, const char *fold, gr_error *err)
{
    gr_crew crew;
    gr_status status = open_crew(p->models, model, count, &crew, err);
    if (status != GR_OK)
        return status;
    status = through(p, &crew, order, count, true, (turn){.fold = fold, .last = true}, err);
    gr_crew_close(&crew);
    return status;
}

/* All models one after another. */
static gr_status each_model(gr_image_pass *p, const int64_t *order, int64_t count, turn t, gr_error *err)
{
    gr_status status = GR_OK;
    int models = p->models->files.count;
    for (int m = 0; status == GR_OK && m < models; m++) {
        gr_crew crew;
        status = open_crew(p->models, m, count, &crew, err);
        if (status != GR_OK)
            break;
        if (!p->averages)
            status = gr_average_open(&crew, models, &p->average, err);
        p->averages = true;
        if (status == GR_OK && m == 0)
            gr_average_empty(&p->average, &crew);
        t.last = m == models - 1;
        if (status == GR_OK)
            status = through(p, &crew, order, count, m == 0, t, err);
        gr_crew_close(&crew);
    }
    return status;
}

gr_status gr_pass_all(gr_image_pass *p, const int64_t *order, int64_t count, const char *fold, gr_error *err)
{
    int64_t again[GR_AVERAGE_MOST], guessed_wrong = 0;
    turn t = {.fold = fold, .several = true, .again = again, .count = &guessed_wrong};
    gr_status status = each_model(p, order, count, t, err);
    t.settled = true;
    return status == GR_OK && guessed_wrong > 0 ? each_model(p, again, guessed_wrong, t, err) : status;
}
