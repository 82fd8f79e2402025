#include "raters/ratings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "raters/ratings_columns.h"

static int by_image_and_rater(const void *a, const void *b)
{
    const gr_rating *x = a, *y = b;
    int order = strcmp(x->image, y->image);
    if (order == 0)
        order = strcmp(x->rater, y->rater);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

int gr_rating_score(const gr_ratings *r, const gr_rating *rating, int unit)
{
    double score = rating->scores[unit];
    return isnan(score) ? GR_NO_SCORE : (int)((score - r->lowest) * r->parts);
}

bool gr_rating_first(const gr_ratings *r, const gr_rating *rating)
{
    return r->stage < 0 || gr_csv_field(r->csv, rating->row, r->stage)[0] == '1';
}

double gr_rating_total(const gr_ratings *r, const gr_rating *rating)
{
    double sum = 0.0;
    int units = 0;
    for (int u = 0; u < r->unit_count; u++) {
        bool scored = !isnan(rating->scores[u]);
        units += scored;
        sum += scored ? rating->scores[u] : 0.0;
    }
    if (units == 0 || (r->spec.total == GR_TOTAL_SUM && units < r->unit_count))
        return NAN;
    return r->spec.total == GR_TOTAL_SUM ? sum : r->spec.total == GR_TOTAL_MEAN ? sum / units : sum / (2.0 * units);
}

int64_t gr_ratings_end(const gr_ratings *r, int64_t begin)
{
    int64_t end = begin + 1;
    while (end < r->count && strcmp(r->list[end].image, r->list[begin].image) == 0)
        end++;
    return end;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

/* The score in a cell; NaN: none. */
static gr_status read_score(const gr_ratings *r, int64_t row, int column, double *score, gr_error *err)
{
    const char *text = gr_csv_field(r->csv, row, column);
    *score = NAN;
    if (gr_csv_unknown(text) || strcmp(text, "uncertain") == 0)
        return GR_OK;
    bool good = gr_parse_double(text, score);
    if (!r->spec.any)
        good = good && *score >= 0.0 && *score <= 2.0 && 2.0 * *score == floor(2.0 * *score);
    if (good)
        return GR_OK;
    return gr_fail(err, GR_INVALID, "%s:%lld: %.80s: \"%.80s\" is no score; %s would be right", r->csv->path,
                   (long long)r->csv->line[row], r->csv->header[column], text,
                   r->spec.any ? "a number, uncertain or an empty cell, or --score with the column that holds them,"
                               : "0, 1, 2, a half point between them or uncertain");
}

static gr_status check_stage(const gr_ratings *r, int64_t row, gr_error *err)
{
    const char *stage = r->stage >= 0 ? gr_csv_field(r->csv, row, r->stage) : "1";
    if (strcmp(stage, "1") == 0 || strcmp(stage, "2") == 0)
        return GR_OK;
    return gr_fail(err, GR_INVALID, "%s:%lld: stage: is \"%.80s\", 1 or 2 would be right", r->csv->path,
                   (long long)r->csv->line[row], stage);
}

static gr_status check_twins(const gr_ratings *r, gr_error *err)
{
    for (int64_t i = 1; i < r->count; i++) {
        const gr_rating *a = &r->list[i - 1], *b = &r->list[i];
        if (strcmp(a->image, b->image) == 0 && strcmp(a->rater, b->rater) == 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: rater \"%.80s\" rates image \"%.200s\" a second time", r->csv->path,
                           (long long)r->csv->line[b->row], b->rater, b->image);
    }
    return GR_OK;
}

static gr_status no_memory(const gr_ratings *r, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its ratings", r->csv->path);
}

/* The image of a row, with slashes: raters who work on Windows and elsewhere name one picture. */
static const char *image_of(const gr_ratings *r, int64_t row, int64_t *turned)
{
    const char *name = gr_csv_field(r->csv, row, r->image);
    if (strchr(name, '\\') == NULL)
        return name;
    char *own = gr_arena_strdup(r->arena, name);
    for (char *c = own; c != NULL && (c = strchr(c, '\\')) != NULL;)
        *c = '/';
    ++*turned;
    return own;
}

/* How many different raters the columns of a wide table have; rater_of[count] receives each column's. 1 for a long one. */
static int number_raters(const gr_rating_column *columns, int count, int *rater_of)
{
    int raters = 0;
    for (int c = 0; c < count; c++) {
        rater_of[c] = -1;
        for (int d = 0; d < c && rater_of[c] < 0; d++)
            if (columns[c].rater == NULL || strcmp(columns[c].rater, columns[d].rater) == 0)
                rater_of[c] = rater_of[d];
        if (rater_of[c] < 0)
            rater_of[c] = raters++;
    }
    return raters;
}

/* The ratings of one row behind r->list[r->count]: one, or in a wide table that of each rater who scored anything. `block`
 * has room for raters * unit_count scores. */
static gr_status read_row(gr_ratings *r, int64_t row, const gr_rating_column *columns, int count, const int *rater_of,
                          int raters, double *block, int64_t *turned, gr_error *err)
{
    const char *image = image_of(r, row, turned);
    gr_status status = image != NULL ? GR_OK : no_memory(r, err);
    for (int i = 0; i < raters * r->unit_count; i++)
        block[i] = NAN;
    for (int c = 0; status == GR_OK && c < count; c++)
        status = read_score(r, row, columns[c].column, &block[rater_of[c] * r->unit_count + columns[c].unit], err);
    if (status == GR_OK)
        status = check_stage(r, row, err);
    for (int i = 0; status == GR_OK && i < raters; i++) {
        const double *scores = block + i * r->unit_count;
        bool scored = r->rater >= 0;
        for (int u = 0; u < r->unit_count; u++)
            scored = scored || !isnan(scores[u]);
        int first = 0;
        while (rater_of[first] != i)
            first++;
        if (scored)
            r->list[r->count++] =
                (gr_rating){image, r->rater >= 0 ? gr_csv_field(r->csv, row, r->rater) : columns[first].rater, row, scores};
    }
    return status;
}

static gr_status read_rows(gr_ratings *r, const gr_rating_column *columns, int count, gr_error *err)
{
    int64_t turned = 0;
    size_t cells;
    int *rater_of = gr_alloc((size_t)count, sizeof *rater_of);
    int raters = rater_of != NULL ? number_raters(columns, count, rater_of) : 0;
    size_t width = (size_t)raters * (size_t)r->unit_count;
    bool fits = gr_mul_size((size_t)r->csv->rows, width, &cells);
    double *scores = fits ? gr_arena_alloc(r->arena, cells, sizeof *scores) : NULL;
    fits = fits && gr_mul_size((size_t)r->csv->rows, (size_t)raters, &cells);
    r->list = fits ? gr_alloc(cells, sizeof *r->list) : NULL;
    gr_status status = rater_of != NULL && scores != NULL && r->list != NULL ? GR_OK : no_memory(r, err);
    for (int64_t i = 0; status == GR_OK && i < r->csv->rows; i++)
        status = read_row(r, i, columns, count, rater_of, raters, scores + (size_t)i * width, &turned, err);
    if (turned > 0 && r->spec.notices != NULL)
        gr_text_printf(r->spec.notices, "%s: %lld path%s back slashes, written as slashes\n", r->csv->path,
                       (long long)turned, turned == 1 ? " has" : "s have");
    gr_free(rater_of);
    return status;
}

/* Finds the steps that all scores are counted in. */
static void find_steps(gr_ratings *r)
{
    double least = r->spec.any ? INFINITY : 0.0, most = r->spec.any ? -INFINITY : 2.0;
    bool whole = true, half = true;
    for (int64_t i = 0; i < r->count; i++)
        for (int u = 0; u < r->unit_count; u++) {
            double score = r->list[i].scores[u];
            if (isnan(score))
                continue;
            least = fmin(least, score);
            most = fmax(most, score);
            whole = whole && score == floor(score);
            half = half && 2.0 * score == floor(2.0 * score);
        }
    r->lowest = least;
    r->parts = whole ? 1 : 2;
    double steps = (most - least) * r->parts;
    r->categories = half && steps >= 0.0 && steps < GR_MOST_CATEGORIES ? (int)steps + 1 : 0;
}

static gr_status read_table(gr_ratings *r, const char *path, gr_error *err)
{
    int count = 0;
    gr_rating_column *columns = NULL;
    gr_status status = gr_csv_read(path, &r->csv, err);
    if (status == GR_OK && (r->arena = gr_arena_create()) != NULL)
        columns = gr_arena_alloc(r->arena, (size_t)r->csv->columns, sizeof *columns);
    if (status == GR_OK && columns == NULL)
        status = no_memory(r, err);
    if (status == GR_OK && r->spec.notices != NULL)
        gr_csv_say(r->csv, r->spec.notices);
    if (status == GR_OK)
        status = gr_ratings_find_columns(r, columns, &count, err);
    if (status == GR_OK)
        status = read_rows(r, columns, count, err);
    if (status != GR_OK)
        return status;
    qsort(r->list, (size_t)r->count, sizeof *r->list, by_image_and_rater);
    find_steps(r);
    return check_twins(r, err);
}

gr_status gr_ratings_read(const char *path, const gr_ratings_spec *spec, gr_ratings *out, gr_error *err)
{
    *out = (gr_ratings){.spec = *spec, .image = -1, .rater = -1, .stage = -1, .group = -1};
    gr_status status = read_table(out, path, err);
    if (status != GR_OK)
        gr_ratings_free(out);
    return status;
}

void gr_ratings_free(gr_ratings *r)
{
    gr_csv_destroy(r->csv);
    gr_arena_destroy(r->arena);
    gr_free(r->list);
    *r = (gr_ratings){0};
}
