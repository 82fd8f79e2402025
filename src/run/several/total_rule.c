#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "run/apply/predictions.h"
#include "run/several/total_rule.h"
#include "run/several/totals.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the totals of a study");
}

static gr_status read_ends(const char *run, gr_total_rule *rule, gr_error *err)
{
    json_t *root = NULL;
    char *path = gr_path_join(run, "results.json");
    gr_status status = path != NULL ? gr_json_read(path, &root, err) : no_memory(err);
    const json_t *total = status == GR_OK ? json_object_get(root, "total") : NULL;
    const json_t *least = json_object_get(total, "least"), *most = json_object_get(total, "most");
    if (status == GR_OK && !(json_is_number(least) && json_is_number(most)))
        status = gr_fail(err, GR_INVALID, "%s: has no totals: the study is not finished", path);
    rule->least = json_number_value(least);
    rule->most = json_number_value(most);
    json_decref(root);
    gr_free(path);
    return status;
}

static gr_status read_classes(const char *run, gr_total_rule *rule, gr_error *err)
{
    gr_prediction_table table;
    gr_status status = gr_predictions_open(run, NULL, 0, &table, err);
    if (status != GR_OK)
        return status;
    const gr_predictions *p = &table.predictions;
    if (table.kind != GR_TABLE_CLASSES || p->class_count != 2)
        status = gr_fail(err, GR_INVALID, "%s: is of no two classes that a total tells", table.path);
    for (int c = 0; status == GR_OK && c < 2; c++)
        status = (rule->classes[c] = gr_strdup(p->classes[c])) != NULL ? GR_OK : no_memory(err);
    rule->positive = table.positive;
    gr_prediction_table_free(&table);
    return status;
}

static gr_status find_threshold(const char *run, gr_total_rule *rule, gr_error *err)
{
    gr_csv *csv = NULL;
    char *path = gr_path_join(run, "totals.csv");
    gr_status status = path != NULL ? gr_csv_read(path, &csv, err) : no_memory(err);
    int label = status == GR_OK ? gr_csv_column(csv, "label") : -1,
        total = status == GR_OK ? gr_csv_column(csv, "total") : -1;
    int64_t rows = status == GR_OK ? csv->rows : 0, n = 0;
    double *totals = gr_alloc((size_t)rows, sizeof *totals);
    uint8_t *positive = gr_alloc((size_t)rows, 1);
    if (status == GR_OK && (label < 0 || total < 0))
        status = gr_fail(err, GR_INVALID, "%s:1: is no table of a study's totals", path);
    if (status == GR_OK && (totals == NULL || positive == NULL))
        status = no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < rows; i++) {
        const char *name = gr_csv_field(csv, i, label);
        bool in = strcmp(name, rule->classes[rule->positive]) == 0,
             out = strcmp(name, rule->classes[1 - rule->positive]) == 0;
        if ((in || out) && gr_parse_double(gr_csv_field(csv, i, total), &totals[n]))
            positive[n++] = in;
    }
    rule->threshold = rule->config->experiment.threshold;
    if (status == GR_OK && rule->threshold == 0 && !gr_totals_threshold(totals, positive, n, &rule->threshold))
        status = gr_fail(err, GR_INVALID, "%s: is of one class alone, so that no total parts two", path);
    gr_free(totals);
    gr_free(positive);
    gr_csv_destroy(csv);
    gr_free(path);
    return status;
}

gr_status gr_total_rule_open(const char *run, gr_total_rule *out, gr_error *err)
{
    *out = (gr_total_rule){0};
    char *path = gr_path_join(run, "config.yaml");
    gr_status status = path != NULL ? gr_config_load(path, NULL, 0, &out->config, err) : no_memory(err);
    gr_free(path);
    if (status == GR_OK)
        status = read_ends(run, out, err);
    if (status == GR_OK)
        status = read_classes(run, out, err);
    if (status == GR_OK)
        status = find_threshold(run, out, err);
    if (status != GR_OK)
        gr_total_rule_close(out);
    return status;
}

void gr_total_rule_close(gr_total_rule *rule)
{
    gr_config_destroy(rule->config);
    gr_free(rule->classes[0]);
    gr_free(rule->classes[1]);
    *rule = (gr_total_rule){0};
}

float gr_total_share(const gr_total_rule *rule, double total)
{
    double place = (total - rule->least) / (rule->most > rule->least ? rule->most - rule->least : 1.0);
    return (float)fmin(fmax(place, 0.0), 1.0);
}
