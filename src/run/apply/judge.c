/* A run's models on a new labelled table. */
#include "run/apply/judge.h"

#include <string.h>

#include "config/config.h"
#include "grimace/open.h"
#include "run/apply/guide.h"
#include "run/apply/evaluation_config.h"
#include "run/apply/evaluation_table.h"
#include "run/apply/heldout.h"
#include "run/apply/trained.h"
#include "run/cohort/averaging_check.h"
#include "run/cohort/manifest_open.h"
#include "run/one/calibrating.h"
#include "run/write/pieces.h"

/* An evaluation at work. */
typedef struct work {
    const gr_evaluate_options *options;
    gr_evaluation *out;
    gr_predictor *predictor;
    gr_config *config;
    gr_ask ask;
    gr_truth truth;
    gr_heldout heldout;
    gr_answered answered;
    int positive;
    bool *knows;           /* [count, models] */
    const char **problems; /* [count] */
    int64_t *judged;       /* [count], the row's place among them; -1: it is not */
} work;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for an evaluation");
}

/* ---- what is asked
 * ------------------------------------------------------------------------------------------------------------ */

static gr_status read_table(void *ctx, const char *path, const gr_manifest_options *options, gr_error *err)
{
    work *w = ctx;
    (void)path; /* the same as it was typed: */
    gr_status status = gr_ask_table(w->options->manifest, options, &w->ask, err);
    if (status == GR_OK)
        status = gr_truth_read(&w->ask, options, &gr_predictor_files(w->predictor)->card, &w->truth, err);
    const gr_card *card = &gr_predictor_files(w->predictor)->card;
    if (status == GR_OK)
        status = gr_guide_ask(card, w->options->path, w->config->data.group, false, &w->ask, &w->out->said,
                              w->options->stop, err);
    if (status == GR_OK && options->landmarks != GR_LANDMARKS_IGNORED &&
        w->ask.manifest.landmark_count != (int)card->model.landmarks)
        status = gr_fail(err, GR_INVALID, "%s:1: has %d landmarks, and the model finds %lld", w->options->manifest,
                         w->ask.manifest.landmark_count, (long long)card->model.landmarks);
    bool same = options->mark_count == 0 || w->ask.manifest.kind_count == (int)card->model.classes;
    for (int k = 0; status == GR_OK && same && k < w->ask.manifest.kind_count; k++)
        same = strcmp(w->ask.manifest.kinds[k], card->classes[k]) == 0;
    if (status == GR_OK && !same)
        status = gr_fail(err, GR_INVALID,
                         "%s: names other kinds of boxes than the model finds; its own, in their order, would be right",
                         options->marks_where);
    int64_t across = 0;
    char said[GR_BOXES_ACROSS];
    if (status == GR_OK)
        status = gr_manifest_boxes_check(&w->ask.manifest, &across, err);
    if (across > 0)
        gr_text_printf(&w->out->said, "%s: %s\n", w->options->manifest, gr_manifest_boxes_across(across, said));
    return status;
}

/* evaluate.average_over must be a column here, too. */
static gr_status check_column(const work *w, gr_error *err)
{
    const char *column = w->config->evaluate.average_over;
    if (column == NULL || gr_csv_column(w->ask.table, column) >= 0)
        return GR_OK;
    return gr_config_fail(w->config, "evaluate.average_over", err,
                          "there is no column %.80s in %s; another one, or evaluate.average_over=null, would be right",
                          column, w->options->manifest);
}

/* The models are for another task than the config, or for one column of labels where it has several. */
static gr_status other_task(const work *w, gr_error *err)
{
    const char *path = w->options->path, *models = gr_predictor_task(w->predictor)->target.task, *config = w->config->task;
    if (strcmp(models, config) != 0)
        return gr_fail(err, GR_INVALID, "%s: is a model for %s, and its config is about %s", path, models, config);
    return gr_fail(err, GR_INVALID,
                   "%s: the models and the config are not of one training: only one of them has several "
                   "columns of labels",
                   path);
}

static gr_status open_work(work *w, gr_error *err)
{
    const gr_evaluate_options *o = w->options;
    gr_status status = gr_predictor_open(o->path, &w->predictor, err);
    if (status == GR_OK)
        status = gr_evaluation_config(o, gr_predictor_files(w->predictor), &w->config, err);
    if (status == GR_OK)
        status = gr_task_check(w->config, err);
    if (status == GR_OK && gr_task_of(w->config) != gr_predictor_task(w->predictor))
        status = other_task(w, err);
    if (status == GR_OK)
        status = gr_with_manifest_options(w->config, read_table, w, err);
    if (status == GR_OK)
        status = check_column(w, err);
    if (status == GR_OK && w->truth.manifest.class_count > 0)
        status = gr_manifest_positive(&w->truth.manifest, w->config, &w->positive, err);
    return status;
}

/* The map of probabilities, fitted on none of the images that are asked about. */
static gr_status open_map(work *w, const gr_asked_images *asked, gr_error *err)
{
    gr_calibrator_kind kind = gr_calibrator_find(w->config->evaluate.calibrate);
    return kind != GR_CALIBRATE_NONE ? gr_heldout_open(w->options->path, gr_predictor_files(w->predictor),
                                                       gr_predictor_task(w->predictor), kind, w->positive, asked, &w->heldout, err)
                                     : GR_OK;
}

static void close_work(work *w)
{
    gr_answered_free(&w->answered);
    gr_heldout_close(&w->heldout);
    gr_truth_close(&w->truth);
    gr_ask_close(&w->ask);
    gr_config_destroy(w->config);
    gr_predictor_close(w->predictor);
    gr_free(w->knows);
    gr_free(w->problems);
    gr_free(w->judged);
}

/* ---- who may answer
 * ------------------------------------------------------------------------------------------------------------ */

static gr_status find_knowing(work *w, gr_error *err)
{
    int models = gr_predictor_files(w->predictor)->count;
    const gr_manifest *m = &w->truth.manifest;
    size_t n = (size_t)w->ask.count, cells;
    const char **groups = m->groups != NULL ? gr_alloc(n, sizeof *groups) : NULL;
    if (gr_mul_size(n, (size_t)models, &cells))
        w->knows = gr_alloc(cells, sizeof *w->knows);
    w->problems = gr_alloc(n, sizeof *w->problems);
    w->judged = gr_alloc(n, sizeof *w->judged);
    gr_status status = w->knows != NULL && w->problems != NULL && w->judged != NULL && (m->groups == NULL || groups != NULL)
                           ? GR_OK
                           : no_memory(err);
    for (int64_t i = 0; groups != NULL && i < w->ask.count; i++)
        groups[i] = w->ask.row[i] >= 0 && w->truth.whose[i] ? m->group_names[m->groups[w->ask.row[i]]] : NULL;
    const gr_asked_images asked = {w->ask.count, w->ask.names, w->ask.paths, groups};
    if (status == GR_OK)
        status = open_map(w, &asked, err);
    if (status == GR_OK)
        status = gr_trained_knows(gr_predictor_files(w->predictor)->paths, models, &asked, w->knows, &w->out->said,
                                  gr_is_folder(w->options->path) ? &w->out->said : NULL, err);
    for (int64_t i = 0; status == GR_OK && i < w->ask.count; i++)
        for (int k = 0; k < models && (w->ask.problems[i] != NULL || !w->truth.whose[i]); k++)
            w->knows[i * models + k] = true; /* nobody is asked */
    gr_free(groups);
    return status;
}

/* ---- what is judged
 * -------------------------------------------------------------------------------------------------------------- */

/* Sorts the rows: counts, problems, places. */
static void sort_rows(work *w)
{
    gr_evaluation *out = w->out;
    out->rows = w->ask.count;
    for (int64_t i = 0; i < w->ask.count; i++) {
        const char *unread = w->ask.problems[i] != NULL ? w->ask.problems[i] : w->answered.problems[i];
        w->problems[i] = unread != NULL ? unread : w->truth.problems[i];
        bool answered = w->answered.voices[i] > 0;
        out->broken += w->problems[i] != NULL;
        out->known += w->problems[i] == NULL && !answered;
        out->unlabelled += w->problems[i] == NULL && answered && !w->truth.known[i];
        w->judged[i] = answered && w->truth.known[i] && w->problems[i] == NULL ? out->judged++ : -1;
        if (w->problems[i] != NULL && out->problem[0] == '\0')
            snprintf(out->problem, sizeof out->problem, "%s:%lld: %s%.500s", w->options->manifest,
                     (long long)w->ask.table->line[w->ask.line[i]],
                     unread != NULL && w->ask.problems[i] == NULL ? "image: " : "", w->problems[i]);
    }
}

static void count_problems(gr_evaluation *out)
{
    size_t length = strlen(out->problem);
    if (out->broken > 0)
        snprintf(out->problem + length, sizeof out->problem - length,
                 "; %lld of %lld rows are wrong, the column error says why", (long long)out->broken, (long long)out->rows);
}

static gr_status check_judged(const work *w, gr_error *err)
{
    const gr_evaluation *out = w->out;
    if (out->judged > 0)
        return GR_OK;
    if (out->broken > 0)
        return gr_fail(err, GR_INVALID, "%s; %lld of %lld rows are wrong, and no other can be judged", out->problem,
                       (long long)out->broken, (long long)out->rows);
    return gr_fail(
        err, GR_INVALID,
        "%s: none of its %lld rows can be judged: all models of %s trained on %lld of them or their group, and %lld have "
        "no label",
        w->options->manifest, (long long)out->rows, w->options->path, (long long)out->known, (long long)out->unlabelled);
}

/* The judged rows as the only fold of a run. */
typedef struct fold {
    gr_cohort cohort;
    gr_fold only;
    uint8_t *parts;
    gr_gathered gathered;
} fold;

static void free_fold(fold *f)
{
    gr_gathered_free(&f->gathered);
    gr_arena_destroy(f->cohort.texts);
    gr_free(f->parts);
}

static gr_status make_fold(const work *w, fold *f, gr_error *err)
{
    const gr_task *task = gr_predictor_task(w->predictor);
    static char name[] = "new";
    size_t rows = (size_t)w->truth.manifest.rows;
    f->parts = gr_alloc(rows, sizeof *f->parts);
    f->only = (gr_fold){.name = name, .parts = f->parts};
    f->cohort = (gr_cohort){.config = w->config,
                            .recipe = gr_config_recipe(w->config),
                            .target = &task->target,
                            .manifest = w->truth.manifest,
                            .split = {.fold_count = 1, .folds = &f->only},
                            .positive = w->positive,
                            .texts = gr_arena_create()};
    if (f->parts == NULL || f->cohort.texts == NULL)
        return no_memory(err);
    memset(f->parts, GR_PART_NONE, rows);
    for (int64_t i = 0; i < w->ask.count; i++)
        if (w->judged[i] >= 0)
            f->parts[w->ask.row[i]] = GR_PART_TEST;
    return task->open(&f->cohort, err);
}

static gr_status gather(const work *w, fold *f, gr_error *err)
{
    const gr_task *task = gr_predictor_task(w->predictor);
    const gr_manifest *m = &f->cohort.manifest;
    gr_gathered *g = &f->gathered;
    size_t n = (size_t)w->out->judged, row = task->target.row(&f->cohort), width = w->answered.width, floats;
    *g = (gr_gathered){.images = gr_alloc(n, sizeof *g->images),
                       .groups = m->groups != NULL ? gr_alloc(n, sizeof *g->groups) : NULL,
                       .folds = gr_alloc(1, sizeof *g->folds),
                       .fold = gr_alloc(n, sizeof *g->fold),
                       .row = gr_alloc(n, sizeof *g->row),
                       .predictions = gr_mul_size(n, row, &floats) ? gr_alloc(floats, sizeof *g->predictions) : NULL};
    if (g->images == NULL || (m->groups != NULL && g->groups == NULL) || g->folds == NULL || g->fold == NULL ||
        g->row == NULL || g->predictions == NULL)
        return no_memory(err);
    gr_status status = GR_OK;
    g->folds[0] = f->only.name;
    for (int64_t i = 0; status == GR_OK && i < w->ask.count; i++) {
        int64_t r = w->ask.row[i];
        if (w->judged[i] < 0)
            continue;
        float *to = g->predictions + (size_t)g->count * row;
        g->images[g->count] = w->ask.names[i];
        if (g->groups != NULL)
            g->groups[g->count] = m->group_names[m->groups[r]];
        g->fold[g->count] = 0;
        g->row[g->count++] = r;
        memcpy(to, w->answered.mean + (size_t)i * width, width * sizeof *to);
        if (task->complete != NULL)
            status = task->complete(&f->cohort, r, w->ask.paths[i], to, err);
    }
    return status;
}

/* ---- what is written
 * -------------------------------------------------------------------------------------------------------------- */

static gr_status note_counts(const work *w, gr_error *err)
{
    const gr_evaluation *out = w->out;
    json_t *root = NULL;
    char *path = gr_path_join(w->options->out, "results.json");
    gr_status status = path != NULL ? gr_json_read(path, &root, err) : no_memory(err);
    if (status == GR_OK) {
        json_t *counts = json_pack("{s:I, s:I, s:I, s:I, s:I, s:i}", "rows", (json_int_t)out->rows, "judged",
                                   (json_int_t)out->judged, "unlabelled", (json_int_t)out->unlabelled, "known",
                                   (json_int_t)out->known, "errors", (json_int_t)out->broken, "models", w->answered.models);
        int bad = json_object_set_new(root, "evaluated", counts);
        if (w->heldout.map.kind != GR_CALIBRATE_NONE) {
            json_t *map = gr_calibrator_json(&w->heldout.map);
            bad |= json_object_set_new(map, "method", json_string(gr_calibrator_name((int)w->heldout.map.kind)));
            bad |= json_object_set_new(map, "fitted_on", json_string(w->heldout.source));
            bad |= json_object_set_new(root, "calibration", map);
        }
        status = bad == 0 ? gr_json_write(path, root, err) : no_memory(err);
    }
    json_decref(root);
    gr_free(path);
    return status;
}

static gr_status write_all(work *w, fold *f, gr_error *err)
{
    const gr_evaluation_rows rows = {&w->ask, &w->truth, &w->answered, w->problems, w->judged};
    const char *folder = w->options->out;
    char *path = gr_path_join(folder, "predictions.csv");
    gr_status status = path != NULL ? gr_make_folders(folder, err) : no_memory(err);
    if (status == GR_OK)
        status = gr_predictor_task(w->predictor)->report(&f->cohort, &f->gathered, folder, &w->out->results, err);
    if (status == GR_OK) {
        status = gr_evaluation_table(w->predictor, &rows, path, err);
        if (status == GR_OK)
            status = note_counts(w, err);
        if (status != GR_OK)
            gr_results_free(&w->out->results);
    }
    gr_free(path);
    return status;
}

static void say(work *w)
{
    gr_evaluation *out = w->out;
    if (out->known > 0)
        gr_text_printf(
            &out->said,
            "%lld of %lld rows are in no number: every model trained on them, on the same bytes or on their group (models "
            "0 in predictions.csv)\n",
            (long long)out->known, (long long)out->rows);
    if (out->unlabelled > 0)
        gr_text_printf(&out->said, "%lld of %lld rows are in no number: they have no label\n", (long long)out->unlabelled,
                       (long long)out->rows);
    for (int i = 0; i < w->options->override_count; i++)
        if (strcmp(w->options->overrides[i], "data.group=null") == 0)
            gr_text_printf(&out->said, "groups are not compared (data.group=null): images of animals that models trained on are "
                                       "judged, too, unless their names or bytes tell\n");
    int64_t fewer = 0;
    for (int64_t i = 0; i < w->ask.count; i++)
        fewer += w->judged[i] >= 0 && w->answered.voices[i] < w->answered.models;
    if (fewer > 0)
        gr_text_printf(&out->said,
                       "%lld rows are judged by some of the %d models: the others trained on them or on their group\n",
                       (long long)fewer, w->answered.models);
    if (w->heldout.map.kind != GR_CALIBRATE_NONE)
        gr_text_printf(&out->said, "probabilities are calibrated (%s), fitted on the %lld predictions of the run's %s%s\n",
                       gr_calibrator_name((int)w->heldout.map.kind), (long long)w->heldout.n, w->heldout.source,
                       w->heldout.passed > 0 ? " of images and groups that are not in this table" : "");
}

static gr_status judge(work *w, gr_error *err)
{
    fold f = {0};
    sort_rows(w);
    gr_status status = check_judged(w, err);
    count_problems(w->out);
    if (status == GR_OK)
        status = make_fold(w, &f, err);
    if (status == GR_OK)
        status = gr_averaging_check(&f.cohort, err);
    if (status == GR_OK)
        status = gather(w, &f, err);
    if (status == GR_OK)
        status = write_all(w, &f, err);
    if (status == GR_OK)
        say(w);
    free_fold(&f);
    return status;
}

/* ---- DIR
 * ----------------------------------------------------------------------------------------------------------------------------
 */

static bool holds(const char *folder, const char *name)
{
    char *path = gr_path_join(folder, name);
    bool there = path != NULL && gr_path_exists(path);
    gr_free(path);
    return there;
}

gr_status gr_evaluation_may_write(const gr_evaluate_options *o, gr_error *err)
{
    if (gr_path_exists(o->out) && !gr_is_folder(o->out))
        return gr_fail(err, GR_INVALID, "%s: is no folder; --out names the folder to write", o->out);
    if (holds(o->out, "config.yaml") || holds(o->out, "splits.csv"))
        return gr_fail(err, GR_INVALID, "%s: holds a run, whose files would be written over; name another --out", o->out);
    if (!o->force && (holds(o->out, "predictions.csv") || holds(o->out, "results.json")))
        return gr_fail(err, GR_INVALID, "%s: holds an evaluation already; --force writes over it, or name another --out",
                       o->out);
    return GR_OK;
}

gr_status gr_evaluate_run(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err)
{
    *out = (gr_evaluation){0};
    work w = {.options = options, .out = out};
    gr_status status = gr_evaluation_may_write(options, err);
    if (status == GR_OK)
        status = open_work(&w, err);
    if (status == GR_OK) {
        gr_threads_set(w.config->threads);
        status = find_knowing(&w, err);
    }
    const gr_questions questions = {.samples = w.ask.samples, .count = w.ask.count, .knows = w.knows};
    if (status == GR_OK)
        status = gr_answers_make(w.predictor, &questions, w.positive, options->stop, &w.answered, err);
    for (int64_t i = 0; status == GR_OK && w.heldout.n > 0 && i < w.ask.count; i++)
        if (w.answered.voices[i] > 0)
            gr_calibrator_apply(&w.heldout.map, w.answered.mean + (size_t)i * w.answered.width, 1);
    if (status == GR_OK)
        status = judge(&w, err);
    close_work(&w);
    if (status == GR_OK && out->said.failed)
        status = no_memory(err);
    if (status != GR_OK)
        gr_evaluation_free(out);
    return status;
}

void gr_evaluation_free(gr_evaluation *e)
{
    gr_results_free(&e->results);
    gr_text_free(&e->said);
    *e = (gr_evaluation){0};
}
