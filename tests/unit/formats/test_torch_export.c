/* torch.export's archives: strides, offsets and types, what is no plain tensor, lists that lie, and archives of older
 * versions. What PyTorch itself writes is read in test_weights_read.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "fuzz/archive.h"
#include "grimace/weights.h"
#include "support/temp_file.h"

#define META(type, sizes, strides, offset)                                                                                  \
    "\"tensor_meta\": {\"dtype\": " type ", \"sizes\": [" sizes "], \"strides\": [" strides                                 \
    "], \"storage_offset\": {\"as_int\": " offset "}}"
#define TENSOR(type, sizes, strides, offset)                                                                                \
    "{\"config\": {\"w\": {\"path_name\": \"weight_0\", \"use_pickle\": false, " META(type, sizes, strides, offset) "}}}"
#define INT(n) "{\"as_int\": " n "}"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("w.pt2");
    return path == NULL;
}

/* An archive with this list of weights and one storage of the floats 0 to 5. */
static gr_status read_list(const char *list, gr_weights **weights, gr_error *err)
{
    static fuzz_archive archive;
    static const float numbers[6] = {0, 1, 2, 3, 4, 5};
    archive.size = 0;
    archive.count = 0;
    *err = (gr_error){0};
    assert_true(fuzz_archive_add(&archive, "a/data/weights/model_weights_config.json", list, strlen(list)));
    assert_true(fuzz_archive_add(&archive, "a/data/weights/weight_0", numbers, sizeof numbers));
    fuzz_archive_end(&archive);
    test_file_write(archive.bytes, archive.size);
    return gr_weights_read(path, weights, err);
}

static void reads_strides_and_offsets(void **state)
{
    (void)state;
    gr_weights *weights;
    gr_error err;
    if (read_list(TENSOR("7", INT("2") ", " INT("2"), INT("1") ", " INT("2"), "1"), &weights, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_tensor *w = gr_weights_find(weights, "w");
    const float *values = w != NULL ? w->data : NULL;
    assert_true(values != NULL && w->type == GR_F32 && w->shape.rank == 2);
    assert_true(values[0] == 1 && values[1] == 3 && values[2] == 2 && values[3] == 4);
    gr_weights_destroy(weights);
}

static void reads_other_types(void **state)
{
    (void)state;
    gr_weights *weights;
    gr_error err;
    assert_int_equal(read_list(TENSOR("5", INT("3"), INT("1"), "0"), &weights, &err), GR_OK);
    assert_int_equal(gr_weights_find(weights, "w")->type, GR_I64);
    gr_weights_destroy(weights);
    assert_int_equal(read_list(TENSOR("13", "", "", "11"), &weights, &err), GR_OK);
    assert_int_equal(gr_weights_find(weights, "w")->type, GR_BF16);
    gr_weights_destroy(weights);
}

static void refuses_what_lies(void **state)
{
    (void)state;
    static const struct {
        const char *list, *said;
    } wrong[] = {
        {"", "its list of weights is not valid JSON"},
        {"[]", "its list of weights has no config"},
        {"{\"config\": {}}", ""},
        {"{\"config\": {\"w\": 1}}", "tensor \"w\" is no plain tensor; torch.save(torch.export.load(FILE).state_dict"},
        {"{\"config\": {\"w\": {\"path_name\": \"weight_0\", \"use_pickle\": true}}}", "tensor \"w\" is no plain tensor"},
        {TENSOR("10", INT("2"), INT("1"), "0"), "tensor \"w\" has a type of numbers that is not read"},
        {TENSOR("7", INT("7"), INT("1"), "0"), "tensor \"w\" is larger than its numbers"},
        {TENSOR("7", INT("2"), INT("1"), "5"), "tensor \"w\" is larger than its numbers"},
        {TENSOR("7", INT("-1"), INT("1"), "0"), "tensor \"w\" is larger than its numbers, or not described"},
        {TENSOR("7", INT("2"), "", "0"), "tensor \"w\" is larger than its numbers, or not described"},
        {TENSOR("7", INT("9223372036854775807") ", " INT("9223372036854775807"), INT("1") ", " INT("1"), "0"),
         "tensor \"w\" is larger than its numbers"},
        {"{\"config\": {\"w\": {\"path_name\": \"nowhere\", " META("7", INT("2"), INT("1"), "0") "}}}",
         "tensor \"w\" is larger than its numbers"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gr_weights *weights;
        gr_error err;
        assert_int_equal(read_list(wrong[i].list, &weights, &err), GR_INVALID);
        if (strstr(err.text, wrong[i].said) == NULL || strstr(err.text, path) != err.text)
            fail_msg("%s: %s", wrong[i].list, err.text);
    }
}

static void names_older_archives(void **state)
{
    (void)state;
    static fuzz_archive archive;
    gr_weights *weights;
    gr_error err = {0};
    assert_true(fuzz_archive_add(&archive, "serialized_state_dict.pt", "x", 1));
    fuzz_archive_end(&archive);
    test_file_write(archive.bytes, archive.size);
    assert_int_equal(gr_weights_read(path, &weights, &err), GR_INVALID);
    assert_non_null(strstr(err.text,
                           "is an archive of torch.export; torch.save(torch.export.load(FILE).state_dict, \"NAME.pth\") "
                           "writes what is read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_strides_and_offsets),
        cmocka_unit_test(reads_other_types),
        cmocka_unit_test(refuses_what_lies),
        cmocka_unit_test(names_older_archives),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
