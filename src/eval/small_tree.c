#include "eval/small_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

typedef struct placed {
    double value;
    int64_t row;
} placed;

typedef struct node {
    int column; /* -1: a leaf */
    double below;
    int32_t answer;
} node;

enum { NODES = (1 << (GR_TREE_DEPTH + 1)) - 1 };

typedef struct grower {
    const gr_tree_data *data;
    int first, last;
    double *weights;    /* [classes]: of a row of each class */
    double *left, *all; /* [classes] */
    placed *order;      /* [training rows]: scratch */
    node nodes[NODES];  /* the two below node i are 2 i + 1 and 2 i + 2 */
} grower;

static int lowest_first(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The sum of squares over the sum: the larger, the purer. */
static double purity(const double *sums, const double *less, int classes)
{
    double whole = 0.0, squares = 0.0;
    for (int c = 0; c < classes; c++) {
        double s = less != NULL ? sums[c] - less[c] : sums[c];
        whole += s;
        squares += s * s;
    }
    return whole > 0.0 ? squares / whole : 0.0;
}

static void sum_classes(const grower *g, const int64_t *rows, int64_t count, double *sums)
{
    memset(sums, 0, (size_t)g->data->classes * sizeof *sums);
    for (int64_t i = 0; i < count; i++)
        sums[g->data->labels[rows[i]]] += g->weights[g->data->labels[rows[i]]];
}

/* The best question of one column, if it is better than *best. */
static void ask(grower *g, int column, const int64_t *rows, int64_t count, double *best, node *out)
{
    const gr_tree_data *d = g->data;
    for (int64_t i = 0; i < count; i++)
        g->order[i] = (placed){d->x[rows[i] * d->width + column], rows[i]};
    qsort(g->order, (size_t)count, sizeof *g->order, lowest_first);
    memset(g->left, 0, (size_t)d->classes * sizeof *g->left);
    for (int64_t i = 0; i + 1 < count; i++) {
        int32_t label = d->labels[g->order[i].row];
        g->left[label] += g->weights[label];
        if (g->order[i].value == g->order[i + 1].value || i + 1 < GR_TREE_LEAF || count - i - 1 < GR_TREE_LEAF)
            continue;
        double pure = purity(g->left, NULL, d->classes) + purity(g->all, g->left, d->classes);
        if (pure > *best * (1.0 + 1e-12)) {
            *best = pure;
            *out = (node){column, 0.5 * (g->order[i].value + g->order[i + 1].value), 0};
        }
    }
}

/* Puts the rows below the question's value first; gives how many. */
static int64_t part(const gr_tree_data *d, const node *n, int64_t *rows, int64_t count)
{
    int64_t below = 0;
    for (int64_t i = 0; i < count; i++)
        if (d->x[rows[i] * d->width + n->column] < n->below) {
            int64_t row = rows[i];
            rows[i] = rows[below];
            rows[below++] = row;
        }
    return below;
}

static void grow(grower *g, int at, int depth, int64_t *rows, int64_t count)
{
    node *n = &g->nodes[at];
    int32_t most = 0;
    sum_classes(g, rows, count, g->all);
    for (int32_t c = 1; c < g->data->classes; c++)
        most = g->all[c] > g->all[most] ? c : most;
    *n = (node){-1, 0.0, most};
    double best = purity(g->all, NULL, g->data->classes);
    for (int column = g->first; depth < GR_TREE_DEPTH && column < g->last; column++)
        ask(g, column, rows, count, &best, n);
    n->answer = most;
    if (n->column < 0)
        return;
    int64_t below = part(g->data, n, rows, count);
    grow(g, 2 * at + 1, depth + 1, rows, below);
    grow(g, 2 * at + 2, depth + 1, rows + below, count - below);
}

static int32_t answer(const grower *g, int64_t row)
{
    int at = 0;
    while (g->nodes[at].column >= 0)
        at = 2 * at + (g->data->x[row * g->data->width + g->nodes[at].column] < g->nodes[at].below ? 1 : 2);
    return g->nodes[at].answer;
}

gr_status gr_small_tree(const gr_tree_data *data, int first, int last, const int64_t *train, int64_t train_count,
                        const int64_t *test, int64_t test_count, int32_t *answers, gr_error *err)
{
    size_t classes = (size_t)data->classes, n = (size_t)train_count;
    grower g = {.data = data, .first = first, .last = last};
    g.weights = gr_alloc(classes, 3 * sizeof *g.weights);
    g.order = gr_alloc(n, sizeof *g.order);
    int64_t *rows = gr_alloc(n, sizeof *rows);
    gr_status status =
        g.weights != NULL && g.order != NULL && rows != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a tree");
    if (status == GR_OK) {
        g.left = g.weights + classes;
        g.all = g.left + classes;
        for (int64_t i = 0; i < train_count; i++) {
            rows[i] = train[i];
            g.weights[data->labels[train[i]]] += 1.0;
        }
        for (size_t c = 0; c < classes; c++)
            g.weights[c] = g.weights[c] > 0.0 ? 1.0 / g.weights[c] : 0.0;
        grow(&g, 0, 0, rows, train_count);
        for (int64_t i = 0; i < test_count; i++)
            answers[i] = answer(&g, test[i]);
    }
    gr_free(g.weights);
    gr_free(g.order);
    gr_free(rows);
    return status;
}
