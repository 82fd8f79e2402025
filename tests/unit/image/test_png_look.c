/* The quick look at a PNG: what it calls good, the decoder reads to the same size, whatever was cut off or changed, with
 * checksums made right again too; and whole pictures of all common kinds are good. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>
#include <zlib.h>

#include "image/decoders.h"
#include "image/image.h"
#include "image/png_look.h"
#include "support/look.h"

enum { WIDTH = 37, HEIGHT = 23, ROOM = 1 << 16 };

typedef struct form {
    int depth, colour, filters, palette; /* palette: of how many colours */
    bool interlaced, transparent;
    int packed;           /* level of the compression, 1 to 9; 0: stored */
    const char *metadata; /* name of a chunk before the data */
    int orientation;
} form;

typedef struct bytes {
    uint8_t data[ROOM];
    size_t size;
} bytes;

static void put(png_structp png, png_bytep data, size_t size)
{
    bytes *out = png_get_io_ptr(png);
    assert_true(out->size + size <= ROOM);
    memcpy(out->data + out->size, data, size);
    out->size += size;
}

static void set_colours(png_structp png, png_infop info, const form *f)
{
    png_color colours[256] = {{1, 2, 3}};
    png_byte alphas[256] = {0};
    if (f->palette > 0)
        png_set_PLTE(png, info, colours, f->palette);
    if (f->transparent)
        png_set_tRNS(png, info, alphas, f->palette > 0 ? f->palette : 1, &(png_color_16){0});
}

/* A noisy picture. */
static void make(const form *f, bytes *out)
{
    static const uint8_t exif[] = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
    uint8_t row[WIDTH * 8], data[26 + 8] = {0};
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, 0);
    out->size = 0;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, out, put, NULL);
    png_set_compression_level(png, f->packed);
    png_set_compression_buffer_size(png, 700); /* several IDAT chunks */
    png_set_filter(png, 0, f->filters);
    png_set_IHDR(png, info, WIDTH, HEIGHT, f->depth, f->colour, f->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0,
                 0);
    set_colours(png, info, f);
    png_write_info(png, info);
    memcpy(data, exif, sizeof exif - 1);
    data[18] = (uint8_t)f->orientation;
    if (f->metadata != NULL)
        png_write_chunk(png, (png_const_bytep)f->metadata, data, sizeof data);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (int y = 0; y < HEIGHT; y++) {
            for (size_t x = 0; x < sizeof row; x++) /* of a palette's colours the first two alone, which all have */
                row[x] = f->palette > 0 ? (uint8_t)(f->depth == 8 ? x % 2 : 0x11)
                                        : (uint8_t)(2 * x + (size_t)y + gr_rng_below(&rng, 9));
            png_write_row(png, row);
        }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void repair(bytes *b)
{
    for (size_t at = 8; at + 12 <= b->size && u32(b->data + at) <= b->size - at - 12; at += 12 + u32(b->data + at)) {
        uint32_t length = u32(b->data + at);
        put_u32(b->data + at + 8 + length, (uint32_t)crc32(0, b->data + at + 4, length + 4));
    }
}

/* Puts one chunk in at byte `at`. */
static void insert(bytes *b, size_t at, const char *type, const void *data, size_t length)
{
    memmove(b->data + at + 12 + length, b->data + at, b->size - at);
    put_u32(b->data + at, (uint32_t)length);
    memcpy(b->data + at + 4, type, 4);
    memcpy(b->data + at + 8, data, length);
    b->size += 12 + length;
    repair(b);
}

/* Where libpng reads a picture, too, its pixels are the same. */
static void assert_libpng_agrees(const bytes *b)
{
    gr_image ours, theirs;
    if (gr_png_decode_any(b->data, b->size, "x", &theirs, NULL) != GR_OK)
        return;
    assert_int_equal(gr_png_decode(b->data, b->size, "x", &ours, NULL), GR_OK);
    assert_int_equal(gr_image_orient(&theirs, gr_png_orientation(b->data, b->size), NULL), GR_OK);
    assert_true(ours.width == theirs.width && ours.height == theirs.height);
    assert_memory_equal(ours.pixels, theirs.pixels, (size_t)(3 * ours.width * ours.height));
    gr_image_free(&ours);
    gr_image_free(&theirs);
}

static const form plain = {.depth = 8, .colour = PNG_COLOR_TYPE_RGB, .filters = PNG_ALL_FILTERS, .packed = 6};

static void whole_pictures_are_good(void **state)
{
    (void)state;
    static const form forms[] = {
        {8, PNG_COLOR_TYPE_RGB, PNG_ALL_FILTERS, 0, false, false, 6, NULL, 0},
        {8, PNG_COLOR_TYPE_RGB, PNG_FILTER_NONE, 0, false, false, 0, NULL, 0},
        {8, PNG_COLOR_TYPE_RGB, PNG_FILTER_PAETH, 0, false, false, 1, "tEXt", 0},
        {8, PNG_COLOR_TYPE_RGB, PNG_FILTER_SUB, 0, false, false, 9, "iCCP", 0},
        {8, PNG_COLOR_TYPE_RGB, PNG_FILTER_UP, 0, false, false, 9, NULL, 0},
        {8, PNG_COLOR_TYPE_RGB, PNG_FILTER_AVG, 0, false, false, 9, NULL, 0},
        {8, PNG_COLOR_TYPE_RGBA, PNG_ALL_FILTERS, 0, false, false, 6, "eXIf", 3},
        {8, PNG_COLOR_TYPE_RGBA, PNG_FILTER_PAETH, 0, false, false, 6, "eXIf", 6},
        {8, PNG_COLOR_TYPE_GRAY, PNG_ALL_FILTERS, 0, false, false, 6, "eXIf", 8},
        {8, PNG_COLOR_TYPE_GRAY, PNG_FILTER_AVG, 0, false, false, 6, NULL, 0},
        {8, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_ALL_FILTERS, 0, false, false, 6, NULL, 0},
        {8, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_FILTER_SUB, 0, false, false, 6, NULL, 0},
    };
    static bytes b;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        int width, height;
        make(&forms[i], &b);
        assert_true(test_look_agrees(gr_png_look, b.data, b.size));
        assert_true(gr_png_look(b.data, b.size, &width, &height));
        gr_image image;
        assert_int_equal(gr_png_decode_any(b.data, b.size, "x", &image, NULL), GR_OK);
        gr_image_free(&image);
        assert_libpng_agrees(&b);
        assert_int_equal(width, forms[i].orientation >= 5 ? HEIGHT : WIDTH);
        assert_int_equal(height, forms[i].orientation >= 5 ? WIDTH : HEIGHT);
    }
}

static void what_is_unusual_is_left_to_the_decoder(void **state)
{
    (void)state;
    static const form forms[] = {
        {8, PNG_COLOR_TYPE_RGB, PNG_ALL_FILTERS, 0, true, false, 6, NULL, 0},
        {8, PNG_COLOR_TYPE_RGB, PNG_ALL_FILTERS, 0, false, true, 6, NULL, 0},
        {8, PNG_COLOR_TYPE_PALETTE, PNG_FILTER_NONE, 2, false, true, 6, NULL, 0},
        {8, PNG_COLOR_TYPE_PALETTE, PNG_FILTER_NONE, 200, false, false, 6, NULL, 0},
        {2, PNG_COLOR_TYPE_PALETTE, PNG_FILTER_NONE, 4, false, false, 6, NULL, 0},
        {16, PNG_COLOR_TYPE_RGB, PNG_ALL_FILTERS, 0, false, false, 6, NULL, 0},
        {1, PNG_COLOR_TYPE_GRAY, PNG_FILTER_NONE, 0, false, false, 6, NULL, 0},
        {8, PNG_COLOR_TYPE_RGB, PNG_ALL_FILTERS, 0, false, false, 6, "prIv", 0},
    };
    static bytes b;
    gr_image image;
    int width, height;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        make(&forms[i], &b);
        assert_false(test_look_agrees(gr_png_look, b.data, b.size));
        assert_int_equal(gr_image_decode(b.data, b.size, "x", &image, NULL), GR_OK);
        gr_image_free(&image);
    }
    assert_false(gr_png_look("\xff\xd8\xff", 3, &width, &height));
    assert_false(gr_png_look("", 0, &width, &height));
}

/* Parts in a wrong order, twice, missing, or too many. */
static void order_is_looked_at(void **state)
{
    (void)state;
    static bytes b, c;
    make(&plain, &b);
    const size_t head = 8 + 25, end = b.size - 12;
    c = b;
    insert(&c, head, "tEXt", "Title\0x", 7);
    assert_true(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    insert(&c, head, "IDAT", "", 0);
    assert_true(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    insert(&c, head + 12 + u32(b.data + head), "tEXt", "Title\0x", 7); /* between two IDAT */
    assert_false(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    insert(&c, end, "IDAT", "abc", 3); /* more data than the stream has */
    assert_false(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    insert(&c, head, "PLTE", "\0\0\0", 3);
    assert_false(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    insert(&c, end, "NEWX", "abc", 3); /* critical, and unknown */
    assert_false(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    insert(&c, head, "IHDR", b.data + 16, 13);
    assert_false(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    memcpy(c.data + c.size, "behind the end", 14);
    c.size += 14;
    assert_true(test_look_agrees(gr_png_look, c.data, c.size));
    c = b;
    memmove(c.data + head, c.data + end, 12); /* no data at all */
    c.size = head + 12;
    assert_false(test_look_agrees(gr_png_look, c.data, c.size));
}

/* Data that are whole, but not the picture's: other sizes, filters that there are not. */
static void data_are_looked_at(void **state)
{
    (void)state;
    static bytes b, c;
    make(&plain, &b);
    for (int side = 0; side < 2; side++)
        for (int step = -1; step < 2; step++) {
            c = b;
            put_u32(c.data + 16 + 4 * side, (uint32_t)((side == 0 ? WIDTH : HEIGHT) + step));
            repair(&c);
            assert_int_equal(test_look_agrees(gr_png_look, c.data, c.size), step == 0);
        }
    for (int filter = 0; filter < 8; filter++) {
        uint8_t rows[HEIGHT * (1 + 3 * WIDTH)] = {0}, packed[4000];
        uLongf size = sizeof packed;
        rows[5 * (1 + 3 * WIDTH)] = (uint8_t)filter;
        assert_int_equal(compress(packed, &size, rows, sizeof rows), Z_OK);
        c = b;
        memmove(c.data + 8 + 25, c.data + c.size - 12, 12);
        c.size = 8 + 25 + 12;
        insert(&c, 8 + 25, "IDAT", packed, size);
        assert_int_equal(test_look_agrees(gr_png_look, c.data, c.size), filter <= 4);
    }
}

static void what_is_damaged_is_left_to_the_decoder(void **state)
{
    (void)state;
    static const form forms[] = {
        {8, PNG_COLOR_TYPE_RGB, PNG_ALL_FILTERS, 0, false, false, 6, "eXIf", 6},
        {8, PNG_COLOR_TYPE_RGBA, PNG_FILTER_NONE, 0, false, false, 0, NULL, 0},
        {8, PNG_COLOR_TYPE_GRAY, PNG_FILTER_NONE, 0, false, false, 1, "tEXt", 0},
    };
    static bytes b, c;
    gr_rng rng = gr_rng_make(4, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        int good[2] = {0};
        make(&forms[i], &b);
        test_look_refuses_parts(gr_png_look, b.data, b.size);
        for (int round = 0; round < 4000; round++) {
            c = b;
            c.data[gr_rng_below(&rng, c.size)] ^= (uint8_t)(1u << gr_rng_below(&rng, 8));
            good[0] += test_look_agrees(gr_png_look, c.data, c.size);
            repair(&c);
            good[1] += test_look_agrees(gr_png_look, c.data, c.size);
            assert_libpng_agrees(&c);
        }
        assert_int_equal(good[0], 0); /* every byte is under a checksum or of the signature */
        assert_true(good[1] >= 1 && good[1] <= 3999);
    }
}

/* The files that the fuzzer of PNGs begins with, whole and damaged. */
static void known_files_agree(void **state)
{
    (void)state;
    static const char folder[] = "tests/fuzz/seeds/png";
    static bytes b, c;
    DIR *dir = opendir(folder);
    gr_rng rng = gr_rng_make(6, GR_FOR_TEST, 0, 0);
    int pngs = 0, good = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char *path = gr_path_join(folder, entry->d_name), *data;
        if (entry->d_name[0] != '.' && gr_file_read(path, ROOM / 2, &data, &b.size, NULL) == GR_OK) {
            memcpy(b.data, data, b.size);
            pngs += gr_image_kind_of(b.data, b.size) == GR_IMAGE_PNG;
            good += test_look_agrees(gr_png_look, b.data, b.size);
            if (gr_image_kind_of(b.data, b.size) == GR_IMAGE_PNG)
                assert_libpng_agrees(&b);
            for (int round = 0; round < 300; round++) {
                c = b;
                c.data[gr_rng_below(&rng, c.size)] = (uint8_t)gr_rng_below(&rng, 256);
                (void)test_look_agrees(gr_png_look, c.data, c.size);
                repair(&c);
                (void)test_look_agrees(gr_png_look, c.data, c.size);
            }
            gr_free(data);
        }
        gr_free(path);
    }
    closedir(dir);
    assert_true(good >= 5 && good <= pngs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_pictures_are_good),
        cmocka_unit_test(what_is_unusual_is_left_to_the_decoder),
        cmocka_unit_test(order_is_looked_at),
        cmocka_unit_test(data_are_looked_at),
        cmocka_unit_test(what_is_damaged_is_left_to_the_decoder),
        cmocka_unit_test(known_files_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
