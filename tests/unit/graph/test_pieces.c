/* A batch whose large maps go through the first operators a few images at a time: the answers are those of operators that take
 * all of it, kept values among the first ones hold all images, and a piece has the bits of a batch of its own. */
#include "graph/plan_private.h"
#include "support/support.h"

#include <string.h>

enum { BATCH = 17, PIECE = 9, SIZE = 128, IN = 3, WIDE = 32 };

typedef struct subject {
    gr_graph *g;
    gr_value *image, *early, *out;
    gr_params *params;
    gr_workspace *workspace;
    int64_t image_floats, early_floats, out_floats; /* of one image */
} subject;

static int64_t floats(const gr_value *value)
{
    gr_shape shape = gr_value_shape(value);
    return gr_shape_elements(&shape);
}

/* A sum that may be written over what it adds; behind the pool maps are small, and one operator there reads an early one. */
static subject make(void)
{
    gr_error err = {0};
    subject s = {.g = gr_graph_create()};
    gr_graph *g = s.g;
    const gr_init init = GR_INIT_UNIFORM_FAN_IN;
    gr_conv2d_args first = {.out = WIDE, .kernel = {3, 3}, .pad = {1, 1}, .bias = true, .init = init};
    gr_conv2d_args point = {.out = WIDE, .kernel = {1, 1}, .bias = true, .init = init};
    gr_conv2d_args late = {.out = WIDE, .kernel = {3, 3}, .stride = {8, 8}, .pad = {1, 1}, .init = init};
    s.image = gr_input(g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, IN));
    s.early = gr_relu(g, gr_conv2d(g, s.image, "first", first), "a1");
    gr_value *x = gr_relu(g, gr_add(g, gr_conv2d(g, s.early, "point", point), s.early, "sum"), "a2");
    gr_value *y = gr_relu(g, gr_add(g, gr_conv2d(g, x, "point2", point), x, "sum2"), "a3");
    gr_value *z = gr_relu(g, gr_conv2d(g, y, "late", late), "a4");
    s.out = gr_global_avg_pool(g, gr_conv2d(g, z, "last", point), "pool");
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    assert_int_equal(gr_params_create(g, 3, false, &s.params, &err), GR_OK);
    s.workspace = gr_workspace_create();
    s.image_floats = floats(s.image), s.early_floats = floats(s.early), s.out_floats = floats(s.out);
    return s;
}

static void destroy(subject *s)
{
    gr_params_destroy(s->params);
    gr_workspace_destroy(s->workspace);
    gr_graph_destroy(s->g);
}

/* The outputs of `batch` images from number `first` on, and their early maps unless NULL. True where pieces were made. */
static bool run(const subject *s, int64_t first, int64_t batch, int threads, bool fusion, float *early, float *out)
{
    gr_error err = {0};
    gr_plan *plan;
    const gr_value *keep[] = {s->out, s->early};
    gr_plan_options options = {.batch = batch, .keep = keep, .keep_count = early != NULL ? 2 : 1, .no_fusion = !fusion};
    gr_threads_set(threads);
    if (gr_plan_compile(s->g, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t i = 0; i < batch; i++)
        test_fill(gr_plan_data(plan, s->image) + i * s->image_floats, s->image_floats, (uint32_t)(1 + first + i), 1.0f);
    gr_plan_forward(plan, 0, 0);
    memcpy(out, gr_plan_data(plan, s->out), (size_t)(batch * s->out_floats) * sizeof *out);
    if (early != NULL)
        memcpy(early, gr_plan_data(plan, s->early), (size_t)(batch * s->early_floats) * sizeof *early);
    bool pieces = plan->split > 0;
    assert_true(!pieces || (plan->piece == PIECE && plan->split < plan->op_count));
    gr_plan_destroy(plan);
    gr_threads_set(1);
    return pieces;
}

static float *room(int64_t count)
{
    return gr_alloc((size_t)count, sizeof(float));
}

static bool check(void)
{
    subject s = make();
    const int64_t all = BATCH * s.out_floats, maps = BATCH * s.early_floats, behind = BATCH - PIECE;
    float *plain = room(all), *out = room(all), *again = room(all), *early = room(maps), *whole = room(maps);
    bool good = !run(&s, 0, BATCH, 1, false, whole, plain);
    good = good && run(&s, 0, BATCH, 1, true, early, out);
    good = good && test_close(early, whole, maps, 1e-5) && test_close(out, plain, all, 1e-4);
    for (int threads = 1; threads <= 3; threads++) {
        good = good && run(&s, 0, BATCH, threads, true, NULL, again);
        good = good && memcmp(again, out, (size_t)all * sizeof *out) == 0;
    }
    good = good && !run(&s, behind, PIECE, 2, true, whole, again); /* the last piece */
    good = good && memcmp(whole, early + behind * s.early_floats, (size_t)(PIECE * s.early_floats) * sizeof *early) == 0;
    gr_free(plain), gr_free(out), gr_free(again), gr_free(early), gr_free(whole);
    destroy(&s);
    return good;
}

static void pieces_of_a_batch_answer_as_the_batch(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(check));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_of_a_batch_answer_as_the_batch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
