/* Pictures through models: one model alone, the mean of all, and what stops it. */
#include <math.h>
#include <string.h>

#include "explain/explainer.h"
#include "support/folder.h"
#include "support/model_run.h"
#include "support/support.h"

enum { PIXELS = 32 * 32 };

/* The last map that was told. */
typedef struct heard {
    float map[PIXELS];
    double logit, probability;
    char name[8], fold[8];
    int red, count;
} heard;

static gr_status hear(void *ctx, const gr_explanation *x, gr_error *err)
{
    heard *h = ctx;
    (void)err;
    assert_null(x->problem);
    memcpy(h->map, x->map, sizeof h->map);
    h->logit = x->logit;
    h->probability = x->probability;
    h->red = x->picture->pixels[0];
    snprintf(h->name, sizeof h->name, "%s", x->class_name);
    snprintf(h->fold, sizeof h->fold, "%s", x->fold);
    h->count++;
    return GR_OK;
}

static gr_explainer *open_run(const char *class_name)
{
    static const char *const method = "saliency";
    gr_error err = {0};
    gr_explainer *e;
    const gr_explain_options options = {.methods = &method, .method_count = 1, .class_name = class_name};
    if (gr_explainer_open(test_in_folder("run"), &options, &e, &err) != GR_OK)
        fail_msg("%s", err.text);
    return e;
}

/* images/new.png by model `model`; -1: by all. */
static heard explain(gr_explainer *e, int model)
{
    gr_error err = {0};
    heard h = {0};
    gr_image_pass p;
    const int64_t order[] = {0};
    const gr_sample sample = {.path = test_in_folder("images/new.png")};
    assert_int_equal(gr_pass_open(&e->models, &sample, 1, &p, &err), GR_OK);
    p.each = hear;
    p.ctx = &h;
    if ((model < 0 ? gr_pass_all(&p, order, 1, "all", &err) : gr_pass_one(&p, model, order, 1, "x", &err)) != GR_OK)
        fail_msg("%s", err.text);
    gr_pass_close(&p);
    assert_int_equal(h.count, 1);
    return h;
}

static void all_models_explain_by_their_mean(void **state)
{
    (void)state;
    gr_explainer *e = open_run("yes");
    heard one = explain(e, 0), two = explain(e, 1), all = explain(e, -1);
    float mean[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        mean[i] = (one.map[i] + two.map[i]) / 2;
    assert_true(test_close(all.map, mean, PIXELS, 1e-5));
    assert_false(test_close(one.map, two.map, PIXELS, 1e-2));
    assert_true(fabs(all.logit - (one.logit + two.logit) / 2) < 1e-6);
    assert_true(fabs(all.probability - (one.probability + two.probability) / 2) < 1e-6);
    assert_string_equal(all.fold, "all");
    assert_string_equal(one.fold, "x");
    assert_int_equal(one.red, 70); /* the picture, as the network reads it */
    gr_explainer_close(e);
}

/* Without a class it is the one that the models' mean is for, for each of them: the probability tells. */
static void the_class_is_that_of_the_mean(void **state)
{
    (void)state;
    gr_explainer *e = open_run(NULL);
    heard all = explain(e, -1);
    gr_explainer_close(e);
    e = open_run(all.name);
    heard named = explain(e, -1);
    gr_explainer_close(e);
    assert_true(all.probability >= 0.5);
    assert_true(all.probability == named.probability);
    assert_memory_equal(all.map, named.map, sizeof all.map);
}

static void it_stops_when_it_is_told(void **state)
{
    (void)state;
    gr_error err = {0};
    heard h = {0};
    gr_image_pass p;
    const int64_t order[] = {0};
    const volatile sig_atomic_t stop = 1;
    gr_explainer *e = open_run("yes");
    const gr_sample sample = {.path = test_in_folder("images/new.png")};
    assert_int_equal(gr_pass_open(&e->models, &sample, 1, &p, &err), GR_OK);
    p.each = hear;
    p.ctx = &h;
    p.stop = &stop;
    assert_int_equal(gr_pass_one(&p, 0, order, 1, "x", &err), GR_INTERRUPTED);
    assert_int_equal(h.count, 0);
    gr_pass_close(&p);
    gr_explainer_close(e);
}

static int make(void **state)
{
    if (test_folder_make(state) != 0)
        return -1;
    test_make_model_run();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_models_explain_by_their_mean),
        cmocka_unit_test(the_class_is_that_of_the_mean),
        cmocka_unit_test(it_stops_when_it_is_told),
    };
    return cmocka_run_group_tests_name("pictures through models", tests, make, test_folder_remove);
}
