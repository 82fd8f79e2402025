/* Arrays of HDF5 files that pandas and sleap-io wrote (tests/parity/make_annotations.py), and files damaged in many ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "formats/hdf5_arrays.h"
#include "support/temp_file.h"

#define MADE "tests/parity/annotations/"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("a.h5");
    return path == NULL;
}

static void reads_numbers_and_texts(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_hdf5_arrays arrays;
    gr_error err = {0};
    if (gr_hdf5_arrays_read(MADE "deeplabcut-1-3.h5", arena, &arrays, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_hdf5_array *values = gr_hdf5_array_find(&arrays, "df_with_missing/block0_values");
    assert_non_null(values);
    assert_int_equal(values->rank, 2);
    assert_int_equal(values->dim[0], 3);
    assert_int_equal(values->dim[1], 6);
    assert_true(values->numbers[0] == 10 && values->numbers[1] == 11.75 && isnan(values->numbers[4]));
    const gr_hdf5_array *parts = gr_hdf5_array_find(&arrays, "df_with_missing/axis0_level1");
    assert_non_null(parts);
    assert_int_equal(parts->count, 3);
    assert_string_equal(parts->texts[0], "left ear"); /* pandas sorts them */
    assert_string_equal(parts->texts[2], "right ear");
    assert_null(gr_hdf5_array_find(&arrays, "block0_values"));
    gr_arena_destroy(arena);
}

/* An analysed video: records of the frame's number and its numbers, and a pickle of what they are. */
static void reads_the_fields_of_a_table(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_hdf5_arrays arrays;
    gr_error err = {0};
    if (gr_hdf5_arrays_read(MADE "mouse7DLC_resnet50.h5", arena, &arrays, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_hdf5_array *values = gr_hdf5_array_find(&arrays, "df_with_missing/table.values_block_0");
    const gr_hdf5_array *index = gr_hdf5_array_find(&arrays, "df_with_missing/table.index");
    const gr_hdf5_array *kind = gr_hdf5_array_find(&arrays, "df_with_missing/table.values_block_0_kind");
    assert_true(values != NULL && index != NULL && kind != NULL);
    assert_int_equal(values->rank, 2);
    assert_int_equal(values->dim[0], 3);
    assert_int_equal(values->dim[1], 9);
    assert_true(values->numbers[0] == 10 && values->numbers[2] == 0.9 && values->numbers[5] == 0.4);
    assert_int_equal(index->rank, 1);
    assert_true(index->count == 3 && index->numbers[2] == 2);
    assert_true(kind->count == 1 && strstr(kind->texts[0], "Vlikelihood\n") != NULL);
    gr_arena_destroy(arena);
}

static void says_which_axis_is_which(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_hdf5_arrays arrays;
    gr_error err = {0};
    assert_int_equal(gr_hdf5_arrays_read(MADE "sleap-matlab.h5", arena, &arrays, &err), GR_OK);
    assert_string_equal(gr_hdf5_array_find(&arrays, "tracks")->dims, "[\"track\", \"xy\", \"node\", \"frame\"]");
    assert_string_equal(gr_hdf5_array_find(&arrays, "track_names")->texts[1], "m2");
    gr_arena_destroy(arena);
}

/* Each byte changed, and each length: a result or a sentence, never an end of this process. */
static void survives_damage(void **state)
{
    (void)state;
    char *bytes;
    size_t size;
    gr_error err = {0};
    assert_int_equal(gr_file_read(MADE "sleap-matlab.h5", 1 << 20, &bytes, &size, &err), GR_OK);
    int refused = 0, tried = 0;
    for (size_t at = 3; at < size; at += at < 2000 ? 97 : 1499) {
        for (int way = 0; way < 2; way++, tried++) {
            gr_arena *arena = gr_arena_create();
            gr_hdf5_arrays arrays;
            gr_error bad = {0};
            bytes[at] = (char)(bytes[at] ^ (way == 0 ? 0x5a : 0));
            test_file_write(bytes, way == 0 ? size : at);
            bytes[at] = (char)(bytes[at] ^ (way == 0 ? 0x5a : 0));
            gr_status status = gr_hdf5_arrays_read(path, arena, &arrays, &bad);
            assert_true(status == GR_OK || (status == GR_INVALID && strncmp(bad.text, path, strlen(path)) == 0));
            refused += status != GR_OK;
            gr_arena_destroy(arena);
        }
    }
    assert_true(refused > tried / 2);
    gr_free(bytes);
}

static void refuses_other_files(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_hdf5_arrays arrays;
    gr_error err = {0};
    test_file_write("a,b\n", 4);
    assert_int_equal(gr_hdf5_arrays_read(path, arena, &arrays, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "is no HDF5 file"));
    gr_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_numbers_and_texts), cmocka_unit_test(reads_the_fields_of_a_table),
                                       cmocka_unit_test(says_which_axis_is_which), cmocka_unit_test(survives_damage),
                                       cmocka_unit_test(refuses_other_files)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
