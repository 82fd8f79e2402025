/* safetensors: a file of every type made by other software, round trips, and files that lie in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/weights.h"
#include "support/temp_file.h"

#define REFERENCE "tests/parity/formats/types.safetensors" /* make_safetensors.py */

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("w.safetensors");
    return path == NULL;
}

/* A file of this header and data[data_size], all zero. */
static void put(const char *header, size_t data_size)
{
    size_t length = strlen(header);
    char bytes[4096] = {0};
    assert_true(length <= sizeof bytes - 8 && data_size <= sizeof bytes - 8 - length);
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(length >> 8 * i);
    memcpy(bytes + 8, header, length);
    test_file_write(bytes, 8 + length + data_size);
}

static void reads_every_type(void **state)
{
    (void)state;
    static const char *const types[] = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"};
    gr_error err = {0};
    gr_weights *weights;
    if (gr_weights_read(REFERENCE, &weights, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_weights_count(weights), 22);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char name[20];
        gr_tensor out;
        snprintf(name, sizeof name, "x.%s", types[i]);
        const gr_tensor *x = gr_weights_find(weights, name);
        name[0] = 'y';
        const gr_tensor *y = gr_weights_find(weights, name);
        assert_true(x && y && y->type == GR_F32);
        assert_string_equal(gr_type_name(x->type), types[i]);
        assert_int_equal(gr_tensor_to_f32(x, &out, &err), GR_OK);
        assert_true(gr_shape_equal(&out.shape, &y->shape) && gr_shape_elements(&y->shape) == 4);
        assert_memory_equal(out.data, y->data, 16);
        gr_tensor_destroy(&out);
    }
    const gr_tensor *scalar = gr_weights_find(weights, "scalar"), *empty = gr_weights_find(weights, "empty");
    assert_true(scalar->shape.rank == 0 && *(float *)scalar->data == 3);
    assert_true(empty->shape.rank == 2 && empty->shape.dim[1] == 5 && gr_shape_elements(&empty->shape) == 0);
    assert_string_equal(gr_weights_note(weights, "note"), "caf\xc3\xa9");
    assert_null(gr_weights_note(weights, "Note"));
    assert_null(gr_weights_find(weights, "x"));
    gr_weights_destroy(weights);
}

/* Many tensors of mixed types, so that the table of names grows and the order of types shows. */
static gr_weights *make_weights(void)
{
    gr_error err = {0};
    gr_weights *weights = gr_weights_create();
    assert_non_null(weights);
    for (int i = 0; i < 200; i++) {
        char name[40];
        float values[6] = {(float)i, -1, 2, 3, 4, 0.1f};
        gr_shape shape = {2, {2, 3}};
        snprintf(name, sizeof name, "layer%d.%s", i, i % 2 ? "weight" : "bias \"\xc3\xa9\"");
        assert_int_equal(gr_weights_add(weights, name, i % 3 ? GR_F32 : GR_U8, &shape, values, &err), GR_OK);
    }
    gr_tensor step = {0};
    gr_shape one = {0};
    assert_int_equal(gr_tensor_create(&step, GR_I64, &one, &err), GR_OK);
    *(int64_t *)step.data = 1234567890123;
    assert_int_equal(gr_weights_take(weights, "step", &step, &err), GR_OK);
    assert_null(step.data);
    assert_int_equal(gr_weights_set_note(weights, "epoch", "2", &err), GR_OK);
    assert_int_equal(gr_weights_set_note(weights, "name", "a \"b\"\n", &err), GR_OK);
    assert_int_equal(gr_weights_set_note(weights, "epoch", "3", &err), GR_OK);
    return weights;
}

static void writes_what_reads_back(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_weights *weights = make_weights(), *back;
    assert_int_equal(gr_weights_write(path, weights, &err), GR_OK);
    assert_int_equal(gr_weights_read(path, &back, &err), GR_OK);
    assert_int_equal(gr_weights_count(back), 201);
    assert_string_equal(gr_weights_name(back, 0), "step"); /* the widest */
    assert_string_equal(gr_weights_name(back, 1), "layer1.weight");
    for (int i = 0; i < 201; i++) {
        const gr_tensor *a = gr_weights_at(weights, i), *b = gr_weights_find(back, gr_weights_name(weights, i));
        assert_true(b && a->type == b->type && gr_shape_equal(&a->shape, &b->shape));
        assert_memory_equal(a->data, b->data, (size_t)gr_shape_elements(&a->shape) * gr_type_size(a->type));
    }
    assert_string_equal(gr_weights_note(back, "epoch"), "3");
    assert_string_equal(gr_weights_note(back, "name"), "a \"b\"\n");
    gr_weights_destroy(back);
    gr_weights_destroy(weights);
}

static void writes_the_same_aligned_bytes(void **state)
{
    (void)state;
    gr_error err = {0};
    char *first, *second;
    size_t size, size2;
    for (int i = 0; i < 2; i++) {
        gr_weights *weights = make_weights();
        assert_int_equal(gr_weights_write(path, weights, &err), GR_OK);
        gr_weights_destroy(weights);
        assert_int_equal(gr_file_read(path, 1 << 20, i ? &second : &first, i ? &size2 : &size, &err), GR_OK);
    }
    assert_int_equal(size, size2);
    assert_memory_equal(first, second, size);
    size_t length = (unsigned char)first[0] | (size_t)(unsigned char)first[1] << 8 | (size_t)(unsigned char)first[2] << 16;
    assert_int_equal((8 + length) % 64, 0);
    assert_true(first[8] == '{' && (first[7 + length] == ' ' || first[7 + length] == '}'));
    gr_free(first);
    gr_free(second);
}

static void writes_nothing_but_notes(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_weights *weights = gr_weights_create(), *back;
    assert_int_equal(gr_weights_write(path, weights, &err), GR_OK);
    assert_int_equal(gr_weights_read(path, &back, &err), GR_OK);
    assert_int_equal(gr_weights_count(back), 0);
    assert_int_equal(gr_weights_write("/nowhere/w.safetensors", weights, &err), GR_INVALID);
    gr_weights_destroy(back);
    gr_weights_destroy(weights);
}

static void keeps_each_name_once(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_weights *weights = gr_weights_create();
    gr_shape one = {1, {1}};
    float value = 1;
    assert_int_equal(gr_weights_add(weights, "a", GR_F32, &one, &value, &err), GR_OK);
    assert_int_equal(gr_weights_add(weights, "a", GR_F32, &one, &value, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "two tensors called \"a\""));
    assert_int_equal(gr_weights_add(weights, "", GR_F32, &one, &value, &err), GR_INVALID);
    assert_int_equal(gr_weights_add(weights, "\xff", GR_F32, &one, &value, &err), GR_INVALID);
    assert_int_equal(gr_weights_lend(weights, "a", GR_F32, &one, &value, &err), GR_INVALID);
    assert_int_equal(gr_weights_lend(weights, "lent", GR_F32, &one, &value, &err), GR_OK);
    assert_ptr_equal(gr_weights_find(weights, "lent")->data, &value);
    assert_int_equal(gr_weights_count(weights), 2);
    gr_weights_destroy(weights);
    gr_weights_destroy(NULL);
}

/* ---- files that lie ------------------------------------------------------------------------------------------------- */

#define ONE(dtype, shape, offsets) "{\"a\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define TWO(first, second)                                                                                                  \
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" first "},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"           \
    "\"data_offsets\":" second "}}"

static const struct {
    const char *header;
    size_t data;
    const char *part;
} lies[] = {
    {ONE("\"F32\"", "[2]", "[0,8]"), 4, "\"a\": data_offsets [0, 8] do not lie within the 4 bytes"},
    {ONE("\"F32\"", "[2]", "[8,0]"), 8, "\"a\": data_offsets [8, 0] do not lie"},
    {ONE("\"F32\"", "[2]", "[0,4]"), 4, "\"a\": data_offsets [0, 4] hold 4 bytes, which is not what shape [2] of F32 needs"},
    {ONE("\"F32\"", "[1]", "[4,8]"), 8, "\"a\": there is a gap of 4 bytes"},
    {ONE("\"F32\"", "[1]", "[0,4]"), 5, "1 bytes at the end belong to no tensor"},
    {"{}", 3, "3 bytes at the end"},
    {TWO("[0,4]", "[0,4]"), 4, "\"b\": its data overlap those of \"a\""},
    {TWO("[0,4]", "[2,6]"), 6, "\"b\": its data overlap"},
    {TWO("[0,4]", "[8,12]"), 12, "\"b\": there is a gap of 4 bytes"},
    {TWO("[0,4]", "[4,8]"), 12, "4 bytes at the end"},
    {ONE("\"F32\"", "[-1]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ONE("\"F32\"", "[1.0]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ONE("\"F32\"", "[1.5]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ONE("\"F32\"", "[\"1\"]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ONE("\"F32\"", "[true]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ONE("\"F32\"", "1", "[0,4]"), 4, "\"shape\" must be a list"},
    {ONE("\"F32\"", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, "\"shape\" must be a list of at most 8"},
    {ONE("\"F32\"", "[4611686018427387904,4]", "[0,0]"), 0, "which is not what shape [4611686018427387904, 4]"},
    {ONE("\"F32\"", "[4294967296,4294967296,0]", "[0,0]"), 0, "which is not what shape"},
    {ONE("\"F32\"", "[9223372036854775807]", "[0,4]"), 4, "which is not what shape"},
    {ONE("\"F32\"", "[99999999999999999999]", "[0,4]"), 4, "not the JSON of a safetensors file"},
    {ONE("\"F32\"", "[1]", "[0,99999999999]"), 4, "do not lie within"},
    {ONE("\"F32\"", "[1]", "[-4,0]"), 4, "\"data_offsets\" must be two whole numbers"},
    {ONE("\"F32\"", "[1]", "[0.0,4.0]"), 4, "\"data_offsets\" must be two whole numbers"},
    {ONE("\"F32\"", "[1]", "[0,4,8]"), 4, "\"data_offsets\" must be two whole numbers"},
    {ONE("\"F32\"", "[1]", "null"), 4, "\"data_offsets\" must be two whole numbers"},
    {ONE("\"F31\"", "[1]", "[0,4]"), 4, "\"a\": dtype \"F31\" is unknown"},
    {ONE("\"f32\"", "[1]", "[0,4]"), 4, "dtype \"f32\" is unknown"},
    {ONE("32", "[1]", "[0,4]"), 4, "\"dtype\" must be a string"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "\"data_offsets\" must be"},
    {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "\"shape\" must be"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "has a field \"x\""},
    {"{\"a\":[]}", 0, "\"a\": must be described by an object"},
    {"{\"\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "a tensor has an empty name"},
    {"{\"a\":{},\"a\":{}}", 0, "duplicate"},
    {"{\"a\\u0000b\":{}}", 0, "not the JSON"},
    {"{\"a\":{\"dtype\":\"\xff\"}}", 0, "not valid UTF-8"},
    {"{\"a\":", 0, "not the JSON"},
    {"{} x", 0, "not the JSON"},
    {"[]", 0, "does not begin with '{'"},
    {" {}", 0, "does not begin with '{'"},
    {"{\"__metadata__\":[]}", 0, "must be an object of strings"},
    {"{\"__metadata__\":{\"a\":1}}", 0, "\"a\" must be a string"},
};

static void refuses_lies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        gr_error err = {0};
        gr_weights *weights;
        put(lies[i].header, lies[i].data);
        assert_int_equal(gr_weights_read(path, &weights, &err), GR_INVALID);
        assert_null(weights);
        if (!gr_starts_with(err.text, path) || !strstr(err.text, lies[i].part))
            fail_msg("%s gave: %s", lies[i].header, err.text);
    }
}

static void expect_refusal(const char *file, const char *part)
{
    gr_error err = {0};
    gr_weights *weights;
    assert_int_equal(gr_weights_read(file, &weights, &err), GR_INVALID);
    if (!strstr(err.text, part))
        fail_msg("%s", err.text);
}

static void refuses_lengths_that_lie(void **state)
{
    (void)state;
    test_file_write("", 0);
    expect_refusal(path, "has 0 bytes");
    test_file_write("\x02\0\0\0\0\0\0\0{", 9);
    expect_refusal(path, "has 9 bytes");
    test_file_write("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
    expect_refusal(path, "given as 18446744073709551615 bytes, but only 2 follow");
    test_file_write("\x03\0\0\0\0\0\0\0{}", 10);
    expect_refusal(path, "given as 3 bytes, but only 2 follow");
    test_file_write("\0\0\0\0\0\0\0\0{}", 10);
    expect_refusal(path, "must be between 2");
    test_file_write("\0\0\0\x40\0\0\0\0{}", 10); /* 1 GiB, in a file that is as long but holds nothing */
    assert_int_equal(truncate(path, ((off_t)1 << 30) + 8), 0);
    expect_refusal(path, "must be between 2");
    expect_refusal(test_file_folder(), "not a regular file");
    expect_refusal("/nowhere/w.safetensors", "cannot be opened");
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refusal(path, "not a regular file");
    unlink(path);
}

static void refuses_too_many_notes(void **state)
{
    (void)state;
    gr_text text = {0};
    gr_text_printf(&text, "12345678{\"__metadata__\":{");
    for (int i = 0; i < 5000; i++)
        gr_text_printf(&text, "%s\"%d\":\"\"", i ? "," : "", i);
    gr_text_printf(&text, "}}");
    for (int i = 0; i < 8; i++)
        text.data[i] = (char)((text.size - 8) >> 8 * i);
    test_file_write(text.data, text.size);
    expect_refusal(path, "w.safetensors: the note \"4096\" is one too many");
    gr_text_free(&text);
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    size_t length = 1 << 20;
    char *bytes = malloc(8 + length);
    memset(bytes, '[', 8 + length);
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(length >> 8 * i);
    memcpy(bytes + 8, "{\"a\":", 5);
    test_file_write(bytes, 8 + length);
    expect_refusal(path, "not the JSON");
    free(bytes);
}

/* No cut of a good file is taken for a whole one. */
static void refuses_every_truncation(void **state)
{
    (void)state;
    gr_error err = {0};
    char *bytes;
    size_t size;
    assert_int_equal(gr_file_read(REFERENCE, 1 << 20, &bytes, &size, &err), GR_OK);
    for (size_t length = 0; length < size; length++) {
        gr_weights *weights;
        err = (gr_error){0};
        test_file_write(bytes, length);
        assert_int_equal(gr_weights_read(path, &weights, &err), GR_INVALID);
    }
    gr_free(bytes);
}

/* A flipped byte of length or header must end in a status, whichever, and never in a crash: the sanitizers watch. */
static void survives_every_flipped_byte(void **state)
{
    (void)state;
    gr_error err = {0};
    char *bytes;
    size_t size;
    int refused = 0, taken = 0;
    assert_int_equal(gr_file_read(REFERENCE, 1 << 20, &bytes, &size, &err), GR_OK);
    size_t header = 8 + ((unsigned char)bytes[0] | (size_t)(unsigned char)bytes[1] << 8);
    for (size_t i = 0; i < header; i++) {
        static const unsigned char flips[] = {0x01, 0x80, 0xff};
        unsigned char flip = flips[i % 3];
        gr_weights *weights;
        err = (gr_error){0};
        bytes[i] = (char)(bytes[i] ^ flip);
        test_file_write(bytes, size);
        gr_status status = gr_weights_read(path, &weights, &err);
        assert_true(status == GR_OK || (status == GR_INVALID && !weights));
        *(status == GR_OK ? &taken : &refused) += 1;
        gr_weights_destroy(weights);
        bytes[i] = (char)(bytes[i] ^ flip);
    }
    assert_true(refused > 1000 && taken > 0); /* a letter of a name may change */
    gr_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(writes_what_reads_back),
        cmocka_unit_test(writes_the_same_aligned_bytes),
        cmocka_unit_test(writes_nothing_but_notes),
        cmocka_unit_test(keeps_each_name_once),
        cmocka_unit_test(refuses_lies),
        cmocka_unit_test(refuses_lengths_that_lie),
        cmocka_unit_test(refuses_too_many_notes),
        cmocka_unit_test(refuses_deep_nesting),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(survives_every_flipped_byte),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
