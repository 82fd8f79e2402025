/* The numbers that a paper reports:
 *
 *     reported:
 *       source: Table 3, row PainSeeker
 *       f1: 0.7731                             over all test predictions together
 *       auroc: {value: 0.64, low: 0.56, high: 0.69}   the same with its interval
 *       accuracy: {mean: 0.885, sd: 0.022}     over folds
 *       averaged: {accuracy: {mean: 0.925}}    of images taken together
 *       folds: {Rat#1: {f1: 0.8944}}           of one fold
 *       classes: {"0": {f1: 0.87}}             of one class against the rest
 *
 * Every number is a share, as in results.json. */
#include <math.h>
#include <string.h>

#include "config/value.h"
#include "grimace/cost.h"
#include "grimace/landmarks.h"
#include "grimace/scores.h"

enum { MOST_PARTS = 1000, NAME_LIMIT = 80, PATH = 240 };

/* The numbers that may be reported: those of classes, the error of landmarks, two errors of scores, in the scores' unit, and what a
 * model costs. */
enum { COSTS = 3, SHARES = GR_METRIC_COUNT + 3 + COSTS };

static const char *share(int i)
{
    return i < GR_METRIC_COUNT       ? gr_metric_name((gr_metric)i)
           : i == GR_METRIC_COUNT    ? GR_LANDMARK_METRIC
           : i == GR_METRIC_COUNT + 1 ? gr_score_metric_name(GR_SCORE_MAE)
           : i == GR_METRIC_COUNT + 2 ? gr_score_metric_name(GR_SCORE_RMSE)
                                      : gr_cost_name(i - GR_METRIC_COUNT - 3);
}

/* Is it one of those, which may be above 1? */
static bool has_unit(const char *metric)
{
    for (int i = 0; i < COSTS; i++)
        if (strcmp(metric, gr_cost_name(i)) == 0)
            return true;
    const char *mae = gr_score_metric_name(GR_SCORE_MAE), *rmse = gr_score_metric_name(GR_SCORE_RMSE);
    return strcmp(metric, mae) == 0 || strcmp(metric, rmse) == 0;
}

/* A coefficient of correlation may be below 0, a share may not. */
static double lowest(const char *metric)
{
    return strcmp(metric, "mcc") == 0 || strcmp(metric, "kappa") == 0 ? -1 : 0;
}

/* ---- one number ------------------------------------------------------------------------------------------------------ */

static gr_status read_real(const gr_value_source *source, const char *path, const gr_yaml *node, const char *metric, double low,
                           double *out)
{
    bool number = node->kind == GR_YAML_SCALAR && node->plain && gr_parse_double(node->text, out);
    if (has_unit(metric))
        return number && isfinite(*out) && *out >= 0.0
                   ? GR_OK
                   : gr_value_refuse(source, node->line, path,
                                     "is no number in its unit; one from 0 on, such as 0.098, would be right");
    if (!number)
        return gr_value_refuse(source, node->line, path, "is no number; a share such as 0.7417 would be right");
    if (*out > 1 && *out <= 100)
        return gr_value_refuse(source, node->line, path, "is %.40s, expected a share from %g to 1: not %.40s %% but %.6g",
                               node->text, low, node->text, *out / 100);
    if (*out < low || *out > 1)
        return gr_value_refuse(source, node->line, path, "is %.40s, expected a share from %g to 1", node->text, low);
    return GR_OK;
}

static gr_status misshapen(const gr_value_source *source, const char *path, const gr_yaml *node)
{
    return gr_value_refuse(source, node->line, path,
                           "is not understood; 0.74, {value: 0.74, low: 0.7, high: 0.78} or {mean: 0.74, sd: 0.02} (over "
                           "folds) would be right");
}

static gr_status read_number(const gr_value_source *source, const char *path, const gr_yaml *node, gr_reported_number *out)
{
    static const char *const words[] = {"value", "low", "high", "mean", "sd"};
    enum { VALUE, LOW, HIGH, MEAN, SD, WORDS };
    double values[WORDS] = {NAN, NAN, NAN, NAN, NAN}, least = lowest(out->metric);
    out->sd = out->low = out->high = NAN;
    if (node->kind == GR_YAML_SCALAR)
        return read_real(source, path, node, out->metric, least, &out->value);
    if (node->kind != GR_YAML_MAP)
        return misshapen(source, path, node);
    for (int i = 0; i < node->count; i++) {
        const char *word = node->items[2 * i]->text;
        int at = 0;
        while (at < WORDS && strcmp(words[at], word) != 0)
            at++;
        if (at == WORDS || !isnan(values[at]))
            return misshapen(source, path, node->items[2 * i]);
        gr_status status = read_real(source, path, node->items[2 * i + 1], out->metric, at == SD ? 0 : least,
                                     &values[at]);
        if (status != GR_OK)
            return status;
    }
    out->mean = !isnan(values[MEAN]);
    out->value = out->mean ? values[MEAN] : values[VALUE];
    out->sd = values[SD];
    out->low = values[LOW];
    out->high = values[HIGH];
    bool ends = !isnan(out->low) && !isnan(out->high), none = isnan(out->low) && isnan(out->high);
    if (isnan(out->value) || (out->mean ? !isnan(values[VALUE]) || !none : !isnan(out->sd) || (!ends && !none)))
        return misshapen(source, path, node);
    if (ends && (out->low > out->value || out->value > out->high))
        return gr_value_refuse(source, node->line, path,
                               "lies outside of its interval, low <= value <= high would be right");
    return GR_OK;
}

/* ---- a part ---------------------------------------------------------------------------------------------------------- */

static bool is_share(const char *name)
{
    for (int i = 0; i < SHARES; i++)
        if (strcmp(share(i), name) == 0)
            return true;
    return false;
}

static gr_status unknown(const gr_value_source *source, const char *path, const gr_yaml *key, bool whole)
{
    static const char *const others[] = {"source", "averaged", "folds", "classes"};
    enum { OTHERS = sizeof others / sizeof *others };
    const char *words[SHARES + OTHERS];
    for (int i = 0; i < SHARES; i++)
        words[i] = share(i);
    memcpy(words + SHARES, others, sizeof others);
    const char *near = gr_nearest(key->text, words, SHARES + (whole ? OTHERS : 0));
    return gr_value_refuse(source, key->line, path, "there is no such number in results.json%s%s; %s",
                           near ? ", did you mean " : "", near ? near : "",
                           whole ? "f1, accuracy and their like, source, averaged, folds and classes would be right"
                                 : "f1, accuracy and their like would be right");
}

/* Is the key of pair `i` of `map` among the pairs before it? */
static bool is_twin(const gr_yaml *map, int i)
{
    for (int j = 0; j < i; j++)
        if (strcmp(map->items[2 * j]->text, map->items[2 * i]->text) == 0)
            return true;
    return false;
}

/* "reported.folds.Rat#1". */
static const char *path_of(char path[PATH], const char *above, const gr_yaml *key)
{
    snprintf(path, PATH, "%s.%.80s", above, key->text);
    return path;
}

/* Reads the pair `i` of `map` as one more number of the part. */
static gr_status add_number(const gr_value_source *source, const char *above, const gr_yaml *map, int i, bool whole,
                            gr_reported_part *part)
{
    const gr_yaml *key = map->items[2 * i];
    char path[PATH];
    path_of(path, above, key);
    if (!is_share(key->text))
        return unknown(source, path, key, whole);
    if (is_twin(map, i))
        return gr_value_refuse(source, key->line, path, "is there twice");
    if (!part->numbers)
        part->numbers = gr_arena_alloc(source->arena, SHARES, sizeof *part->numbers);
    if (!part->numbers)
        return gr_value_no_memory(source);
    gr_reported_number *number = &part->numbers[part->count++];
    if (!(number->metric = gr_arena_strdup(source->arena, key->text)))
        return gr_value_no_memory(source);
    return read_number(source, path, map->items[2 * i + 1], number);
}

static gr_status read_averaged(const gr_value_source *source, const gr_yaml *map, gr_reported_part *part)
{
    static const char path[] = "reported.averaged";
    if (map->kind != GR_YAML_MAP)
        return gr_value_refuse(source, map->line, path, "is not understood; {f1: 0.87, ...} would be right");
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < map->count; i++)
        status = add_number(source, path, map, i, false, part);
    return status;
}

/* A map from names of folds or classes to their numbers. Of one fold there is no mean over folds. */
static gr_status read_parts(const gr_value_source *source, const char *above, const gr_yaml *map, bool means,
                            gr_reported_part **out, int *count)
{
    if (map->kind != GR_YAML_MAP || map->count > MOST_PARTS)
        return gr_value_refuse(source, map->line, above, "is not understood; {NAME: {f1: 0.87}, ...} would be right");
    gr_reported_part *parts = gr_arena_alloc(source->arena, (size_t)map->count + 1, sizeof *parts);
    if (!parts)
        return gr_value_no_memory(source);
    gr_status status = GR_OK;
    for (int p = 0; status == GR_OK && p < map->count; p++) {
        const gr_yaml *key = map->items[2 * p], *numbers = map->items[2 * p + 1];
        char path[PATH];
        path_of(path, above, key);
        if (!*key->text || strlen(key->text) > NAME_LIMIT || is_twin(map, p) || numbers->kind != GR_YAML_MAP)
            return gr_value_refuse(
                source, key->line, path,
                "is not understood; a name of at most %d bytes that comes once, with its numbers, such as "
                "{f1: 0.87}, would be right",
                NAME_LIMIT);
        parts[p].name = gr_arena_strdup(source->arena, key->text);
        for (int i = 0; status == GR_OK && i < numbers->count; i++) {
            status = add_number(source, path, numbers, i, false, &parts[p]);
            if (status == GR_OK && parts[p].numbers[i].mean && !means)
                status =
                    gr_value_refuse(source, numbers->items[2 * i]->line, path, "is one fold, which has no mean over folds");
        }
        if (status == GR_OK && !parts[p].name)
            status = gr_value_no_memory(source);
    }
    *out = parts;
    *count = map->count;
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

static gr_status read_source(const gr_value_source *source, const gr_yaml *node, const char **out)
{
    if (node->kind != GR_YAML_SCALAR || !*node->text || strlen(node->text) > 4 * NAME_LIMIT)
        return gr_value_refuse(source, node->line, "reported.source",
                               "expected a text of at most %d bytes, such as \"Table 3, row PainSeeker\"", 4 * NAME_LIMIT);
    *out = gr_arena_strdup(source->arena, node->text);
    return *out ? GR_OK : gr_value_no_memory(source);
}

gr_status gr_reported_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_config *config)
{
    if (node->kind != GR_YAML_MAP)
        return gr_value_refuse(source, node->line, key->path,
                               "is no section; {source: \"Table 3\", f1: 0.7731} or null would be right");
    gr_reported *made = gr_arena_alloc(source->arena, 1, sizeof *made);
    if (!made)
        return gr_value_no_memory(source);
    made->whole.name = made->averaged.name = "";
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < node->count; i++) {
        const char *name = node->items[2 * i]->text;
        const gr_yaml *value = node->items[2 * i + 1];
        if (is_twin(node, i))
            status = gr_value_refuse(source, node->items[2 * i]->line, key->path, "\"%.40s\" is there twice", name);
        else if (strcmp(name, "source") == 0)
            status = read_source(source, value, &made->source);
        else if (strcmp(name, "averaged") == 0)
            status = read_averaged(source, value, &made->averaged);
        else if (strcmp(name, "folds") == 0)
            status = read_parts(source, "reported.folds", value, false, &made->folds, &made->fold_count);
        else if (strcmp(name, "classes") == 0)
            status = read_parts(source, "reported.classes", value, true, &made->classes, &made->class_count);
        else
            status = add_number(source, key->path, node, i, true, &made->whole);
    }
    config->reported = made;
    return status;
}

/* ---- back to YAML ---------------------------------------------------------------------------------------------------- */

static void put_field(gr_text *out, const char *before, double value)
{
    if (isnan(value))
        return;
    gr_text_printf(out, "%s", before);
    gr_yaml_put_number(out, value);
}

static void put_number(const gr_reported_number *n, gr_text *out)
{
    gr_text_printf(out, "%s: ", n->metric);
    if (!n->mean && isnan(n->low)) {
        gr_yaml_put_number(out, n->value);
        return;
    }
    put_field(out, n->mean ? "{mean: " : "{value: ", n->value);
    put_field(out, ", sd: ", n->sd);
    put_field(out, ", low: ", n->low);
    put_field(out, ", high: ", n->high);
    gr_text_printf(out, "}");
}

static void put_numbers(const gr_reported_part *part, gr_text *out)
{
    for (int i = 0; i < part->count; i++) {
        gr_text_printf(out, i > 0 ? ", " : "");
        put_number(&part->numbers[i], out);
    }
}

static void put_parts(const char *what, const gr_reported_part *parts, int count, const char *before, gr_text *out)
{
    if (count == 0)
        return;
    gr_text_printf(out, "%s%s: {", before, what);
    for (int p = 0; p < count; p++) {
        gr_text_printf(out, p > 0 ? ", " : "");
        gr_yaml_put_string(out, parts[p].name);
        gr_text_printf(out, ": {");
        put_numbers(&parts[p], out);
        gr_text_printf(out, "}");
    }
    gr_text_printf(out, "}");
}

void gr_reported_put(const gr_reported *r, gr_text *out)
{
    if (!r) {
        gr_text_printf(out, "null");
        return;
    }
    const char *before = "";
    gr_text_printf(out, "{");
    if (r->source) {
        gr_text_printf(out, "source: ");
        gr_yaml_put_string(out, r->source);
        before = ", ";
    }
    if (r->whole.count > 0) {
        gr_text_printf(out, "%s", before);
        put_numbers(&r->whole, out);
        before = ", ";
    }
    if (r->averaged.count > 0) {
        gr_text_printf(out, "%saveraged: {", before);
        put_numbers(&r->averaged, out);
        gr_text_printf(out, "}");
        before = ", ";
    }
    put_parts("folds", r->folds, r->fold_count, before, out);
    put_parts("classes", r->classes, r->class_count, r->fold_count > 0 ? ", " : before, out);
    gr_text_printf(out, "}");
}
