/* What shares memory in a plan: at inference a convolution writes over what it adds, where it reads that last, with the bits that
 * it has in a place of its own. */
#include "graph/plan_private.h"
#include "support/support.h"

#include <string.h>

enum { BATCH = 2, SIZE = 14, CHANNELS = 40, OUT = 5 };

/* What reads the map that a convolution adds. */
typedef enum readers { ADDED_LAST, ADDED_TO_ITSELF, READ_LATER, READERS } readers;

typedef struct subject {
    gr_graph *g;
    gr_value *image, *added, *sum, *out;
    gr_params *params;
    gr_workspace *workspace;
} subject;

static subject make(int64_t kernel, readers kind)
{
    gr_error err = {0};
    subject s = {.g = gr_graph_create()};
    gr_graph *g = s.g;
    const gr_init init = GR_INIT_UNIFORM_FAN_IN; /* of zeros all would be equal */
    const gr_conv2d_args one = {.out = CHANNELS, .kernel = {1, 1}, .bias = true, .init = init};
    const gr_conv2d_args last = {
        .out = CHANNELS, .kernel = {kernel, kernel}, .pad = {kernel / 2, kernel / 2}, .bias = true, .init = init};
    const gr_conv2d_args project = {.out = OUT, .kernel = {1, 1}, .init = init};
    s.image = gr_input(g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, 3));
    s.added = gr_relu(g, gr_conv2d(g, s.image, "first", one), "a1");
    gr_value *x = kind == ADDED_TO_ITSELF ? s.added : gr_relu(g, gr_conv2d(g, s.added, "second", one), "a2");
    s.sum = gr_relu(g, gr_add(g, gr_conv2d(g, x, "third", last), s.added, "add"), "a3");
    x = kind == READ_LATER ? gr_relu(g, gr_add(g, gr_conv2d(g, s.sum, "fourth", one), s.added, "again"), "a4") : s.sum;
    s.out = gr_conv2d(g, x, "project", project);
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    assert_int_equal(gr_params_create(g, 3, false, &s.params, &err), GR_OK);
    s.workspace = gr_workspace_create();
    return s;
}

static void destroy(subject *s)
{
    gr_params_destroy(s->params);
    gr_workspace_destroy(s->workspace);
    gr_graph_destroy(s->g);
}

/* The output; says whether the sum stands where one of its parts stood. */
static void run(const subject *s, bool apart, float *out, bool *over)
{
    gr_error err = {0};
    gr_plan *plan;
    const gr_value *keep[] = {s->out, s->added};
    gr_plan_options options = {.batch = BATCH, .keep = keep, .keep_count = apart ? 2 : 1};
    if (gr_plan_compile(s->g, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    *over = plan->values[s->sum->index].data == plan->values[s->added->index].data;
    test_fill(gr_plan_data(plan, s->image), BATCH * SIZE * SIZE * 3, 1, 1.0f);
    gr_plan_forward(plan, 0, 0);
    memcpy(out, gr_plan_data(plan, s->out), BATCH * SIZE * SIZE * OUT * sizeof *out);
    gr_plan_destroy(plan);
}

static bool check(void)
{
    bool good = true;
    for (int64_t kernel = 1; kernel <= 3; kernel += 2)
        for (readers kind = ADDED_LAST; kind < READERS; kind++) {
            static float apart[BATCH * SIZE * SIZE * OUT], shared[BATCH * SIZE * SIZE * OUT];
            subject s = make(kernel, kind);
            bool kept_over, over;
            run(&s, true, apart, &kept_over);
            run(&s, false, shared, &over);
            good = good && !kept_over && over == (kind == ADDED_LAST) && memcmp(apart, shared, sizeof apart) == 0;
            destroy(&s);
        }
    return good;
}

static void a_sum_stands_where_its_part_stood(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(check));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_sum_stands_where_its_part_stood)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
