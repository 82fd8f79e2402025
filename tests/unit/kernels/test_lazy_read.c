/* What reads a map that was not written out gives the bits of what reads the map itself. */
#include "support/kernel_check.h"

static const gr_act acts[] = {GR_ACT_RELU, GR_ACT_HARD_SWISH, GR_ACT_SILU};

typedef struct maps {
    int64_t n, pixels, c, count; /* count: of a map's numbers */
    float *x, *scale, *shift, *s, *dy, *z, *before_dx, *before_ds;
} maps;

static maps make(int64_t n, int64_t pixels, int64_t c)
{
    int64_t count = n * pixels * c;
    return (maps){n, pixels, c, count, fresh_uniform(count, 1), fresh_uniform(c, 2), fresh_uniform(c, 3), fresh_uniform(n * c, 4),
                  fresh_uniform(count, 5), fresh(count), fresh_uniform(count, 6), fresh_uniform(n * c, 7)};
}

static void unmake(maps *m)
{
    release(m->x, m->count), release(m->scale, m->c), release(m->shift, m->c), release(m->s, m->n * m->c);
    release(m->dy, m->count), release(m->z, m->count), release(m->before_dx, m->count), release(m->before_ds, m->n * m->c);
}

static void check_forward(const gr_kernels *k, const maps *m, const gr_stands_for *f)
{
    float *y = fresh(m->count), *lazy = fresh(m->count), *mean = fresh(m->n * m->c), *lazy_mean = fresh(m->n * m->c);
    k->global_avg_pool(m->n, m->pixels, m->c, m->z, mean);
    k->lazy_avg_pool(m->n, m->pixels, m->c, m->x, f, lazy_mean);
    check_equal("mean", lazy_mean, mean, m->n * m->c);
    k->scale_channels(m->n, m->pixels, m->c, m->z, m->s, y);
    k->lazy_scale(m->n, m->pixels, m->c, m->x, f, m->s, lazy);
    check_equal("scaled", lazy, y, m->count);
    release(y, m->count), release(lazy, m->count), release(mean, m->n * m->c), release(lazy_mean, m->n * m->c);
}

static void check_backward(const gr_kernels *k, const maps *m, const gr_stands_for *f, bool added)
{
    int64_t factors = m->n * m->c;
    float *dx = copy_of(m->before_dx, m->count), *lazy_dx = copy_of(dx, m->count);
    float *ds = copy_of(m->before_ds, factors), *lazy_ds = copy_of(ds, factors);
    k->scale_channels_backward(m->n, m->pixels, m->c, m->z, m->s, m->dy, dx, added, ds, added);
    k->lazy_scale_backward(m->n, m->pixels, m->c, m->x, f, m->s, m->dy, lazy_dx, added, lazy_ds, added);
    check_equal("dx", lazy_dx, dx, m->count);
    check_equal("ds", lazy_ds, ds, factors);
    k->lazy_scale_backward(m->n, m->pixels, m->c, m->x, f, m->s, m->dy, NULL, false, lazy_ds, false);
    k->scale_channels_backward(m->n, m->pixels, m->c, m->z, m->s, m->dy, NULL, false, ds, false);
    check_equal("ds alone", lazy_ds, ds, factors);
    release(dx, m->count), release(lazy_dx, m->count), release(ds, factors), release(lazy_ds, factors);
}

static void check_table(const gr_kernels *k)
{
    static const int64_t channels[] = {1, 3, 4, 7, 8, 15, 16, 17, 33, 64, 65, 100, 257, 600};
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
        for (size_t a = 0; a < sizeof acts / sizeof acts[0]; a++) {
            maps m = make(2, i % 2 == 0 ? 70 : 9, channels[i]);
            gr_stands_for f = {m.scale, m.shift, acts[a]};
            k->affine(m.n * m.pixels, m.c, m.x, m.scale, m.shift, NULL, acts[a], m.z);
            for (int threads = 1; threads <= 2; threads++) {
                gr_threads_set(threads);
                check_forward(k, &m, &f);
                check_backward(k, &m, &f, false);
                check_backward(k, &m, &f, true);
            }
            gr_threads_set(1);
            unmake(&m);
        }
}

static void every_tail(void **state)
{
    (void)state;
    on_each_table(check_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_tail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
