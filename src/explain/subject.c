/* A model loaded for explaining, and its answers. */
#include "explain/subject.h"

#include <math.h>
#include <string.h>

#include "graph/op.h"
#include "learners/lbp_svm_models.h"
#include "learners/lbp_svm_vector.h"
#include "ops/ops.h"

enum { BATCH = 32 };

static gr_status open_network(const gr_model_files *files, int index, gr_subject *s, gr_error *err)
{
    gr_status status = gr_model_files_load(files, index, &s->network, NULL, err);
    if (status != GR_OK)
        return status;
    if ((s->workspace = gr_workspace_create()) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    const gr_model *m = s->network.model;
    s->value = s->aim->value == GR_AIM_LOGITS  ? m->logits
               : s->aim->value == GR_AIM_SCORE ? m->logits->maker->in[0] /* of the proportional odds */
                                               : m->answer;
    gr_shape answer = gr_value_shape(m->answer), value = gr_value_shape(s->value);
    s->answers = gr_shape_elements(&answer);
    s->values = gr_shape_elements(&value);
    return GR_OK;
}

static gr_status open_machine(const gr_model_files *files, int index, gr_subject *s, gr_error *err)
{
    s->grey = gr_alloc((size_t)s->pixels, 1);
    s->vector = gr_alloc(gr_lbp_features(files->card.lbp), sizeof *s->vector);
    s->answers = s->values = 2;
    if (s->grey == NULL || s->vector == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    return gr_lbp_svm_load(files, index, &s->svm, err);
}

gr_status gr_subject_open(const gr_model_files *files, int index, const gr_aim *aim, gr_subject *out, gr_error *err)
{
    const gr_card *card = &files->card;
    *out = (gr_subject){.card = card, .aim = aim, .size = card->model.size, .channels = card->model.channels};
    out->pixels = out->size * out->size * out->channels;
    gr_status status = (card->lbp == NULL ? open_network : open_machine)(files, index, out, err);
    if (status != GR_OK)
        gr_subject_close(out);
    return status;
}

void gr_subject_forget(gr_subject *s)
{
    for (int way = 0; way < 2; way++) {
        gr_plan_destroy(s->plans[way]);
        s->plans[way] = NULL;
    }
}

void gr_subject_close(gr_subject *s)
{
    gr_subject_forget(s);
    gr_workspace_destroy(s->workspace);
    gr_network_destroy(&s->network);
    gr_svm_free(&s->svm);
    gr_free(s->grey);
    gr_free(s->vector);
    *s = (gr_subject){0};
}

/* ---- what is explained
 * -------------------------------------------------------------------------------------------------------- */

void gr_subject_choose(const gr_subject *s, gr_subject_batch *batch, const float *values, const float *answers, float *seeds)
{
    const gr_aim *aim = s->aim;
    if (batch->answers != answers)
        memcpy(batch->answers, answers, (size_t)(batch->n * s->answers) * sizeof *answers);
    if (seeds != NULL)
        memset(seeds, 0, (size_t)(batch->n * s->values) * sizeof *seeds);
    for (int64_t i = 0; i < batch->n; i++) {
        const float *v = values + i * s->values, *a = answers + i * s->answers;
        const float *by = batch->decided != NULL ? batch->decided + i * s->answers : a;
        gr_found *f = &batch->found[i];
        *f = (gr_found){.name = aim->name, .probability = (double)NAN, .predicted = -1, .confidence = (double)NAN};
        int first = aim->kind == GR_AIM_TOTAL ? 0 : aim->index, last = aim->kind == GR_AIM_TOTAL ? aim->columns - 1 : first;
        for (int c = first; c <= last; c++) {
            bool chosen = aim->kind == GR_AIM_PREDICTED || (aim->kind == GR_AIM_TOTAL && aim->classes > 0);
            int at = chosen ? gr_aim_predicted(aim, by, c) : c;
            f->name = aim->kind == GR_AIM_PREDICTED ? at : f->name;
            f->value += (double)v[at];
            if (seeds != NULL)
                seeds[i * s->values + at] = 1;
        }
        if (f->name < aim->numbers && aim->classes > 0)
            f->probability = (double)a[f->name];
        if (aim->classes > 0 && aim->columns == 1) {
            f->predicted = gr_aim_predicted(aim, by, 0);
            f->confidence = (double)a[f->predicted];
        }
    }
}

/* ---- answers
 * ------------------------------------------------------------------------------------------------------------------ */

/* Does a dense layer make the value? */
static bool summed(const gr_subject *s)
{
    return s->value->maker != NULL && s->value->maker->type == &gr_op_dense;
}

static gr_status compile(gr_subject *s, gr_subject_way way, int64_t n, gr_error *err)
{
    gr_plan **plan = &s->plans[way];
    const gr_value *keep[] = {summed(s) ? s->value->maker->in[0] : s->value, s->network.model->answer};
    gr_plan_options options = {.batch = n < BATCH ? n : BATCH, .exact = way == GR_EXACTLY, .keep = keep, .keep_count = 2};
    if (*plan != NULL && options.batch <= gr_plan_batch(*plan))
        return GR_OK;
    gr_plan_destroy(*plan);
    *plan = NULL;
    return gr_plan_compile(s->network.model->graph, s->network.params, s->workspace, &options, plan, err);
}

/* values[n, values] from the features that the last dense layer reads. */
static void add_up(const gr_subject *s, const float *features, int64_t n, double *values)
{
    const gr_op *dense = s->value->maker;
    const gr_parameter *weight = s->network.model->graph->params[dense->param[0]];
    const float *numbers = s->network.params->values, *bias = NULL;
    int64_t count = weight->shape.dim[1];
    if (dense->param_count > 1)
        bias = numbers + s->network.model->graph->params[dense->param[1]]->offset;
    for (int64_t i = 0; i < n * s->values; i++) {
        const float *w = numbers + weight->offset + i % s->values * count, *x = features + i / s->values * count;
        values[i] = bias != NULL ? (double)bias[i % s->values] : 0.0;
        for (int64_t f = 0; f < count; f++)
            values[i] += (double)w[f] * (double)x[f];
    }
}

static void read_values(const gr_subject *s, const gr_plan *plan, int64_t n, double *values)
{
    if (summed(s)) {
        add_up(s, gr_plan_data(plan, s->value->maker->in[0]), n, values);
        return;
    }
    const float *kept = gr_plan_data(plan, s->value);
    for (int64_t i = 0; i < n * s->values; i++)
        values[i] = (double)kept[i];
}

static gr_status network_values(gr_subject *s, gr_subject_way way, const float *pixels, int64_t n, double *values,
                                float *answers, gr_error *err)
{
    const gr_model *m = s->network.model;
    gr_status status = compile(s, way, n, err);
    int64_t batch = status == GR_OK ? gr_plan_batch(s->plans[way]) : 0;
    for (int64_t done = 0; status == GR_OK && done < n; done += batch) {
        int64_t now = n - done < batch ? n - done : batch;
        gr_plan *plan = s->plans[way];
        memcpy(gr_plan_data(plan, m->image), pixels + done * s->pixels, (size_t)(now * s->pixels) * sizeof *pixels);
        gr_plan_forward(plan, 0, 0);
        read_values(s, plan, now, values + done * s->values);
        if (answers != NULL)
            memcpy(answers + done * s->answers, gr_plan_data(plan, m->answer),
                   (size_t)(now * s->answers) * sizeof *answers);
    }
    return status;
}

static gr_status machine_values(gr_subject *s, const float *pixels, int64_t n, double *values, float *answers, gr_error *err)
{
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        status = gr_lbp_svm_vector(pixels + i * s->pixels, (int)s->size, s->card->lbp, s->grey, s->vector, err);
        if (status != GR_OK)
            break;
        values[2 * i + 1] = gr_svm_decide(&s->svm, s->vector);
        values[2 * i] = -values[2 * i + 1];
        if (answers != NULL)
            gr_lbp_svm_probabilities(&s->svm, s->vector, answers + 2 * i);
    }
    return status;
}

gr_status gr_subject_values(gr_subject *s, gr_subject_way way, const float *pixels, int64_t n, double *values,
                            float *answers, gr_error *err)
{
    return s->network.model != NULL ? network_values(s, way, pixels, n, values, answers, err)
                                    : machine_values(s, pixels, n, values, answers, err);
}
