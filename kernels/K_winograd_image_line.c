/* Winograd along the rows of an image, at inference: kernels of seven columns at stride 2 over few channels, as ResNets begin.
 *
 * Along a row y[o] = sum of w[t] x[2o + t]: even taps meet one half of the pixels at stride 1, F(4,4), odd ones the other, F(4,3).
 * The points are 0, +-1/2, +-5/4, 2 and infinity; F(4,3) lacks the 2 and shares the others, whose products so go into one sum. Four
 * results take 13 products for each channel and row of the kernel instead of 28. On random numbers the mean error is 1.7 times that
 * of plain float32 sums.
 *
 *     V [7][tile][line][2 C]    U [panel][7][KH][2 C][GR_NR]    M [7][tile][GR_NR]
 *
 * A vector holds a pixel with an even tap and the next one with an odd tap, all channels of both, so that the seven vectors of a
 * tile make its numbers at all points. A band of rows of results transforms the lines that it reads; then each row of it and each
 * panel takes its products of all points, which stay in L1 until they are results. */
#include <stdio.h>

#include "one_pass.h"
#include "parts.h"

enum { POINTS = 7, OUTS = 4, TAPS = 7, BAND = 7 /* rows of results */, EVEN_ALONE = 5, INFINITE = 6, CHANNELS_MIN = 32 };

static const double points[POINTS - 1] = {0, 0.5, -0.5, 1.25, -1.25, 2};

static int64_t tiles_of(const gr_conv_problem *p) { return gr_blocks(p->ow, OUTS); }
static int64_t lanes_of(const gr_conv_problem *p) { return 2 * p->c; }
static int64_t panels_of(const gr_conv_problem *p) { return gr_blocks(p->oc, GR_NR); }
static int64_t lines_of(const gr_conv_problem *p) { return (BAND - 1) * p->stride_h + p->kh; }

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *f)
{
    if (p->kw != TAPS || p->stride_w != 2 || p->dil_w != 1 || p->dil_h != 1)
        return "the kernel has not seven columns at stride 2";
    if (lanes_of(p) > GR_VL)
        return "the channels of two pixels are more than a vector";
    if (p->exact || p->explained)
        return "the plan is exact, or explains";
    if (p->oc < CHANNELS_MIN)
        return "few output channels for its transforms";
    if (p->pad_left < 0 || p->pad_left > TAPS || (tiles_of(p) * OUTS - p->ow) * 8 > p->ow)
        return "results fill their tiles badly";
    if (f != NULL && (f->residual != NULL || f->act > GR_ACT_RELU6))
        return "it adds no residual, and knows ReLU and ReLU6";
    return GR_KERNEL(gr_one_pass).refuses(p, d, f);
}

/* Floats of the weights of one panel and point. */
static int64_t u_floats(const gr_conv_problem *p)
{
    return p->kh * lanes_of(p) * GR_NR;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return sizeof(float) * (size_t)(panels_of(p) * POINTS * u_floats(p));
}

/* Of a padded line of the image; behind what the last tile reads, a vector may be read. */
static int64_t line_floats(const gr_conv_problem *p)
{
    return gr_round_up((2 * OUTS * tiles_of(p) + TAPS) * p->c + GR_VL, 16);
}

/* From tile to tile of V; no power of two. */
static int64_t v_step(const gr_conv_problem *p)
{
    return gr_round_up(lines_of(p) * lanes_of(p) + GR_VL, 32) + 16;
}

static int64_t thread_floats(const gr_conv_problem *p)
{
    return line_floats(p) + POINTS * tiles_of(p) * (v_step(p) + GR_NR);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    return sizeof(float) * (size_t)(thread_floats(p) * threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

/* ---- the filter ------------------------------------------------------------------------------------------------------- */

/* How many of the points a phase has: even taps (0) all. */
static int finite_points(int phase)
{
    return phase == 0 ? POINTS - 1 : POINTS - 2;
}

/* What tap `tap` of a phase is worth at a point: powers of the point over its distances to the others. */
static double g_of(int phase, int point, int tap)
{
    if (point == INFINITE)
        return tap == OUTS - 1 - phase ? 1.0 : 0.0;
    double g = 1.0;
    for (int i = 0; i < finite_points(phase); i++)
        g /= i != point ? points[point] - points[i] : 1.0;
    for (int i = 0; i < tap; i++)
        g *= points[point];
    return g;
}

typedef struct pack_job {
    const gr_conv_problem *p;
    const float *weights;
    float *packed;
} pack_job;

static void pack_point(void *ctx, int64_t index, int thread)
{
    const pack_job *j = ctx;
    const gr_conv_problem *p = j->p;
    const int64_t panel = index / POINTS, point = index % POINTS;
    float *out = j->packed + index * u_floats(p);
    (void)thread;
    for (int64_t kh = 0; kh < p->kh; kh++)
        for (int phase = 0; phase < (point == EVEN_ALONE ? 1 : 2); phase++)
            for (int64_t c = 0; c < p->c; c++, out += GR_NR)
                for (int64_t l = 0; l < GR_NR; l++) {
                    const int64_t oc = panel * GR_NR + l;
                    double u = 0.0;
                    for (int tap = 0; tap < OUTS - phase && oc < p->oc; tap++)
                        u += g_of(phase, (int)point, tap) *
                             (double)j->weights[((kh * TAPS + 2 * tap + phase) * p->c + c) * p->oc + oc];
                    out[l] = (float)u;
                }
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    pack_job j = {p, weights, packed};
    (void)d;
    gr_parallel_for(panels_of(p) * POINTS, pack_point, &j);
}

/* ---- the image -------------------------------------------------------------------------------------------------------- */

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    int64_t bands; /* of an image */
    int64_t share; /* of GR_AHEAD: of a row, panel and point */
    _Alignas(64) float b[POINTS][TAPS][GR_VL]; /* what each vector of a tile is worth at each point, lane by lane */
} job;

/* The product of (x - q) over the points q of a phase but `point`, as coefficients of rising powers. */
static void polynomial(int phase, int point, float out[TAPS])
{
    double of[TAPS + 1] = {1.0};
    for (int i = 0, degree = 0; i < finite_points(phase); i++)
        if (i != point) {
            degree++;
            for (int k = degree; k >= 0; k--)
                of[k] = (k > 0 ? of[k - 1] : 0.0) - points[i] * of[k];
        }
    for (int k = 0; k < TAPS; k++)
        out[k] = (float)of[k];
}

static void fill_matrix(job *j)
{
    for (int point = 0; point < POINTS; point++)
        for (int64_t lane = 0; lane < GR_VL; lane++) {
            const int phase = lane >= j->p->c;
            float row[TAPS] = {0};
            if (lane < lanes_of(j->p) && (phase == 0 || point != EVEN_ALONE))
                polynomial(phase, point, row);
            for (int k = 0; k < TAPS; k++)
                j->b[point][k][lane] = row[k];
        }
}

/* A line of an image with its zeros, or nothing but zeros where it lies beside the image. */
static void copy_line(const gr_conv_problem *p, const float *image, int64_t h, float *line)
{
    const int64_t pixels = line_floats(p) / p->c, count = gr_least(p->w, pixels - p->pad_left);
    memset(line, 0, sizeof *line * (size_t)line_floats(p));
    if (h >= 0 && h < p->h)
        memcpy(line + p->pad_left * p->c, image + h * p->w * p->c, sizeof *line * (size_t)(count * p->c));
}

/* All tiles of a line at all points. A vector is stored whole: the next line takes the place of what is too much. */
static void transform_in(const job *j, const float *line, float *v)
{
    const gr_conv_problem *p = j->p;
    const int64_t tiles = tiles_of(p), step = v_step(p), point_step = tiles * step;
    for (int64_t tile = 0; tile < tiles; tile++, line += 2 * OUTS * p->c, v += step) {
        gr_vf x[TAPS];
#pragma GCC unroll 7
        for (int i = 0; i < TAPS; i++)
            x[i] = gr_vload(line + 2 * i * p->c);
#pragma GCC unroll 7
        for (int point = 0; point < POINTS; point++) {
            /* All but the one at 0 have a zero there, and infinity alone has the highest power. */
            const int first = point == 0 ? 0 : 1, last = point == INFINITE ? TAPS - 1 : TAPS - 2;
            gr_vf sum = gr_vload(j->b[point][first]) * x[first];
#pragma GCC unroll 6
            for (int i = first + 1; i <= last; i++)
                sum = gr_vfma(gr_vload(j->b[point][i]), x[i], sum);
            gr_vstore(v + point * point_step, sum);
        }
    }
}

/* m = v u of `rows` tiles, `count` times one behind the other. */
static void multiply_tiles(gr_one_tile *t, int64_t rows, int64_t count)
{
    const int64_t calls = GR_TRIPLES ? 1 : count;
    t->panels = GR_TRIPLES, t->tiles = GR_TRIPLES ? count : 0;
    for (int64_t i = 0; i < calls && count > 0; i++) {
        GR_KERNEL(gr_one_tile)(t, rows);
        t->a += rows * (count / calls) * t->lda, t->out += rows * (count / calls) * t->step;
    }
}

/* All points of a row of results and a panel; `index` of all these. v is the row's first line. */
static void multiply(const job *j, int64_t index, int64_t panel, const float *v, float *m)
{
    const gr_conv_problem *p = j->p;
    const int64_t tiles = tiles_of(p), strips = gr_blocks(tiles, GR_MR), longer = tiles % strips, lanes = lanes_of(p);
    const char *behind = (const char *)j->args->packed + packed_size(p, GR_FORWARD);
    for (int64_t point = 0; point < POINTS; point++) {
        const bool alone = point == EVEN_ALONE;
        gr_one_tile t = {.a = v + point * tiles * v_step(p),
                         .lda = v_step(p),
                         .runs = alone ? p->kh : 1,
                         .run_step = lanes,
                         .k = alone ? p->c : p->kh * lanes,
                         .b = (const float *)j->args->packed + (panel * POINTS + point) * u_floats(p),
                         .out = m + point * tiles * GR_NR,
                         .step = GR_NR,
                         .columns = GR_NR,
                         .fetch = behind + (index * POINTS + point) * j->share,
                         .fetch_step = gr_blocks(j->share, p->kh * lanes)};
        multiply_tiles(&t, tiles / strips + 1, longer);
        multiply_tiles(&t, tiles / strips, strips - longer);
    }
}

/* The four results of a tile, from its sums at all points, `step` floats apart. */
GR_INLINE void results_of(const float *m, int64_t step, gr_vf bias, gr_vf y[OUTS])
{
    const gr_vf a = gr_vset(0.5f), b = gr_vset(1.25f), two = gr_vset(2.0f);
    const gr_vf m1 = gr_vload(m + step), m2 = gr_vload(m + 2 * step), m3 = gr_vload(m + 3 * step), m4 = gr_vload(m + 4 * step);
    const gr_vf alone = gr_vload(m + EVEN_ALONE * step), infinite = gr_vload(m + INFINITE * step);
    const gr_vf s1 = m1 + m2, d1 = a * (m1 - m2), s2 = m3 + m4, d2 = b * (m3 - m4);
    y[0] = (gr_vload(m) + bias) + (s1 + s2) + alone;
    y[1] = gr_vfma(two, alone, d1 + d2) + bias;
    y[2] = gr_vfma(a * a, s1, gr_vfma(b * b, s2, gr_vfma(two * two, alone, bias)));
    y[3] = gr_vfma(a * a, d1, gr_vfma(b * b, d2, gr_vfma(gr_vset(8.0f), alone, infinite + bias)));
}

static void transform_out(const job *j, int64_t panel, const float *m, float *out)
{
    const gr_conv_problem *p = j->p;
    const int64_t tiles = tiles_of(p), columns = gr_least(GR_NR, p->oc - panel * GR_NR);
    const gr_limits limits = gr_limits_of(j->f->act);
    for (int64_t c = 0; c < columns; c += GR_VL) {
        const int64_t left = columns - c;
        const gr_vf bias = j->f->bias != NULL ? gr_vload_upto(j->f->bias + panel * GR_NR + c, left) : gr_vzero();
        float *to = out + panel * GR_NR + c;
        for (int64_t tile = 0; tile < tiles; tile++) {
            const int64_t count = gr_least(OUTS, p->ow - OUTS * tile);
            gr_vf y[OUTS];
            results_of(m + tile * GR_NR + c, tiles * GR_NR, bias, y);
            for (int64_t i = 0; i < count; i++, to += p->oc)
                gr_vstore_upto(to, gr_vlimit(y[i], &limits), left);
        }
    }
}

static void run_band(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    const int64_t n = index / j->bands, band = index % j->bands;
    const int64_t first = p->oh * band / j->bands, end = p->oh * (band + 1) / j->bands, panels = panels_of(p);
    float *line = (float *)j->args->scratch + thread * thread_floats(p), *v = line + line_floats(p);
    float *m = v + POINTS * tiles_of(p) * v_step(p);
    for (int64_t i = 0; i < (end - first - 1) * p->stride_h + p->kh; i++) {
        copy_line(p, j->args->x + n * p->h * p->w * p->c, first * p->stride_h - p->pad_top + i, line);
        transform_in(j, line, v + i * lanes_of(p));
    }
    for (int64_t row = first; row < end; row++)
        for (int64_t panel = 0; panel < panels; panel++) {
            const int64_t at = n * p->oh + row;
            multiply(j, at * panels + panel, panel, v + (row - first) * p->stride_h * lanes_of(p), m);
            transform_out(j, panel, m, j->args->out + at * p->ow * p->oc);
        }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.p = p, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion, .bands = gr_blocks(p->oh, BAND)};
    (void)d;
    j.share = gr_blocks(GR_AHEAD, p->n * p->oh * panels_of(p) * POINTS);
    fill_matrix(&j);
    gr_parallel_for(p->n * j.bands, run_band, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    snprintf(text, size, "F(4,4) and F(4,3) along rows, %lld tiles of a row, bands of %d rows, %d tiles x %d channels",
             (long long)tiles_of(p), BAND, GR_MR, GR_NR);
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_image_line) = {
    .name = "winograd_image_line",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
