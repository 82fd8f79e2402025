/* PyTorch's files: both forms with every odd tensor as PyTorch wrote them, pickles that want more than tensors, and files
 * that are damaged in every way. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/weights.h"
#include "support/temp_file.h"

#define FORMATS "tests/parity/formats/" /* make_torch.py */

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("w.pth");
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

/* Each "x.CASE" against "y.CASE"; how many pairs there are. */
static int compare_pairs(gr_weights *weights)
{
    int pairs = 0;
    for (int i = 0; i < gr_weights_count(weights); i++) {
        char other[100];
        gr_tensor x;
        gr_error err = {0};
        const char *name = gr_weights_name(weights, i);
        if (!gr_starts_with(name, "x."))
            continue;
        snprintf(other, sizeof other, "y.%s", name + 2);
        const gr_tensor *y = gr_weights_find(weights, other);
        assert_non_null(y);
        assert_int_equal(y->type, GR_F32);
        assert_int_equal(gr_tensor_to_f32(gr_weights_at(weights, i), &x, &err), GR_OK);
        assert_true(gr_shape_equal(&x.shape, &y->shape));
        assert_memory_equal(x.data, y->data, (size_t)gr_shape_elements(&y->shape) * sizeof(float));
        gr_tensor_destroy(&x);
        pairs++;
    }
    return pairs;
}

static void reads_every_form(void **state)
{
    (void)state;
    static const char *const files[] = {"zip.pth", "deflated.pth", "legacy.pth", "protocol4.pth"};
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        char file[100];
        snprintf(file, sizeof file, FORMATS "%s", files[f]);
        gr_weights *weights = read_good(file);
        assert_int_equal(gr_weights_count(weights), 2 * 19 + 1);
        assert_int_equal(compare_pairs(weights), 19);
        assert_int_equal(gr_weights_find(weights, "x.BF16")->type, GR_BF16);
        assert_int_equal(*(int64_t *)gr_weights_find(weights, "bn.num_batches_tracked")->data, 12);
        assert_string_equal(gr_weights_name(weights, 0), "x.F64");
        const float *expanded = gr_weights_find(weights, "y.expanded")->data;
        assert_true(expanded[0] == 7 && expanded[5] == 7);
        gr_weights_destroy(weights);
    }
}

static void reads_the_oldest_pickles(void **state)
{
    (void)state;
    gr_weights *weights = read_good(FORMATS "old.pth");
    assert_int_equal(compare_pairs(weights), 2);
    assert_true(((float *)gr_weights_find(weights, "x.part")->data)[0] == 5 / 8.0f - 1);
    gr_weights_destroy(weights);
}

static void finds_the_state_dict_of_a_checkpoint(void **state)
{
    (void)state;
    gr_weights *weights = read_good(FORMATS "wrapped.pth");
    assert_int_equal(gr_weights_count(weights), 2);
    const gr_tensor *weight = gr_weights_find(weights, "module.weight");
    assert_non_null(weight);
    assert_int_equal(weight->shape.dim[1], 3);
    gr_weights_destroy(weights);
}

/* ---- pickles that want more ------------------------------------------------------------------------------------------- */

#define MAGIC "\x80\2\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19."
#define HEAD MAGIC "\x80\2M\xe9\3.\x80\2}X\r\0\0\0little_endian\x88s."
#define STORAGE(count) "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0aX\3\0\0\0cpuK" count "NtQ"
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"
#define TENSOR(count, offset, size, stride) REBUILD "(" STORAGE(count) "K" offset "K" size "\x85K" stride "\x85\x89}tR"
#define KEYS "]X\1\0\0\0aa."
#define NUMPY_TYPE(name) "cnumpy\ndtype\n(U\2" name "K\0K\1tR"
#define FILLED(bytes, type, shape) "}U\1xcnumpy._core.numeric\n_frombuffer\n(" bytes NUMPY_TYPE(type) shape "U\1CtRs."
#define DATA "\2\0\0\0\0\0\0\0\0\0\0\x40\0\0\x40\x40"

typedef struct lie {
    const char *text;
    size_t size;
    const char *part; /* of the sentence */
} lie;
#define LIE(text, part)                                                                                                     \
    {                                                                                                                       \
        text, sizeof(text) - 1, part                                                                                        \
    }

static const lie lies[] = {
    LIE(HEAD "cos\nsystem\nX\2\0\0\0id\x85R.",
        "needs Python's os.system, which is more than weights: nothing of it was run"),
    LIE(HEAD "cbuiltins\neval\n.", "builtins.eval"),
    LIE(HEAD "ctorchvision.models.resnet\nResNet\n)\x81.", "torchvision.models.resnet.ResNet"),
    LIE(HEAD "X\2\0\0\0osX\6\0\0\0system\x93.", "os.system"),
    LIE(HEAD "ctorch\nQInt8Storage\n.", "torch.QInt8Storage"),
    LIE(HEAD "ccollections\nOrderedDict\n)}\x92.", "opcode 0x92"),
    LIE(HEAD "ctorch\nFloatStorage\n)R.", "type of a storage is called"),
    LIE(HEAD "(ios\nsystem\n.", "opcode 0x69"),
    LIE(HEAD "}.", "is cut off"),
    LIE(HEAD "}.].", "holds no dict of named tensors"),
    LIE(HEAD "].].", "holds no dict of named tensors"),
    LIE(HEAD "}q\0X\1\0\0\0xh\0sX\5\0\0\0modelh\0s.].", "holds no dict of named tensors"), /* holds itself */
    LIE(HEAD "q\0.", "remembers what is not there"),
    LIE(HEAD "h\7.", "recalls what it has not remembered"),
    LIE(HEAD "Nr\xff\xff\xff\xff.", "remembers what is not there"),
    LIE(HEAD "t.", "closes a container that it never opened"),
    LIE(HEAD "(.", "makes nothing"),
    LIE(HEAD "((t.", "is cut off"),
    LIE(HEAD "(K\1d.", "a key without a value"),
    LIE(HEAD "K\1K\2a.", "fills something that is no list"),
    LIE(HEAD "s.", "takes from an empty stack"),
    LIE(HEAD "]K\1K\2s.", "fills something that is no dict"),
    LIE(HEAD "K\1}b.", "gives a state to something that has none"),
    LIE(HEAD "cargparse\nNamespace\n)\x81}b.].", "holds no dict of named tensors"),
    LIE(HEAD "c__torch__.Net\nNet\n)\x81q\0h\0b.].", "is TorchScript without named weights"), /* its own state */
    LIE(HEAD "cnumpy\nload\n.", "numpy.load"),
    LIE(HEAD "c__torch_\nx\n.", "__torch_.x"),
    LIE(HEAD "cbuiltins\ngetattr\n.", "builtins.getattr"),
    LIE(HEAD "ctorch.jit\nload\n.", "torch.jit.load"),
    LIE(HEAD "N)R.", "calls what cannot be called"),
    LIE(HEAD "K\1Q.", "a storage is not described"),
    LIE(HEAD "X\xff\xff\xff\xffzz", "is cut off"),
    LIE(HEAD "\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "is cut off"),
    LIE(HEAD REBUILD ")R.", "a tensor is not described"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\3", "\1") "s." KEYS DATA,
        "tensor of shape [3] reaches beyond its storage of 2"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\1", "\2", "\1") "s." KEYS DATA, "reaches beyond its storage"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\2") "s." KEYS DATA, "reaches beyond its storage"),
    LIE(HEAD "}X\1\0\0\0x" REBUILD "(" STORAGE("\2") "K\0J\xff\xff\xff\xff\x85K\1\x85\x89}tR", "no whole number from 0 up"),
    LIE(HEAD "}X\1\0\0\0x" REBUILD
             "(" STORAGE("\2") "K\0(\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8a\x08\xff\xff\xff\xff\xff"
                               "\xff\xff\x7ftK\0K\0\x86\x89}tR",
        "reaches beyond its storage"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\3", "\0", "\2", "\1") "s." KEYS DATA, "a storage has two sizes"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "s.].", "a tensor's storage is missing"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "s.]X\1\0\0\0ba." DATA, "a storage belongs to no tensor"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "s.]X\1\0\0\0aaX\1\0\0\0aa." DATA DATA,
        "a storage is listed twice"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "s." KEYS "\2\0\0\0\0\0\0\0\0", "perhaps it is cut off"),
    LIE(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "s.K\1.", "the list of storages is none"),
    LIE(HEAD "}(X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "u." KEYS DATA,
        "two tensors called \"x\""),
    LIE(HEAD "}X\1\0\0\0\0" TENSOR("\2", "\0", "\2", "\1") "s." KEYS DATA, "a tensor's name holds a NUL"),
    LIE(HEAD "}X\1\0\0\0\xff" TENSOR("\2", "\0", "\2", "\1") "s." KEYS DATA, "not UTF-8"),
    LIE(MAGIC "\x80\2K\1.\x80\2}.].].", "unknown version"),
    LIE(MAGIC "\x80\2M\xe9\3.\x80\2}X\r\0\0\0little_endian\x89s.].].", "not little-endian"),
    LIE("\x80\2}q\0.", "a Python pickle that torch.save did not write"),
    LIE("\x80\2}U\1x" STORAGE("\2") "s.", "names storages that it does not have"),
    LIE("\x80\2cos\nsystem\n(U\2idtR.", "needs Python's os.system"),
    LIE("\x80\2" NUMPY_TYPE("f4") ".", "holds no dict of NumPy arrays"),
    LIE("\x80\2" FILLED("C\2ab", "f4", "K\1\x85"), "an array is larger than its numbers"),
    LIE("\x80\2" FILLED("C\4abcd", "f4", "(\x8a\x08\0\0\0\0\0\0\0\x40K\4t"), "an array is t"),
    LIE("\x80\2" FILLED("C\4abcd", "f4", "J\xff\xff\xff\xff\x85"), "no whole number from 0 up"),
    LIE("\x80\2" FILLED("C\4abcd", "f4", "K\1"), "not described as NumPy describes one"),
    LIE("\x80\2" FILLED("C\4abcd", "f5", "K\1\x85"), "holds no dict of NumPy arrays"),
    LIE("\x80\2}U\1xcnumpy._core.numeric\n_frombuffer\n(C\4abcd" NUMPY_TYPE("f4") "(K\3U\1>tbK\1\x85U\1CtRs.",
        "holds no dict of NumPy arrays"), /* its bytes in the other order */
    LIE("\x80\2c_codecs\nencode\n(X\3\0\0\0\xe2\x82\xacU\6latin1tR.", "holds other letters"),
    LIE("\x80\2c_codecs\nencode\n(X\1\0\0\0\xc2U\6latin1tR.", "holds other letters"),
    LIE("\x80\2c_codecs\nencode\n(X\1\0\0\0aU\4utf8tR.", "not encoded as Python encodes"),
    LIE("\x80\2" NUMPY_TYPE("f4") "K\1b.", "not described as NumPy describes one"),
    LIE("PK\3\4", "is a damaged zip archive"),
    LIE("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "header's length"), /* an empty archive is taken for safetensors */
};

static void refuses_lies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        gr_error err = {0};
        gr_weights *weights;
        test_file_write(lies[i].text, lies[i].size);
        gr_status status = gr_weights_read(path, &weights, &err);
        if (status != GR_INVALID || weights != NULL || !gr_starts_with(err.text, path) || !strstr(err.text, lies[i].part))
            fail_msg("lie %zu (\"%s\") gave: %s", i, lies[i].part, err.text);
    }
    test_file_write(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "s." KEYS DATA,
                    sizeof(HEAD "}X\1\0\0\0x" TENSOR("\2", "\0", "\2", "\1") "s." KEYS DATA) - 1);
    gr_weights *good = read_good(path); /* what the lies above are made from */
    assert_true(((float *)gr_weights_find(good, "x")->data)[1] == 3.0f);
    gr_weights_destroy(good);
}

static void expect_refusal(const char *part)
{
    gr_error err = {0};
    gr_weights *weights;
    assert_int_equal(gr_weights_read(path, &weights, &err), GR_INVALID);
    if (!strstr(err.text, part))
        fail_msg("%s", err.text);
}

/* A million lists within each other, a million marks, and one broadcast number that many tensors repeat. */
static void refuses_bombs(void **state)
{
    (void)state;
    gr_text text = {0};
    gr_text_add(&text, HEAD, sizeof HEAD - 1);
    for (int i = 0; i < 1000000; i++)
        gr_text_add(&text, "(", 1);
    test_file_write(text.data, text.size);
    expect_refusal("is cut off");
    for (int i = 0; i < 1000000; i++)
        gr_text_add(&text, "t", 1);
    gr_text_add(&text, "0].].", 5);
    test_file_write(text.data, text.size);
    expect_refusal("makes more objects");
    gr_text_free(&text);
    gr_text_add(&text, HEAD "](", sizeof(HEAD "](") - 1);
    for (int i = 0; i < 5000000; i++)
        gr_text_add(&text, "2", 1);
    test_file_write(text.data, text.size);
    expect_refusal("is longer than any set of weights needs");
    gr_text_free(&text);
    gr_text_add(&text, HEAD "}(", sizeof(HEAD "}(") - 1);
    for (int i = 0; i < 300; i++) {
        gr_text_printf(&text, "U%c%04d", 4, i);
        static const char tensor[] = REBUILD "(" STORAGE("\2") "K\0J\0\0\1\0\x85K\0\x85\x89}tR";
        gr_text_add(&text, tensor, sizeof tensor - 1);
    }
    gr_text_add(&text, "u." KEYS DATA, sizeof("u." KEYS DATA) - 1);
    test_file_write(text.data, text.size);
    expect_refusal("asks for far more memory");
    gr_text_free(&text);
}

/* ---- damage ----------------------------------------------------------------------------------------------------------- */

static char *read_bytes(const char *file, size_t *size)
{
    gr_error err = {0};
    char *bytes;
    assert_int_equal(gr_file_read(file, 1 << 20, &bytes, size, &err), GR_OK);
    return bytes;
}

/* The place of the `skip`-th signature (0 the first) in bytes. */
static size_t find(const char *bytes, size_t size, const char *signature, int skip)
{
    for (size_t i = 0; i + 4 <= size; i++)
        if (memcmp(bytes + i, signature, 4) == 0 && skip-- == 0)
            return i;
    fail_msg("no such signature");
    return 0;
}

static void refuses_archives_that_lie(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int record; /* of the directory */
        size_t at;  /* in the record */
        char value;
        const char *part;
    } edits[] = {
        {"zip.pth", 1, 20, 1, "a stored entry has two sizes"},
        {"zip.pth", 1, 45, 0x7f, "an entry lies beyond its directory"},
        {"zip.pth", 1, 42, 1, "does not begin where its directory says"},
        {"zip.pth", 1, 10, 9, "unknown method"},
        {"zip.pth", 1, 8, 9, "encrypted"},
        {"zip.pth", 1, 16, 0x55, "checksum does not fit"},
        {"zip.pth", 2, 0, 0, "directory ends too early"},
        {"deflated.pth", 1, 24, 3, "missing or shorter"},
        {"deflated.pth", 1, 26, 1, "does not unpack to the"},
        {"deflated.pth", 1, 27, 0x7f, "asks for far more memory"},
        {"deflated.pth", 1, 23, 0x7f, "reaches beyond its directory"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        char file[100];
        size_t size;
        gr_error err = {0};
        gr_weights *weights;
        snprintf(file, sizeof file, FORMATS "%s", edits[i].file);
        char *bytes = read_bytes(file, &size);
        bytes[find(bytes, size, "PK\1\2", edits[i].record) + edits[i].at] = edits[i].value;
        test_file_write(bytes, size);
        gr_status status = gr_weights_read(path, &weights, &err);
        if (status != GR_INVALID || !strstr(err.text, edits[i].part))
            fail_msg("edit %zu (\"%s\") gave: %s", i, edits[i].part, err.text);
        gr_free(bytes);
    }
}

/* Two entries in one place. */
static void refuses_overlaps(void **state)
{
    (void)state;
    size_t size;
    char *bytes = read_bytes(FORMATS "zip.pth", &size);
    size_t first = find(bytes, size, "PK\1\2", 2), second = find(bytes, size, "PK\1\2", 3);
    memcpy(bytes + second + 42, bytes + first + 42, 4);
    test_file_write(bytes, size);
    expect_refusal("its entries overlap");
    gr_free(bytes);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    static const char *const files[] = {"zip.pth", "legacy.pth", "old.pth"};
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        char file[100];
        size_t size;
        snprintf(file, sizeof file, FORMATS "%s", files[f]);
        char *bytes = read_bytes(file, &size);
        for (size_t length = 0; length < size; length += f == 0 ? 37 : 5) {
            gr_error err = {0};
            gr_weights *weights;
            test_file_write(bytes, length);
            assert_int_equal(gr_weights_read(path, &weights, &err), GR_INVALID);
            assert_null(weights);
        }
        gr_free(bytes);
    }
}

/* Seeded damage of every kind ends in a status, whichever, and never in a crash or a leak: the sanitizers watch. */
static void survives_mutations(void **state)
{
    (void)state;
    static const char *const files[] = {"zip.pth", "deflated.pth", "legacy.pth", "wrapped.pth", "old.pth", "protocol4.pth"};
    int refused = 0, taken = 0;
    for (uint32_t f = 0; f < sizeof files / sizeof *files; f++) {
        char file[100];
        size_t size;
        snprintf(file, sizeof file, FORMATS "%s", files[f]);
        char *bytes = read_bytes(file, &size), *copy = gr_alloc(size, 1);
        for (uint64_t i = 0; i < 800; i++) {
            gr_rng rng = gr_rng_make(1, GR_FOR_TEST, f, i);
            memcpy(copy, bytes, size);
            for (uint64_t edits = 1 + gr_rng_below(&rng, 4); edits > 0; edits--) {
                size_t at = gr_rng_below(&rng, size), from = gr_rng_below(&rng, size), length = 1 + gr_rng_below(&rng, 8);
                if (at + length > size || from + length > size)
                    continue;
                switch (gr_rng_below(&rng, 4)) {
                case 0: copy[at] = (char)gr_rng_u32(&rng); break;
                case 1: copy[at] = (char)(copy[at] ^ 1 << gr_rng_below(&rng, 8)); break;
                case 2: memset(copy + at, gr_rng_below(&rng, 2) ? 0xff : 0, length); break;
                default: memmove(copy + at, copy + from, length);
                }
            }
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
    assert_true(refused > 2000 && taken > 100); /* a bit of a number may change */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(reads_the_oldest_pickles),
        cmocka_unit_test(finds_the_state_dict_of_a_checkpoint),
        cmocka_unit_test(refuses_lies),
        cmocka_unit_test(refuses_bombs),
        cmocka_unit_test(refuses_archives_that_lie),
        cmocka_unit_test(refuses_overlaps),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(survives_mutations),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
