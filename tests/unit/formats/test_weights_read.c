/* Files of weights as real packages write them (tests/parity/make_checkpoints.py): what is read has the numbers that were saved,
 * and what is not read is called what it is, with the call that writes what is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/weights.h"
#include "support/temp_file.h"

#define CHECKPOINTS "tests/parity/checkpoints/"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("w");
    return path == NULL;
}

static gr_weights *read_good(const char *file)
{
    gr_error err = {0};
    gr_weights *weights;
    if (gr_weights_read(file, &weights, &err) != GR_OK)
        fail_msg("%s", err.text);
    return weights;
}

/* The eight tensors of numbers under `prefix`: 0, 1/8, 2/8 ... each, plus `more` for those that are trained. */
static void check_network(const gr_weights *weights, const char *file, const char *prefix, float more)
{
    static const struct {
        const char *name;
        gr_shape shape;
    } tensors[] = {
        {"conv.weight", {4, {2, 1, 2, 2}}}, {"conv.bias", {1, {2}}},      {"bn.weight", {1, {2}}},    {"bn.bias", {1, {2}}},
        {"bn.running_mean", {1, {2}}},      {"bn.running_var", {1, {2}}}, {"fc.weight", {2, {3, 2}}}, {"fc.bias", {1, {3}}}};
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++) {
        char name[200];
        snprintf(name, sizeof name, "%s%s", prefix, tensors[i].name);
        const gr_tensor *tensor = gr_weights_find(weights, name);
        if (tensor == NULL || tensor->type != GR_F32 || !gr_shape_equal(&tensor->shape, &tensors[i].shape))
            fail_msg("%s: %s", file, name);
        float plus = strstr(name, "running") != NULL ? 0.0f : more;
        for (int64_t k = 0; k < gr_shape_elements(&tensor->shape); k++)
            assert_true(((const float *)tensor->data)[k] == (float)k / 8 + plus);
    }
}

static void reads_what_packages_write(void **state)
{
    (void)state;
    static const struct {
        const char *file, *prefix;
        int count; /* of tensors */
    } files[] = {
        {"lightning.ckpt", "model.", 9},
        {"swa.pth", "module.", 10},
        {"compiled.pth", "_orig_mod.module.", 9},
        {"pair.pth", "teacher.", 18},
        {"ema.pth", "model_ema.module.", 19},
        {"script.pt", "", 9},
        {"traced.pt", "", 9},
        {"exported.pt2", "", 9},
        {"numpy.pth", "", 9},
        {"numpy2.pkl", "", 9},
        {"numpy4.pkl", "", 9},
        {"numpy5.pkl", "", 9},
        {"arrays.npz", "", 9},
        {"packed.npz", "", 9},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char file[100];
        snprintf(file, sizeof file, CHECKPOINTS "%s", files[i].file);
        gr_weights *weights = read_good(file);
        assert_int_equal(gr_weights_count(weights), files[i].count);
        check_network(weights, file, files[i].prefix, 0.0f);
        gr_weights_destroy(weights);
    }
}

static void keeps_both_of_a_pair_apart(void **state)
{
    (void)state;
    gr_weights *pair = read_good(CHECKPOINTS "pair.pth"), *ema = read_good(CHECKPOINTS "ema.pth");
    check_network(pair, "pair.pth", "student.module.", 100.0f);
    check_network(ema, "ema.pth", "model.", 100.0f);
    gr_weights_destroy(pair);
    gr_weights_destroy(ema);
}

static void expect_refusal(const char *file, const char *sentence)
{
    gr_error err = {0};
    gr_weights *weights;
    assert_int_equal(gr_weights_read(file, &weights, &err), GR_INVALID);
    assert_null(weights);
    if (!gr_starts_with(err.text, file) || strstr(err.text, sentence) == NULL)
        fail_msg("%s", err.text);
}

static void says_how_to_save_what_is_needed(void **state)
{
    (void)state;
    expect_refusal(CHECKPOINTS "frozen.pt", "TorchScript without named weights, as torch.jit.freeze leaves it; a file made by "
                                            "torch.save(model.state_dict(), FILE)");
    expect_refusal(CHECKPOINTS "whole.pth",
                   "needs Python's __main__.Net, which is more than weights: nothing of it was run; a file "
                   "made by torch.save(model.state_dict(), FILE)");
}

static void names_files_of_others(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *sentence;
    } files[] = {
        {"\b\7\x12\7pytorch\x1a\0052.1.0", 17, "is an ONNX file"},
        {"\b\n:\4\n\2ab\0\0\0\0\0\0\0", 15, "is an ONNX file"},
        {"\b\1\x12\4abcdefgh", 12, "is a SavedModel of TensorFlow"},
        {"\x1c\0\0\0TFL3\0\0\0\0\0\0\0\0", 16, "is a TensorFlow Lite model"},
        {"\x93NUMPY\1\0v\0{'descr'", 18, "is a single array of NumPy's"},
        {"\x1f\x8b\b\0\0\0\0\0\0\3\0\0", 12, "is packed by gzip"},
        {"version https://git-lfs.github.com/spec/v1\n", 43, "is a pointer of Git LFS"},
        {"<!DOCTYPE html><html>", 21, "is a page of the web"},
        {"(dp0\nVx\np1\n", 11, "is a Python pickle of protocol 0"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        test_file_write(files[i].bytes, files[i].size);
        expect_refusal(path, files[i].sentence);
    }
}

/* ---- NumPy's archives that lie ---------------------------------------------------------------------------------------- */

static void put(gr_text *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        gr_text_add(out, &(char){(char)(i < 8 ? value >> 8 * i : 0)}, 1);
}

/* An archive of one array a.npy, stored. */
static void write_npz(const void *content, size_t size)
{
    gr_text out = {0};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= ((const unsigned char *)content)[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    crc = ~crc;
    for (int central = 0; central < 2; central++) {
        size_t begin = out.size;
        put(&out, central ? 0x02014b50 : 0x04034b50, 4);
        put(&out, 0, central ? 12 : 10);
        put(&out, crc, 4);
        put(&out, size, 4);
        put(&out, size, 4);
        put(&out, 5, 2);
        put(&out, 0, central ? 16 : 2);
        gr_text_add(&out, "a.npy", 5);
        if (!central)
            gr_text_add(&out, content, size);
        else {
            size_t directory = out.size - begin;
            put(&out, 0x06054b50, 4);
            put(&out, 0, 4);
            put(&out, 0x00010001, 4);
            put(&out, directory, 4);
            put(&out, begin, 4);
            put(&out, 0, 2);
        }
    }
    assert_false(out.failed);
    test_file_write(out.data, out.size);
    gr_text_free(&out);
}

#define HEADER(descr, order, shape) "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }"

static void write_array(const char *header, const void *elements, size_t size)
{
    gr_text out = {0};
    gr_text_add(&out, "\x93NUMPY\1\0", 8);
    put(&out, strlen(header), 2);
    gr_text_printf(&out, "%s", header);
    gr_text_add(&out, elements, size);
    write_npz(out.data, out.size);
    gr_text_free(&out);
}

static void refuses_arrays_that_lie(void **state)
{
    (void)state;
    static const struct {
        const char *header, *sentence;
    } lies[] = {
        {HEADER(">f4", "False", "(2,)"), "little-endian floats and integers would be right"},
        {HEADER("|O", "False", "(2,)"), "little-endian floats and integers would be right"},
        {HEADER("<f4", "False", "(3,)"), "another size than its shape says"},
        {HEADER("<f4", "False", "(999999999999999999, 999999999999999999)"), "another size than its shape says"},
        {HEADER("<f4", "False", "(-2,)"), "a shape that is not 8 whole numbers"},
        {HEADER("<f4", "False", "(1, 1, 1, 1, 1, 1, 1, 1, 2)"), "a shape that is not 8 whole numbers"},
        {HEADER("<f4", "False", "(2, "), "a shape that is not 8 whole numbers"},
        {HEADER("<f4", "False", "2"), "does not say its shape"},
        {"{'descr': '<f4', 'shape': (2,)}", "another size than its shape says"},
        {"", "little-endian floats and integers would be right"},
    };
    static const float elements[2] = {1.0f, 2.0f};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        write_array(lies[i].header, elements, sizeof elements);
        expect_refusal(path, lies[i].sentence);
    }
    write_npz("no array at all", 15);
    expect_refusal(path, "array \"a.npy\" does not begin as NumPy's arrays do");
    write_npz("\x93NUMPY\1\0\xff\xff{}", 12);
    expect_refusal(path, "does not begin as NumPy's arrays do");
    write_array(HEADER("<f4", "True", "(1, 2)"), elements, sizeof elements);
    gr_weights *good = read_good(path); /* what the lies are made from */
    assert_true(((float *)gr_weights_find(good, "a")->data)[1] == 2.0f);
    gr_weights_destroy(good);
}

/* Seeded damage of every kind ends in a status: the sanitizers watch. */
/* Of safetensors the notes alone; of what has to be read for them, all. */
static void reads_notes_without_tensors(void **state)
{
    (void)state;
    gr_weights *made = gr_weights_create(), *read;
    gr_error err = {0};
    const gr_shape shape = gr_shape_make(1, (const int64_t[]){3});
    char *bytes;
    size_t size;
    assert_int_equal(gr_weights_add(made, "a", GR_F32, &shape, (const float[]){1, 2, 3}, &err), GR_OK);
    assert_int_equal(gr_weights_set_note(made, "kind", "pain", &err), GR_OK);
    assert_int_equal(gr_weights_write(path, made, &err), GR_OK);
    assert_int_equal(gr_weights_read_notes(path, &read, &err), GR_OK);
    assert_string_equal(gr_weights_note(read, "kind"), "pain");
    assert_int_equal(gr_weights_count(read), 0);
    gr_weights_destroy(read);
    assert_int_equal(gr_file_read(path, 1 << 20, &bytes, &size, &err), GR_OK);
    test_file_write(bytes, size - 4); /* one that was cut off is told all the same */
    assert_int_equal(gr_weights_read_notes(path, &read, &err), GR_INVALID);
    assert_null(read);
    gr_free(bytes);
    err = (gr_error){0};
    assert_int_equal(gr_weights_read_notes(CHECKPOINTS "compiled.pth", &read, &err), GR_OK);
    assert_true(gr_weights_count(read) > 0);
    gr_weights_destroy(read);
    gr_weights_destroy(made);
}

static void survives_mutations(void **state)
{
    (void)state;
    static const char *const files[] = {"pair.pth",   "script.pt",  "numpy.pth", "numpy2.pkl",
                                        "numpy5.pkl", "arrays.npz", "packed.npz"};
    int refused = 0, taken = 0;
    for (uint32_t f = 0; f < sizeof files / sizeof *files; f++) {
        char file[100], *bytes;
        size_t size;
        gr_error none = {0};
        snprintf(file, sizeof file, CHECKPOINTS "%s", files[f]);
        assert_int_equal(gr_file_read(file, 1 << 20, &bytes, &size, &none), GR_OK);
        char *copy = gr_alloc(size, 1);
        for (uint64_t i = 0; i < 500; i++) {
            gr_rng rng = gr_rng_make(3, GR_FOR_TEST, f, i);
            memcpy(copy, bytes, size);
            for (uint64_t edits = 1 + gr_rng_below(&rng, 4); edits > 0; edits--)
                copy[gr_rng_below(&rng, size)] = (char)gr_rng_u32(&rng);
            gr_error err = {0};
            gr_weights *weights;
            test_file_write(copy, gr_rng_below(&rng, 8) ? size : gr_rng_below(&rng, size));
            gr_status status = gr_weights_read(path, &weights, &err);
            if (status != GR_OK && (status != GR_INVALID || weights != NULL || strchr(err.text, '\n') || !*err.text))
                fail_msg("%s, mutation %d: %s", files[f], (int)i, err.text);
            *(status == GR_OK ? &taken : &refused) += 1;
            gr_weights_destroy(weights);
        }
        gr_free(copy);
        gr_free(bytes);
    }
    assert_true(refused > 1000 && taken > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_packages_write),       cmocka_unit_test(keeps_both_of_a_pair_apart),
        cmocka_unit_test(says_how_to_save_what_is_needed), cmocka_unit_test(names_files_of_others),
        cmocka_unit_test(refuses_arrays_that_lie),         cmocka_unit_test(survives_mutations),
        cmocka_unit_test(reads_notes_without_tensors),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
