/* The quick look at a JPEG: what it calls good, the decoder reads to the same size, whatever was cut off or changed; and
 * whole pictures of all common kinds are good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include <jpeglib.h>

#include "image/image.h"
#include "image/jpeg_look.h"
#include "support/look.h"

enum { WIDTH = 61, HEIGHT = 45 };

typedef struct form {
    bool grey, progressive, arithmetic, cmyk;
    int sampling, restart, orientation;
} form;

/* A noisy picture; *size bytes, of libjpeg's own block. */
static unsigned char *make(const form *f, unsigned long *size)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL, row[WIDTH * 4];
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, 0);
    *size = 0;
    j.err = jpeg_std_error(&errors);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &bytes, size);
    j.image_width = WIDTH;
    j.image_height = HEIGHT;
    j.input_components = f->grey ? 1 : f->cmyk ? 4 : 3;
    j.in_color_space = f->grey ? JCS_GRAYSCALE : f->cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 80, TRUE);
    j.arith_code = f->arithmetic;
    j.restart_interval = (unsigned)f->restart;
    if (f->sampling > 0)
        j.comp_info[0].h_samp_factor = j.comp_info[0].v_samp_factor = f->sampling;
    if (f->progressive)
        jpeg_simple_progression(&j);
    jpeg_start_compress(&j, TRUE);
    if (f->orientation > 0) {
        unsigned char exif[] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0";
        exif[24] = (unsigned char)f->orientation;
        jpeg_write_marker(&j, JPEG_APP0 + 1, exif, sizeof exif - 1);
    }
    for (int y = 0; y < HEIGHT; y++) {
        JSAMPROW rows = row;
        for (int x = 0; x < WIDTH * j.input_components; x++)
            row[x] = (unsigned char)(2 * x + y + (int)gr_rng_below(&rng, 40));
        jpeg_write_scanlines(&j, &rows, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    return bytes;
}

static void whole_pictures_are_good(void **state)
{
    (void)state;
    static const form forms[] = {{0},
                                 {.grey = true},
                                 {.progressive = true},
                                 {.sampling = 1},
                                 {.restart = 2},
                                 {.arithmetic = true},
                                 {.orientation = 3},
                                 {.orientation = 6},
                                 {.orientation = 8, .progressive = true}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        unsigned long size;
        unsigned char *bytes = make(&forms[i], &size);
        int width, height;
        assert_true(test_look_agrees(gr_jpeg_look, bytes, size));
        assert_true(gr_jpeg_look(bytes, size, &width, &height));
        assert_int_equal(width, forms[i].orientation >= 5 ? HEIGHT : WIDTH);
        free(bytes);
    }
    unsigned long size;
    unsigned char *bytes = make(&(form){.cmyk = true}, &size);
    int width, height;
    assert_false(gr_jpeg_look(bytes, size, &width, &height)); /* left to the decoder */
    free(bytes);
    assert_false(gr_jpeg_look("\x89PNG\r\n\x1a\n", 8, &width, &height));
    assert_false(gr_jpeg_look("", 0, &width, &height));
}

static void what_is_damaged_is_left_to_the_decoder(void **state)
{
    (void)state;
    static const form forms[] = {{0}, {.progressive = true}, {.restart = 2}, {.grey = true, .orientation = 6}};
    gr_rng rng = gr_rng_make(4, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        unsigned long size;
        int good = 0;
        unsigned char *bytes = make(&forms[i], &size);
        test_look_refuses_parts(gr_jpeg_look, bytes, size);
        for (int round = 0; round < 1500; round++) {
            size_t at = gr_rng_below(&rng, size);
            unsigned char kept = bytes[at];
            bytes[at] = (unsigned char)gr_rng_below(&rng, 256);
            good += test_look_agrees(gr_jpeg_look, bytes, size);
            bytes[at] = kept;
        }
        assert_true(good >= 1 && good <= 1499);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_pictures_are_good),
        cmocka_unit_test(what_is_damaged_is_left_to_the_decoder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
