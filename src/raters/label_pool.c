/* Labels from any number of raters by their mean, median or majority. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "raters/label.h"

/* The raters of one image, one of whose values is pooled after the other. */
typedef struct pool {
    const gr_ratings *ratings;
    const gr_label_options *options;
    double *values; /* [the most ratings of an image] */
    int64_t count;
} pool;

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Gathers unit `unit` (-1: the total) of the ratings [begin, end). */
static void gather(pool *p, int64_t begin, int64_t end, int unit)
{
    p->count = 0;
    for (int64_t i = begin; i < end; i++) {
        const gr_rating *rating = &p->ratings->list[i];
        double value = unit < 0 ? gr_rating_total(p->ratings, rating) : rating->scores[unit];
        if (!isnan(value))
            p->values[p->count++] = value;
    }
}

/* The value that more raters give than any other; NaN where two are as common. */
static double commonest(const pool *p)
{
    double best = NAN;
    int64_t most = 0;
    for (int64_t i = 0, end; i < p->count; i = end) {
        end = i + 1;
        while (end < p->count && p->values[end] == p->values[i])
            end++;
        best = end - i > most ? p->values[i] : end - i == most ? NAN : best;
        most = end - i > most ? end - i : most;
    }
    return best;
}

/* What the gathered values, at least one, come to. */
static double pooled(const pool *p)
{
    const char *scheme = p->options->scheme;
    double sum = 0.0;
    qsort(p->values, (size_t)p->count, sizeof *p->values, rising);
    for (int64_t i = 0; i < p->count; i++)
        sum += p->values[i];
    if (strcmp(scheme, "mean") == 0)
        return sum / (double)p->count;
    if (strcmp(scheme, "median") == 0)
        return 0.5 * (p->values[(p->count - 1) / 2] + p->values[p->count / 2]);
    return commonest(p);
}

/* A sum may have lost its last bits. */
static bool reaches(double value, double cut_off)
{
    return value >= cut_off - 1e-9 * fmax(1.0, fabs(cut_off));
}

/* The label of the gathered totals and the number it is made of; false: the raters are tied. */
static bool judge(const pool *p, double *label, double *score)
{
    const gr_label_options *o = p->options;
    if (o->has_cut_off && strcmp(o->scheme, "majority") == 0) {
        int64_t painful = 0;
        for (int64_t i = 0; i < p->count; i++)
            painful += reaches(p->values[i], o->cut_off);
        *score = (double)painful / (double)p->count;
        *label = 2 * painful > p->count;
        return 2 * painful != p->count;
    }
    *score = pooled(p);
    *label = o->has_cut_off ? (double)reaches(*score, o->cut_off) : *score;
    return !isnan(*score);
}

/* As few digits as read back the same. */
static void put_number(gr_text *out, double value, char end)
{
    char text[40];
    double back = NAN;
    for (int digits = 15; digits <= 17 && !(back == value); digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (!gr_parse_double(text, &back))
            back = NAN;
    }
    gr_text_printf(out, "%s%c", text, end);
}

static void put_units(pool *p, int64_t begin, int64_t end, gr_text *out)
{
    for (int u = 0; u < p->ratings->unit_count; u++) {
        gather(p, begin, end, u);
        double value = p->count > 0 ? pooled(p) : NAN;
        if (isnan(value))
            gr_text_printf(out, ",");
        else
            put_number(out, value, ',');
    }
}

static void count_label(const gr_label_options *o, double label, double score, gr_label_counts *counts)
{
    counts->least = counts->labelled == 0 ? score : fmin(counts->least, score);
    counts->most = counts->labelled == 0 ? score : fmax(counts->most, score);
    counts->labelled++;
    if (o->has_cut_off)
        counts->of_label[label > 0.0]++;
}

gr_status gr_label_pooled(const gr_ratings *r, const gr_label_options *o, gr_label_counts *counts, gr_text *out, gr_error *err)
{
    bool units = o->score == NULL && r->unit_count > 1;
    pool p = {.ratings = r, .options = o, .values = gr_alloc((size_t)r->count, sizeof *p.values)};
    gr_status status = p.values != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its ratings", r->csv->path);
    gr_label_put_header(r, units, out);
    for (int64_t begin = 0, end; status == GR_OK && begin < r->count; begin = end) {
        double label = NAN, score = NAN;
        end = gr_ratings_end(r, begin);
        status = gr_label_check_group(r, begin, end, err);
        counts->images++;
        gather(&p, begin, end, -1);
        bool any = p.count > 0, settled = any && judge(&p, &label, &score);
        counts->left_out += !any;
        counts->tied += any && !settled;
        if (status != GR_OK || !settled)
            continue;
        count_label(o, label, score, counts);
        gr_label_put_image(r, &r->list[begin], out);
        if (units)
            put_units(&p, begin, end, out);
        put_number(out, label, ',');
        put_number(out, score, '\n');
    }
    gr_free(p.values);
    return status;
}
