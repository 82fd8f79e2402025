/* A NumPy file: magic, version, a header that ends at a multiple of 64, the numbers. */
#include "support/support.h"
#include "support/folder.h"
#include "base/base.h"
#include "explain/npy.h"

#include <string.h>

static void numpy_reads_it(void **state)
{
    (void)state;
    const float numbers[] = {1.5f, -2, 3, 4, 5, 6};
    gr_error err = {0};
    char *data;
    size_t size;
    assert_int_equal(gr_npy_write(test_in_folder("a.npy"), numbers, 2, 3, &err), GR_OK);
    assert_int_equal(gr_file_read(test_in_folder("a.npy"), 4096, &data, &size, &err), GR_OK);
    assert_int_equal(size, 128 + sizeof numbers);
    assert_memory_equal(data, "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 67);
    assert_int_equal(data[127], '\n');
    assert_memory_equal(data + 128, numbers, sizeof numbers);
    gr_free(data);
    assert_int_equal(gr_npy_write(test_in_folder("none/a.npy"), numbers, 2, 3, &err), GR_INVALID);
}

static void it_is_read_back(void **state)
{
    (void)state;
    const float numbers[] = {1.5f, -2, 3, 4, 5, 6};
    float back[6];
    gr_error err = {0};
    assert_int_equal(gr_npy_write(test_in_folder("b.npy"), numbers, 2, 3, &err), GR_OK);
    assert_int_equal(gr_npy_read(test_in_folder("b.npy"), 2, 3, back, &err), GR_OK);
    assert_memory_equal(back, numbers, sizeof back);
    assert_int_equal(gr_npy_read(test_in_folder("b.npy"), 1, 3, back, &err), GR_INVALID);
    test_folder_text("c.npy", "no numbers");
    assert_int_equal(gr_npy_read(test_in_folder("c.npy"), 2, 3, back, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numpy_reads_it), cmocka_unit_test(it_is_read_back)};
    return cmocka_run_group_tests_name("NumPy files", tests, test_folder_make, test_folder_remove);
}
