/* A frozen backbone's features: the same bits whatever images stand beside in the batch, and a file that gives back what it
 * was given, or nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "learners/extractor.h"
#include "learners/feature_file.h"
#include "support/folder.h"

enum { ROWS = 7, WIDTH = 5 };

static char folder[TEST_TEMP];
static char path[300];

static int make_folder(void **state)
{
    (void)state;
    if (test_temp_folder(folder, "features") == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/in/a.features", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- extractor ---------------------------------------------------------------------------------------------------- */

static void places_of_a_batch_compute_alike(const char *backbone, const char *head, int64_t size)
{
    gr_model_options options = {.backbone = backbone, .head = head, .size = size, .channels = 3, .classes = 2};
    gr_model *model;
    gr_params *params;
    gr_extractor *x;
    gr_error err = {0};
    if (gr_model_create(&options, &model, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_params_create(model->graph, 3, false, &params, &err), GR_OK);
    assert_int_equal(gr_extractor_create(model, params, &x, &err), GR_OK);
    gr_shape shape = gr_value_shape(model->head_input);
    size_t pixels = (size_t)(size * size * 3), width = (size_t)gr_shape_elements(&shape);
    enum { N = GR_EXTRACTOR_BATCH + 5 };
    float *in = gr_alloc(N * pixels, sizeof *in), *whole = gr_alloc(N * width, sizeof *whole),
          *part = gr_alloc(N * width, sizeof *part);
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < N * pixels; i++)
        in[i] = (float)gr_rng_normal(&rng);
    gr_extractor_run(x, in, N, whole);
    for (int64_t first = 0; first < 4; first++) { /* each image comes to another place, beside others */
        int64_t n = 9 + first * 7;
        gr_extractor_run(x, in + (size_t)(first * 2) * pixels, n, part);
        if (memcmp(part, whole + (size_t)(first * 2) * width, (size_t)n * width * sizeof *part) != 0)
            fail_msg("%s: the features of %lld images from number %lld on differ", backbone, (long long)n,
                     (long long)first * 2);
    }
    gr_extractor_run(x, in + N * pixels - pixels, 1, part);
    assert_memory_equal(part, whole + (N - 1) * width, width * sizeof *part);
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < width; i++) {
        least = fminf(least, part[i]);
        most = fmaxf(most, part[i]);
    }
    assert_true(least < most); /* not a batch of zeros */
    gr_extractor_destroy(x);
    gr_params_destroy(params);
    gr_model_destroy(model);
    gr_free(in);
    gr_free(whole);
    gr_free(part);
}

static void test_extractor(void **state)
{
    (void)state;
    places_of_a_batch_compute_alike("resnet50", "linear", 40);
    places_of_a_batch_compute_alike("resnet18", "painseeker", 64);
    places_of_a_batch_compute_alike("inception_v3", "linear", 75);
    places_of_a_batch_compute_alike("mobilenet_v3_small", "linear", 40);
    places_of_a_batch_compute_alike("efficientnet_b0", "linear", 40);
    places_of_a_batch_compute_alike("shufflenet_v2", "mlp", 40);
    places_of_a_batch_compute_alike("blackmice_cnn", "linear", 33);
}

/* ---- file --------------------------------------------------------------------------------------------------------- */

/* Row r shows image 100 + r, but row 5 the same as row 2. */
static void make_table(gr_feature_table *t, bool filled)
{
    gr_error err = {0};
    assert_int_equal(gr_feature_table_create(ROWS, WIDTH, t, &err), GR_OK);
    t->path = gr_path_join(folder, "in/a.features");
    for (int64_t r = 0; r < ROWS; r++) {
        t->images[r] = (uint64_t)(r == 5 ? 102 : 100 + r);
        t->have[r] = filled;
        for (int i = 0; filled && i < WIDTH; i++)
            t->values[r * WIDTH + i] = (float)(r == 5 ? 2 : r) + 0.125f * (float)i;
    }
}

/* How many rows come back; each must be what was written. */
static int read_back(int64_t *damaged)
{
    gr_feature_table t, truth;
    gr_error err = {0};
    int have = 0;
    make_table(&t, false);
    make_table(&truth, true);
    assert_int_equal(gr_feature_file_read(&t, damaged, &err), GR_OK);
    for (int64_t r = 0; r < ROWS; r++) {
        have += t.have[r];
        if (t.have[r])
            assert_memory_equal(t.values + r * WIDTH, truth.values + r * WIDTH, WIDTH * sizeof(float));
    }
    gr_feature_table_free(&t);
    gr_feature_table_free(&truth);
    return have;
}

static void write_table(bool (*wanted)(int64_t row))
{
    gr_feature_table t;
    gr_error err = {0};
    make_table(&t, true);
    for (int64_t r = 0; r < ROWS; r++)
        t.have[r] = wanted(r);
    if (gr_feature_file_write(&t, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_feature_table_free(&t);
}

static bool is_low(int64_t row)
{
    return row < 3;
}

static bool is_high(int64_t row)
{
    return row >= 2;
}

static void test_file(void **state)
{
    (void)state;
    int64_t damaged;
    assert_int_equal(read_back(&damaged), 0); /* no file, no folder */
    assert_int_equal(damaged, 0);
    write_table(is_low);
    assert_int_equal(read_back(&damaged), 4); /* rows 0 to 2, and 5, which is the picture of 2 */
    write_table(is_high);                     /* what was there stays */
    assert_int_equal(read_back(&damaged), ROWS);
    assert_int_equal(damaged, 0);
}

/* Every bit of the file turned, and the file cut at every byte: never a wrong number. */
static void test_damage(void **state)
{
    (void)state;
    gr_error err = {0};
    char *good;
    size_t size;
    int64_t damaged;
    write_table(is_low);
    write_table(is_high);
    assert_int_equal(gr_file_read(path, 1 << 20, &good, &size, &err), GR_OK);
    assert_int_equal(size, 16 + (ROWS - 1) * (16 + WIDTH * sizeof(float)));
    for (size_t i = 0; i < size; i++) {
        char kept = good[i];
        good[i] = (char)(kept ^ (1 << (i % 8)));
        assert_int_equal(gr_file_write(path, good, size, &err), GR_OK);
        good[i] = kept;
        int have = read_back(&damaged);
        assert_true(have == (i < 16 ? 0 : ROWS - 1) || have == ROWS - 2); /* the entry that two rows share counts twice */
        assert_int_equal(damaged, 1);
        assert_int_equal(gr_file_write(path, good, i, &err), GR_OK);
        assert_true(read_back(&damaged) < ROWS);
    }
    write_table(is_high); /* over the last cut */
    assert_int_equal(read_back(&damaged), ROWS);
    gr_free(good);
}

static void test_lock(void **state)
{
    (void)state;
    gr_error err = {0};
    int first, second, third;
    bool waited;
    volatile sig_atomic_t stop = 1;
    char *left = gr_path_join(folder, "in/a.features.tmp-17");
    assert_int_equal(gr_file_write(left, "x", 1, &err), GR_OK);
    assert_int_equal(gr_feature_file_lock(path, NULL, &first, &waited, &err), GR_OK);
    assert_true(first >= 0);
    assert_false(waited);
    assert_false(gr_path_exists(left)); /* a killed writer's */
    assert_int_equal(gr_feature_file_lock(path, &stop, &second, &waited, &err), GR_INTERRUPTED);
    gr_feature_file_unlock(first);
    err = (gr_error){0};
    assert_int_equal(gr_feature_file_lock(path, &stop, &third, &waited, &err), GR_OK);
    gr_feature_file_unlock(third);
    gr_free(left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extractor),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_lock),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
