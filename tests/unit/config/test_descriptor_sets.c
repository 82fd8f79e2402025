/* The sets that come with grimace, and what a file may not say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "config/descriptor_texts.h"
#include "grimace/descriptor_sets.h"
#include "support/temp_file.h"

static const char *set_path;

static int count_unit(const gr_descriptor_set *set, const char *unit)
{
    int count = 0;
    for (int i = 0; i < set->count; i++)
        count += strcmp(set->items[i].unit, unit) == 0;
    return count;
}

static void fgs35_has_the_papers_counts(void **state)
{
    (void)state;
    gr_descriptor_file *file;
    gr_error err = {0};
    assert_int_equal(gr_descriptor_set_open("fgs35", &file, &err), GR_OK);
    const gr_descriptor_set *set = gr_descriptor_file_set(file);
    assert_int_equal(set->landmarks, 37);
    assert_int_equal(set->count, 35);
    assert_int_equal(count_unit(set, "ear_position"), 10);
    assert_int_equal(count_unit(set, "orbital_tightening"), 5);
    assert_int_equal(count_unit(set, "muzzle_tension"), 8);
    assert_int_equal(count_unit(set, "whiskers_change"), 5);
    assert_int_equal(count_unit(set, "head_position"), 7);
    gr_descriptor_file_free(file);
}

/* A turned, scaled and mirrored cloud of points has the same descriptors in every set, and all of them are numbers. */
static void no_set_sees_a_similarity(void **state)
{
    (void)state;
    for (const gr_descriptor_text *t = gr_descriptor_texts; t->name != NULL; t++) {
        gr_descriptor_file *file;
        gr_error err = {0};
        if (gr_descriptor_set_open(t->name, &file, &err) != GR_OK)
            fail_msg("%s", err.text);
        const gr_descriptor_set *set = gr_descriptor_file_set(file);
        float face[96], moved[96];
        double before[64], after[64];
        assert_true(set->landmarks <= 48 && set->count <= 64);
        for (int i = 0; i < set->landmarks; i++) {
            face[2 * i] = (float)fmod(37.7 * i + 11, 101);
            face[2 * i + 1] = (float)fmod(53.3 * i + 29, 89);
            moved[2 * i] = 3 * face[2 * i + 1] + 500;
            moved[2 * i + 1] = 3 * face[2 * i] - 20;
        }
        gr_describe(set, face, before, NULL);
        gr_describe(set, moved, after, NULL);
        for (int d = 0; d < set->count; d++)
            if (!(fabs(after[d] - before[d]) <= 1e-3 * (1 + fabs(before[d]))))
                fail_msg("%s: %s: %g, then %g", t->name, set->items[d].name, before[d], after[d]);
        gr_descriptor_file_free(file);
    }
}

static void refused(const char *text, const char *sentence)
{
    gr_descriptor_file *file;
    gr_error err = {0};
    test_file_write(text, strlen(text));
    assert_int_equal(gr_descriptor_set_open(set_path, &file, &err), GR_INVALID);
    assert_null(file);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, err.text);
}

static void bad_sets_are_refused(void **state)
{
    (void)state;
    gr_descriptor_file *file;
    gr_error err = {0};
    assert_int_equal(gr_descriptor_set_open("fgs36", &file, &err), GR_INVALID);
    assert_string_equal(err.text,
                        "there is no set of descriptors \"fgs36\"; there are catflw48, fgs35, mice18 and rats18, or a "
                        "file that ends in .yaml");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, angle: [1, 2, 5]}\n",
            ":3: a: there is no landmark 5, landmarks are 1 to 4");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, angle: [1, 2]}\n", ":3: a: an angle is three landmarks");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, distance: [1, 2]}\n", ":3: a: is no ratio");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, angle: [1, 2, 3], over: [1, 2, 3]}\n", ":3: a: is an angle");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, area: [1, 2, 2, 4], over: [1, 2, 3]}\n",
            "landmark 2 stands twice in one polygon");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, size: 3}\n", ":3: size: is no key of a descriptor");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, unit: x}\n", ":3: a: measures nothing");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, angle: [1, 2, 3]}\n  - {name: a, angle: [1, 2, 4]}\n",
            ":4: a: is the name of two");
    refused("landmarks: 4\ndescriptors:\n  - {name: a, distance: [[1, 2], [1, 3], [1, 4]], over: [[1, 2], [2, 3]]}\n",
            ":3: a: `over` has another number");
    refused("landmarks: one\ndescriptors: []\n", ":1: landmarks: is no number");
    refused("landmarks: 4\ndescriptors: []\n", ":2: descriptors: is no list");
    refused("landmarks: 4\n", ":1: descriptors: is missing");
    refused("- 3\n", ":1: descriptors: a set is a map");
}

static void units_hold_landmarks(void **state)
{
    (void)state;
    gr_descriptor_file *file;
    gr_error err = {0};
    assert_int_equal(gr_descriptor_set_open("fgs35", &file, &err), GR_OK);
    const gr_descriptor_set *set = gr_descriptor_file_set(file);
    int landmarks = 0;
    assert_int_equal(set->unit_count, 5);
    for (int u = 0; u < set->unit_count; u++)
        for (int i = 0; i < set->units[u].count; i++)
            assert_int_equal(set->units[u].points[i], landmarks++); /* each in one unit */
    assert_int_equal(landmarks, 37);
    gr_descriptor_file_free(file);
    const char *text = "landmarks: 5\ndescriptors:\n  - {name: a, unit: x, distance: [4, 1], over: [1, 2]}\n"
                       "  - {name: b, angle: [1, 2, 3]}\n  - {name: c, unit: x, angle: [1, 5, 2]}\n";
    test_file_write(text, strlen(text));
    assert_int_equal(gr_descriptor_set_open(set_path, &file, &err), GR_OK);
    set = gr_descriptor_file_set(file);
    assert_int_equal(set->unit_count, 1); /* all that x's descriptors use */
    assert_int_equal(set->units[0].count, 4);
    assert_memory_equal(set->units[0].points, ((int[]){0, 1, 3, 4}), 4 * sizeof(int));
    gr_descriptor_file_free(file);
    refused("landmarks: 4\nunits: {x: [1, 5]}\ndescriptors:\n  - {name: a, angle: [1, 2, 3]}\n",
            "units: x: there is no landmark 5, landmarks are 1 to 4");
    refused("landmarks: 4\nunits: {x: [2, 2]}\ndescriptors:\n  - {name: a, angle: [1, 2, 3]}\n", ":2: x: is no list of landmarks");
    refused("landmarks: 4\nunits: [1]\ndescriptors:\n  - {name: a, angle: [1, 2, 3]}\n", ":2: units: is no map");
}

static void a_single_over_serves_all(void **state)
{
    (void)state;
    const char *text = "landmarks: 4\ndescriptors:\n  - {name: a, unit: mouth, distance: [[1, 2], [1, 3]], over: [3, 4]}\n";
    gr_descriptor_file *file;
    gr_error err = {0};
    test_file_write(text, strlen(text));
    assert_int_equal(gr_descriptor_set_open(set_path, &file, &err), GR_OK);
    const gr_descriptor_set *set = gr_descriptor_file_set(file);
    assert_int_equal(set->items[0].parts, 2);
    assert_int_equal(set->items[0].part[1].over[1], 3);
    const float face[8] = {0, 0, 1, 0, 0, 3, 0, 1};
    double value;
    gr_describe(set, face, &value, NULL);
    assert_true(value == 1); /* (1 / 2 + 3 / 2) / 2 */
    gr_descriptor_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fgs35_has_the_papers_counts),
        cmocka_unit_test(no_set_sees_a_similarity),
        cmocka_unit_test(bad_sets_are_refused),
        cmocka_unit_test(units_hold_landmarks), cmocka_unit_test(a_single_over_serves_all),
    };
    return (set_path = test_file_make("set.yaml")) == NULL ? 1 : cmocka_run_group_tests(tests, NULL, test_file_remove);
}
