/* Who knows an image: by its name, its bytes, its group, in the folds of one run and of several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/apply/trained.h"
#include "support/folder.h"

enum { IMAGES = 6, MODELS = 2 };

static char *copy(const char *path)
{
    char *text = gr_strdup(path);
    assert_non_null(text);
    return text;
}

/* Fold x trains on a and b of rat1, fold y on c of rat2; d of rat1 validates in x, e of rat3 trains nowhere. */
static void make_run(void)
{
    char path[300];
    gr_error err = {0};
    snprintf(path, sizeof path, "%s/run/fold-x", test_folder());
    assert_int_equal(gr_make_folders(path, &err), GR_OK);
    test_folder_text("run/config.yaml", "data: {manifest: ../old.csv, label: pain, group: rat}\n");
    test_folder_text("run/splits.csv",
                     "image,rat,label,fold,part\na.png,rat1,0,x,train\nb.png,rat1,1,x,train\nc.png,rat2,1,x,test\n"
                     "d.png,rat4,0,x,val\ne.png,rat3,0,x,none\na.png,rat1,0,y,test\nb.png,rat1,1,y,test\n"
                     "c.png,rat2,1,y,train\nd.png,rat4,0,y,none\ne.png,rat3,0,y,none\n");
    test_folder_text("old.csv", "image,rat,pain\na.png,rat1,0\nb.png,rat1,1\nc.png,rat2,1\nd.png,rat4,0\ne.png,rat3,0\n");
    test_folder_image("a.png", 4, 4, 1, 2, 3);
    test_folder_image("b.png", 4, 4, 9, 2, 3);
    test_folder_image("c.png", 4, 4, 7, 2, 3);
    test_folder_image("d.png", 4, 4, 5, 2, 3);
    test_folder_image("e.png", 4, 4, 6, 2, 3);
    test_folder_image("twin.png", 4, 4, 7, 2, 3); /* the bytes of c */
    test_folder_image("new.png", 4, 4, 8, 2, 3);
}

static void names_bytes_and_groups_are_known(void **state)
{
    (void)state;
    make_run();
    char *models[MODELS] = {copy(test_in_folder("run/fold-x/model.safetensors")),
                            copy(test_in_folder("run/fold-y/model.safetensors"))};
    char *twin = copy(test_in_folder("twin.png")), *new = copy(test_in_folder("new.png"));
    const char *const names[IMAGES] = {"b.png", "twin.png", "new.png", "new2.png", "d.png", "e.png"};
    const char *const paths[IMAGES] = {new, twin, new, NULL, new, new};
    const char *const groups[IMAGES] = {"other", "other", "rat2", NULL, "other", "rat3"};
    const bool expected[IMAGES * MODELS] = {true, false, false, true, false, true, false, false, false, false, false, false};
    bool knows[IMAGES * MODELS];
    gr_text said = {0};
    gr_error err = {0};
    const gr_asked_images asked = {IMAGES, names, paths, groups};
    assert_int_equal(gr_trained_knows(models, MODELS, &asked, knows, &said, NULL, &err), GR_OK);
    for (int i = 0; i < IMAGES * MODELS; i++)
        assert_int_equal(knows[i], expected[i]);
    assert_int_equal(said.size, 0);
    /* without its manifest bytes are not compared, which is said */
    unlink(test_in_folder("old.csv"));
    assert_int_equal(gr_trained_knows(models, MODELS, &asked, knows, &said, NULL, &err), GR_OK);
    assert_true(knows[0] && !knows[3] && knows[5]);
    assert_non_null(strstr(said.data, "by name and group alone"));
    gr_text_free(&said);
    gr_free(models[0]);
    gr_free(models[1]);
    gr_free(twin);
    gr_free(new);
}

/* Pictures that are gone cannot be compared, and "Rat 1" may be "rat1": both are said. */
static void what_may_slip_past_is_said(void **state)
{
    (void)state;
    make_run();
    unlink(test_in_folder("b.png"));
    char *models[MODELS] = {copy(test_in_folder("run/fold-x/model.safetensors")),
                            copy(test_in_folder("run/fold-y/model.safetensors"))};
    char *new = copy(test_in_folder("new.png"));
    const char *const names[3] = {"1.png", "2.png", "3.png"}, *const paths[3] = {NULL, new, NULL}, *const none[3] = {NULL};
    const char *const groups[3] = {"Rat 1", "RAT3", "rat2"}; /* no model trained on rat3 */
    bool knows[3 * MODELS];
    gr_text said = {0};
    gr_error err = {0};
    const gr_asked_images asked = {3, names, paths, groups};
    assert_int_equal(gr_trained_knows(models, MODELS, &asked, knows, &said, NULL, &err), GR_OK);
    assert_true(!knows[0] && !knows[1] && !knows[2] && !knows[3] && !knows[4] && knows[5]);
    assert_non_null(strstr(said.data, "1 of the 3 pictures that "));
    assert_non_null(strstr(said.data, "1 group is written otherwise than one that models trained on, such as \"Rat 1\" and "
                                      "\"rat1\", which differ in case and blanks only"));
    gr_text_free(&said);
    const gr_asked_images without_files = {3, names, none, NULL}; /* whose bytes nobody could compare */
    assert_int_equal(gr_trained_knows(models, MODELS, &without_files, knows, &said, NULL, &err), GR_OK);
    assert_int_equal(said.size, 0);
    gr_free(new);
    gr_free(models[0]);
    gr_free(models[1]);
}

/* A run that began with the weights of another one's fold knows its images; a circle of such runs ends. */
static void what_a_network_began_with_is_known(void **state)
{
    (void)state;
    char path[300];
    gr_error err = {0};
    make_run();
    snprintf(path, sizeof path, "%s/later/fold-1", test_folder());
    assert_int_equal(gr_make_folders(path, &err), GR_OK);
    test_folder_text("later/config.yaml", "data: {manifest: ../later.csv, label: pain, group: rat}\n"
                                          "model: {pretrained: ../run/fold-y/model.safetensors}\n");
    test_folder_text("later/splits.csv", "image,rat,label,fold,part\nd.png,rat8,0,1,train\ne.png,rat9,1,1,test\n");
    test_folder_text("later.csv", "image,rat,pain\nd.png,rat8,0\ne.png,rat9,1\n");
    char *models[1] = {copy(test_in_folder("later/fold-1/model.safetensors"))};
    char *twin = copy(test_in_folder("twin.png")); /* the bytes of c, which fold y trained on */
    const char *const names[5] = {"a.png", "c.png", "x.png", "y.png", "d.png"};
    const char *const paths[5] = {NULL, NULL, twin, NULL, NULL}, *const groups[5] = {"n", "n", "n", "rat2", "n"};
    const bool expected[5] = {false, true, true, true, true};
    const gr_asked_images asked = {5, names, paths, groups};
    for (int circle = 0; circle < 2; circle++) {
        bool knows[5];
        gr_text said = {0};
        assert_int_equal(gr_trained_knows(models, 1, &asked, knows, &said, NULL, &err), GR_OK);
        for (int i = 0; i < 5; i++)
            assert_int_equal(knows[i], expected[i]);
        gr_text_free(&said);
        test_folder_text("run/config.yaml", "data: {manifest: ../old.csv, label: pain, group: rat}\n"
                                            "model: {pretrained: ../later/fold-1/model.safetensors}\n");
    }
    gr_free(models[0]);
    gr_free(twin);
}

static void a_model_alone_knows_nothing_and_says_so(void **state)
{
    (void)state;
    char *models[1] = {copy(test_in_folder("alone.safetensors"))};
    const char *const names[1] = {"a.png"}, *const paths[1] = {NULL};
    const gr_asked_images asked = {1, names, paths, NULL};
    bool knows[1];
    gr_text said = {0};
    gr_error err = {0};
    assert_int_equal(gr_trained_knows(models, 1, &asked, knows, &said, NULL, &err), GR_OK);
    assert_false(knows[0]);
    assert_non_null(strstr(said.data, "no splits.csv"));
    gr_text_free(&said);
    gr_free(models[0]);
}

static void a_model_lies_in_a_fold_of_a_run(void **state)
{
    (void)state;
    char *run, *fold;
    gr_error err = {0};
    assert_int_equal(gr_trained_run("runs/a/fold-rat 1/model.safetensors", &run, &fold, &err), GR_OK);
    assert_string_equal(run, "runs/a");
    assert_string_equal(fold, "rat 1");
    gr_free(run);
    gr_free(fold);
    assert_int_equal(gr_trained_run("fold-1/model.safetensors", &run, &fold, &err), GR_OK);
    assert_string_equal(run, ".");
    gr_free(run);
    gr_free(fold);
    assert_int_equal(gr_trained_run("model.safetensors", &run, &fold, &err), GR_OK);
    assert_true(run == NULL && fold == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_bytes_and_groups_are_known),
        cmocka_unit_test(what_may_slip_past_is_said),
        cmocka_unit_test(what_a_network_began_with_is_known),
        cmocka_unit_test(a_model_alone_knows_nothing_and_says_so),
        cmocka_unit_test(a_model_lies_in_a_fold_of_a_run),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
