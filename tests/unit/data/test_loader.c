/* The loader: every sample once, the same bits for any number of threads, errors and early ends without a hang. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/loader.h"
#include "support/folder.h"

enum { FILES = 23, SIZE = 16 };

static char folder[TEST_TEMP];
static char *paths[FILES];
static gr_sample samples[FILES];
static const gr_transform TRAIN[] = {
    {.kind = GR_TRANSFORM_RESIZE, .a = 20}, {.kind = GR_TRANSFORM_RANDOM_CROP, .a = SIZE}, {.kind = GR_TRANSFORM_HFLIP, .a = 0.5}};

static int make_files(void **state)
{
    (void)state;
    if (test_temp_folder(folder, "loader") == NULL)
        return -1;
    for (int i = 0; i < FILES; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d.png", i);
        paths[i] = gr_path_join(folder, name);
        gr_image image;
        gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, (uint64_t)i);
        if (gr_image_make(22 + i % 5, 25, &image, NULL) != GR_OK)
            return -1;
        for (int k = 0; k < image.width * image.height * 3; k++)
            image.pixels[k] = (uint8_t)gr_rng_u32(&rng);
        if (gr_png_write(paths[i], &image, NULL) != GR_OK)
            return -1;
        gr_image_free(&image);
        samples[i] = (gr_sample){.path = paths[i]};
    }
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++) {
        unlink(paths[i]);
        gr_free(paths[i]);
    }
    return rmdir(folder);
}

static gr_loader_options options(int threads)
{
    return (gr_loader_options){.samples = samples,
                               .count = FILES,
                               .size = SIZE,
                               .channels = 3,
                               .mean = {0.4f, 0.5f, 0.6f},
                               .std = {0.2f, 0.3f, 0.4f},
                               .transforms = TRAIN,
                               .transform_count = 3,
                               .transforms_key = "data.train_transforms",
                               .seed = 11,
                               .threads = threads};
}

static gr_loader *create(const gr_loader_options *o)
{
    gr_loader *l;
    gr_error err = {0};
    if (gr_loader_create(o, &l, &err) != GR_OK)
        fail_msg("%s", err.text);
    return l;
}

static void start(gr_loader *l, uint32_t epoch, const int64_t *order, int64_t count, int64_t batch, bool drop_last)
{
    gr_error err = {0};
    if (gr_loader_start(l, epoch, order, count, batch, drop_last, &err) != GR_OK)
        fail_msg("%s", err.text);
}

static void identity(int64_t order[FILES])
{
    for (int64_t i = 0; i < FILES; i++)
        order[i] = i;
}

/* One whole pass; pixels by position in `all`, a NaN-proof copy. Returns how many samples came, in *batches how many calls.
 */
static int64_t run_pass(gr_loader *l, float *all, int64_t *came, int64_t *batches)
{
    int64_t total = 0;
    *batches = 0;
    for (;;) {
        const float *pixels;
        const int64_t *indices;
        int64_t n;
        gr_error err = {0};
        if (gr_loader_next(l, &pixels, &indices, &n, &err) != GR_OK)
            fail_msg("%s", err.text);
        if (n == 0)
            return total;
        memcpy(all + total * SIZE * SIZE * 3, pixels, (size_t)n * SIZE * SIZE * 3 * sizeof(float));
        memcpy(came + total, indices, (size_t)n * sizeof(*indices));
        total += n;
        ++*batches;
    }
}

static void same_bits_for_any_number_of_threads_and_any_cache(void **state)
{
    (void)state;
    size_t bytes = FILES * SIZE * SIZE * 3 * sizeof(float);
    float *first = gr_alloc(bytes, 1), *again = gr_alloc(bytes, 1);
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
        int64_t order[FILES], came[FILES], batches;
        identity(order);
        gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 1, epoch);
        gr_rng_shuffle(&rng, order, FILES);
        for (int variant = 0; variant < 8; variant++) {
            gr_loader_options o = options(1 + variant % 4);
            o.cache_bytes = variant < 4 ? 0 : variant == 5 ? 8000 : 1; /* all, some, none */
            gr_loader *l = create(&o);
            start(l, epoch, order, FILES, variant == 7 ? 23 : 4 + variant, false);
            float *to = variant == 0 ? first : again;
            assert_int_equal(run_pass(l, to, came, &batches), FILES);
            assert_memory_equal(came, order, sizeof(order));
            assert_memory_equal(first, to, bytes);
            gr_loader_destroy(l);
        }
    }
    gr_free(first);
    gr_free(again);
}

static void epochs_differ_and_come_back(void **state)
{
    (void)state;
    size_t bytes = FILES * SIZE * SIZE * 3 * sizeof(float);
    float *pass[3];
    int64_t order[FILES], came[FILES], batches;
    identity(order);
    gr_loader_options o = options(2);
    gr_loader *l = create(&o);
    for (int i = 0; i < 3; i++) {
        pass[i] = gr_alloc(bytes, 1);
        start(l, i == 1 ? 8 : 7, order, FILES, 5, false);
        run_pass(l, pass[i], came, &batches);
    }
    assert_memory_equal(pass[0], pass[2], bytes);
    assert_memory_not_equal(pass[0], pass[1], bytes);
    gr_loader_destroy(l);
    for (int i = 0; i < 3; i++)
        gr_free(pass[i]);
}

static void batches_are_cut_as_asked(void **state)
{
    (void)state;
    float *all = gr_alloc(2 * FILES * SIZE * SIZE * 3, sizeof(float));
    int64_t order[2 * FILES], came[2 * FILES], batches, n;
    identity(order);
    identity(order + FILES);
    gr_loader_options o = options(3);
    gr_loader *l = create(&o);
    gr_error err = {0};
    assert_int_equal(gr_loader_next(l, NULL, NULL, &n, &err), GR_OK); /* nothing started */
    assert_int_equal(n, 0);
    static const struct {
        int64_t count, batch;
        bool drop;
        int64_t total, batches;
    } CUTS[] = {{23, 5, false, 23, 5},  {23, 5, true, 20, 4},  {23, 1, true, 23, 23},        {23, 23, true, 23, 1},
                {23, 64, false, 23, 1}, {23, 64, true, 0, 0},  {0, 4, false, 0, 0},          {46, 7, false, 46, 7},
                {1, 1, false, 1, 1},    {20, 5, false, 20, 4}, {23, INT64_MAX, false, 23, 1}};
    for (size_t i = 0; i < sizeof(CUTS) / sizeof(CUTS[0]); i++) {
        start(l, 0, order, CUTS[i].count, CUTS[i].batch, CUTS[i].drop);
        assert_int_equal(run_pass(l, all, came, &batches), CUTS[i].total);
        assert_int_equal(batches, CUTS[i].batches);
        assert_memory_equal(came, order, (size_t)CUTS[i].total * sizeof(*order));
    }
    /* A sample that comes twice is augmented twice, in its own way. */
    start(l, 0, order, 46, 7, false);
    run_pass(l, all, came, &batches);
    assert_memory_not_equal(all, all + FILES * SIZE * SIZE * 3, FILES * SIZE * SIZE * 3 * sizeof(float));
    gr_loader_destroy(l);
    gr_free(all);
}

static void pixels_are_those_of_the_pipeline(void **state)
{
    (void)state;
    float *all = gr_alloc(FILES * SIZE * SIZE * 3, sizeof(float)), one[SIZE * SIZE * 3];
    int64_t order[FILES], came[FILES], batches;
    identity(order);
    gr_loader_options o = options(2);
    gr_loader *l = create(&o);
    start(l, 4, order, FILES, 6, false);
    run_pass(l, all, came, &batches);
    gr_pipeline *p;
    assert_int_equal(gr_pipeline_create(TRAIN, 3, SIZE, 3, o.mean, o.std, &p, NULL), GR_OK);
    for (int i = 0; i < FILES; i++) {
        gr_image image;
        assert_int_equal(gr_image_read(paths[i], &image, NULL), GR_OK);
        assert_int_equal(gr_pipeline_apply(p, 0, &image, (gr_augment_key){11, 4, (uint64_t)i}, one, NULL), GR_OK);
        assert_memory_equal(one, all + i * SIZE * SIZE * 3, sizeof(one));
        gr_image_free(&image);
    }
    gr_pipeline_destroy(p);
    gr_loader_destroy(l);
    gr_free(all);
}

static void loaders_share_a_cache(void **state)
{
    (void)state;
    gr_image_cache *cache;
    assert_int_equal(gr_image_cache_create(0, &cache, NULL), GR_OK);
    float *all = gr_alloc(FILES * SIZE * SIZE * 3, sizeof(float));
    int64_t order[FILES], came[FILES], batches;
    identity(order);
    gr_sample boxed[FILES];
    for (int i = 0; i < FILES; i++)
        boxed[i] = (gr_sample){.path = paths[i], .has_box = true, .box = {1, 2, 18, 17 + i % 2}};
    gr_loader_options o = options(2);
    o.cache = cache;
    gr_loader *train = create(&o), *train_again = create(&o);
    o.samples = boxed;
    gr_loader *cut = create(&o);
    gr_loader *all_loaders[] = {train, train_again, cut, train, cut};
    static const size_t COUNTS[] = {FILES, FILES, 2 * FILES, 2 * FILES, 2 * FILES};
    for (int i = 0; i < 5; i++) {
        start(all_loaders[i], 0, order, FILES, 4, false);
        run_pass(all_loaders[i], all, came, &batches);
        assert_int_equal(gr_image_cache_count(cache), COUNTS[i]);
        size_t bytes = gr_image_cache_bytes(cache), pixels = COUNTS[i] * 20 * 20 * 3;
        assert_true(bytes >= pixels && bytes <= pixels + COUNTS[i] * 300);
    }
    gr_loader_destroy(cut);
    gr_loader_destroy(train_again);
    gr_loader_destroy(train);
    /* Kept images are used: the files may go. */
    o.samples = samples;
    train = create(&o);
    char *away = gr_path_join(folder, "away");
    assert_int_equal(rename(paths[0], away), 0);
    start(train, 1, order, FILES, 4, false);
    assert_int_equal(run_pass(train, all, came, &batches), FILES);
    assert_int_equal(rename(away, paths[0]), 0);
    gr_free(away);
    gr_loader_destroy(train);
    gr_image_cache_destroy(cache);
    gr_free(all);
}

/* The left upper part of wide pictures; nothing is found in narrow ones. */
static gr_status cut_corner(const void *ctx, const gr_image *image, double box[4], gr_error *err)
{
    int *calls = (int *)ctx;
    (*calls)++;
    memcpy(box, (double[4]){1, 2, 18, 17}, 4 * sizeof *box);
    return image->width > 22 ? GR_OK : gr_fail(err, GR_INVALID, "nothing in it");
}

static void cutters_stand_in_for_boxes(void **state)
{
    (void)state;
    int calls = 0;
    const gr_cutter cutter = {cut_corner, &calls, 5};
    float *cut = gr_alloc(FILES * SIZE * SIZE * 3, sizeof(float)), *boxed = gr_alloc(FILES * SIZE * SIZE * 3, sizeof(float));
    int64_t order[FILES], came[FILES], batches, wide = 0;
    gr_sample some[FILES];
    for (int i = 0; i < FILES; i++)
        if (i % 5 != 0) {
            order[wide] = wide;
            some[wide++] = (gr_sample){.path = paths[i], .has_box = true, .box = {1, 2, 18, 17}};
        }
    gr_loader_options o = options(1);
    o.samples = some;
    o.count = wide;
    o.cutter = &cutter;
    gr_loader *l = create(&o);
    start(l, 0, order, wide, 4, false);
    run_pass(l, boxed, came, &batches);
    assert_int_equal(calls, 0); /* a sample's own box is what counts */
    gr_loader_destroy(l);
    for (int64_t i = 0; i < wide; i++)
        some[i].has_box = false;
    l = create(&o);
    for (int pass = 0; pass < 2; pass++) {
        start(l, 0, order, wide, 4, false);
        run_pass(l, cut, came, &batches);
        assert_int_equal(calls, wide); /* kept for the second pass */
        assert_memory_equal(cut, boxed, (size_t)wide * SIZE * SIZE * 3 * sizeof *cut);
    }
    gr_loader_destroy(l);
    some[3].path = paths[5]; /* a narrow one */
    some[3].where = "m.csv:5: image";
    l = create(&o);
    gr_error err = {0};
    gr_status status = GR_OK;
    int64_t n = 1;
    start(l, 0, order, wide, 4, false);
    while (status == GR_OK && n > 0)
        status = gr_loader_next(l, NULL, NULL, &n, &err);
    assert_int_equal(status, GR_INVALID);
    assert_non_null(strstr(err.text, "m.csv:5: image: "));
    assert_non_null(strstr(err.text, "5.png: nothing in it"));
    gr_loader_destroy(l);
    gr_free(cut);
    gr_free(boxed);
}

/* Runs until the error; returns how many samples came before it. */
static int64_t run_to_error(gr_loader *l, gr_error *err)
{
    int64_t total = 0;
    for (;;) {
        int64_t n;
        gr_status status = gr_loader_next(l, NULL, NULL, &n, err);
        if (status != GR_OK)
            return total;
        if (n == 0)
            fail_msg("the pass ended without its error");
        total += n;
    }
}

static void a_bad_file_fails_its_batch_and_names_itself(void **state)
{
    (void)state;
    static const char *const TEXT = "not an image";
    char *bad = gr_path_join(folder, "bad.png");
    assert_int_equal(gr_file_write(bad, TEXT, strlen(TEXT), NULL), GR_OK);
    gr_sample mixed[FILES];
    memcpy(mixed, samples, sizeof(mixed));
    mixed[13] = (gr_sample){.path = bad, .where = "manifest.csv:15: image"};
    mixed[15] = (gr_sample){.path = "absent.png"};
    mixed[21] = (gr_sample){.path = paths[0], .has_box = true, .box = {20, 20, 30, 3}};
    int64_t order[FILES];
    identity(order);
    for (int threads = 1; threads <= 3; threads++) {
        gr_loader_options o = options(threads);
        o.samples = mixed;
        gr_loader *l = create(&o);
        for (int round = 0; round < 2; round++) {
            start(l, 0, order, FILES, 4, false);
            gr_error err = {0}, again = {0};
            assert_int_equal(run_to_error(l, &err), 12);
            assert_int_equal(err.status, GR_INVALID);
            assert_true(gr_starts_with(err.text, "manifest.csv:15: image: "));
            assert_non_null(strstr(err.text, "bad.png: is not an image"));
            int64_t n;
            assert_int_equal(gr_loader_next(l, NULL, NULL, &n, &again), GR_INVALID); /* and stays */
            assert_string_equal(err.text, again.text);
        }
        gr_error err = {0};
        start(l, 0, (const int64_t[]){0, 21}, 2, 4, false);
        assert_int_equal(run_to_error(l, &err), 0);
        assert_non_null(strstr(err.text, "beyond the image"));
        start(l, 0, (const int64_t[]){0, 1}, 2, 4, false); /* a good pass after a bad one */
        int64_t n;
        assert_int_equal(gr_loader_next(l, NULL, NULL, &n, NULL), GR_OK);
        assert_int_equal(n, 2);
        gr_loader_destroy(l);
    }
    unlink(bad);
    gr_free(bad);
}

static void a_tolerant_loader_goes_on(void **state)
{
    (void)state;
    enum { BROKEN = 5, BATCH = 4 };
    gr_sample some[FILES];
    int64_t order[FILES];
    char *nowhere = gr_path_join(folder, "nowhere.png");
    memcpy(some, samples, sizeof some);
    some[BROKEN] = (gr_sample){.path = nowhere, .where = "table.csv:7: image"};
    for (int i = 0; i < FILES; i++)
        order[i] = i;
    static float whole[FILES * SIZE * SIZE * 3], part[FILES * SIZE * SIZE * 3];
    const size_t floats = SIZE * SIZE * 3;
    for (int tolerant = 0; tolerant < 2; tolerant++)
        for (int threads = 1; threads < 4; threads++) {
            gr_loader_options o = options(threads);
            gr_loader *loader;
            gr_error err = {0};
            o.samples = tolerant ? some : samples;
            o.tolerant = tolerant;
            assert_int_equal(gr_loader_create(&o, &loader, &err), GR_OK);
            for (int pass = 0; pass < 2; pass++) {
                assert_int_equal(gr_loader_start(loader, 0, order, FILES, BATCH, false, &err), GR_OK);
                float *to = tolerant ? part : whole;
                for (int64_t n = 1, done = 0; n > 0; done += n) {
                    const float *pixels;
                    assert_int_equal(gr_loader_next(loader, &pixels, NULL, &n, &err), GR_OK);
                    if (n > 0)
                        memcpy(to + (size_t)done * floats, pixels, (size_t)n * floats * sizeof *to);
                }
            }
            for (int i = 0; i < FILES; i++) {
                const char *problem = gr_loader_problem(loader, i);
                assert_int_equal(problem != NULL, tolerant && i == BROKEN);
                if (problem != NULL)
                    assert_true(gr_starts_with(problem, nowhere));
                else if (tolerant)
                    assert_memory_equal(part + (size_t)i * floats, whole + (size_t)i * floats, floats * sizeof *part);
            }
            gr_loader_destroy(loader);
        }
    gr_free(nowhere);
}

static void sizes_that_do_not_fit_name_the_key(void **state)
{
    (void)state;
    static const gr_transform CROP[] = {{.kind = GR_TRANSFORM_HFLIP, .a = 0.5}, {.kind = GR_TRANSFORM_RANDOM_CROP, .a = 24}};
    int64_t order[FILES];
    identity(order);
    gr_loader_options o = options(2);
    o.transforms = CROP;
    o.transform_count = 2;
    o.size = 24;
    gr_loader *l = create(&o);
    gr_error err = {0};
    start(l, 0, order, FILES, 4, false);
    assert_int_equal(run_to_error(l, &err), 0);
    assert_non_null(strstr(err.text, "0.png: data.train_transforms: {random_crop: 24} needs at least 24 x 24"));
    gr_loader_destroy(l);
    err = (gr_error){0};
    o.size = 32;
    assert_int_equal(gr_loader_create(&o, &l, &err), GR_INVALID);
    assert_true(gr_starts_with(err.text, "data.train_transforms: the transforms end in 24 x 24"));
    assert_null(l);
    err = (gr_error){0};
    o = options(1);
    o.channels = 4;
    assert_int_equal(gr_loader_create(&o, &l, &err), GR_INVALID);
    assert_true(gr_starts_with(err.text, "data.image.channels: "));
    o = options(1);
    l = create(&o);
    static const int64_t WRONG[] = {0, FILES};
    assert_int_equal(gr_loader_start(l, 0, WRONG, 2, 1, false, NULL), GR_INVALID);
    assert_int_equal(gr_loader_start(l, 0, order, FILES, 0, false, NULL), GR_INVALID);
    gr_loader_destroy(l);
}

static void a_pass_may_be_left_at_any_point(void **state)
{
    (void)state;
    int64_t order[FILES];
    identity(order);
    for (int taken = 0; taken < 6; taken++) {
        for (int threads = 1; threads <= 3; threads++) {
            gr_loader_options o = options(threads);
            gr_loader *l = create(&o);
            for (int round = 0; round < 3; round++) { /* left for another pass, then for good */
                start(l, (uint32_t)round, order, FILES, 3, false);
                for (int i = 0; i < taken; i++) {
                    int64_t n;
                    assert_int_equal(gr_loader_next(l, NULL, NULL, &n, NULL), GR_OK);
                    assert_int_equal(n, 3);
                }
            }
            gr_loader_destroy(l);
        }
    }
    gr_loader_options o = options(2);
    gr_loader_destroy(create(&o)); /* never started */
    gr_loader_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_for_any_number_of_threads_and_any_cache),
        cmocka_unit_test(epochs_differ_and_come_back),
        cmocka_unit_test(batches_are_cut_as_asked),
        cmocka_unit_test(pixels_are_those_of_the_pipeline),
        cmocka_unit_test(loaders_share_a_cache), cmocka_unit_test(cutters_stand_in_for_boxes),
        cmocka_unit_test(a_bad_file_fails_its_batch_and_names_itself),
        cmocka_unit_test(a_tolerant_loader_goes_on),
        cmocka_unit_test(sizes_that_do_not_fit_name_the_key),
        cmocka_unit_test(a_pass_may_be_left_at_any_point),
    };
    return cmocka_run_group_tests_name("loader", tests, make_files, remove_files);
}
