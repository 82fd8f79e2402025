/* Paths cut into fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "import/survey_fields.h"

enum { MOST = 40 };

/* "field|field": each its place and its values by kind, of paths[count]. */
static void expect(const char *const *paths, int count, const char *expected)
{
    gr_text out = {0};
    gr_survey_fields *fields = gr_alloc(1, sizeof *fields);
    assert_non_null(fields);
    fields->arena = gr_arena_create();
    assert_true(gr_survey_add_paths(fields, paths, count));
    for (int f = 0; f < fields->count; f++) {
        const gr_survey_field *field = &fields->items[f];
        gr_text_printf(&out, "%s%c%d", f > 0 ? "|" : "", field->source == GR_FROM_FOLDER ? 'F' : 'N', field->place);
        for (int64_t k = 0; k < field->different; k++)
            gr_text_printf(&out, " %s %d", field->kinds[k], (int)field->counts[k]);
    }
    assert_string_equal(out.data != NULL ? out.data : "", expected);
    gr_text_free(&out);
    gr_arena_destroy(fields->arena);
    gr_free(fields);
}

#define PATHS(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static void folders_are_fields(void **state)
{
    (void)state;
    expect(PATHS("pain/a.png", "no_pain/a.png"), "F0 no_pain 1 pain 1");
    expect(PATHS("r1/pain/a.png", "r1/none/a.png", "r2/pain/a.png"), "F0 r1 2 r2 1|F1 none 1 pain 2");
    expect(PATHS("all/pain/a.png", "all/none/a.png"), "F1 none 1 pain 1"); /* what says the same everywhere says nothing */
    expect(PATHS("Pain/a.png", "pain/a.png", "none/a.png"), "F0 Pain 2 none 1");
    expect(PATHS("a.png", "a.jpg"), "");
}

static void names_are_cut_at_their_signs(void **state)
{
    (void)state;
    expect(PATHS("r1_t2_pain_01.png", "r2_t2_no_pain_01.png"), "N0 r1 1 r2 1|N2 no_pain 1 pain 1");
    expect(PATHS("r1-a_x.png", "r2-b_x.png"), "N0 r1 1 r2 1|N1 a 1 b 1");
    expect(PATHS("pain (1).png", "pain (2).png", "non-pain (1).png"), "N0 non-pain 1 pain 2|N1 1 2 2 1");
    expect(PATHS("pain1.jpg", "pain22.jpg", "nopain1.jpg"), "N0 nopain 1 pain 2|N1 1 2 22 1");
    expect(PATHS("rat1pain3.jpg", "rat2pain3.jpg", "rat2no7.jpg"), "N1 rat1 1 rat2 2|N2 no 1 pain 2|N3 3 2 7 1");
    expect(PATHS("a.b_1.png", "a.c_1.png"), "N0 a.b 1 a.c 1");
}

static void one_in_ten_may_differ(void **state)
{
    (void)state;
    const char *paths[MOST];
    for (int i = 0; i < 20; i++)
        paths[i] = i % 2 == 0 ? "pain/r1_1.png" : "none/r2_1.png";
    paths[18] = "other.png";
    paths[19] = "x.png";
    expect(paths, 20, "F0 none 9 pain 9|N0 r1 9 r2 9");
    paths[17] = "third.png";
    expect(paths, 20, "N0 other 1 r1_1 9 r2_1 8 third 1 x 1");
}

static void numbers_stand_by_value(void **state)
{
    (void)state;
    expect(PATHS("10/a.png", "9/a.png"), "F0 9 1 10 1");
}

static void places_are_named(void **state)
{
    (void)state;
    gr_survey_fields fields = {.arena = gr_arena_create()};
    gr_survey_field one = {.source = GR_FROM_FOLDER, .of = 1}, two = {.source = GR_FROM_FOLDER, .place = 1, .of = 2};
    gr_survey_field part = {.source = GR_FROM_NAME, .place = 2, .of = 4},
                    column = {.source = GR_FROM_TABLE, .title = "pain"};
    assert_string_equal(gr_survey_place(&fields, &one), "the folders' names");
    assert_string_equal(gr_survey_place(&fields, &two), "the names of the folders at level 2");
    assert_string_equal(gr_survey_place(&fields, &part), "part 3 of the file names");
    assert_string_equal(gr_survey_place(&fields, &column), "the column pain");
    gr_arena_destroy(fields.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_are_fields),    cmocka_unit_test(names_are_cut_at_their_signs),
        cmocka_unit_test(one_in_ten_may_differ), cmocka_unit_test(numbers_stand_by_value),
        cmocka_unit_test(places_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
