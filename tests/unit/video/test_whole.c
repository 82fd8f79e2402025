/* Containers that say how long they are, whole, cut at each byte, and such that do not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/temp_file.h"
#include "video/whole.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("film");
    return path == NULL;
}

static bool cut(const uint8_t *bytes, size_t size)
{
    test_file_write(bytes, size);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    bool is = gr_video_cut_off(file);
    fclose(file);
    return is;
}

/* The first `least` bytes are too few to say anything. */
static void expect_cuts(const uint8_t *bytes, size_t size, size_t least)
{
    assert_false(cut(bytes, size));
    for (size_t length = least; length < size; length++)
        assert_true(cut(bytes, length));
}

static void test_containers(void **state)
{
    (void)state;
    const uint8_t boxes[] = {0,   0,   0,   12,  'f', 't', 'y', 'p', 'i', 's', 'o', 'm', 0, 0, 0, 1,
                             'm', 'd', 'a', 't', 0,   0,   0,   0,   0,   0,   0,   20,  1, 2, 3, 4};
    expect_cuts(boxes, sizeof boxes, 21);
    const uint8_t elements[] = {0x1A, 0x45, 0xDF, 0xA3, 0x82, 1, 2, 0x18, 0x53, 0x80, 0x67, 0x40, 8, 1, 2, 3, 4, 5, 6, 7, 8};
    expect_cuts(elements, sizeof elements, 19);
    const uint8_t chunks[] = {'R', 'I', 'F', 'F', 10, 0, 0, 0, 'A', 'V', 'I', ' ', 1, 2, 3, 4, 5, 6};
    expect_cuts(chunks, sizeof chunks, 12);
    uint8_t unknown[sizeof elements];
    memcpy(unknown, elements, sizeof elements);
    unknown[11] = 0xff; /* a live recording */
    assert_false(cut(unknown, sizeof unknown));
    const uint8_t other[] = "G is no container that says how long it is";
    assert_false(cut(other, sizeof other));
}

/* The films of the other test, as they are. */
static void test_films(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool cut;
    } films[] = {{"long.mp4", false}, {"opengop.mkv", false}, {"alone.avi", false}, {"start.ts", false},
                 {"cut.mp4", true},   {"cut.mkv", true},      {"sound.m4a", false}};
    for (size_t i = 0; i < sizeof films / sizeof films[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "tests/parity/video/%s", films[i].name);
        FILE *file = fopen(name, "rb");
        assert_non_null(file);
        assert_int_equal(gr_video_cut_off(file), films[i].cut);
        fclose(file);
    }
    test_file_write("", 0); /* for the teardown */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_containers), cmocka_unit_test(test_films)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
