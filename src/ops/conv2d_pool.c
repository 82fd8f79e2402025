/* A max pool that a convolution has taken over: its shape, and its passes where the convolution's algorithm leaves it to
 * them. */
#include "ops/conv2d_pool.h"

#include "ops/shapes.h"

bool gr_conv_pool_takes(const gr_pool_args *pool)
{
    bool good = !pool->ceil_mode && !pool->same;
    for (int i = 0; i < 2; i++)
        good = good && pool->pad[i] == 0 && pool->stride[i] == pool->kernel[i];
    return good;
}

gr_shape gr_conv_pool_shape(const gr_shape *map, const gr_pool_args *pool)
{
    return gr_shape4(map->dim[0], map->dim[1] / pool->kernel[0], map->dim[2] / pool->kernel[1], map->dim[3]);
}

gr_pool_problem gr_conv_pool_problem(const gr_conv_problem *p, const gr_pool_args *pool)
{
    int64_t kh = pool->kernel[0], kw = pool->kernel[1];
    return (gr_pool_problem){p->n, p->oh, p->ow, p->oc, kh, kw, p->oh / kh, p->ow / kw, kh, kw, 0, 0, false};
}

void gr_conv_pool_forward(const gr_conv_problem *p, const gr_pool_args *args, gr_act act, const float *map, float *y,
                          uint8_t *index)
{
    gr_pool_problem pool = gr_conv_pool_problem(p, args);
    gr_kernels_get()->max_pool(&pool, map, y, index, NULL);
    if (act == GR_ACT_RELU)
        gr_kernels_get()->relu(pool.n * pool.oh * pool.ow * pool.c, y, y);
}

void gr_conv_pool_backward(const gr_conv_problem *p, const gr_pool_args *args, const uint8_t *index, const float *dy,
                           float *map)
{
    gr_pool_problem pool = gr_conv_pool_problem(p, args);
    gr_kernels_get()->max_pool_backward(&pool, index, dy, map, false, NULL);
}
