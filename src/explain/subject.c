/* A model loaded for explaining, and its answers. */
#include "explain/subject.h"

#include <math.h>
#include <string.h>

#include "graph/op.h"
#include "learners/lbp_svm_models.h"
#include "learners/lbp_svm_vector.h"

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

void gr_subject_close(gr_subject *s)
{
    gr_plan_destroy(s->plan);
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

static gr_status compile(gr_subject *s, int64_t n, gr_error *err)
{
    const gr_value *keep[] = {s->value, s->network.model->answer};
    gr_plan_options options = {.batch = n < BATCH ? n : BATCH, .keep = keep, .keep_count = 2};
    if (s->plan != NULL && options.batch <= s->plan_batch)
        return GR_OK;
    gr_plan_destroy(s->plan);
    s->plan = NULL;
    s->plan_batch = options.batch;
    return gr_plan_compile(s->network.model->graph, s->network.params, s->workspace, &options, &s->plan, err);
}

static gr_status network_values(gr_subject *s, const float *pixels, int64_t n, float *values, float *answers, gr_error *err)
{
    const gr_model *m = s->network.model;
    gr_status status = compile(s, n, err);
    for (int64_t done = 0; status == GR_OK && done < n; done += s->plan_batch) {
        int64_t now = n - done < s->plan_batch ? n - done : s->plan_batch;
        memcpy(gr_plan_data(s->plan, m->image), pixels + done * s->pixels, (size_t)(now * s->pixels) * sizeof *pixels);
        gr_plan_forward(s->plan, 0, 0);
        memcpy(values + done * s->values, gr_plan_data(s->plan, s->value), (size_t)(now * s->values) * sizeof *values);
        if (answers != NULL)
            memcpy(answers + done * s->answers, gr_plan_data(s->plan, m->answer),
                   (size_t)(now * s->answers) * sizeof *answers);
    }
    return status;
}

static gr_status machine_values(gr_subject *s, const float *pixels, int64_t n, float *values, float *answers, gr_error *err)
{
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        status = gr_lbp_svm_vector(pixels + i * s->pixels, (int)s->size, s->card->lbp, s->grey, s->vector, err);
        if (status != GR_OK)
            break;
        values[2 * i + 1] = (float)gr_svm_decide(&s->svm, s->vector);
        values[2 * i] = -values[2 * i + 1];
        if (answers != NULL)
            gr_lbp_svm_probabilities(&s->svm, s->vector, answers + 2 * i);
    }
    return status;
}

gr_status gr_subject_values(gr_subject *s, const float *pixels, int64_t n, float *values, float *answers, gr_error *err)
{
    return (s->network.model != NULL ? network_values : machine_values)(s, pixels, n, values, answers, err);
}
