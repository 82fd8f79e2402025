/* Image files that lie, end early or are no images: each is refused with a sentence that begins with its name, or, where a
 * flipped byte happens to leave a valid file, decoded to its full size; never a crash, a leak, or a word on stderr. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "image/image.h"
#include "support/folder.h"

static void assert_refused(const void *bytes, size_t size, const char *word)
{
    gr_error err = {0};
    gr_image image;
    gr_status status = gr_image_decode(bytes, size, "faces/a.png", &image, &err);
    assert_int_equal(status, GR_INVALID);
    assert_null(image.pixels);
    if (!gr_starts_with(err.text, "faces/a.png: ") || strstr(err.text, word) == NULL)
        fail_msg("\"%s\" does not begin with the file or does not say \"%s\"", err.text, word);
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void add_chunk(gr_text *b, const char *name, const void *data, size_t size)
{
    uint8_t word[4];
    put32(word, (uint32_t)size);
    gr_text_add(b, word, 4);
    size_t from = b->size;
    gr_text_add(b, name, 4);
    gr_text_add(b, data, size);
    put32(word, (uint32_t)crc32(0, (const Bytef *)b->data + from, (uInt)(b->size - from)));
    gr_text_add(b, word, 4);
}

/* A PNG of width x height whose compressed rows are those of `rows` bytes of zeros; well formed where it is not a lie. */
static gr_text make_png(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour, size_t rows)
{
    gr_text b = {0};
    uint8_t header[13] = {0};
    put32(header, width);
    put32(header + 4, height);
    header[8] = depth;
    header[9] = colour;
    uLongf packed_size = compressBound((uLong)rows);
    uint8_t *zeros = gr_alloc(rows, 1), *packed = gr_alloc(packed_size, 1);
    assert_int_equal(compress(packed, &packed_size, zeros, (uLong)rows), Z_OK);
    gr_text_add(&b, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(&b, "IHDR", header, 13);
    add_chunk(&b, "IDAT", packed, packed_size);
    add_chunk(&b, "IEND", "", 0);
    gr_free(zeros);
    gr_free(packed);
    return b;
}

/* The inputs of the decode references: valid files of every kind. Calls `each` on a private copy of some of them. */
static void for_each_valid_file(int stride, void (*each)(uint8_t *bytes, size_t size))
{
    char *data;
    size_t size, at = 0;
    assert_int_equal(gr_file_read("tests/parity/image/decode.bin", 1 << 20, &data, &size, NULL), GR_OK);
    for (int i = 0; at < size; i++) {
        size_t in, out;
        int used;
        assert_int_equal(sscanf(data + at, "%*s %*d %*d %zu %*d %*d %zu%n", &in, &out, &used), 2);
        at += (size_t)used + 1;
        if (i % stride == 0) {
            uint8_t *copy = gr_alloc(in, 1); /* exact, so that AddressSanitizer sees a read past its end */
            memcpy(copy, data + at, in);
            each(copy, in);
            gr_free(copy);
        }
        at += in + out;
    }
    gr_free(data);
}

static void refuse_every_prefix(uint8_t *bytes, size_t size)
{
    for (size_t length = 0; length < size; length++) {
        uint8_t *prefix = gr_alloc(length, 1);
        memcpy(prefix, bytes, length);
        assert_refused(prefix, length, "would be right");
        gr_free(prefix);
    }
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    for_each_valid_file(5, refuse_every_prefix);
}

static void flip_bytes(uint8_t *bytes, size_t size)
{
    bool png = bytes[0] == 0x89;
    for (size_t i = 0; i < size; i++) {
        static const uint8_t MASKS[] = {0x01, 0x80, 0xff};
        uint8_t mask = MASKS[i % 3];
        bytes[i] ^= mask;
        gr_image image;
        gr_error err = {0};
        gr_status status = gr_image_decode(bytes, size, "x", &image, &err);
        if (png)
            assert_int_equal(status, GR_INVALID); /* every byte of a PNG is under a checksum, or is one */
        assert_true(status == GR_OK ? image.pixels != NULL : status == GR_INVALID && gr_starts_with(err.text, "x: "));
        gr_image_free(&image);
        bytes[i] ^= mask;
    }
}

static void flipped_bytes_do_no_harm(void **state)
{
    (void)state;
    for_each_valid_file(7, flip_bytes);
}

static void random_bytes_behind_a_signature_do_no_harm(void **state)
{
    (void)state;
    for (uint64_t k = 0; k < 300; k++) {
        gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 2, k);
        uint8_t bytes[200];
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)gr_rng_u32(&rng);
        memcpy(bytes, k % 2 ? "\xff\xd8\xff\xdb" : "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", k % 2 ? 4 : 16);
        assert_refused(bytes, sizeof(bytes), ": is ");
    }
}

static void lying_headers_are_refused_before_memory_is_taken(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        uint8_t depth, colour;
        const char *word;
    } LIES[] = {
        {0, 5, 8, 2, "at least 1 x 1"},
        {5, 0, 8, 2, "at least 1 x 1"},
        {100000, 5, 8, 2, "are allowed"},
        {5, 0x7fffffff, 8, 2, "are allowed"},
        {0xffffffff, 0xffffffff, 16, 6, "are allowed"},
        {16384, 16384, 8, 2, "are allowed"},
        {10000, 10000, 8, 2, "cannot hold"},
        {16000, 16, 8, 6, "cannot hold"},
        {9, 9, 3, 2, "damaged PNG"},
        {9, 9, 8, 5, "damaged PNG"},
        {9, 9, 8, 3, "damaged PNG"},
        {9, 9, 16, 3, "damaged PNG"},
    };
    for (size_t i = 0; i < sizeof(LIES) / sizeof(LIES[0]); i++) {
        gr_text b = make_png(LIES[i].width, LIES[i].height, LIES[i].depth, LIES[i].colour, 100);
        assert_refused(b.data, b.size, LIES[i].word);
        gr_text_free(&b);
    }
}

static void pixel_data_of_the_wrong_length_is_judged(void **state)
{
    (void)state;
    gr_text b = make_png(10, 10, 8, 2, 10 * 31 - 1);
    assert_refused(b.data, b.size, "damaged PNG");
    gr_text_free(&b);
    gr_image image;
    b = make_png(10, 10, 8, 2, 10 * 31 + 50); /* harmless, and some encoders do it */
    assert_int_equal(gr_image_decode(b.data, b.size, "x", &image, NULL), GR_OK);
    gr_image_free(&image);
    gr_text_free(&b);
}

/* Rows that repeat at a distance of 6000 bytes, in a stream that says that it looks back 512 (header byte 0x18). */
static void a_window_that_is_noted_too_small_does_not_matter(void **state)
{
    (void)state;
    enum { SIDE = 64, ROW = 1 + 3 * SIDE };
    uint8_t *rows = gr_alloc(SIDE, ROW), header[13] = {0}, packed[2 * SIDE * ROW];
    for (int i = 0; i < SIDE * ROW; i++)
        rows[i] = i % ROW == 0 ? 0 : (uint8_t)(i >= SIDE / 2 * ROW ? rows[i - SIDE / 2 * ROW] : i * i / 7);
    uLongf size = sizeof(packed);
    assert_int_equal(compress2(packed, &size, rows, SIDE * ROW, 9), Z_OK);
    packed[0] = 0x18;
    packed[1] = (uint8_t)((packed[1] & 0xe0) + 31 - (0x1800 + (packed[1] & 0xe0)) % 31);
    put32(header, SIDE);
    put32(header + 4, SIDE);
    header[8] = 8;
    header[9] = 2;
    gr_text b = {0};
    gr_text_add(&b, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(&b, "IHDR", header, 13);
    add_chunk(&b, "IDAT", packed, size);
    add_chunk(&b, "IEND", "", 0);
    gr_image image;
    gr_error err = {0};
    if (gr_image_decode(b.data, b.size, "x", &image, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int y = 0; y < SIDE; y++)
        assert_memory_equal(image.pixels + 3 * SIDE * y, rows + ROW * y + 1, 3 * SIDE);
    gr_image_free(&image);
    gr_text_free(&b);
    gr_free(rows);
}

static void what_is_no_image_is_named(void **state)
{
    (void)state;
    assert_refused("", 0, "is empty");
    assert_refused("image,label\na.png,1\n", 20, "looks like text");
    assert_refused("GIF89a\1\0\1\0", 10, "is a GIF file");
    assert_refused("\0\0\0\0\0\0\0\0\0\0\0\0", 12, "is not an image");
    assert_refused("\x89PNG\r\n\x1a\n", 8, "ends early");
    assert_refused("\xff\xd8\xff\xd9", 4, "damaged JPEG");
    gr_error err = {0};
    gr_image image;
    assert_int_equal(gr_image_read("tests/unit", &image, &err), GR_INVALID);
    assert_true(gr_starts_with(err.text, "tests/unit: "));
    err = (gr_error){0};
    assert_int_equal(gr_image_read("tests/unit/absent.png", &image, &err), GR_INVALID);
    assert_true(gr_starts_with(err.text, "tests/unit/absent.png: "));
}

/* A JPEG by libjpeg itself: `in` to `stored` colours, progressive when `scans` is given; the bytes are freed with free. */
static unsigned char *make_jpeg(int side, J_COLOR_SPACE in, J_COLOR_SPACE stored, const jpeg_scan_info *scans,
                                int scan_count, const uint8_t *pixels, unsigned long *size)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    *size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, size);
    jpeg.image_width = jpeg.image_height = (JDIMENSION)side;
    jpeg.in_color_space = in;
    jpeg.input_components = in == JCS_CMYK ? 4 : in == JCS_RGB ? 3 : 1;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, stored);
    jpeg_set_quality(&jpeg, 100, TRUE);
    jpeg.scan_info = scans;
    jpeg.num_scans = scan_count;
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = (JSAMPROW)pixels + (size_t)jpeg.next_scanline * (size_t)(side * jpeg.input_components);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return bytes;
}

static void ycck_becomes_rgb(void **state)
{
    (void)state;
    enum { SIDE = 16 };
    uint8_t inverted[SIDE * SIDE * 4];
    for (int i = 0; i < SIDE * SIDE; i++)
        memcpy(inverted + 4 * i, (uint8_t[4]){(uint8_t)(8 * (i % SIDE)), (uint8_t)(255 - 9 * (i / SIDE)), 120, 200}, 4);
    unsigned long size;
    unsigned char *bytes = make_jpeg(SIDE, JCS_CMYK, JCS_YCCK, NULL, 0, inverted, &size);
    gr_image image;
    assert_int_equal(gr_image_decode(bytes, size, "x", &image, NULL), GR_OK);
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 3; c++)
            assert_true(abs(image.pixels[3 * i + c] - inverted[4 * i + c] * inverted[4 * i + 3] / 255) <= 12);
    gr_image_free(&image);
    free(bytes);
}

static size_t find_marker(const unsigned char *bytes, size_t size, uint8_t marker)
{
    for (size_t i = 0; i + 1 < size; i++)
        if (bytes[i] == 0xff && bytes[i + 1] == marker)
            return i;
    fail_msg("no marker %02x", marker);
    return 0;
}

/* The same coefficients with arithmetic coding; freed with free. */
static unsigned char *recode_arithmetic(const unsigned char *bytes, unsigned long size, unsigned long *out_size)
{
    struct jpeg_decompress_struct from;
    struct jpeg_compress_struct to;
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    *out_size = 0;
    from.err = to.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&from);
    jpeg_create_compress(&to);
    jpeg_mem_src(&from, bytes, size);
    jpeg_mem_dest(&to, &out, out_size);
    (void)jpeg_read_header(&from, TRUE);
    jvirt_barray_ptr *coefficients = jpeg_read_coefficients(&from);
    jpeg_copy_critical_parameters(&from, &to);
    to.arith_code = TRUE;
    jpeg_write_coefficients(&to, coefficients);
    jpeg_finish_compress(&to);
    jpeg_destroy_compress(&to);
    jpeg_finish_decompress(&from);
    jpeg_destroy_decompress(&from);
    return out;
}

/* Versions of JFIF that libjpeg has not heard of: its warning is none about the pixels. */
static void a_strange_version_of_jfif_does_not_matter(void **state)
{
    (void)state;
    enum { SIDE = 16 };
    uint8_t pixels[SIDE * SIDE * 3];
    for (size_t i = 0; i < sizeof(pixels); i++)
        pixels[i] = (uint8_t)(i / 3);
    unsigned long size;
    unsigned char *bytes = make_jpeg(SIDE, JCS_RGB, JCS_YCbCr, NULL, 0, pixels, &size);
    unsigned char *version = bytes + find_marker(bytes, size, 0xe0) + 9;
    gr_image usual, strange;
    assert_int_equal(gr_image_decode(bytes, size, "x", &usual, NULL), GR_OK);
    for (int major = 0; major < 4; major++) {
        memcpy(version, (uint8_t[2]){(uint8_t)major, 2}, 2);
        assert_int_equal(gr_image_decode(bytes, size, "x", &strange, NULL), GR_OK);
        assert_memory_equal(usual.pixels, strange.pixels, sizeof(pixels));
        gr_image_free(&strange);
    }
    gr_image_free(&usual);
    free(bytes);
}

static void arithmetic_coding_is_read_or_named(void **state)
{
    (void)state;
    enum { SIDE = 16 };
    uint8_t pixels[SIDE * SIDE * 3];
    for (size_t i = 0; i < sizeof(pixels); i++)
        pixels[i] = (uint8_t)(i / 3 % SIDE * 12);
    unsigned long size, size_huffman;
    unsigned char *huffman = make_jpeg(SIDE, JCS_RGB, JCS_YCbCr, NULL, 0, pixels, &size_huffman);
    unsigned char *bytes = recode_arithmetic(huffman, size_huffman, &size);
    gr_image image, usual;
    gr_error err = {0};
    (void)find_marker(bytes, size, 0xc9);
    assert_int_equal(gr_image_decode(huffman, size_huffman, "x", &usual, NULL), GR_OK);
    if (gr_image_decode(bytes, size, "x", &image, &err) == GR_OK)
        assert_memory_equal(image.pixels, usual.pixels, sizeof(pixels));
    else
        assert_non_null(strstr(err.text, "x: is an arithmetic-coded JPEG"));
    gr_image_free(&image);
    gr_image_free(&usual);
    free(bytes);
    free(huffman);
}

/* The same file under the frame headers of other kinds: `marker` and bits of a sample. */
static void other_kinds_of_jpeg_are_named(void **state)
{
    (void)state;
    static const struct {
        uint8_t marker, bits;
        const char *text;
    } KINDS[] = {
        {0xc0, 12, "is a JPEG of 12 bits, a PNG, JPEG, WebP or TIFF image would be right; this makes one: ffmpeg -i "},
        {0xc3, 16, "is a lossless JPEG of 16 bits"},
        {0xc5, 8, "is a hierarchical JPEG"},
        {0xcd, 8, "is a hierarchical JPEG"},
        {0xcb, 8, "is a lossless JPEG"},
        {0xf7, 8, "is a JPEG-LS"},
    };
    enum { SIDE = 16 };
    uint8_t pixels[SIDE * SIDE * 3] = {0};
    unsigned long size;
    unsigned char *bytes = make_jpeg(SIDE, JCS_RGB, JCS_YCbCr, NULL, 0, pixels, &size);
    unsigned char *frame = bytes + find_marker(bytes, size, 0xc0);
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        frame[1] = KINDS[i].marker;
        frame[4] = KINDS[i].bits;
        assert_refused(bytes, size, KINDS[i].text);
    }
    free(bytes);
}

static void jpeg_lies_are_refused(void **state)
{
    (void)state;
    enum { SIDE = 16 };
    uint8_t pixels[SIDE * SIDE * 3];
    memset(pixels, 77, sizeof(pixels));
    unsigned long size;
    unsigned char *bytes = make_jpeg(SIDE, JCS_RGB, JCS_YCbCr, NULL, 0, pixels, &size);
    unsigned char *height = bytes + find_marker(bytes, size, 0xc0) + 5; /* then width, two bytes each */
    memcpy(height, "\xf0\x00\xf0\x00", 4);
    assert_refused(bytes, size, "are allowed");
    memcpy(height, "\x20\x00\x20\x00", 4);
    assert_refused(bytes, size, "too short for its width and height");
    memcpy(height, "\x00\x40\x00\x40", 4); /* more rows than there is data: no grey half */
    assert_refused(bytes, size, "damaged JPEG");
    memcpy(height, "\x00\x00\x00\x10", 4);
    assert_refused(bytes, size, "damaged JPEG");
    free(bytes);
}

static void a_scan_bomb_is_refused(void **state)
{
    (void)state;
    enum { SIDE = 3000, SCANS = 1 + 3 * 63 };
    /* Well formed, but each coefficient and each of its last bits comes in a scan of its own. */
    static jpeg_scan_info scans[SCANS] = {{1, {0}, 0, 0, 0, 0}};
    for (int k = 1; k < 64; k++)
        for (int bit = 0; bit < 3; bit++)
            scans[3 * k - 2 + bit] = (jpeg_scan_info){1, {0}, k, k, bit == 0 ? 0 : 3 - bit, 2 - bit};
    for (int side = 16; side <= SIDE; side += SIDE - 16) {
        uint8_t *pixels = gr_alloc((size_t)side * (size_t)side, 1);
        unsigned long size;
        unsigned char *bytes = make_jpeg(side, JCS_GRAYSCALE, JCS_GRAYSCALE, scans, SCANS, pixels, &size);
        gr_image image;
        if (side == SIDE) {
            assert_refused(bytes, size, "too many scans");
        } else {
            assert_int_equal(gr_image_decode(bytes, size, "x", &image, NULL), GR_OK);
            gr_image_free(&image);
        }
        free(bytes);
        gr_free(pixels);
    }
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    char folder[TEST_TEMP];
    assert_non_null(test_temp_folder(folder, "image"));
    char *path = gr_path_join(folder, "a.jpg"); /* the name does not matter */
    gr_image image, again;
    gr_error err = {0};
    assert_int_equal(gr_image_make(37, 11, &image, NULL), GR_OK);
    for (int i = 0; i < 37 * 11 * 3; i++)
        image.pixels[i] = (uint8_t)(i * i);
    assert_int_equal(gr_png_write(path, &image, &err), GR_OK);
    assert_int_equal(gr_image_read(path, &again, &err), GR_OK);
    assert_int_equal(again.width, 37);
    assert_int_equal(again.height, 11);
    assert_memory_equal(image.pixels, again.pixels, 37 * 11 * 3);
    gr_image_free(&again);
    char *absent = gr_path_join(folder, "absent/a.png");
    assert_int_equal(gr_png_write(absent, &image, &err), GR_INVALID);
    assert_true(gr_starts_with(err.text, absent) && gr_starts_with(err.text + strlen(absent), ": "));
    gr_free(absent);
    gr_image_free(&image);
    err = (gr_error){0};
    assert_int_equal(gr_png_write(path, &image, &err), GR_INVALID);
    unlink(path);
    rmdir(folder);
    gr_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(flipped_bytes_do_no_harm),
        cmocka_unit_test(random_bytes_behind_a_signature_do_no_harm),
        cmocka_unit_test(lying_headers_are_refused_before_memory_is_taken),
        cmocka_unit_test(pixel_data_of_the_wrong_length_is_judged),
        cmocka_unit_test(a_window_that_is_noted_too_small_does_not_matter),
        cmocka_unit_test(what_is_no_image_is_named),
        cmocka_unit_test(ycck_becomes_rgb),
        cmocka_unit_test(a_strange_version_of_jfif_does_not_matter),
        cmocka_unit_test(other_kinds_of_jpeg_are_named),
        cmocka_unit_test(arithmetic_coding_is_read_or_named),
        cmocka_unit_test(jpeg_lies_are_refused),
        cmocka_unit_test(a_scan_bomb_is_refused),
        cmocka_unit_test(writes_what_it_reads),
    };
    return cmocka_run_group_tests_name("image-hostile", tests, NULL, NULL);
}
