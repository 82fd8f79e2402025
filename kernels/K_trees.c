/* Splits of trees' nodes, eight columns side by side. The arithmetic is XGBoost's: sums in doubles, each side's gain a quotient
 * of floats. */
#include <string.h>

#include "kernels.h"
#include "parts.h"
#include "trees.h"

enum { LANES = GR_VL / 2 }; /* of the columns, side by side at a time */

typedef double doubles __attribute__((vector_size(8 * LANES)));
typedef int64_t longs __attribute__((vector_size(8 * LANES)));
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));
typedef double doubles_there __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

/* Vectors go by their addresses: how wide ones are passed by value differs between sets. */
#define INLINE static inline __attribute__((always_inline)) void

typedef struct sides {
    doubles gradient, hessian; /* of the side that grows */
} sides;

typedef struct rules {
    doubles gradient, hessian, least, lambda, alpha;
    floats gain, lower, upper;
    ints falling; /* all bits of its lane */
} rules;

typedef struct best {
    floats gain;
    ints place;
} best;

INLINE set_all(doubles *v, double x)
{
    *v = x - (doubles){0};
}

/* (max(|gradient| - alpha, 0))^2 / (hessian + lambda); NaN in lanes of `not`. */
INLINE side_gain(const doubles *gradient, const doubles *hessian, const rules *r, const longs *not, floats *out)
{
    const longs sign = (longs){0} + INT64_MAX;
    doubles past = (doubles)((longs)*gradient & sign) - r->alpha;
    past = (doubles)((longs)past & (past > 0));
    doubles square = (doubles)((longs)(past * past) | *not);
    *out = __builtin_convertvector(square, floats) / __builtin_convertvector(*hessian + r->lambda, floats);
}

/* -shrunk gradient / (hessian + lambda), between the bounds, and what it gains: -(2 gradient value + (hessian + lambda) value^2).
 * NaN in lanes of `not`. */
INLINE bounded_gain(const doubles *gradient, const doubles *hessian, const rules *r, const longs *not, floats *value, floats *out)
{
    const longs sign = (longs){0} + INT64_MIN;
    doubles past = (doubles)((longs)*gradient & ~sign) - r->alpha;
    past = (doubles)(((longs)past & (past > 0)) | ((longs)*gradient & sign));
    floats v = __builtin_convertvector(-past / (*hessian + r->lambda), floats);
    ints low = v < r->lower, high = v > r->upper;
    v = (floats)((low & (ints)r->lower) | (~low & high & (ints)r->upper) | (~low & ~high & (ints)v));
    floats g = __builtin_convertvector((doubles)((longs)*gradient | *not), floats),
           h = __builtin_convertvector(*hessian, floats) + __builtin_convertvector(r->lambda, floats);
    *value = v;
    *out = -(2.0F * g * v + h * (v * v));
}

/* One more bin goes to the side that grows; `wanted` are the lanes that look at all. */
INLINE step(const double *bin, const rules *r, const longs *wanted, int32_t place, bool bounded, sides *s, best *b)
{
    s->gradient += *(const doubles_there *)bin;
    s->hessian += *(const doubles_there *)(bin + GR_TREE_LANES);
    doubles gradient = r->gradient - s->gradient, hessian = r->hessian - s->hessian;
    longs not = ~(*wanted & (s->hessian >= r->least) & (hessian >= r->least));
    floats one, other, value, beyond;
    ints allowed = (ints){0} - 1;
    if (bounded) {
        bounded_gain(&s->gradient, &s->hessian, r, &not, &value, &one);
        bounded_gain(&gradient, &hessian, r, &not, &beyond, &other);
        allowed = ~r->falling | (place < 0 ? beyond >= value : value >= beyond);
    } else {
        side_gain(&s->gradient, &s->hessian, r, &not, &one);
        side_gain(&gradient, &hessian, r, &not, &other);
    }
    floats gain = one + other - r->gain;
    ints better = (gain > b->gain) & allowed;
    b->gain = (floats)((better & (ints)gain) | (~better & (ints)b->gain));
    b->place = (better & ((ints){0} + place)) | (~better & b->place);
}

INLINE search_some(int64_t bins, const double *sums, const rules *r, bool bounded, float *gains, int32_t *places)
{
    sides s = {0};
    best b = {0};
    longs wanted = (longs){0} - 1;
    for (int64_t i = 0; i < bins; i++)
        step(sums + 2 * GR_TREE_LANES * i, r, &wanted, (int32_t)i, bounded, &s, &b);
    wanted = ~((s.gradient == r->gradient) & (s.hessian == r->hessian));
    int64_t any = 0;
    for (int l = 0; l < LANES; l++)
        any |= wanted[l];
    s = (sides){0};
    for (int64_t i = any != 0 ? bins - 1 : -1; i >= 0; i--)
        step(sums + 2 * GR_TREE_LANES * i, r, &wanted, (int32_t)(-1 - i), bounded, &s, &b);
    for (int l = 0; l < LANES; l++) {
        gains[l] = b.gain[l];
        places[l] = b.place[l];
    }
}

INLINE search_all(int64_t bins, const double *sums, const gr_tree_node *node, bool bounded, float *gains, int32_t *places)
{
    rules r = {.gain = node->gain - (floats){0}, .falling = {0}};
    set_all(&r.gradient, node->gradient);
    set_all(&r.hessian, node->hessian);
    set_all(&r.least, node->least);
    set_all(&r.lambda, node->lambda);
    set_all(&r.alpha, node->alpha);
    r.lower = node->lower - (floats){0};
    r.upper = node->upper - (floats){0};
    for (int first = 0; first < GR_TREE_LANES; first += LANES) {
        int32_t falling[LANES];
        for (int l = 0; l < LANES; l++)
            falling[l] = -(node->falling == first + l);
        memcpy(&r.falling, falling, sizeof falling);
        search_some(bins, sums + first, &r, bounded, gains + first, places + first);
    }
}

static void search(int64_t bins, const double *sums, const gr_tree_node *node, float *gains, int32_t *places)
{
    search_all(bins, sums, node, false, gains, places);
}

static void search_bounded(int64_t bins, const double *sums, const gr_tree_node *node, float *gains, int32_t *places)
{
    search_all(bins, sums, node, true, gains, places);
}

static void subtract(int64_t count, const double *restrict what, double *restrict from)
{
    for (int64_t i = 0; i < count; i++)
        from[i] -= what[i];
}

const gr_tree_kernels GR_KERNEL(gr_tree_kernels) = {.search = search, .search_bounded = search_bounded, .subtract = subtract};
