/* What the keys say together about a task: told with all else that is wrong, and nothing that follows from another mistake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/train.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("rats.yaml");
    return path == NULL;
}

static void hear(void *ctx, const char *sentence)
{
    const char *key = strstr(sentence + strlen(path), ": ") + 2;
    gr_text_printf(ctx, "%.*s; ", (int)strcspn(key, ":"), key);
}

static void all_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"task: scores\n", ""},
        {"data: {balance: oversample}\nmodel: {aux: true}\ntask: scores\n", "data.balance; model.aux; "},
        {"model: {head: landmarks, aux: true}\nevaluate: {bootstrap: {count: 9}, average_over: x}\n",
         "model.aux; evaluate.bootstrap.count; evaluate.average_over; "},
        {"loss: {name: wing}\ntrain: {epochs: 0, keep: best, keep_metric: val_icc}\n",
         "loss.name; train.epochs; train.keep_metric; "},
        {"task: scores\nmodel: {head: landmarks}\nloss: {name: wing}\n", "model.head; "},
        {"task: ordinal\nmodel: {classic: lbp_svm}\ndata: {range: [0, 1]}\n", "task; data.range; "},
        {"task: scors\ndata: {range: [3, 1]}\n", "task; "},
        {"task: scores\ndata: {range: [3, 1], labels: [a, a], classes: [x, y]}\n",
         "data.range; data.labels; data.classes; "},
        {"model: {head: landmarks}\ndata: {train_transforms: [{resize: 224}, {hflip: 0.5}]}\n", "data.landmark_flip; "},
        {"model: {head: boxes}\ntrain: {keep: best, keep_metric: val_ap50}\nsplit: {validation: 0.2}\n", ""},
        {"task: boxes\n", "model.head; "},
        {"model: {head: boxes}\ndata: {crop: face.xml}\n", "data.crop; "},
        {"model: {head: boxes}\ndata: {boxes: [face], balance: oversample}\n", "data.boxes; data.balance; "},
        {"model: {head: boxes}\ndata: {boxes: [face=box, eye=box]}\nloss: {name: mse}\n", "loss.name; data.boxes; "},
        {"model: {head: boxes}\ndata: {boxes: [\"my face=box\"]}\ntrain: {keep: best, keep_metric: val_accuracy}\n",
         "train.keep_metric; data.boxes; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_error err = {0}, alone = {0};
        gr_config *config, *loaded;
        gr_text told = {0};
        test_file_write(cases[i].text, strlen(cases[i].text));
        gr_status status = gr_task_load(path, NULL, 0, hear, &told, &config, &err);
        const char *said = told.data != NULL ? told.data : "";
        size_t sum = 0, expected = strlen(cases[i].told);
        for (const char *at = cases[i].told; *at != '\0'; at = strstr(at, "; ") + 2) {
            char key[80];
            snprintf(key, sizeof key, "%.*s; ", (int)strcspn(at, ";"), at);
            if (strstr(said, key) != NULL)
                sum += strlen(key);
        }
        if (sum != expected || strlen(said) != expected || (status == GR_OK) != (expected == 0))
            fail_msg("%s told: %s", cases[i].text, said);
        /* one after the other: the config's own, then the task's first */
        gr_status one = gr_config_load(path, NULL, 0, &loaded, &alone);
        if (one == GR_OK)
            one = gr_task_check(loaded, &alone);
        assert_int_equal(one, status);
        gr_config_destroy(loaded);
        gr_config_destroy(config);
        gr_text_free(&told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_is_told)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
