/* Every form of a transform is read and written back; lists in files; what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "config/pipelines.h"
#include "config/value.h"
#include "support/temp_file.h"

static const char *path;

static gr_status read_list(const char *text, gr_arena *arena, gr_transforms *list, gr_error *err)
{
    test_file_write(text, strlen(text));
    return gr_pipeline_file(path, arena, list, err);
}

static void forms_come_back(void **state)
{
    (void)state;
    const char *text =
        "[{resize: 64}, {rotate: 19}, {rotate: [3, 19]}, {rotate: [[3, 19], [341, 357]], p: 0.5}, {shear: [-0.16, 0.18]}, "
        "{turn: [-90, 270]}, {turn: [180], p: 0.1}, {contrast: [0.6, 2.0]}, {colour: [0.2, 3.5], p: 0.25}, "
        "{sharpness: [0.4, 8]}, {blur: [1.05, 2.9], p: 0.5}, laplacian, {sobel: cut}, {prewitt: null, p: 0.5}, "
        "{bilateral: [3, 100, 100]}, {grayscale: null, p: 0.2}, {brightness: [0.7, 1.6], p: 0.5}, bgr]";
    gr_arena *arena = gr_arena_create();
    gr_transforms list, again;
    gr_error err = {0};
    if (read_list(text, arena, &list, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(list.count, 18);
    assert_true(list.items[3].chance && list.items[3].p == 0.5 && list.items[3].d == 357);
    assert_false(list.items[1].chance);
    gr_text first = {0}, second = {0};
    gr_transforms_put(&list, &first);
    if (read_list(first.data, arena, &again, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_transforms_put(&again, &second);
    assert_string_equal(first.data, second.data);
    for (int i = 0; i < list.count; i++)
        assert_memory_equal(&list.items[i], &again.items[i], sizeof list.items[i]);
    gr_text_free(&first);
    gr_text_free(&second);
    gr_arena_destroy(arena);
}

static void a_file_is_used_in_its_place(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_transforms list;
    gr_error err = {0};
    char other[4096];
    snprintf(other, sizeof other, "%s/light.yaml", test_file_folder());
    FILE *file = fopen(other, "w");
    assert_non_null(file);
    fputs("# light\n- {contrast: [0.9, 1.1]}\n- laplacian\n", file);
    fclose(file);
    if (read_list("[{resize: 32}, {use: light.yaml}, {hflip: 0.5}]", arena, &list, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(list.count, 4);
    assert_int_equal(list.items[1].kind, GR_TRANSFORM_CONTRAST);
    assert_int_equal(list.items[3].kind, GR_TRANSFORM_HFLIP);
    file = fopen(other, "w");
    fputs("- {contrast: [0.9, 1.1]}\n- {contrast: [2, 1]}\n", file);
    fclose(file);
    assert_int_equal(read_list("[{use: light.yaml}]", arena, &list, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "light.yaml:2: data.train_transforms: contrast"));
    err = (gr_error){0};
    file = fopen(other, "w");
    fputs("- {use: light.yaml}\n", file);
    fclose(file);
    assert_int_equal(read_list("[{use: light.yaml}]", arena, &list, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "light.yaml:1: data.train_transforms: a file that is used may not use another"));
    assert_int_equal(unlink(other), 0);
    err = (gr_error){0};
    assert_int_equal(read_list("[{use: light.yaml}]", arena, &list, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "list.yaml:1: data.train_transforms: use: "));
    gr_arena_destroy(arena);
}

static void wrong_forms_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"- {contrast: 2}", "contrast is 2, expected [lo, hi] with 0 <= lo <= hi <= 255"},
        {"- {contrast: [1, 2], p: 2}", "p of contrast is no probability"},
        {"- {hflip: 0.5, p: 0.5}", "hflip has no p, as its value is the probability"},
        {"- {resize: 64, p: 0.5}", "resize has no p, as it is done always or never"},
        {"- {contrast: [1, 2], blur: [1, 2]}", "has no name or several"},
        {"- {p: 0.5}", "has no name or several"},
        {"- {rotate: [[3, 19], [20, 10]]}", "rotate is"},
        {"- {turn: 45}", "turn is 45, expected one to four of"},
        {"- {laplacian: 3}", "laplacian is 3, expected the word alone, or cut"},
        {"- {bilateral: [0, 1, 1]}", "bilateral is"},
        {"- {color: [1, 2]}", "did you mean colour"},
        {"- {blur: [1, 60]}", "0 <= lo <= hi <= 50"},
        {"contrast: [1, 2]", "expected"},
        {"", "is empty; a list of transforms would be right"},
    };
    gr_arena *arena = gr_arena_create();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        gr_transforms list;
        gr_error err = {0};
        assert_int_equal(read_list(wrong[i][0], arena, &list, &err), GR_INVALID);
        if (strstr(err.text, wrong[i][1]) == NULL)
            fail_msg("%s: \"%s\" is not in \"%s\"", wrong[i][0], wrong[i][1], err.text);
    }
    gr_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_come_back),
        cmocka_unit_test(a_file_is_used_in_its_place),
        cmocka_unit_test(wrong_forms_are_refused),
    };
    return (path = test_file_make("list.yaml")) == NULL ? 1 : cmocka_run_group_tests(tests, NULL, test_file_remove);
}
