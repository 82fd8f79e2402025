/* Labels from the scores of the action units, as PainSeeker and the Feline Grimace Scale have them. */
#include <math.h>
#include <string.h>

#include "grimace/label.h"
#include "raters/label.h"
#include "raters/ratings.h"

enum { FIRST_STAGE = 5, ALL_RATERS = 8, LEAST_UNITS = 3 };

/* What the raters of one image come to. */
typedef struct verdict {
    int label; /* GR_NO_SCORE: none */
    double score;
    int units[GR_MOST_UNITS]; /* in steps of the ratings; GR_NO_SCORE: none */
} verdict;

/* How many of the ratings [begin, end), of stage 1 alone or of both, give each score to the unit. */
static void count_scores(const gr_ratings *r, int64_t begin, int64_t end, int unit, bool only_first,
                         int64_t votes[GR_MOST_CATEGORIES])
{
    memset(votes, 0, (size_t)r->categories * sizeof *votes);
    for (int64_t i = begin; i < end; i++) {
        int given = gr_rating_score(r, &r->list[i], unit);
        if (given != GR_NO_SCORE && (!only_first || gr_rating_first(r, &r->list[i])))
            votes[given]++;
    }
}

/* The smallest score with the most votes, when it has at least `least`. */
static int commonest(const gr_ratings *r, const int64_t votes[GR_MOST_CATEGORIES], int64_t least)
{
    int best = 0;
    for (int s = 1; s < r->categories; s++)
        if (votes[s] > votes[best])
            best = s;
    return votes[best] >= least ? best : GR_NO_SCORE;
}

/* The sum of the units' scores, in steps, and how many there are. */
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
    int64_t first = 0, votes[GR_MOST_CATEGORIES];
    int units = 0;
    for (int64_t i = begin; i < end; i++)
        first += gr_rating_first(r, &r->list[i]);
    if (first != FIRST_STAGE || (end - begin != FIRST_STAGE && end - begin != ALL_RATERS))
        return gr_fail(err, GR_INVALID,
                       "%s: image \"%.200s\" has %lld ratings in stage 1 and %lld in stage 2; 5, and 0 or 3, would be right",
                       r->csv->path, r->list[begin].image, (long long)first, (long long)(end - begin - first));
    for (int u = 0; u < r->unit_count; u++) {
        count_scores(r, begin, end, u, true, votes);
        v->units[u] = commonest(r, votes, FIRST_STAGE - 1);
        if (v->units[u] == GR_NO_SCORE && end - begin == ALL_RATERS) {
            count_scores(r, begin, end, u, false, votes);
            v->units[u] = commonest(r, votes, FIRST_STAGE);
        }
    }
    int sum = sum_units(v, r->unit_count, &units);
    v->label = units >= LEAST_UNITS ? (2 * sum + r->parts * units) / (2 * r->parts * units) : GR_NO_SCORE;
    v->score = units > 0 ? (double)sum / (r->parts * units) : 0.0;
    return GR_OK;
}

/* The units' commonest, largest or smallest scores. */
static void aggregate_units(const gr_ratings *r, int64_t begin, int64_t end, const char *rule, verdict *v)
{
    int64_t votes[GR_MOST_CATEGORIES];
    for (int u = 0; u < r->unit_count; u++) {
        count_scores(r, begin, end, u, false, votes);
        int low = 0, high = r->categories - 1;
        while (low < r->categories && votes[low] == 0)
            low++;
        while (high >= 0 && votes[high] == 0)
            high--;
        bool none = high < 0;
        v->units[u] = none                        ? GR_NO_SCORE
                      : strcmp(rule, "mode") == 0 ? commonest(r, votes, 1)
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
        if (isnan(total))
            continue;
        raters++;
        sum += total;
        least = total < least ? total : least;
        most = total > most ? total : most;
    }
    aggregate_units(r, begin, end, rule, v);
    if (strcmp(rule, "mode") == 0) {
        int modes = sum_units(v, r->unit_count, &units);
        v->score = units > 0 ? modes / (2.0 * r->parts * units) : 0.0;
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

static void put_units(const gr_ratings *r, const verdict *v, gr_text *out)
{
    for (int u = 0; u < r->unit_count; u++)
        if (v->units[u] == GR_NO_SCORE)
            gr_text_printf(out, ",");
        else
            gr_text_printf(out, "%g,", r->lowest + (double)v->units[u] / r->parts);
}

static void put_row(const gr_ratings *r, const gr_rating *rating, const char *rule, const verdict *v, gr_text *out)
{
    gr_label_put_image(r, rating, out);
    if (shows_units(rule))
        put_units(r, v, out);
    gr_text_printf(out, "%d,%.17g\n", v->label, v->score);
}

/* What each rule makes of the image, side by side. */
static void put_rules(const gr_ratings *r, int64_t begin, int64_t end, gr_label_counts *counts, gr_text *out)
{
    static const char *const rules[] = {"mode", "max", "min", "and", "or", "mean"}; /* those with units first */
    enum { MODE, MAX, MIN, AND, OR, MEAN, RULES };
    verdict v[RULES] = {0};
    for (int k = 0; k < RULES; k++)
        by_felinegrimace(r, begin, end, rules[k], &v[k]);
    counts->images++;
    counts->labelled += v[MEAN].label != GR_NO_SCORE;
    counts->left_out += v[MEAN].label == GR_NO_SCORE;
    if (v[MEAN].label == GR_NO_SCORE)
        return;
    counts->least = counts->labelled == 1 || v[MEAN].score < counts->least ? v[MEAN].score : counts->least;
    counts->most = counts->labelled == 1 || v[MEAN].score > counts->most ? v[MEAN].score : counts->most;
    gr_label_put_image(r, &r->list[begin], out);
    for (int k = MODE; k <= MIN; k++)
        put_units(r, &v[k], out);
    gr_text_printf(out, "%d,%d,%.17g,%.17g,%.17g,%.17g\n", v[AND].label, v[OR].label, v[MEAN].score, v[MAX].score, v[MIN].score,
                   v[MODE].score);
}

gr_status gr_label_by_rules(const gr_ratings *r, gr_label_counts *counts, gr_text *out, gr_error *err)
{
    gr_status status = GR_OK;
    gr_label_put_rules(r, out);
    for (int64_t begin = 0, end; status == GR_OK && begin < r->count; begin = end) {
        end = gr_ratings_end(r, begin);
        status = gr_label_check_group(r, begin, end, err);
        if (status == GR_OK)
            put_rules(r, begin, end, counts, out);
    }
    return status;
}

gr_status gr_label_by_units(const gr_ratings *r, const char *rule, gr_label_counts *counts, gr_text *out, gr_error *err)
{
    gr_status status = GR_OK;
    gr_label_put_header(r, shows_units(rule), out);
    for (int64_t begin = 0, end; status == GR_OK && begin < r->count; begin = end) {
        verdict v = {.label = GR_NO_SCORE};
        end = gr_ratings_end(r, begin);
        status = gr_label_check_group(r, begin, end, err);
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
