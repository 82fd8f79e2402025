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

static void put_header(const gr_score_predictions *p, gr_text *out)
{
    gr_eval_head_names(out, p->groups != NULL ? p->group_column : NULL, p->fold_count > 0);
    if (p->outputs == 1) {
        gr_text_printf(out, "%s,predicted\n", p->truth != NULL ? ",label" : "");
        return;
    }
    for (int s = 0; s <= p->outputs; s++)
        put_pair_names(out, s < p->outputs ? p->names[s] : "total", p->truth != NULL);
    gr_text_add(out, "\n", 1);
}

void gr_score_predictions_csv(const gr_score_predictions *p, gr_text *out)
{
    put_header(p, out);
    for (int64_t i = 0; i < p->count; i++) {
        double truth = 0.0, predicted = 0.0;
        gr_eval_head(out, p->images[i], p->groups != NULL ? p->groups[i] : NULL,
                     p->fold_count > 0 ? p->folds[p->fold[i]] : NULL);
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

/* The numbers of the whole and, with several labels, of each. */
static int add_level(json_t *to, const gr_score_results *s, int level)
{
    int64_t n;
    const double *value = at_level(gr_score_whole(s), level, &n);
    int bad = gr_eval_add_score(to, n, value);
    if (s->outputs == 1)
        return bad;
    json_t *list = json_array();
    for (int i = 0; i < s->outputs; i++) {
        json_t *one = json_object();
        bad |= json_object_set_new(one, "label", json_string(s->names[i]));
        value = at_level(&s->each[i], level, &n);
        bad |= gr_eval_add_score(one, n, value);
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

static int add_all(json_t *root, const gr_results *r)
{
    const gr_score_results *s = r->scores;
    json_t *labels = json_array(), *folds = json_array();
    int bad = json_object_set_new(root, "name", json_string(r->name));
    bad |= json_object_set_new(root, "task", json_string("scores"));
    for (int i = 0; i < s->outputs; i++)
        bad |= json_array_append_new(labels, json_string(s->names[i]));
    bad |= json_object_set_new(root, "labels", labels);
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
    bad |= add_named_level(root, "std", s, STD);
    return bad | json_object_set_new(root, "reported", gr_reported_json(r->reported));
}

static json_t *results_json(const gr_results *r)
{
    json_t *root = json_object();
    if (root != NULL && add_all(root, r) == 0)
        return root;
    json_decref(root);
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
        gr_csv_put_number(out, value[i]);
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

static gr_status write_csv(const gr_results *r, const char *folder, gr_error *err)
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
    return gr_eval_write_text(&out, folder, "results.csv", err);
}

gr_status gr_score_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    gr_status status = gr_eval_write_json(results_json(results), folder, "results.json", err);
    return status == GR_OK ? write_csv(results, folder, err) : status;
}
