/* Which weights a penalty is of, what it costs and how it pulls. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "learners/penalty.h"

static const char *where(const void *source, const char *key)
{
    (void)source;
    (void)key;
    return "rats.yaml:3";
}

/* A backbone of 3 to 300 with a frozen part, a head of 300 to 2. */
static gr_graph *make_graph(void)
{
    static const int64_t row[] = {1, 3};
    gr_graph *g = gr_graph_create();
    gr_value *x = gr_input(g, "x", GR_F32, gr_shape_make(2, row));
    x = gr_dense(g, x, "backbone.fc1", 100, GR_INIT_UNIFORM_FAN_IN);
    x = gr_dense(g, x, "backbone.fc10", 300, GR_INIT_UNIFORM_FAN_IN);
    (void)gr_dense(g, x, "classifier", 2, GR_INIT_UNIFORM_FAN_IN);
    assert_int_equal(gr_graph_freeze(g, "backbone.fc1"), 2);
    return g;
}

typedef struct numbers {
    float values[40000], gradients[40000];
} numbers;

static numbers *fill(const gr_graph *g)
{
    numbers *n = gr_alloc(1, sizeof *n);
    assert_true(gr_graph_parameter_floats(g) <= 40000);
    for (int i = 0; i < 40000; i++)
        n->values[i] = i % 2 == 0 ? 0.5f : -0.25f;
    return n;
}

/* sum of l1 |w| + l2 w^2 of `count` weights, the first of which is 0.5. */
static double cost(double l1, double l2, double count)
{
    return count / 2 * (l1 * 0.75 + l2 * 0.3125);
}

static gr_status make(const gr_graph *g, const char *name, double l1, double l2, bool frozen, gr_penalty_list **out, gr_error *err)
{
    gr_penalty item = {{&name, 1}, l1, l2};
    gr_recipe recipe = {.model = {.penalty = {&item, 1}, .penalty_frozen = frozen}, .where = where};
    return gr_penalty_create(&recipe, g, out, err);
}

static void costs_what_keras_says(void **state)
{
    (void)state;
    gr_graph *g = make_graph();
    numbers *n = fill(g);
    const struct {
        const char *name;
        bool frozen;
        double l1, l2, count;
    } cases[] = {
        {"head", false, 0.5, 0.25, 600},           {"classifier", false, 0, 1, 600},
        {"classifier.bias", false, 1, 0, 2},       {"backbone", false, 0, 1, 30000},
        {"backbone", true, 0.125, 0, 30000 + 300}, {"backbone.fc1", true, 0, 2, 300},
        {"backbone.fc1", false, 0, 2, 0},          {"backbone.fc10.weight", false, 1, 1, 30000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_error err = {0};
        gr_penalty_list *list = NULL;
        assert_int_equal(make(g, cases[i].name, cases[i].l1, cases[i].l2, cases[i].frozen, &list, &err), GR_OK);
        double want = cost(cases[i].l1, cases[i].l2, cases[i].count), got = gr_penalty_sum(list, n->values);
        if (!(fabs(got - want) <= 1e-9 * (1 + want)))
            fail_msg("%s: %.9g, not %.9g", cases[i].name, got, want);
        gr_threads_set(3);
        assert_true(gr_penalty_sum(list, n->values) == got);
        gr_threads_set(1);
        gr_penalty_destroy(list);
    }
    assert_true(gr_penalty_sum(NULL, n->values) == 0);
    gr_free(n);
    gr_graph_destroy(g);
}

static void pulls_what_trains(void **state)
{
    (void)state;
    gr_graph *g = make_graph();
    numbers *n = fill(g);
    gr_error err = {0};
    gr_penalty_list *list = NULL;
    assert_int_equal(make(g, "backbone", 0.5, 0.25, true, &list, &err), GR_OK);
    gr_penalty_push(list, n->values, n->gradients);
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        bool pulled = strcmp(p->name, "backbone.fc10.weight") == 0;
        for (size_t k = p->offset; k < p->offset + p->count; k++)
            assert_true(n->gradients[k] == (!pulled ? 0.0f : k % 2 == 0 ? 0.5f + 0.25f : -0.5f - 0.125f));
    }
    gr_penalty_push(NULL, n->values, n->gradients);
    gr_penalty_destroy(list);
    gr_free(n);
    gr_graph_destroy(g);
}

static void refuses_other_names(void **state)
{
    (void)state;
    gr_graph *g = make_graph();
    gr_error err = {0};
    gr_penalty_list *list = NULL;
    assert_int_equal(make(g, "backbone.fc", 1, 0, false, &list, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "rats.yaml:3: model.penalty: no kernel's name starts with \"backbone.fc\""));
    assert_null(list);
    gr_graph_destroy(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_what_keras_says),
        cmocka_unit_test(pulls_what_trains),
        cmocka_unit_test(refuses_other_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
