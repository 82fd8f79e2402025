/* Patterns of paths: what they cut, and that a short cut through the table finds what trying everything finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "import/path_pattern.h"

/* Can the pieces from `piece` on be all of `path`? Tries everything. */
static bool fits(const gr_path_pattern *p, int piece, const char *path)
{
    if (piece == p->count)
        return *path == '\0';
    char kind = p->pieces[piece].literal;
    if (kind != '*' && kind != '{')
        return *path == kind && fits(p, piece + 1, path + 1);
    for (size_t length = kind == '{';; length++) {
        if (length > strlen(path) || (length > 0 && path[length - 1] == '/'))
            return false;
        if (fits(p, piece + 1, path + length))
            return true;
    }
}

static void match(const char *pattern, const char *path, bool *matched, char joined[200])
{
    gr_arena *arena = gr_arena_create();
    gr_path_pattern p;
    gr_error err = {0};
    const char *values[GR_PATTERN_FIELDS] = {NULL};
    assert_int_equal(gr_path_pattern_read(pattern, arena, &p, &err), GR_OK);
    assert_int_equal(gr_path_pattern_match(&p, path, arena, values, matched, &err), GR_OK);
    assert_int_equal(*matched, fits(&p, 0, path));
    joined[0] = '\0';
    for (int f = 0; *matched && f < p.field_count; f++) {
        strcat(joined, values[f]);
        strcat(joined, "|");
    }
    gr_arena_destroy(arena);
}

static void test_cuts_fields(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"day*/{animal}_{time}_*.jpg", "day12/rat7_30min_front.jpg", "rat7|30min|"},
        {"{a}{b}", "xyz", "x|yz|"},
        {"{a}_{b}.png", "one_two_three.png", "one|two_three|"},
        {"{a}/*", "cat/", "cat|"},
        {"*{a}", "xyz", "xyz|"},
        {"a{x}", "abc", "bc|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool matched;
        char joined[200];
        match(cases[i][0], cases[i][1], &matched, joined);
        assert_true(matched);
        assert_string_equal(joined, cases[i][2]);
    }
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"{a}", ""}, {"{a}", "x/y"}, {"a", "ab"},         {"ab", "a"},
                                           {"ab", "b"}, {"*/x", "x"},   {"{a}.png", ".png"}, {"x*", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool matched;
        char joined[200];
        match(cases[i][0], cases[i][1], &matched, joined);
        assert_false(matched);
    }
}

/* Every pattern of up to four pieces on every path of up to five letters. */
static void test_as_trying_everything(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "/", "*", "{f}"}, letters[] = "ab/";
    for (int code = 1; code < 256; code++) {
        char pattern[40] = "";
        int fields = 0;
        for (int rest = code; rest > 0; rest /= 4) {
            fields += rest % 4 == 3;
            strcat(pattern, rest % 4 == 3 && fields == 2 ? "{g}" : rest % 4 == 3 && fields > 2 ? "b" : pieces[rest % 4]);
        }
        for (int path_code = 0; path_code < 1024; path_code++) {
            char path[8] = "", joined[200];
            int length = 0;
            for (int rest = path_code; rest > 0; rest /= 4)
                if (rest % 4 > 0)
                    path[length++] = letters[rest % 4 - 1];
            path[length] = '\0';
            bool matched;
            match(pattern, path, &matched, joined);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cuts_fields), cmocka_unit_test(test_what_does_not_fit),
                                       cmocka_unit_test(test_as_trying_everything)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
