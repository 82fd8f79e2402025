/* Methods at work on a small network: what they add up to, what the seed does, an image in any batch. */
#include "support/support.h"
#include "explain/crew.h"
#include "explain/maps.h"

#include <math.h>
#include <string.h>

enum { SIZE = 48, PIXELS = SIZE * SIZE, BATCH = 3 };

static const char *const class_names[] = {"a", "b"};

typedef struct fixture {
    gr_card card;
    gr_aim aim;
    gr_subject subject;
    float images[BATCH * PIXELS * 3];
} fixture;

static void open_fixture(fixture *f, const char *class_name)
{
    gr_error err = {0};
    gr_model_options options = {.backbone = "resnet18", .head = "painseeker", .size = SIZE, .channels = 3, .classes = 2};
    *f = (fixture){
        .card = {
            .task = "classes", .model = options, .classes = class_names, .mean = {0.5, 0.5, 0.5}, .std = {0.5, 0.5, 0.5}}};
    assert_int_equal(gr_aim_open(&f->card, gr_task_find("classes", false), class_name, &f->aim, &err), GR_OK);
    f->subject = (gr_subject){
        .card = &f->card, .aim = &f->aim, .size = SIZE, .channels = 3, .pixels = PIXELS * 3, .answers = 2, .values = 2};
    assert_int_equal(gr_model_create(&options, &f->subject.network.model, &err), GR_OK);
    assert_int_equal(gr_params_create(f->subject.network.model->graph, 5, false, &f->subject.network.params, &err), GR_OK);
    f->subject.workspace = gr_workspace_create();
    f->subject.value = f->subject.network.model->logits;
    test_fill(f->images, BATCH * PIXELS * 3, 1, 1.0f);
}

static void close_fixture(fixture *f)
{
    gr_subject_close(&f->subject);
    gr_aim_free(&f->aim);
}

/* The numbers of image `i` of `n` by a method, into numbers[PIXELS]; its sum and gap. */
static double explain(fixture *f, const char *name, gr_explain_options options, int64_t n, int64_t i, float *numbers,
                      double *gap)
{
    gr_error err = {0};
    gr_crew crew;
    const gr_method *method = gr_method_find(name);
    assert_int_equal(gr_crew_open(&f->subject, &method, 1, &options, n, &crew, &err), GR_OK);
    assert_int_equal(gr_crew_run(&crew, f->images, n, NULL, &err), GR_OK);
    memcpy(numbers, gr_crew_numbers(&crew, 0, i), (size_t)crew.methods[0].numbers * sizeof *numbers);
    double sum = crew.methods[0].batch.sums[i];
    *gap = crew.methods[0].batch.gaps[i];
    gr_crew_close(&crew);
    return sum;
}

static void integrated_gradients_add_up(void **state)
{
    (void)state;
    fixture f;
    float map[PIXELS];
    double few, many;
    open_fixture(&f, "b");
    explain(&f, "integrated_gradients", (gr_explain_options){.steps = 2}, 1, 0, map, &few);
    double sum = explain(&f, "integrated_gradients", (gr_explain_options){.steps = 256}, 1, 0, map, &many);
    if (!(fabs(many) < fabs(few) && fabs(many) < 0.1 * fabs(few)))
        fail_msg("gaps %g and %g of %g", few, many, sum);
    assert_true(fabs(sum - gr_map_sum(map, PIXELS)) < 1e-4 * (fabs(sum) + 1));
    close_fixture(&f);
}

static void noise_follows_from_the_seed_and_vanishes(void **state)
{
    (void)state;
    fixture f;
    double gap;
    static float a[PIXELS], b[PIXELS], c[PIXELS];
    open_fixture(&f, NULL);
    explain(&f, "smoothgrad", (gr_explain_options){.samples = 3, .seed = 4}, 1, 0, a, &gap);
    explain(&f, "smoothgrad", (gr_explain_options){.samples = 3, .seed = 4}, BATCH, 0, b, &gap);
    explain(&f, "smoothgrad", (gr_explain_options){.samples = 3, .seed = 5}, 1, 0, c, &gap);
    assert_true(test_close(a, b, PIXELS, 1e-4));
    assert_memory_not_equal(a, c, sizeof a);
    explain(&f, "smoothgrad", (gr_explain_options){.samples = 2, .noise = 1e-7}, 1, 0, a, &gap);
    explain(&f, "saliency", (gr_explain_options){0}, 1, 0, b, &gap);
    assert_true(test_close(a, b, PIXELS, 1e-2));
    close_fixture(&f);
}

static void attention_adds_up_to_1_for_each_image(void **state)
{
    (void)state;
    fixture f;
    float cells[PIXELS];
    double gap;
    open_fixture(&f, NULL);
    for (int64_t i = 0; i < BATCH; i++) {
        explain(&f, "attention", (gr_explain_options){0}, BATCH, i, cells, &gap);
        assert_true(fabs(gr_map_sum(cells, 4) - 1) < 1e-5);
        assert_true(isnan(gap));
    }
    close_fixture(&f);
}

static void an_image_has_its_map_in_any_batch(void **state)
{
    (void)state;
    static const char *const names[] = {"gradcam", "gradcam++", "saliency", "occlusion"};
    fixture f;
    double gap;
    static float first[PIXELS], alone[PIXELS];
    open_fixture(&f, "a");
    for (size_t m = 0; m < 4; m++) {
        memset(first, 0, sizeof first);
        memset(alone, 0, sizeof alone);
        explain(&f, names[m], (gr_explain_options){0}, BATCH, 0, first, &gap);
        explain(&f, names[m], (gr_explain_options){0}, 1, 0, alone, &gap);
        assert_true(test_close(first, alone, PIXELS, 2e-3));
    }
    close_fixture(&f);
}

static void a_layer_is_found_by_name(void **state)
{
    (void)state;
    fixture f;
    gr_error err = {0};
    gr_crew crew;
    const gr_method *method = gr_method_find("gradcam");
    open_fixture(&f, NULL);
    static const struct {
        const char *layer, *name;
        int rows;
    } cases[] = {{NULL, "backbone.layer4.1.relu2", 2},
                 {"layer2", "backbone.layer2.1.relu2", 6},
                 {"backbone.layer1.0.conv1", "backbone.layer1.0.conv1", 12},
                 {"maxpool", "backbone.maxpool", 12}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            gr_crew_open(&f.subject, &method, 1, &(gr_explain_options){.layer = cases[i].layer}, 1, &crew, &err), GR_OK);
        assert_string_equal(crew.methods[0].at.layer, cases[i].name);
        assert_int_equal(crew.methods[0].at.rows, cases[i].rows);
        gr_crew_close(&crew);
    }
    assert_int_equal(gr_crew_open(&f.subject, &method, 1, &(gr_explain_options){.layer = "classifier"}, 1, &crew, &err),
                     GR_INVALID);
    assert_non_null(strstr(err.text, "layer4.1.relu2, layer4.1.add"));
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integrated_gradients_add_up),
        cmocka_unit_test(noise_follows_from_the_seed_and_vanishes),
        cmocka_unit_test(attention_adds_up_to_1_for_each_image),
        cmocka_unit_test(an_image_has_its_map_in_any_batch),
        cmocka_unit_test(a_layer_is_found_by_name),
    };
    return cmocka_run_group_tests_name("methods at work", tests, NULL, NULL);
}
