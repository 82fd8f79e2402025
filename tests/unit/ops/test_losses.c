/* Losses where little or nothing is known, and several labels of an image; their formulas are judged by tests/parity. */
#include "support/support.h"

#include <math.h>
#include <string.h>

enum { N = 4, COLUMNS = 6 };

typedef gr_value *(*builder)(gr_graph *g, gr_value *x, gr_value *truth);

/* A loss on x [N, COLUMNS] and its truth; labels lie as int32 in the memory of floats. */
typedef struct subject {
    gr_graph *g;
    gr_value *x, *truth, *loss;
    test_run run;
} subject;

static void set_up(subject *s, builder build, gr_type type, gr_shape truth)
{
    s->g = gr_graph_create();
    s->x = gr_input(s->g, "x", GR_F32, gr_shape2(1, COLUMNS));
    s->truth = gr_input(s->g, "truth", type, truth);
    s->loss = build(s->g, s->x, s->truth);
    s->run = test_compile(s->g, s->loss, (const gr_value *[]){s->x}, 1, N, true);
    test_fill(gr_plan_data(s->run.plan, s->x), N * COLUMNS, 3, 2.0f);
}

static void tear_down(subject *s)
{
    test_run_destroy(&s->run);
    gr_graph_destroy(s->g);
}

/* The loss; the gradient for x follows in gradient[N * COLUMNS]. */
static double loss_of(const subject *s, const void *truth, size_t bytes, float *gradient)
{
    memcpy(gr_plan_data(s->run.plan, s->truth), truth, bytes);
    gr_plan_forward(s->run.plan, 0, 0);
    gr_plan_backward(s->run.plan);
    memcpy(gradient, gr_plan_gradient(s->run.plan, s->x), N * COLUMNS * sizeof *gradient);
    return (double)gr_plan_data(s->run.plan, s->loss)[0];
}

static bool all_zero(const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!(values[i] == 0.0f))
            return false;
    return true;
}

static gr_value *b_cross_entropy(gr_graph *g, gr_value *x, gr_value *truth)
{
    return gr_cross_entropy(g, x, truth, "loss", NULL);
}
static gr_value *b_weighted(gr_graph *g, gr_value *x, gr_value *truth)
{
    return gr_cross_entropy(g, x, truth, "loss", (const float[]){0.5f, 2.0f, 1.0f, 1.0f, 1.0f, 1.0f});
}
static gr_value *b_mse(gr_graph *g, gr_value *x, gr_value *truth) { return gr_mse_loss(g, x, truth, "loss"); }
static gr_value *b_mae(gr_graph *g, gr_value *x, gr_value *truth) { return gr_mae_loss(g, x, truth, "loss"); }
static gr_value *b_huber(gr_graph *g, gr_value *x, gr_value *truth) { return gr_huber_loss(g, x, truth, "loss", 0.7); }
static gr_value *b_wing(gr_graph *g, gr_value *x, gr_value *truth) { return gr_wing_loss(g, x, truth, "loss", 2, 1, 0.5); }

static void without_a_label_there_is_no_loss(void **state)
{
    (void)state;
    const builder builders[] = {b_cross_entropy, b_weighted};
    int32_t labels[N * 2];
    float gradient[N * COLUMNS];
    for (int i = 0; i < N * 2; i++)
        labels[i] = -1;
    for (int b = 0; b < 2; b++)
        for (int columns = 1; columns <= 2; columns++) {
            subject s;
            set_up(&s, builders[b], GR_I32, columns == 1 ? gr_shape1(1) : gr_shape2(1, columns));
            assert_true(loss_of(&s, labels, (size_t)(N * columns) * sizeof *labels, gradient) == 0.0);
            assert_true(all_zero(gradient, N * COLUMNS));
            tear_down(&s);
        }
}

static void without_a_target_there_is_no_loss(void **state)
{
    (void)state;
    const builder builders[] = {b_mse, b_mae, b_huber, b_wing};
    float targets[N * COLUMNS], gradient[N * COLUMNS];
    for (int b = 0; b < 4; b++) {
        subject s;
        set_up(&s, builders[b], GR_F32, gr_shape2(1, COLUMNS));
        for (int i = 0; i < N * COLUMNS; i++)
            targets[i] = NAN;
        assert_true(loss_of(&s, targets, sizeof targets, gradient) == 0.0);
        assert_true(all_zero(gradient, N * COLUMNS));
        targets[7] = 30.0f; /* one is known: its gradient alone, and its error alone in the mean */
        double d = 30.0 - (double)gr_plan_data(s.run.plan, s.x)[7], got = loss_of(&s, targets, sizeof targets, gradient);
        const double expected[] = {d * d, d, 0.7 * (d - 0.35), 2 * d - 1 + log(3)}, slope[] = {-2 * d, -1, -0.7, -2};
        assert_true(fabs(got - expected[b]) < 1e-5 * expected[b] && fabs((double)gradient[7] - slope[b]) < 1e-5 * fabs(slope[b]));
        assert_true(all_zero(gradient, 7) && all_zero(gradient + 8, N * COLUMNS - 8));
        tear_down(&s);
    }
}

/* A NaN prediction must show, however the loss looks at its error. */
static void a_nan_prediction_is_a_nan_loss(void **state)
{
    (void)state;
    const builder builders[] = {b_mse, b_mae, b_huber, b_wing};
    float targets[N * COLUMNS] = {0}, gradient[N * COLUMNS];
    for (int b = 0; b < 4; b++) {
        subject s;
        set_up(&s, builders[b], GR_F32, gr_shape2(1, COLUMNS));
        gr_plan_data(s.run.plan, s.x)[2] = NAN;
        assert_true(isnan(loss_of(&s, targets, sizeof targets, gradient)));
        tear_down(&s);
    }
}

/* Labels of S columns are N S labels of one column, in bits; and an unknown one is as if its row were not there. */
static void several_labels_are_as_many_rows(void **state)
{
    (void)state;
    enum { S = 2, C = COLUMNS / S };
    const int32_t labels[N * S] = {0, 2, 1, -1, 2, 2, -1, 0}; /* three columns of classes in each half of a row */
    float gradient[N * COLUMNS];
    for (int weighted = 0; weighted < 2; weighted++) {
        subject s;
        set_up(&s, weighted ? b_weighted : b_cross_entropy, GR_I32, gr_shape2(1, S));
        gr_graph *g = gr_graph_create();
        gr_value *x = gr_input(g, "x", GR_F32, gr_shape2(1, C)), *y = gr_input(g, "y", GR_I32, gr_shape1(1));
        gr_value *loss = gr_cross_entropy(g, x, y, "loss", weighted ? (const float[]){0.5f, 2.0f, 1.0f} : NULL);
        int known = 0;
        test_run run = test_compile(g, loss, (const gr_value *[]){x}, 1, N * S - 2, true);
        for (int i = 0; i < N * S; i++)
            if (labels[i] >= 0) {
                memcpy(gr_plan_data(run.plan, x) + known * C, gr_plan_data(s.run.plan, s.x) + i * C, C * sizeof(float));
                ((int32_t *)gr_plan_data(run.plan, y))[known++] = labels[i];
            }
        gr_plan_forward(run.plan, 0, 0);
        gr_plan_backward(run.plan);
        assert_true(loss_of(&s, labels, sizeof labels, gradient) == (double)gr_plan_data(run.plan, loss)[0]);
        for (int i = 0, k = 0; i < N * S; i++)
            if (labels[i] < 0)
                assert_true(all_zero(gradient + i * C, C));
            else
                assert_memory_equal(gradient + i * C, gr_plan_gradient(run.plan, x) + k++ * C, C * sizeof(float));
        test_run_destroy(&run);
        gr_graph_destroy(g);
        tear_down(&s);
    }
}

/* Losses 1 of labels 0, 0, 0, 1 with class weights 0.5 and 2: Keras divides by 4 and has 0.875, PyTorch by 3.5 and has 1; with a
 * weight for each image the two multiply. */
static void weights_are_divided_by_two_rules(void **state)
{
    (void)state;
    static const float classes[] = {0.5f, 2.0f}, images[] = {1.0f, 3.0f, 0.0f, 0.5f};
    static const struct {
        bool classes, images, by_count;
        double want, largest; /* the loss, in losses of one; the share of image 1 in the gradient */
    } cases[] = {
        {true, false, true, 0.875, 0.125},       {true, false, false, 1, 0.5 / 3.5},
        {false, true, true, 4.5 / 4, 0.75},      {false, true, false, 1, 3 / 4.5},
        {true, true, true, 3.0 / 4, 1.5 / 4},    {true, true, false, 1, 1.5 / 3},
        {false, false, true, 1, 0.25},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_graph *g = gr_graph_create();
        gr_value *x = gr_input(g, "x", GR_F32, gr_shape2(1, 2)), *y = gr_input(g, "y", GR_I32, gr_shape1(1));
        gr_value *w = cases[i].images ? gr_input(g, "w", GR_F32, gr_shape1(1)) : NULL;
        gr_value *loss = gr_cross_entropy_with(g, x, y, w, "loss", cases[i].classes ? classes : NULL, cases[i].by_count);
        test_run run = test_compile(g, loss, (const gr_value *[]){x}, 1, 4, true);
        for (int k = 0; k < 4; k++) {
            int32_t label = k == 3;
            ((int32_t *)gr_plan_data(run.plan, y))[k] = label;
            /* -log softmax = 1 */
            gr_plan_data(run.plan, x)[2 * k + label] = 0;
            gr_plan_data(run.plan, x)[2 * k + 1 - label] = (float)log(exp(1.0) - 1.0);
        }
        if (w != NULL)
            memcpy(gr_plan_data(run.plan, w), images, sizeof images);
        gr_plan_forward(run.plan, 0, 0);
        gr_plan_backward(run.plan);
        assert_true(fabs((double)gr_plan_data(run.plan, loss)[0] - cases[i].want) < 1e-6);
        double slope = (double)gr_plan_gradient(run.plan, x)[2 * 1 + 1];
        assert_true(fabs(slope - cases[i].largest * (1 - exp(-1.0))) < 1e-6);
        test_run_destroy(&run);
        gr_graph_destroy(g);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        gr_error err = {0};
        gr_graph *g = gr_graph_create();
        gr_value *x = gr_input(g, "x", GR_F32, gr_shape2(1, 6)), *narrow = gr_input(g, "narrow", GR_F32, gr_shape2(1, 5));
        gr_value *labels = gr_input(g, "labels", GR_I32, gr_shape2(1, 4));
        gr_value *made = i == 0   ? gr_cross_entropy(g, x, labels, "bad", NULL)
                         : i == 1 ? gr_softmax_groups(g, x, "bad", 4)
                         : i == 2 ? gr_huber_loss(g, x, x, "bad", 0.0)
                         : i == 3 ? gr_mae_loss(g, x, narrow, "bad")
                                  : gr_softmax_groups(g, x, "bad", 0);
        assert_null(made);
        assert_int_equal(gr_graph_status(g, &err), GR_INVALID);
        assert_non_null(strstr(err.text, "bad: "));
        gr_graph_destroy(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_label_there_is_no_loss),   cmocka_unit_test(without_a_target_there_is_no_loss),
        cmocka_unit_test(a_nan_prediction_is_a_nan_loss),     cmocka_unit_test(several_labels_are_as_many_rows),
        cmocka_unit_test(weights_are_divided_by_two_rules),   cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
