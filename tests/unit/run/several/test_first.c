/* The run that finds another's landmarks: where it is made, of which images, how often, and what is refused. A runner of the
 * test's own stands in for training. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "run/several/first.h"
#include "support/folder.h"

/* What the runner was asked for, one behind the other. */
static struct {
    int count, seed[4];
    bool first_fold, resume;
    char folder[4][200], manifest[4][200];
} asked;

static gr_status run(const gr_config *config, const gr_run_options *options, gr_results *results, gr_error *err)
{
    int i = asked.count++;
    asked.seed[i] = (int)config->seed;
    asked.first_fold = options->first_fold;
    asked.resume = options->resume;
    snprintf(asked.folder[i], 200, "%s", options->folder);
    snprintf(asked.manifest[i], 200, "%s", config->data.manifest);
    *results = (gr_results){0};
    return gr_make_folders(options->folder, err);
}

static const char learns[] = "model: {backbone: blackmice_cnn, head: landmarks}\nloss: {name: wing}\n";

static int make_configs(void **state)
{
    char text[300];
    if (test_folder_make(state) != 0)
        return 1;
    test_folder_text("m.csv", "image\n");
    test_folder_text("other.csv", "image\n");
    for (int i = 1; i <= 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "pose%d.yaml", i);
        snprintf(text, sizeof text, "name: pose\nseed: %d\ndata: {manifest: m.csv}\n%s", i, learns);
        test_folder_text(name, text);
    }
    test_folder_text("classes.yaml", "data: {manifest: m.csv}\nmodel: {backbone: blackmice_cnn, head: linear}\n");
    return 0;
}

static gr_config *load(const char *more, const char *override)
{
    gr_text text = {0};
    gr_config *config = NULL;
    gr_error err = {0};
    asked.count = 0;
    gr_text_printf(&text, "name: turned\ndata: {manifest: m.csv, align: synth18}\n%s%s", learns, more);
    test_folder_text("turned.yaml", text.data);
    gr_text_free(&text);
    if (gr_config_load(test_in_folder("turned.yaml"), &override, override != NULL, &config, &err) != GR_OK)
        fail_msg("%s", err.text);
    return config;
}

static gr_run_options in_folder(const char *name)
{
    static char folder[200];
    snprintf(folder, sizeof folder, "%s", test_in_folder(name));
    return (gr_run_options){.folder = folder, .first_fold = true};
}

static bool ends(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static void a_config_is_cross_validated_first(void **state)
{
    (void)state;
    gr_config *config = load("", "data.landmarks_from=pose1.yaml"), *behind;
    gr_run_options options = in_folder("run");
    gr_error err = {0};
    assert_true(gr_first_wanted(config));
    if (gr_first_landmarks(config, &options, run, &behind, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(asked.count, 1);
    assert_false(asked.first_fold); /* each image is told of by a fold that does not know it */
    assert_true(asked.resume);
    assert_true(ends(asked.folder[0], "/run/landmarks") && ends(asked.manifest[0], "/m.csv"));
    assert_true(ends(behind->data.landmarks_from, "/run/landmarks")); /* the run in the config's place */
    assert_false(gr_first_wanted(behind));
    gr_config_destroy(behind);
    gr_config_destroy(config);
}

static void a_run_is_taken_as_it_is(void **state)
{
    (void)state;
    gr_config *config = load("", "data.landmarks_from=run"), *behind;
    gr_run_options options = in_folder("next");
    gr_error err = {0};
    assert_false(gr_first_wanted(config));
    assert_int_equal(gr_first_landmarks(config, &options, run, &behind, &err), GR_OK);
    assert_null(behind);
    assert_int_equal(asked.count, 0);
    gr_config_destroy(config);
}

static void the_command_lines_images_are_both_configs(void **state)
{
    (void)state;
    gr_error err = {0};
    const char *const words[] = {"data.manifest=other.csv", "data.landmarks_from=pose1.yaml", "seed=9"};
    gr_config *config, *behind;
    gr_config_destroy(load("", NULL));
    assert_int_equal(gr_config_load(test_in_folder("turned.yaml"), words, 3, &config, &err), GR_OK);
    gr_run_options options = in_folder("others");
    if (gr_first_landmarks(config, &options, run, &behind, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(ends(asked.manifest[0], "/other.csv"));
    assert_int_equal(asked.seed[0], 1); /* all else is its own */
    gr_config_destroy(behind);
    gr_config_destroy(config);
}

static void settings_share_a_run(void **state)
{
    (void)state;
    gr_config *config = load("sweep:\n  mode: list\n  settings:\n    - {name: plain, set: {data.align: null}}\n"
                             "    - {name: a, set: {data.landmarks_from: pose1.yaml}}\n"
                             "    - {name: b, set: {data.landmarks_from: pose2.yaml}}\n"
                             "    - {name: c, set: {data.landmarks_from: pose1.yaml, seed: 5}}\n",
                             NULL);
    gr_settings settings;
    gr_run_options options = in_folder("sweep");
    gr_error err = {0};
    if (gr_settings_make(config, &settings, &err) != GR_OK ||
        gr_first_settings(&settings, &options, run, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(asked.count, 2);
    assert_int_equal(asked.seed[0], 1);
    assert_int_equal(asked.seed[1], 2);
    assert_true(ends(asked.folder[0], "/sweep/landmarks") && ends(asked.folder[1], "/sweep/landmarks-2"));
    assert_null(settings.items[0].config->data.landmarks_from);
    assert_true(ends(settings.items[1].config->data.landmarks_from, "/sweep/landmarks"));
    assert_true(ends(settings.items[2].config->data.landmarks_from, "/sweep/landmarks-2"));
    assert_true(ends(settings.items[3].config->data.landmarks_from, "/sweep/landmarks"));
    assert_int_equal(settings.items[3].config->seed, 5);
    gr_settings_free(&settings);
    gr_config_destroy(config);
}

static void refused(const char *override, const char *folder, const char *sentence)
{
    gr_config *config = load("", override), *behind = config;
    gr_run_options options = in_folder(folder);
    gr_error err = {0};
    assert_int_equal(gr_first_landmarks(config, &options, run, &behind, &err), GR_INVALID);
    assert_null(behind);
    assert_int_equal(asked.count, 0);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, err.text);
    gr_config_destroy(config);
}

static void what_cannot_come_first_is_refused(void **state)
{
    (void)state;
    gr_error err = {0};
    refused("data.landmarks_from=classes.yaml", "bad", "which learns classes and finds no landmarks");
    refused("data.landmarks_from=nowhere.yaml", "bad", "nowhere.yaml");
    assert_int_equal(gr_make_folders(test_in_folder("held"), &err), GR_OK);
    test_folder_text("held/config.yaml", "name: held\n");
    refused("data.landmarks_from=pose1.yaml", "held", "holds a run already");
    assert_int_not_equal(access(test_in_folder("bad"), F_OK), 0); /* nothing was written */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_is_cross_validated_first), cmocka_unit_test(a_run_is_taken_as_it_is),
        cmocka_unit_test(the_command_lines_images_are_both_configs), cmocka_unit_test(settings_share_a_run),
        cmocka_unit_test(what_cannot_come_first_is_refused)};
    return cmocka_run_group_tests(tests, make_configs, test_folder_remove);
}
