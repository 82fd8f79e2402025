/* Functions of a library that is loaded when it is needed, and sentences when it is not there. */
#include "support/support.h"

#include "base/library.h"

#include <string.h>

static void functions_are_found(void **state)
{
    (void)state;
    static const char *const names[] = {"TIFFGetVersion", "TIFFClose"};
    struct {
        const char *(*version)(void);
        void (*close)(void *);
    } found;
    gr_error err = {0};
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(gr_library_find(GR_LIBTIFF, names, 2, &found, &err), GR_OK);
        assert_non_null(strstr(found.version(), "LIBTIFF"));
        assert_non_null(found.close);
    }
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    static const char *const names[] = {"TIFFClose", "TIFFPaintIt"};
    void *found[2];
    gr_error err = {0};
    assert_int_equal(gr_library_find("libabsent.so.77", names, 1, found, &err), GR_IO);
    assert_non_null(strstr(err.text, "libabsent.so.77 cannot be loaded, is it installed?"));
    err = (gr_error){0};
    assert_int_equal(gr_library_find(GR_LIBTIFF, names, 2, found, &err), GR_IO);
    assert_non_null(strstr(err.text, "has no TIFFPaintIt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_found),
        cmocka_unit_test(what_is_missing_is_named),
    };
    return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
