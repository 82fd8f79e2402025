#include "support/model_run.h"

#include "grimace/weights.h"
#include "learners/network.h"
#include "support/folder.h"
#include "support/support.h"

enum { SIDE = 32 };

void test_make_model(const char *name, const char *second, unsigned seed)
{
    const char *const classes[] = {"no", second};
    const gr_transform resize = {GR_TRANSFORM_RESIZE, SIDE, 0};
    const gr_card card = {
        .classic = "none",
        .task = "classes",
        .model = {.backbone = "shufflenet_v2", .head = "linear", .width = 0.5, .size = SIDE, .channels = 3, .classes = 2},
        .classes = classes,
        .mean = {0.5, 0.5, 0.5},
        .std = {0.5, 0.5, 0.5},
        .transforms = &resize,
        .transform_count = 1};
    gr_error err = {0};
    gr_network network = {0};
    gr_weights *weights = NULL;
    if (gr_model_create(&card.model, &network.model, &err) != GR_OK ||
        gr_params_create(network.model->graph, seed, false, &network.params, &err) != GR_OK ||
        gr_network_export(&network, &card, &weights, &err) != GR_OK ||
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
    test_make_model("run/fold-one/model.safetensors", "yes", 3);
    test_make_model("run/fold-two/model.safetensors", "yes", 4);
}
