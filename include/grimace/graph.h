/* The graph: a model as a static network of operators, and the parameters it owns.
 *
 * Letters, here and everywhere: N images of a batch, H x W pixels, C channels, KH x KW taps, OH x OW output pixels, OC output
 * channels, K local regions (H * W of a feature map), F features. One layout: [N, H, W, C]. Shapes in a graph are those of
 * one batch of N = 1; a plan (plan.h) compiles them for the real batch size.
 *
 * A layer is a function from value to value. A wrong shape does not stop the building code: it is recorded in the graph,
 * every later call passes NULL through, and gr_graph_status reports the first failure. So a model reads like a figure. */
#ifndef GRIMACE_GRAPH_H
#define GRIMACE_GRAPH_H

#include <stdbool.h>

#include "grimace/tensor.h"

typedef struct gr_graph gr_graph;
/* One tensor that flows through the graph; owned by the graph. */
typedef struct gr_value gr_value;

/* How a parameter starts, before any step. */
typedef enum gr_init {
    GR_INIT_ZERO,
    GR_INIT_ONE,
    GR_INIT_UNIFORM_FAN_IN,         /* U(-1/sqrt(fan_in), 1/sqrt(fan_in)): PyTorch's default for Conv2d and Linear */
    GR_INIT_KAIMING_NORMAL_FAN_OUT, /* N(0, 2/fan_out): torchvision's ResNet convolutions (He et al. 2015) */
    GR_INIT_NORMAL_001,             /* N(0, 0.01^2): torchvision's VGG and MobileNet dense layers */
    GR_INIT_UNIFORM_FAN_OUT,        /* U(-1/sqrt(fan_out), 1/sqrt(fan_out)): torchvision's EfficientNet dense layer */
    GR_INIT_KAIMING_NORMAL_FAN_IN,  /* N(0, 2/fan_in): Keras's he_normal */
    GR_INIT_NORMAL_01,              /* N(0, 0.1^2): torchvision's Inception; a bias beside it is as UNIFORM_FAN_IN */
    GR_INIT_NORMAL_0001,            /* N(0, 0.001^2): its auxiliary classifier, likewise */
    GR_INIT_RARE,                   /* N(0, 0.01^2), a bias beside it ln(1/9): what is rare begins at 0.1 (Zhou et al. 2019) */
    GR_INIT_GLOROT_UNIFORM,         /* Keras's: U(-r, r), r = sqrt(6 / (fan_in + fan_out)) */
    GR_INIT_GLOROT_NORMAL,          /* truncated N, variance 2 / (fan_in + fan_out) */
    GR_INIT_HE_UNIFORM,             /* U(-r, r), r = sqrt(6 / fan_in) */
    GR_INIT_HE_NORMAL,              /* truncated N, variance 2 / fan_in */
    GR_INIT_LECUN_UNIFORM,          /* U(-r, r), r = sqrt(3 / fan_in) */
    GR_INIT_LECUN_NORMAL,           /* truncated N, variance 1 / fan_in */
    GR_INIT_QUARTER,                /* 1/4: PyTorch's slopes of a PReLU; 0 in place of it where Keras's way is */
    GR_INIT_THRESHOLDS              /* gr_proportional_odds: every class has the same share at score 0 */
} gr_init;

/* Name i of what gr_graph_set_init takes: default, glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform,
 * lecun_normal; NULL behind the last. Static storage. Never fails. */
const char *gr_init_name(int i);

/* Which variance of a batch goes into batch norm's running variance: n / (n - 1) times the mean square (PyTorch); so for maps
 * [N,H,W,C] alone (Keras 2, whose fused operator does it); the mean square itself (Keras 3). */
typedef enum gr_batch_norm_variance {
    GR_VARIANCE_UNBIASED,
    GR_VARIANCE_IMAGES,
    GR_VARIANCE_BIASED
} gr_batch_norm_variance;
/* Its name: unbiased, images, biased; NULL behind the last. Static storage. Never fails. */
const char *gr_batch_norm_variance_name(int i);

/* How the numbers lie in memory compared with PyTorch's files. */
typedef enum gr_layout {
    GR_LAYOUT_PLAIN, /* as in the file */
    GR_LAYOUT_CONV   /* here [KH, KW, C/groups, OC], in files [OC, C/groups, KH, KW] */
} gr_layout;

/* One named parameter ("layer1.0.conv1.weight"). Values lie in the flat array of a gr_params. */
typedef struct gr_parameter {
    const char *name;
    gr_shape shape; /* in memory */
    gr_layout layout;
    gr_init init;
    int64_t fan_in, fan_out;
    bool depthwise; /* each channel by itself: Keras's kernel [KH, KW, C, 1] has the fans the other way round */
    bool buffer; /* batch norm's running statistics: kept and saved, never trained */
    double momentum; /* of a buffer: running = (1 - momentum) running + momentum batch */
    bool frozen; /* does not train (gr_graph_freeze) */
    size_t offset; /* floats from the start of the flat array */
    size_t count;
} gr_parameter;

/* GIVES an empty graph, NULL when memory is short. */
gr_graph *gr_graph_create(void);
void gr_graph_destroy(gr_graph *graph);
/* What layers that are added from here on have in place of what their builder asks for. Random weights of dense and
 * convolutional layers begin by the gr_init_name `name`, their biases with 0; "default" or NULL: as built. Fails: GR_INVALID. */
gr_status gr_graph_set_init(gr_graph *graph, const char *name, gr_error *err) GR_MUST_CHECK;
/* Batch norms: eps and momentum (of the new in the running statistics) where not 0, and a gr_batch_norm_variance_name (NULL:
 * unbiased). Fails: GR_INVALID. */
gr_status gr_graph_set_batch_norm(gr_graph *graph, double eps, double momentum, const char *variance,
                                  gr_error *err) GR_MUST_CHECK;
/* The first failure while building, or GR_OK. Fails: GR_INVALID (shapes that do not fit, named by layer), GR_NOMEM. */
gr_status gr_graph_status(const gr_graph *graph, gr_error *err) GR_MUST_CHECK;

/* Parameters in the order of building. The pointers live as long as the graph. */
int gr_graph_parameter_count(const gr_graph *graph);
const gr_parameter *gr_graph_parameter(const gr_graph *graph, int index);
/* Floats of all parameters together. */
size_t gr_graph_parameter_floats(const gr_graph *graph);
/* Freezes every parameter whose name starts with `prefix` (whole dotted components: "layer1" is not "layer10.x"), after which
 * a batch norm there keeps its running statistics and works with them. Returns how many parameters it froze. Never fails. */
int gr_graph_freeze(gr_graph *graph, const char *prefix);
/* Freezes the parameters of the first `count` layers, counted as Keras counts them: the image is the first, then each operator
 * in the order of building is one (convolution, dense, batch norm, pooling, sum ...), but an activation right behind a
 * convolution or dense layer belongs to it. Returns how many of the layers are there: less than `count` when the graph has
 * fewer. Never fails. */
int gr_graph_freeze_first(gr_graph *graph, int count);

/* The value's name (its operator's) and its shape for N = 1. */
const char *gr_value_name(const gr_value *value);
gr_shape gr_value_shape(const gr_value *value);
/* The value that was named so, or NULL. */
gr_value *gr_graph_find(const gr_graph *graph, const char *name);

/* ---- operators (formulas in src/ops, one file each) -------------------------------------------------------------------- */

/* An input that the caller fills for each batch: [1, dims...]; type GR_F32 (images) or GR_I32 (labels, class indices). */
gr_value *gr_input(gr_graph *g, const char *name, gr_type type, gr_shape shape);

typedef struct gr_conv2d_args {
    int64_t out;                       /* OC */
    int64_t kernel[2], stride[2], pad[2], dilation[2]; /* height, width; 0 in stride and dilation means 1 */
    int64_t groups;                    /* 0 means 1 */
    bool bias;
    gr_init init;
} gr_conv2d_args;
/* y = x * w (+ b): [N,H,W,C] -> [N,OH,OW,OC], OH = (H + 2 pad - dilation (KH - 1) - 1) / stride + 1. Parameters NAME.weight,
 * NAME.bias. As torch.nn.Conv2d. */
gr_value *gr_conv2d(gr_graph *g, gr_value *x, const char *name, gr_conv2d_args args);

/* Batch norm over N, H, W (or N of [N,F]): y = (x - mean) / sqrt(var + eps) * weight + bias. In training, the batch's mean and
 * biased variance, and running = 0.9 running + 0.1 batch (unbiased variance); at inference or frozen, the running ones.
 * Parameters NAME.weight, bias, running_mean, running_var. As torch.nn.BatchNorm2d (eps 1e-5, momentum 0.1). */
gr_value *gr_batch_norm(gr_graph *g, gr_value *x, const char *name);
/* The same with another eps and momentum (PyTorch's: running = (1 - momentum) running + momentum batch); eps above 0, momentum in
 * (0, 1]. */
gr_value *gr_batch_norm_with(gr_graph *g, gr_value *x, const char *name, double eps, double momentum);

gr_value *gr_relu(gr_graph *g, gr_value *x, const char *name);    /* max(x, 0) */
gr_value *gr_sigmoid(gr_graph *g, gr_value *x, const char *name); /* 1 / (1 + exp(-x)) */
gr_value *gr_relu6(gr_graph *g, gr_value *x, const char *name);        /* min(max(x, 0), 6) */
gr_value *gr_hard_sigmoid(gr_graph *g, gr_value *x, const char *name); /* min(max(x + 3, 0), 6) / 6 */
gr_value *gr_hard_swish(gr_graph *g, gr_value *x, const char *name);   /* x min(max(x + 3, 0), 6) / 6 */
gr_value *gr_silu(gr_graph *g, gr_value *x, const char *name);         /* x / (1 + exp(-x)) */
gr_value *gr_tanh(gr_graph *g, gr_value *x, const char *name);
gr_value *gr_elu(gr_graph *g, gr_value *x, const char *name);      /* x above 0, else exp(x) - 1 */
gr_value *gr_selu(gr_graph *g, gr_value *x, const char *name);     /* 1.0507 x above 0, else 1.0507 1.6733 (exp(x) - 1) */
gr_value *gr_gelu(gr_graph *g, gr_value *x, const char *name);     /* x (1 + erf(x / sqrt 2)) / 2 */
gr_value *gr_softplus(gr_graph *g, gr_value *x, const char *name); /* log(1 + exp(x)) */
gr_value *gr_softsign(gr_graph *g, gr_value *x, const char *name); /* x / (1 + |x|) */
gr_value *gr_mish(gr_graph *g, gr_value *x, const char *name);     /* x tanh(log(1 + exp(x))) */
/* x above 0, else slope x; min(max(slope x + 1/2, 0), 1): a hard sigmoid of another slope than 1/6. */
gr_value *gr_leaky_relu(gr_graph *g, gr_value *x, const char *name, double slope);
gr_value *gr_steep_sigmoid(gr_graph *g, gr_value *x, const char *name, double slope);
/* x above 0, else a x, with a slope a of each channel that is learned (He et al. 2015). Parameter NAME.weight [C]: 1/4 and as
 * torch.nn.PReLU(C); where gr_graph_set_init chose a way of Keras's, 0 and, as there, no gradient passes where x is exactly 0. */
gr_value *gr_prelu(gr_graph *g, gr_value *x, const char *name);
gr_value *gr_softmax(gr_graph *g, gr_value *x, const char *name); /* over the last axis */
/* The same over each of `groups` equal blocks of the last axis: [N, groups C]. */
gr_value *gr_softmax_groups(gr_graph *g, gr_value *x, const char *name, int64_t groups);
/* In training, each element is 0 with probability `rate`, else x / (1 - rate); at inference x. 0 <= rate < 1. */
gr_value *gr_dropout(gr_graph *g, gr_value *x, const char *name, double rate);
/* In training, all of an image's elements are 0 with probability `rate`, else x / (1 - rate); at inference x. 0 <= rate < 1. As
 * torchvision.ops.StochasticDepth, mode "row" (Huang et al. 2016). */
gr_value *gr_stochastic_depth(gr_graph *g, gr_value *x, const char *name, double rate);
gr_value *gr_add(gr_graph *g, gr_value *a, gr_value *b, const char *name); /* a + b, same shape */
/* Joins values along the last axis (channels); all other axes equal; count <= 8. */
gr_value *gr_concat(gr_graph *g, gr_value *const *x, int count, const char *name);
/* The first `first` channels of [N,H,W,C]; *rest: the others. 0 < first < C. */
gr_value *gr_channel_split(gr_graph *g, gr_value *x, const char *name, int64_t first, gr_value **rest);
/* Interleaves `groups` runs of channels: y[.., k groups + i] = x[.., i C / groups + k] (Zhang et al. 2017, ShuffleNet). */
gr_value *gr_channel_shuffle(gr_graph *g, gr_value *x, const char *name, int64_t groups);
/* [N,H,W,C] -> [N,height,width,C], by nearest neighbours: pixel (i, j) is that of (floor(i H / height), floor(j W / width)). As
 * torch.nn.functional.interpolate with mode "nearest". */
gr_value *gr_upsample(gr_graph *g, gr_value *x, const char *name, int64_t height, int64_t width);
/* x [N,H,W,C] times s [N,1,1,C]: one factor for each image and channel (squeeze and excitation, Hu et al. 2018). */
gr_value *gr_scale_channels(gr_graph *g, gr_value *x, gr_value *s, const char *name);
/* [N, ...] -> [N, F] in the order of torch.flatten on NCHW ([C, H, W]), so that dense weights fit PyTorch's. */
gr_value *gr_flatten(gr_graph *g, gr_value *x, const char *name);

typedef struct gr_pool_args {
    int64_t kernel[2], stride[2], pad[2];
    bool ceil_mode;         /* as torch.nn.MaxPool2d */
    bool same;              /* size / stride windows, rounded up, as Keras's "same": the last may hang over the end */
    bool exclude_pad;       /* average only: divide by the pixels inside the image, not by those of the whole window */
} gr_pool_args;
gr_value *gr_max_pool(gr_graph *g, gr_value *x, const char *name, gr_pool_args args);
gr_value *gr_avg_pool(gr_graph *g, gr_value *x, const char *name, gr_pool_args args);
gr_value *gr_global_avg_pool(gr_graph *g, gr_value *x, const char *name); /* [N,H,W,C] -> [N,C] */
gr_value *gr_global_max_pool(gr_graph *g, gr_value *x, const char *name); /* [N,H,W,C] -> [N,C] */
/* [N,H,W,C] -> [N,oh,ow,C], smaller or larger maps included. As torch.nn.AdaptiveAvgPool2d. */
gr_value *gr_adaptive_avg_pool(gr_graph *g, gr_value *x, const char *name, int64_t oh, int64_t ow);
gr_value *gr_squeeze(gr_graph *g, gr_value *x, const char *name);         /* the same as a map: -> [N,1,1,C] */

typedef struct gr_pad_args {
    int64_t top, bottom, left, right; /* pixels of zeros; negative: pixels cut off */
} gr_pad_args;
gr_value *gr_pad(gr_graph *g, gr_value *x, const char *name, gr_pad_args args);

/* y = x w^T + b: [N,F] -> [N,out]. Parameters NAME.weight [out,F], NAME.bias [out]. As torch.nn.Linear. */
gr_value *gr_dense(gr_graph *g, gr_value *x, const char *name, int64_t out, gr_init init);
/* y = x w^T, with NAME.weight alone. */
gr_value *gr_dense_without_bias(gr_graph *g, gr_value *x, const char *name, int64_t out, gr_init init);

/* Proportional odds of `classes` ordered classes (McCullagh 1980), for scores s [N,1]: log P(y = k) [N,classes], where
 * P(y <= k) = sigmoid(theta_k - s), theta_1 = a_1, theta_k = theta_(k-1) + exp(a_k). gr_softmax gives the probabilities,
 * gr_cross_entropy the negative log-likelihood. Parameter LAYER.thresholds [classes - 1]: a; LAYER is the layer that makes s. As
 * statsmodels' OrderedModel with distr "logit". */
gr_value *gr_proportional_odds(gr_graph *g, gr_value *s, const char *name, const char *layer, int64_t classes);

/* PainSeeker's attention pooling (Liu et al. 2025, equations 2 and 3): over the K = H*W local regions x_j of a feature map,
 * beta_j = sigmoid(g(x_j)) / sum_k sigmoid(g(x_k)), g one dense layer C -> 1 with bias; gives the fused features
 * sum_j beta_j x_j [N,C] and, in *beta, the scores [N,K]. Parameters NAME.weight [1,C], NAME.bias [1]. */
gr_value *gr_attention_pool(gr_graph *g, gr_value *x, const char *name, gr_value **beta);

/* Mean cross-entropy of logits [N,classes] against labels [N] (GR_I32); with class_weights[classes] (BORROWED, copied; NULL for
 * none) sum_i w_i l_i / sum_i w_i. Several labels of an image: logits [N, S classes], labels [N,S]. Label -1 is one that is not
 * known: it is left out of the mean, which is 0 when none is known. Scalar [1]. As torch.nn.CrossEntropyLoss with
 * ignore_index -1 on logits [N S, classes]. */
gr_value *gr_cross_entropy(gr_graph *g, gr_value *logits, gr_value *labels, const char *name, const float *class_weights);
/* The same with a weight for each image too, weights [N] (an input; NULL: none), by which its losses are multiplied; `by_count`
 * divides the weighted sum by the number of known labels instead of their weights, as Keras does. */
gr_value *gr_cross_entropy_with(gr_graph *g, gr_value *logits, gr_value *labels, gr_value *weights, const char *name,
                                const float *class_weights, bool by_count);
/* PainSeeker's pain-related score calibration (equation 5), mean over the batch: with the K_h = top_k highest scores beta^h and
 * the mean r of the others, 1/K_h sum_j max(0, margin - (beta^h_j - r)). Ties go to the lower index. Scalar [1]. */
gr_value *gr_prsc(gr_graph *g, gr_value *beta, const char *name, double margin, int64_t top_k);
/* Losses of values, over the elements of x [N,F] whose target is not NaN, as a mean (scalar [1], 0 when no target is known): the
 * squared difference; its size; d^2 / 2 up to delta and delta (|d| - delta / 2) beyond (torch.nn.HuberLoss); and the wing loss
 * (Feng et al. 2018, equation 5) of `unit` times the difference, with its width w and its epsilon. */
gr_value *gr_mse_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name);
gr_value *gr_mae_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name);
gr_value *gr_huber_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name, double delta);
gr_value *gr_wing_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name, double unit, double w, double epsilon);
/* The loss of maps of boxes [N,H,W,5 K] (src/ops/box_loss.c): the penalty-reduced focal loss of the first K channels, which are
 * logits, and the mean size of the errors of the others over those whose target is not NaN, times 4. Scalar [1]. */
gr_value *gr_box_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name);
/* a + factor * b, of two scalars (equation 6: CE + lambda PRSC). */
gr_value *gr_weighted_sum(gr_graph *g, gr_value *a, gr_value *b, const char *name, double factor);

/* Extra parameters or models' own operators go through src/graph/op.h. */

#endif
