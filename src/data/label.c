/* Labels from raters: the sources of the schemes stand in the header. */
#include "grimace/label.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"

enum { SCORES = 3, FIRST_STAGE = 5, ALL_RATERS = 8, MOST_UNITS = 64, LEAST_UNITS = 3, NO_SCORE = -1 };

typedef struct rating {
    const char *image, *rater;
    int64_t row;
} rating;

typedef struct labeller {
    gr_csv *csv;
    int image, rater, stage, group; /* columns; -1: none */
    int units[MOST_UNITS], unit_count;
    const char *rule; /* NULL: painseeker */
    rating *ratings;  /* sorted by image and rater */
    gr_buffer out;
    gr_error *err;
} labeller;

static int by_image_and_rater(const void *a, const void *b)
{
    const rating *x = a, *y = b;
    int order = strcmp(x->image, y->image);
    if (order == 0)
        order = strcmp(x->rater, y->rater);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static gr_status find_columns(labeller *l, const char *group)
{
    const gr_csv *csv = l->csv;
    const char *const needed[] = {"image", "rater", l->rule == NULL ? "stage" : NULL, group};
    int *const to[] = {&l->image, &l->rater, &l->stage, &l->group};
    for (int i = 0; i < 4; i++) {
        *to[i] = needed[i] != NULL ? gr_csv_column(csv, needed[i]) : -1;
        if (needed[i] != NULL && *to[i] < 0)
            return gr_fail(l->err, GR_INVALID, "%s:1: there is no column \"%.80s\", which the labels need", csv->path, needed[i]);
    }
    for (int c = 0; c < csv->columns; c++) {
        if (c == l->image || c == l->rater || c == l->stage || c == l->group)
            continue;
        if (l->unit_count == MOST_UNITS)
            return gr_fail(l->err, GR_INVALID, "%s:1: has more than %d columns of action units", csv->path, MOST_UNITS);
        l->units[l->unit_count++] = c;
    }
    if (l->unit_count == 0)
        return gr_fail(l->err, GR_INVALID, "%s:1: has no column of an action unit", csv->path);
    return GR_OK;
}

static int score(const labeller *l, int64_t row, int unit)
{
    const char *text = gr_csv_field(l->csv, row, l->units[unit]);
    return text[0] >= '0' && text[0] < '0' + SCORES && text[1] == '\0' ? text[0] - '0' : NO_SCORE;
}

static gr_status check_row(const labeller *l, int64_t row)
{
    long long line = (long long)l->csv->line[row];
    for (int u = 0; u < l->unit_count; u++) {
        const char *text = gr_csv_field(l->csv, row, l->units[u]);
        if (score(l, row, u) == NO_SCORE && text[0] != '\0' && strcmp(text, "uncertain") != 0)
            return gr_fail(l->err, GR_INVALID, "%s:%lld: %.80s: \"%.80s\" is no score; 0, 1, 2 or uncertain would be right",
                           l->csv->path, line, l->csv->header[l->units[u]], text);
    }
    const char *stage = l->stage >= 0 ? gr_csv_field(l->csv, row, l->stage) : "1";
    if (strcmp(stage, "1") != 0 && strcmp(stage, "2") != 0)
        return gr_fail(l->err, GR_INVALID, "%s:%lld: stage: is \"%.80s\", 1 or 2 would be right", l->csv->path, line, stage);
    return GR_OK;
}

static int first_stage(const labeller *l, const rating *r)
{
    return l->stage >= 0 && gr_csv_field(l->csv, r->row, l->stage)[0] == '1';
}

/* How many of r[n], in stage 1 alone or in both, give each score to the unit. */
static void count_scores(const labeller *l, const rating *r, int64_t n, int unit, int only_first, int64_t votes[SCORES])
{
    memset(votes, 0, SCORES * sizeof *votes);
    for (int64_t i = 0; i < n; i++) {
        int given = score(l, r[i].row, unit);
        if (given != NO_SCORE && (!only_first || first_stage(l, &r[i])))
            votes[given]++;
    }
}

/* The smallest score with the most votes, when it has at least `least`. */
static int commonest(const int64_t votes[SCORES], int64_t least)
{
    int best = 0;
    for (int s = 1; s < SCORES; s++)
        if (votes[s] > votes[best])
            best = s;
    return votes[best] >= least ? best : NO_SCORE;
}

/* Label and score of one image; *label is NO_SCORE where it has none. */
static gr_status by_painseeker(const labeller *l, const rating *r, int64_t n, int *label, double *mean)
{
    int64_t first = 0, votes[SCORES];
    int sum = 0, units = 0;
    for (int64_t i = 0; i < n; i++)
        first += first_stage(l, &r[i]);
    if (first != FIRST_STAGE || (n != FIRST_STAGE && n != ALL_RATERS))
        return gr_fail(l->err, GR_INVALID, "%s: image \"%.200s\" has %lld ratings in stage 1 and %lld in stage 2; 5, and 0 or 3, "
                       "would be right", l->csv->path, r->image, (long long)first, (long long)(n - first));
    for (int u = 0; u < l->unit_count; u++) {
        count_scores(l, r, n, u, 1, votes);
        int given = commonest(votes, FIRST_STAGE - 1);
        if (given == NO_SCORE) {
            count_scores(l, r, n, u, 0, votes);
            given = commonest(votes, 5);
            given = n == ALL_RATERS ? given : NO_SCORE;
        }
        units += given != NO_SCORE;
        sum += given != NO_SCORE ? given : 0;
    }
    *label = units >= LEAST_UNITS ? (2 * sum + units) / (2 * units) : NO_SCORE;
    *mean = units > 0 ? (double)sum / units : 0.0;
    return GR_OK;
}

/* The total of one rater, or NO_SCORE without a scored unit. */
static double total_of(const labeller *l, const rating *r)
{
    int sum = 0, units = 0;
    for (int u = 0; u < l->unit_count; u++) {
        int given = score(l, r->row, u);
        units += given != NO_SCORE;
        sum += given != NO_SCORE ? given : 0;
    }
    return units > 0 ? sum / (2.0 * units) : NO_SCORE;
}

static double total_of_modes(const labeller *l, const rating *r, int64_t n)
{
    int64_t votes[SCORES];
    int sum = 0, units = 0;
    for (int u = 0; u < l->unit_count; u++) {
        count_scores(l, r, n, u, 0, votes);
        int given = commonest(votes, 1);
        units += given != NO_SCORE;
        sum += given != NO_SCORE ? given : 0;
    }
    return units > 0 ? sum / (2.0 * units) : NO_SCORE;
}

static void by_felinegrimace(const labeller *l, const rating *r, int64_t n, int *label, double *out)
{
    double sum = 0.0, least = 2.0, most = NO_SCORE;
    int64_t raters = 0;
    for (int64_t i = 0; i < n; i++) {
        double total = total_of(l, &r[i]);
        if (total < 0.0)
            continue;
        raters++;
        sum += total;
        least = total < least ? total : least;
        most = total > most ? total : most;
    }
    bool smallest = strcmp(l->rule, "and") == 0 || strcmp(l->rule, "min") == 0;
    if (strcmp(l->rule, "mode") == 0)
        *out = total_of_modes(l, r, n);
    else if (strcmp(l->rule, "mean") == 0)
        *out = raters > 0 ? sum / (double)raters : NO_SCORE;
    else
        *out = smallest ? least : most;
    *label = raters == 0 ? NO_SCORE : *out >= 0.4 - 1e-12; /* a mean of 0.4 may have lost its last bit */
}

static gr_status label_image(labeller *l, const rating *r, int64_t n, gr_label_counts *counts)
{
    int label = NO_SCORE;
    double value = 0.0;
    gr_status status = GR_OK;
    for (int64_t i = 1; i < n; i++)
        if (strcmp(r[i].rater, r[i - 1].rater) == 0)
            return gr_fail(l->err, GR_INVALID, "%s:%lld: rater \"%.80s\" rates image \"%.200s\" a second time", l->csv->path,
                           (long long)l->csv->line[r[i].row], r[i].rater, r->image);
    if (l->rule == NULL)
        status = by_painseeker(l, r, n, &label, &value);
    else
        by_felinegrimace(l, r, n, &label, &value);
    if (status != GR_OK)
        return status;
    counts->images++;
    counts->labelled += label != NO_SCORE;
    counts->left_out += label == NO_SCORE;
    if (label == NO_SCORE)
        return GR_OK;
    gr_csv_put(&l->out, r->image, ',');
    if (l->group >= 0)
        gr_csv_put(&l->out, gr_csv_field(l->csv, r->row, l->group), ',');
    gr_buffer_printf(&l->out, "%d,%.17g\n", label, value);
    return GR_OK;
}

static gr_status label_all(labeller *l, const char *group, const char *out, gr_label_counts *counts)
{
    int64_t n = l->csv->rows;
    gr_status status = find_columns(l, group);
    l->ratings = gr_alloc((size_t)n, sizeof *l->ratings);
    if (status == GR_OK && l->ratings == NULL)
        status = gr_fail(l->err, GR_NOMEM, "%s: no memory for its ratings", l->csv->path);
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        l->ratings[i] = (rating){gr_csv_field(l->csv, i, l->image), gr_csv_field(l->csv, i, l->rater), i};
        status = check_row(l, i);
    }
    if (status != GR_OK)
        return status;
    qsort(l->ratings, (size_t)n, sizeof *l->ratings, by_image_and_rater);
    gr_csv_put(&l->out, "image", ',');
    if (group != NULL)
        gr_csv_put(&l->out, group, ',');
    gr_buffer_printf(&l->out, "label,score\n");
    for (int64_t i = 0, end; status == GR_OK && i < n; i = end) {
        for (end = i + 1; end < n && strcmp(l->ratings[end].image, l->ratings[i].image) == 0;)
            end++;
        status = label_image(l, l->ratings + i, end - i, counts);
    }
    if (status == GR_OK)
        status = l->out.failed ? gr_fail(l->err, GR_NOMEM, "%s: no memory to write it", out)
                               : gr_file_write(out, l->out.data, l->out.size, l->err);
    return status;
}

static gr_status find_rule(const char *scheme, const char *rule, gr_error *err)
{
    static const char *const rules[] = {"and", "or", "mean", "max", "min", "mode"};
    if (strcmp(scheme, "painseeker") == 0)
        return rule == NULL ? GR_OK : gr_fail(err, GR_INVALID, "label: --rule is for the scheme felinegrimace only");
    if (strcmp(scheme, "felinegrimace") != 0)
        return gr_fail(err, GR_INVALID,
                       "label: --scheme: there is no \"%.80s\", painseeker or felinegrimace would be right", scheme);
    for (size_t i = 0; rule != NULL && i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rule, rules[i]) == 0)
            return GR_OK;
    return gr_fail(err, GR_INVALID, "label: --rule: felinegrimace needs and, or, mean, max, min or mode");
}

gr_status gr_label_images(const char *ratings, const char *scheme, const char *rule, const char *group, const char *out,
                          gr_label_counts *counts, gr_error *err)
{
    labeller l = {.rule = rule, .err = err};
    *counts = (gr_label_counts){0};
    gr_status status = find_rule(scheme, rule, err);
    if (status == GR_OK)
        status = gr_csv_read(ratings, &l.csv, err);
    if (status == GR_OK)
        status = label_all(&l, group, out, counts);
    gr_csv_destroy(l.csv);
    gr_free(l.ratings);
    gr_buffer_free(&l.out);
    return status;
}
