/* about.json: sessions add up, a damaged file is begun anew, the manifest's hash is that of its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/json.h"
#include "run/one/about.h"
#include "support/folder.h"

static gr_config *config;

static int make(void **state)
{
    gr_error err = {0};
    if (test_folder_make(state) != 0)
        return 1;
    test_folder_text("manifest.csv", "abc");
    test_folder_text("c.yaml", "data: {manifest: manifest.csv, label: pain}\n");
    return gr_config_load(test_in_folder("c.yaml"), NULL, 0, &config, &err) != GR_OK;
}

static int unmake(void **state)
{
    gr_config_destroy(config);
    return test_folder_remove(state);
}

/* A session that is begun, noted, and ended as `end` says (NULL: it was killed). */
static void session(const char *command, const char *end)
{
    gr_about about = {0};
    gr_error err = {0};
    assert_int_equal(gr_about_begin(&about, config, test_folder(), command, 3, &err), GR_OK);
    usleep(3000);
    assert_int_equal(gr_about_write(&about, NULL, &err), GR_OK);
    if (end != NULL)
        assert_int_equal(gr_about_write(&about, end, &err), GR_OK);
    gr_about_free(&about);
}

static json_t *read_file(void)
{
    json_t *root;
    gr_error err = {0};
    assert_int_equal(gr_json_read(test_in_folder("about.json"), &root, &err), GR_OK);
    return root;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "null";
}

static void sessions_add_up(void **state)
{
    (void)state;
    session("grimace cv c.yaml", NULL);
    session("grimace cv c.yaml --resume", "stopped");
    session(NULL, "done");
    json_t *root = read_file(), *all = json_object_get(root, "sessions");
    assert_int_equal(json_array_size(all), 3);
    assert_string_equal(text_of(json_array_get(all, 0), "end"), "null");
    assert_string_equal(text_of(json_array_get(all, 0), "ended"), "null");
    assert_string_equal(text_of(json_array_get(all, 1), "end"), "stopped");
    assert_string_equal(text_of(json_array_get(all, 1), "command"), "grimace cv c.yaml --resume");
    assert_string_equal(text_of(root, "end"), "done");
    assert_string_equal(text_of(root, "command"), "null");
    assert_string_equal(text_of(root, "began"), text_of(json_array_get(all, 0), "began"));
    assert_int_equal(strlen(text_of(root, "ended")), strlen("2026-01-31T09:30:00Z"));
    assert_string_equal(text_of(root, "grimace"), GRIMACE_VERSION);
    assert_int_equal(json_integer_value(json_object_get(root, "threads")), 3);
    double sum = 0.0;
    for (size_t i = 0; i < 3; i++) {
        double seconds = json_number_value(json_object_get(json_array_get(all, i), "seconds"));
        assert_true(seconds >= 0.003);
        sum += seconds;
    }
    assert_true(json_number_value(json_object_get(root, "seconds")) > sum - 1e-9);
    assert_true(json_number_value(json_object_get(root, "seconds")) < sum + 1e-9);
    json_t *manifest = json_array_get(json_object_get(root, "manifests"), 0);
    assert_string_equal(text_of(manifest, "file"), "manifest.csv");
    assert_string_equal(text_of(manifest, "sha256"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(json_object_size(json_object_get(root, "libraries")) >= 9);
    json_decref(root);
}

static void a_damaged_file_is_begun_anew(void **state)
{
    (void)state;
    static const char *const texts[] = {"{", "[]", "{\"sessions\": 3}", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        test_folder_text("about.json", texts[i]);
        session("grimace", "done");
        json_t *root = read_file();
        assert_int_equal(json_array_size(json_object_get(root, "sessions")), 1);
        json_decref(root);
    }
}

static void nothing_begun_writes_nothing(void **state)
{
    (void)state;
    gr_about about = {0};
    gr_error err = {0};
    unlink(test_in_folder("about.json"));
    assert_int_equal(gr_about_write(&about, "done", &err), GR_OK);
    assert_false(gr_path_exists(test_in_folder("about.json")));
    gr_about_free(&about);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_add_up),
        cmocka_unit_test(a_damaged_file_is_begun_anew),
        cmocka_unit_test(nothing_begun_writes_nothing),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
