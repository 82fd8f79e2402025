#include "grimace/explain_trees.h"

#include <stdlib.h>
#include <string.h>

#include "explain/tested.h"
#include "learners/boosted_shares.h"
#include "learners/card_trees.h"
#include "config/config.h"
#include "run/apply/evaluation_config.h"
#include "run/apply/guide.h"
#include "run/apply/predictor.h"

typedef struct work {
    const gr_explain_trees_options *options;
    gr_explain_trees_report *report;
    gr_predictor *predictor;
    const gr_model_files *files; /* the predictor's */
    gr_ask ask;
    gr_tested *tested; /* NULL: of a model alone */
    char *folder;      /* the table's, without links; NULL: it has none */
    float *seen;       /* [count, number_count]: what a backbone reads of the images; NULL: the table has the numbers */
    int *model;        /* [count]: who explains the row; -1: all together; -2: nobody */
    gr_text rows;      /* model after model */
    size_t *from, *to; /* [count]: where in `rows` an image's stand; equal: nowhere */
    gr_text table;
} work;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for an explanation");
}

/* NAME of "RUN/fold-NAME/model.json". */
static const char *fold_of(const work *w, int model, size_t *length)
{
    const char *end = strrchr(w->files->paths[model], '/'), *start = end;
    while (start != NULL && start > w->files->paths[model] && start[-1] != '/')
        start--;
    if (start == NULL || !gr_starts_with(start, "fold-")) {
        *length = strlen("model");
        return "model";
    }
    start += strlen("fold-");
    *length = (size_t)(end - start);
    return start;
}

/* The fold that tested the row; -1: none did; 0: a model alone. */
static int find_model(const work *w, int64_t i)
{
    if (w->files->count == 1)
        return 0;
    /* by the place that the table gives it: there need be no picture */
    char *path = w->folder != NULL              ? gr_path_join(w->folder, w->ask.names[i])
                 : w->options->manifest == NULL ? gr_strdup(w->ask.names[i])
                                                : NULL;
    const char *tested = w->tested != NULL && path != NULL ? gr_tested_fold(w->tested, path) : NULL;
    gr_free(path);
    for (int m = 0; tested != NULL && m < w->files->count; m++) {
        size_t length;
        const char *name = fold_of(w, m, &length);
        if (strlen(tested) == length && strncmp(tested, name, length) == 0)
            return m;
    }
    return -1;
}

/* Of the table, or of what a run of landmarks finds in pictures; whose images they are the run's config says. */
static gr_status find_numbers(work *w, gr_error *err)
{
    const gr_card *card = &w->files->card;
    char *file = NULL;
    gr_config *config = NULL;
    gr_status status = gr_evaluation_find_config(w->options->path, &file, err);
    if (status == GR_OK && file != NULL && card->guide.run != NULL)
        status = gr_config_load(file, NULL, 0, &config, err);
    if (status == GR_OK)
        status = gr_guide_ask(card, w->options->path, config != NULL ? config->data.group : NULL, true, &w->ask, NULL,
                              w->options->stop, err);
    gr_config_destroy(config);
    gr_free(file);
    return status;
}

static void find_folder(work *w)
{
    char *folder = w->options->manifest != NULL ? gr_path_folder(w->options->manifest) : NULL;
    char *real = folder != NULL ? realpath(folder, NULL) : NULL;
    w->folder = real != NULL ? gr_strdup(real) : NULL;
    free(real); /* the system's own */
    gr_free(folder);
}

/* What a backbone reads of the images; what cannot be read is told of by the row. */
static gr_status see(work *w, gr_error *err)
{
    size_t n = (size_t)w->ask.count, cells;
    const char **problems = gr_alloc(n, sizeof *problems);
    w->seen = gr_mul_size(n, (size_t)gr_predictor_seen(w->predictor), &cells) ? gr_alloc(cells, sizeof *w->seen) : NULL;
    gr_status status = problems != NULL && w->seen != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK)
        status = gr_predictor_see(w->predictor, w->ask.samples, w->ask.count, w->seen, problems, NULL, err);
    for (size_t i = 0; status == GR_OK && i < n; i++)
        w->ask.problems[i] = w->ask.problems[i] != NULL ? w->ask.problems[i] : problems[i];
    gr_free(problems);
    return status;
}

static gr_status ask(work *w, gr_error *err)
{
    const gr_explain_trees_options *o = w->options;
    bool pictures = w->files->card.guide.run != NULL || gr_predictor_seen(w->predictor) > 0;
    const gr_manifest_options any = {.skip_files = !pictures}; /* there need be none of those that are not read */
    if (o->manifest == NULL && !pictures)
        return gr_fail(err, GR_INVALID,
                       "%s: explains numbers of a table, which --manifest names; pictures need a run with data.landmarks_from",
                       o->path);
    gr_status status = o->manifest != NULL ? gr_ask_table(o->manifest, &any, &w->ask, err)
                                           : gr_ask_words(o->images, o->image_count, &w->ask, err);
    if (status == GR_OK)
        status = find_numbers(w, err);
    return status == GR_OK && gr_predictor_seen(w->predictor) > 0 ? see(w, err) : status;
}

static gr_status open_work(work *w, gr_error *err)
{
    const gr_explain_trees_options *o = w->options;
    if (!o->force && gr_folder_holds(o->out))
        return gr_fail(err, GR_INVALID, "%s: holds files already; --force writes among them", o->out);
    gr_status status = gr_predictor_open(o->path, &w->predictor, err);
    w->files = status == GR_OK ? gr_predictor_files(w->predictor) : NULL;
    if (status == GR_OK && w->files->card.numbers == NULL)
        status = gr_fail(err, GR_INVALID,
                         "%s: --method shap explains boosted trees, and it is none; occlusion would be right", o->path);
    if (status == GR_OK && gr_is_folder(o->path))
        status = gr_tested_open(o->path, &w->tested, err);
    if (status == GR_OK)
        status = ask(w, err);
    if (status == GR_OK)
        find_folder(w);
    w->model = status == GR_OK ? gr_alloc((size_t)w->ask.count, sizeof *w->model) : NULL;
    if (status == GR_OK && w->model == NULL)
        status = no_memory(err);
    w->from = status == GR_OK ? gr_alloc((size_t)w->ask.count, sizeof *w->from) : NULL;
    w->to = status == GR_OK ? gr_alloc((size_t)w->ask.count, sizeof *w->to) : NULL;
    if (status == GR_OK && (w->from == NULL || w->to == NULL))
        status = no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < w->ask.count; i++)
        w->model[i] = w->ask.problems[i] != NULL ? -2 : find_model(w, i);
    return status;
}

static void close_work(work *w)
{
    gr_text_free(&w->table);
    gr_text_free(&w->rows);
    gr_free(w->from);
    gr_free(w->to);
    gr_free(w->model);
    gr_free(w->seen);
    gr_free(w->folder);
    gr_ask_close(&w->ask);
    gr_tested_close(w->tested);
    gr_predictor_close(w->predictor);
}

static const float *numbers_of(const work *w, int64_t i)
{
    return w->seen != NULL ? w->seen + i * gr_predictor_seen(w->predictor) : w->ask.samples[i].numbers;
}

/* The rows of one model, or those that all explain together. */
static gr_status put_rows(work *w, int model, gr_error *err)
{
    const gr_card *card = &w->files->card;
    size_t width = (size_t)gr_card_features(card), cells, length = strlen("all");
    int64_t count = 0;
    const char **images = gr_alloc((size_t)w->ask.count, sizeof *images);
    size_t *ends = gr_alloc((size_t)w->ask.count, sizeof *ends), end = w->rows.size;
    float *features = gr_mul_size((size_t)w->ask.count, width, &cells) ? gr_alloc(cells, sizeof *features) : NULL;
    char fold[256];
    const char *name = model >= 0 ? fold_of(w, model, &length) : "all";
    gr_status status = images != NULL && ends != NULL && features != NULL ? GR_OK : no_memory(err);
    snprintf(fold, sizeof fold, "%.*s", (int)length, name);
    for (int64_t i = 0; status == GR_OK && i < w->ask.count; i++)
        if (w->model[i] == model) {
            gr_boosted_features(card, numbers_of(w, i), 1, features + (size_t)count * width);
            images[count++] = w->ask.names[i];
        }
    const gr_shares_asked asked = {images, features, count, ends};
    if (status == GR_OK && count > 0)
        status = gr_shares_put(w->files, model, fold, &asked, &w->rows, err);
    w->report->explained += status == GR_OK ? count : 0;
    for (int64_t i = 0, k = 0; status == GR_OK && i < w->ask.count; i++)
        if (w->model[i] == model) {
            w->from[i] = end;
            end = w->to[i] = ends[k++];
        }
    gr_free(images);
    gr_free(ends);
    gr_free(features);
    return status;
}

/* The first row that has a problem, and how many there are. */
static void tell_problems(const work *w)
{
    gr_explain_trees_report *r = w->report;
    r->rows = w->ask.count;
    for (int64_t i = 0; i < w->ask.count; i++)
        if (w->model[i] == -2) {
            char where[240];
            if (w->ask.table != NULL)
                snprintf(where, sizeof where, "%.200s:%lld", w->options->manifest, (long long)w->ask.table->line[w->ask.line[i]]);
            else
                snprintf(where, sizeof where, "%.230s", w->ask.names[i]);
            snprintf(r->problem, sizeof r->problem, "%s: %.200s; %lld of %lld %s could not be explained", where,
                     w->ask.problems[i], (long long)(r->rows - r->explained), (long long)r->rows,
                     w->ask.table != NULL ? "rows" : "images");
            return;
        }
}

/* In the order that was asked, which a figure of the first ones goes by. */
static gr_status write_table(work *w, gr_error *err)
{
    gr_shares_header(&w->files->card, &w->table);
    for (int64_t i = 0; !w->rows.failed && i < w->ask.count; i++)
        if (w->to[i] > w->from[i])
            gr_text_add(&w->table, w->rows.data + w->from[i], w->to[i] - w->from[i]);
    gr_status status = gr_make_folders(w->options->out, err);
    char *path = status == GR_OK ? gr_path_join(w->options->out, "shap.csv") : NULL;
    if (status == GR_OK && (path == NULL || w->rows.failed || w->table.failed))
        status = no_memory(err);
    if (status == GR_OK)
        status = gr_file_write(path, w->table.data, w->table.size, err);
    gr_free(path);
    return status;
}

gr_status gr_explain_trees(const gr_explain_trees_options *options, gr_explain_trees_report *report, gr_error *err)
{
    *report = (gr_explain_trees_report){0};
    work w = {.options = options, .report = report};
    gr_status status = open_work(&w, err);
    for (int m = 0; status == GR_OK && m < w.files->count; m++)
        status = put_rows(&w, m, err);
    if (status == GR_OK)
        status = put_rows(&w, -1, err);
    if (status == GR_OK) {
        tell_problems(&w);
        status = report->explained > 0 ? write_table(&w, err) : gr_fail(err, GR_INVALID, "%s", report->problem);
    }
    close_work(&w);
    return status;
}
