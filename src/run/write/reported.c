/* The paper's numbers beside the run's. */
#include "run/write/reported.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "grimace/curves.h"
#include "grimace/landmarks.h"
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

/* The run's number that the paper's `n` of the whole (cls < 0) or of a class against the rest speaks about. */
static gr_reported_number of_run(const gr_results *r, int cls, const gr_reported_number *n)
{
    gr_reported_number out = {.metric = n->metric, .mean = n->mean, .value = NAN, .sd = NAN, .low = NAN, .high = NAN};
    int metric = gr_metric_find(n->metric);
    if (r->landmarks != NULL && cls < 0 && strcmp(n->metric, "nrmse") == 0) {
        out.value = n->mean ? r->landmarks->mean[0] : r->landmarks->pooled.nrmse;
        out.sd = n->mean ? r->landmarks->std[0] : NAN;
    }
    if (metric < 0 || r->landmarks != NULL)
        return out;
    if (n->mean) {
        out.value = cls < 0 ? r->mean[metric] : r->class_mean[cls][metric];
        out.sd = cls < 0 ? r->std[metric] : r->class_std[cls][metric];
        return out;
    }
    out.value = cls < 0 ? r->pooled.value[metric] : r->pooled.classes[cls].value[metric];
    if (isfinite(n->low))
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
    bool nrmse = r->landmarks != NULL && strcmp(name, "nrmse") == 0;
    for (int f = 0; nrmse && f < r->fold_count; f++)
        if (same_name(fold, r->fold_names[f]))
            return r->landmarks->folds[f].nrmse;
    for (int f = 0; metric >= 0 && r->landmarks == NULL && f < r->fold_count; f++)
        if (same_name(fold, r->fold_names[f]))
            return r->folds[f].value[metric];
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
