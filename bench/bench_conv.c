/* bench_conv: grimace's convolutions against this machine's peak and against oneDNN, alternating in the same run.
 *
 *   bench_conv [batch=32] [threads=0] [repeat=7] [precision=f32|bf16] [algorithm=NAME] [direction=forward|data|weight]
 *              [onednn=direct|any] SHAPES.txt...
 *
 * Each answer is compared with oneDNN's before it is timed. GFLOP/s count the direct convolution's multiply-adds, whatever
 * the algorithm does; the caches are warm. oneDNN computes directly, as PyTorch lets it, or with `any` as it likes. Exit
 * status 1 when an answer is wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peak.h"
#include "bench/peer_dnnl.h"
#include "tests/support/conv_expected.h"
#include "tests/support/conv_shapes.h"

enum { REPEAT_MOST = 101 };

typedef struct settings {
    int64_t batch, threads, repeat;
    const char *algorithm, *direction;
    double peak; /* GFLOP/s of all threads */
    bool bf16, onednn_any, wrong;
} settings;

/* Of the largest output: Winograd's error; bfloat16's, which both sides make. */
static const double LIMIT = 1e-4, BF16_LIMIT = 2e-2;

static const char *const direction_names[] = {"forward", "data", "weight"};

/* ---- one convolution -------------------------------------------------------------------------------------------------- */

static void *must(void *block)
{
    if (block == NULL) {
        fprintf(stderr, "bench_conv: no memory\n");
        exit(1);
    }
    return block;
}

static float *numbers(size_t count, uint32_t seed)
{
    float *v = must(gr_alloc_aligned(count, sizeof *v));
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        v[i] = (float)(state >> 8) / 8388608.0f - 1.0f;
    }
    return v;
}

static const gr_conv_algorithm *choose(const settings *s, const gr_conv_problem *p, gr_direction d)
{
    const gr_conv_algorithm *const *a = gr_kernels_get()->conv;
    for (; *a != NULL; a++)
        if ((s->algorithm == NULL || strcmp(s->algorithm, (*a)->name) == 0) && (*a)->refuses(p, d, NULL) == NULL)
            break;
    return *a;
}

static double worst_error(size_t count, const float *got, const float *wanted)
{
    double top = 0.0, worst = 0.0;
    for (size_t i = 0; i < count; i++) {
        double difference = fabs((double)got[i] - (double)wanted[i]);
        top = fmax(top, fabs((double)wanted[i]));
        worst = difference <= worst ? worst : difference; /* NaN wins */
    }
    return worst / top;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(int64_t count, double *times)
{
    qsort(times, (size_t)count, sizeof *times, by_value);
    return times[count / 2];
}

static double seconds_of_run(const gr_conv_algorithm *a, const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    double begin = gr_seconds();
    a->run(p, d, args);
    return gr_seconds() - begin;
}

static double seconds_of_peer(peer *other)
{
    double begin = gr_seconds();
    peer_run(other);
    return gr_seconds() - begin;
}

static double seconds_of_pack(const gr_conv_algorithm *a, const gr_conv_problem *p, gr_direction d, const float *w,
                              void *packed)
{
    double begin = gr_seconds();
    a->pack(p, d, w, packed);
    return gr_seconds() - begin;
}

static void compare(settings *s, const conv_shape *shape, gr_direction d, const gr_conv_algorithm *a,
                    const gr_conv_args *args, peer *other, double pack)
{
    size_t count = conv_size_out(&shape->p, d);
    float *wanted = must(gr_alloc_aligned(count, sizeof *wanted));
    a->run(&shape->p, d, args);
    peer_run(other);
    peer_output(other, wanted);
    double error = worst_error(count, args->out, wanted), own[REPEAT_MOST], peers[REPEAT_MOST];
    gr_free(wanted);
    double limit = s->bf16 ? BF16_LIMIT : LIMIT;
    s->wrong |= !(error <= limit);
    for (int64_t i = 0; i < s->repeat; i++) {
        own[i] = seconds_of_run(a, &shape->p, d, args);
        peers[i] = seconds_of_peer(other);
    }
    double time = median(s->repeat, own), peer_time = median(s->repeat, peers), work = conv_flops(&shape->p) * 1e-9;
    printf("%-23s %-7s %-13s %8.3f %8.3f %8.3f %8.1f %6.1f %9.3f %8.1f %7.2f  %.0e%s  %s\n", shape->name, direction_names[d],
           a->name, pack * 1e3, time * 1e3, own[0] * 1e3, work / time, 100.0 * work / time / s->peak, peer_time * 1e3,
           work / peer_time, peer_time / time, error, error <= limit ? "" : " WRONG", peer_name(other));
    fflush(stdout);
}

static void bench(settings *s, const conv_shape *shape, gr_direction d)
{
    const gr_conv_problem *p = &shape->p;
    const gr_conv_algorithm *a = choose(s, p, d);
    if (a == NULL)
        return;
    float *x = numbers(conv_size_x(p), 1), *w = numbers(conv_size_w(p), 2), *dy = numbers(conv_size_y(p), 3);
    float *out = must(gr_alloc_aligned(conv_size_out(p, d), sizeof *out));
    void *packed = must(gr_alloc_aligned(a->packed_size(p, d), 1));
    gr_conv_args args = {.x = x, .packed = packed, .dy = dy, .out = out};
    args.scratch = must(gr_alloc_aligned(a->scratch_size(p, d, gr_threads_get()), 1));
    if (d != GR_BACKWEIGHT)
        seconds_of_pack(a, p, d, w, packed);
    double pack = d == GR_BACKWEIGHT ? 0.0 : seconds_of_pack(a, p, d, w, packed);
    peer *other = peer_create(p, d, s->onednn_any, x, w, dy);
    if (other != NULL) {
        compare(s, shape, d, a, &args, other, pack);
        peer_free(other);
    }
    gr_free(x), gr_free(w), gr_free(dy), gr_free(out), gr_free(packed), gr_free(args.scratch);
}

/* ---- the command line ------------------------------------------------------------------------------------------------- */

static bool read_setting(settings *s, const char *arg)
{
    const char *value = strchr(arg, '=');
    if (value == NULL)
        return false;
    value++;
    int64_t number = 0;
    bool whole = gr_parse_int64(value, &number) && number >= 0;
    if (gr_starts_with(arg, "batch=") && whole)
        s->batch = number;
    else if (gr_starts_with(arg, "threads=") && whole)
        s->threads = number;
    else if (gr_starts_with(arg, "repeat=") && whole && number >= 1 && number <= REPEAT_MOST)
        s->repeat = number;
    else if (strcmp(arg, "precision=bf16") == 0 || strcmp(arg, "precision=f32") == 0)
        s->bf16 = value[0] == 'b';
    else if (strcmp(arg, "onednn=direct") == 0 || strcmp(arg, "onednn=any") == 0)
        s->onednn_any = value[0] == 'a';
    else if (gr_starts_with(arg, "algorithm="))
        s->algorithm = value;
    else if (gr_starts_with(arg, "direction="))
        s->direction = value;
    else
        return false;
    return true;
}

static gr_status bench_file(settings *s, const char *path, gr_error *err)
{
    conv_shape *shapes;
    size_t count;
    gr_status status = conv_shapes_read(path, s->batch, &shapes, &count, err);
    if (status != GR_OK)
        return status;
    printf("\n%s, batch %lld, %d threads, %s, %s, measured float32 peak %.1f GFLOP/s\n", path, (long long)s->batch,
           gr_threads_get(), gr_kernels_get()->isa, s->bf16 ? "bf16" : "float32", s->peak);
    printf("%-23s %-7s %-13s %8s %8s %8s %8s %6s %9s %8s %7s\n", "layer", "", "algorithm", "pack ms", "ms", "least",
           "GFLOP/s", "% peak", "oneDNN ms", "GFLOP/s", "x faster");
    for (size_t i = 0; i < count; i++) {
        shapes[i].p.bf16 = s->bf16;
        for (int d = GR_FORWARD; d <= GR_BACKWEIGHT; d++)
            if (s->direction == NULL || strcmp(s->direction, direction_names[d]) == 0)
                bench(s, &shapes[i], (gr_direction)d);
    }
    gr_free(shapes);
    return GR_OK;
}

int main(int argc, char **argv)
{
    settings s = {.batch = 32, .repeat = 7};
    gr_error err = {0};
    int first = 1;
    while (first < argc && read_setting(&s, argv[first]))
        first++;
    gr_threads_set((int)s.threads);
    gr_status status = gr_kernels_select(&err);
    s.peak = bench_peak();
    for (int i = first; i < argc && status == GR_OK; i++)
        status = bench_file(&s, argv[i], &err);
    if (status != GR_OK)
        fprintf(stderr, "bench_conv: %s\n", err.text);
    return status != GR_OK ? 2 : s.wrong ? 1 : 0;
}
