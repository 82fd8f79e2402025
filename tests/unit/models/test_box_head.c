/* The head for boxes on every backbone: as fine as is asked, with the five numbers of each kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/models.h"

static void every_backbone_has_levels(void **state)
{
    (void)state;
    for (const char *const *name = gr_backbone_names(); *name != NULL; name++) {
        bool inception = strcmp(*name, "inception_v3") == 0;
        for (int64_t stride = 8; stride <= 16; stride *= 2) {
            const gr_model_options o = {.backbone = *name,
                                        .head = "boxes",
                                        .size = inception ? 299 : 224,
                                        .channels = 3,
                                        .classes = 3,
                                        .box_stride = stride,
                                        .box_filters = 16};
            gr_model *model;
            gr_error err = {0};
            if (gr_model_create(&o, &model, &err) != GR_OK)
                fail_msg("%s: %s", *name, err.text);
            gr_shape maps = gr_value_shape(model->maps);
            assert_true(maps.rank == 4 && maps.dim[3] == 15);
            /* inception's windows without padding make 35 of 299 */
            if (!(maps.dim[1] * stride >= (inception ? 264 : o.size) && maps.dim[1] <= 2 * o.size / stride))
                fail_msg("%s: %lld cells at stride %lld", *name, (long long)maps.dim[1], (long long)stride);
            assert_string_equal(model->task, "boxes");
            assert_null(model->head_input);
            assert_int_equal(gr_model_add_loss(model, &(gr_loss_options){0}, &err), GR_OK);
            gr_shape targets = gr_value_shape(model->targets);
            assert_true(gr_shape_equal(&targets, &maps));
            gr_model_destroy(model);
        }
    }
}

static void refusals(void **state)
{
    (void)state;
    gr_model *model;
    gr_error err = {0};
    gr_model_options o = {.backbone = "resnet18", .head = "boxes", .size = 64, .channels = 3};
    assert_int_equal(gr_model_create(&o, &model, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "at least 1 kind of box"));
    o.classes = 1;
    err = (gr_error){0};
    o.task = "classes";
    assert_int_equal(gr_model_create(&o, &model, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "the head boxes does not fit the task classes; linear"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_backbone_has_levels), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
