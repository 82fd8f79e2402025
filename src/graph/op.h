/* What an operator is: one record per kind, apart from its arithmetic. The graph, the plan and the fusion pass read this
 * page and nothing else about an operator; each file of src/ops fills one gr_op_type.
 *
 * The one rule of arguments: a call lists inputs in the order of building, then outputs, then parameters. A backward reads
 * the gradients of outputs and writes those of inputs and parameters: `operand.grad` is NULL where none is wanted, and is
 * added to, not overwritten, when `operand.accumulate`. */
#ifndef GR_GRAPH_OP_H
#define GR_GRAPH_OP_H

#include "base/base.h"
#include "grimace/graph.h"
#include "kernels/kernels.h"

enum { GR_MAX_INPUTS = 8, GR_MAX_OUTPUTS = 2, GR_MAX_PARAMS = 8 };

typedef struct gr_op gr_op;
struct gr_onnx;

/* A value that is not written out: it stands for act(raw * scale + shift) per channel (a batch norm and its activation), and
 * the operator that reads it applies that on the way in. Filled by the batch norm's forward and backward. */
typedef struct gr_lazy {
    const float *scale, *shift; /* [C] */
    gr_act act;
    float *mask_stats; /* the reader's backward leaves here, [blocks][2][C]: sums of g, the gradient before act, and of g *
                          raw. NULL: several read it, each of whose backward passes the gradient behind act */
    int64_t blocks;
    const float *factors, *shares; /* [N][C]; when its readers left their gradients to it: what stands in its own is to be
                                      multiplied by the factors and added to the shares. NULL: it is as it stands */
} gr_lazy;

/* What a reader of a lazy value passes to it, by image and channel. */
typedef enum gr_leaves {
    GR_LEAVES_NOTHING,
    GR_LEAVES_FACTORS, /* out[0]'s gradient times in[1] */
    GR_LEAVES_SHARES   /* out[0]'s gradient, [N][C], once backward has made shares of it */
} gr_leaves;

/* The gradient of a value that is not written out: grad * a + data * b + c per channel (batch norm's backward), applied by
 * the operator that made the value. */
typedef struct gr_lazy_grad {
    const float *a, *b, *c; /* [C] */
} gr_lazy_grad;

/* One tensor as an operator sees it in a call. */
typedef struct gr_operand {
    gr_shape shape;
    float *data;                   /* int32_t for GR_I32 inputs */
    float *grad;                   /* NULL: not wanted */
    bool accumulate;               /* grad += */
    bool frozen;                   /* parameters: does not train */
    bool wants_grad;               /* inputs: `grad` will not be NULL in backward; set before pointers are */
    bool left;                     /* inputs: `grad` is NULL, for the maker adds up what `leaves` says */
    const gr_lazy *lazy;           /* inputs: `data` is raw; outputs: do not write `data` */
    const gr_lazy_grad *lazy_grad; /* outputs: `grad` is to be completed; inputs: leave `grad`, fill the lazy_grad */
    bool narrow, narrow_grad;      /* `data`, `grad` point to bfloat16 numbers (uint16_t) */
    float *stats; /* outputs: leave [blocks][2][C] sums here while writing; inputs: they are here. NULL: none */
    int64_t stat_blocks;
} gr_operand;

/* What changes from step to step. */
typedef struct gr_step {
    uint64_t seed;
    uint64_t index; /* counts training steps over the whole run: keys dropout */
    int64_t
        first; /* where the plan's images begin in the batch, of which they are a block: likewise; 0: they are all of it */
} gr_step;

typedef struct gr_call {
    const gr_op *op;
    gr_operand in[GR_MAX_INPUTS], out[GR_MAX_OUTPUTS], param[GR_MAX_PARAMS];
    void *saved;    /* what forward leaves for backward */
    void *scratch;  /* free to use within one call, 64-byte aligned */
    void *prepared; /* inference: made once from the parameters by `prepare` */
    bool training;  /* dropout and batch statistics; parameters change from step to step */
    bool gradients; /* backward follows: forward saves what it needs. Always in training */
    bool bf16;      /* the factors of products may be rounded to bfloat16 */
    bool explained; /* without training, but what is computed is taken apart: no way that rounds more than training's */
    bool exact;     /* no way that rounds more than sums in float32 do */
    int threads;    /* at most so many will run: sizes of per-thread scratch */
    const gr_step *step;
    const double
        *whole; /* [sum_count]: what `sums` says of all blocks of the batch together; NULL: these images are all of it */
    const void
        *packed;  /* what another block's call of the same pass and shapes has at the beginning of its scratch, or NULL */
    bool settles; /* statistics that belong to the whole batch go into the parameters: of a batch in blocks by one of them */
} gr_call;

typedef enum gr_pass { GR_PASS_FORWARD, GR_PASS_BACKWARD, GR_PASS_PREPARE } gr_pass;

/* Bits of backward_reads. */
enum { GR_READS_INPUT0 = 1, GR_READS_INPUTS = 0xff, GR_READS_OUTPUT0 = 0x100, GR_READS_OUTPUTS = 0xff00 };

typedef struct gr_op_type {
    const char *name;
    /* What this pass needs to know of the whole batch where it is cut into blocks (graph/blocks.h): so many numbers, which
     * `sums` computes of a block, with all of the pass that can be done before they are known. Added up over the blocks they
     * stand in call->whole, and the pass itself runs, with `scratch` as `sums` left it. NULL, or 0: nothing. */
    size_t (*sum_count)(const gr_call *call, gr_pass pass);
    void (*sums)(const gr_call *call, gr_pass pass, double *out);
    /* Shapes of outputs from those of inputs and the operator's attributes. Fails: GR_INVALID (they do not fit). */
    gr_status (*infer)(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err);
    void (*forward)(const gr_call *call);
    /* Inference: may this call and the next one, which alone reads its output, run as one? forward_joined then stands for
     * both; what is in the memory of the output between them is not said. NULL: no. */
    bool (*joins)(const gr_call *call, const gr_call *next);
    void (*forward_joined)(const gr_call *call, const gr_call *next);
    /* Makes out[0] once more, later, from the same inputs, parameters and saved state, with no other effect. One cheap pass
     * over memory; NULL: not cheap. */
    void (*again)(const gr_call *call);
    /* The same where it is as much work as forward, with forward's scratch: for a plan that shall take little memory. NULL:
     * no. */
    void (*redo)(const gr_call *call);
    /* NULL: no gradient passes (labels). */
    void (*backward)(const gr_call *call);
    /* Which tensors the backward reads, besides the outputs' gradients: what must be kept. NULL: none. */
    unsigned (*backward_reads)(const gr_op *op);
    /* Bytes; NULL: none. Shapes in `call` are set, pointers are not. */
    size_t (*saved_size)(const gr_call *call);
    size_t (*scratch_size)(const gr_call *call, gr_pass pass);
    /* Without training: turns parameters into `prepared` (packed or folded weights) after they changed. */
    size_t (*prepared_size)(const gr_call *call);
    void (*prepare)(const gr_call *call);
    /* Blocks of `stats` (out[0]) that forward leaves, or of mask_stats that backward leaves for a lazy in[0]. */
    int64_t (*stat_blocks)(const gr_call *call, gr_pass pass);
    /* May this operator take over `next`, its output's only reader, which reads it as input `position`, in a plan of this
     * mode
     * (`gradients`: backward may follow)? When it says true it has noted so in op->attr, and the plan appends next's other
     * inputs and its parameters to this one. */
    bool (*absorb)(gr_op *op, const gr_op *next, int position, bool training, bool gradients);
    /* May this operator take over `maker`, which makes its in[0] for it alone from one input, without parameters? When it
     * says true it has noted so in op->attr, and reads maker's input itself. NULL: no. */
    bool (*takes_over)(gr_op *op, const gr_op *maker);
    /* May `next`, its output's only reader, run before it, to the same bits, gradients included? For operators with one
     * input that keep the shape. NULL: no. */
    bool (*may_follow)(const gr_op *op, const gr_op *next);
    /* May forward leave sums of out[0], and backward complete a lazy gradient of it? NULL: no. Needs stat_blocks. */
    bool (*leaves_sums)(const gr_op *op);
    /* May in[0] be lazy, with this activation? NULL: no. Needs stat_blocks. */
    bool (*takes_lazy)(const gr_op *op, gr_act act);
    /* May in[1], which has this reader alone, be lazy without an activation? NULL: no. */
    bool (*takes_lazy_residual)(const gr_op *op);
    /* May in[0] be lazy, with this activation, beside other readers? Its backward then gives the gradient of what is read,
     * behind the activation. NULL: no. */
    bool (*shares_lazy)(const gr_op *op, gr_act act);
    gr_leaves leaves; /* then: how the maker could find the gradient of in[0] without this operator's pass over it */
    /* out[0] may be act(in[0] * scale + shift) left to its reader (batch norm); *act is set. */
    bool (*can_be_lazy)(const gr_op *op, gr_act *act);
    /* Points the two records (whose act is set) at the vectors inside call->saved that forward and backward fill. */
    void (*lazy)(const gr_call *call, gr_lazy *lazy, gr_lazy_grad *grad);
    /* In training in bfloat16: may in[input], or out[0], be narrow, its gradient as well? Of `call`, backward's, laziness is
     * set. NULL: no. An operator that says yes to some must take any mixture of them. */
    bool (*takes_narrow)(const gr_call *call, int input);
    bool (*gives_narrow)(const gr_call *call);
    bool in_place;       /* forward may write out[0] over in[0] */
    bool (*over_second)(const gr_call *call); /* without gradients: may forward write out[0] over in[1]? NULL: no */
    bool shares_result;  /* without attributes, one input: where several have the same in[0], one computes it for all */
    unsigned grad_alias; /* bit i: the gradient of input i may be left in the memory of out[0]'s gradient */
    /* Floating point operations of one forward, for `grimace info`. NULL: not counted. */
    double (*flops)(const gr_call *call);
    /* The share of `flops` that float32's units are busy with at least, in 0..1. NULL: 1. */
    double (*least_share)(const gr_call *call);
    /* The algorithm and blocking in a few words, into text[size]. NULL: plain loop. */
    void (*describe)(const gr_call *call, gr_pass pass, char *text, size_t size);
    /* Says what the operator does at inference in ONNX's operators (helpers in src/ops/onnx_nodes.h). Values are named as
     * here, and channels come first there: [N,H,W,C] is [N,C,H,W]. NULL: losses, which no exported graph has. */
    void (*onnx)(const gr_graph *g, const gr_op *op, struct gr_onnx *onnx);
    /* Builds a small use of it on two maps [1, H, W, C], whose gradients tests/unit/ops/test_gradients.c compares with
     * differences. NULL: its cases stand there. */
    gr_value *(*example)(gr_graph *g, gr_value *x, gr_value *x2);
} gr_op_type;

struct gr_value {
    const char *name;
    gr_type type;
    gr_shape shape; /* for N = 1 */
    gr_op *maker;   /* NULL: an input */
    int index;      /* in graph->values */
};

struct gr_op {
    const gr_op_type *type;
    const char *name;
    void *attr; /* the operator's own record; attr_size bytes, so that a plan can copy it before fusing */
    size_t attr_size;
    gr_value *in[GR_MAX_INPUTS], *out[GR_MAX_OUTPUTS];
    int param[GR_MAX_PARAMS]; /* indices of parameters */
    int in_count, out_count, param_count;
    uint64_t id; /* a hash of the name: keys the operator's random stream */
};

struct gr_graph {
    gr_arena *arena;
    gr_error error;
    gr_value **values;
    gr_op **ops;
    gr_parameter **params;
    int value_count, op_count, param_count, value_capacity, op_capacity, param_capacity;
    size_t param_floats;
    bool own_init; /* `init` in place of what random weights were built with */
    gr_init init;
    double norm_eps, norm_momentum; /* 0: as built */
    gr_batch_norm_variance norm_variance;
};

/* Starts an operator: checks `g` and that no input is NULL, copies attr, infers shapes, makes the outputs ("NAME",
 * "NAME.1"). NULL when anything failed (recorded in the graph). */
gr_op *gr_graph_add_op(gr_graph *g, const gr_op_type *type, const char *name, gr_value *const *in, int in_count,
                       int out_count, const void *attr, size_t attr_size);
/* The same for an operator with one output and no parameters: the output. */
gr_value *gr_graph_add_value(gr_graph *g, const gr_op_type *type, const char *name, gr_value *const *in, int in_count,
                             const void *attr, size_t attr_size);
/* Gives `op` a parameter "OPNAME.suffix". False when it failed (recorded). */
bool gr_graph_add_param(gr_graph *g, gr_op *op, const char *suffix, gr_parameter model);
/* The same for an operator that is part of a layer of another name: "LAYER.suffix". */
bool gr_graph_add_param_of(gr_graph *g, gr_op *op, const char *layer, const char *suffix, gr_parameter model);

/* A stable number for a name (FNV-1a, 64 bits): keys random streams. */
uint64_t gr_name_key(const char *name);

/* Shorthand for shapes of rank 1 to 4. */
gr_shape gr_shape1(int64_t a);
gr_shape gr_shape2(int64_t a, int64_t b);
gr_shape gr_shape4(int64_t n, int64_t h, int64_t w, int64_t c);
/* Product of all axes but the last; the last axis. */
int64_t gr_shape_rows(const gr_shape *shape);
int64_t gr_shape_last(const gr_shape *shape);

#endif
