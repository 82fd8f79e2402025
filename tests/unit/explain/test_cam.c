/* Feature maps weighted by any rule: what the rule sees, and what becomes of its weights. */
#include "explain/cam.h"

#include <string.h>

#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static double one(const float *map, const float *gradient, int64_t cells, int64_t step)
{
    (void)map, (void)gradient, (void)cells, (void)step;
    return 1;
}

static double minus_one(const float *map, const float *gradient, int64_t cells, int64_t step)
{
    return -one(map, gradient, cells, step);
}

/* The channel's largest number, with the gradient of a logit by it: 1 in channel a, which the class is of, 0 in b. */
static double largest(const float *map, const float *gradient, int64_t cells, int64_t step)
{
    double top = 0.0;
    for (int64_t j = 0; j < cells; j++) {
        assert_true(gradient[j * step] == gradient[0]);
        top = (double)map[j * step] > top ? (double)map[j * step] : top;
    }
    return top * (double)gradient[0];
}

static void weigh(gr_cam_weight weight, const float want[TINY_CELLS])
{
    test_tiny t;
    gr_error err = {0};
    gr_method_at at;
    void *state;
    float cells[TINY_CELLS], answers[2];
    gr_found found;
    gr_method_batch batch = {.images = {.n = 1, .pixels = picture, .answers = answers, .found = &found}, .cells = cells};
    test_tiny_open(&t, "a");
    assert_int_equal(gr_cam_open(&t.subject, &(gr_explain_options){0}, 1, weight, &at, &state, &err), GR_OK);
    assert_true(at.rows == 2 && at.columns == 2);
    assert_string_equal(at.layer, "body.relu");
    assert_int_equal(gr_cam_run(state, &batch, &err), GR_OK);
    assert_true(found.name == 0 && found.value == 1.5);
    assert_true(test_close(cells, want, TINY_CELLS, 1e-6));
    gr_cam_close(state);
    test_tiny_close(&t);
}

static void channels_are_added_by_their_weights(void **state)
{
    (void)state;
    weigh(one, (float[]){1, 1, 0.5f, 0.25f});
    weigh(minus_one, (float[]){0, 0, 0, 0}); /* no map is below 0 */
    weigh(largest, (float[]){1, 0, 0.5f, 0});
}

static void a_layer_must_be_there(void **state)
{
    (void)state;
    test_tiny t;
    gr_error err = {0};
    gr_method_at at;
    void *opened;
    test_tiny_open(&t, "a");
    const gr_explain_options options = {.layer = "body.rely"};
    assert_int_equal(gr_cam_open(&t.subject, &options, 1, one, &at, &opened, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "did you mean body.relu?"));
    gr_cam_close(opened);
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_are_added_by_their_weights),
        cmocka_unit_test(a_layer_must_be_there),
    };
    return cmocka_run_group_tests_name("class activation maps", tests, NULL, NULL);
}
