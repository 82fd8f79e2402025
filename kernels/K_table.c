/* One instruction set's table: every slot filled, so that no caller checks. */
#include "kernels.h"
#include "matrix_image.h"
#include "matrix_taps.h"
#include "one_pass.h"
#include "parts.h"
#include "winograd_image.h"
#include "winograd_line.h"
#include "winograd_strided.h"
#include "winograd_strided_weight.h"

static const gr_conv_algorithm *const conv[] = {
    &GR_KERNEL(gr_first),
#if GR_PAIR_STEP > 1
    &GR_KERNEL(gr_matrix_taps),
    &GR_KERNEL(gr_matrix_image),
#endif
    &GR_KERNEL(gr_winograd_few),
    &GR_KERNEL(gr_winograd),
    &GR_KERNEL(gr_winograd_small),
    &GR_KERNEL(gr_winograd_line),
    &GR_KERNEL(gr_winograd_strided),
    &GR_KERNEL(gr_winograd_strided_weight),
    &GR_KERNEL(gr_depthwise_one_pass),
    &GR_KERNEL(gr_depthwise_rows),
    &GR_KERNEL(gr_depthwise),
    &GR_KERNEL(gr_winograd_image),
    &GR_KERNEL(gr_winograd_image_weight),
    &GR_KERNEL(gr_image_rows),
    &GR_KERNEL(gr_image_weight),
    &GR_KERNEL(gr_winograd_image_line),
    &GR_KERNEL(gr_one_pass_image),
    &GR_KERNEL(gr_one_pass),
    &GR_KERNEL(gr_implicit_gemm),
    &GR_KERNEL(gr_conv_reference),
    NULL,
};

static const gr_conv_algorithm *const conv_back[] = {&GR_KERNEL(gr_depthwise_back), &GR_KERNEL(gr_pointwise_back), NULL};

#define GR_TEXT_(x) #x
#define GR_TEXT(x) GR_TEXT_(x)

const gr_kernels GR_KERNEL(gr_kernels) = {
    .isa = GR_TEXT(GR_ISA),
    .vector_floats = GR_VL,
    .conv = conv,
    .conv_back = conv_back,
    .join = &GR_KERNEL(gr_one_pass_join),
    .gemm = GR_KERNEL(gr_gemm),
    .relu = GR_KERNEL(gr_relu),
    .relu_backward = GR_KERNEL(gr_relu_backward),
    .add = GR_KERNEL(gr_add),
    .accumulate = GR_KERNEL(gr_accumulate),
    .sigmoid = GR_KERNEL(gr_sigmoid),
    .sigmoid_backward = GR_KERNEL(gr_sigmoid_backward),
    .activate = GR_KERNEL(gr_activate),
    .activate_backward = GR_KERNEL(gr_activate_backward),
    .shuffle = GR_KERNEL(gr_shuffle),
    .scale_channels = GR_KERNEL(gr_scale_channels),
    .scale_channels_backward = GR_KERNEL(gr_scale_channels_backward),
    .prelu = GR_KERNEL(gr_prelu),
    .prelu_backward = GR_KERNEL(gr_prelu_backward),
    .add_bias = GR_KERNEL(gr_add_bias),
    .sum_rows = GR_KERNEL(gr_sum_rows),
    .bn_stats = GR_KERNEL(gr_bn_stats),
    .bn_stats_from_blocks = GR_KERNEL(gr_bn_stats_from_blocks),
    .affine = GR_KERNEL(gr_affine),
    .bn_backward_sums = GR_KERNEL(gr_bn_backward_sums),
    .bn_backward_data = GR_KERNEL(gr_bn_backward_data),
    .max_pool = GR_KERNEL(gr_max_pool),
    .max_pool_backward = GR_KERNEL(gr_max_pool_backward),
    .avg_pool = GR_KERNEL(gr_avg_pool),
    .avg_pool_backward = GR_KERNEL(gr_avg_pool_backward),
    .global_avg_pool = GR_KERNEL(gr_global_avg_pool),
    .global_avg_pool_backward = GR_KERNEL(gr_global_avg_pool_backward),
    .sgd = GR_KERNEL(gr_sgd),
    .adam = GR_KERNEL(gr_adam),
    .update = GR_KERNEL(gr_update),
    .f32_to_bf16 = GR_KERNEL(gr_f32_to_bf16),
    .bf16_to_f32 = GR_KERNEL(gr_bf16_to_f32),
    .affine_stored = GR_KERNEL(gr_affine_stored),
    .bn_sums_stored = GR_KERNEL(gr_bn_sums_stored),
    .bn_data_stored = GR_KERNEL(gr_bn_data_stored),
    .max_pool_stored = GR_KERNEL(gr_max_pool_stored),
    .max_pool_backward_stored = GR_KERNEL(gr_max_pool_backward_stored),
    .pass_stored = GR_KERNEL(gr_pass_stored),
    .windows_row = GR_KERNEL(gr_windows_row),
    .windows_rest = GR_KERNEL(gr_windows_rest),
    .shrink_across = GR_KERNEL(gr_shrink_across),
    .shrink_down = GR_KERNEL(gr_shrink_down),
    .integral_row = GR_KERNEL(gr_integral_row),
    .tilted_row = GR_KERNEL(gr_tilted_row),
    .split_columns = GR_KERNEL(gr_split_columns),
    .in_turns = GR_KERNEL(gr_in_turns),
    .apart = GR_KERNEL(gr_apart),
    .lazy_avg_pool = GR_KERNEL(gr_lazy_avg_pool),
    .lazy_scale = GR_KERNEL(gr_lazy_scale),
    .lazy_scale_backward = GR_KERNEL(gr_lazy_scale_backward),
    .pictures = &GR_KERNEL(gr_picture_kernels),
    .trees = &GR_KERNEL(gr_tree_kernels),
};
