/* The optimisers against PyTorch's own numbers, and against plain double loops for every tail and the L1 term. */
#include "support/kernel_check.h"

#include "parity/optim_reference.h"

enum { SGDS = sizeof optim_sgd / sizeof optim_sgd[0], ADAMS = sizeof optim_adam / sizeof optim_adam[0] };

/* Within 1e-6 of PyTorch's weights, relative to how large the weight was on its way to this step. */
static void check_step(const char *what, int setting, int step, const float *got, const float (*want)[OPTIM_COUNT])
{
    for (int i = 0; i < OPTIM_COUNT; i++) {
        double largest = fabs((double)optim_start[i]);
        for (int t = 0; t <= step; t++)
            largest = fmax(largest, fabs((double)want[t][i]));
        if (!(fabs((double)got[i] - (double)want[step][i]) <= 1e-6 * largest))
            fail_msg("%s, setting %d, step %d, weight %d: %.9g where PyTorch has %.9g", what, setting, step, i,
                     (double)got[i], (double)want[step][i]);
    }
}

static void pytorch_on(const gr_kernels *k)
{
    for (int s = 0; s < SGDS; s++) {
        float w[OPTIM_COUNT], buffer[OPTIM_COUNT];
        memcpy(w, optim_start, sizeof w);
        for (int i = 0; i < OPTIM_COUNT; i++)
            buffer[i] = NAN; /* the first step must not read it */
        for (int t = 0; t < OPTIM_STEPS; t++) {
            k->sgd(OPTIM_COUNT, w, optim_gradients[t], optim_sgd[s].momentum != 0 ? buffer : NULL, optim_sgd[s].lr,
                   optim_sgd[s].momentum, optim_sgd[s].dampening, optim_sgd[s].nesterov, optim_sgd[s].weight_decay, 0,
                   t == 0);
            check_step("sgd", s, t, w, optim_sgd[s].weights);
        }
    }
    for (int s = 0; s < ADAMS; s++) {
        float w[OPTIM_COUNT], m[OPTIM_COUNT] = {0}, v[OPTIM_COUNT] = {0};
        memcpy(w, optim_start, sizeof w);
        for (int t = 0; t < OPTIM_STEPS; t++) {
            k->adam(OPTIM_COUNT, w, optim_gradients[t], m, v, optim_adam[s].lr, optim_adam[s].beta1, optim_adam[s].beta2,
                    optim_adam[s].eps, optim_adam[s].weight_decay, 0, optim_adam[s].decoupled, t + 1);
            check_step("adam", s, t, w, optim_adam[s].weights);
        }
    }
}

static void test_pytorch(void **state)
{
    (void)state;
    on_each_table(pytorch_on);
}

static double sign(double w)
{
    return w > 0 ? 1 : w < 0 ? -1 : 0;
}

typedef struct plain {
    double lr, momentum, dampening, weight_decay, l1, beta1, beta2, eps;
    bool nesterov, decoupled;
} plain;

static void plain_sgd(const plain *o, bool first, double *w, double g, double *buffer)
{
    double d = g + o->l1 * sign(*w) + o->weight_decay * *w;
    if (o->momentum != 0) {
        *buffer = first ? d : *buffer * o->momentum + (1 - o->dampening) * d;
        d = o->nesterov ? d + o->momentum * *buffer : *buffer;
    }
    *w -= o->lr * d;
}

static void plain_adam(const plain *o, int64_t step, double *w, double g, double *m, double *v)
{
    double d = g + o->l1 * sign(*w) + (o->decoupled ? 0 : o->weight_decay * *w);
    if (o->decoupled)
        *w *= 1 - o->lr * o->weight_decay;
    *m = o->beta1 * *m + (1 - o->beta1) * d;
    *v = o->beta2 * *v + (1 - o->beta2) * d * d;
    double unbiased = *v / (1 - pow(o->beta2, (double)step));
    *w -= o->lr / (1 - pow(o->beta1, (double)step)) * *m / (sqrt(unbiased) + o->eps);
}

static void tail_case(const gr_kernels *k, int64_t n, bool adam, int variant)
{
    plain o = {.lr = 0.05,
               .momentum = variant & 1 ? 0.9 : 0,
               .dampening = variant & 2 ? 0.2 : 0,
               .nesterov = variant & 4,
               .weight_decay = variant & 2 ? 0.03 : 0,
               .l1 = variant & 4 ? 0.02 : 0,
               .beta1 = 0.9,
               .beta2 = 0.99,
               .eps = 1e-3, /* less, and Adam makes a step of the rounding of a gradient that is nearly 0 */
               .decoupled = variant & 1};
    float *w = fresh_whole(n, 1), *m = fresh(n), *v = fresh(n); /* some weights are 0, where the L1 term is 0 */
    double *state = gr_alloc((size_t)n * 3, sizeof *state);
    assert_non_null(state);
    for (int64_t i = 0; i < n; i++) {
        state[3 * i] = (double)w[i];
        m[i] = v[i] = 0;
    }
    for (int step = 1; step <= 3; step++) {
        float *g = fresh_uniform(n, 10 + (uint32_t)step);
        if (adam)
            k->adam(n, w, g, m, v, o.lr, o.beta1, o.beta2, o.eps, o.weight_decay, o.l1, o.decoupled, step);
        else
            k->sgd(n, w, g, o.momentum != 0 ? m : NULL, o.lr, o.momentum, o.dampening, o.nesterov, o.weight_decay, o.l1,
                   step == 1);
        for (int64_t i = 0; i < n; i++) {
            double *s = state + 3 * i;
            if (adam)
                plain_adam(&o, step, &s[0], (double)g[i], &s[1], &s[2]);
            else
                plain_sgd(&o, step == 1, &s[0], (double)g[i], &s[1]);
            check_near(adam ? "adam" : "sgd", i, (double)w[i], s[0], 5e-6);
        }
        release(g, n);
    }
    release(w, n), release(m, n), release(v, n);
    gr_free(state);
}

static void tails_on(const gr_kernels *k)
{
    for (int variant = 0; variant < 8; variant++) {
        for (int64_t n = 1; n <= 70; n++) {
            tail_case(k, n, false, variant);
            tail_case(k, n, true, variant);
        }
        tail_case(k, 40001, false, variant);
        tail_case(k, 40001, true, variant);
    }
}

static void test_tails(void **state)
{
    (void)state;
    on_each_table(tails_on);
}

static void threads_on(const gr_kernels *k)
{
    enum { N = 90001 };
    float *start = fresh_uniform(N, 1), *g = fresh_uniform(N, 2), *first = fresh(N), *w = fresh(N), *m = fresh(N),
          *v = fresh(N);
    for (int t = -1; t < THREAD_COUNTS; t++) {
        gr_threads_set(t < 0 ? 1 : thread_counts[t]);
        memcpy(w, start, N * sizeof *w);
        memset(m, 0, N * sizeof *m);
        memset(v, 0, N * sizeof *v);
        k->adam(N, w, g, m, v, 1e-3, 0.9, 0.999, 1e-8, 0.01, 0.001, false, 1);
        k->sgd(N, w, g, m, 0.1, 0.9, 0, false, 0.01, 0, false);
        if (t < 0)
            memcpy(first, w, N * sizeof *w);
        else
            check_same_bits("adam, then sgd", first, w, N * sizeof *w, thread_counts[t]);
    }
    release(start, N), release(g, N), release(first, N), release(w, N), release(m, N), release(v, N);
}

static void test_threads(void **state)
{
    (void)state;
    on_each_table(threads_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pytorch),
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
