/* The methods section says what the config says. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static const char config[] = "name: told\nseed: 9\ndata: {manifest: none.csv, label: pain, group: animal, classes: "
                             "[no_pain, pain], balance: oversample,\n"
                             "  image: {size: 64}, train_transforms: [{resize: 72}, {random_crop: 64}, {rotate: 10}, "
                             "{brightness: [0.8, 1.2]}, {hflip: 0.5}],\n"
                             "  eval_transforms: [{resize: 72}, {center_crop: 64}]}\n"
                             "split: {scheme: group_kfold, folds: 3, validation: 0.25, repeats: 2, shuffle: true}\n"
                             "model: {backbone: resnet34, head: painseeker, freeze: [backbone]}\n"
                             "loss: {prsc: {lambda: 0.5, margin: 0.2, top_k: 3}}\n"
                             "optimizer: {name: sgd, lr: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.001}\n"
                             "schedule: {name: step, step_size: 7, gamma: 0.5}\n"
                             "train: {epochs: 20, batch_size: 32, keep: best, keep_metric: val_f1, early_stopping: {metric: "
                             "val_loss, patience: 4}}\n";

static void every_setting_is_told(void **state)
{
    (void)state;
    static const char *const words[] = {
        "labelled by <bdi>pain</bdi> (<bdi>no_pain</bdi>: 54, <bdi>pain</bdi>: 36)",
        "resized to 72 × 72 pixels (antialiased bilinear), cropped to 64 × 64 at a random place, rotated by up to ±10°, "
        "brightened by a "
        "factor from 0.8 to 1.2 and mirrored with probability 0.5",
        "for testing, resized to 72 × 72 pixels (antialiased bilinear) and cropped to the middle 64 × 64",
        "Smaller classes were oversampled",
        "in 3-fold cross-validation, all images of one animal in the same fold, repeated 2 times",
        "25.0 % of each training part served for validation",
        "a ResNet-34 with PainSeeker&#39;s attention pooling",
        "Weights of <bdi>backbone</bdi> stayed as they were",
        "cross-entropy plus 0.5 times pain-related score calibration (PRSC, margin 0.2, "
        "top 3 regions)",
        "Stochastic gradient descent (momentum 0.9, Nesterov's form) went through 20 epochs in batches of 32 at a learning "
        "rate of 0.05 that was multiplied by 0.5 every 7 epochs, with a weight decay of 0.001",
        "stopped early after 4 epochs without a better val_loss",
        "the best val_f1 were tested",
        "seed 9"};
    test_folder_text("classes/config.yaml", config);
    gr_text part = test_page_part("classes", gr_put_methods);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        test_text_says(&part, words[i]);
    gr_text_free(&part);
}

static void a_table_has_none(void **state)
{
    (void)state;
    gr_text part = test_page_part("classes/predictions.csv", gr_put_methods);
    assert_int_equal(part.size, 0);
    gr_text_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_setting_is_told), cmocka_unit_test(a_table_has_none)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
