/* Predictions from model files: the learner that wrote them says what it makes of images, their task how that reads. */
#include <string.h>

#include "formats/csv.h"
#include "grimace/train.h"
#include "learners/learner.h"
#include "run/tasks/task.h"

struct gr_predictor {
    gr_model_files files;
    const gr_learner *learner;
    const gr_task *task;
    gr_image_cache *cache;
};

gr_status gr_predictor_open(const char *path, gr_predictor **out, gr_error *err)
{
    *out = NULL;
    gr_predictor *p = gr_alloc(1, sizeof *p);
    if (p == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    gr_status status = gr_model_files_open(path, &p->files, err);
    if (status == GR_OK)
        status = gr_learner_of(&p->files, &p->learner, err);
    if (status == GR_OK) {
        p->task = gr_task_find(p->files.card.task, p->files.card.label_count > 1);
        if (p->task == NULL)
            status = gr_fail(err, GR_INVALID, "%s: is a model for %.40s, a task of another version", path, p->files.card.task);
    }
    if (status == GR_OK)
        status = gr_image_cache_create(0, &p->cache, err);
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
    gr_image_cache_destroy(p->cache);
    gr_model_files_close(&p->files);
    gr_free(p);
}

const char *const *gr_predictor_classes(const gr_predictor *p, int *count)
{
    *count = (int)p->files.card.model.classes;
    return p->files.card.classes;
}

size_t gr_predictor_width(const gr_predictor *p)
{
    return p->task->target.width(&p->files.card);
}

void gr_predictor_csv(const gr_predictor *p, const char *const *images, int64_t count, const float *predictions, gr_text *out)
{
    const gr_answers answers = {.card = &p->files.card, .count = count, .images = images, .predictions = predictions};
    p->task->answer(&answers, out);
}

static gr_status make_loader(const gr_predictor *p, const gr_sample *samples, int64_t count, gr_loader **out, gr_error *err)
{
    gr_loader_options options = {.samples = samples,
                                 .count = count,
                                 .size = (int)p->files.card.model.size,
                                 .channels = (int)p->files.card.model.channels,
                                 .transforms = p->files.card.transforms,
                                 .transform_count = p->files.card.transform_count,
                                 .transforms_key = "the model's transforms",
                                 .cache = p->cache};
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)p->files.card.mean[c];
        options.std[c] = (float)p->files.card.std[c];
    }
    return gr_loader_create(&options, out, err);
}

gr_status gr_predictor_run(gr_predictor *p, const gr_sample *samples, int64_t count, float *predictions,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t numbers;
    if (!gr_mul_size((size_t)count, gr_predictor_width(p), &numbers))
        return gr_fail(err, GR_NOMEM, "no memory for so many predictions");
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    gr_loader *loader = NULL;
    gr_status status = order != NULL ? make_loader(p, samples, count, &loader, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        order[i] = i;
    if (status == GR_OK)
        status = p->learner->predict(&p->files, &p->task->target, loader, order, count, predictions, stop, err);
    gr_loader_destroy(loader);
    gr_free(order);
    return status;
}

/* ---- tables with gaps ------------------------------------------------------------------------------------------------------ */

/* What is found of samples when they are read one by one. */
typedef struct gaps {
    char **problems;     /* [count]; NULL: the image can be read */
    const char **images; /* [good]: those that can */
    gr_sample *samples;  /* [good] */
    int64_t good, count;
} gaps;

static void free_gaps(gaps *g)
{
    for (int64_t i = 0; g->problems != NULL && i < g->count; i++)
        gr_free(g->problems[i]);
    gr_free(g->problems);
    gr_free(g->images);
    gr_free(g->samples);
}

/* Reads each image by itself. */
static gr_status find_gaps(gr_predictor *p, const char *const *images, const gr_sample *samples, int64_t count,
                           const volatile sig_atomic_t *stop, gaps *g, gr_error *err)
{
    gr_loader *loader = NULL;
    *g = (gaps){gr_alloc((size_t)count, sizeof *g->problems), gr_alloc((size_t)count, sizeof *g->images),
                gr_alloc((size_t)count, sizeof *g->samples), 0, count};
    gr_status status = g->problems != NULL && g->images != NULL && g->samples != NULL
                           ? make_loader(p, samples, count, &loader, err)
                           : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        int64_t n;
        gr_error one = {0};
        if (stop != NULL && *stop)
            status = gr_fail(err, GR_INTERRUPTED, "stopped before the predictions were done");
        if (status == GR_OK)
            status = gr_loader_start(loader, 0, &i, 1, 1, false, err);
        gr_status read = status == GR_OK ? gr_loader_next(loader, NULL, NULL, &n, &one) : GR_OK;
        if (status != GR_OK)
            break;
        if (read == GR_OK) {
            g->images[g->good] = images[i];
            g->samples[g->good++] = samples[i];
        } else if (read != GR_INVALID)
            status = gr_fail(err, read, "%s", one.text);
        else if ((g->problems[i] = gr_strdup(one.text)) == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for the predictions");
    }
    gr_loader_destroy(loader);
    return status;
}

/* Appends the record at `at` without its line's end, and gives what stands behind it; *commas: how many separate its cells. */
static const char *put_record(const char *at, int *commas, gr_text *out)
{
    const char *end = at;
    *commas = 0;
    for (bool quoted = false; *end != '\0' && (quoted || *end != '\n'); end++) {
        quoted = *end == '"' ? !quoted : quoted;
        *commas += *end == ',' && !quoted;
    }
    gr_text_add(out, at, (size_t)(end - at));
    return *end == '\n' ? end + 1 : end;
}

/* The table `good` of the images that can be read, with rows for the others between them. */
static void put_gaps(const gaps *g, const char *const *images, const char *good, gr_text *out)
{
    int commas, cells;
    good = put_record(good, &commas, out);
    gr_text_printf(out, ",error\n");
    for (int64_t i = 0; i < g->count; i++) {
        if (g->problems[i] == NULL) {
            good = put_record(good, &cells, out);
            gr_text_printf(out, ",\n");
            continue;
        }
        gr_csv_put(out, images[i], ',');
        for (int c = 1; c < commas + 1; c++)
            gr_text_printf(out, ",");
        gr_csv_put(out, g->problems[i], '\n');
    }
}

static gr_status predict_all(gr_predictor *p, const char *const *images, const gr_sample *samples, int64_t count,
                             const volatile sig_atomic_t *stop, gr_text *out, gr_error *err)
{
    size_t numbers;
    bool fits = gr_mul_size((size_t)count, gr_predictor_width(p), &numbers);
    float *predictions = fits ? gr_alloc(numbers, sizeof *predictions) : NULL;
    gr_status status = predictions != NULL ? gr_predictor_run(p, samples, count, predictions, stop, err)
                                           : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    if (status == GR_OK)
        gr_predictor_csv(p, images, count, predictions, out);
    gr_free(predictions);
    return status;
}

gr_status gr_predictor_table(gr_predictor *p, const char *const *images, const gr_sample *samples, int64_t count,
                             const volatile sig_atomic_t *stop, gr_text *out, int64_t *unread, gr_error *first, gr_error *err)
{
    *unread = 0;
    *first = (gr_error){0};
    gr_status status = predict_all(p, images, samples, count, stop, out, first);
    if (status != GR_INVALID || count == 1)
        return status == GR_OK ? GR_OK : gr_fail(err, status, "%s", first->text);
    gaps g;
    gr_text good = {0};
    status = find_gaps(p, images, samples, count, stop, &g, err);
    *unread = count - g.good;
    if (status == GR_OK && (g.good == 0 || *unread == 0)) /* all of them; or it was about something else */
        status = gr_fail(err, GR_INVALID, "%s", first->text);
    for (int64_t i = count; status == GR_OK && i-- > 0;)
        if (g.problems[i] != NULL)
            gr_fail(first, GR_INVALID, "%s", g.problems[i]);
    if (status == GR_OK)
        status = predict_all(p, g.images, g.samples, g.good, stop, &good, err);
    if (status == GR_OK) {
        put_gaps(&g, images, good.data != NULL ? good.data : "", out);
        out->failed = out->failed || good.failed;
    }
    gr_text_free(&good);
    free_gaps(&g);
    return status;
}
