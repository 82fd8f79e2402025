/* A run for scores on disk and in words: predictions.csv, results.json, results.csv, the table at its end. */
#include "run/write/scores.h"

#include <math.h>

#include "run/write/reported.h"
#include "run/write/results.h"

/* ---- predictions.csv --------------------------------------------------------------------------------------------------- */

void gr_eval_put_true(gr_text *out, double label)
{
    gr_text_printf(out, isfinite(label) ? ",%.15g" : ",", label);
}

/* Of one output a float, which nine digits hold exactly; of a sum of them all that 15 digits hold. */
static void put_predicted(gr_text *out, int digits, double predicted)
{
    gr_text_printf(out, isfinite(predicted) ? ",%.*g" : ",", digits, predicted);
}

static void put_pair_names(gr_text *out, const char *name, bool with_label)
{
    if (with_label) {
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "label_", name);
    }
    gr_text_add(out, ",", 1);
    gr_csv_put_joined(out, "predicted_", name);
}

void gr_eval_score_prediction_header(const gr_score_predictions *p, gr_text *out)
{
    gr_eval_head_names(out, p->groups != NULL ? p->group_column : NULL, p->fold_count > 0);
    if (p->outputs == 1) {
        gr_text_printf(out, "%s,predicted", p->truth != NULL ? ",label" : "");
        return;
    }
    for (int s = 0; s <= p->outputs; s++)
        put_pair_names(out, s < p->outputs ? p->names[s] : "total", p->truth != NULL);
}

void gr_eval_score_prediction_row(const gr_score_predictions *p, int64_t i, gr_text *out)
{
    double truth = 0.0, predicted = 0.0;
    gr_eval_head(out, p->images[i], p->groups != NULL ? p->groups[i] : NULL, p->fold_count > 0 ? p->folds[p->fold[i]] : NULL);
    for (int64_t at = i * p->outputs; at < (i + 1) * p->outputs; at++) {
        if (p->truth != NULL)
            gr_eval_put_true(out, p->truth[at]);
        put_predicted(out, 9, p->predicted[at]);
        truth += p->truth != NULL ? p->truth[at] : 0.0;
        predicted += p->predicted[at];
    }
    if (p->outputs > 1 && p->truth != NULL)
        gr_eval_put_true(out, truth);
    if (p->outputs > 1)
        put_predicted(out, 15, predicted);
}

void gr_score_predictions_csv(const gr_score_predictions *p, gr_text *out)
{
    gr_eval_score_prediction_header(p, out);
    gr_text_add(out, "\n", 1);
    for (int64_t i = 0; i < p->count; i++) {
        gr_eval_score_prediction_row(p, i, out);
        gr_text_add(out, "\n", 1);
    }
}

gr_status gr_score_predictions_write_csv(const gr_score_predictions *p, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_score_predictions_csv(p, &out);
    return gr_eval_finish(&out, path, err);
}

/* ---- results.json: 0 when all went well, as jansson's own functions ---------------------------------------------------- */

int gr_eval_add_score(json_t *to, int64_t n, const double *value)
{
    int bad = n >= 0 ? json_object_set_new(to, "n", json_integer(n)) : 0;
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++) {
        if (i == GR_SCORE_LIMITS_LOWER)
            bad |= json_object_set_new(
                to, "limits", gr_eval_interval((gr_interval){value[i], value[GR_SCORE_LIMITS_UPPER]}));
        else if (i != GR_SCORE_LIMITS_UPPER)
            bad |= json_object_set_new(to, gr_score_metric_name((gr_score_metric)i), gr_json_real(value[i]));
    }
    return bad;
}

/* The levels of results.json and the rows of results.csv. */
enum { POOLED = -1, MEAN = -2, STD = -3 };

/* Of fold `level` or of one of these; *n < 0: it has no number of rows. */
static const double *at_level(const gr_score_summary *s, int level, int64_t *n)
{
    *n = level >= 0 ? s->folds[level].n : level == POOLED ? s->pooled.n : -1;
    return level >= 0 ? s->folds[level].value : level == POOLED ? s->pooled.value : level == MEAN ? s->mean : s->std;
}

int gr_eval_add_score_bootstrap(json_t *to, const gr_bootstrap_options *options, const gr_score_summary *score)
{
    if (score->bootstrap == NULL)
        return json_object_set_new(to, "bootstrap", json_null());
    json_t *all = json_object();
    int bad = json_object_set_new(all, "count", json_integer(options->count));
    bad |= json_object_set_new(all, "level", json_real(options->level));
    bad |= json_object_set_new(all, "by", json_string(options->by_group ? "group" : "image"));
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        bad |= json_object_set_new(all, gr_score_metric_name((gr_score_metric)i), gr_eval_interval(score->bootstrap[i]));
    return bad | json_object_set_new(to, "bootstrap", all);
}

/* The numbers of the whole and, with several labels, of each. */
static int add_level(json_t *to, const gr_score_results *s, int level)
{
    int64_t n;
    const double *value = at_level(gr_score_whole(s), level, &n);
    int bad = gr_eval_add_score(to, n, value);
    bad |= level == POOLED ? gr_eval_add_score_bootstrap(to, &s->bootstrap, gr_score_whole(s)) : 0;
    if (s->outputs == 1)
        return bad;
    json_t *list = json_array();
    for (int i = 0; i < s->outputs; i++) {
        json_t *one = json_object();
        bad |= json_object_set_new(one, "label", json_string(s->names[i]));
        value = at_level(&s->each[i], level, &n);
        bad |= gr_eval_add_score(one, n, value);
        bad |= level == POOLED ? gr_eval_add_score_bootstrap(one, &s->bootstrap, &s->each[i]) : 0;
        bad |= json_array_append_new(list, one);
    }
    return bad | json_object_set_new(to, "per_label", list);
}

static int add_named_level(json_t *root, const char *key, const gr_score_results *s, int level)
{
    json_t *object = json_object();
    int bad = add_level(object, s, level);
    return bad | json_object_set_new(root, key, object);
}

/* Folds, all together, mean and standard deviation. */
static int add_levels(json_t *root, const gr_results *r)
{
    const gr_score_results *s = r->scores;
    json_t *folds = json_array();
    int bad = 0;
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->fold_names[f]));
        bad |= add_level(fold, s, f);
        if (r->kept != NULL)
            bad |= json_object_set_new(fold, "kept", gr_eval_kept(&r->kept[f]));
        bad |= json_array_append_new(folds, fold);
    }
    bad |= json_object_set_new(root, "folds", folds);
    bad |= add_named_level(root, "pooled", s, POOLED);
    bad |= add_named_level(root, "mean", s, MEAN);
    return bad | add_named_level(root, "std", s, STD);
}

static int add_all(json_t *root, const gr_results *r)
{
    const gr_score_results *s = r->scores;
    json_t *labels = json_array(), *averaged = r->averaged != NULL ? json_object() : json_null();
    int bad = json_object_set_new(root, "name", json_string(r->name));
    bad |= json_object_set_new(root, "task", json_string("scores"));
    for (int i = 0; i < s->outputs; i++)
        bad |= json_array_append_new(labels, json_string(s->names[i]));
    bad |= json_object_set_new(root, "labels", labels);
    bad |= add_levels(root, r);
    if (r->averaged != NULL) {
        bad |= json_object_set_new(averaged, "over", json_string(r->averaged_over));
        bad |= add_levels(averaged, r->averaged);
    }
    bad |= json_object_set_new(root, "averaged", averaged);
    return bad | json_object_set_new(root, "reported", gr_reported_json(r->reported));
}

json_t *gr_eval_score_results(const gr_results *r)
{
    json_t *root = json_object();
    if (root != NULL && add_all(root, r) == 0)
        return root;
    json_decref(root);
    return NULL;
}

json_t *gr_eval_score_values(const gr_results *r)
{
    json_t *object = json_object(), *values = json_array();
    int bad = 0;
    for (int f = 0; f < r->fold_count; f++) {
        json_t *one = json_object();
        bad |= json_object_set_new(one, "value", json_string(r->fold_names[f]));
        bad |= add_level(one, r->scores, f);
        bad |= json_array_append_new(values, one);
    }
    bad |= json_object_set_new(object, "values", values);
    bad |= add_named_level(object, "mean", r->scores, MEAN);
    bad |= add_named_level(object, "std", r->scores, STD);
    if (bad == 0)
        return object;
    json_decref(object);
    return NULL;
}

/* ---- results.csv ------------------------------------------------------------------------------------------------------- */

void gr_eval_score_names(gr_text *out, const char *of)
{
    for (int i = -1; i < GR_SCORE_METRIC_COUNT; i++) {
        char prefix[64];
        snprintf(prefix, sizeof prefix, "%s%s", i < 0 ? "n" : gr_score_metric_name((gr_score_metric)i),
                 of != NULL ? "_of_" : "");
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, prefix, of != NULL ? of : "");
    }
}

void gr_eval_score_row(gr_text *out, int64_t n, const double *value)
{
    if (n >= 0)
        gr_text_printf(out, ",%lld", (long long)n);
    else
        gr_text_add(out, ",", 1);
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        gr_csv_put_rounded(out, value[i]);
}

static void put_row(gr_text *out, const char *name, const gr_score_results *s, int level)
{
    int64_t n;
    const double *value = at_level(gr_score_whole(s), level, &n);
    gr_csv_put_joined(out, "", name);
    gr_eval_score_row(out, n, value);
    for (int i = 0; s->outputs > 1 && i < s->outputs; i++) {
        value = at_level(&s->each[i], level, &n);
        gr_eval_score_row(out, n, value);
    }
    gr_text_add(out, "\n", 1);
}

static gr_status write_csv(const gr_results *r, const char *folder, const char *name, gr_error *err)
{
    const gr_score_results *s = r->scores;
    gr_text out = {0};
    gr_text_printf(&out, "fold");
    gr_eval_score_names(&out, NULL);
    for (int i = 0; s->outputs > 1 && i < s->outputs; i++)
        gr_eval_score_names(&out, s->names[i]);
    gr_text_add(&out, "\n", 1);
    for (int f = 0; f < r->fold_count; f++)
        put_row(&out, r->fold_names[f], s, f);
    put_row(&out, "pooled", s, POOLED);
    put_row(&out, "mean", s, MEAN);
    put_row(&out, "std", s, STD);
    return gr_eval_write_text(&out, folder, name, err);
}

gr_status gr_score_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    gr_status status = gr_eval_write_json(gr_eval_score_results(results), folder, "results.json", err);
    if (status == GR_OK)
        status = write_csv(results, folder, "results.csv", err);
    if (status == GR_OK && results->averaged != NULL)
        status = write_csv(results->averaged, folder, "results_averaged.csv", err);
    return status;
}
