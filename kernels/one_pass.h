/* Convolutions at inference that are begun, summed over their whole depth and finished in registers. Private to kernels/K_*.c. */
#ifndef GR_ONE_PASS_H
#define GR_ONE_PASS_H

#include "implicit_gemm.h"

/* A last panel of one vector goes with the panel in front of it, where three vectors of sums fit the registers as well. */
#if GR_REGISTERS == 16 && defined(__FMA__)
#define GR_TRIPLES 1
#else
#define GR_TRIPLES 0
#endif

/* Up to GR_MR rows of results, one behind the other, by up to GR_NR columns, or one vector more where GR_TRIPLES:
 * out[r][c] = act(bias[c] + the sum of a * b + residual[r][c]). */
typedef struct gr_one_tile {
    const float *a; /* a[run * run_step + row * lda + k], as of gr_tile */
    int64_t lda, run_step, runs, k;
    const float *b; /* [runs * k][GR_NR], zero behind the last column; then those of the vector more */
    const float *bias, *residual; /* or NULL; residual as out */
    float *out;
    int64_t step;    /* from row to row of out */
    int64_t columns; /* that are real */
    int64_t panels;  /* where GR_TRIPLES: above 0, so many whole panels, which are `columns` together; see gr_goes_whole */
    int64_t tiles;   /* of those panels: above 1, so many tiles of as many rows, one behind the other in a and out */
    gr_act act;
    bool goes_on; /* on AVX-512: sums begin at what an earlier part of the depth has left in out, not at the bias */
    const char *fetch; /* memory that will be read soon: each step along k asks for its next `fetch_step` bytes */
    int64_t fetch_step, fetch_tile; /* from tile to tile, where there are several */
} gr_one_tile;

/* A plan's packed weights lie one behind the other in the order of use. So the memory behind an operator's own is what the next
 * ones will read, and each of these kernels asks for that many bytes of it while it has arithmetic to do: a batch of one would
 * else wait for every weight. Addresses only, which need not be there. */
enum { GR_AHEAD = 256 << 10 };

/* None, ReLU and ReLU6 as one: the ends of what passes. */
typedef struct gr_limits {
    gr_vf low, high;
} gr_limits;

static inline gr_limits gr_limits_of(gr_act act)
{
    const float all = __builtin_inff();
    return (gr_limits){gr_vset(act == GR_ACT_NONE ? -all : 0.0f), gr_vset(act == GR_ACT_RELU6 ? 6.0f : all)};
}

/* NaN stays NaN. */
GR_INLINE gr_vf gr_vlimit(gr_vf x, const gr_limits *limits)
{
#if defined(__AVX512F__)
    return (gr_vf)_mm512_min_ps((__m512)limits->high, _mm512_max_ps((__m512)limits->low, (__m512)x));
#elif defined(__AVX2__)
    return (gr_vf)_mm256_min_ps((__m256)limits->high, _mm256_max_ps((__m256)limits->low, (__m256)x));
#else
    x = gr_vselect((gr_vi)(x <= limits->low), limits->low, x);
    return gr_vselect((gr_vi)(x >= limits->high), limits->high, x);
#endif
}

/* x / (1 + exp(-x)), within 2 ulp. Where a vector can be scaled by powers of two, exp needs no care for its ends. */
static inline gr_vf gr_vsilu(gr_vf x)
{
#if defined(__AVX512F__)
    gr_vf u = (gr_vf)_mm512_min_ps(_mm512_set1_ps(88.0f), (__m512)-x); /* the second one where that is NaN */
    gr_vf n = (gr_vf)_mm512_roundscale_ps((__m512)(u * gr_vset(0x1.715476p+0f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    gr_vf r = gr_vfma(n, gr_vset(2.12194440e-4f), gr_vfma(n, gr_vset(-0.693359375f), u));
    const gr_vf p = gr_vexp_near_zero(r);
    return x / (gr_vset(1.0f) + (gr_vf)_mm512_scalef_ps((__m512)p, (__m512)n));
#else
    return gr_vswish(x);
#endif
}

void GR_KERNEL(gr_one_tile)(const gr_one_tile *t, int64_t rows);

/* Whether whole panels may go together. */
static inline bool gr_goes_whole(const gr_conv_fusion *f, int64_t runs)
{
    return GR_TRIPLES && (f->residual == NULL || (runs == 1 && f->act != GR_ACT_HARD_SWISH));
}

/* How a convolution is cut; it follows from its shape (K_one_pass.c). */
typedef struct gr_one_pass_cut {
    gr_view v;
    int64_t tiles, blocks; /* tiles of pixels; blocks of tiles */
    int64_t turns;         /* panels, less one where the last one goes with the panel in front of it */
    int64_t whole;         /* of the first turns, that are whole panels and may go together */
    int64_t strips;        /* of turns */
    int64_t group;         /* tiles that go together, one behind the other */
    int64_t lda;           /* of copied rows */
    int64_t depth;         /* at one time: the sums wait in out between two of its parts, which changes no bit */
    bool by_panel, copied; /* panel by panel; the left matrix is copied first, as a whole, */
    bool aside;            /* or a block of it by the task that reads it */
} gr_one_pass_cut;

typedef struct gr_one_pass_job {
    gr_one_pass_cut c;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    gr_source source;
    bool in_place;               /* the whole left matrix is the tensor */
    int64_t fewest, longer;      /* pixels of a tile; how many of the first tiles have one more */
    int64_t share, share_step;   /* of GR_AHEAD, or of the next tile's rows: of a tile and panel, of a step along k */
    bool rows_ahead;             /* tiles ask for the next one's rows, which come from far */
} gr_one_pass_job;

gr_one_pass_cut GR_KERNEL(gr_one_pass_cut)(const gr_conv_problem *p);
/* Where panels may go whole, turns `first` to `end` of `count` tiles of `rows` pixels each: whole panels of all of them, then the
 * last columns of all. Their left matrices and results stand one behind the other; t has the first one, and asks for `share` bytes
 * a tile and panel. */
void GR_KERNEL(gr_one_pass_group)(const gr_one_pass_job *j, gr_one_tile *t, int64_t pixel, int64_t rows, int64_t count,
                                  int64_t first, int64_t end, int64_t share, float *out);
/* Turns `first` to `end` of `rows` pixels from `pixel` on, whose first result of all columns stands at `out`; t has its left
 * matrix, and asks for `share` bytes a panel. */
void GR_KERNEL(gr_one_pass_turns)(const gr_one_pass_job *j, gr_one_tile *t, int64_t pixel, int64_t rows, int64_t first,
                                  int64_t end, int64_t share, float *out);
/* For convolutions that run row by row, one behind the other (K_one_pass_join.c). */
gr_one_pass_job GR_KERNEL(gr_one_pass_begin)(const gr_conv_problem *p, const gr_conv_args *args);
/* Row `row` of the results, counted over all images, to out[OW * OC]. No residual. */
void GR_KERNEL(gr_one_pass_row)(const gr_one_pass_job *j, int64_t row, int thread, float *out);
/* The same of a depthwise convolution, to args->out; rows[tap] is what each row of taps reads, where it lies in the image. */
void GR_KERNEL(gr_depthwise_row)(const gr_conv_problem *p, const gr_conv_args *args, const float *const *rows, int64_t row);

extern const gr_conv_join GR_KERNEL(gr_one_pass_join);
extern const gr_conv_algorithm GR_KERNEL(gr_one_pass), GR_KERNEL(gr_one_pass_image), GR_KERNEL(gr_depthwise_one_pass),
    GR_KERNEL(gr_winograd_image_line), GR_KERNEL(gr_winograd_small);

#endif
