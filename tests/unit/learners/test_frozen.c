/* What trees are told of an image is what the backbone in their run's folder reads of it, and of no other backbone. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "grimace/image.h"
#include "learners/extractor.h"
#include "learners/frozen.h"
#include "support/folder.h"
#include "support/support.h"

enum { SIDE = 33, IMAGES = 3 };
static char folder[TEST_TEMP];
static char paths[IMAGES][300], backbone[300];
static const char *const classes[] = {"0", "1"};
static const gr_transform resize = {.kind = GR_TRANSFORM_RESIZE, .a = SIDE};

/* Images of noise, and a backbone by `seed`. */
static void write_backbone(uint64_t seed)
{
    gr_error err = {0};
    gr_network network = {0};
    gr_weights *weights = NULL;
    const gr_model_options options = {.backbone = "blackmice_cnn", .head = "linear", .size = SIDE, .channels = 3, .classes = 2,
                                      .task = "classes", .width = 1};
    const gr_card card = {.classic = "none", .task = "classes", .model = options, .classes = classes, .std = {1, 1, 1},
                          .transforms = &resize, .transform_count = 1};
    if (gr_model_create(&options, &network.model, &err) != GR_OK ||
        gr_params_create(network.model->graph, seed, false, &network.params, &err) != GR_OK ||
        gr_network_export(&network, &card, &weights, &err) != GR_OK || gr_weights_write(backbone, weights, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_weights_destroy(weights);
    gr_network_destroy(&network);
}

static int make_folder(void **state)
{
    (void)state;
    gr_error err = {0};
    uint8_t pixels[SIDE * SIDE * 3];
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 0, 0);
    if (test_temp_folder(folder, "frozen") == NULL)
        return -1;
    for (int i = 0; i < IMAGES; i++) {
        for (size_t p = 0; p < sizeof pixels; p++)
            pixels[p] = (uint8_t)gr_rng_below(&rng, 256);
        snprintf(paths[i], sizeof paths[i], "%s/%d.png", folder, i);
        const gr_image image = {SIDE, SIDE, pixels};
        if (gr_png_write(paths[i], &image, &err) != GR_OK)
            return -1;
    }
    snprintf(backbone, sizeof backbone, "%s/backbone.safetensors", folder);
    return 0;
}

static int remove_folder(void **state)
{
    char command[300];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static uint64_t key_of_file(void)
{
    gr_error err = {0};
    char *data = NULL;
    size_t size = 0;
    assert_int_equal(gr_file_read(backbone, 1 << 30, &data, &size, &err), GR_OK);
    uint64_t key = gr_hash(0, data, size);
    gr_free(data);
    return key;
}

static gr_loader *open_loader(gr_sample *samples)
{
    gr_error err = {0};
    gr_loader *loader = NULL;
    for (int i = 0; i < IMAGES; i++)
        samples[i] = (gr_sample){.path = paths[i]};
    const gr_loader_options options = {.samples = samples, .count = IMAGES, .size = SIDE, .channels = 3, .std = {1, 1, 1},
                                       .transforms = &resize, .transform_count = 1};
    if (gr_loader_create(&options, &loader, &err) != GR_OK)
        fail_msg("%s", err.text);
    return loader;
}

/* The same by the extractor alone, of images in the order 2, 0. */
static float *read_plainly(gr_loader *loader, const int64_t *order, int64_t *width)
{
    gr_error err = {0};
    gr_model_files files;
    gr_network network;
    gr_extractor *x;
    const float *pixels;
    int64_t n;
    assert_int_equal(gr_model_files_open(backbone, &files, &err), GR_OK);
    assert_int_equal(gr_model_files_load(&files, 0, &network, NULL, &err), GR_OK);
    assert_int_equal(gr_extractor_create(network.model, network.params, &x, &err), GR_OK);
    gr_shape shape = gr_value_shape(network.model->head_input);
    *width = gr_shape_elements(&shape);
    float *out = gr_alloc(2 * (size_t)*width, sizeof *out);
    assert_int_equal(gr_loader_start(loader, 0, order, 2, 2, false, &err), GR_OK);
    assert_int_equal(gr_loader_next(loader, &pixels, NULL, &n, &err), GR_OK);
    gr_extractor_run(x, pixels, n, out);
    gr_extractor_destroy(x);
    gr_network_destroy(&network);
    gr_model_files_close(&files);
    return out;
}

static void an_image_is_seen_by_the_runs_backbone(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_sample samples[IMAGES];
    const int64_t order[] = {2, 0};
    int64_t width = 0;
    write_backbone(3);
    gr_loader *loader = open_loader(samples);
    float *right = read_plainly(loader, order, &width), *said = gr_alloc(2 * (size_t)width, sizeof *said);
    gr_card card = {.number_count = (int)width, .frozen = {backbone, key_of_file()}};
    if (gr_frozen_see(&card, loader, order, 2, said, NULL, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_memory_equal(said, right, 2 * (size_t)width * sizeof *said);
    assert_memory_not_equal(said, said + width, (size_t)width * sizeof *said);
    card.number_count++;
    assert_int_equal(gr_frozen_see(&card, loader, order, 2, said, NULL, &err), GR_INVALID);
    card.number_count--;
    write_backbone(4);
    err = (gr_error){0};
    assert_int_equal(gr_frozen_see(&card, loader, order, 2, said, NULL, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "is not the backbone"));
    gr_free(right);
    gr_free(said);
    gr_loader_destroy(loader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_image_is_seen_by_the_runs_backbone)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
