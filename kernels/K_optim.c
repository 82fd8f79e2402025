/* Update rules on flat arrays. The order of operations and roundings is that of PyTorch 1.13's torch.optim, one tensor at
 * a time: each line below is one of its in-place tensor operations; numbers are taken in double and rounded once. */
#include <math.h>

#include "parts.h"
#include "rows.h"

GR_INLINE gr_vf sign(gr_vf w)
{
    gr_vf one = gr_vset(1.0f);
    gr_vf positive = gr_vselect((gr_vi)(w > gr_vzero()), one, gr_vzero());
    return gr_vselect((gr_vi)(w < gr_vzero()), -one, positive);
}

/* g + l1 sign(w) + decay w */
GR_INLINE gr_vf regularised(gr_vf g, gr_vf w, float l1, float decay)
{
    if (l1 != 0.0f)
        g = gr_vfma(sign(w), gr_vset(l1), g);
    if (decay != 0.0f)
        g = gr_vfma(w, gr_vset(decay), g);
    return g;
}

typedef struct sgd_job {
    int64_t count;
    float *w, *momentum_buffer;
    const float *g;
    float lr, momentum, undamped, weight_decay, l1;
    bool nesterov, first_step;
} sgd_job;

GR_INLINE void sgd_at(const sgd_job *job, int64_t i, int64_t left)
{
    gr_vf w = gr_vload_upto(job->w + i, left);
    gr_vf d = regularised(gr_vload_upto(job->g + i, left), w, job->l1, job->weight_decay);
    if (job->momentum != 0.0f) {
        gr_vf momentum = gr_vset(job->momentum);
        gr_vf m = d;
        if (!job->first_step)
            m = gr_vfma(d, gr_vset(job->undamped), gr_vload_upto(job->momentum_buffer + i, left) * momentum);
        gr_vstore_upto(job->momentum_buffer + i, m, left);
        d = job->nesterov ? gr_vfma(m, momentum, d) : m;
    }
    gr_vstore_upto(job->w + i, gr_vfma(d, gr_vset(-job->lr), w), left);
}

static void sgd_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const sgd_job *shared = ctx;
    const sgd_job job = *shared; /* a copy, which the stores below cannot change */
    int64_t i = index * GR_FLAT_BLOCK, end = gr_least(job.count, i + GR_FLAT_BLOCK);
    for (; i + GR_VL <= end; i += GR_VL)
        sgd_at(&job, i, GR_VL);
    if (i < end)
        sgd_at(&job, i, end - i);
}

void GR_KERNEL(gr_sgd)(int64_t count, float *w, const float *g, float *momentum_buffer, double lr, double momentum,
                       double dampening, bool nesterov, double weight_decay, double l1, bool first_step)
{
    sgd_job job = {
        count,     w,        momentum_buffer, g, (float)lr, (float)momentum, (float)(1.0 - dampening), (float)weight_decay,
        (float)l1, nesterov, first_step};
    gr_parallel_for(gr_blocks(count, GR_FLAT_BLOCK), sgd_block, &job);
}

typedef struct adam_job {
    int64_t count;
    float *w, *m, *v;
    const float *g;
    float beta1, rest1, beta2, rest2;  /* rest: 1 - beta */
    float step_size, correction2, eps; /* lr / (1 - beta1^t), sqrt(1 - beta2^t) */
    float weight_decay, l1, keep;      /* keep: 1 - lr weight_decay when decoupled, else 1 */
} adam_job;

GR_INLINE void adam_at(const adam_job *job, int64_t i, int64_t left)
{
    gr_vf w = gr_vload_upto(job->w + i, left);
    gr_vf g = regularised(gr_vload_upto(job->g + i, left), w, job->l1, job->weight_decay);
    w *= gr_vset(job->keep);
    gr_vf m = gr_vfma(g, gr_vset(job->rest1), gr_vload_upto(job->m + i, left) * gr_vset(job->beta1));
    gr_vf v = gr_vfma(gr_vset(job->rest2) * g, g, gr_vload_upto(job->v + i, left) * gr_vset(job->beta2));
    gr_vf denominator = gr_vsqrt(v) / gr_vset(job->correction2) + gr_vset(job->eps);
    gr_vstore_upto(job->m + i, m, left);
    gr_vstore_upto(job->v + i, v, left);
    gr_vstore_upto(job->w + i, w + gr_vset(-job->step_size) * m / denominator, left);
}

static void adam_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const adam_job *shared = ctx;
    const adam_job job = *shared; /* a copy, which the stores below cannot change */
    int64_t i = index * GR_FLAT_BLOCK, end = gr_least(job.count, i + GR_FLAT_BLOCK);
    for (; i + GR_VL <= end; i += GR_VL)
        adam_at(&job, i, GR_VL);
    if (i < end)
        adam_at(&job, i, end - i);
}

void GR_KERNEL(gr_adam)(int64_t count, float *w, const float *g, float *m, float *v, double lr, double beta1, double beta2,
                        double eps, double weight_decay, double l1, bool decoupled, int64_t step)
{
    adam_job job = {.count = count, .w = w, .m = m, .v = v, .g = g};
    job.beta1 = (float)beta1;
    job.rest1 = (float)(1.0 - beta1);
    job.beta2 = (float)beta2;
    job.rest2 = (float)(1.0 - beta2);
    job.step_size = (float)(lr / (1.0 - pow(beta1, (double)step)));
    job.correction2 = (float)sqrt(1.0 - pow(beta2, (double)step));
    job.eps = (float)eps;
    job.weight_decay = decoupled ? 0.0f : (float)weight_decay;
    job.l1 = (float)l1;
    job.keep = decoupled ? (float)(1.0 - lr * weight_decay) : 1.0f;
    gr_parallel_for(gr_blocks(count, GR_FLAT_BLOCK), adam_block, &job);
}
