/* Which model explains which image, and what is refused before any image is read. */
#include <string.h>

#include "explain/explainer.h"
#include "support/folder.h"
#include "support/model_run.h"
#include "support/support.h"

static const char *const gradcam = "gradcam", *const saliency = "saliency";

static void refuses(const char *path, gr_explain_options options, const char *words)
{
    gr_error err = {0};
    gr_explainer *e;
    assert_int_equal(gr_explainer_open(test_in_folder(path), &options, &e, &err), GR_INVALID);
    assert_null(e);
    if (strstr(err.text, words) == NULL)
        fail_msg("%s lacks %s", err.text, words);
}

static void what_is_asked_is_looked_at_first(void **state)
{
    (void)state;
    const char *const wrong[] = {"gradcan"}, *const twice[] = {gradcam, gradcam};
    refuses("run", (gr_explain_options){0}, "no method is named");
    refuses("run", (gr_explain_options){.methods = wrong, .method_count = 1}, "there is no method \"gradcan\"");
    refuses("run", (gr_explain_options){.methods = twice, .method_count = 2}, "gradcam is named twice");
    refuses("run", (gr_explain_options){.methods = &gradcam, .method_count = 1, .layer = "x"}, "no layer \"x\"");
    refuses("run", (gr_explain_options){.methods = &gradcam, .method_count = 1, .class_name = "x"}, "x");
    refuses("absent", (gr_explain_options){.methods = &gradcam, .method_count = 1}, "absent");
}

/* What was told of the images, in the order of telling. */
typedef struct heard {
    char folds[8][8], problem[200];
    int64_t samples[8];
    int count;
} heard;

static gr_status hear(void *ctx, const gr_explanation *x, gr_error *err)
{
    heard *h = ctx;
    (void)err;
    if (x->problem != NULL) {
        snprintf(h->problem, sizeof h->problem, "%s", x->problem);
        return GR_OK;
    }
    assert_true(h->count < 8 && x->size == 32 && x->map != NULL);
    h->samples[h->count] = x->sample;
    snprintf(h->folds[h->count++], sizeof h->folds[0], "%s", x->fold);
    return GR_OK;
}

static void the_fold_that_tested_an_image_explains_it(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_explainer *e;
    heard h = {0};
    char paths[4][300];
    const char *const names[] = {"images/b.png", "images/a.png", "images/new.png", "images/absent.png"};
    gr_sample samples[4] = {0};
    for (int i = 0; i < 4; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", test_in_folder(names[i]));
        samples[i].path = paths[i];
    }
    const gr_explain_options options = {.methods = &saliency, .method_count = 1};
    if (gr_explainer_open(test_in_folder("run"), &options, &e, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_string_equal(gr_explainer_class(e, 1), "yes");
    assert_null(gr_explainer_class(e, -1));
    assert_int_equal(gr_explainer_model_of(e, paths[0]), 1);
    assert_int_equal(gr_explainer_model_of(e, paths[1]), 0);
    assert_int_equal(gr_explainer_model_of(e, paths[2]), -1);
    assert_int_equal(gr_explainer_run(e, samples, 4, hear, &h, NULL, &err), GR_OK);
    assert_int_equal(h.count, 3);
    assert_true(h.samples[0] == 1 && h.samples[1] == 0 && h.samples[2] == 2);
    assert_string_equal(h.folds[0], "one");
    assert_string_equal(h.folds[1], "two");
    assert_string_equal(h.folds[2], "all");
    assert_non_null(strstr(h.problem, "No such file"));
    gr_explainer_close(e);
    gr_explainer_close(NULL);
}

/* The first model is the one that the others are compared with: it may be the stranger. */
static void a_stranger_among_the_folds_is_noticed(void **state)
{
    (void)state;
    const gr_explain_options options = {.methods = &gradcam, .method_count = 1};
    test_make_model("run/fold-one/model.safetensors", "linear", "severe", 32, 3);
    refuses("run", options, "is another kind of model than");
    test_make_model("run/fold-one/model.safetensors", "linear", "yes", 32, 3);
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
        cmocka_unit_test(what_is_asked_is_looked_at_first),
        cmocka_unit_test(the_fold_that_tested_an_image_explains_it),
        cmocka_unit_test(a_stranger_among_the_folds_is_noticed),
    };
    return cmocka_run_group_tests_name("explaining a run", tests, make, test_folder_remove);
}
