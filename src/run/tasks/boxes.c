/* The task of boxes: where faces and their parts are in whole pictures, of several kinds at once. */
#include <math.h>
#include <string.h>

#include "grimace/results.h"
#include "learners/box_targets.h"
#include "run/tasks/task.h"

/* ---- as training sees it ---------------------------------------------------------------------------------------------- */

static const char *number(int i)
{
    return i < GR_BOX_METRIC_COUNT ? gr_box_metric_name((gr_box_metric)i) : NULL;
}

static bool falls(int i)
{
    (void)i;
    return false;
}

static gr_outputs outputs(const gr_manifest *manifest)
{
    return (gr_outputs){.classes = manifest->kind_count, .labels = 1};
}

static size_t row(const gr_cohort *cohort)
{
    (void)cohort;
    return GR_BOX_ANSWER;
}

static size_t width_of_card(const gr_card *card)
{
    (void)card;
    return GR_BOX_ANSWER;
}

static void fill(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch)
{
    gr_shape shape = gr_value_shape(model->targets);
    float *targets = gr_plan_data(plan, model->targets);
    for (int64_t i = 0; i < batch->n; i++)
        gr_box_targets_fill(&cohort->boxes, batch->samples[i] % cohort->manifest.rows, &batch->origins[i],
                            cohort->recipe.data.image.size, &shape, targets + i * gr_shape_elements(&shape));
}

static void take(const gr_cohort *cohort, int fold, const gr_model *model, gr_plan *plan, const gr_batch *batch, float *to)
{
    gr_shape shape = gr_value_shape(model->maps);
    const float *maps = gr_plan_data(plan, model->maps);
    (void)fold;
    for (int64_t i = 0; i < batch->n; i++)
        gr_box_maps_read(maps + i * gr_shape_elements(&shape), &shape, &batch->origins[i], cohort->recipe.data.image.size,
                         to + i * GR_BOX_ANSWER);
}

static void read_answer(const gr_card *card, const gr_shape *shape, const gr_origin *origin, const float *answer, float *to)
{
    gr_box_maps_read(answer, shape, origin, (int)card->model.size, to);
}

/* ---- cases of predictions --------------------------------------------------------------------------------------------- */

/* The true and the found boxes of images. */
typedef struct cases {
    gr_box_case *items;
    gr_kind_box *truths, *found;
} cases;

static void free_cases(cases *c)
{
    gr_free(c->items);
    gr_free(c->truths);
    gr_free(c->found);
}

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the boxes of images");
}

/* Of predictions[count]; the true boxes are those of rows[count] of `manifest` (NULL: not known). */
static gr_status make_cases(const gr_manifest *m, const int64_t *rows, int64_t count, const float *predictions, cases *out,
                            gr_error *err)
{
    size_t most;
    *out = (cases){.items = gr_alloc((size_t)count, sizeof *out->items)};
    int64_t truths = 0;
    for (int64_t i = 0; m != NULL && i < count; i++)
        truths += m->marked[rows[i] + 1] - m->marked[rows[i]];
    out->truths = gr_alloc((size_t)truths, sizeof *out->truths);
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++)
        found += (int64_t)predictions[i * GR_BOX_ANSWER];
    if (gr_add_size((size_t)found, GR_BOXES_MOST, &most))
        out->found = gr_alloc(most, sizeof *out->found);
    if (out->items == NULL || out->truths == NULL || out->found == NULL)
        return no_memory(err);
    gr_kind_box *truth = out->truths, *next = out->found;
    for (int64_t i = 0; i < count; i++) {
        gr_box_case *c = &out->items[i];
        *c = (gr_box_case){.truths = truth, .found = next};
        for (int64_t b = m != NULL ? m->marked[rows[i]] : 0; m != NULL && b < m->marked[rows[i] + 1]; b++) {
            const gr_box *box = &m->marks[b].box;
            *truth++ = (gr_kind_box){.box = {box->x, box->y, box->width, box->height}, .kind = m->marks[b].kind};
        }
        c->truth_count = truth - c->truths;
        c->found_count = gr_box_answer_get(predictions + i * GR_BOX_ANSWER, next);
        next += c->found_count;
    }
    return GR_OK;
}

static gr_status judge(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions, double *values,
                       gr_error *err)
{
    cases c;
    gr_box_numbers numbers;
    gr_status status = make_cases(&cohort->manifest, rows, count, predictions, &c, err);
    if (status == GR_OK)
        status = gr_box_numbers_of_kind(c.items, NULL, count, 0, gr_box_score(&cohort->recipe), &numbers, err);
    for (int i = 0; status == GR_OK && i < GR_BOX_METRIC_COUNT; i++)
        values[i] = gr_box_metric_of(&numbers, (gr_box_metric)i);
    free_cases(&c);
    return status;
}

static uint64_t hash_row(const gr_cohort *cohort, int64_t r, uint64_t hash)
{
    const gr_manifest *m = &cohort->manifest;
    for (int64_t i = m->marked[r]; i < m->marked[r + 1]; i++) {
        hash = gr_hash(hash, &m->marks[i].box, sizeof m->marks[i].box);
        hash = gr_hash(hash, &m->marks[i].kind, sizeof m->marks[i].kind);
    }
    return hash;
}

static void describe(const gr_cohort *cohort, int fold, gr_card *card)
{
    (void)fold;
    card->classes = cohort->manifest.kinds;
    card->model.classes = cohort->manifest.kind_count;
}

/* ---- a run's ---------------------------------------------------------------------------------------------------------- */

static gr_status wrong_item(const gr_config *config, const char *item, const char *why, gr_error *err)
{
    return gr_config_fail(config, "data.boxes", err,
                          "\"%.80s\" %s; KIND=PREFIX, such as face=box or eye=eye_left, would be right", item, why);
}

static gr_status check(const gr_config *config, gr_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const gr_strings *boxes = &config->data.boxes;
    if (config->data.crop != NULL)
        return gr_config_fail(
            config, "data.crop", err,
            "cuts faces out, and the task is boxes, which are found in whole pictures; null would be right");
    if (config->data.align != NULL || config->data.align_to != NULL)
        return gr_config_fail(
            config, config->data.align != NULL ? "data.align" : "data.align_to", err,
            "turns faces upright, and the task is boxes, which are found in whole pictures; null would be right");
    if (boxes->count == 0)
        return gr_config_fail(config, "data.boxes", err, "names no kind of box; [face=box] would be right");
    for (int i = 0; i < boxes->count; i++) {
        const char *item = boxes->items[i], *equal = strchr(item, '=');
        if (equal == NULL || equal == item || equal[1] == '\0')
            return wrong_item(config, item, "names no columns of a kind of box", err);
        if (strspn(item, letters) != (size_t)(equal - item)) /* kinds stand between blanks in predictions.csv */
            return wrong_item(config, item, "has a kind of other signs than letters, digits, _ and -", err);
        for (int j = 0; j < i; j++)
            if (strcmp(strchr(boxes->items[j], '='), equal) == 0)
                return wrong_item(config, item, "names columns that an earlier one has", err);
    }
    return GR_OK;
}

static void read_columns(const gr_config *config, gr_manifest_options *options)
{
    options->label = NULL;
    options->marks = (const char *const *)config->data.boxes.items;
    options->mark_count = config->data.boxes.count;
}

static gr_status open_boxes(gr_cohort *cohort, gr_error *err)
{
    int64_t across = 0;
    gr_status status = gr_box_targets_open(&cohort->manifest, cohort->texts, &cohort->boxes, err);
    if (status == GR_OK)
        status = gr_manifest_boxes_check(&cohort->manifest, &across, err);
    cohort->boxes.across = across;
    return status;
}

/* Every fold that trains has a box of the first kind to learn from. */
static gr_status look_at_folds(gr_cohort *cohort, gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    for (int f = 0; f < cohort->split.fold_count; f++) {
        const gr_fold *fold = &cohort->split.folds[f];
        int64_t training = 0, boxes = 0;
        for (int64_t r = 0; r < m->rows; r++) {
            if (gr_fold_part(fold, r) != GR_PART_TRAIN)
                continue;
            training++;
            for (int64_t b = m->marked[r]; b < m->marked[r + 1]; b++)
                boxes += m->marks[b].kind == 0;
        }
        if (training > 0 && boxes == 0)
            return gr_fail(
                err, GR_INVALID,
                "fold %s: none of its %lld training pictures has a box of the kind %s; folds that all train on some, "
                "by split or data.group, would be right",
                fold->name, (long long)training, m->kinds[0]);
    }
    return GR_OK;
}

static gr_outputs width(const gr_config *config)
{
    (void)config;
    return (gr_outputs){0};
}

static void answer(const gr_answers *a, gr_text *out)
{
    cases c;
    gr_error none = {0};
    out->failed = out->failed || make_cases(NULL, NULL, a->count, a->predictions, &c, &none) != GR_OK;
    gr_box_predictions predictions = {.count = a->count,
                                      .kind_count = (int)a->card->model.classes,
                                      .kinds = a->card->classes,
                                      .score = strcmp(a->card->classic, "none") == 0 ? a->card->model.box_score : -INFINITY,
                                      .images = a->images,
                                      .cases = c.items};
    if (!out->failed)
        gr_box_predictions_csv(&predictions, out);
    free_cases(&c);
}

/* Of the score of the best box of the first kind. */
static double spread(const gr_card *card, int positive, const float *const *answers, int models)
{
    double mean = 0.0, squares = 0.0;
    (void)card;
    (void)positive;
    for (int i = 0; i < models; i++)
        mean += gr_box_answer_best(answers[i], 0) / models;
    for (int i = 0; i < models; i++)
        squares += pow(gr_box_answer_best(answers[i], 0) - mean, 2);
    return sqrt(squares / (models - 1));
}

static gr_status write_all(const gr_cohort *e, gr_gathered *g, const gr_box_predictions *p, const char *folder,
                           gr_results *results, gr_error *err)
{
    char *path = gr_path_join(folder, "predictions.csv");
    gr_status status = path != NULL ? gr_box_predictions_write_csv(p, path, err) : no_memory(err);
    gr_free(path);
    if (status == GR_OK)
        status = gr_box_results_make(e->config->name, p, results, err);
    if (status != GR_OK)
        return status;
    results->kept = g->kept;
    g->kept = NULL;
    status = gr_results_write(results, folder, err);
    if (status == GR_OK)
        status = gr_summary_write(results, g->count, g->groups, g->fold, folder, err);
    if (status != GR_OK)
        gr_results_free(results);
    return status;
}

static gr_status report(const gr_cohort *e, gr_gathered *g, const char *folder, gr_results *results, gr_error *err)
{
    cases c;
    gr_status status = make_cases(&e->manifest, g->row, g->count, g->predictions, &c, err);
    gr_box_predictions predictions = {.count = g->count,
                                      .kind_count = e->manifest.kind_count,
                                      .kinds = e->manifest.kinds,
                                      .score = gr_box_score(&e->recipe),
                                      .fold_count = e->split.fold_count,
                                      .folds = g->folds,
                                      .group_column = e->manifest.group_column,
                                      .images = g->images,
                                      .groups = g->groups,
                                      .fold = g->fold,
                                      .cases = c.items,
                                      .known = true};
    if (status == GR_OK)
        status = write_all(e, g, &predictions, folder, results, err);
    free_cases(&c);
    return status;
}

const gr_task gr_boxes_task = {
    .target = {.task = "boxes",
               .numbers = GR_BOX_METRIC_COUNT,
               .number = number,
               .falls = falls,
               .placed = true,
               .outputs = outputs,
               .row = row,
               .width = width_of_card,
               .fill = fill,
               .take = take,
               .read = read_answer,
               .join = gr_box_answers_join,
               .judge = judge,
               .hash = hash_row,
               .describe = describe},
    .one = true,
    .check = check,
    .whole = true,
    .unlabelled = true,
    .read = read_columns,
    .open = open_boxes,
    .settle = look_at_folds,
    .width = width,
    .report = report,
    .spread = spread,
    .answer = answer,
    .number = number,
    .falls = falls,
    .rank_by = "ap50",
    .shown = {{GR_BOX_AP50, "AP50", 1, 4}, {GR_BOX_RECALL, "recall", 1, 4}},
};
