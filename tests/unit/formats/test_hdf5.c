/* Keras's .h5 files as h5py writes them (tests/parity/make_keras.py), HDF5 files of others, and files damaged in every way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "graph/op.h"
#include "grimace/weights.h"
#include "support/temp_file.h"

#define FORMATS "tests/parity/formats/"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("w.h5");
    return path == NULL;
}

/* Every tensor holds 0, 1/8, 2/8, ... */
static void check_tensor(const gr_weights *weights, int index, const char *name, gr_shape shape)
{
    const gr_tensor *tensor = gr_weights_at((gr_weights *)weights, index);
    assert_string_equal(gr_weights_name(weights, index), name);
    assert_int_equal(tensor->type, GR_F32);
    assert_true(gr_shape_equal(&tensor->shape, &shape));
    for (int64_t i = 0; i < gr_shape_elements(&shape); i++)
        assert_true(((const float *)tensor->data)[i] == (float)i / 8);
}

static void reads_what_keras_writes(void **state)
{
    (void)state;
    static const char *const files[] = {FORMATS "keras_weights.h5", FORMATS "keras_model.h5"};
    for (int f = 0; f < 2; f++) {
        gr_error err = {0};
        gr_weights *weights;
        if (gr_weights_read(files[f], &weights, &err) != GR_OK)
            fail_msg("%s", err.text);
        assert_int_equal(gr_weights_count(weights), 6);
        check_tensor(weights, 0, "block1_conv1/kernel:0", gr_shape4(3, 3, 2, 4));
        check_tensor(weights, 1, "block1_conv1/bias:0", gr_shape1(4));
        check_tensor(weights, 2, "dense/kernel:0", gr_shape2(5, 3));
        check_tensor(weights, 3, "dense/bias:0", gr_shape1(3));
        check_tensor(weights, 4, "nested/inner/gamma:0", gr_shape1(64));
        check_tensor(weights, 5, "counted/scalar:0", gr_shape_make(0, NULL));
        assert_string_equal(gr_weights_note(weights, "format"), "keras");
        gr_weights_destroy(weights);
    }
}

static void refuses_other_hdf5(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_weights *weights;
    assert_int_equal(gr_weights_read(FORMATS "other.h5", &weights, &err), GR_INVALID);
    assert_null(weights);
    assert_non_null(strstr(err.text, "other.h5: is an HDF5 file without Keras's layers; what model.save"));
}

/* One line that names the file, or the weights. */
static bool read_damaged(const char *what, int number)
{
    gr_error err = {0};
    gr_weights *weights;
    gr_status status = gr_weights_read(path, &weights, &err);
    if (status != GR_OK && (status != GR_INVALID || weights != NULL || !gr_starts_with(err.text, path)))
        fail_msg("%s %d: %s", what, number, err.text);
    gr_weights_destroy(weights);
    return status == GR_OK;
}

static void refuses_truncations(void **state)
{
    (void)state;
    char *bytes;
    size_t size;
    gr_error err = {0};
    assert_int_equal(gr_file_read(FORMATS "keras_weights.h5", 1 << 20, &bytes, &size, &err), GR_OK);
    for (size_t length = 0; length < size; length += 997) {
        test_file_write(bytes, length);
        assert_false(read_damaged("length", (int)length));
    }
    gr_free(bytes);
}

static void survives_mutations(void **state)
{
    (void)state;
    static const char *const files[] = {FORMATS "keras_weights.h5", FORMATS "keras_model.h5"};
    int taken = 0, refused = 0;
    for (uint32_t f = 0; f < 2; f++) {
        char *bytes;
        size_t size;
        gr_error err = {0};
        assert_int_equal(gr_file_read(files[f], 1 << 20, &bytes, &size, &err), GR_OK);
        char *copy = gr_alloc(size, 1);
        assert_non_null(copy);
        for (int i = 0; i < 120; i++) {
            gr_rng rng = gr_rng_make(2, GR_FOR_TEST, f, (uint64_t)i);
            memcpy(copy, bytes, size);
            for (int k = 0; k <= i % 60; k++)
                copy[gr_rng_below(&rng, size)] = (char)gr_rng_u32(&rng);
            test_file_write(copy, size);
            *(read_damaged(files[f], i) ? &taken : &refused) += 1;
        }
        gr_free(copy);
        gr_free(bytes);
    }
    assert_true(taken > 10 && refused > 10);
}

/* Lengths of 2 GiB in front of names of a few bytes: the child may not take the machine's memory for them. */
static void a_damaged_length_takes_no_memory(void **state)
{
    (void)state;
    static const char length[] = "\0\0\0\0\x08\0\0\0\0\0\0"; /* behind its first byte, and the names' address */
    char *bytes;
    size_t size;
    gr_error err = {0};
    struct rusage used;
    int damaged = 0;
    assert_int_equal(gr_file_read("tests/parity/keras/files2_seq.h5", 1 << 20, &bytes, &size, &err), GR_OK);
    for (size_t i = 0; i + 1 + sizeof length <= size; i++)
        if (bytes[i] > 0 && bytes[i] < 32 && memcmp(bytes + i + 1, length, sizeof length - 1) == 0) {
            memcpy(bytes + i, "\xff\xff\xff\x7f", 4);
            damaged++;
        }
    assert_true(damaged >= 4);
    test_file_write(bytes, size);
    gr_free(bytes);
    assert_false(read_damaged("lengths", damaged));
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
    assert_true(used.ru_maxrss >= 1 && used.ru_maxrss <= 2 << 20); /* KiB */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_keras_writes),
        cmocka_unit_test(refuses_other_hdf5),
        cmocka_unit_test(refuses_truncations),
        cmocka_unit_test(survives_mutations),
        cmocka_unit_test(a_damaged_length_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
