#include "learners/recalibrate.h"

#include <math.h>
#include <string.h>

#include "formats/json.h"
#include "learners/fold.h"

/* A judgement sees fewer images where training was short: one in JUDGED_SHARE of those that its steps saw, but these at least. */
enum { JUDGED_BATCHES = 8, JUDGED_LEAST = 64, JUDGED_SHARE = 32 };

/* The running statistics of trained batch norms, one behind the other. */
typedef struct statistics {
    size_t count;
    double *sums;
    float *before; /* as they were */
} statistics;

/* Calls for each of them, in one order. */
static size_t each(const gr_trainer *t, void (*visit)(const gr_parameter *p, float *values, size_t at, statistics *s),
                   statistics *s)
{
    const gr_graph *graph = t->network.model->graph;
    size_t at = 0;
    for (int i = 0; i < gr_graph_parameter_count(graph); i++) {
        const gr_parameter *p = gr_graph_parameter(graph, i);
        if (!p->buffer || p->frozen)
            continue;
        if (visit != NULL)
            visit(p, t->network.params->values + p->offset, at, s);
        at += p->count;
    }
    return at;
}

static void keep(const gr_parameter *p, float *values, size_t at, statistics *s)
{
    memcpy(s->before + at, values, p->count * sizeof *values);
}

static void put_back(const gr_parameter *p, float *values, size_t at, statistics *s)
{
    memcpy(values, s->before + at, p->count * sizeof *values);
}

static void clear(const gr_parameter *p, float *values, size_t at, statistics *s)
{
    (void)at;
    (void)s;
    memset(values, 0, p->count * sizeof *values);
}

/* From zero a forward pass leaves momentum times the batch's own. */
static void add(const gr_parameter *p, float *values, size_t at, statistics *s)
{
    for (size_t i = 0; i < p->count; i++)
        s->sums[at + i] += (double)values[i] / p->momentum;
}

static void put(const gr_parameter *p, float *values, size_t at, statistics *s)
{
    for (size_t i = 0; i < p->count; i++)
        values[i] = (float)s->sums[at + i];
}

/* Goes over at most `most` batches of the training images; on failure the statistics are as before. */
static gr_status recompute(gr_trainer *t, statistics *s, int64_t most, gr_error *err)
{
    const gr_cohort *c = t->learning->cohort;
    int64_t *order = gr_alloc((size_t)t->epoch_images, sizeof *order),
            batches = t->epoch_steps < most ? t->epoch_steps : most;
    gr_status status = order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the order of an epoch");
    if (status == GR_OK)
        status = gr_epoch_order(t->train.rows, t->train.count, t->manifest->labels, t->manifest->class_count, c->balance,
                                true, t->recipe->seed, (uint32_t)t->at.epoch, order, err);
    if (status == GR_OK)
        status = gr_trainer_start(t, true, t->at.epoch, order, t->epoch_images, err);
    memset(s->sums, 0, s->count * sizeof *s->sums);
    for (int64_t b = 0; status == GR_OK && b < batches; b++) {
        gr_batch batch = {0};
        gr_plan *plan = NULL;
        if (gr_hooks_stopped(t->learning->hooks))
            status = GR_INTERRUPTED;
        else
            status = gr_trainer_next(t, true, &plan, &batch, err);
        if (status != GR_OK)
            break;
        each(t, clear, s);
        gr_plan_forward(plan, t->recipe->seed, (uint64_t)(t->at.epoch * t->epoch_steps + b));
        each(t, add, s);
    }
    for (size_t i = 0; i < s->count; i++)
        s->sums[i] /= (double)batches;
    each(t, status == GR_OK ? put : put_back, s);
    gr_free(order);
    return status;
}

static gr_status open_statistics(gr_trainer *t, statistics *s, gr_error *err)
{
    *s = (statistics){.count = each(t, NULL, NULL)};
    s->sums = gr_alloc(s->count, sizeof *s->sums);
    s->before = gr_alloc(s->count, sizeof *s->before);
    if (s->sums == NULL || s->before == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for batch norm's statistics");
    each(t, keep, s);
    return GR_OK;
}

static void close_statistics(statistics *s)
{
    gr_free(s->sums);
    gr_free(s->before);
}

gr_status gr_trainer_recalibrate(gr_trainer *t, gr_error *err)
{
    statistics s;
    if (each(t, NULL, NULL) == 0) {
        gr_fold_tell(t->learning, t->fold,
                     (gr_event){.kind = GR_EVENT_NOTICE,
                                .text = "train.bn_recalibrate: there is no trained batch norm, nothing is computed anew"});
        return GR_OK;
    }
    gr_status status = open_statistics(t, &s, err);
    if (status == GR_OK)
        status = recompute(t, &s, t->epoch_steps, err);
    close_statistics(&s);
    return status;
}

static int64_t judged_batches(const gr_trainer *t)
{
    int64_t batch = t->recipe->train.batch_size, seen = t->at.epoch * t->epoch_images / JUDGED_SHARE;
    int64_t batches = (seen > JUDGED_LEAST ? seen : JUDGED_LEAST) / batch;
    return batches < 1 ? 1 : batches < JUDGED_BATCHES ? batches : JUDGED_BATCHES;
}

/* Which images are judged: of the validation so many that no plan is compiled which the fold does not need anyway. */
static gr_rows judged(const gr_trainer *t, const gr_looks *looks)
{
    int64_t batch = t->recipe->train.batch_size, most = judged_batches(t);
    gr_rows rows = t->val;
    if (t->val.count == 0)
        return looks->rows;
    if (rows.count >= batch)
        rows.count = rows.count / batch < most ? rows.count / batch * batch : most * batch;
    return rows;
}

static gr_status write_norms(const gr_trainer *t, const gr_rows *rows, const gr_sums sums[2], gr_error *err)
{
    double n = (double)rows->count;
    bool counted = t->target->correct != NULL;
    char *path = gr_fold_path(t->learning, t->fold, "batch_norm.json");
    json_t *all =
        json_pack("{s:I, s:s, s:o, s:o, s:o, s:o}", "images", (json_int_t)rows->count, "part",
                  t->val.count > 0 ? "val" : "train", "loss", gr_json_real(sums[0].loss / n), "loss_recalibrated",
                  gr_json_real(sums[1].loss / n), "accuracy", gr_json_real(counted ? (double)sums[0].correct / n : NAN),
                  "accuracy_recalibrated", gr_json_real(counted ? (double)sums[1].correct / n : NAN));
    gr_status status = path != NULL && all != NULL ? gr_json_write(path, all, err)
                                                   : gr_fail(err, GR_NOMEM, "no memory for batch norm's statistics");
    json_decref(all);
    gr_free(path);
    return status;
}

gr_status gr_trainer_judge_norms(gr_trainer *t, gr_looks *looks, gr_error *err)
{
    statistics s;
    gr_sums sums[2] = {{0}};
    gr_rows rows = judged(t, looks);
    if (each(t, NULL, NULL) == 0 || rows.count == 0)
        return GR_OK;
    gr_status status = open_statistics(t, &s, err);
    if (status == GR_OK)
        status = gr_trainer_evaluate(t, &rows, NULL, t->val.count == 0 ? &looks->trained : NULL, &sums[0], err);
    if (status == GR_OK)
        status = recompute(t, &s, judged_batches(t), err);
    if (status == GR_OK) {
        status = gr_trainer_evaluate(t, &rows, NULL, NULL, &sums[1], err);
        each(t, put_back, &s);
    }
    if (status == GR_OK && gr_peers_lead(t->learning->peers))
        status = write_norms(t, &rows, sums, err);
    close_statistics(&s);
    return status;
}
