#include "support/model_run.h"

#include "grimace/image.h"
#include "grimace/weights.h"
#include "learners/network.h"
#include "support/folder.h"
#include "support/support.h"

enum { SIDE = 32, MAPPED = 8, MAPPED_SIDE = 64 };

/* Makes batch norms keep their channels' size, which they lose from layer to layer while they have seen no picture. */
static void enliven(const gr_graph *g, gr_params *params)
{
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        for (size_t k = 0; gr_ends_with(p->name, "running_var") && k < p->count; k++)
            params->values[p->offset + k] = 0.2f;
    }
}

void test_make_model(const char *name, const char *head, const char *second, int side, unsigned seed)
{
    const char *const classes[] = {"no", second};
    const gr_transform resize = {.kind = GR_TRANSFORM_RESIZE, .a = side, .b = 0};
    const gr_card card = {
        .classic = "none",
        .task = "classes",
        .model = {.backbone = "shufflenet_v2", .head = head, .width = 0.5, .size = side, .channels = 3, .classes = 2},
        .classes = classes,
        .mean = {0.5, 0.5, 0.5},
        .std = {0.5, 0.5, 0.5},
        .transforms = &resize,
        .transform_count = 1};
    gr_error err = {0};
    gr_network network = {0};
    gr_weights *weights = NULL;
    if (gr_model_create(&card.model, &network.model, &err) != GR_OK ||
        gr_params_create(network.model->graph, seed, false, &network.params, &err) != GR_OK)
        fail_msg("%s", err.text);
    enliven(network.model->graph, network.params);
    if (gr_network_export(&network, &card, &weights, &err) != GR_OK ||
        gr_weights_write(test_in_folder(name), weights, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_weights_destroy(weights);
    gr_network_destroy(&network);
}

void test_make_model_run(void)
{
    static const char *const folders[] = {"images", "run/fold-one", "run/fold-two"};
    gr_error err = {0};
    for (int i = 0; i < 3; i++)
        assert_int_equal(gr_make_folders(test_in_folder(folders[i]), &err), GR_OK);
    test_folder_image("images/a.png", SIDE, SIDE, 200, 20, 30);
    test_folder_image("images/b.png", SIDE, SIDE, 40, 150, 60);
    test_folder_image("images/new.png", SIDE, SIDE, 70, 80, 190);
    test_folder_text("manifest.csv", "image,pain\nimages/a.png,no\nimages/b.png,yes\n");
    test_folder_text("run/config.yaml", "data: {manifest: ../manifest.csv, label: pain}\n");
    test_folder_text("run/splits.csv", "image,label,fold,part\nimages/a.png,no,one,test\nimages/b.png,yes,one,train\n"
                                       "images/a.png,no,two,train\nimages/b.png,yes,two,test\n");
    test_make_model("run/fold-one/model.safetensors", "linear", "yes", SIDE, 3);
    test_make_model("run/fold-two/model.safetensors", "linear", "yes", SIDE, 4);
}

/* A picture that grows lighter downwards, with a spot whose place follows from i. */
static void paint_spot(int i)
{
    char name[32];
    gr_error err = {0};
    gr_image image = {0};
    assert_int_equal(gr_image_make(MAPPED_SIDE, MAPPED_SIDE, &image, &err), GR_OK);
    for (int k = 0; k < MAPPED_SIDE * MAPPED_SIDE; k++) {
        int x = k % MAPPED_SIDE - (12 + 40 * (i % 2)), y = k / MAPPED_SIDE - (12 + 40 * (i / 2 % 2));
        bool spot = x * x + y * y < 100;
        image.pixels[3 * k] = (uint8_t)(spot ? 250 : 40 + k / MAPPED_SIDE);
        image.pixels[3 * k + 1] = (uint8_t)(spot ? 220 - 20 * i : 40 + k / MAPPED_SIDE);
        image.pixels[3 * k + 2] = (uint8_t)(spot ? 60 : 60 + k / MAPPED_SIDE);
    }
    snprintf(name, sizeof name, "mapped/images/%d.png", i);
    assert_int_equal(gr_png_write(test_in_folder(name), &image, &err), GR_OK);
    gr_image_free(&image);
}

void test_make_mapped_run(void)
{
    static const char *const folders[] = {"mapped/images", "mapped/fold-1", "mapped/fold-2"};
    gr_error err = {0};
    gr_text manifest = {0}, splits = {0}, predictions = {0};
    for (int i = 0; i < 3; i++)
        assert_int_equal(gr_make_folders(test_in_folder(folders[i]), &err), GR_OK);
    gr_text_printf(&manifest, "image,pain\n");
    gr_text_printf(&splits, "image,label,fold,part\n");
    gr_text_printf(&predictions, "image,fold,label,predicted,p_no,p_yes\n");
    for (int i = 0; i < MAPPED; i++) {
        const char *label = i % 2 == 1 ? "yes" : "no";
        double p = 0.95 - 0.11 * i; /* of yes */
        paint_spot(i);
        gr_text_printf(&manifest, "images/%d.png,%s\n", i, label);
        gr_text_printf(&splits, "images/%d.png,%s,%d,test\n", i, label, 1 + i / 4);
        gr_text_printf(&predictions, "images/%d.png,%d,%s,%s,%.2f,%.2f\n", i, 1 + i / 4, label, p > 0.5 ? "yes" : "no", 1 - p, p);
    }
    assert_false(manifest.failed || splits.failed || predictions.failed);
    test_folder_text("mapped/manifest.csv", manifest.data);
    test_folder_text("mapped/splits.csv", splits.data);
    test_folder_text("mapped/predictions.csv", predictions.data);
    test_folder_text("mapped/config.yaml",
                     "name: mapped\ndata: {manifest: manifest.csv, label: pain, classes: [\"no\", \"yes\"]}\n"
                     "model: {backbone: shufflenet_v2, head: painseeker}\n");
    test_make_model("mapped/fold-1/model.safetensors", "painseeker", "yes", MAPPED_SIDE, 3);
    test_make_model("mapped/fold-2/model.safetensors", "painseeker", "yes", MAPPED_SIDE, 4);
    gr_text_free(&manifest);
    gr_text_free(&splits);
    gr_text_free(&predictions);
}
