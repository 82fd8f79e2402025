/* Pictures beside plain PNG and JPEG: WebP, TIFF, turned PNG and kinds of JPEG against Pillow's answers
 * (tests/parity/make_image_formats.py); those that lie or end early; and what is not read is named with what converts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "image/image.h"
#include "support/image_cases.h"

static const char FORMATS[] = "tests/parity/image/formats.bin";

static void assert_refused(const void *bytes, size_t size, const char *word)
{
    gr_error err = {0};
    gr_image image;
    gr_status status = gr_image_decode(bytes, size, "faces/a.tif", &image, &err);
    if (status != GR_INVALID || !gr_starts_with(err.text, "faces/a.tif: ") || strstr(err.text, word) == NULL)
        fail_msg("status %d, \"%s\" does not say \"%s\"", (int)status, err.text, word);
    assert_null(image.pixels);
}

/* ---- files as others write them ---- */

static void decodes_as_pillow(void **state)
{
    (void)state;
    char *end, *data = test_image_cases(FORMATS, &end), *at = data;
    int count = 0;
    for (test_image_given g; test_image_case(&at, end, &g); count++) {
        gr_error err = {0};
        gr_image image;
        gr_status status = gr_image_decode(g.in, g.in_size, g.name, &image, &err);
        if (status != GR_OK && gr_starts_with(g.name, "either-") && strstr(err.text, "ffmpeg -i ") != NULL)
            continue;
        if (status != GR_OK)
            fail_msg("%s", err.text);
        int allowed = strstr(g.name, "jpeg") != NULL ? 2 : 0; /* another build of libjpeg may round its transform otherwise */
        if (test_image_difference(&g, &image) > allowed)
            fail_msg("%s: differs by %d", g.name, test_image_difference(&g, &image));
        gr_image_free(&image);
    }
    assert_true(count > 100);
    gr_free(data);
}

/* Calls `each` on a copy of every WebP and TIFF, exact, so that AddressSanitizer sees a read past its end. */
static void for_each(void (*each)(uint8_t *bytes, size_t size))
{
    char *end, *data = test_image_cases(FORMATS, &end), *at = data;
    for (test_image_given g; test_image_case(&at, end, &g);)
        if (gr_starts_with(g.name, "tiff") || gr_starts_with(g.name, "webp")) {
            uint8_t *copy = gr_alloc(g.in_size, 1);
            memcpy(copy, g.in, g.in_size);
            each(copy, g.in_size);
            gr_free(copy);
        }
    gr_free(data);
}

/* A file cut off is refused, or has all its pixels: tags that say nothing about them may stand at its end. */
static void cut(uint8_t *bytes, size_t size)
{
    gr_image whole, part;
    assert_int_equal(gr_image_decode(bytes, size, "x", &whole, NULL), GR_OK);
    for (size_t length = 0; length < size; length += length < 300 || length + 40 > size ? 1 : 7) {
        gr_error err = {0};
        uint8_t *prefix = gr_alloc(length, 1);
        memcpy(prefix, bytes, length);
        gr_status status = gr_image_decode(prefix, length, "x", &part, &err);
        if (status == GR_OK) {
            assert_true(bytes[0] != 'R' && part.width == whole.width && part.height == whole.height);
            assert_memory_equal(part.pixels, whole.pixels, (size_t)whole.width * (size_t)whole.height * 3);
        } else {
            assert_true(status == GR_INVALID && gr_starts_with(err.text, "x: ") &&
                        strstr(err.text, "would be right") != NULL);
        }
        gr_image_free(&part);
        gr_free(prefix);
    }
    gr_image_free(&whole);
}

static void flip(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += i < 200 ? 1 : 5) {
        static const uint8_t MASKS[] = {0x01, 0x80, 0xff};
        uint8_t mask = MASKS[i % 3];
        bytes[i] ^= mask;
        gr_image image;
        gr_error err = {0};
        gr_status status = gr_image_decode(bytes, size, "x", &image, &err);
        if (!(status == GR_OK ? image.pixels != NULL : status == GR_INVALID && gr_starts_with(err.text, "x: ")))
            fail_msg("byte %zu ^ %#x of %zu: status %d, \"%s\"", i, mask, size, status, err.text);
        gr_image_free(&image);
        bytes[i] ^= mask;
    }
}

/* Runs `each` with what is written to stderr caught: the libraries must print nothing. */
static void in_silence(void (*each)(uint8_t *bytes, size_t size))
{
    FILE *caught = tmpfile();
    int before = dup(STDERR_FILENO);
    assert_true(caught != NULL && before >= 0 && dup2(fileno(caught), STDERR_FILENO) >= 0);
    for_each(each);
    fflush(stderr);
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    fseek(caught, 0, SEEK_END);
    assert_int_equal(ftell(caught), 0);
    fclose(caught);
}

static void cut_files_are_never_half_read(void **state)
{
    (void)state;
    in_silence(cut);
}

static void flipped_bytes_do_no_harm(void **state)
{
    (void)state;
    in_silence(flip);
}

/* ---- a TIFF made of tags ---- */

enum {
    WIDTH = 256,
    HEIGHT = 257,
    BITS = 258,
    COMPRESSION = 259,
    PHOTOMETRIC = 262,
    OFFSETS = 273,
    SAMPLES = 277,
    ROWS = 278,
    COUNTS = 279,
    PLANES = 284,
    TILE_WIDTH = 322,
    TILE_LENGTH = 323,
    TILE_OFFSETS = 324,
    TILE_COUNTS = 325,
    FORMAT = 339
};

typedef struct tag {
    uint16_t number;
    uint32_t value;
} tag;

enum { DATA = 400, FILE_BYTES = 1000 };

static void put(uint8_t *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* A grey picture of 4 x 4 pixels, uncompressed in one strip, with tags changed (value 0: left out) and added; its directory
 * names itself as the next one. */
static void make_tiff(const tag *changes, int count, uint8_t bytes[FILE_BYTES])
{
    tag tags[40] = {{WIDTH, 4},       {HEIGHT, 4},     {BITS, 8},    {COMPRESSION, 1},
                    {PHOTOMETRIC, 1}, {OFFSETS, DATA}, {SAMPLES, 1}, {COUNTS, 16}};
    int n = 8;
    for (int i = 0; i < count; i++) {
        int at = 0;
        while (at < n && tags[at].number != changes[i].number)
            at++;
        tags[at] = changes[i];
        n = at == n ? n + 1 : n;
    }
    memset(bytes, 0, FILE_BYTES);
    memcpy(bytes, "II*\0\x08\0\0\0", 8);
    int written = 0;
    for (uint32_t number = 0; number < 65536; number++) /* in order of their numbers */
        for (int i = 0; i < n; i++)
            if (tags[i].number == number && tags[i].value != 0) {
                uint8_t *entry = bytes + 10 + 12 * written++;
                put(entry, number, 2);
                put(entry + 2, 4, 2); /* LONG */
                put(entry + 4, 1, 4);
                put(entry + 8, tags[i].value, 4);
            }
    put(bytes + 8, (uint32_t)written, 2);
    put(bytes + 10 + 12 * written, 8, 4);
    for (int i = 0; i < 16; i++)
        bytes[DATA + i] = (uint8_t)(16 * i);
}

static void a_directory_that_names_itself_is_read_once(void **state)
{
    (void)state;
    uint8_t bytes[FILE_BYTES];
    gr_image image;
    gr_error err = {0};
    make_tiff(NULL, 0, bytes);
    if (gr_image_decode(bytes, FILE_BYTES, "x", &image, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int i = 0; i < 48; i++)
        assert_int_equal(image.pixels[i], 16 * (i / 3));
    gr_image_free(&image);
}

static void lying_tiffs_are_refused(void **state)
{
    (void)state;
    static const struct {
        tag tags[6];
        int count;
        const char *word;
    } LIES[] = {
        {{{WIDTH, 0}}, 1, "damaged TIFF"},
        {{{WIDTH, 100000}}, 1, "are allowed"},
        {{{WIDTH, 16384}, {HEIGHT, 16384}}, 2, "are allowed"},
        {{{WIDTH, 0xffffffff}, {HEIGHT, 0xffffffff}}, 2, "Integer overflow"},
        {{{HEIGHT, 10000}}, 1, "damaged TIFF"},
        {{{OFFSETS, 990}}, 1, "damaged TIFF"},
        {{{OFFSETS, 0xfffffff0}}, 1, "damaged TIFF"},
        {{{OFFSETS, 0}, {COUNTS, 0}}, 2, "damaged TIFF"},
        {{{PHOTOMETRIC, 0}, {BITS, 0}}, 2, "damaged TIFF"}, /* left out: no word about colours */
        {{{PHOTOMETRIC, 3}, {BITS, 4}}, 2, "damaged TIFF"}, /* no palette */
        {{{PHOTOMETRIC, 2}}, 1, "damaged TIFF"},            /* one sample is not R, G and B */
        {{{SAMPLES, 60000}}, 1, "samples"},
        {{{BITS, 32}}, 1, "32 bits a sample"},
        {{{BITS, 32}, {FORMAT, 3}}, 2, "floating-point"},
        {{{FORMAT, 2}}, 1, "with a sign"},
        {{{COMPRESSION, 777}}, 1, "compression 777"},
        {{{COMPRESSION, 6}}, 1, "before 1995"},
        {{{COMPRESSION, 5}}, 1, "damaged TIFF"}, /* LZW of other bytes */
        {{{COMPRESSION, 8}}, 1, "damaged TIFF"},
        {{{COMPRESSION, 7}}, 1, "damaged TIFF"},
        {{{PHOTOMETRIC, 8}, {SAMPLES, 3}}, 2, "colours other than"},
        {{{PHOTOMETRIC, 6}, {SAMPLES, 3}}, 2, "YCbCr pixels"},
        {{{PHOTOMETRIC, 32803}}, 1, "raw file"},
        {{{254, 1}}, 1, "thumbnail"},
        /* a tile of 256 MB for 16 pixels */
        {{{TILE_WIDTH, 16384}, {TILE_LENGTH, 16384}, {TILE_OFFSETS, DATA}, {TILE_COUNTS, 16}, {OFFSETS, 0}, {COUNTS, 0}},
         6,
         "damaged TIFF"},
        {{{TILE_WIDTH, 0xfffffff0},
          {TILE_LENGTH, 0xfffffff0},
          {TILE_OFFSETS, DATA},
          {TILE_COUNTS, 16},
          {OFFSETS, 0},
          {COUNTS, 0}},
         6,
         "damaged TIFF"},
        {{{TILE_WIDTH, 16}, {TILE_LENGTH, 16}, {TILE_OFFSETS, DATA}, {TILE_COUNTS, 16}, {OFFSETS, 0}, {COUNTS, 0}},
         6,
         "damaged TIFF"},
    };
    for (size_t i = 0; i < sizeof(LIES) / sizeof(LIES[0]); i++) {
        uint8_t bytes[FILE_BYTES];
        make_tiff(LIES[i].tags, LIES[i].count, bytes);
        assert_refused(bytes, FILE_BYTES, LIES[i].word);
    }
}

/* ---- what is not read ---- */

static void other_kinds_are_named_with_what_converts_them(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *name, *text;
    } FILES[] = {
        {"\0\0\0\x18"
         "ftypheic\0\0\0\0mif1heic",
         24, "a b.jpg",
         "a b.jpg: is a HEIC file, a PNG, JPEG, WebP or TIFF image would be right; this makes one: "
         "mogrify -auto-orient -format png 'a b.jpg' (Debian's package imagemagick)"},
        {"\0\0\0\x1c"
         "ftypmif1\0\0\0\0mif1avif",
         24, "x", "is an AVIF file"},
        {"\0\0\0\x14"
         "ftypavif\0\0\0\0",
         16, "x", "is an AVIF file"},
        {"\0\0\0\x18"
         "ftypmp42\0\0\0\0isommp42",
         24, "x", "is a video file"},
        {"\0\0\0\x18"
         "ftypcrx \0\0\0\x01"
         "crx isom",
         24, "x", "is a camera's raw file"},
        {"GIF89a\1\0\1\0", 10, "f/x.gif",
         "is a GIF file, a PNG, JPEG, WebP or TIFF image would be right; this makes one: "
         "mogrify -auto-orient -format png 'f/x.gif[0]'"},
        {"BM\0\0\0\0\0\0", 8, "-x.bmp",
         "is a BMP file, a PNG, JPEG, WebP or TIFF image would be right; this makes one: "
         "mogrify -auto-orient -format png ./-x.bmp "},
        {"\xff\x0a\0\0", 4, "it's", "ffmpeg -i FILE FILE.png "},
        {"\0\0\0\x0cJXL \r\n\x87\n", 12, "x",
         "is a JPEG XL file, a PNG, JPEG, WebP or TIFF image would be right; this makes one: "
         "ffmpeg -i x x.png (Debian's package ffmpeg)"},
        {"\0\0\0\x0cjP  \r\n\x87\n", 12, "x", "is a JPEG 2000 file"},
        {"P6 1 1 255 abc", 14, "x", "is a PNM file"},
        {"8BPS\0\1", 6, "x", "is a Photoshop file"},
        {"II*\0\x10\0\0\0CR\2\0", 12, "x", "is a camera's raw file"},
        {"RIFF\0\0\0\0AVI LIST", 16, "x", "is a video file"},
        {"RIFF\0\0\0\0WAVEfmt ", 16, "x", "is not an image"},
        {"PK\3\4", 4, "x", "is a ZIP file"},
        {"P", 1, "x", "is not an image"},
    };
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        gr_error err = {0};
        gr_image image;
        assert_int_equal(gr_image_decode(FILES[i].bytes, FILES[i].size, FILES[i].name, &image, &err), GR_INVALID);
        if (strstr(err.text, FILES[i].text) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.text, FILES[i].text);
    }
    char *name = gr_alloc(700, 1);
    memset(name, 'n', 699);
    gr_error err = {0};
    gr_image image;
    assert_int_equal(gr_image_decode("GIF89a", 6, name, &image, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "'FILE[0]' (Debian's package imagemagick)"));
    gr_free(name);
}

static void an_animated_webp_is_named(void **state)
{
    (void)state;
    /* VP8X with its flag for animations, 1 x 1 */
    static const char BYTES[] = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0";
    assert_refused(BYTES, sizeof(BYTES) - 1, "is an animated WebP");
}

static void names_end_as_pictures_do(void **state)
{
    (void)state;
    static const char *const READ[] = {"a.png",  "b/a.PNG", "a.jpg", "a.JPEG",   "a.jpe",
                                       "a.Jfif", "a.webp",  "a.tif", "x.y.TIFF", "a.mpo"};
    static const char *const NOT[] = {"a.txt",          "png",  "a.",    "a",      "",    "a.png~",
                                      "a.jpg_original", "a.pn", "a.gif", "a.heic", "a. ", "a.png .jpg "};
    for (size_t i = 0; i < sizeof(READ) / sizeof(READ[0]); i++)
        assert_true(gr_image_ending(READ[i]) && !gr_image_foreign(READ[i], NULL));
    for (size_t i = 0; i < sizeof(NOT) / sizeof(NOT[0]); i++)
        assert_false(gr_image_ending(NOT[i]));
    gr_text advice = {0};
    assert_true(gr_image_foreign("b/a.HEIC", &advice));
    assert_string_equal(advice.data,
                        "a HEIC file is not read; this makes a PNG of it: mogrify -auto-orient -format png b/a.HEIC "
                        "(Debian's package imagemagick)");
    gr_text_free(&advice);
    assert_true(gr_image_foreign("a.bmp", NULL) && !gr_image_foreign("a.csv", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_as_pillow),         cmocka_unit_test(cut_files_are_never_half_read),
        cmocka_unit_test(flipped_bytes_do_no_harm),  cmocka_unit_test(a_directory_that_names_itself_is_read_once),
        cmocka_unit_test(lying_tiffs_are_refused),   cmocka_unit_test(other_kinds_are_named_with_what_converts_them),
        cmocka_unit_test(an_animated_webp_is_named), cmocka_unit_test(names_end_as_pictures_do),
    };
    return cmocka_run_group_tests_name("image-formats", tests, NULL, NULL);
}
