/* Predictions from model files: the learner that wrote them says what it makes of images, their task how that reads. */
#include "run/apply/predictor.h"

#include <string.h>

#include "detect/face_cut.h"
#include "formats/csv.h"
#include "run/apply/model_finder.h"
#include "run/apply/model_set.h"

struct gr_predictor {
    gr_model_set set;
    gr_face_cut *cut; /* NULL: whole pictures */
    gr_arena *texts; /* what is wrong with images */
};

/* The detector that the model's card names. */
static gr_status open_cut(const char *path, const gr_card_crop *crop, gr_face_cut **out, gr_error *err)
{
    if (crop->detector == NULL)
        return GR_OK;
    const gr_face_cut_options options = {crop->detector, crop->margin, crop->square, crop->key, &gr_model_detector};
    gr_status status = gr_face_cut_open(&options, out, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s: cuts faces out by a detector", path);
    return status;
}

gr_status gr_predictor_open(const char *path, gr_predictor **out, gr_error *err)
{
    *out = NULL;
    gr_predictor *p = gr_alloc(1, sizeof *p);
    if (p == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    gr_status status = gr_model_set_open(path, &p->set, err);
    if (status == GR_OK && p->set.files.count == 1 && gr_predictor_seen(p) == 0) /* one pass over the pictures */
        status = gr_model_set_forget(&p->set, err);
    if (status == GR_OK)
        status = open_cut(path, &p->set.files.card.crop, &p->cut, err);
    if (status == GR_OK && (p->texts = gr_arena_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a model");
    if (status != GR_OK) {
        gr_predictor_close(p);
        return status;
    }
    *out = p;
    return GR_OK;
}

void gr_predictor_close(gr_predictor *p)
{
    if (p == NULL)
        return;
    gr_arena_destroy(p->texts);
    gr_face_cut_close(p->cut);
    gr_model_set_close(&p->set);
    gr_free(p);
}

const char *const *gr_predictor_classes(const gr_predictor *p, int *count)
{
    *count = (int)p->set.files.card.model.classes;
    return p->set.files.card.classes;
}

size_t gr_predictor_width(const gr_predictor *p)
{
    return p->set.task->target.width(&p->set.files.card);
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static void put_answers(const gr_predictor *p, const char *const *images, int64_t count, const float *predictions,
                        gr_text *out)
{
    const gr_answers answers = {.card = &p->set.files.card, .count = count, .images = images, .predictions = predictions};
    p->set.task->answer(&answers, out);
}

/* The bytes of the header of a CSV table, without the line's end, and how many columns it has. */
static size_t header_length(const char *table, int *columns)
{
    bool quoted = false;
    size_t at = 0;
    *columns = 1;
    for (; table[at] != '\0' && (quoted || table[at] != '\n'); at++) {
        quoted ^= table[at] == '"';
        *columns += !quoted && table[at] == ',';
    }
    return at;
}

/* Each row alone, so that the reason can stand behind it or in its place. */
static void put_with_problems(const gr_predictor *p, const char *const *images, int64_t count, const float *predictions,
                              const char *const *problems, gr_text *out)
{
    size_t width = gr_predictor_width(p);
    for (int64_t i = 0; i < count && !out->failed; i++) {
        gr_text row = {0};
        int columns = 0;
        put_answers(p, images + i, 1, predictions + (size_t)i * width, &row);
        out->failed = out->failed || row.failed;
        size_t header = row.failed ? 0 : header_length(row.data, &columns);
        if (i == 0 && !row.failed)
            gr_text_printf(out, "%.*s,error\n", (int)header, row.data);
        if (!row.failed && problems[i] == NULL) {
            gr_text_add(out, row.data + header + 1, row.size - header - 2);
            gr_text_printf(out, ",\n");
        } else if (!row.failed) {
            gr_csv_put(out, images[i], ',');
            for (int c = 1; c < columns; c++)
                gr_text_add(out, ",", 1);
            gr_csv_put(out, problems[i], '\n');
        }
        gr_text_free(&row);
    }
}

void gr_predictor_csv(const gr_predictor *p, const char *const *images, int64_t count, const float *predictions,
                      const char *const *problems, gr_text *out)
{
    bool some = false;
    for (int64_t i = 0; problems != NULL && !some && i < count; i++)
        some = problems[i] != NULL;
    if (some)
        put_with_problems(p, images, count, predictions, problems, out);
    else
        put_answers(p, images, count, predictions, out);
}

/* ---- predicting ------------------------------------------------------------------------------------------------------- */

static gr_status make_loader(const gr_predictor *p, const gr_sample *samples, int64_t count, bool tolerant, gr_loader **out,
                             gr_error *err)
{
    const gr_cutter *cutter = p->cut != NULL ? gr_face_cut_cutter(p->cut) : NULL;
    return gr_model_set_loader(&p->set, cutter, samples, count, tolerant, out, err);
}

/* Copies what is wrong with each image from the loader, without the path, which the caller knows. */
static gr_status take_problems(gr_predictor *p, const gr_sample *samples, int64_t count, gr_loader *loader,
                               const char **problems, gr_error *err)
{
    for (int64_t i = 0; i < count; i++) {
        const char *problem = gr_loader_problem(loader, i);
        problems[i] = NULL;
        if (problem == NULL)
            continue;
        size_t path = strlen(samples[i].path);
        if (strncmp(problem, samples[i].path, path) == 0 && gr_starts_with(problem + path, ": "))
            problem += path + 2;
        problems[i] = gr_arena_strdup(p->texts, problem);
        if (problems[i] == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for the predictions");
    }
    return GR_OK;
}

/* Samples of whoever does not know that the models want landmarks first. */
static gr_status check_turned(const gr_predictor *p, const gr_sample *samples, int64_t count, gr_error *err)
{
    for (int64_t i = 0; p->set.files.card.guide.upright != NULL && i < count; i++)
        if (samples[i].side == 0)
            return gr_fail(err, GR_INVALID, "%s: %s turns faces upright by their landmarks, which gr_predict finds",
                           samples[i].path, p->set.files.first);
    return GR_OK;
}

/* Samples as the models are asked about them: what all of them read alike stands beside each already. */
typedef struct view {
    gr_loader *pixels; /* which knows the problems */
    gr_loader *asked;  /* the same, or of `samples` */
    gr_sample *samples;
    float *numbers;
} view;

static void close_view(view *v)
{
    if (v->asked != v->pixels)
        gr_loader_destroy(v->asked);
    gr_loader_destroy(v->pixels);
    gr_free(v->samples);
    gr_free(v->numbers);
}

int gr_predictor_seen(const gr_predictor *p)
{
    return p->set.learner->seen != NULL ? p->set.learner->seen(&p->set.files.card) : 0;
}

static gr_status see(const gr_predictor *p, gr_loader *loader, int64_t count, float *numbers, const volatile sig_atomic_t *stop,
                     gr_error *err)
{
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    for (int64_t i = 0; order != NULL && i < count; i++)
        order[i] = i;
    gr_status status = order != NULL ? p->set.learner->see(&p->set.files, loader, order, count, numbers, stop, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    gr_free(order);
    return status;
}

static gr_status open_view(const gr_predictor *p, const gr_sample *samples, int64_t count, bool tolerant, view *v,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t width = (size_t)gr_predictor_seen(p), cells;
    *v = (view){0};
    gr_status status = make_loader(p, samples, count, tolerant, &v->pixels, err);
    v->asked = v->pixels;
    if (status != GR_OK || width == 0)
        return status;
    v->samples = gr_alloc((size_t)count, sizeof *v->samples);
    v->numbers = gr_mul_size((size_t)count, width, &cells) ? gr_alloc(cells, sizeof *v->numbers) : NULL;
    status = v->samples != NULL && v->numbers != NULL ? see(p, v->pixels, count, v->numbers, stop, err)
                                                      : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        v->samples[i] = samples[i];
        v->samples[i].numbers = v->numbers + (size_t)i * width;
    }
    v->asked = NULL;
    return status == GR_OK ? make_loader(p, v->samples, count, tolerant, &v->asked, err) : status;
}

gr_status gr_predictor_see(gr_predictor *p, const gr_sample *samples, int64_t count, float *numbers, const char **problems,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    gr_loader *loader = NULL;
    gr_status status = make_loader(p, samples, count, true, &loader, err);
    if (status == GR_OK)
        status = see(p, loader, count, numbers, stop, err);
    if (status == GR_OK)
        status = take_problems(p, samples, count, loader, problems, err);
    gr_loader_destroy(loader);
    return status;
}

/* `problems` NULL: the first image that cannot be read ends all. */
static gr_status run(gr_predictor *p, const gr_sample *samples, int64_t count, float *predictions, const char **problems,
                     const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t numbers;
    if (!gr_mul_size((size_t)count, gr_predictor_width(p), &numbers))
        return gr_fail(err, GR_NOMEM, "no memory for so many predictions");
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    view v = {0};
    gr_status status = order != NULL ? check_turned(p, samples, count, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    if (status == GR_OK)
        status = open_view(p, samples, count, problems != NULL, &v, stop, err);
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        order[i] = i;
    if (status == GR_OK)
        status = p->set.learner->predict(&p->set.files, &p->set.task->target, v.asked, order, count, predictions, stop, err);
    if (status == GR_OK && problems != NULL)
        status = take_problems(p, samples, count, v.pixels, problems, err);
    close_view(&v);
    gr_free(order);
    return status;
}

gr_status gr_predictor_run(gr_predictor *p, const gr_sample *samples, int64_t count, float *predictions,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    return run(p, samples, count, predictions, NULL, stop, err);
}

gr_status gr_predictor_run_all(gr_predictor *p, const gr_sample *samples, int64_t count, float *predictions,
                               const char **problems, const volatile sig_atomic_t *stop, gr_error *err)
{
    return run(p, samples, count, predictions, problems, stop, err);
}

gr_status gr_predictor_cost(gr_predictor *p, const gr_sample *samples, int64_t count, int passes, gr_cost *out,
                            const volatile sig_atomic_t *stop, gr_error *err)
{
    gr_model_set uncached = p->set;
    gr_loader *loader = NULL;
    if (p->set.learner->cost == NULL)
        return GR_OK;
    const gr_cutter *cutter = p->cut != NULL ? gr_face_cut_cutter(p->cut) : NULL;
    gr_status status = gr_image_cache_create(1, &uncached.cache, err);
    if (status == GR_OK)
        status = gr_model_set_loader(&uncached, cutter, samples, count, false, &loader, err);
    if (status == GR_OK)
        status = p->set.learner->cost(&p->set.files, &p->set.task->target, loader, count, passes, out, stop, err);
    gr_loader_destroy(loader);
    if (uncached.cache != p->set.cache)
        gr_image_cache_destroy(uncached.cache);
    return status;
}

/* ---- each model ------------------------------------------------------------------------------------------------------- */

const gr_model_files *gr_predictor_files(const gr_predictor *p)
{
    return &p->set.files;
}

const gr_task *gr_predictor_task(const gr_predictor *p)
{
    return p->set.task;
}

/* The samples that model `m` is asked about. */
static int64_t asked_of(const gr_questions *q, int models, int m, int64_t *order)
{
    int64_t n = 0;
    for (int64_t i = 0; i < q->count; i++)
        if (q->knows == NULL || !q->knows[i * models + m])
            order[n++] = i;
    return n;
}

gr_status gr_predictor_run_each(gr_predictor *p, const gr_questions *q, float *each, const char **problems,
                                const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t width = gr_predictor_width(p), numbers;
    if (!gr_mul_size((size_t)q->count, width, &numbers))
        return gr_fail(err, GR_NOMEM, "no memory for so many predictions");
    int64_t *order = gr_alloc((size_t)q->count, sizeof *order);
    float *asked = gr_alloc(numbers, sizeof *asked);
    view v = {0};
    gr_status status = order != NULL && asked != NULL ? open_view(p, q->samples, q->count, true, &v, stop, err)
                                                      : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int m = 0; status == GR_OK && m < p->set.files.count; m++) {
        gr_model_files one = p->set.files;
        int64_t n = asked_of(q, p->set.files.count, m, order);
        one.paths += m;
        one.count = 1;
        one.strange = q->strange;
        if (n > 0)
            status = p->set.learner->predict(&one, &p->set.task->target, v.asked, order, n, asked, stop, err);
        float *to = each + (size_t)m * numbers;
        for (int64_t i = 0; status == GR_OK && i < n; i++)
            memcpy(to + (size_t)order[i] * width, asked + (size_t)i * width, width * sizeof *to);
    }
    if (status == GR_OK)
        status = take_problems(p, q->samples, q->count, v.pixels, problems, err);
    for (int64_t i = 0; status == GR_OK && q->strange != NULL && i < q->count; i++)
        if (problems[i] != NULL) /* what could not be read was a black picture */
            q->strange[i] = (gr_strange){0};
    close_view(&v);
    gr_free(order);
    gr_free(asked);
    return status;
}
