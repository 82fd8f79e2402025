/* PainSeeker's attention: shares of regions, whatever the class, of models that have it. */
#include <math.h>
#include <string.h>

#include "explain/crew.h"
#include "support/tiny_net.h"

enum { SIZE = 64, PIXELS = SIZE * SIZE * 3, CELLS = 4, IMAGES = 2 };

static const char *const names[] = {"a", "b"};

/* cells[IMAGES, CELLS] of two random pictures, with the class explained. */
static void attend(const char *class_name, float *cells, int found[IMAGES])
{
    static float pixels[IMAGES * PIXELS];
    gr_error err = {0};
    gr_crew crew;
    gr_aim aim;
    const gr_method *method = gr_method_find("attention");
    const gr_model_options options = {
        .backbone = "shufflenet_v2", .head = "painseeker", .width = 0.5, .size = SIZE, .channels = 3, .classes = 2};
    const gr_card card = {.task = "classes", .model = options, .classes = names};
    gr_subject s = {.card = &card, .aim = &aim, .size = SIZE, .channels = 3, .pixels = PIXELS, .answers = 2, .values = 2};
    test_fill(pixels, IMAGES * PIXELS, 1, 1.0f);
    if (gr_aim_open(&card, gr_task_find("classes", false), class_name, &aim, &err) != GR_OK ||
        gr_model_create(&options, &s.network.model, &err) != GR_OK ||
        gr_params_create(s.network.model->graph, 7, false, &s.network.params, &err) != GR_OK)
        fail_msg("%s", err.text);
    s.workspace = gr_workspace_create();
    s.value = s.network.model->logits;
    if (gr_crew_open(&s, &method, 1, &(gr_explain_options){0}, IMAGES, &crew, &err) != GR_OK ||
        gr_crew_run(&crew, pixels, IMAGES, NULL, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(crew.methods[0].numbers, CELLS);
    for (int i = 0; i < IMAGES; i++) {
        memcpy(cells + i * CELLS, gr_crew_numbers(&crew, 0, i), CELLS * sizeof *cells);
        found[i] = crew.methods[0].batch.images.found[i].name;
    }
    gr_crew_close(&crew);
    gr_subject_close(&s);
    gr_aim_free(&aim);
}

static void regions_have_shares_whatever_the_class(void **state)
{
    (void)state;
    float a[IMAGES * CELLS], b[IMAGES * CELLS];
    int found[IMAGES];
    attend("a", a, found);
    assert_true(found[0] == 0 && found[1] == 0);
    attend("b", b, found);
    assert_true(found[0] == 1 && found[1] == 1);
    assert_memory_equal(a, b, sizeof a);
    for (int i = 0; i < IMAGES; i++) {
        double sum = 0.0;
        for (int k = 0; k < CELLS; k++) {
            assert_true(a[i * CELLS + k] > 0.0f);
            sum += (double)a[i * CELLS + k];
        }
        assert_true(fabs(sum - 1.0) < 1e-6);
    }
}

static void another_head_has_none(void **state)
{
    (void)state;
    test_tiny t;
    gr_error err = {0};
    test_tiny_open(&t, NULL);
    assert_int_equal(gr_method_check(gr_method_find("attention"), &t.subject, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "attention"));
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_have_shares_whatever_the_class),
        cmocka_unit_test(another_head_has_none),
    };
    return cmocka_run_group_tests_name("attention", tests, NULL, NULL);
}
