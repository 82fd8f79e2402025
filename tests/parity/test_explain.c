/* Heat maps against pytorch-grad-cam's and captum's (make_explain.py): Grad-CAM and Grad-CAM++ of the last map and of one in
 * the middle, the gradient, integrated gradients, occlusion. */
#include "support/parity.h"
#include "explain/crew.h"
#include "explain/maps.h"
#include "kernels/kernels.h"

#include <stdio.h>
#include <string.h>

enum { CLASSES = 3, SIZE = 48, PIXELS = SIZE * SIZE };

/* Of the largest number of a map. Along a path float32 may take another side of a few of the ReLU bends (captum in float32 is
 * 1.4e-3 off on VGG-16), and an occlusion is a small difference of logits around 4, whose features have seven digits (captum in
 * float32: 2.2e-4). */
static const double cam_limit = 1e-5, gradient_limit = 1e-5, occlusion_limit = 2.2e-4;

static const char *const class_names[] = {"a", "b", "c"};

/* A network of the reference, as a model file would give it. */
typedef struct open_subject {
    test_subject network;
    gr_card card;
    gr_aim aim;
    gr_subject subject;
    float image[PIXELS * 3];
} open_subject;

static void open_network(const char *name, open_subject *o)
{
    gr_error err = {0};
    gr_model_options options = {.backbone = name, .head = "linear", .size = SIZE, .channels = 3, .classes = CLASSES};
    *o = (open_subject){.card = {.task = "classes", .model = options, .classes = class_names}};
    for (int c = 0; c < 3; c++)
        o->card.mean[c] = o->card.std[c] = 0.5; /* black is -1 */
    o->network = test_parity_subject(name, &options, NULL, true);
    assert_int_equal(gr_aim_open(&o->card, gr_task_find("classes", false), NULL, &o->aim, &err), GR_OK);
    o->subject = (gr_subject){.card = &o->card,
                              .aim = &o->aim,
                              .size = SIZE,
                              .channels = 3,
                              .pixels = PIXELS * 3,
                              .answers = CLASSES,
                              .values = CLASSES,
                              .network = {o->network.model, o->network.params},
                              .workspace = o->network.workspace,
                              .value = o->network.model->logits};
    test_fill(o->image, PIXELS * 3, 1, 1.0f);
}

static void close_network(open_subject *o)
{
    gr_subject_forget(&o->subject);
    gr_aim_free(&o->aim);
    test_parity_subject_free(&o->network);
}

static bool map_agrees(open_subject *o, const char *name, const char *method, const char *layer, double limit)
{
    gr_error err = {0};
    gr_crew crew;
    char key[80];
    float map[PIXELS];
    const gr_method *methods[] = {gr_method_find(method)};
    gr_explain_options options = {.layer = layer, .steps = strcmp(method, "integrated_gradients") == 0 ? 32 : 0};
    assert_int_equal(gr_crew_open(&o->subject, methods, 1, &options, 1, &crew, &err), GR_OK);
    assert_int_equal(gr_crew_run(&crew, o->image, 1, NULL, &err), GR_OK);
    if (layer != NULL)
        gr_map_draw(gr_crew_numbers(&crew, 0, 0), crew.methods[0].at.rows, crew.methods[0].at.columns, SIZE, map);
    else
        memcpy(map, gr_crew_numbers(&crew, 0, 0), sizeof map);
    snprintf(key, sizeof key, layer != NULL ? "%s.%s" : "%s", method, layer);
    bool good = test_parity_matches(test_parity_reference(), name, key, map, limit);
    gr_crew_close(&crew);
    return good;
}

static bool network_agrees(const char *name, const char *last, const char *middle, double on_path, bool occlusion)
{
    open_subject o;
    open_network(name, &o);
    bool good = map_agrees(&o, name, "gradcam", last, cam_limit);
    good = map_agrees(&o, name, "gradcam", middle, cam_limit) && good;
    good = map_agrees(&o, name, "gradcam++", last, cam_limit) && good;
    good = map_agrees(&o, name, "gradcam++", middle, cam_limit) && good;
    good = map_agrees(&o, name, "saliency", NULL, gradient_limit) && good;
    good = map_agrees(&o, name, "integrated_gradients", NULL, on_path) && good;
    if (occlusion)
        good = map_agrees(&o, name, "occlusion", NULL, occlusion_limit) && good;
    close_network(&o);
    return good;
}

/* Which ReLU bend otherwise follows from how sums are rounded: with fused multiply-adds as in captum, else not. */
static double path_limit(double fused, double plain)
{
    return strcmp(gr_kernels_get()->isa, "generic") == 0 ? plain : fused;
}

static void resnet_18_has_their_maps(void **state)
{
    (void)state;
    assert_true(network_agrees("resnet18", "layer4", "layer3", path_limit(1e-5, 5e-5), true));
}

static void mobilenet_v2_has_their_maps(void **state)
{
    (void)state;
    assert_true(network_agrees("mobilenet_v2", "features.18", "features.13", 1e-5, false));
}

static void vgg_16_has_their_maps(void **state)
{
    (void)state;
    assert_true(network_agrees("vgg16", "features.29", "features.22", path_limit(1.4e-3, 5e-3), false));
}

static int read_reference(void **state)
{
    (void)state;
    return test_parity_begin("tests/parity/explain.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnet_18_has_their_maps),
        cmocka_unit_test(mobilenet_v2_has_their_maps),
        cmocka_unit_test(vgg_16_has_their_maps),
    };
    return cmocka_run_group_tests_name("parity of heat maps", tests, read_reference, test_parity_end);
}
