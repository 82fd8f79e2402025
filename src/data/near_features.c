#include "data/near_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/near_crops.h"
#include "kernels/kernels.h"

enum { MOST = GR_NEAR_PROPOSALS, BLOCK = 128 /* rows whose cosines with all others are in memory at a time */ };

typedef struct proposal {
    float cosine;
    int64_t row; /* -1: none */
} proposal;

typedef struct search {
    const gr_print *prints;
    int64_t rows, width, begin; /* begin: the block's first row */
    bool (*wanted)(const void *ctx, int64_t first, int64_t second);
    const void *ctx;
    float *unit;         /* [rows, width]: features, standardised, of length 1; zeros: a row without a print */
    float *cosines;      /* [BLOCK, rows] */
    proposal *proposals; /* [rows, MOST], the nearest first */
    gr_near_pair *pairs; /* [rows * MOST], those proposed */
} search;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to compare features of pictures");
}

/* ---- features of length 1 ------------------------------------------------------------------------------------------------ */

static void standardise(search *s, const float *features)
{
    int64_t n = 0;
    for (int64_t r = 0; r < s->rows; r++)
        n += s->prints[r].known;
    for (int64_t k = 0; k < s->width; k++) {
        double sum = 0.0, squares = 0.0;
        for (int64_t r = 0; r < s->rows; r++)
            sum += s->prints[r].known ? (double)features[r * s->width + k] : 0.0;
        double mean = n > 0 ? sum / (double)n : 0.0;
        for (int64_t r = 0; r < s->rows; r++) {
            double d = s->prints[r].known ? (double)features[r * s->width + k] - mean : 0.0;
            squares += d * d;
        }
        double scale = squares > 0.0 ? sqrt((double)n / squares) : 0.0;
        for (int64_t r = 0; r < s->rows; r++)
            s->unit[r * s->width + k] =
                s->prints[r].known ? (float)(((double)features[r * s->width + k] - mean) * scale) : 0.0f;
    }
}

static void make_unit(void *ctx, int64_t r, int thread)
{
    (void)thread;
    search *s = ctx;
    float *row = s->unit + r * s->width;
    double squares = 0.0;
    for (int64_t k = 0; k < s->width; k++)
        squares += (double)row[k] * (double)row[k];
    for (int64_t k = 0; squares > 0.0 && k < s->width; k++)
        row[k] = (float)((double)row[k] / sqrt(squares));
}

/* ---- the nearest --------------------------------------------------------------------------------------------------------- */

/* Of row `begin` + i. Equal cosines: the earlier row. */
static void choose(void *ctx, int64_t i, int thread)
{
    (void)thread;
    search *s = ctx;
    int64_t row = s->begin + i;
    proposal *list = s->proposals + row * MOST;
    for (int k = 0; k < MOST; k++)
        list[k] = (proposal){-2.0f, -1};
    for (int64_t j = 0; s->prints[row].known && j < s->rows; j++) {
        float cosine = s->cosines[i * s->rows + j];
        if (!(cosine > list[MOST - 1].cosine) || j == row || !s->prints[j].known)
            continue;
        if (!s->wanted(s->ctx, row < j ? row : j, row < j ? j : row))
            continue;
        int at = MOST - 1;
        for (; at > 0 && cosine > list[at - 1].cosine; at--)
            list[at] = list[at - 1];
        list[at] = (proposal){cosine, j};
    }
}

static void propose(search *s)
{
    for (s->begin = 0; s->begin < s->rows; s->begin += BLOCK) {
        int64_t n = s->rows - s->begin < BLOCK ? s->rows - s->begin : BLOCK;
        gr_kernels_get()->gemm(false, true, n, s->rows, s->width, s->unit + s->begin * s->width, s->width, s->unit, s->width,
                               s->cosines, s->rows, false);
        gr_parallel_for(n, choose, s);
    }
}

/* ---- which hold each other ----------------------------------------------------------------------------------------------- */

static int by_rows(const void *a, const void *b)
{
    const gr_near_pair *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->second < y->second ? -1 : x->second > y->second;
}

/* Each proposed pair once. */
static int64_t list_pairs(search *s)
{
    int64_t count = 0, kept = 0;
    for (int64_t r = 0; r < s->rows; r++)
        for (int k = 0; k < MOST; k++) {
            int64_t other = s->proposals[r * MOST + k].row;
            if (other >= 0)
                s->pairs[count++] = (gr_near_pair){r < other ? r : other, r < other ? other : r, 0.0f};
        }
    qsort(s->pairs, (size_t)count, sizeof *s->pairs, by_rows);
    for (int64_t i = 0; i < count; i++)
        if (i == 0 || by_rows(&s->pairs[i], &s->pairs[i - 1]) != 0)
            s->pairs[kept++] = s->pairs[i];
    return kept;
}

static void judge(void *ctx, int64_t i, int thread)
{
    (void)thread;
    search *s = ctx;
    gr_near_pair *pair = &s->pairs[i];
    const gr_print *a = &s->prints[pair->first], *b = &s->prints[pair->second];
    double within = gr_print_within(a, b);
    pair->correlation = (float)(within >= GR_NEAR_WITHIN ? within : fmax(within, gr_print_within(b, a)));
}

static bool make_room(search *s)
{
    size_t cells, cosines, pairs, rows = (size_t)s->rows;
    if (!gr_mul_size(rows, (size_t)s->width, &cells) || !gr_mul_size(rows, BLOCK, &cosines) || !gr_mul_size(rows, MOST, &pairs))
        return false;
    s->unit = gr_alloc_aligned(cells, sizeof *s->unit);
    s->cosines = gr_alloc_aligned(cosines, sizeof *s->cosines);
    s->proposals = gr_alloc(pairs, sizeof *s->proposals);
    s->pairs = gr_alloc(pairs, sizeof *s->pairs);
    return s->unit != NULL && s->cosines != NULL && s->proposals != NULL && s->pairs != NULL;
}

gr_status gr_near_features(const gr_print *prints, const float *features, int64_t rows, int64_t width,
                           bool (*wanted)(const void *ctx, int64_t first, int64_t second), const void *ctx, gr_near_pair **out,
                           int64_t *count, gr_error *err)
{
    search s = {.prints = prints, .rows = rows, .width = width, .wanted = wanted, .ctx = ctx};
    int64_t kept = 0;
    *out = NULL;
    *count = 0;
    bool good = make_room(&s);
    if (good) {
        standardise(&s, features);
        gr_parallel_for(rows, make_unit, &s);
        propose(&s);
        int64_t proposed = list_pairs(&s);
        gr_parallel_for(proposed, judge, &s);
        for (int64_t i = 0; i < proposed; i++)
            if ((double)s.pairs[i].correlation >= GR_NEAR_WITHIN)
                s.pairs[kept++] = s.pairs[i];
    }
    gr_free(s.unit);
    gr_free(s.cosines);
    gr_free(s.proposals);
    if (!good) {
        gr_free(s.pairs);
        return no_memory(err);
    }
    *out = s.pairs;
    *count = kept;
    return GR_OK;
}
