/* Declares, for the instruction set being compiled, every kernel that the table names. Private to kernels/K_*.c. The
 * contract of each is the comment over its slot in kernels.h. */
#ifndef GR_PARTS_H
#define GR_PARTS_H

#include "kernels.h"
#include "simd.h"

extern const gr_conv_algorithm GR_KERNEL(gr_first), GR_KERNEL(gr_winograd), GR_KERNEL(gr_winograd_few),
    GR_KERNEL(gr_depthwise_rows), GR_KERNEL(gr_depthwise), GR_KERNEL(gr_implicit_gemm), GR_KERNEL(gr_conv_reference),
    GR_KERNEL(gr_depthwise_back), GR_KERNEL(gr_pointwise_back), GR_KERNEL(gr_image_weight), GR_KERNEL(gr_image_rows);

void GR_KERNEL(gr_gemm)(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                        const float *b, int64_t ldb, float *c, int64_t ldc, bool accumulate);

/* gr_gemm of a and of b transposed, n is 1 or 2: gr_gemm itself hands these over. */
void GR_KERNEL(gr_gemm_skinny)(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb, float *c,
                               int64_t ldc, bool accumulate);

void GR_KERNEL(gr_relu)(int64_t count, const float *x, float *y);
void GR_KERNEL(gr_relu_backward)(int64_t count, const float *y, const float *dy, float *dx, bool accumulate);
void GR_KERNEL(gr_add)(int64_t count, const float *a, const float *b, float *y);
void GR_KERNEL(gr_accumulate)(int64_t count, const float *x, float *y);
void GR_KERNEL(gr_sigmoid)(int64_t count, const float *x, float *y);
void GR_KERNEL(gr_sigmoid_backward)(int64_t count, const float *y, const float *dy, float *dx, bool accumulate);
void GR_KERNEL(gr_activate)(gr_act act, int64_t count, const float *x, float *y);
void GR_KERNEL(gr_activate_backward)(gr_act act, int64_t count, const float *x, const float *dy, float *dx, bool accumulate);
void GR_KERNEL(gr_shuffle)(int64_t rows, int64_t groups, int64_t per_group, const float *x, float *y, bool accumulate);
void GR_KERNEL(gr_in_turns)(const gr_turns *t);
void GR_KERNEL(gr_apart)(const gr_turns *t);
void GR_KERNEL(gr_scale_channels)(int64_t n, int64_t pixels, int64_t c, const float *x, const float *s, float *y);
void GR_KERNEL(gr_scale_channels_backward)(int64_t n, int64_t pixels, int64_t c, const float *x, const float *s,
                                           const float *dy, float *dx, bool accumulate_dx, float *ds, bool accumulate_ds);
void GR_KERNEL(gr_prelu)(int64_t rows, int64_t c, const float *x, const float *a, float *y);
void GR_KERNEL(gr_prelu_backward)(int64_t rows, int64_t c, const float *x, const float *a, const float *dy, bool kink,
                                  float *dx, bool accumulate, float *da);
void GR_KERNEL(gr_lazy_avg_pool)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f, float *y);
void GR_KERNEL(gr_lazy_scale)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f, const float *s,
                              float *y);
void GR_KERNEL(gr_lazy_scale_backward)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f,
                                       const float *s, const float *dy, float *dx, bool accumulate_dx, float *ds,
                                       bool accumulate_ds);
void GR_KERNEL(gr_add_bias)(int64_t rows, int64_t c, const float *bias, float *y);
void GR_KERNEL(gr_sum_rows)(int64_t rows, int64_t c, const float *dy, float *db, bool accumulate);

void GR_KERNEL(gr_bn_stats)(int64_t rows, int64_t c, const float *x, float *mean, float *var);
void GR_KERNEL(gr_bn_stats_from_blocks)(int64_t rows, int64_t c, int64_t blocks, const float *stats, float *mean, float *var);
void GR_KERNEL(gr_affine)(int64_t rows, int64_t c, const float *x, const float *scale, const float *shift,
                          const gr_residual *residual, gr_act act, float *y);
void GR_KERNEL(gr_bn_backward_sums)(int64_t rows, int64_t c, const float *x, const gr_bn_gradient *g,
                                    double *sum_g, double *sum_gx);
void GR_KERNEL(gr_bn_backward_data)(int64_t rows, int64_t c, const float *x, const float *dy, const float *mask,
                                    const float *a, const float *b, const float *k, float *dx, bool accumulate);

void GR_KERNEL(gr_max_pool)(const gr_pool_problem *p, const float *x, float *y, uint8_t *index, const gr_pool_fusion *fusion);
void GR_KERNEL(gr_max_pool_backward)(const gr_pool_problem *p, const uint8_t *index, const float *dy, float *dx, bool accumulate,
                                     const gr_pool_fusion *fusion);
void GR_KERNEL(gr_avg_pool)(const gr_pool_problem *p, const float *x, float *y);
void GR_KERNEL(gr_avg_pool_backward)(const gr_pool_problem *p, const float *dy, float *dx, bool accumulate);
void GR_KERNEL(gr_global_avg_pool)(int64_t n, int64_t pixels, int64_t c, const float *x, float *y);
void GR_KERNEL(gr_global_avg_pool_backward)(int64_t n, int64_t pixels, int64_t c, const float *dy, float *dx, bool accumulate);

void GR_KERNEL(gr_sgd)(int64_t count, float *w, const float *g, float *momentum_buffer, double lr, double momentum,
                       double dampening, bool nesterov, double weight_decay, double l1, bool first_step);
void GR_KERNEL(gr_adam)(int64_t count, float *w, const float *g, float *m, float *v, double lr, double beta1, double beta2,
                        double eps, double weight_decay, double l1, bool decoupled, int64_t step);

void GR_KERNEL(gr_update)(gr_update_rule rule, const gr_update *update);

void GR_KERNEL(gr_f32_to_bf16)(int64_t count, const float *x, uint16_t *y);
void GR_KERNEL(gr_bf16_to_f32)(int64_t count, const uint16_t *x, float *y);

void GR_KERNEL(gr_affine_stored)(const gr_norm_stored *norm);
void GR_KERNEL(gr_bn_sums_stored)(const gr_norm_stored *norm, double *sum_g, double *sum_gx);
void GR_KERNEL(gr_bn_data_stored)(const gr_norm_stored *norm);
void GR_KERNEL(gr_max_pool_stored)(const gr_pool_problem *p, const gr_pool_stored *pool);
void GR_KERNEL(gr_max_pool_backward_stored)(const gr_pool_problem *p, const gr_pool_stored *pool);
void GR_KERNEL(gr_pass_stored)(int64_t count, gr_stored from, gr_stored to, bool accumulate);

void GR_KERNEL(gr_windows_row)(const gr_windows *w, const int32_t *base, int64_t count, uint64_t *passed, uint64_t *failed,
                               float *norms);
void GR_KERNEL(gr_windows_rest)(const gr_windows *w, const int32_t *base, int64_t count, const float *norms, uint64_t *live);
void GR_KERNEL(gr_shrink_across)(int64_t width, const uint8_t *in, const int32_t *at, const uint16_t *weight, uint16_t *out);
void GR_KERNEL(gr_shrink_down)(int64_t width, const uint16_t *upper, const uint16_t *lower, unsigned weight, uint8_t *out);
void GR_KERNEL(gr_integral_row)(int64_t width, const uint8_t *in, uint32_t *sums, uint32_t *squares, uint32_t *scratch);
void GR_KERNEL(gr_tilted_row)(int64_t width, const uint8_t *in, const uint8_t *above, const uint32_t *last,
                              const uint32_t *before, uint32_t *out);
void GR_KERNEL(gr_split_columns)(int64_t count, const uint32_t *in, int64_t half, int32_t *out);
extern const struct gr_picture_kernels GR_KERNEL(gr_picture_kernels);
extern const struct gr_tree_kernels GR_KERNEL(gr_tree_kernels);

#endif
