/* Labels from raters: the sources of the schemes stand in the header. */
#include <string.h>

#include "grimace/label.h"
#include "raters/label_time.h"
#include "raters/ratings.h"

enum { FIRST_STAGE = 5, ALL_RATERS = 8, LEAST_UNITS = 3 };

/* What the raters of one image come to. */
typedef struct verdict {
    int label; /* GR_NO_SCORE: none */
    double score;
    int units[GR_MOST_UNITS]; /* GR_NO_SCORE: none */
} verdict;

/* How many of the ratings [begin, end), of stage 1 alone or of both, give each score to the unit. */
static void count_scores(const gr_ratings *r, int64_t begin, int64_t end, int unit, bool only_first,
                         int64_t votes[GR_SCORES])
{
    memset(votes, 0, GR_SCORES * sizeof *votes);
    for (int64_t i = begin; i < end; i++) {
        int given = gr_rating_score(r, &r->list[i], unit);
        if (given != GR_NO_SCORE && (!only_first || gr_rating_first(r, &r->list[i])))
            votes[given]++;
    }
}

/* The smallest score with the most votes, when it has at least `least`. */
static int commonest(const int64_t votes[GR_SCORES], int64_t least)
{
    int best = 0;
    for (int s = 1; s < GR_SCORES; s++)
        if (votes[s] > votes[best])
            best = s;
    return votes[best] >= least ? best : GR_NO_SCORE;
}

/* The sum of the units' scores, and how many there are. */
static int sum_units(const verdict *v, int unit_count, int *units)
{
    int sum = 0;
    *units = 0;
    for (int u = 0; u < unit_count; u++) {
        *units += v->units[u] != GR_NO_SCORE;
        sum += v->units[u] != GR_NO_SCORE ? v->units[u] : 0;
    }
    return sum;
}

static gr_status by_painseeker(const gr_ratings *r, int64_t begin, int64_t end, verdict *v, gr_error *err)
{
    int64_t first = 0, votes[GR_SCORES];
    int units = 0;
    for (int64_t i = begin; i < end; i++)
        first += gr_rating_first(r, &r->list[i]);
    if (first != FIRST_STAGE || (end - begin != FIRST_STAGE && end - begin != ALL_RATERS))
        return gr_fail(err, GR_INVALID,
                       "%s: image \"%.200s\" has %lld ratings in stage 1 and %lld in stage 2; 5, and 0 or 3, would be right",
                       r->csv->path, r->list[begin].image, (long long)first, (long long)(end - begin - first));
    for (int u = 0; u < r->unit_count; u++) {
        count_scores(r, begin, end, u, true, votes);
        v->units[u] = commonest(votes, FIRST_STAGE - 1);
        if (v->units[u] == GR_NO_SCORE && end - begin == ALL_RATERS) {
            count_scores(r, begin, end, u, false, votes);
            v->units[u] = commonest(votes, FIRST_STAGE);
        }
    }
    int sum = sum_units(v, r->unit_count, &units);
    v->label = units >= LEAST_UNITS ? (2 * sum + units) / (2 * units) : GR_NO_SCORE;
    v->score = units > 0 ? (double)sum / units : 0.0;
    return GR_OK;
}

/* The units' commonest, largest or smallest scores. */
static void aggregate_units(const gr_ratings *r, int64_t begin, int64_t end, const char *rule, verdict *v)
{
    int64_t votes[GR_SCORES];
    for (int u = 0; u < r->unit_count; u++) {
        count_scores(r, begin, end, u, false, votes);
        int low = 0, high = GR_SCORES - 1;
        while (low < GR_SCORES && votes[low] == 0)
            low++;
        while (high >= 0 && votes[high] == 0)
            high--;
        bool none = high < 0;
        v->units[u] = none                        ? GR_NO_SCORE
                      : strcmp(rule, "mode") == 0 ? commonest(votes, 1)
                      : strcmp(rule, "max") == 0  ? high
                                                  : low;
    }
}

static void by_felinegrimace(const gr_ratings *r, int64_t begin, int64_t end, const char *rule, verdict *v)
{
    double sum = 0.0, least = 2.0, most = GR_NO_SCORE;
    int64_t raters = 0;
    int units = 0;
    for (int64_t i = begin; i < end; i++) {
        double total = gr_rating_total(r, &r->list[i]);
        if (total < 0.0)
            continue;
        raters++;
        sum += total;
        least = total < least ? total : least;
        most = total > most ? total : most;
    }
    aggregate_units(r, begin, end, rule, v);
    if (strcmp(rule, "mode") == 0) {
        int modes = sum_units(v, r->unit_count, &units);
        v->score = units > 0 ? modes / (2.0 * units) : 0.0;
    } else if (strcmp(rule, "mean") == 0) {
        v->score = raters > 0 ? sum / (double)raters : 0.0;
    } else {
        v->score = strcmp(rule, "and") == 0 || strcmp(rule, "min") == 0 ? least : most;
    }
    v->label = raters == 0 ? GR_NO_SCORE : v->score >= 0.4 - 1e-12; /* a mean of 0.4 may have lost its last bit */
}

/* Are the units' scores part of the manifest? */
static bool shows_units(const char *rule)
{
    return rule == NULL || strcmp(rule, "mode") == 0 || strcmp(rule, "max") == 0 || strcmp(rule, "min") == 0;
}

static void put_header(const gr_ratings *r, const char *rule, const char *group, gr_text *out)
{
    gr_csv_put(out, "image", ',');
    if (group != NULL)
        gr_csv_put(out, group, ',');
    for (int u = 0; shows_units(rule) && u < r->unit_count; u++) {
        const char *name = r->csv->header[r->units[u]];
        gr_text full = {0};
        gr_text_printf(&full, "%s%s", gr_starts_with(name, "au_") ? "" : "au_", name);
        if (!full.failed)
            gr_csv_put(out, full.data, ',');
        out->failed = out->failed || full.failed;
        gr_text_free(&full);
    }
    gr_text_printf(out, "label,score\n");
}

static void put_row(const gr_ratings *r, const gr_rating *rating, const char *rule, const verdict *v, gr_text *out)
{
    gr_csv_put(out, rating->image, ',');
    if (r->group >= 0)
        gr_csv_put(out, gr_csv_field(r->csv, rating->row, r->group), ',');
    for (int u = 0; shows_units(rule) && u < r->unit_count; u++)
        if (v->units[u] == GR_NO_SCORE)
            gr_text_printf(out, ",");
        else
            gr_text_printf(out, "%d,", v->units[u]);
    gr_text_printf(out, "%d,%.17g\n", v->label, v->score);
}

static gr_status check_group(const gr_ratings *r, int64_t begin, int64_t end, gr_error *err)
{
    for (int64_t i = begin + 1; r->group >= 0 && i < end; i++)
        if (strcmp(gr_csv_field(r->csv, r->list[i].row, r->group), gr_csv_field(r->csv, r->list[begin].row, r->group)) != 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: image \"%.200s\" has another value on line %lld", r->csv->path,
                           (long long)r->csv->line[r->list[i].row], r->csv->header[r->group], r->list[i].image,
                           (long long)r->csv->line[r->list[begin].row]);
    return GR_OK;
}

static gr_status label_all(const gr_ratings *r, const char *rule, gr_label_counts *counts, gr_text *out, gr_error *err)
{
    gr_status status = GR_OK;
    for (int64_t begin = 0, end; status == GR_OK && begin < r->count; begin = end) {
        verdict v = {.label = GR_NO_SCORE};
        end = gr_ratings_end(r, begin);
        status = check_group(r, begin, end, err);
        if (status != GR_OK)
            break;
        if (rule == NULL)
            status = by_painseeker(r, begin, end, &v, err);
        else
            by_felinegrimace(r, begin, end, rule, &v);
        counts->images++;
        counts->labelled += v.label != GR_NO_SCORE;
        counts->left_out += v.label == GR_NO_SCORE;
        if (v.label == GR_NO_SCORE)
            continue;
        counts->of_label[v.label]++;
        put_row(r, &r->list[begin], rule, &v, out);
    }
    return status;
}

static gr_status check_scheme(const char *scheme, const char *rule, const char *group, gr_error *err)
{
    static const char *const rules[] = {"and", "or", "mean", "max", "min", "mode"};
    static const char *const schemes[] = {"painseeker", "felinegrimace", "blackmice"};
    int known = 0;
    while (known < 3 && strcmp(scheme, schemes[known]) != 0)
        known++;
    if (known == 3)
        return gr_fail(err, GR_INVALID,
                       "label: --scheme: there is no \"%.80s\", painseeker, felinegrimace or blackmice would be right",
                       scheme);
    if (known != 1 && rule != NULL)
        return gr_fail(err, GR_INVALID, "label: --rule is for the scheme felinegrimace only");
    if (known == 2 && group != NULL)
        return gr_fail(err, GR_INVALID, "label: --group is for tables of ratings; blackmice keeps every column");
    for (size_t i = 0; rule != NULL && i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rule, rules[i]) == 0)
            return GR_OK;
    return known != 1 ? GR_OK
                      : gr_fail(err, GR_INVALID, "label: --rule: felinegrimace needs and, or, mean, max, min or mode");
}

gr_status gr_label_images(const char *table, const char *scheme, const char *rule, const char *group, const char *out,
                          gr_label_counts *counts, gr_error *err)
{
    gr_ratings ratings = {0};
    gr_text text = {0};
    *counts = (gr_label_counts){0};
    gr_status status = check_scheme(scheme, rule, group, err);
    if (status == GR_OK && strcmp(scheme, "blackmice") == 0)
        return gr_label_by_time(table, out, counts, err);
    if (status == GR_OK)
        status = gr_ratings_read(table, rule == NULL, group, &ratings, err);
    if (status != GR_OK)
        return status;
    put_header(&ratings, rule, group, &text);
    status = label_all(&ratings, rule, counts, &text, err);
    if (status == GR_OK)
        status = text.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", out)
                             : gr_file_write(out, text.data, text.size, err);
    gr_ratings_free(&ratings);
    gr_text_free(&text);
    return status;
}
