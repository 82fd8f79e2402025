#include "learners/grower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/trees.h"
#include "learners/bins.h"

enum {
    MOST_DEPTH = 8,
    MOST_COLUMNS = 4096,
    FEW = 128,            /* rows whose sums are listed, rather than looked for in all bins */
    PAIR = GR_TREE_LANES, /* from a gradient's sum to its hessian's */
    STEP = 2 * GR_TREE_LANES,
    BLOCK = GR_BINS * STEP, /* numbers of eight columns */
    WORDS = GR_BINS / 64,
};

/* XGBoost takes its settings as text, and reads them to float32. */
typedef struct rules {
    float rate, alpha, lambda, gamma, least, positive;
    int depth;
    bool scores;
} rules;

struct gr_grower {
    int64_t rows, tests;
    int columns, blocks;
    uint8_t *bins;  /* [rows + tests, 8 blocks] */
    float *targets; /* [rows] */
    int32_t *base;  /* [columns]: where a column's first sum is */
    int *counts;    /* [blocks]: bins of the eight */
    float *margins; /* [rows + tests] */
    float *slopes;  /* [rows, 2]: gradient and hessian */
    int32_t *order, *scratch; /* [rows + tests] each */
    double *sums[MOST_DEPTH]; /* [blocks, GR_BINS, 2, 8], all zero while no node of that depth is at work */
    uint64_t *marks;          /* [columns, WORDS]: bins of a node of few rows */
    double *list;             /* [blocks, FEW, 2, 8]: its sums in a row */
    uint8_t *ids;             /* [blocks, FEW, 8]: whose they are */
    int *lengths;             /* [blocks] */
    rules rules;
};

/* Its rows stand together in `order`, the training part's first, then (from `tests` on) those to be answered. */
typedef struct node {
    int32_t *rows, *tests;
    int64_t count, test_count;
    double gradient, hessian;
    int depth;
    double *sums;
    bool listed;
} node;

typedef struct split {
    float gain;
    int column, place; /* a bin; or -1 - the first bin of the right side */
} split;

/* ---- settings ----------------------------------------------------------------------------------------------------- */

/* Version 1.7 rounds what stands before the point, what stands behind it, and their sum, each to float32. */
static float told(double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.9g", value);
    const char *point = strchr(text, '.');
    if (point == NULL || strchr(text, 'e') != NULL)
        return strtof(text, NULL);
    double tens = 1;
    for (size_t i = 1; i < strlen(point); i++)
        tens *= 10;
    float whole = (float)strtoull(text[0] == '-' ? text + 1 : text, NULL, 10);
    float sum = whole + (float)((double)strtoull(point + 1, NULL, 10) / tens);
    return text[0] == '-' ? -sum : sum;
}

/* Other versions round once. What is tuned is proved by few of its values: all of them must be read alike. */
static bool plain(double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.9g", value);
    return value >= 0 && strchr(text, 'e') == NULL && told(value) == strtof(text, NULL);
}

static rules read_rules(const gr_boost_options *o)
{
    return (rules){.rate = told(o->rate),
                   .alpha = told(o->alpha),
                   .lambda = told(o->lambda),
                   .gamma = told(o->gamma),
                   .least = told(o->min_child_weight),
                   .positive = o->kind == GR_BOOST_BINARY ? told(o->positive_weight) : 1.0F,
                   .depth = o->depth,
                   .scores = o->kind == GR_BOOST_SCORES};
}

bool gr_grower_takes(const gr_boost_options *o)
{
    return (o->kind == GR_BOOST_BINARY || o->kind == GR_BOOST_SCORES) && o->depth >= 1 && o->depth <= MOST_DEPTH &&
           o->subsample == 1.0 && o->colsample == 1.0 && o->min_child_weight >= 1e-3 && plain(o->rate) && plain(o->alpha);
}

static float cell(const gr_boost_part *p, int64_t i, int c)
{
    return p->values[(size_t)p->rows[i] * p->width + (size_t)p->columns[c]];
}

bool gr_grower_reads(const gr_boost_part *p)
{
    if (p->weights != NULL || p->count < 1 || p->count > GR_BINS_ROWS || p->column_count < 1 ||
        p->column_count > MOST_COLUMNS)
        return false;
    for (int64_t i = 0; i < p->count; i++)
        for (int c = 0; c < p->column_count; c++)
            if (!isfinite(cell(p, i, c)))
                return false;
    return true;
}

/* ---- data --------------------------------------------------------------------------------------------------------- */

static void fill(gr_grower *g, const gr_boost_part *train, const gr_boost_part *test)
{
    float column[GR_BINS_ROWS], cuts[GR_BINS];
    int stride = g->blocks * GR_TREE_LANES;
    for (int c = 0; c < g->columns; c++) {
        int block = c / GR_TREE_LANES;
        for (int64_t i = 0; i < g->rows; i++)
            column[i] = cell(train, i, c);
        int count = gr_bins_cut(column, g->rows, cuts);
        for (int64_t i = 0; i < g->rows; i++)
            g->bins[i * stride + c] = (uint8_t)gr_bins_find(cuts, count, cell(train, i, c));
        for (int64_t i = 0; i < g->tests; i++)
            g->bins[(g->rows + i) * stride + c] = (uint8_t)gr_bins_find(cuts, count, cell(test, i, c));
        g->counts[block] = count > g->counts[block] ? count : g->counts[block];
        g->base[c] = block * BLOCK + c % GR_TREE_LANES;
    }
    for (int64_t i = 0; i < g->rows; i++)
        g->targets[i] = train->targets[train->rows[i]];
}

gr_status gr_grower_make(const gr_boost_part *train, const gr_boost_part *test, gr_grower **out, gr_error *err)
{
    gr_grower *g = gr_alloc(1, sizeof *g);
    *out = g;
    if (g == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for inner folds");
    g->rows = train->count;
    g->tests = test->count;
    g->columns = train->column_count;
    g->blocks = (g->columns + GR_TREE_LANES - 1) / GR_TREE_LANES;
    size_t all = (size_t)(g->rows + g->tests), rows = (size_t)g->rows, columns = (size_t)g->columns,
           blocks = (size_t)g->blocks;
    g->bins = gr_alloc(all * blocks, GR_TREE_LANES);
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
    bool good = g->bins != NULL && g->targets != NULL && g->base != NULL && g->counts != NULL && g->margins != NULL &&
                g->slopes != NULL && g->order != NULL && g->scratch != NULL && g->marks != NULL && g->list != NULL &&
                g->ids != NULL && g->lengths != NULL;
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
    gr_free(g);
}

/* ---- sums --------------------------------------------------------------------------------------------------------- */

static const uint8_t *bins_of(const gr_grower *g, int32_t row)
{
    return g->bins + (size_t)row * (size_t)(g->blocks * GR_TREE_LANES);
}

static void add_rows(const gr_grower *g, const node *n)
{
    for (int64_t i = 0; i < n->count; i++) {
        const uint8_t *bins = bins_of(g, n->rows[i]);
        double gradient = (double)g->slopes[2 * n->rows[i]], hessian = (double)g->slopes[2 * n->rows[i] + 1];
        for (int c = 0; c < g->columns; c++) {
            double *at = n->sums + g->base[c] + bins[c] * STEP;
            at[0] += gradient;
            at[PAIR] += hessian;
        }
    }
}

static void mark_rows(const gr_grower *g, const node *n)
{
    for (int64_t i = 0; i < n->count; i++) {
        const uint8_t *bins = bins_of(g, n->rows[i]);
        for (int c = 0; c < g->columns; c++)
            g->marks[c * WORDS + bins[c] / 64] |= UINT64_C(1) << bins[c] % 64;
    }
}

/* Lists the sums of a column's marked bins, and takes them off `rest` (NULL: of nothing). Bins without a row would not change
 * what is summed up to there. */
static void list_column(gr_grower *g, const node *n, int c, double *rest)
{
    int block = c / GR_TREE_LANES, lane = c % GR_TREE_LANES, k = 0;
    for (int w = 0; w < WORDS; w++) {
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
        for (int c = 0; c < g->columns; c++)
            list_column(g, n, c, rest);
    } else if (rest != NULL) {
        gr_kernels_get()->trees->subtract((int64_t)g->blocks * BLOCK, n->sums, rest);
    }
}

static void clear_sums(const gr_grower *g, const node *n)
{
    if (!n->listed)
        memset(n->sums, 0, (size_t)g->blocks * BLOCK * sizeof(double));
    for (int64_t i = 0; n->listed && i < n->count; i++) {
        const uint8_t *bins = bins_of(g, n->rows[i]);
        for (int c = 0; c < g->columns; c++) {
            double *at = n->sums + g->base[c] + bins[c] * STEP;
            at[0] = at[PAIR] = 0.0;
        }
    }
}

/* ---- nodes -------------------------------------------------------------------------------------------------------- */

static double shrunk(double gradient, double alpha)
{
    return gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0.0;
}

static float gain_of(const rules *r, double gradient, double hessian)
{
    double past = shrunk(gradient, (double)r->alpha);
    return hessian <= 0 ? 0.0F : (float)(past * past) / (float)(hessian + (double)r->lambda);
}

static float value_of(const rules *r, double gradient, double hessian)
{
    if (hessian < (double)r->least || hessian <= 0)
        return 0.0F;
    return (float)(-shrunk(gradient, (double)r->alpha) / (hessian + (double)r->lambda)) * r->rate;
}

/* Its rows' margins move by what the leaf says. */
static void end(const gr_grower *g, const node *n)
{
    float value = value_of(&g->rules, n->gradient, n->hessian);
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
    const rules *r = &g->rules;
    const gr_tree_node asked = {n->gradient,        n->hessian,       (double)r->least,
                                (double)r->lambda, (double)r->alpha, gain_of(r, n->gradient, n->hessian)};
    split best = {0};
    for (int b = 0; b < g->blocks; b++) {
        float gains[GR_TREE_LANES];
        int32_t places[GR_TREE_LANES];
        int64_t bins = n->listed ? g->lengths[b] : g->counts[b];
        kernels->search(bins, n->listed ? g->list + (size_t)b * FEW * STEP : n->sums + (size_t)b * BLOCK, &asked, gains,
                        places);
        for (int l = 0; l < GR_TREE_LANES; l++)
            if (gains[l] > best.gain && !isinf(gains[l]))
                best = (split){gains[l], b * GR_TREE_LANES + l, places[l]};
    }
    if (n->listed && best.gain > 0) {
        const uint8_t *ids = g->ids + best.column / GR_TREE_LANES * FEW * GR_TREE_LANES + best.column % GR_TREE_LANES;
        int at = best.place < 0 ? -1 - best.place : best.place, bin = ids[at * GR_TREE_LANES];
        best.place = best.place < 0 ? -1 - bin : bin;
    }
    return best;
}

/* Puts the rows with bins up to `last` first, in their order. Returns how many. */
static int64_t part(const gr_grower *g, int column, int last, int32_t *rows, int64_t count)
{
    int64_t left = 0, right = 0;
    for (int64_t i = 0; i < count; i++) {
        if (bins_of(g, rows[i])[column] <= last)
            rows[left++] = rows[i];
        else
            g->scratch[right++] = rows[i];
    }
    memcpy(rows + left, g->scratch, (size_t)right * sizeof *rows);
    return left;
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
    int last = s->place < 0 ? to - 1 : to;
    left->rows = n->rows;
    left->count = part(g, s->column, last, n->rows, n->count);
    left->tests = n->tests;
    left->test_count = part(g, s->column, last, n->tests, n->test_count);
    right->rows = n->rows + left->count;
    right->count = n->count - left->count;
    right->tests = n->tests + left->test_count;
    right->test_count = n->test_count - left->test_count;
}

/* The side with less hessian is summed up, the other is what remains of the parent. The former goes first: the latter's sums
 * lie in the parent's place. */
static void expand(gr_grower *g, node *n) // NOLINT(misc-no-recursion): MOST_DEPTH deep at most
{
    const rules *r = &g->rules;
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
        g->slopes[2 * i] = (said - target) * weight;
        g->slopes[2 * i + 1] = (g->rules.scores ? 1.0F : fmaxf(said * (1.0F - said), 1e-16F)) * weight;
    }
}

void gr_grower_start(gr_grower *g, const gr_boost_options *o)
{
    g->rules = read_rules(o);
    for (int64_t i = 0; i < g->rows + g->tests; i++)
        g->margins[i] = g->rules.scores ? told(o->base) : -0.0F;
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
    make_slopes(g);
    add_rows(g, &root);
    for (int b = 0; b < g->counts[0]; b++) { /* by the first column's bins, not by rows */
        root.gradient += root.sums[b * STEP];
        root.hessian += root.sums[b * STEP + PAIR];
    }
    expand(g, &root);
    memset(root.sums, 0, (size_t)g->blocks * BLOCK * sizeof(double));
}

void gr_grower_answer(const gr_grower *g, float *answers)
{
    for (int64_t i = 0; i < g->tests; i++) {
        float margin = g->margins[g->rows + i];
        if (g->rules.scores) {
            answers[i] = margin;
        } else {
            answers[2 * i + 1] = probability(margin);
            answers[2 * i] = 1.0F - answers[2 * i + 1];
        }
    }
}
