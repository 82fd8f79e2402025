#include "grimace/learning_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/power_law.h"
#include "data/split_csv.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "grimace/sweep.h"
#include "run/one/folder.h"
#include "run/several/task_numbers.h"

enum { POINTS = 4, AHEADS = 2, FEWEST = 2 };
static const double shares[POINTS] = {0.25, 0.5, 0.75, 1.0}, ahead[AHEADS] = {1.5, 2.0};

/* The points of the curve, from the fewest groups on. */
typedef struct curve {
    const gr_task *task;
    bool grouped;
    double groups[POINTS], images[POINTS]; /* that train, means over folds */
    double values[GR_MOST_NUMBERS][POINTS];
    bool fitted[GR_MOST_NUMBERS];
    double expected[GR_MOST_NUMBERS][AHEADS], low[GR_MOST_NUMBERS][AHEADS], high[GR_MOST_NUMBERS][AHEADS];
} curve;

/* ---- the points -------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The rows of a splits.csv that tell who trains: in a full one those of train, in a compact one the others. */
typedef struct tellers {
    const gr_csv *table;
    int fold, part, unit, image;
    bool compact;
    int64_t rows;           /* that tell */
    const char **folds;     /* [table->rows], of all */
    const char **units, **images; /* [table->rows], likewise */
    const char **seen;      /* [rows], "fold, unit" */
} tellers;

static int64_t count_different(const char **texts, int64_t count)
{
    int64_t different = 0;
    qsort(texts, (size_t)count, sizeof *texts, by_text);
    for (int64_t r = 0; r < count; r++)
        different += r == 0 || strcmp(texts[r], texts[r - 1]) != 0;
    return different;
}

static bool list_tellers(tellers *t, gr_arena *arena)
{
    size_t count = (size_t)t->table->rows;
    t->folds = gr_arena_alloc(arena, count, sizeof *t->folds);
    t->units = gr_arena_alloc(arena, count, sizeof *t->units);
    t->images = gr_arena_alloc(arena, count, sizeof *t->images);
    t->seen = gr_arena_alloc(arena, count, sizeof *t->seen);
    bool room = t->folds != NULL && t->units != NULL && t->images != NULL && t->seen != NULL;
    for (int64_t r = 0; room && r < t->table->rows; r++) {
        t->folds[r] = gr_csv_field(t->table, r, t->fold);
        t->units[r] = gr_csv_field(t->table, r, t->unit);
        t->images[r] = gr_csv_field(t->table, r, t->image);
        if ((strcmp(gr_csv_field(t->table, r, t->part), "train") == 0) == t->compact)
            continue;
        t->seen[t->rows] = gr_arena_printf(arena, "%s\n%s", t->folds[r], t->units[r]);
        room = t->seen[t->rows++] != NULL;
    }
    return room;
}

/* Of a splits.csv: how many groups and images train, means over folds. */
static gr_status count_training(const char *path, const char *group, double *groups, double *images, gr_error *err)
{
    gr_csv *table = NULL;
    gr_arena *arena = gr_arena_create();
    gr_status status =
        arena != NULL ? gr_csv_read(path, &table, err) : gr_fail(err, GR_NOMEM, "%s: no memory to read it", path);
    tellers t = {.table = table};
    if (status == GR_OK) {
        t.fold = gr_csv_column(table, "fold");
        t.part = gr_csv_column(table, "part");
        t.image = gr_csv_column(table, "image");
        t.unit = group != NULL ? gr_csv_column(table, group) : t.image;
    }
    if (status == GR_OK && (t.fold < 0 || t.part < 0 || t.unit < 0 || t.image < 0))
        status = gr_fail(err, GR_INVALID, "%s: lacks a column image, fold, part or %s", path, group != NULL ? group : "image");
    if (status == GR_OK)
        status = gr_split_form(table, t.fold, t.part, &t.compact, err);
    if (status == GR_OK && !list_tellers(&t, arena))
        status = gr_fail(err, GR_NOMEM, "%s: no memory to count its groups", path);
    if (status == GR_OK) {
        int64_t folds = count_different(t.folds, table->rows), units = count_different(t.seen, t.rows), rows = t.rows;
        if (t.compact) {
            units = folds * count_different(t.units, table->rows) - units;
            rows = folds * count_different(t.images, table->rows) - rows;
        }
        *groups = (double)units / (double)folds;
        *images = (double)rows / (double)folds;
    }
    gr_csv_destroy(table);
    gr_arena_destroy(arena);
    return status;
}

static gr_status count_point(const char *folder, const char *group, int point, curve *c, gr_error *err)
{
    char *path = gr_path_join(folder, "splits.csv");
    gr_status status = path != NULL ? count_training(path, group, &c->groups[point], &c->images[point], err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(path);
    return status;
}

/* The run itself: it must be finished. */
static gr_status take_run(const char *run, const gr_config *config, curve *c, gr_error *err)
{
    json_t *json = NULL;
    char *path = gr_path_join(run, "results.json");
    gr_status status = path == NULL         ? gr_fail(err, GR_NOMEM, "no memory for a path")
                       : gr_path_exists(path) ? gr_json_read(path, &json, err)
                                              : gr_fail(err, GR_INVALID,
                                                        "%s: holds no results.json: a finished run would be right", run);
    const json_t *pooled = json_object_get(json, "pooled");
    double values[GR_MOST_NUMBERS];
    gr_task_numbers_take(c->task, pooled, values);
    for (int i = 0; status == GR_OK && c->task->number(i) != NULL; i++)
        c->values[i][POINTS - 1] = values[i];
    json_decref(json);
    gr_free(path);
    if (status == GR_OK)
        status = count_point(run, config->data.group, POINTS - 1, c, err);
    if (status == GR_OK && c->groups[POINTS - 1] < FEWEST)
        return gr_fail(err, GR_INVALID,
                       "%s: training %s of a fold: %.3g, of which a quarter is no fewer; %d or more would be right", run,
                       c->grouped ? "animals" : "images", c->groups[POINTS - 1], FEWEST);
    return status;
}

static gr_status train(const char *folder, const gr_config *config, const gr_run_options *options, curve *c, gr_error *err)
{
    gr_settings settings;
    gr_sweep_results results;
    gr_run_options own = *options;
    own.folder = folder;
    own.resume = true;
    gr_status status = gr_sweep_run(config, &own, &settings, &results, err);
    if (status != GR_OK)
        return status;
    for (int p = 0; status == GR_OK && p < POINTS - 1; p++) {
        gr_text path = {0};
        gr_text_printf(&path, "%s/setting-%s", folder, settings.items[p].number);
        status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a path")
                             : count_point(path.data, config->data.group, p, c, err);
        for (int i = 0; c->task->number(i) != NULL; i++)
            c->values[i][p] = results.pooled[p][i];
        gr_text_free(&path);
    }
    gr_sweep_results_free(&results);
    gr_settings_free(&settings);
    return status;
}

/* ---- beyond them ------------------------------------------------------------------------------------------------------- */

/* Numbers that get better by rising end at 1, the others at 0. */
static double at(const curve *c, int number, const gr_power_law *law, double n)
{
    double value = gr_power_law_at(law, n);
    return c->task->falls(number) ? fmax(value, 0.0) : fmin(value, 1.0);
}

/* A number that does not get better with more animals is not carried on. */
static void look_ahead(curve *c, int number)
{
    gr_power_law law;
    const double *y = c->values[number], last = c->groups[POINTS - 1];
    bool good = gr_power_law_fit(c->groups, y, POINTS, &law) && (c->task->falls(number) ? law.b > 0.0 : law.b < 0.0);
    c->fitted[number] = good;
    for (int k = 0; good && k < AHEADS; k++)
        c->expected[number][k] = c->low[number][k] = c->high[number][k] = at(c, number, &law, ahead[k] * last);
    for (int out = 0; good && out < POINTS; out++) {
        double rest[POINTS];
        memcpy(rest, y, sizeof rest);
        rest[out] = NAN;
        if (!gr_power_law_fit(c->groups, rest, POINTS, &law))
            continue;
        for (int k = 0; k < AHEADS; k++) {
            c->low[number][k] = fmin(c->low[number][k], at(c, number, &law, ahead[k] * last));
            c->high[number][k] = fmax(c->high[number][k], at(c, number, &law, ahead[k] * last));
        }
    }
}

/* ---- files and table --------------------------------------------------------------------------------------------------- */

static gr_status write_csv(const char *run, const curve *c, gr_error *err)
{
    gr_text out = {0};
    char *path = gr_path_join(run, "learning-curve.csv");
    gr_text_printf(&out, "share,%s,images", c->grouped ? "groups" : "rows");
    for (int i = 0; c->task->number(i) != NULL; i++)
        gr_text_printf(&out, ",%s", c->task->number(i));
    for (int p = 0; p < POINTS; p++) {
        gr_text_printf(&out, "\n%g,%.15g,%.15g", shares[p], c->groups[p], c->images[p]);
        for (int i = 0; c->task->number(i) != NULL; i++)
            gr_csv_put_number(&out, c->values[i][p]);
    }
    gr_text_printf(&out, "\n");
    gr_status status = path != NULL && !out.failed ? gr_file_write(path, out.data, out.size, err)
                                                   : gr_fail(err, GR_NOMEM, "no memory for the table of the curve");
    gr_text_free(&out);
    gr_free(path);
    return status;
}

static json_t *reals(const double *values, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, gr_json_real(values[i]));
    return list;
}

static gr_status write_json(const char *run, const curve *c, gr_error *err)
{
    char *path = gr_path_join(run, "learning-curve.json");
    json_t *root = json_object(), *numbers = json_object();
    json_object_set_new(root, "share", reals(shares, POINTS));
    json_object_set_new(root, c->grouped ? "groups" : "rows", reals(c->groups, POINTS));
    json_object_set_new(root, "images", reals(c->images, POINTS));
    json_object_set_new(root, "ahead", reals(ahead, AHEADS));
    for (int i = 0; c->task->number(i) != NULL; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "values", reals(c->values[i], POINTS));
        if (c->fitted[i]) {
            json_object_set_new(one, "expected", reals(c->expected[i], AHEADS));
            json_object_set_new(one, "low", reals(c->low[i], AHEADS));
            json_object_set_new(one, "high", reals(c->high[i], AHEADS));
        }
        json_object_set_new(numbers, c->task->number(i), one);
    }
    json_object_set_new(root, "numbers", numbers);
    gr_status status = path != NULL ? gr_json_write(path, root, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    json_decref(root);
    gr_free(path);
    return status;
}

static void put_table(const curve *c, gr_text *out)
{
    gr_text_printf(out, "%-18s", c->grouped ? "training groups" : "training images");
    for (int p = 0; p < POINTS; p++)
        gr_text_printf(out, "  %8.4g", c->groups[p]);
    for (int k = 0; k < AHEADS; k++)
        gr_text_printf(out, "  %14s %8.4g", "perhaps with", ahead[k] * c->groups[POINTS - 1]);
    gr_text_printf(out, "\n");
    for (int i = 0; c->task->number(i) != NULL; i++) {
        if (isnan(c->values[i][POINTS - 1]))
            continue;
        gr_text_printf(out, "%-18s", c->task->number(i));
        for (int p = 0; p < POINTS; p++)
            if (isnan(c->values[i][p]))
                gr_text_printf(out, "  %8s", "-");
            else
                gr_text_printf(out, "  %8.4f", c->values[i][p]);
        for (int k = 0; k < AHEADS && c->fitted[i]; k++)
            gr_text_printf(out, "  %6.4f %7.4f..%.4f", c->expected[i][k], c->low[i][k], c->high[i][k]);
        gr_text_printf(out, "\n");
    }
    gr_text_printf(out, "Beyond the run's own animals it is a guess: a + b n^-c through four points; the range leaves out each in "
                        "turn. Where nothing stands, the number did not get better with more.\n");
}

/* The sweep of shares that the run's config becomes. */
static gr_status open_config(const char *run, gr_config **out, gr_error *err)
{
    gr_config *own = NULL;
    char *path = gr_path_join(run, "config.yaml");
    gr_status status = path != NULL ? gr_task_load(path, NULL, 0, NULL, NULL, &own, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK && (own->experiment.labels.count > 0 || own->experiment.cross != NULL || own->sweep.count > 0))
        status = gr_fail(err, GR_INVALID, "%s: is a study or a sweep; one of its runs would be right", run);
    if (status == GR_OK && own->split.train_share < 1.0)
        status = gr_fail(err, GR_INVALID, "%s: split.train_share: is %g, and a curve goes up to all; a run with 1 would be right",
                         path, own->split.train_share);
    if (status == GR_OK)
        status = gr_config_with(
            own,
            (const char *[]){"sweep=[{key: split.train_share, values: [0.25, 0.5, 0.75]}]", "train.repeats=1",
                             "reported=null"},
            3, out, err);
    gr_config_destroy(own);
    gr_free(path);
    return status;
}

gr_status gr_learning_curve(const char *run, const gr_run_options *options, gr_text *out, gr_error *err)
{
    gr_config *config = NULL;
    char *folder = gr_path_join(run, "learning-curve");
    curve *c = gr_alloc(1, sizeof *c);
    gr_status status = folder != NULL && c != NULL ? open_config(run, &config, err)
                                                   : gr_fail(err, GR_NOMEM, "no memory for a learning curve");
    if (status == GR_OK) {
        c->task = gr_task_of(config);
        c->grouped = config->data.group != NULL;
        status = take_run(run, config, c, err);
    }
    if (status == GR_OK)
        status = train(folder, config, options, c, err);
    for (int i = 0; status == GR_OK && c->task->number(i) != NULL; i++)
        look_ahead(c, i);
    if (status == GR_OK)
        status = write_csv(run, c, err);
    if (status == GR_OK)
        status = write_json(run, c, err);
    if (status == GR_OK)
        put_table(c, out);
    gr_config_destroy(config);
    gr_free(folder);
    gr_free(c);
    return status;
}
