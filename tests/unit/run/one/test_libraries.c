/* The list of libraries: names and versions, an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/inspect.h"

static void all_have_a_version(void **state)
{
    (void)state;
    char version[GR_LIBRARY_ROOM];
    int count = 0;
    for (const char *name; (name = gr_library(count, version)) != NULL; count++)
        assert_true(name[0] != '\0' && version[strcspn(version, "0123456789")] != '\0');
    assert_true(count >= 9);
    assert_null(gr_library(-1, version));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_have_a_version)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
