/* The paper's numbers beside the run's. */
#include "run/write/reported.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "grimace/cost.h"
#include "grimace/curves.h"
#include "grimace/results.h"

int gr_metric_find(const char *name)
{
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        if (strcmp(gr_metric_name((gr_metric)i), name) == 0)
            return i;
    return -1;
}

const char *gr_reported_cell(const gr_reported_number *n, char cell[GR_REPORTED_CELL])
{
    if (isnan(n->value))
        snprintf(cell, GR_REPORTED_CELL, "-");
    else if (n->mean && isfinite(n->sd))
        snprintf(cell, GR_REPORTED_CELL, "%.4f +- %.4f", n->value, n->sd);
    else if (!n->mean && isfinite(n->low))
        snprintf(cell, GR_REPORTED_CELL, "%.4f (%.4f to %.4f)", n->value, n->low, n->high);
    else
        snprintf(cell, GR_REPORTED_CELL, "%.4f", n->value);
    return cell;
}

/* ---- what of the run stands beside ----------------------------------------------------------------------------------- */

/* The exact interval, or for areas under curves the bootstrap's, of the same kind of number as `n`. */
static void find_interval(const gr_results *r, int cls, gr_metric metric, gr_reported_number *out)
{
    gr_interval i;
    if (!gr_metrics_interval(&r->pooled, r->positive, cls, metric, r->confidence, &i)) {
        if (r->bootstrap == NULL)
            return;
        i = cls < 0 ? r->bootstrap->metric[metric] : r->bootstrap->classes[cls][metric];
    }
    out->low = i.low;
    out->high = i.high;
}

/* One number of a run in all its places. */
typedef struct number {
    double pooled, mean, std, fold;
} number;

static void take_score(const gr_score_summary *s, int metric, int fold, number *out)
{
    *out = (number){s->pooled.value[metric], s->mean[metric], s->std[metric], fold >= 0 ? s->folds[fold].value[metric] : NAN};
}

/* The numbers that no class has, of the whole run and of `fold` (< 0: of none); false when the run has none called `name`. */
static bool find_own(const gr_results *r, const char *name, int fold, number *out)
{
    int score = gr_score_metric_find(name), ordinal = gr_ordinal_metric_find(name);
    if (r->landmarks != NULL && strcmp(name, "nrmse") == 0) {
        const gr_landmark_results *l = r->landmarks;
        *out = (number){l->pooled.nrmse, l->mean[0], l->std[0], fold >= 0 ? l->folds[fold].nrmse : NAN};
    } else if (r->scores != NULL && score >= 0) {
        take_score(gr_score_whole(r->scores), score, fold, out);
    } else if (r->labels != NULL && r->labels->has_total && score >= 0) {
        take_score(&r->labels->total, score, fold, out);
    } else if (r->ordinal != NULL && ordinal >= 0) {
        const gr_ordinal_results *o = r->ordinal;
        *out = (number){o->pooled[ordinal], o->mean[ordinal], o->std[ordinal], fold >= 0 ? o->folds[fold][ordinal] : NAN};
    } else {
        return false;
    }
    return true;
}

/* The run's number that the paper's `n` of the whole (cls < 0) or of a class against the rest speaks about. */
static gr_reported_number of_run(const gr_results *r, int cls, const gr_reported_number *n)
{
    gr_reported_number out = {.metric = n->metric, .mean = n->mean, .value = NAN, .sd = NAN, .low = NAN, .high = NAN};
    int metric = gr_metric_find(n->metric);
    number own;
    if (cls < 0 && find_own(r, n->metric, -1, &own)) {
        out.value = n->mean ? own.mean : own.pooled;
        out.sd = n->mean ? own.std : NAN;
        return out;
    }
    if (metric < 0 || r->folds == NULL)
        return out;
    if (n->mean) {
        out.value = cls < 0 ? r->mean[metric] : r->class_mean[cls][metric];
        out.sd = cls < 0 ? r->std[metric] : r->class_std[cls][metric];
        return out;
    }
    out.value = cls < 0 ? r->pooled.value[metric] : r->pooled.classes[cls].value[metric];
    if (isfinite(n->low) && r->class_count > 0)
        find_interval(r, cls, (gr_metric)metric, &out);
    return out;
}

/* The same name, whatever the case and but for all that is no letter or digit: "Rat#1" and "rat1". */
static bool same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a != '\0' && (unsigned char)*a < 0x80 && !isalnum((unsigned char)*a))
            a++;
        while (*b != '\0' && (unsigned char)*b < 0x80 && !isalnum((unsigned char)*b))
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (*a == '\0')
            return true;
    }
}

/* Has the run any of the paper's folds? A single training run has not. */
static bool has_folds(const gr_results *r)
{
    for (int i = 0; i < r->reported->fold_count; i++)
        for (int f = 0; f < r->fold_count; f++)
            if (same_name(r->reported->folds[i].name, r->fold_names[f]))
                return true;
    return false;
}

static double of_fold(const gr_results *r, const char *fold, const char *name)
{
    int metric = gr_metric_find(name);
    number own;
    for (int f = 0; f < r->fold_count; f++)
        if (same_name(fold, r->fold_names[f]))
            return find_own(r, name, f, &own) ? own.fold : metric >= 0 && r->folds != NULL ? r->folds[f].value[metric] : NAN;
    return NAN;
}

static int find_class(const gr_results *r, const char *name)
{
    for (int c = 0; c < r->class_count; c++)
        if (strcmp(r->classes[c], name) == 0)
            return c;
    return -1;
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

enum { LEFT = 17, PAPER = 26 };

static void put_row(gr_text *out, const char *what, const char *part, const gr_reported_number *paper,
                    const gr_reported_number *run)
{
    char left[200], a[GR_REPORTED_CELL], b[GR_REPORTED_CELL];
    snprintf(left, sizeof left, "%s%s%s", what, *part != '\0' ? " " : "", part);
    gr_text_printf(out, "%-*s  %-*s  %-*s  %s\n", LEFT, left, LEFT, paper->metric, PAPER, gr_reported_cell(paper, a),
                     gr_reported_cell(run, b));
}

void gr_reported_table(const gr_results *r, gr_text *out)
{
    const gr_reported *p = r->reported;
    const gr_reported_number none = {.value = NAN, .sd = NAN, .low = NAN, .high = NAN};
    if (p == NULL)
        return;
    gr_text_printf(out, "what the paper reports%s%s%s, and this run:\n", p->source != NULL ? " (" : "",
                     p->source != NULL ? p->source : "", p->source != NULL ? ")" : "");
    gr_text_printf(out, "%-*s  %-*s  %-*s  %s\n", LEFT, "", LEFT, "metric", PAPER, "paper", "run");
    for (int i = 0; i < p->whole.count; i++) {
        if (gr_cost_named(p->whole.numbers[i].metric)) /* which a sweep's table has */
            continue;
        gr_reported_number run = of_run(r, -1, &p->whole.numbers[i]);
        put_row(out, p->whole.numbers[i].mean ? "mean over folds" : "pooled", "", &p->whole.numbers[i], &run);
    }
    for (int i = 0; i < p->averaged.count; i++) {
        const gr_reported_number *n = &p->averaged.numbers[i];
        gr_reported_number run = r->averaged != NULL ? of_run(r->averaged, -1, n) : none;
        put_row(out, n->mean ? "averaged, mean" : "averaged", "", n, &run);
    }
    for (int c = 0; c < p->class_count; c++) {
        int cls = find_class(r, p->classes[c].name);
        for (int i = 0; i < p->classes[c].count; i++) {
            const gr_reported_number *n = &p->classes[c].numbers[i];
            gr_reported_number run = cls >= 0 ? of_run(r, cls, n) : none;
            put_row(out, n->mean ? "mean, class" : "class", p->classes[c].name, n, &run);
        }
    }
    for (int f = 0; has_folds(r) && f < p->fold_count; f++)
        for (int i = 0; i < p->folds[f].count; i++) {
            gr_reported_number run = none;
            run.value = of_fold(r, p->folds[f].name, p->folds[f].numbers[i].metric);
            put_row(out, "fold", p->folds[f].name, &p->folds[f].numbers[i], &run);
        }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------ */

/* Sets the number in to[section]. 0 when all went well, as jansson's own functions. */
static int set_in(json_t *to, const char *section, const char *metric, json_t *value)
{
    json_t *object = json_object_get(to, section);
    int bad = 0;
    if (object == NULL) {
        object = json_object();
        bad = json_object_set_new(to, section, object);
    }
    return bad | json_object_set_new(object, metric, value);
}

static int add_numbers(json_t *to, const gr_reported_part *part)
{
    int bad = 0;
    for (int i = 0; i < part->count; i++) {
        const gr_reported_number *n = &part->numbers[i];
        if (gr_cost_named(n->metric)) /* of which a run says nothing */
            continue;
        bad |= set_in(to, n->mean ? "mean" : "pooled", n->metric, json_real(n->value));
        if (isfinite(n->sd))
            bad |= set_in(to, "std", n->metric, json_real(n->sd));
        if (isfinite(n->low))
            bad |= set_in(to, "intervals", n->metric, json_pack("[f, f]", n->low, n->high));
    }
    return bad;
}

static int add_folds(json_t *to, const gr_reported *r)
{
    json_t *list = json_array();
    int bad = 0;
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->folds[f].name));
        for (int i = 0; i < r->folds[f].count; i++)
            bad |= json_object_set_new(fold, r->folds[f].numbers[i].metric, json_real(r->folds[f].numbers[i].value));
        bad |= json_array_append_new(list, fold);
    }
    return bad | json_object_set_new(to, "folds", list);
}

static int add_classes(json_t *to, const gr_reported *r)
{
    json_t *list = json_array();
    int bad = 0;
    for (int c = 0; c < r->class_count; c++) {
        json_t *one = json_object();
        bad |= json_object_set_new(one, "class", json_string(r->classes[c].name));
        bad |= add_numbers(one, &r->classes[c]);
        bad |= json_array_append_new(list, one);
    }
    return bad | json_object_set_new(to, "classes", list);
}

json_t *gr_reported_json(const gr_reported *reported)
{
    if (reported == NULL)
        return json_null();
    json_t *root = json_object();
    int bad = json_object_set_new(root, "source", reported->source != NULL ? json_string(reported->source) : json_null());
    bad |= add_numbers(root, &reported->whole);
    if (reported->averaged.count > 0) {
        json_t *averaged = json_object();
        bad |= add_numbers(averaged, &reported->averaged);
        bad |= json_object_set_new(root, "averaged", averaged);
    }
    if (reported->fold_count > 0)
        bad |= add_folds(root, reported);
    if (reported->class_count > 0)
        bad |= add_classes(root, reported);
    if (bad == 0)
        return root;
    json_decref(root);
    return NULL;
}
