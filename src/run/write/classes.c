/* A run for classes on disk: predictions.csv, results.json and results.csv. */
#include <math.h>

#include "grimace/calibration.h"
#include "grimace/curves.h"
#include "grimace/ordinal.h"
#include "run/write/reported.h"
#include "run/write/results.h"

void gr_eval_prediction_header(const gr_predictions *p, gr_text *out)
{
    gr_eval_head_names(out, p->groups != NULL ? p->group_column : NULL, p->fold_count > 0);
    gr_text_printf(out, "%s,predicted", p->labels != NULL ? ",label" : "");
    for (int c = 0; c < p->class_count; c++) {
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "p_", p->classes[c]);
    }
}

void gr_eval_prediction_row(const gr_predictions *p, int64_t i, gr_text *out)
{
    gr_eval_head(out, p->images[i], p->groups != NULL ? p->groups[i] : NULL, p->fold_count > 0 ? p->folds[p->fold[i]] : NULL);
    gr_text_add(out, ",", 1);
    if (p->labels != NULL)
        gr_csv_put(out, p->classes[p->labels[i]], ',');
    gr_csv_put_joined(out, "", p->classes[p->predicted[i]]);
    for (int c = 0; c < p->class_count; c++)
        gr_text_printf(out, ",%.9g", (double)p->probabilities[i * p->class_count + c]);
}

void gr_predictions_csv(const gr_predictions *p, gr_text *out)
{
    gr_eval_prediction_header(p, out);
    gr_text_add(out, "\n", 1);
    for (int64_t i = 0; i < p->count; i++) {
        gr_eval_prediction_row(p, i, out);
        gr_text_add(out, "\n", 1);
    }
}

gr_status gr_predictions_write_csv(const gr_predictions *p, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_predictions_csv(p, &out);
    return gr_eval_finish(&out, path, err);
}

/* ---- results.json ---------------------------------------------------------------------------------------------------- */

/* From here on: 0 when all went well, as jansson's own functions. */

/* `of_class`: only the numbers that one class against the rest has. */
static int add_values(json_t *to, const double *values, bool of_class)
{
    int bad = 0;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        if (!of_class || gr_metric_of_class((gr_metric)i))
            bad |= json_object_set_new(to, gr_metric_name((gr_metric)i), gr_json_real(values[i]));
    return bad;
}

json_t *gr_eval_values(const double *values, bool of_class)
{
    json_t *all = json_object();
    if (add_values(all, values, of_class) == 0)
        return all;
    json_decref(all);
    return NULL;
}

static int add_intervals(json_t *to, const gr_results *r, const gr_metrics *m, int cls)
{
    json_t *all = json_object();
    gr_interval exact;
    int bad = 0;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        if (gr_metrics_interval(m, r->positive, cls, (gr_metric)i, r->confidence, &exact))
            bad |= json_object_set_new(all, gr_metric_name((gr_metric)i), gr_eval_interval(exact));
    return bad | json_object_set_new(to, "intervals", all);
}

static int add_percentiles(json_t *to, const gr_interval *metrics, bool of_class)
{
    int bad = 0;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        if (!of_class || gr_metric_of_class((gr_metric)i))
            bad |= json_object_set_new(to, gr_metric_name((gr_metric)i), gr_eval_interval(metrics[i]));
    return bad;
}

static int add_class(json_t *list, const gr_results *r, const gr_metrics *m, int cls)
{
    const gr_class_metrics *c = &m->classes[cls];
    json_t *one = json_object();
    int bad = json_object_set_new(one, "class", json_string(r->classes[cls]));
    bad |= json_object_set_new(one, "n", json_integer(c->tp + c->fn));
    bad |= json_object_set_new(one, "tp", json_integer(c->tp));
    bad |= json_object_set_new(one, "fp", json_integer(c->fp));
    bad |= json_object_set_new(one, "fn", json_integer(c->fn));
    bad |= json_object_set_new(one, "tn", json_integer(c->tn));
    bad |= add_values(one, c->value, true);
    bad |= add_intervals(one, r, m, cls);
    return bad | json_array_append_new(list, one);
}

static int add_metrics(json_t *to, const gr_results *r, const gr_metrics *m)
{
    json_t *matrix = json_array(), *classes = json_array();
    int bad = json_object_set_new(to, "n", json_integer(m->n));
    for (int c = 0; c < m->class_count; c++) {
        json_t *row = json_array();
        for (int d = 0; d < m->class_count; d++)
            bad |= json_array_append_new(row, json_integer(m->confusion[c * m->class_count + d]));
        bad |= json_array_append_new(matrix, row);
    }
    bad |= json_object_set_new(to, "confusion", matrix);
    bad |= add_values(to, m->value, false);
    bad |= add_intervals(to, r, m, -1);
    for (int c = 0; c < m->class_count; c++)
        bad |= add_class(classes, r, m, c);
    return bad | json_object_set_new(to, "per_class", classes);
}

json_t *gr_eval_metrics(const gr_results *r, const gr_metrics *m)
{
    json_t *all = json_object();
    if (add_metrics(all, r, m) == 0)
        return all;
    json_decref(all);
    return NULL;
}

static int add_summary(json_t *to, const gr_results *r, const double *values, double (*classes)[GR_METRIC_COUNT])
{
    json_t *list = json_array();
    int bad = add_values(to, values, false);
    for (int c = 0; c < r->class_count; c++) {
        json_t *one = json_object();
        bad |= json_object_set_new(one, "class", json_string(r->classes[c]));
        bad |= add_values(one, classes[c], true);
        bad |= json_array_append_new(list, one);
    }
    return bad | json_object_set_new(to, "per_class", list);
}

static int add_bootstrap(json_t *to, const gr_results *r)
{
    const gr_bootstrap *b = r->bootstrap;
    if (b == NULL)
        return json_object_set_new(to, "bootstrap", json_null());
    json_t *all = json_object(), *classes = json_array(), *chance = json_object();
    int bad = json_object_set_new(all, "count", json_integer(b->options.count));
    bad |= json_object_set_new(all, "level", json_real(b->options.level));
    bad |= json_object_set_new(all, "by", json_string(b->options.by_group ? "group" : "image"));
    bad |= add_percentiles(all, b->metric, false);
    for (int c = 0; c < b->class_count; c++) {
        json_t *one = json_object();
        bad |= json_object_set_new(one, "class", json_string(r->classes[c]));
        bad |= add_percentiles(one, b->classes[c], true);
        bad |= json_array_append_new(classes, one);
    }
    bad |= json_object_set_new(all, "per_class", classes);
    bad |= json_object_set_new(chance, "auroc", gr_json_real(b->auroc_p));
    bad |= json_object_set_new(chance, "auprc", gr_json_real(b->auprc_p));
    bad |= json_object_set_new(all, "p_of_chance", chance);
    return bad | json_object_set_new(to, "bootstrap", all);
}

int gr_eval_add_ordinal(json_t *to, const double *values)
{
    int bad = 0;
    for (int i = 0; i < GR_ORDINAL_METRIC_COUNT; i++)
        bad |= json_object_set_new(to, gr_ordinal_metric_name((gr_ordinal_metric)i), gr_json_real(values[i]));
    return bad;
}

static int add_calibration_values(json_t *to, const double *values)
{
    int bad = 0;
    for (int i = 0; i < GR_CALIBRATION_NUMBERS; i++)
        bad |= json_object_set_new(to, gr_calibration_name((gr_calibration_number)i), gr_json_real(values[i]));
    return bad;
}

static int add_calibration(json_t *to, const gr_calibration *c)
{
    json_t *coverage = json_object(), *shares = json_array(), *accuracy = json_array();
    int bad = add_calibration_values(to, c->value);
    for (int i = 0; i < GR_COVERAGE_SHARES; i++) {
        bad |= json_array_append_new(shares, json_real(gr_coverage_share(i)));
        bad |= json_array_append_new(accuracy, gr_json_real(c->accuracy[i]));
    }
    bad |= json_object_set_new(coverage, "coverage", shares);
    bad |= json_object_set_new(coverage, "accuracy", accuracy);
    bad |= json_object_set_new(coverage, "area", gr_json_real(c->area));
    return bad | json_object_set_new(to, "coverage", coverage);
}

/* Folds, all together, mean and standard deviation. */
static int add_levels(json_t *root, const gr_results *r)
{
    const gr_ordinal_results *o = r->ordinal;
    const gr_calibration_results *c = r->calibration;
    json_t *folds = json_array(), *pooled = json_object(), *mean = json_object(), *std = json_object();
    int bad = 0;
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->fold_names[f]));
        bad |= add_metrics(fold, r, &r->folds[f]);
        bad |= o != NULL ? gr_eval_add_ordinal(fold, o->folds[f]) : 0;
        if (r->kept != NULL)
            bad |= json_object_set_new(fold, "kept", gr_eval_kept(&r->kept[f]));
        bad |= c != NULL ? add_calibration(fold, &c->folds[f]) : 0;
        bad |= json_array_append_new(folds, fold);
    }
    bad |= json_object_set_new(root, "folds", folds);
    bad |= add_metrics(pooled, r, &r->pooled);
    bad |= o != NULL ? gr_eval_add_ordinal(pooled, o->pooled) : 0;
    bad |= add_bootstrap(pooled, r);
    bad |= c != NULL ? add_calibration(pooled, &c->pooled) : 0;
    bad |= json_object_set_new(root, "pooled", pooled);
    bad |= add_summary(mean, r, r->mean, r->class_mean);
    bad |= o != NULL ? gr_eval_add_ordinal(mean, o->mean) : 0;
    bad |= c != NULL ? add_calibration_values(mean, c->mean) : 0;
    bad |= json_object_set_new(root, "mean", mean);
    bad |= add_summary(std, r, r->std, r->class_std);
    bad |= o != NULL ? gr_eval_add_ordinal(std, o->std) : 0;
    bad |= c != NULL ? add_calibration_values(std, c->std) : 0;
    return bad | json_object_set_new(root, "std", std);
}

int gr_eval_add_classes(json_t *root, const gr_results *r)
{
    json_t *classes = json_array(), *averaged = r->averaged != NULL ? json_object() : json_null();
    int bad = 0;
    for (int c = 0; c < r->class_count; c++)
        bad |= json_array_append_new(classes, json_string(r->classes[c]));
    bad |= json_object_set_new(root, "classes", classes);
    bad |= json_object_set_new(root, "positive", json_string(r->classes[r->positive]));
    bad |= json_object_set_new(root, "confidence", json_real(r->confidence));
    bad |= add_levels(root, r);
    if (r->averaged != NULL) {
        bad |= json_object_set_new(averaged, "over", json_string(r->averaged_over));
        bad |= add_levels(averaged, r->averaged);
    }
    return bad | json_object_set_new(root, "averaged", averaged);
}

static int add_all(json_t *root, const gr_results *r)
{
    int bad = json_object_set_new(root, "name", json_string(r->name));
    if (r->ordinal != NULL)
        bad |= json_object_set_new(root, "task", json_string("ordinal"));
    bad |= gr_eval_add_classes(root, r);
    return bad | json_object_set_new(root, "reported", gr_reported_json(r->reported));
}

json_t *gr_eval_results(const gr_results *r)
{
    json_t *root = json_object();
    if (root != NULL && add_all(root, r) == 0)
        return root;
    json_decref(root);
    return NULL;
}

/* ---- results.csv ----------------------------------------------------------------------------------------------------- */

/* A row: the metrics, the ends of the exact intervals, each class against the rest, then the numbers of calibration, and of
 * classes in order, where they stand in order. `m` NULL: means or deviations. */
static void put_row(gr_text *out, const gr_results *r, const char *name, const gr_metrics *m, const double *values,
                    double (*classes)[GR_METRIC_COUNT], const double *ordinal, const double *calibration)
{
    gr_csv_put(out, name, ',');
    if (m != NULL)
        gr_text_printf(out, "%lld", (long long)m->n);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        gr_csv_put_rounded(out, values[i]);
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        gr_interval exact = {NAN, NAN};
        if (!gr_metrics_interval(m != NULL ? m : &r->pooled, r->positive, -1, (gr_metric)i, r->confidence, &exact))
            continue;
        gr_csv_put_rounded(out, m != NULL ? exact.low : NAN);
        gr_csv_put_rounded(out, m != NULL ? exact.high : NAN);
    }
    for (int c = 0; c < r->class_count; c++)
        for (int i = 0; i < GR_METRIC_COUNT; i++)
            if (gr_metric_of_class((gr_metric)i))
                gr_csv_put_rounded(out, m != NULL ? m->classes[c].value[i] : classes[c][i]);
    for (int i = 0; calibration != NULL && i < GR_CALIBRATION_NUMBERS; i++)
        gr_csv_put_rounded(out, calibration[i]);
    for (int i = 0; ordinal != NULL && i < GR_ORDINAL_METRIC_COUNT; i++)
        gr_csv_put_rounded(out, ordinal[i]);
    gr_text_printf(out, "\n");
}

static void put_header(gr_text *out, const gr_results *r)
{
    gr_interval unused;
    gr_text_printf(out, "fold,n");
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        gr_text_printf(out, ",%s", gr_metric_name((gr_metric)i));
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        const char *name = gr_metric_name((gr_metric)i);
        if (gr_metrics_interval(&r->pooled, r->positive, -1, (gr_metric)i, r->confidence, &unused))
            gr_text_printf(out, ",%s_low,%s_high", name, name);
    }
    for (int c = 0; c < r->class_count; c++)
        for (int i = 0; i < GR_METRIC_COUNT; i++) {
            char prefix[64];
            if (!gr_metric_of_class((gr_metric)i))
                continue;
            snprintf(prefix, sizeof prefix, "%s_of_", gr_metric_name((gr_metric)i));
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, prefix, r->classes[c]);
        }
    for (int i = 0; r->calibration != NULL && i < GR_CALIBRATION_NUMBERS; i++)
        gr_text_printf(out, ",%s", gr_calibration_name((gr_calibration_number)i));
    for (int i = 0; r->ordinal != NULL && i < GR_ORDINAL_METRIC_COUNT; i++)
        gr_text_printf(out, ",%s", gr_ordinal_metric_name((gr_ordinal_metric)i));
    gr_text_printf(out, "\n");
}

static gr_status write_csv(const gr_results *r, const char *folder, const char *name, gr_error *err)
{
    const gr_ordinal_results *o = r->ordinal;
    const gr_calibration_results *c = r->calibration;
    gr_text out = {0};
    put_header(&out, r);
    for (int f = 0; f < r->fold_count; f++)
        put_row(&out, r, r->fold_names[f], &r->folds[f], r->folds[f].value, NULL, o != NULL ? o->folds[f] : NULL,
                c != NULL ? c->folds[f].value : NULL);
    put_row(&out, r, "pooled", &r->pooled, r->pooled.value, NULL, o != NULL ? o->pooled : NULL,
            c != NULL ? c->pooled.value : NULL);
    put_row(&out, r, "mean", NULL, r->mean, r->class_mean, o != NULL ? o->mean : NULL, c != NULL ? c->mean : NULL);
    put_row(&out, r, "std", NULL, r->std, r->class_std, o != NULL ? o->std : NULL, c != NULL ? c->std : NULL);
    return gr_eval_write_text(&out, folder, name, err);
}

gr_status gr_class_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    gr_status status = gr_eval_write_json(gr_eval_results(results), folder, "results.json", err);
    if (status == GR_OK)
        status = write_csv(results, folder, "results.csv", err);
    if (status == GR_OK && results->averaged != NULL)
        status = write_csv(results->averaged, folder, "results_averaged.csv", err);
    return status;
}
