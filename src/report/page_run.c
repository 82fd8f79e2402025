#include "report/page_run.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/json.h"
#include "grimace/train.h"
#include "run/write/statistics.h"

/* So many samples where the run drew none by its groups. */
static const char *const samples = "evaluate.bootstrap.count=1000";

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

const json_t *gr_page_at(const json_t *json, const char *path)
{
    char key[64];
    while (json != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        json = json_object_get(json, key);
        path += length + (path[length] == '.');
    }
    return json_is_null(json) ? NULL : json;
}

double gr_page_number(const json_t *json, const char *path)
{
    const json_t *value = gr_page_at(json, path);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

long long gr_page_whole(const json_t *json, const char *path)
{
    double value = gr_page_number(json, path);
    return fabs(value) < 9e15 ? (long long)value : 0;
}

const char *gr_page_method(const json_t *pooled)
{
    return gr_page_at(pooled, "groups.metrics") != NULL ? "jackknife"
           : gr_page_at(pooled, "bootstrap") != NULL    ? "bootstrap"
                                                        : NULL;
}

double gr_page_interval(const json_t *pooled, const char *key, int end)
{
    const json_t *metric = json_object_get(gr_page_at(pooled, "groups.metrics"), key);
    return metric != NULL ? gr_page_end(metric, "jackknife", end) : gr_page_end(gr_page_at(pooled, "bootstrap"), key, end);
}

const char *gr_page_text(const json_t *json, const char *path)
{
    return json_string_value(gr_page_at(json, path));
}

double gr_page_end(const json_t *json, const char *path, int end)
{
    const json_t *value = json_array_get(gr_page_at(json, path), (size_t)end);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* A column is called as its user likes; what stands here reads well in sentences, anything else is a group. */
static gr_noun noun_of(const char *column)
{
    static const gr_noun known[] = {{"animal", "animals"},   {"rat", "rats"},         {"mouse", "mice"},
                                    {"cat", "cats"},         {"infant", "infants"},   {"baby", "babies"},
                                    {"child", "children"},   {"patient", "patients"}, {"person", "people"},
                                    {"subject", "subjects"}, {"horse", "horses"},     {"rabbit", "rabbits"},
                                    {"sheep", "sheep"},      {"piglet", "piglets"},   {"participant", "participants"}};
    for (size_t i = 0; column != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(column, known[i].one) == 0)
            return known[i];
    return (gr_noun){"group", "groups"};
}

const char *gr_noun_for(gr_noun noun, int64_t count)
{
    return count == 1 ? noun.one : noun.many;
}

/* The last word of a path. */
static const char *last_word(gr_page_run *run, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    return gr_arena_strndup(run->arena, path + start, end - start);
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

/* Are there intervals by groups: the jackknife's or, of each column of labels or the only one, a bootstrap that draws them?
 */
static bool counts_groups(const json_t *numbers)
{
    bool ordered = gr_page_at(numbers, "pooled.kappa_quadratic") != NULL; /* whose numbers the jackknife has not all */
    if (!ordered && gr_page_at(numbers, "pooled.groups.metrics") != NULL)
        return true;
    const json_t *labels = gr_page_at(numbers, "per_label");
    const char *by = gr_page_text(labels != NULL ? json_array_get(labels, 0) : numbers, "pooled.bootstrap.by");
    return by != NULL && strcmp(by, "group") == 0;
}

/* What was asked of `grimace stats` beyond that. */
static void keep(json_t *numbers, const json_t *known)
{
    json_t *by = json_object_get(known, "by");
    json_t *chance = json_object_get(json_object_get(known, "pooled"), "permutation");
    if (json_object_size(by) > 0)
        (void)json_object_set(numbers, "by", by);
    if (json_is_object(chance))
        (void)json_object_set(json_object_get(numbers, "pooled"), "permutation", chance);
}

/* The statistics that the page shows: the run's own where they have intervals by groups, else made anew. */
static gr_status judge(gr_page_run *run, const char *path, gr_error *err)
{
    json_t *known = run->files.statistics;
    if (counts_groups(known)) {
        run->numbers = json_incref(known);
        return GR_OK;
    }
    const char *overrides[] = {run->group != NULL ? "evaluate.bootstrap.by=group" : "evaluate.bootstrap.by=image",
                               "evaluate.permutation.count=0", NULL, samples};
    char level[64];
    snprintf(level, sizeof level, "evaluate.bootstrap.level=%.9g", run->files.table.config->evaluate.confidence);
    overrides[2] = level;
    gr_statistics statistics;
    bool drawn = run->files.table.config->evaluate.bootstrap.count > 0, jackknife = run->group_count > 1;
    bool ordered = run->files.table.kind == GR_TABLE_CLASSES && run->files.table.predictions.ordered;
    jackknife = jackknife && !ordered && run->files.table.kind != GR_TABLE_LABELS;
    gr_status status = gr_run_statistics(path, overrides, drawn || jackknife ? 3 : 4, NULL, 0, &statistics, err);
    if (status != GR_OK)
        return status;
    run->numbers = gr_statistics_json(&statistics);
    gr_statistics_free(&statistics);
    if (run->numbers == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its statistics", path);
    keep(run->numbers, known);
    return GR_OK;
}

static gr_status count_groups(gr_page_run *run, gr_error *err)
{
    const gr_prediction_table *t = &run->files.table;
    run->group = t->group_column;
    if (run->group == NULL || t->count == 0)
        return GR_OK;
    int64_t *numbered = gr_names_number(t->groups, t->count, &run->group_count);
    gr_free(numbered);
    return numbered != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its groups", t->path);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static gr_status read_json(const char *folder, const char *name, json_t **out, gr_error *err)
{
    char *path = gr_path_join(folder, name);
    gr_status status = path == NULL           ? gr_fail(err, GR_NOMEM, "no memory for a path")
                       : gr_path_exists(path) ? gr_json_read(path, out, err)
                                              : GR_OK;
    gr_free(path);
    return status;
}

static bool has(const char *folder, const char *name)
{
    char *path = gr_path_join(folder, name);
    bool there = path != NULL && gr_path_exists(path);
    gr_free(path);
    return there;
}

/* A folder without a config: what `grimace stats --out` or another program wrote. */
static gr_status open_plain(const char *folder, gr_page_run *run, char *table, gr_error *err)
{
    json_t *results = NULL;
    gr_status status = read_json(folder, "results.json", &results, err);
    /* of landmarks and boxes, whose table is none of predictions, but of places */
    bool places = gr_page_at(results, "pooled.nrmse") != NULL || gr_page_at(results, "pooled.mean_iou") != NULL;
    if (status == GR_OK && !places && has(folder, "predictions.csv"))
        status = gr_run_files_open(table, &run->files, err);
    run->files.results = results;
    if (status == GR_OK)
        status = read_json(folder, "statistics.json", &run->files.statistics, err);
    if (status == GR_OK)
        status = read_json(folder, "about.json", &run->files.about, err);
    if (status == GR_OK && !run->files.predicted && run->files.statistics == NULL && !places)
        status = gr_fail(err, GR_INVALID,
                         "%s: holds no run: it has no config.yaml, predictions.csv or statistics.json; a run's folder or a "
                         "table of predictions would be right",
                         folder);
    if (status == GR_OK && !run->files.predicted)
        run->numbers = json_incref(places ? results : run->files.statistics);
    return status;
}

/* Is the run one of places in pictures, which results.json alone has the numbers of? */
static bool has_places(const gr_page_run *run)
{
    return strcmp(run->config->task, "landmarks") == 0 || strcmp(run->config->task, "boxes") == 0;
}

/* Why a folder with a config has no page. */
static gr_status refuse(const gr_page_run *run, const char *folder, gr_error *err)
{
    if (has(folder, "predictions.csv") && !has_places(run))
        return gr_fail(err, GR_INVALID, "%s", run->files.unread.text);
    if (run->files.results != NULL)
        return gr_fail(err, GR_INVALID, "%s: its predictions.csv is not there any more, and a report is about predictions",
                       folder);
    return gr_fail(err, GR_INVALID,
                   "%s: is not finished: it has no predictions.csv; go on with the command that began it and --resume",
                   folder);
}

static gr_status open_run(const char *folder, gr_page_run *run, gr_error *err)
{
    gr_status status = gr_run_files_open(folder, &run->files, err);
    if (status != GR_OK)
        return status;
    run->config = run->files.config;
    status = read_json(folder, "sweep.json", &run->sweep, err);
    if (status != GR_OK || run->sweep != NULL || run->files.predicted)
        return status;
    if (run->files.results == NULL || !has(folder, "predictions.csv") || !has_places(run))
        return refuse(run, folder, err);
    run->numbers = json_incref(run->files.results);
    run->group = run->config->data.group;
    return GR_OK;
}

static gr_status open_path(const char *path, gr_page_run *run, gr_error *err)
{
    char *table = gr_path_join(path, "predictions.csv");
    gr_status status;
    bool alone = !gr_is_folder(path), plain = !alone && !has(path, "config.yaml");
    if (table == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a path");
    status = alone   ? gr_run_files_open(path, &run->files, err)
             : plain ? open_plain(path, run, table, err)
                     : open_run(path, run, err);
    if (status == GR_OK && run->files.predicted)
        status = count_groups(run, err);
    if (status == GR_OK && run->files.predicted && run->sweep == NULL)
        status = judge(run, plain ? table : path, err);
    gr_free(table);
    return status;
}

gr_status gr_page_run_open(const char *path, gr_page_run *out, gr_error *err)
{
    *out = (gr_page_run){.arena = gr_arena_create()};
    gr_status status = out->arena != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a run");
    if (status == GR_OK && !gr_path_exists(path))
        status =
            gr_fail(err, GR_INVALID, "%s: is not there; the folder of a run or a table of predictions would be right", path);
    if (status == GR_OK)
        status = open_path(path, out, err);
    if (status == GR_OK) {
        out->name = out->config != NULL ? out->config->name : last_word(out, path);
        out->noun = noun_of(out->group);
        if (out->name == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for a name");
    }
    if (status != GR_OK)
        gr_page_run_close(out);
    return status;
}

void gr_page_run_close(gr_page_run *run)
{
    gr_run_files_close(&run->files);
    json_decref(run->numbers);
    json_decref(run->sweep);
    gr_arena_destroy(run->arena);
    *run = (gr_page_run){0};
}
