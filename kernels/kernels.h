/* The kernels: inner loops on pointers, sizes and strides, and the table that holds one instruction set's worth of them.
 *
 * Every kernels/K_*.c is compiled once per instruction set (see simd.h and the Makefile); each build fills one
 * `gr_kernels`. dispatch.c picks the table at start. A kernel allocates nothing, knows no tensor and no file, and gives
 * the same bits with any number of threads: it cuts its work into blocks whose sizes follow from the shape and the
 * instruction set alone, and adds up in a fixed order.
 *
 * Letters: N images, H x W input pixels, C input channels, KH x KW taps, OH x OW output pixels, OC output channels.
 * All tensors are float32, dense, NHWC. Weights are [KH, KW, C/groups, OC]. No pointer needs alignment beyond float's,
 * except `scratch` and `packed` (64 bytes). An output that is not `accumulate`d is never read. */
#ifndef GR_KERNELS_H
#define GR_KERNELS_H

#include <stdbool.h>

#include "base/base.h"
#include "update.h"
#include "windows.h"

/* ---- activations ------------------------------------------------------------------------------------------------------ */

typedef enum gr_act {
    GR_ACT_NONE,         /* x */
    GR_ACT_RELU,         /* max(x, 0) */
    GR_ACT_RELU6,        /* min(max(x, 0), 6) */
    GR_ACT_HARD_SIGMOID, /* min(max(x + 3, 0), 6) / 6 */
    GR_ACT_HARD_SWISH,   /* x min(max(x + 3, 0), 6) / 6 */
    GR_ACT_SILU          /* x / (1 + exp(-x)) */
} gr_act;

/* ---- convolution ------------------------------------------------------------------------------------------------------ */

typedef enum gr_direction {
    GR_FORWARD,   /* y  = x * w                    */
    GR_BACKDATA,  /* dx = dy * w, transposed       */
    GR_BACKWEIGHT /* dw = x * dy, summed over N OH OW */
} gr_direction;

/* Which tensors of a convolution are stored as bfloat16 numbers, uint16_t behind the pointers to float: x (and mask_x), the
 * gradient dx, y (as `gr_conv_fusion.y`, too), the gradient dy. Weights, their gradient, residual and sums never are. */
typedef struct gr_conv_narrow {
    bool x, dx, y, dy;
} gr_conv_narrow;

typedef struct gr_conv_problem {
    int64_t n, h, w, c, oc, kh, kw, oh, ow;
    int64_t stride_h, stride_w, pad_top, pad_left, dil_h, dil_w, groups; /* bottom and right padding follow from oh, ow */
    bool bf16;  /* the factors of products may be rounded to bfloat16, as the convolution reads them; sums are float32. A way
                   that is faster in float32 may keep them */
    bool exact; /* no way that transforms what it reads and so rounds more than the sums themselves do */
    gr_conv_narrow narrow; /* with bf16 only */
    bool explained;        /* what is computed is taken apart, and gradients bend where a ReLU is near 0: as in training */
} gr_conv_problem;

typedef struct gr_pool_problem {
    int64_t n, h, w, c, kh, kw, oh, ow, stride_h, stride_w, pad_top, pad_left;
    bool count_include_pad; /* average pooling: divide by KH * KW even where the window leaves the image */
} gr_pool_problem;

/* In the place of a chosen tap: the ReLU behind the pool gave 0, so that no gradient passes. */
enum { GR_POOL_CLOSED = 255 };

/* What a convolution may do to what it reads and writes, so that a memory pass is saved. Zero: nothing. */
typedef struct gr_conv_fusion {
    /* Forward and weight direction: x is read as act(x * in_scale[c] + in_shift[c]) (the batch norm before it); padding
     * stays 0. NULL: x as it is. in_act may be set with NULL scale. */
    const float *in_scale, *in_shift; /* [C] */
    gr_act in_act;
    /* Data and weight direction: dy is read as dy * out_a[oc] + y * out_b[oc] + out_c[oc], which is batch norm's backward
     * in the batch norm behind this convolution (y: this convolution's output). NULL: dy as it is. */
    const float *y, *out_a, *out_b, *out_c; /* y [N,OH,OW,OC], the others [OC] */
    /* Forward: y += bias[oc]; y += residual; y = act(y), in this order. */
    const float *bias;     /* [OC] or NULL */
    const float *residual; /* [N,OH,OW,OC] or NULL */
    gr_act act;
    /* Forward: per-channel sums of y (after bias, before residual) and of y*y, one pair for each of gr_conv_stat_blocks
     * blocks, for the batch norm behind: stats[block][2][OC]. NULL: none. */
    float *stats;
    /* Data: dx = dx * mask_act'(mask_x * mask_scale[c] + mask_shift[c]) (the backward of the activation in front, from the
     * raw x), and, with mask_stats, per-channel sums of that dx and of dx * mask_x: mask_stats[block][2][C]. NULL mask_x:
     * none. NULL mask_scale with mask_x: mask_act'(mask_x). With `accumulate`, dx is the sum of old and new. */
    const float *mask_x, *mask_scale, *mask_shift;
    gr_act mask_act;
    float *mask_stats;
    /* For algorithms that pool; kh 0: none. Behind the convolution and its bias stands this max pool, and behind that `act`.
     * Forward: the output is the pool's, [N,PH,PW,OC], and pool_index [N,PH,PW,OC] holds the tap that was chosen or
     * GR_POOL_CLOSED. Data, weight: dy is the gradient behind `act`, [N,PH,PW,OC], and pool_index says where it belongs;
     * weight: bias_gradient [OC], unless NULL, gets the sums of what passes (of those with sums_bias). */
    gr_pool_problem pool;
    uint8_t *pool_index;
    float *bias_gradient;
} gr_conv_fusion;

typedef struct gr_conv_args {
    const float *x;               /* [N,H,W,C]    forward, weight */
    const void *packed;           /* what `pack` made of the weights: forward, data */
    const float *dy;              /* [N,OH,OW,OC] data, weight */
    float *out;                   /* y | dx | dw */
    bool accumulate;              /* out += instead of out = (data and weight direction only) */
    const gr_conv_fusion *fusion; /* or NULL */
    void *scratch;                /* of scratch_size bytes, 64-byte aligned */
    float *dw;                    /* both directions of backward at once: [KH,KW,C/groups,OC], never added to */
} gr_conv_args;

/* One way to compute a convolution. An ordered list of them ends in the plain-loop reference, which takes everything that is
 * float32; what is narrow is taken by implicit GEMM at the latest. */
typedef struct gr_conv_algorithm {
    const char *name; /* "first", "winograd", "implicit_gemm", "depthwise", "reference" */
    bool pools;       /* knows of a max pool behind (fusion->pool), which the others do not look at */
    bool wants_pool;  /* takes no problem without one */
    bool sums_bias;   /* with a pool, weight direction: fills bias_gradient */
    /* NULL when this way takes the problem in this direction with this fusion, else the reason why not (static text). */
    const char *(*refuses)(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion);
    /* Bytes of `packed` (forward, data; 0 for weight direction) and of scratch for `threads` threads. */
    size_t (*packed_size)(const gr_conv_problem *p, gr_direction d);
    size_t (*scratch_size)(const gr_conv_problem *p, gr_direction d, int threads);
    /* Number of blocks in `stats` (forward) or `mask_stats` (data). */
    int64_t (*stat_blocks)(const gr_conv_problem *p, gr_direction d);
    /* weights [KH,KW,C/groups,OC] -> packed. Parallel inside. */
    void (*pack)(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed);
    /* Computes. Parallel inside (gr_parallel_for). */
    void (*run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);
    /* The blocking in a few words ("14 tiles x 32 channels, 896 blocks of 28 tiles") into text[size]. */
    void (*describe)(const gr_conv_problem *p, gr_direction d, char *text, size_t size);
} gr_conv_algorithm;

/* Two convolutions at inference, the second of which alone reads what the first makes, run as one. */
typedef struct gr_conv_join {
    const gr_conv_algorithm *first, *second; /* whose packed weights and scratch they have */
    /* Does it take these two, each with its fusion, for `threads` threads? The results' bits are those of one after the
     * other. */
    bool (*takes)(const gr_conv_problem *first, const gr_conv_fusion *f, const gr_conv_problem *second,
                  const gr_conv_fusion *g, int threads);
    /* `a` and `b` as for each alone; a->out is room for what is between them, and does not hold it afterwards. Parallel
     * inside, for no more threads than `threads`. */
    void (*run)(const gr_conv_problem *first, const gr_conv_args *a, const gr_conv_problem *second, const gr_conv_args *b,
                int threads);
} gr_conv_join;

/* ---- the table ---------------------------------------------------------------------------------------------------------
 */

/* Max pooling of a lazy x: x stands for ReLU(x * scale[c] + shift[c]) (the batch norm in front). Backward masks dx where
 * that is 0 and leaves sums of dx and of dx * x, mask_stats[n * h][2][C], one pair for each row of inputs. */
typedef struct gr_pool_fusion {
    const float *scale, *shift; /* [C] */
    const float *x;             /* backward: [N,H,W,C] */
    float *mask_stats;          /* backward */
} gr_pool_fusion;

/* The gradient g behind batch norm's affine map, [rows][c]: dy as it is; or, after a ReLU, dy where its output is above 0;
 * or, after another activation of z = x scale[c] + shift[c], dy act'(z). */
typedef struct gr_bn_gradient {
    const float *dy;
    const float *relu_out;      /* or NULL */
    const float *scale, *shift; /* [C]; NULL: no other activation */
    gr_act act;
    float *out; /* where g is written too; may be dy; NULL: nowhere */
    /* With scale: in the place of dy stands dy factors[n][c] + shares[n][c], what a squeezed and scaled map's readers pass to it,
     * an image having `pixels` rows. NULL: as it is. */
    const float *factors, *shares;
    int64_t pixels;
} gr_bn_gradient;

/* A tensor as it is stored: float32 or, narrow, bfloat16 (uint16_t). NULL data: none. */
typedef struct gr_stored {
    void *data;
    bool narrow;
} gr_stored;

/* What is added to a batch norm's rows: data[rows][c], or, where scale[c] is not NULL, data * scale + shift: another batch norm
 * that was left to this pass. NULL data: nothing. */
typedef struct gr_residual {
    const float *data, *scale, *shift;
} gr_residual;

/* The passes of a batch norm (and its activation, and a residual) over tensors of which some are narrow; what is NULL is not
 * there. The arithmetic is that of affine, bn_backward_sums and bn_backward_data, in float32. */
typedef struct gr_norm_stored {
    int64_t rows, c;
    gr_stored x, residual, y;   /* y: also what says where ReLU passed */
    gr_stored dy, g, dx;        /* g: where the gradient behind the affine map is left; may be dy */
    const float *scale, *shift; /* [C] */
    const float *residual_scale, *residual_shift; /* [C], as gr_residual's */
    gr_act act;
    const float *a, *b, *k; /* [C] */
    bool accumulate;        /* dx += */
} gr_norm_stored;

/* Max pooling over tensors of which some are narrow. Lazy (scale is not NULL): as gr_pool_fusion. */
typedef struct gr_pool_stored {
    gr_stored x, y, dy, dx;
    uint8_t *index;
    const float *scale, *shift;
    float *mask_stats;
    bool accumulate;
} gr_pool_stored;

/* x [..][C] is not what it says: it stands for act(x scale[c] + shift[c]), the batch norm in front; act is ReLU, hard-swish
 * or SiLU. */
typedef struct gr_stands_for {
    const float *scale, *shift;
    gr_act act;
} gr_stands_for;

/* Rows of two tensors and of one in which their numbers stand in turns: y[r][2 k] = a[r][k], y[r][2 k + 1] = b[r][k]. */
typedef struct gr_turns {
    int64_t rows, count;  /* count numbers of a row of a, as many of b */
    int64_t step, y_step; /* from row to row of a and b, of y */
    float *a, *b, *y;
    bool accumulate_a, accumulate_b; /* apart: added to what is there */
} gr_turns;

typedef struct gr_kernels {
    const char *isa;   /* "generic", "avx2", "avx512", "avx512_bf16", "amx_bf16" */
    int vector_floats; /* floats in one vector */

    /* Ordered by preference, NULL-terminated; the last takes everything. */
    const gr_conv_algorithm *const *conv;

    /* Matrix product: c[m][n] (+)= a * b with a [m][k] or, when trans_a, [k][m]; b [k][n] or, when trans_b, [n][k]; row
     * strides lda, ldb, ldc in floats. The same bits with any number of threads. Parallel inside. No scratch is needed. */
    void (*gemm)(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b,
                 int64_t ldb, float *c, int64_t ldc, bool accumulate);

    /* Elementwise, over `count` floats; y may be x. Parallel inside. */
    void (*relu)(int64_t count, const float *x, float *y);
    void (*relu_backward)(int64_t count, const float *y, const float *dy, float *dx,
                          bool accumulate); /* dx = dy where y > 0 */
    void (*add)(int64_t count, const float *a, const float *b, float *y);
    void (*accumulate)(int64_t count, const float *x, float *y); /* y += x */
    void (*sigmoid)(int64_t count, const float *x, float *y);
    void (*sigmoid_backward)(int64_t count, const float *y, const float *dy, float *dx, bool accumulate);
    /* y = act(x), y may be x; and dx (+)= dy act'(x), dx may be dy. */
    void (*activate)(gr_act act, int64_t count, const float *x, float *y);
    void (*activate_backward)(gr_act act, int64_t count, const float *x, const float *dy, float *dx, bool accumulate);

    /* Rows of length c: y[r][c] = x[r][c] + bias[c]; and db[c] (+)= sum over rows of dy. */
    void (*add_bias)(int64_t rows, int64_t c, const float *bias, float *y);
    void (*sum_rows)(int64_t rows, int64_t c, const float *dy, float *db, bool accumulate);

    /* y[r][k * groups + g] = x[r][g * per_group + k], added to y when accumulate: a channel shuffle, and with groups and
     * per_group exchanged the way back. */
    void (*shuffle)(int64_t rows, int64_t groups, int64_t per_group, const float *x, float *y, bool accumulate);
    /* [n][pixels][c] times s [n][c]: y = x s; and dx (+)= dy s, ds (+)= sum over pixels of dy x. y may be x; dx and ds may
     * be NULL. */
    void (*scale_channels)(int64_t n, int64_t pixels, int64_t c, const float *x, const float *s, float *y);
    void (*scale_channels_backward)(int64_t n, int64_t pixels, int64_t c, const float *x, const float *s, const float *dy,
                                    float *dx, bool accumulate_dx, float *ds, bool accumulate_ds);
    /* Rows of length c: y = x above 0, else a[c] x; and dx (+)= dy times 1 or a, da = sum over rows of dy x where x is not above
     * 0. kink: dx is 0 where x is. y may be x, dx dy; dx and da may be NULL. */
    void (*prelu)(int64_t rows, int64_t c, const float *x, const float *a, float *y);
    void (*prelu_backward)(int64_t rows, int64_t c, const float *x, const float *a, const float *dy, bool kink, float *dx,
                           bool accumulate, float *da);

    /* Batch norm over rows x c. Statistics: mean[c] and biased variance var[c]. */
    void (*bn_stats)(int64_t rows, int64_t c, const float *x, float *mean, float *var);
    /* From `blocks` partial sums [block][2][c] of x and x*x over `rows` rows in all. */
    void (*bn_stats_from_blocks)(int64_t rows, int64_t c, int64_t blocks, const float *stats, float *mean, float *var);
    /* y = act(x * scale[c] + shift[c] + residual); residual may be NULL. y may be x or the residual's data. */
    void (*affine)(int64_t rows, int64_t c, const float *x, const float *scale, const float *shift, const gr_residual *residual,
                   gr_act act, float *y);
    /* Per-channel sums over rows of g and g * x: sum_g[c], sum_gx[c]. */
    void (*bn_backward_sums)(int64_t rows, int64_t c, const float *x, const gr_bn_gradient *g, double *sum_g,
                             double *sum_gx);
    /* dx (+)= g * a[c] + x * b[c] + k[c], where g = dy masked as above. dx may be dy. */
    void (*bn_backward_data)(int64_t rows, int64_t c, const float *x, const float *dy, const float *mask, const float *a,
                             const float *b, const float *k, float *dx, bool accumulate);

    /* Pooling. Max keeps, per output, the index of the chosen tap (kh * KW + kw) in one byte; ties take the first tap, as
     * PyTorch does, and NaN wins. KH * KW <= 255 for `index`, checked by the operator. index may be NULL (inference, without
     * fusion). With fusion, backward must not accumulate. */
    void (*max_pool)(const gr_pool_problem *p, const float *x, float *y, uint8_t *index, const gr_pool_fusion *fusion);
    void (*max_pool_backward)(const gr_pool_problem *p, const uint8_t *index, const float *dy, float *dx, bool accumulate,
                              const gr_pool_fusion *fusion);
    void (*avg_pool)(const gr_pool_problem *p, const float *x, float *y);
    void (*avg_pool_backward)(const gr_pool_problem *p, const float *dy, float *dx, bool accumulate);
    /* [n][pixels][c] -> [n][c] means, and back. */
    void (*global_avg_pool)(int64_t n, int64_t pixels, int64_t c, const float *x, float *y);
    void (*global_avg_pool_backward)(int64_t n, int64_t pixels, int64_t c, const float *dy, float *dx, bool accumulate);

    /* Optimisers on flat arrays of `count`; the arithmetic and its order are PyTorch's (torch.optim.SGD, Adam, AdamW).
     * l1 * sign(w) joins the gradient before weight decay does. `step` counts from 1; momentum_buffer may be NULL when
     * momentum is 0, and is not read when first_step. Numbers are double: 1 - beta in float would lose PyTorch's digits. */
    void (*sgd)(int64_t count, float *w, const float *g, float *momentum_buffer, double lr, double momentum,
                double dampening, bool nesterov, double weight_decay, double l1, bool first_step);
    void (*adam)(int64_t count, float *w, const float *g, float *m, float *v, double lr, double beta1, double beta2,
                 double eps, double weight_decay, double l1, bool decoupled, int64_t step);

    /* The other rules (update.h). */
    void (*update)(gr_update_rule rule, const gr_update *update);

    /* float32 to bfloat16 (the upper half of its bits), rounded to the nearest, ties to even; NaN stays NaN, and what lies
     * beyond the largest finite number becomes infinite. And back, exactly. x and y must not overlap. */
    void (*f32_to_bf16)(int64_t count, const float *x, uint16_t *y);
    void (*bf16_to_f32)(int64_t count, const uint16_t *x, float *y);

    /* Where some tensor is narrow (K_stored.c). */
    void (*affine_stored)(const gr_norm_stored *norm);
    void (*bn_sums_stored)(const gr_norm_stored *norm, double *sum_g, double *sum_gx);
    void (*bn_data_stored)(const gr_norm_stored *norm);
    void (*max_pool_stored)(const gr_pool_problem *p, const gr_pool_stored *pool);
    void (*max_pool_backward_stored)(const gr_pool_problem *p, const gr_pool_stored *pool);
    /* to[count] = from, or += from. */
    void (*pass_stored)(int64_t count, gr_stored from, gr_stored to, bool accumulate);

    /* Windows of a cascade (windows.h; K_windows.c). The integral images begin at `base`, where the first window has its
     * upper left corner; window i stands at base + i. 15 numbers behind the last window's corners are read and not looked
     * at. One bit a window, from the first on, in words of 64: passed, those that the first stage lets through, and failed,
     * those that it refuses; Haar windows with too little contrast are in neither. norms[count] is filled for Haar. */
    void (*windows_row)(const gr_windows *w, const int32_t *base, int64_t count, uint64_t *passed, uint64_t *failed,
                        float *norms);
    /* Of the windows in live[], one bit each as above, those that a stage from the second on refuses are taken out. */
    void (*windows_rest)(const gr_windows *w, const int32_t *base, int64_t count, const float *norms, uint64_t *live);

    /* A picture made smaller (K_integral.c): out[x] = in[at[x]] (256 - weight[x]) + in[at[x] + 1] weight[x], where 4 bytes
     * from in + at[x] on may be read; and from two such rows out[x] = (upper[x] (256 - weight) + lower[x] weight) / 65536,
     * rounded. */
    void (*shrink_across)(int64_t width, const uint8_t *in, const int32_t *at, const uint16_t *weight, uint16_t *out);
    void (*shrink_down)(int64_t width, const uint16_t *upper, const uint16_t *lower, unsigned weight, uint8_t *out);
    /* sums[x + 1] += in[0] + ... + in[x], and likewise the squares (NULL: none); modulo 2^32. scratch [2 width]. */
    void (*integral_row)(int64_t width, const uint8_t *in, uint32_t *sums, uint32_t *squares, uint32_t *scratch);
    /* The next row [width + 1] of the sums in triangles that open upwards from (x, y): `last` and `before` are the two rows
     * before it, `in` and `above` the pixels of the row that it adds and the one before that. width is 2 at least. */
    void (*tilted_row)(int64_t width, const uint8_t *in, const uint8_t *above, const uint32_t *last, const uint32_t *before,
                       uint32_t *out);
    /* in[count] with its even members at out, its odd ones at out + half. */
    void (*split_columns)(int64_t count, const uint32_t *in, int64_t half, int32_t *out);

    const struct gr_picture_kernels *pictures; /* enhancements and filters (pictures.h) */
    const struct gr_tree_kernels *trees;       /* splits of boosted trees (trees.h) */

    /* Ways that compute both directions of backward in one pass over x and dy, NULL-terminated; each may refuse. They are
     * asked for GR_BACKDATA, with a fusion that has the parts of both directions; `out` is dx, `dw` the weights' gradient.
     */
    const gr_conv_algorithm *const *conv_back;

    /* y from a and b, and a and b from y; there either may be NULL. */
    void (*in_turns)(const gr_turns *t);
    void (*apart)(const gr_turns *t);

    /* global_avg_pool, scale_channels and its backward where x stands for something; dx is the gradient of that. */
    void (*lazy_avg_pool)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f, float *y);
    void (*lazy_scale)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f, const float *s,
                       float *y);
    void (*lazy_scale_backward)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f, const float *s,
                                const float *dy, float *dx, bool accumulate_dx, float *ds, bool accumulate_ds);

    const gr_conv_join *join; /* pairs of convolutions at inference */
} gr_kernels;

/* The table in force. Chosen by gr_kernels_select at start (or, without it, on first use). Never NULL. */
const gr_kernels *gr_kernels_get(void);
/* Picks the best instruction set that this CPU and this binary have, or the one that GRIMACE_ISA names
 * (generic | avx2 | avx512 | avx512_bf16 | amx_bf16). Fails: GR_INVALID (unknown name, or the CPU lacks it). */
gr_status gr_kernels_select(gr_error *err) GR_MUST_CHECK;
/* Why this set was chosen, one sentence for `grimace info`; static storage. */
const char *gr_kernels_reason(void);
/* All tables that this CPU can run, generic first, for tests: returns the count and fills tables[]. */
int gr_kernels_available(const gr_kernels *tables[8]);

#endif
