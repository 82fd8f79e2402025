/* Names of files: endings cut, slashes, long names, equal names. */
#include "support/support.h"
#include "explain/folder_names.h"

#include <string.h>

static void names_are_plain_and_different(void **state)
{
    (void)state;
    char longest[301];
    memset(longest, 'a', 300);
    longest[300] = '\0';
    const char *images[] = {"a/b.png", "a_b.jpg", "a/b.png", "a_b_2.png", ".hidden", "x/.png", "no.dots/here", longest};
    const char *want[] = {"a_b", "a_b_2", "a_b_3", "a_b_2_2", ".hidden", "x_.png", "no.dots_here"};
    const char *names[8];
    gr_error err = {0};
    gr_arena *arena = gr_arena_create();
    assert_int_equal(gr_folder_names(images, 8, arena, names, &err), GR_OK);
    for (int i = 0; i < 7; i++)
        assert_string_equal(names[i], want[i]);
    assert_int_equal(strlen(names[7]), 200);
    gr_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_plain_and_different)};
    return cmocka_run_group_tests_name("names of files", tests, NULL, NULL);
}
