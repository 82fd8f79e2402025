/* The table of `grimace predict`. */
#include <math.h>
#include <string.h>

#include "config/config.h"
#include "learners/card_trees.h"
#include "run/apply/judge.h"
#include "run/apply/answers.h"
#include "run/apply/ask.h"
#include "run/apply/guide.h"
#include "run/apply/evaluation_config.h"
#include "run/apply/heldout.h"
#include "run/apply/trained.h"
#include "run/apply/units.h"

typedef struct work {
    const gr_predict_options *options;
    gr_predicted *out;
    gr_predictor *predictor;
    gr_config *config; /* of the run; NULL: of a model that lies alone */
    int positive;
    gr_ask ask;
    gr_heldout heldout;
    gr_answered answered;    /* of images, or of units */
    gr_units units;          /* count 0: images are not taken together */
    double threshold, below; /* NaN: nothing is decided; left undecided by nothing */
} work;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the predictions");
}

static const gr_card *card_of(const work *w)
{
    return &gr_predictor_files(w->predictor)->card;
}

/* ---- opening -------------------------------------------------------------------------------------------------------------
 */

/* The run's config tells the positive class and the group's column; a model alone needs none. */
static gr_status open_config(work *w, gr_error *err)
{
    char *file = NULL;
    gr_error unread = {0};
    gr_status status = gr_evaluation_find_config(w->options->path, &file, err);
    if (status == GR_OK && file != NULL && gr_config_load(file, NULL, 0, &w->config, &unread) != GR_OK)
        status = gr_is_folder(w->options->path) ? gr_fail(err, unread.status, "%s", unread.text) : GR_OK;
    gr_free(file);
    w->positive = (int)card_of(w)->model.classes - 1;
    const char *positive = w->config != NULL ? w->config->data.positive : NULL;
    for (int c = 0; positive != NULL && c < (int)card_of(w)->model.classes; c++)
        if (strcmp(card_of(w)->classes[c], positive) == 0)
            w->positive = c;
    return status;
}

static gr_status open_heldout(work *w, gr_error *err)
{
    if (!gr_is_folder(w->options->path)) /* a model needs nothing beside it, and says the same wherever it lies */
        return GR_OK;
    gr_calibrator_kind kind = w->config != NULL ? gr_calibrator_find(w->config->evaluate.calibrate) : GR_CALIBRATE_NONE;
    return gr_heldout_open(w->options->path, gr_predictor_files(w->predictor), gr_predictor_task(w->predictor), kind,
                           w->positive, NULL, &w->heldout, err);
}

static gr_status open_work(work *w, gr_error *err)
{
    const gr_predict_options *o = w->options;
    gr_manifest_options any = {0};
    gr_status status = gr_predictor_open(o->path, &w->predictor, err);
    any.whole = status == GR_OK && gr_predictor_task(w->predictor)->whole;
    if (status == GR_OK)
        status = open_config(w, err);
    if (status == GR_OK)
        status = o->manifest != NULL ? gr_ask_table(o->manifest, &any, &w->ask, err)
                                     : gr_ask_words(o->images, o->image_count, &w->ask, err);
    if (status == GR_OK)
        status = gr_guide_ask(card_of(w), o->path, w->config != NULL ? w->config->data.group : NULL, true, &w->ask,
                              &w->out->said, o->stop, err);
    if (status == GR_OK && o->average_over != NULL && !gr_predictor_task(w->predictor)->averaged)
        status =
            gr_fail(err, GR_INVALID, "--average-over: averages probabilities or scores, which %s does not predict", o->path);
    if (status == GR_OK && o->average_over != NULL)
        status = gr_units_make(&w->ask, o->average_over, &w->units, err);
    return status == GR_OK ? open_heldout(w, err) : status;
}

static void close_work(work *w)
{
    gr_units_close(&w->units);
    gr_answered_free(&w->answered);
    gr_heldout_close(&w->heldout);
    gr_ask_close(&w->ask);
    gr_config_destroy(w->config);
    gr_predictor_close(w->predictor);
}

/* ---- decisions
 * ------------------------------------------------------------------------------------------------------------- */

static gr_status find_threshold(work *w, gr_error *err)
{
    const gr_predict_options *o = w->options;
    const gr_heldout *h = &w->heldout;
    bool two = gr_predictor_task(w->predictor)->choose != NULL && card_of(w)->model.classes == 2;
    w->threshold = o->threshold;
    w->below = NAN;
    if (!isnan(o->threshold) && !two)
        return gr_fail(err, GR_INVALID, "--threshold: parts two classes, and %s does not predict two", o->path);
    if (o->unsure > 0.0 && h->n == 0)
        return gr_fail(err, GR_INVALID,
                       "--unsure: %s has no predictions of held-out images to tell how sure is unsure; a finished run of "
                       "classes would be "
                       "right",
                       o->path);
    gr_status status = GR_OK;
    if (two && isnan(o->threshold) && h->n > 0) {
        status = gr_youden_threshold(h->labels, h->probabilities, h->n, h->class_count, h->positive, &w->threshold, err);
        if (status == GR_OK && !isnan(w->threshold))
            gr_text_printf(&w->out->said,
                           "decision: %s from a probability of %.6g on, which best parts the %lld predictions of the run's "
                           "%s (Youden)\n",
                           card_of(w)->classes[w->positive], w->threshold, (long long)h->n, h->source);
    }
    if (status == GR_OK && o->unsure > 0.0)
        status = gr_unsure_below(h->predicted, h->probabilities, h->n, h->class_count, o->unsure, &w->below, err);
    return status;
}

/* Adds the column `decision`; a row that is too unsure has none. */
static gr_status add_decision(work *w, gr_sheet *sheet, gr_error *err)
{
    const gr_answered *a = &w->answered;
    gr_decision choose = gr_predictor_task(w->predictor)->choose;
    int classes = (int)card_of(w)->model.classes;
    int64_t undecided = 0;
    if (choose == NULL || (isnan(w->threshold) && isnan(w->below)))
        return GR_OK;
    const char **cells = gr_sheet_cells(sheet);
    for (int64_t i = 0; cells != NULL && i < a->count; i++) {
        const float *p = a->mean + (size_t)i * a->width;
        int chosen = choose(p, classes);
        bool unsure = (double)p[chosen] < w->below;
        if (!isnan(w->threshold))
            chosen = (double)p[w->positive] >= w->threshold ? w->positive : 1 - w->positive;
        cells[i] = a->voices[i] > 0 && !unsure ? card_of(w)->classes[chosen] : "";
        undecided += a->voices[i] > 0 && unsure;
    }
    if (!isnan(w->below))
        gr_text_printf(
            &w->out->said,
            "%lld of %lld are left undecided: their probability is below %.6g, as that of %g %% of the run's %s\n",
            (long long)undecided, (long long)a->count, w->below, 100.0 * w->options->unsure, w->heldout.source);
    return gr_sheet_add(sheet, "decision", cells, err);
}

/* ---- the table
 * --------------------------------------------------------------------------------------------------------------- */

/* What is wrong with each row; the first one and their count for the sentence. */
static const char *const *problems_of(work *w, gr_sheet *sheet, bool *some)
{
    const gr_answered *a = &w->answered;
    const char **cells = gr_sheet_cells(sheet);
    gr_predicted *out = w->out;
    *some = false;
    for (int64_t i = 0; cells != NULL && i < a->count; i++) {
        bool unit = w->units.count > 0;
        cells[i] = !unit && w->ask.problems[i] != NULL ? w->ask.problems[i] : a->problems[i];
        *some = *some || cells[i] != NULL;
        out->read += cells[i] == NULL;
        if (cells[i] != NULL && out->problem[0] == '\0') {
            const char *where = unit ? w->units.names[i] : w->ask.samples[i].where;
            snprintf(out->problem, sizeof out->problem, "%.200s%s%s: %.300s", where != NULL ? where : "",
                     where != NULL ? ": " : "", unit ? "" : w->ask.names[i], cells[i]);
        }
    }
    out->rows = a->count;
    if (*some) {
        size_t length = strlen(out->problem);
        snprintf(out->problem + length, sizeof out->problem - length,
                 "; %lld of %lld %s could not be read, the column error says why", (long long)(out->rows - out->read),
                 (long long)out->rows, w->units.count > 0 ? "units" : "images");
    }
    return cells;
}

/* The answers, empty where there are none. */
static gr_status add_answers(work *w, const char *const *names, gr_sheet *sheet, gr_error *err)
{
    const gr_answered *a = &w->answered;
    const gr_answers answers = {.card = card_of(w), .count = a->count, .images = names, .predictions = a->mean};
    int64_t *at = gr_alloc((size_t)a->count, sizeof *at);
    gr_text text = {0};
    gr_predictor_task(w->predictor)->answer(&answers, &text);
    for (int64_t i = 0; at != NULL && i < a->count; i++)
        at[i] = a->voices[i] > 0 ? i : -1;
    gr_status status = at != NULL ? gr_sheet_add(sheet, "image", names, err) : no_memory(err);
    if (status == GR_OK)
        status = gr_sheet_add_table(sheet, &text, 1, at, err);
    gr_text_free(&text);
    gr_free(at);
    return status;
}

static gr_status add_rest(work *w, gr_sheet *sheet, gr_error *err)
{
    gr_units *u = &w->units;
    gr_status status =
        u->count > 0 ? gr_sheet_add_counts(sheet, "images", u->sizes, err) : gr_ask_carry(&w->ask, NULL, 0, sheet, err);
    for (int k = 0; status == GR_OK && u->count > 0 && k < u->column_count; k++)
        status = gr_sheet_add(sheet, u->columns[k], u->values[k], err);
    return status;
}

static gr_status fill(work *w, gr_sheet *sheet, gr_error *err)
{
    bool some;
    gr_status status = add_answers(w, w->units.count > 0 ? w->units.names : w->ask.names, sheet, err);
    if (status == GR_OK)
        status = gr_sheet_add_reals(sheet, "spread", w->answered.spread, err);
    if (status == GR_OK)
        status = gr_sheet_add_counts(sheet, "models", w->answered.voices, err);
    if (status == GR_OK)
        status = add_decision(w, sheet, err);
    const char *const *problems = status == GR_OK ? problems_of(w, sheet, &some) : NULL;
    if (status == GR_OK && problems == NULL)
        status = no_memory(err);
    if (status == GR_OK)
        status = add_rest(w, sheet, err);
    if (status == GR_OK && some)
        status = gr_sheet_add(sheet, "error", problems, err);
    if (status == GR_OK)
        gr_sheet_csv(sheet, &w->out->table);
    return status;
}

/* ---- asking
 * ------------------------------------------------------------------------------------------------------------------- */

/* Says once how many images a model trained on. */
static gr_status tell_known(work *w, bool *knows, gr_error *err)
{
    const gr_model_files *files = gr_predictor_files(w->predictor);
    const char *group = w->config != NULL ? w->config->data.group : NULL;
    int column = group != NULL && w->ask.table != NULL ? gr_csv_column(w->ask.table, group) : -1;
    const char **groups = column >= 0 ? gr_alloc((size_t)w->ask.count, sizeof *groups) : NULL;
    gr_text unsaid = {0};
    int64_t known = 0;
    if (column >= 0 && groups == NULL)
        return no_memory(err);
    for (int64_t i = 0; groups != NULL && i < w->ask.count; i++)
        groups[i] = gr_csv_unknown(gr_ask_cell(&w->ask, i, column)) ? NULL : gr_ask_cell(&w->ask, i, column);
    const gr_asked_images asked = {w->ask.count, w->ask.names, w->ask.paths, groups};
    gr_status status = gr_trained_knows(files->paths, files->count, &asked, knows, &unsaid,
                                        gr_is_folder(w->options->path) ? &w->out->said : NULL, err);
    for (int64_t i = 0; status == GR_OK && i < w->ask.count; i++) {
        bool some = false;
        for (int m = 0; m < files->count; m++)
            some = some || knows[i * files->count + m];
        known += some;
    }
    if (known > 0)
        gr_text_printf(
            &w->out->said,
            "%lld of %lld images were trained on, or others of their group: what is said of them flatters; grimace "
            "evaluate leaves out who knows them\n",
            (long long)known, (long long)w->ask.count);
    gr_text_free(&unsaid);
    gr_free(groups);
    return status;
}

/* Says once of how many images most models find something strange, if they are more than of held-out images. far(image, &asked): do
 * they? Is one of them asked at all? */
static void tell_far(work *w, const gr_strange *strange, bool (*far)(const gr_strange *image, bool *asked), const char *what)
{
    enum { NAMED = 3 };
    gr_text names = {0};
    int64_t judged = 0, found = 0;
    for (int64_t i = 0; i < w->ask.count; i++) {
        bool asked = false;
        if (far(&strange[i], &asked) && found++ < NAMED)
            gr_text_printf(&names, "%s%s", found > 1 ? ", " : "", w->ask.names[i]);
        judged += asked;
    }
    if (found > 0 && 50 * found > judged) {
        gr_text_printf(&w->out->said, "%lld of %lld images %s: %s", (long long)found, (long long)judged, what,
                       names.data != NULL ? names.data : "");
        if (found > NAMED)
            gr_text_printf(&w->out->said, " and %lld more", (long long)(found - NAMED));
        gr_text_printf(&w->out->said, "\n");
    }
    gr_text_free(&names);
}

static bool is_unlike(const gr_strange *image, bool *asked)
{
    *asked = image->judged > 0;
    return 2 * image->unlike > image->judged;
}

static bool is_uncut(const gr_strange *image, bool *asked)
{
    *asked = image->framed > 0;
    return 2 * image->uncut > image->framed;
}

static void tell_strange(work *w, const gr_strange *strange)
{
    tell_far(w, strange, is_unlike,
             "are unlike those that the run trained on (farther off than 99 % of the images that it was tested on): what is "
             "said of them is a guess");
    tell_far(w, strange, is_uncut,
             "are cut otherwise than those that the run trained on (edges lie elsewhere in the frame than in 99 % of the images "
             "that it was tested on), as whole pictures are where most of the frame is background");
}

static gr_status ask_all(work *w, gr_error *err)
{
    int models = gr_predictor_files(w->predictor)->count;
    size_t cells;
    bool run = gr_is_folder(w->options->path); /* a model says the same wherever it lies */
    bool *knows = gr_mul_size((size_t)w->ask.count, (size_t)models, &cells) ? gr_alloc(cells, sizeof *knows) : NULL;
    gr_strange *strange = run ? gr_alloc((size_t)w->ask.count, sizeof *strange) : NULL;
    gr_status status = knows != NULL && (strange != NULL || !run) ? tell_known(w, knows, err) : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < w->ask.count; i++) /* all answer, but for rows that cannot be asked about */
        for (int m = 0; m < models; m++)
            knows[i * models + m] = w->ask.problems[i] != NULL;
    const gr_questions questions = {
        .samples = w->ask.samples, .count = w->ask.count, .knows = knows, .strange = strange};
    if (status == GR_OK)
        status = gr_answers_make(w->predictor, &questions, w->positive, w->options->stop, &w->answered, err);
    if (status == GR_OK && run)
        tell_strange(w, strange);
    gr_free(knows);
    gr_free(strange);
    return status;
}

/* Takes images together, then maps probabilities. */
static gr_status settle(work *w, gr_error *err)
{
    gr_answered units;
    if (w->units.count > 0) {
        gr_status status =
            gr_answers_average(w->predictor, &w->answered, w->units.of, w->units.count, w->positive, &units, err);
        if (status != GR_OK)
            return status;
        gr_answered_free(&w->answered);
        w->answered = units;
    }
    for (int64_t i = 0; w->heldout.n > 0 && i < w->answered.count; i++)
        if (w->answered.voices[i] > 0)
            gr_calibrator_apply(&w->heldout.map, w->answered.mean + (size_t)i * w->answered.width, 1);
    if (w->heldout.map.kind != GR_CALIBRATE_NONE)
        gr_text_printf(&w->out->said, "probabilities are calibrated (%s), fitted on the %lld predictions of the run's %s\n",
                       gr_calibrator_name((int)w->heldout.map.kind), (long long)w->heldout.n, w->heldout.source);
    return GR_OK;
}

gr_status gr_predict_run(const gr_predict_options *options, gr_predicted *out, gr_error *err)
{
    *out = (gr_predicted){0};
    work w = {.options = options, .out = out};
    gr_sheet sheet = {0};
    gr_status status = open_work(&w, err);
    if (status == GR_OK)
        status = find_threshold(&w, err);
    if (status == GR_OK && w.ask.manifest.notices != NULL)
        gr_text_printf(&out->said, "%s", w.ask.manifest.notices);
    if (status == GR_OK)
        status = ask_all(&w, err);
    if (status == GR_OK)
        status = settle(&w, err);
    if (status == GR_OK)
        status = gr_sheet_open(w.answered.count, &sheet, err);
    if (status == GR_OK)
        status = fill(&w, &sheet, err);
    gr_sheet_close(&sheet);
    close_work(&w);
    if (status == GR_OK && (out->table.failed || out->said.failed))
        status = no_memory(err);
    if (status != GR_OK)
        gr_predicted_free(out);
    return status;
}

void gr_predicted_free(gr_predicted *p)
{
    gr_text_free(&p->table);
    gr_text_free(&p->said);
    *p = (gr_predicted){0};
}
