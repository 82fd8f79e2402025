/* Resizing as Pillow, TensorFlow and OpenCV do it, beside their own pixels (tests/parity/make_resize.py). */
#include "support/support.h"
#include "image/resizers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sizes {
    int in_w, in_h, out_w, out_h;
} sizes;

static void picture(const sizes *s, gr_image *out)
{
    gr_error err = {0};
    assert_int_equal(gr_image_make(s->in_w, s->in_h, out, &err), GR_OK);
    for (int i = 0; i < s->in_w * s->in_h * 3; i++)
        out->pixels[i] = (uint8_t)floor(((double)test_number((uint32_t)s->in_w, (uint32_t)i) + 1) * 128);
}

static bool bytes_agree(gr_like like, gr_filter filter, const sizes *s, const gr_image *in, const uint8_t *want)
{
    gr_image got;
    gr_error err = {0};
    gr_image_part part = {in->pixels, (size_t)in->width * 3, in->width, in->height};
    gr_status status = like == GR_LIKE_PILLOW ? gr_image_resize_pillow(part, s->out_w, s->out_h, filter, &got, &err)
                                              : gr_image_resize_opencv(part, s->out_w, s->out_h, filter, &got, &err);
    assert_int_equal(status, GR_OK);
    int off = 0, far = 0, count = s->out_w * s->out_h * 3;
    for (int i = 0; i < count; i++) {
        int distance = abs((int)got.pixels[i] - (int)want[i]);
        off += distance > 0;
        far = distance > far ? distance : far;
    }
    gr_image_free(&got);
    if (off > 0)
        print_error("%s %s %dx%d to %dx%d: %d of %d bytes differ, by up to %d\n", gr_like_name(like), gr_filter_name(filter),
                    s->in_w, s->in_h, s->out_w, s->out_h, off, count, far);
    return off == 0;
}

static bool floats_agree(gr_filter filter, bool antialias, const sizes *s, const gr_image *in, const float *want)
{
    gr_error err = {0};
    size_t in_count = (size_t)s->in_w * (size_t)s->in_h * 3, count = (size_t)s->out_w * (size_t)s->out_h * 3;
    float *from = gr_alloc(in_count, sizeof *from), *got = gr_alloc(count, sizeof *got), far = 0;
    for (size_t i = 0; i < in_count; i++)
        from[i] = in->pixels[i];
    assert_int_equal(gr_floats_resize_tf(from, s->in_w, s->in_h, s->out_w, s->out_h, filter, antialias, got, &err), GR_OK);
    for (size_t i = 0; i < count; i++)
        far = fmaxf(far, fabsf(got[i] - want[i]) / 255);
    gr_free(from);
    gr_free(got);
    if (far > 1e-6f)
        print_error("tf %s %s%dx%d to %dx%d: off by %g of the range\n", gr_filter_name(filter),
                    antialias ? "antialiased " : "", s->in_w, s->in_h, s->out_w, s->out_h, (double)far);
    return far <= 1e-6f;
}

static int named(const char *(*name)(int i), const char *word)
{
    int i = 0;
    while (name(i) != NULL && strcmp(name(i), word) != 0)
        i++;
    assert_non_null(name(i));
    return i;
}

static void every_filter_gives_its_owners_pixels(void **state)
{
    (void)state;
    FILE *file = fopen("tests/parity/image/resample.bin", "rb");
    assert_non_null(file);
    char like[20], filter[20];
    int antialias, cases = 0;
    sizes s;
    bool good = true;
    while (fscanf(file, "%19s %19s %d %d %d %d %d", like, filter, &antialias, &s.in_w, &s.in_h, &s.out_w, &s.out_h) == 7) {
        assert_int_equal(fgetc(file), '\n');
        gr_like owner = (gr_like)named(gr_like_name, like);
        gr_filter which = (gr_filter)named(gr_filter_name, filter);
        size_t size = (size_t)s.out_w * (size_t)s.out_h * 3 * (owner == GR_LIKE_TF ? sizeof(float) : 1);
        void *want = gr_alloc(size, 1);
        gr_image in;
        assert_int_equal(fread(want, 1, size, file), size);
        picture(&s, &in);
        good = (owner == GR_LIKE_TF ? floats_agree(which, antialias != 0, &s, &in, want)
                                    : bytes_agree(owner, which, &s, &in, want)) &&
               good;
        gr_image_free(&in);
        gr_free(want);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 7 * 20 - 5);
    assert_true(good);
}

/* The default of `resize` has an implementation of its own. */
static void pillows_bilinear_is_the_default(void **state)
{
    (void)state;
    gr_error err = {0};
    const sizes s = {37, 21, 16, 30};
    gr_image in, a, b;
    picture(&s, &in);
    assert_int_equal(gr_image_resize(&in, 16, 30, &a, &err), GR_OK);
    assert_int_equal(
        gr_image_resize_pillow((gr_image_part){in.pixels, 37 * 3, 37, 21}, 16, 30, GR_FILTER_BILINEAR, &b, &err), GR_OK);
    assert_memory_equal(a.pixels, b.pixels, 16 * 30 * 3);
    gr_image_free(&in);
    gr_image_free(&a);
    gr_image_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_gives_its_owners_pixels),
        cmocka_unit_test(pillows_bilinear_is_the_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
