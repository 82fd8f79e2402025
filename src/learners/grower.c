#include "learners/grower.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/trees.h"
#include "learners/bins.h"
#include "learners/draws.h"
#include "learners/grower_rules.h"

enum {
    MOST_DEPTH = GR_GROWER_DEPTH,
    FEW = 128,            /* rows whose sums are listed, rather than looked for in all bins */
    PAIR = GR_TREE_LANES, /* from a gradient's sum to its hessian's */
    STEP = 2 * GR_TREE_LANES,
    MISSING = GR_BINS, /* the place of rows without the number: summed up there, and never looked at */
    BELOW = -1,        /* only rows to be answered are below or above all that is learnt from by more than XGBoost's margins */
    ABOVE = GR_BINS + 1,
    PLACES = GR_BINS + 1,
    BLOCK = PLACES * STEP, /* numbers of eight columns */
    WORDS = GR_BINS / 64 + 1,
};

struct gr_grower {
    int64_t rows, tests;
    int columns, blocks;
    bool dense;     /* nothing is missing in `rows` */
    int16_t *bins;  /* [rows + tests, 8 blocks] */
    float *targets; /* [rows] */
    int32_t *base;  /* [columns]: where a column's first sum is */
    int *counts;    /* [blocks]: bins of the eight */
    float *margins; /* [rows + tests] */
    float *slopes;  /* [rows, 2]: gradient and hessian */
    int32_t *order, *scratch; /* [rows + tests] each */
    double *sums[MOST_DEPTH]; /* [blocks, PLACES, 2, 8], all zero while no node of that depth is at work */
    uint64_t *marks;          /* [columns, WORDS]: bins of a node of few rows */
    double *list;             /* [blocks, FEW, 2, 8]: its sums in a row */
    uint8_t *ids;             /* [blocks, FEW, 8]: whose they are */
    int *lengths;             /* [blocks] */
    bool *rows_taken;         /* [rows]: the tree learns from them */
    bool *columns_taken;      /* [8 blocks] */
    int *summed, summed_count; /* [columns]: those, and the first */
    gr_grower_rules rules;
    gr_draws draws;
};

/* Its rows stand together in `order`, the training part's first, then (from `tests` on) those to be answered. */
typedef struct node {
    int32_t *rows, *tests;
    int64_t count, test_count;
    double gradient, hessian;
    float value, gain; /* within the bounds of the node above */
    gr_grower_bounds bounds;
    int depth;
    double *sums;
    bool listed;
} node;

typedef struct split {
    float gain;
    int column, place; /* a bin; or -1 - the first bin of the right side */
} split;

/* ---- data --------------------------------------------------------------------------------------------------------- */

/* The numbers of a column that are there. Returns how many. */
static int64_t take_column(const gr_boost_part *p, int copies, int c, float *column)
{
    int64_t count = 0;
    for (int64_t i = 0; i < p->count * copies; i++)
        if (!isnan(gr_grower_cell(p, copies, i, c)))
            column[count++] = gr_grower_cell(p, copies, i, c);
    return count;
}

static void fill_column(gr_grower *g, const gr_boost_part *train, const gr_boost_part *test, int c)
{
    float column[GR_BINS_ROWS], cuts[GR_BINS] = {0};
    int copies = g->rules.copies;
    int64_t there = take_column(train, copies, c, column), stride = g->blocks * GR_TREE_LANES;
    int count = there > 0 ? gr_bins_cut(column, there, cuts) : 1, block = c / GR_TREE_LANES;
    float least = there > 0 ? column[0] - fabsf(column[0]) - 1e-5F : 0;
    for (int64_t i = 0; i < g->rows + g->tests; i++) {
        float x = i < g->rows ? gr_grower_cell(train, copies, i, c) : gr_grower_cell(test, copies, i - g->rows, c);
        int bin = isnan(x) ? MISSING : x < least ? BELOW : x >= cuts[count - 1] ? ABOVE : gr_bins_find(cuts, count, x);
        g->bins[i * stride + c] = (int16_t)bin;
    }
    g->dense = g->dense && there == g->rows;
    g->counts[block] = count > g->counts[block] ? count : g->counts[block];
    g->base[c] = block * BLOCK + c % GR_TREE_LANES;
}

static void fill(gr_grower *g, const gr_boost_part *train, const gr_boost_part *test)
{
    g->dense = true;
    for (int c = 0; c < g->columns; c++)
        fill_column(g, train, test, c);
    for (int64_t i = 0; i < g->rows; i++) {
        float target = train->targets[train->rows[i / g->rules.copies]];
        g->targets[i] = g->rules.falling ? (float)(target > (float)(i % g->rules.copies)) : target;
    }
}

gr_status gr_grower_make(const gr_boost_options *options, const gr_boost_part *train, const gr_boost_part *test,
                         gr_grower **out, gr_error *err)
{
    gr_grower *g = gr_alloc(1, sizeof *g);
    *out = g;
    if (g == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for inner folds");
    g->rules = gr_grower_rules_of(options);
    g->rows = train->count * g->rules.copies;
    g->tests = test->count * g->rules.copies;
    g->columns = train->column_count + g->rules.falling;
    g->blocks = (g->columns + GR_TREE_LANES - 1) / GR_TREE_LANES;
    size_t all = (size_t)(g->rows + g->tests), rows = (size_t)g->rows, columns = (size_t)g->columns,
           blocks = (size_t)g->blocks;
    g->bins = gr_alloc(all * blocks, GR_TREE_LANES * sizeof *g->bins);
    g->targets = gr_alloc(rows, sizeof *g->targets);
    g->base = gr_alloc(columns, sizeof *g->base);
    g->counts = gr_alloc(blocks, sizeof *g->counts);
    g->margins = gr_alloc(all, sizeof *g->margins);
    g->slopes = gr_alloc(2 * rows, sizeof *g->slopes);
    g->order = gr_alloc(all, sizeof *g->order);
    g->scratch = gr_alloc(all, sizeof *g->scratch);
    g->marks = gr_alloc(columns * WORDS, sizeof *g->marks);
    g->list = gr_alloc_aligned(blocks * FEW * STEP, sizeof *g->list);
    g->ids = gr_alloc(blocks * FEW, GR_TREE_LANES);
    g->lengths = gr_alloc(blocks, sizeof *g->lengths);
    g->rows_taken = gr_alloc(rows, sizeof *g->rows_taken);
    g->columns_taken = gr_alloc(blocks * GR_TREE_LANES, sizeof *g->columns_taken);
    g->summed = gr_alloc(columns, sizeof *g->summed);
    bool good = g->bins != NULL && g->targets != NULL && g->base != NULL && g->counts != NULL && g->margins != NULL &&
                g->slopes != NULL && g->order != NULL && g->scratch != NULL && g->marks != NULL && g->list != NULL &&
                g->ids != NULL && g->lengths != NULL && g->rows_taken != NULL && g->columns_taken != NULL &&
                g->summed != NULL;
    for (int d = 0; good && d < MOST_DEPTH; d++) {
        g->sums[d] = gr_alloc_aligned(blocks * BLOCK, sizeof(double));
        good = g->sums[d] != NULL;
        if (good)
            memset(g->sums[d], 0, blocks * BLOCK * sizeof(double));
    }
    if (good) {
        fill(g, train, test);
        return GR_OK;
    }
    gr_grower_free(g);
    *out = NULL;
    return gr_fail(err, GR_NOMEM, "no memory for inner folds");
}

void gr_grower_free(gr_grower *g)
{
    if (g == NULL)
        return;
    for (int d = 0; d < MOST_DEPTH; d++)
        gr_free(g->sums[d]);
    gr_free(g->bins);
    gr_free(g->targets);
    gr_free(g->base);
    gr_free(g->counts);
    gr_free(g->margins);
    gr_free(g->slopes);
    gr_free(g->order);
    gr_free(g->scratch);
    gr_free(g->marks);
    gr_free(g->list);
    gr_free(g->ids);
    gr_free(g->lengths);
    gr_free(g->rows_taken);
    gr_free(g->columns_taken);
    gr_free(g->summed);
    gr_free(g);
}

/* ---- sums --------------------------------------------------------------------------------------------------------- */

static const int16_t *bins_of(const gr_grower *g, int32_t row)
{
    return g->bins + (size_t)row * (size_t)(g->blocks * GR_TREE_LANES);
}

static void add_rows(const gr_grower *g, const node *n)
{
    for (int64_t i = 0; i < n->count; i++) {
        const int16_t *bins = bins_of(g, n->rows[i]);
        double gradient = (double)g->slopes[2 * n->rows[i]], hessian = (double)g->slopes[2 * n->rows[i] + 1];
        if (!g->rows_taken[n->rows[i]])
            continue;
        for (int k = 0; k < g->summed_count; k++) {
            int c = g->summed[k];
            double *at = n->sums + g->base[c] + bins[c] * STEP;
            at[0] += gradient;
            at[PAIR] += hessian;
        }
    }
}

static void mark_rows(const gr_grower *g, const node *n)
{
    for (int64_t i = 0; i < n->count; i++) {
        const int16_t *bins = bins_of(g, n->rows[i]);
        for (int k = 0; g->rows_taken[n->rows[i]] && k < g->summed_count; k++) {
            int c = g->summed[k];
            g->marks[c * WORDS + (bins[c] >> 6)] |= UINT64_C(1) << (bins[c] & 63);
        }
    }
}

/* Lists the sums of a column's marked bins, and takes them off `rest` (NULL: of nothing). Bins without a row would not change
 * what is summed up to there. */
static void list_column(gr_grower *g, const node *n, int c, double *rest)
{
    int block = c / GR_TREE_LANES, lane = c % GR_TREE_LANES, k = 0;
    g->marks[c * WORDS + MISSING / 64] = 0;
    for (int w = 0; w < MISSING / 64; w++) {
        uint64_t bits = g->marks[c * WORDS + w];
        g->marks[c * WORDS + w] = 0;
        for (; bits != 0; bits &= bits - 1, k++) {
            int bin = 64 * w + __builtin_ctzll(bits);
            int64_t at = g->base[c] + bin * STEP;
            double *to = g->list + (size_t)(block * FEW + k) * STEP + lane;
            to[0] = n->sums[at];
            to[PAIR] = n->sums[at + PAIR];
            g->ids[(block * FEW + k) * GR_TREE_LANES + lane] = (uint8_t)bin;
            if (rest != NULL) {
                rest[at] -= to[0];
                rest[at + PAIR] -= to[PAIR];
            }
        }
    }
    g->lengths[block] = k > g->lengths[block] ? k : g->lengths[block];
}

/* Makes the sums of n; `rest` are the parent's, of which its brother's remain. */
static void make_sums(gr_grower *g, node *n, double *rest)
{
    n->listed = n->count <= FEW;
    add_rows(g, n);
    if (n->listed) {
        mark_rows(g, n);
        memset(g->lengths, 0, (size_t)g->blocks * sizeof *g->lengths);
        for (int b = 0; b < g->blocks; b++)
            memset(g->list + (size_t)b * FEW * STEP, 0, (size_t)n->count * STEP * sizeof(double));
        for (int k = 0; k < g->summed_count; k++)
            list_column(g, n, g->summed[k], rest);
    } else if (rest != NULL) {
        gr_kernels_get()->trees->subtract((int64_t)g->blocks * BLOCK, n->sums, rest);
    }
}

static void clear_sums(const gr_grower *g, const node *n)
{
    if (!n->listed)
        memset(n->sums, 0, (size_t)g->blocks * BLOCK * sizeof(double));
    for (int64_t i = 0; n->listed && i < n->count; i++) {
        const int16_t *bins = bins_of(g, n->rows[i]);
        for (int k = 0; k < g->summed_count; k++) {
            int c = g->summed[k];
            double *at = n->sums + g->base[c] + bins[c] * STEP;
            at[0] = at[PAIR] = 0.0;
        }
    }
}

/* ---- nodes -------------------------------------------------------------------------------------------------------- */

/* Its rows' margins move by what the leaf says. */
static void end(const gr_grower *g, const node *n)
{
    float value = n->value * g->rules.rate;
    for (int64_t i = 0; i < n->count; i++)
        g->margins[n->rows[i]] += value;
    for (int64_t i = 0; i < n->test_count; i++)
        g->margins[n->tests[i]] += value;
}

/* Not so: no split leaves enough on both sides. */
static bool may_split(const gr_grower *g, const node *n)
{
    return n->depth < g->rules.depth && n->hessian >= 2 * (double)g->rules.least * (1 - 1e-9);
}

static split search(const gr_grower *g, const node *n)
{
    const gr_tree_kernels *kernels = gr_kernels_get()->trees;
    const gr_grower_rules *r = &g->rules;
    gr_tree_node asked = {.gradient = n->gradient,
                          .hessian = n->hessian,
                          .least = (double)r->least,
                          .lambda = (double)r->lambda,
                          .alpha = (double)r->alpha,
                          .gain = n->gain,
                          .lower = n->bounds.lower,
                          .upper = n->bounds.upper};
    split best = {0};
    for (int b = 0; b < g->blocks; b++) {
        float gains[GR_TREE_LANES];
        int32_t places[GR_TREE_LANES];
        int64_t bins = n->listed ? g->lengths[b] : g->counts[b];
        asked.falling = b == g->blocks - 1 ? (g->columns - 1) % GR_TREE_LANES : -1;
        const double *sums = n->listed ? g->list + (size_t)b * FEW * STEP : n->sums + (size_t)b * BLOCK;
        (r->falling ? kernels->search_bounded : kernels->search)(bins, sums, &asked, gains, places);
        for (int l = 0; l < GR_TREE_LANES; l++)
            if (gains[l] > best.gain && !isinf(gains[l]) && g->columns_taken[b * GR_TREE_LANES + l])
                best = (split){gains[l], b * GR_TREE_LANES + l, places[l]};
    }
    if (n->listed && best.gain > 0) {
        const uint8_t *ids = g->ids + best.column / GR_TREE_LANES * FEW * GR_TREE_LANES + best.column % GR_TREE_LANES;
        int at = best.place < 0 ? -1 - best.place : best.place, bin = ids[at * GR_TREE_LANES];
        best.place = best.place < 0 ? -1 - bin : bin;
    }
    return best;
}

/* Puts the rows with bins up to `last` first, and where `missing` says so those without a bin, in their order. Returns how
 * many. */
static int64_t part(const gr_grower *g, int column, int last, bool missing, int32_t *rows, int64_t count)
{
    int64_t left = 0, right = 0;
    for (int64_t i = 0; i < count; i++) {
        int bin = bins_of(g, rows[i])[column];
        if (bin <= last || (missing && bin == MISSING))
            rows[left++] = rows[i];
        else
            g->scratch[right++] = rows[i];
    }
    memcpy(rows + left, g->scratch, (size_t)right * sizeof *rows);
    return left;
}

static void judge(const gr_grower_rules *r, gr_grower_bounds bounds, node *n)
{
    n->value = gr_grower_value(r, bounds, n->gradient, n->hessian);
    n->gain = gr_grower_gain(r, bounds, n->gradient, n->hessian);
    n->bounds = bounds;
}

/* Where answers fall from left to right, the middle of both sides' values stays between all that is grown below them. */
static void bound(const gr_grower *g, const node *n, int column, node *left, node *right)
{
    judge(&g->rules, n->bounds, left);
    judge(&g->rules, n->bounds, right);
    if (g->rules.falling && column == g->columns - 1)
        left->bounds.lower = right->bounds.upper = (left->value + right->value) / 2.0F;
}

/* The two sides' sums in the order in which the search summed. */
static void divide(const gr_grower *g, const node *n, const split *s, node *left, node *right)
{
    node side = {.depth = n->depth + 1}, other = side;
    const double *column = n->sums + g->base[s->column];
    int from = s->place < 0 ? g->counts[s->column / GR_TREE_LANES] - 1 : 0, to = s->place < 0 ? -1 - s->place : s->place;
    for (int b = from, step = s->place < 0 ? -1 : 1; b != to + step; b += step) {
        side.gradient += column[b * STEP];
        side.hessian += column[b * STEP + PAIR];
    }
    other.gradient = n->gradient - side.gradient;
    other.hessian = n->hessian - side.hessian;
    *left = s->place < 0 ? other : side;
    *right = s->place < 0 ? side : other;
    bound(g, n, s->column, left, right);
    int last = s->place < 0 ? to - 1 : to;
    left->rows = n->rows;
    left->count = part(g, s->column, last, s->place < 0, n->rows, n->count);
    left->tests = n->tests;
    left->test_count = part(g, s->column, last, s->place < 0, n->tests, n->test_count);
    right->rows = n->rows + left->count;
    right->count = n->count - left->count;
    right->tests = n->tests + left->test_count;
    right->test_count = n->test_count - left->test_count;
}

/* The side with less hessian is summed up, the other is what remains of the parent. The former goes first: the latter's sums
 * lie in the parent's place. */
static void expand(gr_grower *g, node *n) // NOLINT(misc-no-recursion): MOST_DEPTH deep at most
{
    const gr_grower_rules *r = &g->rules;
    split s = may_split(g, n) ? search(g, n) : (split){0};
    if (!(s.gain > 1e-6F) || s.gain < r->gamma) {
        end(g, n);
        return;
    }
    node left, right;
    divide(g, n, &s, &left, &right);
    bool right_less = right.hessian < left.hessian;
    node *less = right_less ? &right : &left, *more = right_less ? &left : &right;
    bool less_goes = may_split(g, less), more_goes = may_split(g, more);
    if (less_goes || more_goes) {
        less->sums = g->sums[less->depth];
        more->sums = n->sums;
        make_sums(g, less, more_goes ? more->sums : NULL);
    }
    if (less_goes)
        expand(g, less);
    else
        end(g, less);
    if (less_goes || more_goes)
        clear_sums(g, less);
    if (more_goes)
        expand(g, more);
    else
        end(g, more);
}

/* ---- trees -------------------------------------------------------------------------------------------------------- */

static float probability(float margin)
{
    return 1.0F / (expf(fminf(-margin, 88.7F)) + 1.0F + 1e-16F);
}

static void make_slopes(gr_grower *g)
{
    for (int64_t i = 0; i < g->rows; i++) {
        float target = g->targets[i], weight = target == 1.0F ? g->rules.positive : 1.0F;
        float said = g->rules.scores ? g->margins[i] : probability(g->margins[i]);
        bool taken = g->rows_taken[i];
        g->slopes[2 * i] = taken ? (said - target) * weight : 0.0F;
        g->slopes[2 * i + 1] = taken ? (g->rules.scores ? 1.0F : fmaxf(said * (1.0F - said), 1e-16F)) * weight : 0.0F;
    }
}

void gr_grower_start(gr_grower *g, const gr_boost_options *o)
{
    g->rules = gr_grower_rules_of(o);
    gr_draws_start(&g->draws, g->rules.seed);
    for (int64_t i = 0; i < g->rows + g->tests; i++)
        g->margins[i] = g->rules.scores ? g->rules.base : -0.0F;
}

static void draw(gr_grower *g)
{
    gr_draws_next(&g->draws, g->rules.rows, g->rows, g->rows_taken, g->rules.columns, g->columns, g->columns_taken);
    g->summed_count = 0;
    for (int c = 0; c < g->columns; c++)
        if (c == 0 || g->columns_taken[c])
            g->summed[g->summed_count++] = c;
}

/* Where nothing is missing by the first column's bins, not by rows. */
static void add_up(const gr_grower *g, node *root)
{
    for (int b = 0; g->dense && b < g->counts[0]; b++) {
        root->gradient += root->sums[b * STEP];
        root->hessian += root->sums[b * STEP + PAIR];
    }
    for (int64_t i = 0; !g->dense && i < g->rows; i++) {
        root->gradient += (double)g->slopes[2 * i];
        root->hessian += (double)g->slopes[2 * i + 1];
    }
}

void gr_grower_round(gr_grower *g)
{
    node root = {.rows = g->order,
                 .tests = g->order + g->rows,
                 .count = g->rows,
                 .test_count = g->tests,
                 .sums = g->sums[0]};
    for (int64_t i = 0; i < g->rows + g->tests; i++)
        g->order[i] = (int32_t)i;
    draw(g);
    make_slopes(g);
    add_rows(g, &root);
    add_up(g, &root);
    judge(&g->rules, (gr_grower_bounds){-FLT_MAX, FLT_MAX}, &root);
    expand(g, &root);
    memset(root.sums, 0, (size_t)g->blocks * BLOCK * sizeof(double));
}

void gr_grower_answer(const gr_grower *g, float *answers)
{
    int copies = g->rules.copies;
    const float *margins = g->margins + g->rows;
    for (int64_t i = 0; i < g->tests / copies; i++, margins += copies) {
        if (g->rules.scores) {
            answers[i] = margins[0];
        } else if (g->rules.falling) {
            float before = 1.0F;
            for (int k = 0; k < copies; k++) {
                float above = fminf(probability(margins[k]), before);
                answers[i * (copies + 1) + k] = before - above;
                before = above;
            }
            answers[i * (copies + 1) + copies] = before;
        } else {
            answers[2 * i + 1] = probability(margins[0]);
            answers[2 * i] = 1.0F - answers[2 * i + 1];
        }
    }
}
