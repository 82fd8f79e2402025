/* Clipping:
 *
 *   value        g = min(max(g, -value), value)                          (Keras's clipvalue, torch's clip_grad_value_)
 *   norm         g *= norm / max(|g|, norm) for each tensor              (Keras's clipnorm)
 *   global norm  g *= norm / max(|all g|, norm)                          (Keras's global_clipnorm)
 *                g *= min(norm / (|all g| + 1e-6), 1)                    (torch's clip_grad_norm_) */
#include "optim/clip.h"

#include <math.h>

#include "base/base.h"

enum { BLOCK = 16384, LANES = 16 };

typedef struct job {
    float *data;
    size_t count;
    float factor, low, high;
} job;

/* The sum of squares: in double, in as many strands as a compiler likes, which are added in order. */
static double squares(const float *g, size_t count)
{
    double strands[LANES] = {0}, sum = 0;
    size_t whole = count / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++)
            strands[k] += (double)g[i + (size_t)k] * (double)g[i + (size_t)k];
    for (size_t i = whole; i < count; i++)
        strands[i - whole] += (double)g[i] * (double)g[i];
    for (int k = 0; k < LANES; k++)
        sum += strands[k];
    return sum;
}

static void shorten(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job j = *(const job *)ctx;
    size_t begin = (size_t)index * BLOCK, end = begin + BLOCK < j.count ? begin + BLOCK : j.count;
    for (size_t i = begin; i < end; i++) {
        float g = j.data[i] * j.factor;
        g = g < j.low ? j.low : g;
        j.data[i] = g > j.high ? j.high : g;
    }
}

static void apply(float *data, size_t count, double factor, double bound)
{
    job j = {data, count, (float)factor, -(float)bound, (float)bound};
    gr_parallel_for((int64_t)((count + BLOCK - 1) / BLOCK), shorten, &j);
}

void gr_optim_clip(const gr_optim_options *options, const gr_span *spans, int count, float *gradients)
{
    double all = 0;
    for (int i = 0; i < count; i++) {
        float *g = gradients + spans[i].offset;
        if (options->clip_value > 0)
            apply(g, spans[i].count, 1, options->clip_value);
        double sum = options->clip_norm > 0 || options->clip_global_norm > 0 ? squares(g, spans[i].count) : 0;
        if (options->clip_norm > 0 && sqrt(sum) > options->clip_norm)
            apply(g, spans[i].count, options->clip_norm / sqrt(sum), (double)INFINITY);
        all += sum;
    }
    if (!(options->clip_global_norm > 0))
        return;
    double length = options->keras ? sqrt(all) : sqrt(all) + 1e-6;
    for (int i = 0; i < count && length > options->clip_global_norm; i++)
        apply(gradients + spans[i].offset, spans[i].count, options->clip_global_norm / length, (double)INFINITY);
}
