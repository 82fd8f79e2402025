/* What the settings of a sweep came to: read from their results, ranked, written and printed. */
#include <math.h>
#include <string.h>

#include "run/write/reported.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "grimace/sweep.h"
#include "run/several/sweep_costs.h"
#include "run/several/sweep_reported.h"
#include "run/several/task_numbers.h"

void gr_sweep_results_free(gr_sweep_results *r)
{
    gr_free(r->order);
    gr_free(r->folds);
    gr_free(r->pooled);
    gr_free(r->mean);
    gr_free(r->std);
    gr_free(r->costs);
    *r = (gr_sweep_results){0};
}

/* ---- collecting ------------------------------------------------------------------------------------------------------- */

static const gr_task *task_of(const gr_sweep_results *r)
{
    return gr_task_find(r->task, r->several);
}

static gr_status read_setting(const gr_setting *setting, const char *folder, int i, gr_sweep_results *out, gr_error *err)
{
    gr_text path = {0};
    json_t *json = NULL;
    gr_text_printf(&path, "%s/setting-%s/results.json", folder, setting->number);
    gr_status status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a path") : gr_json_read(path.data, &json, err);
    if (status == GR_OK) {
        const json_t *pooled = json_object_get(json, "pooled");
        out->folds[i] = (int)json_array_size(json_object_get(json, "folds"));
        gr_task_numbers_take(task_of(out), pooled, out->pooled[i]);
        gr_task_numbers_take(task_of(out), json_object_get(json, "mean"), out->mean[i]);
        gr_task_numbers_take(task_of(out), json_object_get(json, "std"), out->std[i]);
        if (!json_is_object(pooled))
            status = gr_fail(err, GR_INVALID, "%s: has no section \"pooled\", so it is no result of a run", path.data);
    }
    json_decref(json);
    gr_text_free(&path);
    return status;
}

static bool better(const gr_sweep_results *r, int metric, double a, double b)
{
    return task_of(r)->falls(metric) ? a < b : a > b;
}

/* Insertion: few settings, and equals stay in their order. */
static void rank(gr_sweep_results *r)
{
    for (int i = 0; i < r->count; i++) {
        double value = r->pooled[i][r->rank_by];
        int at = i;
        for (; at > 0; at--) {
            double other = r->pooled[r->order[at - 1]][r->rank_by];
            if (isnan(value) || (!isnan(other) && !better(r, r->rank_by, value, other)))
                break;
            r->order[at] = r->order[at - 1];
        }
        r->order[at] = i;
    }
}

gr_status gr_sweep_collect(const gr_settings *settings, const char *folder, int rank_by, gr_sweep_results *results,
                           gr_error *err)
{
    size_t n = (size_t)settings->count;
    *results = (gr_sweep_results){.task = settings->items[0].config->task,
                                  .several = settings->items[0].config->data.labels.count > 0,
                                  .count = settings->count,
                                  .order = gr_alloc(n, sizeof *results->order),
                                  .folds = gr_alloc(n, sizeof *results->folds),
                                  .pooled = gr_alloc(n, sizeof *results->pooled),
                                  .mean = gr_alloc(n, sizeof *results->mean),
                                  .std = gr_alloc(n, sizeof *results->std),
                                  .rank_by = rank_by};
    gr_status status = GR_OK;
    if (results->order == NULL || results->folds == NULL || results->pooled == NULL || results->mean == NULL ||
        results->std == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the results of the sweep");
    for (int i = 0; status == GR_OK && i < settings->count; i++)
        status = read_setting(&settings->items[i], folder, i, results, err);
    if (status == GR_OK)
        rank(results);
    else
        gr_sweep_results_free(results);
    return status;
}

/* ---- spread ----------------------------------------------------------------------------------------------------------- */

typedef struct spread {
    double best, worst, mean, std;
    int defined;
} spread;

/* Of a pooled number over settings. */
static spread spread_of(const gr_sweep_results *r, int metric)
{
    spread s = {.best = NAN, .worst = NAN, .mean = NAN, .std = NAN};
    double sum = 0, squares = 0;
    for (int i = 0; i < r->count; i++) {
        double value = r->pooled[i][metric];
        if (isnan(value))
            continue;
        s.best = s.defined == 0 || better(r, metric, value, s.best) ? value : s.best;
        s.worst = s.defined == 0 || better(r, metric, s.worst, value) ? value : s.worst;
        sum += value;
        s.defined++;
    }
    if (s.defined > 0)
        s.mean = sum / s.defined;
    for (int i = 0; i < r->count; i++)
        if (!isnan(r->pooled[i][metric]))
            squares += (r->pooled[i][metric] - s.mean) * (r->pooled[i][metric] - s.mean);
    if (s.defined > 1)
        s.std = sqrt(squares / (s.defined - 1));
    return s;
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

static gr_status write_csv(const gr_settings *s, const gr_sweep_results *r, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_text_printf(&out, "rank,setting,name");
    for (int k = 0; k < s->key_count; k++)
        gr_text_printf(&out, ",%s", s->keys[k]);
    gr_text_printf(&out, ",folds");
    const char *name;
    for (int m = 0; (name = gr_sweep_number(r, m)) != NULL; m++)
        gr_text_printf(&out, ",%s,%s_mean,%s_std", name, name, name);
    gr_text_printf(&out, "\n");
    for (int n = 0; n < r->count; n++) {
        int i = r->order[n];
        gr_text_printf(&out, "%d,%s,", n + 1, s->items[i].number);
        gr_csv_put(&out, s->items[i].name, ',');
        for (int k = 0; k < s->key_count; k++)
            gr_csv_put(&out, s->items[i].values[k], ',');
        gr_text_printf(&out, "%d", r->folds[i]);
        for (int m = 0; gr_sweep_number(r, m) != NULL; m++) {
            gr_csv_put_number(&out, r->pooled[i][m]);
            gr_csv_put_number(&out, r->mean[i][m]);
            gr_csv_put_number(&out, r->std[i][m]);
        }
        gr_text_printf(&out, "\n");
    }
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                  : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}

/* A value of a config: a number where it is one, else its YAML as text. */
static json_t *value_json(const char *text)
{
    double number;
    return gr_parse_double(text, &number) ? json_real(number) : json_string(text);
}

static json_t *settings_json(const gr_settings *s, const gr_sweep_results *r)
{
    json_t *list = json_array();
    for (int n = 0; n < r->count; n++) {
        int i = r->order[n];
        json_t *item = json_object(), *values = json_object();
        for (int k = 0; k < s->key_count; k++)
            json_object_set_new(values, s->keys[k], value_json(s->items[i].values[k]));
        json_object_set_new(item, "rank", json_integer(n + 1));
        json_object_set_new(item, "setting", json_string(s->items[i].number));
        json_object_set_new(item, "name", json_string(s->items[i].name));
        json_object_set_new(item, "values", values);
        json_object_set_new(item, "folds", json_integer(r->folds[i]));
        json_object_set_new(item, "pooled", gr_task_numbers_json(task_of(r), r->pooled[i]));
        json_object_set_new(item, "mean", gr_task_numbers_json(task_of(r), r->mean[i]));
        json_object_set_new(item, "std", gr_task_numbers_json(task_of(r), r->std[i]));
        json_object_set_new(item, "reported", gr_reported_json(s->items[i].config->reported));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *spread_json(const gr_sweep_results *r)
{
    json_t *object = json_object();
    for (int m = 0; gr_sweep_number(r, m) != NULL; m++) {
        spread s = spread_of(r, m);
        json_t *item = json_object();
        json_object_set_new(item, "best", gr_json_real(s.best));
        json_object_set_new(item, "worst", gr_json_real(s.worst));
        json_object_set_new(item, "mean", gr_json_real(s.mean));
        json_object_set_new(item, "std", gr_json_real(s.std));
        json_object_set_new(object, gr_sweep_number(r, m), item);
    }
    return object;
}

static gr_status write_json(const gr_config *config, const gr_settings *s, const gr_sweep_results *r, const char *path,
                            gr_error *err)
{
    json_t *root = json_object();
    json_object_set_new(root, "name", json_string(config->name));
    json_object_set_new(root, "rank_by", json_string(gr_sweep_number(r, r->rank_by)));
    json_object_set_new(root, "requested", json_integer(s->requested));
    json_object_set_new(root, "settings", settings_json(s, r));
    json_object_set_new(root, "spread", spread_json(r));
    gr_status status = root != NULL ? gr_json_write(path, root, err) : gr_fail(err, GR_NOMEM, "%s: no memory for it", path);
    json_decref(root);
    return status;
}

gr_status gr_sweep_write(const gr_config *config, const gr_settings *settings, const gr_sweep_results *results,
                         const char *folder, gr_error *err)
{
    char *csv = gr_path_join(folder, "sweep.csv"), *json = gr_path_join(folder, "sweep.json");
    gr_status status = csv != NULL && json != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = write_json(config, settings, results, json, err);
    if (status == GR_OK)
        status = write_csv(settings, results, csv, err);
    gr_free(csv);
    gr_free(json);
    return status;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static void put_cell(gr_text *out, int width, int digits, double value)
{
    if (isfinite(value))
        gr_text_printf(out, "  %*.*f", width, digits, value);
    else
        gr_text_printf(out, "  %*s", width, "-");
}

static void put_spread(gr_text *out, const gr_sweep_results *r, int metric)
{
    spread s = spread_of(r, metric);
    const char *const words[] = {"from", " to", ", mean", ", sd"};
    const double numbers[] = {s.worst, s.best, s.mean, s.std};
    gr_text_printf(out, "%s over settings: ", gr_sweep_number(r, metric));
    for (int i = 0; i < 4; i++)
        if (isfinite(numbers[i]))
            gr_text_printf(out, "%s %.4f", words[i], numbers[i]);
        else
            gr_text_printf(out, "%s -", words[i]);
    gr_text_printf(out, "\n");
}

void gr_sweep_table(const gr_config *config, const gr_settings *s, const gr_sweep_results *r, gr_text *out)
{
    int width = 4;
    for (int i = 0; i < r->count; i++)
        width = (int)strlen(s->items[i].name) > width ? (int)strlen(s->items[i].name) : width;
    gr_text_printf(out, "%s: %d settings", config->name, s->requested);
    if (s->count < s->requested)
        gr_text_printf(out, ", %d of them different", s->count);
    gr_text_printf(out, ", ranked by pooled %s; mean and sd are over folds\n", gr_sweep_number(r, r->rank_by));
    const gr_shown *shown = task_of(r)->shown;
    gr_text_printf(out, "rank  setting  %-*s  %8s  %8s  %8s  %8s  %8s  %8s\n", width, "name", shown[0].title, "mean", "sd",
                   shown[1].title, "mean", "sd");
    for (int n = 0; n < r->count; n++) {
        int i = r->order[n];
        gr_text_printf(out, "%4d  %7s  %-*s", n + 1, s->items[i].number, width, s->items[i].name);
        for (int m = 0; m < 2; m++) {
            put_cell(out, 8, shown[m].digits, shown[m].scale * r->pooled[i][shown[m].number]);
            put_cell(out, 8, shown[m].digits, shown[m].scale * r->mean[i][shown[m].number]);
            put_cell(out, 8, shown[m].digits, shown[m].scale * r->std[i][shown[m].number]);
        }
        gr_text_printf(out, "\n");
    }
    put_spread(out, r, shown[0].number);
    put_spread(out, r, shown[1].number);
    if (r->rank_by != shown[0].number && r->rank_by != shown[1].number)
        put_spread(out, r, r->rank_by);
    gr_sweep_reported(s, r, out);
    gr_sweep_costs_table(s, r, out);
}
