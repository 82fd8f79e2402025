/* Files of ONNX: what is read of one, and what is none. */
#include <stdio.h>
#include <string.h>

#include "formats/onnx_read.h"
#include "support/support.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("m.onnx");
    return path == NULL;
}

static void what_a_file_holds(void **state)
{
    (void)state;
    gr_onnx_file f;
    gr_error err = {0};
    assert_int_equal(gr_onnx_read("tests/parity/onnx/yolo.onnx", &f, &err), GR_OK);
    assert_true(f.opset == 17 && f.input_count == 1 && f.output_count == 1 && f.node_count == 5);
    assert_string_equal(f.inputs[0].name, "x");
    assert_true(f.inputs[0].rank == 4 && f.inputs[0].dim[1] == 3 && f.inputs[0].dim[3] == 64);
    assert_string_equal(f.outputs[0].name, "output0");
    assert_string_equal(gr_onnx_file_note(&f, "names"), "{0: 'face', 1: 'eye'}");
    assert_null(gr_onnx_file_note(&f, "name"));
    assert_string_equal(f.nodes[1].type, "Mul");
    assert_string_equal(f.nodes[1].inputs[1], "zero");
    bool found = false;
    for (int i = 0; i < f.array_count; i++)
        if (strcmp(f.arrays[i].name, "boxes") == 0) {
            found =
                f.arrays[i].rank == 3 && f.arrays[i].count == 300 && !f.arrays[i].whole && f.arrays[i].values[7] == 32.0f;
        }
    assert_true(found);
    gr_onnx_file_free(&f);
    assert_int_equal(gr_onnx_read("tests/parity/onnx/m_conv.onnx", &f, &err), GR_OK);
    const gr_onnx_attribute *pads = gr_onnx_attribute_find(&f.nodes[0], "pads");
    assert_true(pads != NULL && pads->count == 4 && pads->wholes[2] == 2);
    assert_null(gr_onnx_attribute_find(&f.nodes[0], "group"));
    gr_onnx_file_free(&f);
}

/* Every beginning of a file, and every file with one byte changed, is a sentence or a file: nothing crashes. */
static void broken_files(void **state)
{
    (void)state;
    char *bytes;
    size_t size;
    gr_error err = {0};
    gr_onnx_file f;
    assert_int_equal(gr_file_read("tests/parity/onnx/s_shape.onnx", 1 << 20, &bytes, &size, &err), GR_OK);
    int refused = 0;
    for (size_t length = 0; length < size; length += 3) {
        test_file_write(bytes, length);
        err = (gr_error){0};
        if (gr_onnx_read(path, &f, &err) == GR_OK)
            gr_onnx_file_free(&f);
        else
            refused += strstr(err.text, "m.onnx: ") != NULL;
    }
    assert_true(refused > (int)size / 4);
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= (char)0xff;
        test_file_write(bytes, size);
        if (gr_onnx_read(path, &f, &err) == GR_OK)
            gr_onnx_file_free(&f);
        bytes[at] ^= (char)0xff;
    }
    gr_free(bytes);
    err = (gr_error){0};
    test_file_write("image,rat\n", 10);
    assert_int_equal(gr_onnx_read(path, &f, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "m.onnx: is no ONNX model that can be read: a field is damaged or cut off"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_file_holds), cmocka_unit_test(broken_files)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
