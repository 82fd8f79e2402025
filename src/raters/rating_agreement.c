/* How far raters agree: one action unit after the other, then the totals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "raters/label.h"

/* Of the tables of all pairs of raters: of 256 raters with 21 categories. */
static const double most_cells = 3e7;

static gr_status no_memory(const gr_ratings *r, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for the raters' agreement", r->csv->path);
}

/* Everything that is known of the raters, beside what is given back. */
typedef struct panel {
    const gr_ratings *ratings;
    int64_t *rater; /* [count]: of each rating, in raters of the result */
    int32_t *seat;  /* [rater_count]: place in the panel, or -1 */
    int64_t image_count;
} panel;

/* The value of a rating for unit `u` (the total behind the last one); NaN: none. */
static double value_of(const gr_ratings *r, int64_t i, int u)
{
    return u < r->unit_count ? r->list[i].scores[u] : gr_rating_total(r, &r->list[i]);
}

/* ---- raters ----------------------------------------------------------------------------------------------------------- */

static gr_status find_raters(panel *p, gr_rating_agreement *out, gr_error *err)
{
    const gr_ratings *r = p->ratings;
    const char **names = gr_alloc((size_t)r->count, sizeof *names);
    p->rater = gr_alloc((size_t)r->count, sizeof *p->rater);
    p->seat = gr_alloc((size_t)r->count, sizeof *p->seat);
    out->raters = gr_alloc((size_t)r->count, sizeof *out->raters);
    int64_t *order = NULL;
    for (int64_t i = 0; names != NULL && i < r->count; i++)
        names[i] = r->list[i].rater;
    if (names != NULL && p->rater != NULL && p->seat != NULL && out->raters != NULL)
        order = gr_names_sort(names, r->count);
    gr_status status = order != NULL ? GR_OK : no_memory(r, err);
    for (int64_t i = 0; status == GR_OK && i < r->count; i++) {
        int64_t row = order[i];
        if (out->rater_count == 0 || strcmp(names[row], out->raters[out->rater_count - 1]) != 0) {
            p->seat[out->rater_count] = -1;
            out->raters[out->rater_count] = gr_strdup(names[row]);
            if (out->raters[out->rater_count] == NULL)
                status = no_memory(r, err);
            else
                out->rater_count++;
        }
        p->rater[row] = out->rater_count - 1;
    }
    for (int64_t i = 0; status == GR_OK && i < r->count; i++)
        if (gr_rating_first(r, &r->list[i]))
            p->seat[p->rater[i]] = 0;
    for (int i = 0; i < out->rater_count; i++)
        if (p->seat[i] == 0)
            p->seat[i] = out->panel_count++;
    gr_free(names);
    gr_free(order);
    return status;
}

/* ---- pairs of raters -------------------------------------------------------------------------------------------------- */

/* Counts the scores of each pair: counts[pair][K][K] of K categories, pair (a, b) with a < b at a * raters + b. */
static void count_pairs(const panel *p, int raters, int unit, int32_t *counts)
{
    const gr_ratings *r = p->ratings;
    for (int64_t begin = 0, end; begin < r->count; begin = end) {
        end = gr_ratings_end(r, begin);
        for (int64_t i = begin; i < end; i++)
            for (int64_t j = i + 1; j < end; j++) { /* raters of an image stand in their order */
                int a = gr_rating_score(r, &r->list[i], unit), b = gr_rating_score(r, &r->list[j], unit);
                if (a != GR_NO_SCORE && b != GR_NO_SCORE)
                    counts[((p->rater[i] * raters + p->rater[j]) * r->categories + a) * r->categories + b]++;
            }
    }
}

/* The kappas of one pair from its table; scores[2 * n] is scratch. */
static gr_status judge_pair(const int32_t *counts, int categories, int32_t *scores, int64_t n, double level, gr_rater_pair *pair,
                            gr_error *err)
{
    int64_t at = 0;
    for (int a = 0; a < categories; a++)
        for (int b = 0; b < categories; b++)
            for (int32_t i = 0; i < counts[a * categories + b]; i++, at++) {
                scores[at] = a;
                scores[n + at] = b;
            }
    gr_status status = GR_OK;
    for (int k = 0; status == GR_OK && k < 3; k++)
        status = gr_cohen_kappa(scores, scores + n, n, categories, (gr_kappa_weights)k, level, &pair->kappa[k], err);
    return status;
}

static gr_status judge_pairs(const panel *p, int raters, int unit, double level, gr_unit_agreement *out, gr_error *err)
{
    int categories = p->ratings->categories;
    size_t pairs = (size_t)raters * (size_t)raters, cells = (size_t)categories * (size_t)categories;
    int32_t *counts = gr_alloc(pairs, cells * sizeof *counts);
    int32_t *scores = gr_alloc((size_t)p->image_count, 2 * sizeof *scores);
    out->pairs = gr_alloc(pairs / 2 + 1, sizeof *out->pairs);
    gr_status status = counts != NULL && scores != NULL && out->pairs != NULL ? GR_OK : no_memory(p->ratings, err);
    if (status == GR_OK)
        count_pairs(p, raters, unit, counts);
    for (size_t i = 0; status == GR_OK && i < pairs; i++) {
        const int32_t *table = counts + i * cells;
        int64_t n = 0;
        for (size_t c = 0; c < cells; c++)
            n += table[c];
        if (n < 2)
            continue;
        gr_rater_pair *pair = &out->pairs[out->pair_count++];
        pair->first = (int)(i / (size_t)raters);
        pair->second = (int)(i % (size_t)raters);
        status = judge_pair(table, categories, scores, n, level, pair, err);
    }
    gr_free(counts);
    gr_free(scores);
    return status;
}

static void average_pairs(gr_unit_agreement *out)
{
    for (int k = 0; k < 3; k++) {
        double sum = 0.0;
        int defined = 0;
        for (int i = 0; i < out->pair_count; i++)
            if (!isnan(out->pairs[i].kappa[k].kappa)) {
                sum += out->pairs[i].kappa[k].kappa;
                defined++;
            }
        out->mean_kappa[k] = defined > 0 ? sum / defined : NAN;
    }
}

/* ---- all raters ------------------------------------------------------------------------------------------------------- */

/* Gathers the values of the image at [begin, end) in row[]; how many there are. Stage 2 saw what stage 1 disagreed on, so it
 * counts in pairs only. */
static int gather_any(const panel *p, int64_t begin, int64_t end, int unit, double *row)
{
    int n = 0;
    for (int64_t i = begin; i < end; i++) {
        double value = value_of(p->ratings, i, unit);
        if (!isnan(value) && gr_rating_first(p->ratings, &p->ratings->list[i]))
            row[n++] = value;
    }
    return n;
}

/* Likewise of the panel, each in its seat. */
static int gather_panel(const panel *p, int64_t begin, int64_t end, int unit, double *row)
{
    int n = 0;
    for (int64_t i = begin; i < end; i++) {
        double value = value_of(p->ratings, i, unit);
        int32_t seat = p->seat[p->rater[i]];
        if (!isnan(value) && seat >= 0) {
            row[seat] = value;
            n++;
        }
    }
    return n;
}

/* How many scores most images have, two at least; of equally common numbers the largest. 0: no image has two. */
static int commonest_count(const panel *p, int raters, int unit, double *row, int64_t *images_with)
{
    const gr_ratings *r = p->ratings;
    int best = 0;
    memset(images_with, 0, ((size_t)raters + 1) * sizeof *images_with);
    for (int64_t begin = 0, end; begin < r->count; begin = end) {
        end = gr_ratings_end(r, begin);
        images_with[gather_any(p, begin, end, unit, row)]++;
    }
    for (int n = 2; n <= raters; n++)
        if (images_with[n] > 0 && (best == 0 || images_with[n] >= images_with[best]))
            best = n;
    return best;
}

/* Fills values[images, raters] with the images that have `raters` values. */
static int64_t fill(const panel *p, bool of_panel, int raters, int unit, double *row, double *values)
{
    const gr_ratings *r = p->ratings;
    int64_t images = 0;
    for (int64_t begin = 0, end; begin < r->count; begin = end) {
        end = gr_ratings_end(r, begin);
        int n = of_panel ? gather_panel(p, begin, end, unit, row) : gather_any(p, begin, end, unit, row);
        if (n == raters)
            memcpy(values + images++ * raters, row, (size_t)raters * sizeof *row);
    }
    return images;
}

static gr_status judge_fleiss(const double *values, const panel *p, gr_unit_agreement *out, gr_error *err)
{
    const gr_ratings *r = p->ratings;
    int32_t *counts = gr_alloc((size_t)out->images, (size_t)r->categories * sizeof *counts);
    if (counts == NULL)
        return no_memory(p->ratings, err);
    for (int64_t i = 0; i < out->images; i++)
        for (int j = 0; j < out->raters; j++)
            counts[i * r->categories + (int)((values[i * out->raters + j] - r->lowest) * r->parts)]++;
    gr_status status = gr_fleiss_kappa(counts, out->images, r->categories, &out->fleiss, err);
    gr_free(counts);
    return status;
}

static gr_status judge_all(const panel *p, const gr_rating_agreement *of, int unit, gr_unit_agreement *out, gr_error *err)
{
    const gr_ratings *r = p->ratings;
    int raters = of->rater_count;
    double *row = gr_alloc((size_t)raters, sizeof *row), *values = gr_alloc((size_t)r->count, sizeof *values);
    int64_t *images_with = gr_alloc((size_t)raters + 1, sizeof *images_with);
    gr_status status = row != NULL && values != NULL && images_with != NULL ? GR_OK : no_memory(r, err);
    if (status == GR_OK) {
        gr_icc forms[GR_ICC_FORMS];
        out->panel_images = fill(p, true, of->panel_count, unit, row, values);
        gr_intraclass(values, out->panel_images, of->panel_count, of->level, out->icc);
        out->raters = commonest_count(p, raters, unit, row, images_with);
        out->images = out->raters > 0 ? fill(p, false, out->raters, unit, row, values) : 0;
        gr_intraclass(values, out->images, out->raters, of->level, forms);
        out->icc[GR_ICC_1_1] = forms[GR_ICC_1_1];
        out->icc[GR_ICC_1_K] = forms[GR_ICC_1_K];
    }
    out->fleiss = (gr_fleiss){out->images, out->raters, NAN, NAN, NAN, NAN};
    if (status == GR_OK && unit < r->unit_count && out->images > 0 && r->categories > 0)
        status = judge_fleiss(values, p, out, err);
    gr_free(row);
    gr_free(values);
    gr_free(images_with);
    return status;
}

/* ---- all -------------------------------------------------------------------------------------------------------------- */

static gr_status judge_units(const panel *p, gr_rating_agreement *out, gr_error *err)
{
    const gr_ratings *r = p->ratings;
    out->units = gr_alloc((size_t)r->unit_count + 1, sizeof *out->units);
    gr_status status = out->units != NULL ? GR_OK : no_memory(r, err);
    for (int u = 0; status == GR_OK && u <= r->unit_count; u++) {
        gr_unit_agreement *unit = &out->units[out->unit_count++];
        unit->name = gr_strdup(u < r->unit_count ? r->units[u] : "total");
        if (unit->name == NULL)
            status = no_memory(r, err);
        double cells = (double)out->rater_count * out->rater_count * r->categories * r->categories;
        if (status == GR_OK && u < r->unit_count && out->rater_count <= GR_MOST_RATERS && cells <= most_cells)
            status = judge_pairs(p, out->rater_count, u, out->level, unit, err);
        average_pairs(unit);
        if (status == GR_OK)
            status = judge_all(p, out, u, unit, err);
    }
    return status;
}

gr_status gr_label_agreement(const char *table, const gr_label_options *options, double level, gr_rating_agreement *out,
                             gr_error *err)
{
    gr_label_options quiet = *options;
    gr_ratings ratings = {0};
    panel p = {.ratings = &ratings};
    *out = (gr_rating_agreement){.level = level};
    quiet.notices = NULL;
    if (!gr_label_has_raters(options->scheme))
        return gr_fail(err, GR_INVALID, "agreement: \"%.80s\" has no raters; painseeker, felinegrimace or mean would be right",
                       options->scheme);
    if (!(level > 0.0 && level < 1.0))
        return gr_fail(err, GR_INVALID, "agreement: the level %g is not between 0 and 1; such as 0.95 would be right",
                       level);
    gr_status status = gr_label_read_ratings(table, &quiet, &ratings, err);
    if (status != GR_OK)
        return status;
    for (int64_t i = 0; i < ratings.count; i = gr_ratings_end(&ratings, i))
        p.image_count++;
    status = find_raters(&p, out, err);
    if (status == GR_OK)
        status = judge_units(&p, out, err);
    gr_free(p.rater);
    gr_free(p.seat);
    gr_ratings_free(&ratings);
    if (status != GR_OK)
        gr_rating_agreement_free(out);
    return status;
}

void gr_rating_agreement_free(gr_rating_agreement *a)
{
    for (int i = 0; a->raters != NULL && i < a->rater_count; i++)
        gr_free(a->raters[i]);
    for (int u = 0; u < a->unit_count; u++) {
        gr_free(a->units[u].name);
        gr_free(a->units[u].pairs);
    }
    gr_free(a->raters);
    gr_free(a->units);
    *a = (gr_rating_agreement){0};
}
