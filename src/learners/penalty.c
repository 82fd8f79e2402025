#include "learners/penalty.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

enum { BLOCK = 16384, LANES = 8 };

typedef struct part {
    size_t offset, count;
    double l1, l2;
    bool trained;
} part;

struct gr_penalty_list {
    part *parts;
    int count;
    double *sums; /* of the blocks of the largest part */
};

typedef struct job {
    const part *part;
    const float *values;
    float *gradients;
    double *sums;
} job;

/* ---- which weights ------------------------------------------------------------------------------------------------------- */

/* "head" is all but the backbone; else a prefix of whole components. Kernels only, unless the name is the whole one. */
static bool is_meant(const gr_parameter *p, const char *name)
{
    size_t length = strlen(name);
    if (p->buffer)
        return false;
    if (strcmp(p->name, name) == 0)
        return true;
    if (p->shape.rank < 2)
        return false;
    if (strcmp(name, "head") == 0)
        return !gr_starts_with(p->name, "backbone.");
    return gr_starts_with(p->name, name) && p->name[length] == '.';
}

static gr_status add_name(const gr_recipe *recipe, const gr_graph *graph, const gr_penalty *item, const char *name,
                          gr_penalty_list *list, gr_error *err)
{
    int found = 0;
    for (int i = 0; i < gr_graph_parameter_count(graph); i++) {
        const gr_parameter *p = gr_graph_parameter(graph, i);
        if (!is_meant(p, name))
            continue;
        found++;
        if (!p->frozen || recipe->model.penalty_frozen)
            list->parts[list->count++] = (part){p->offset, p->count, item->l1, item->l2, !p->frozen};
    }
    if (found > 0)
        return GR_OK;
    return gr_recipe_fail(recipe, "model.penalty", err,
                          "no kernel's name starts with \"%s\"; head, backbone or a layer's name such as classifier would be right",
                          name);
}

gr_status gr_penalty_create(const gr_recipe *recipe, const gr_graph *graph, gr_penalty_list **out, gr_error *err)
{
    const gr_penalties *wanted = &recipe->model.penalty;
    size_t names = 0, most = 0;
    *out = NULL;
    for (int i = 0; i < wanted->count; i++)
        names += (size_t)wanted->items[i].layers.count;
    if (names == 0)
        return GR_OK;
    for (int i = 0; i < gr_graph_parameter_count(graph); i++)
        most = gr_graph_parameter(graph, i)->count > most ? gr_graph_parameter(graph, i)->count : most;
    gr_penalty_list *list = gr_alloc(1, sizeof *list);
    if (list != NULL) {
        list->parts = gr_alloc(names * (size_t)gr_graph_parameter_count(graph), sizeof *list->parts);
        list->sums = gr_alloc(most / BLOCK + 1, sizeof *list->sums);
    }
    gr_status status = list != NULL && list->parts != NULL && list->sums != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for the penalties");
    for (int i = 0; status == GR_OK && i < wanted->count; i++)
        for (int k = 0; status == GR_OK && k < wanted->items[i].layers.count; k++)
            status = add_name(recipe, graph, &wanted->items[i], wanted->items[i].layers.items[k], list, err);
    if (status == GR_OK)
        *out = list;
    else
        gr_penalty_destroy(list);
    return status;
}

void gr_penalty_destroy(gr_penalty_list *list)
{
    if (list == NULL)
        return;
    gr_free(list->parts);
    gr_free(list->sums);
    gr_free(list);
}

/* ---- what they cost ------------------------------------------------------------------------------------------------------- */

static int64_t blocks_of(const part *p)
{
    return (int64_t)((p->count + BLOCK - 1) / BLOCK);
}

/* In strands, which are added in order. */
static void sum_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    size_t begin = (size_t)index * BLOCK, end = begin + BLOCK < j->part->count ? begin + BLOCK : j->part->count;
    const float *w = j->values + j->part->offset;
    double absolute[LANES] = {0}, square[LANES] = {0}, sum = 0;
    for (size_t i = begin; i < end; i++) {
        double x = (double)w[i];
        absolute[i % LANES] += fabs(x);
        square[i % LANES] += x * x;
    }
    for (int k = 0; k < LANES; k++)
        sum += j->part->l1 * absolute[k] + j->part->l2 * square[k];
    j->sums[index] = sum;
}

double gr_penalty_sum(gr_penalty_list *list, const float *values)
{
    double sum = 0;
    for (int i = 0; list != NULL && i < list->count; i++) {
        job j = {.part = &list->parts[i], .values = values, .sums = list->sums};
        gr_parallel_for(blocks_of(j.part), sum_block, &j);
        for (int64_t block = 0; block < blocks_of(j.part); block++)
            sum += list->sums[block];
    }
    return sum;
}

static void push_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    size_t begin = (size_t)index * BLOCK, end = begin + BLOCK < j->part->count ? begin + BLOCK : j->part->count;
    const float *w = j->values + j->part->offset;
    float *g = j->gradients + j->part->offset, l1 = (float)j->part->l1, l2 = (float)(2 * j->part->l2);
    for (size_t i = begin; i < end; i++)
        g[i] += l2 * w[i] + (w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0.0f);
}

void gr_penalty_push(const gr_penalty_list *list, const float *values, float *gradients)
{
    for (int i = 0; list != NULL && i < list->count; i++) {
        job j = {.part = &list->parts[i], .values = values, .gradients = gradients};
        if (j.part->trained)
            gr_parallel_for(blocks_of(j.part), push_block, &j);
    }
}
