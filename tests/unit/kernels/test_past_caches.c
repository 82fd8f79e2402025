/* Large results are stored past the caches where a line of cache is written at one go, which needs memory on a line: the same bits
 * stand there as behind a half line, where they are stored as all others. */
#include "support/kernel_check.h"

enum {
    SIDE = 630,     /* of a map of one image; 32 channels of it take 50.8 MB, which is large to every kernel */
    CHANNELS = 32,
    HALF_LINE = 8,  /* floats */
    LINE = 64       /* bytes */
};

typedef struct maps {
    gr_conv_problem p;
    int64_t x_count, y_count, w_count;
    float *x, *y, *dy, *w, *scale, *shift;
} maps;

static maps make_of(gr_conv_problem p)
{
    maps m = {.p = p, .x_count = p.h * p.w * p.c, .y_count = p.oh * p.ow * p.oc, .w_count = p.kh * p.kw * p.c / p.groups * p.oc};
    const int64_t c = p.c, oc = p.oc;
    m.x = fresh_uniform(m.x_count, 1), m.y = fresh_uniform(m.y_count, 2), m.dy = fresh_uniform(m.y_count, 3);
    m.w = fresh_uniform(m.w_count, 4), m.scale = fresh_uniform(c + oc, 5), m.shift = fresh_uniform(c + oc, 6);
    return m;
}

static maps make(int64_t c, int64_t oc, int64_t kernel)
{
    return make_of((gr_conv_problem){.n = 1, .h = SIDE, .w = SIDE, .c = c, .oc = oc, .kh = kernel, .kw = kernel, .oh = SIDE,
                                     .ow = SIDE, .stride_h = 1, .stride_w = 1, .pad_top = kernel / 2, .pad_left = kernel / 2,
                                     .dil_h = 1, .dil_w = 1, .groups = kernel > 1 ? c : 1});
}

/* 3x3 at stride 2 of a map of `side` pixels a side. */
static maps make_strided(int64_t side, int64_t c, int64_t oc)
{
    const int64_t results = (side + 1) / 2;
    return make_of((gr_conv_problem){.n = 1, .h = side, .w = side, .c = c, .oc = oc, .kh = 3, .kw = 3, .oh = results,
                                     .ow = results, .stride_h = 2, .stride_w = 2, .pad_top = 1, .pad_left = 1, .dil_h = 1,
                                     .dil_w = 1, .groups = 1});
}

static void unmake(maps *m)
{
    release(m->x, m->x_count), release(m->y, m->y_count), release(m->dy, m->y_count), release(m->w, m->w_count);
    release(m->scale, m->p.c + m->p.oc), release(m->shift, m->p.c + m->p.oc);
}

/* `count` floats from a line of cache on. */
static float *on_a_line(float *room)
{
    return room + (LINE - (uintptr_t)room % LINE) % LINE / sizeof(float);
}

/* Everything that a run leaves: the large result, sums for batch norm, gradients of weights. */
typedef struct left {
    float *room, *out, *stats, *dw;
    int64_t stat_count;
} left;

static void run(const gr_conv_algorithm *a, const maps *m, bool back, int64_t offset, left *l)
{
    const gr_conv_problem *p = &m->p;
    const gr_direction d = back ? GR_BACKDATA : GR_FORWARD;
    gr_conv_fusion f = {.in_scale = m->scale, .in_shift = m->shift, .in_act = GR_ACT_RELU6};
    const int64_t count = back ? m->x_count : m->y_count;
    l->room = fresh(count + 2 * LINE), l->out = on_a_line(l->room) + offset, l->dw = fresh(m->w_count);
    l->stat_count = a->stat_blocks(p, d) * 2 * (back ? p->c : p->oc), l->stats = fresh(l->stat_count);
    if (back)
        f.y = m->y, f.out_a = m->scale + p->c, f.out_b = m->shift + p->c, f.out_c = m->shift, f.mask_x = m->x,
        f.mask_scale = m->scale, f.mask_shift = m->shift, f.mask_act = GR_ACT_RELU6, f.mask_stats = l->stats;
    else
        f.stats = l->stats;
    void *packed = gr_alloc_aligned(a->packed_size(p, d) + 1, 1), *scratch = gr_alloc_aligned(a->scratch_size(p, d, 1) + 1, 1);
    assert_non_null(packed);
    assert_non_null(scratch);
    a->pack(p, d, m->w, packed);
    gr_conv_args args = {.x = m->x, .packed = packed, .dy = m->dy, .out = l->out, .fusion = &f, .scratch = scratch, .dw = l->dw};
    a->run(p, d, &args);
    gr_free(packed), gr_free(scratch);
}

static void compare(const gr_conv_algorithm *const *list, const char *name, const maps *m, bool back)
{
    left one, other;
    while (strcmp((*list)->name, name) != 0)
        list++;
    run(*list, m, back, 0, &one);
    run(*list, m, back, HALF_LINE, &other);
    const int64_t count = back ? m->x_count : m->y_count;
    assert_memory_equal(one.out, other.out, (size_t)count * sizeof(float));
    assert_memory_equal(one.stats, other.stats, (size_t)one.stat_count * sizeof(float));
    for (int64_t i = 0; i < count; i++)
        if (isnan(one.out[i]))
            fail_msg("%s leaves out number %lld", name, (long long)i);
    if (back)
        assert_memory_equal(one.dw, other.dw, (size_t)m->w_count * sizeof(float));
    for (int i = 0; i < 2; i++) {
        left *l = i == 0 ? &one : &other;
        release(l->room, count + 2 * LINE), release(l->stats, l->stat_count), release(l->dw, m->w_count);
    }
}

static void convolutions_on(const gr_kernels *k)
{
    maps point = make(8, CHANNELS, 1), back = make(CHANNELS, 8, 1), depth = make(CHANNELS, CHANNELS, 3);
    compare(k->conv, "implicit_gemm", &point, false);
    compare(k->conv_back, "pointwise", &back, true);
    compare(k->conv, "depthwise_rows", &depth, false);
    compare(k->conv_back, "depthwise", &depth, true);
    unmake(&point), unmake(&back), unmake(&depth);
    maps read = make_strided(SIDE, CHANNELS, CHANNELS); /* of which x is the large map */
    compare(k->conv, "winograd_strided", &read, true);
    unmake(&read);
    maps written = make_strided(SIDE / 2, CHANNELS, 16 * CHANNELS); /* and y, of 51.1 MB */
    compare(k->conv, "winograd_strided", &written, false);
    unmake(&written);
}

static void scaled_map_on(const gr_kernels *k)
{
    maps m = make(CHANNELS, 1, 1);
    const gr_stands_for f = {m.scale, m.shift, GR_ACT_HARD_SWISH};
    float *room = fresh(m.x_count + 2 * LINE), *other = fresh(m.x_count + 2 * LINE), *y = on_a_line(room);
    float *z = on_a_line(other) + HALF_LINE;
    k->lazy_scale(1, SIDE * SIDE, CHANNELS, m.x, &f, m.scale, y);
    k->lazy_scale(1, SIDE * SIDE, CHANNELS, m.x, &f, m.scale, z);
    check_equal("scaled", y, z, m.x_count);
    release(room, m.x_count + 2 * LINE), release(other, m.x_count + 2 * LINE);
    unmake(&m);
}

/* A batch norm's map, without a residual, with one, and with one that has a map of its own. */
static void affine_on(const gr_kernels *k)
{
    maps m = make(CHANNELS, 1, 1);
    float *residual = fresh_uniform(m.x_count, 7), *room = fresh(m.x_count + 2 * LINE), *other = fresh(m.x_count + 2 * LINE);
    float *y = on_a_line(room), *z = on_a_line(other) + HALF_LINE;
    const gr_residual plain = {.data = residual}, scaled = {residual, m.shift, m.scale}, *added[] = {NULL, &plain, &scaled};
    for (int kind = 0; kind < 3; kind++) {
        k->affine(SIDE * SIDE, CHANNELS, m.x, m.scale, m.shift, added[kind], GR_ACT_RELU, y);
        k->affine(SIDE * SIDE, CHANNELS, m.x, m.scale, m.shift, added[kind], GR_ACT_RELU, z);
        check_equal("affine", y, z, m.x_count);
    }
    release(room, m.x_count + 2 * LINE), release(other, m.x_count + 2 * LINE), release(residual, m.x_count);
    unmake(&m);
}

/* The gradient of a 3x3 max pool at stride 2, of a map that a ReLU masks. */
static void pool_on(const gr_kernels *k)
{
    maps m = make(CHANNELS, 1, 1);
    const gr_pool_problem p = {.n = 1, .h = SIDE, .w = SIDE, .c = CHANNELS, .kh = 3, .kw = 3, .oh = SIDE / 2, .ow = SIDE / 2,
                               .stride_h = 2, .stride_w = 2, .pad_top = 1, .pad_left = 1};
    const int64_t count = p.oh * p.ow * p.c, stats = p.h * 2 * p.c;
    float *dy = fresh_uniform(count, 7), *y = fresh(count), *room = fresh(m.x_count + 2 * LINE);
    float *other = fresh(m.x_count + 2 * LINE), *one = fresh(stats), *two = fresh(stats);
    uint8_t *index = gr_alloc((size_t)count, 1);
    assert_non_null(index);
    gr_pool_fusion f = {.scale = m.scale, .shift = m.shift, .x = m.x, .mask_stats = one};
    k->max_pool(&p, m.x, y, index, &f);
    k->max_pool_backward(&p, index, dy, on_a_line(room), false, &f);
    f.mask_stats = two;
    k->max_pool_backward(&p, index, dy, on_a_line(other) + HALF_LINE, false, &f);
    check_equal("pool's gradient", on_a_line(room), on_a_line(other) + HALF_LINE, m.x_count);
    check_equal("its sums", one, two, stats);
    k->max_pool_backward(&p, index, dy, on_a_line(room), false, NULL);
    k->max_pool_backward(&p, index, dy, on_a_line(other) + HALF_LINE, false, NULL);
    check_equal("pool's gradient, unmasked", on_a_line(room), on_a_line(other) + HALF_LINE, m.x_count);
    gr_free(index), release(dy, count), release(y, count), release(one, stats), release(two, stats);
    release(room, m.x_count + 2 * LINE), release(other, m.x_count + 2 * LINE);
    unmake(&m);
}

static void convolutions(void **state)
{
    (void)state;
    on_each_table(convolutions_on);
}

static void scaled_map(void **state)
{
    (void)state;
    on_each_table(scaled_map_on);
}

static void affine(void **state)
{
    (void)state;
    on_each_table(affine_on);
}

static void pool(void **state)
{
    (void)state;
    on_each_table(pool_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(convolutions), cmocka_unit_test(scaled_map), cmocka_unit_test(affine),
                                       cmocka_unit_test(pool)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
