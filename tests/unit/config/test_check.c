/* All that is wrong with a config, told at once: in order, without what follows from another mistake alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/config.h"
#include "support/temp_file.h"

static const char *path;
static gr_text told;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("rats.yaml");
    return path == NULL;
}

static int remove_file(void **state)
{
    gr_text_free(&told);
    return test_file_remove(state);
}

/* "LINE KEY; " of each sentence, or "command line KEY; ". */
static void hear(void *ctx, const char *sentence)
{
    (void)ctx;
    if (gr_starts_with(sentence, path))
        sentence += strlen(path) + 1;
    const char *key = strstr(sentence, ": ") + 2;
    gr_text_printf(&told, "%.*s %.*s; ", (int)(key - 2 - sentence), sentence, (int)strcspn(key, ":"), key);
}

/* What is told of `text` with overrides[count]; the first of it must be the error. */
static const char *listen(const char *text, const char *const *overrides, int count)
{
    gr_error err = {0};
    gr_config *config;
    gr_text_free(&told);
    test_file_write(text, strlen(text));
    gr_status status = gr_config_load_all(path, overrides, count, hear, NULL, &config, &err);
    assert_int_equal(status == GR_OK, told.data == NULL);
    assert_int_equal(status == GR_OK, config != NULL);
    gr_config_destroy(config);
    if (status == GR_OK)
        return "";
    assert_int_equal(status, GR_INVALID);
    gr_text all = told;
    told = (gr_text){0};
    hear(NULL, err.text);
    assert_true(gr_starts_with(all.data, told.data));
    gr_text_free(&told);
    told = all;
    return told.data;
}

static void tells_all_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"seed: 1\n", ""},
        {"sed: 1\n", "1 sed; "},
        {"seed: x\nthreads: -1\nname: [a]\n", "1 seed; 2 threads; 3 name; "},
        {"train:\n  epochs: 0\n  epoch: 3\n  batch_size: 0\nseed: -1\n",
         "2 train.epochs; 3 train.epoch; 4 train.batch_size; 5 seed; "},
        {"seed: 1\nseed: 2\na.b: 1\n'': 2\n", "2 seed; 3 a.b; 4 config; "},
        /* rules stand where their keys do */
        {"schedule: {name: cosine, min_lr: 1}\nseed: x\nsplit: {scheme: group_kfold}\n",
         "1 schedule.min_lr; 2 seed; 3 split.scheme; "},
        {"data: {classes: [a], image: {channels: 2}}\n", "1 data.image.channels; 1 data.classes; "},
        /* columns that a run's tables have themselves */
        {"data: {group: fold}\nevaluate: {average_over: label}\n", "1 data.group; 2 evaluate.average_over; "},
        {"data: {group: part}\n", "1 data.group; "},
        {"data: {group: images}\nevaluate: {average_over: images}\n", "2 evaluate.average_over; "},
        {"data: {group: folder}\nevaluate: {average_over: part}\n", ""},
        /* each axis, value and setting */
        {"sweep:\n- {key: seed, values: [x, 1, y]}\n- {key: optimizer.rl, values: [1]}\n- {key: seed, values: [3]}\n",
         "2 seed; 2 seed; 3 sweep; 4 sweep; "},
        {"sweep:\n  mode: list\n  settings:\n  - {name: a, set: {seed: x, train.epochs: 0}}\n  - {name: b}\n",
         "4 seed; 4 train.epochs; 5 sweep; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (strcmp(listen(cases[i].text, NULL, 0), cases[i].told) != 0)
            fail_msg("%s told: %s", cases[i].text, told.data != NULL ? told.data : "nothing");
}

static void overrides_come_behind(void **state)
{
    (void)state;
    static const char *const overrides[] = {"train.epochs=0", "seed=[", "nothing", "data.image.channels=2",
                                            "optimiser.lr=1"};
    assert_string_equal(listen("seed: 1\nthreads: x\n", overrides, 5),
                        "2 threads; command line train.epochs; command line seed; command line nothing; "
                        "command line data.image.channels; command line optimiser.lr; ");
    /* a file that is none is one mistake, and says nothing of its keys */
    assert_string_equal(listen("data: [\n", overrides, 1), "2 is not valid YAML; command line train.epochs; ");
}

/* What would be said of a default, because the value itself was refused, or stands under another name. */
static void tells_no_consequences(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"model: {head: painsekr}\nloss: {prsc: {lambda: 1}}\n", "1 model.head; "},
        {"data: {groop: rat}\nsplit: {scheme: group_kfold}\n", "1 data.groop; "},
        {"data: 5\nsplit: {scheme: group_kfold}\n", "1 data; "},
        {"optimiser: {momentum: 0.9}\noptimizer: {name: sgd, nesterov: true}\n", "1 optimiser; "},
        {"data: {image: {size: x}, train_transforms: [{resize: 96}]}\n", "1 data.image.size; "},
        {"data: {image: {channels: 2, mean: [1, 2, 3]}}\n", "1 data.image.channels; "},
        {"data: {classes: [a, a], positive: b}\n", "1 data.classes; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (strcmp(listen(cases[i].text, NULL, 0), cases[i].told) != 0)
            fail_msg("%s told: %s", cases[i].text, told.data != NULL ? told.data : "nothing");
}

static void stops_at_a_hundred(void **state)
{
    (void)state;
    gr_text text = {0};
    for (int i = 0; i < 5000; i++)
        gr_text_printf(&text, "unknown%d: 1\n", i);
    (void)listen(text.data, NULL, 0);
    assert_non_null(strstr(told.data, "100 unknown99; "));
    assert_null(strstr(told.data, "101 "));
    gr_text_free(&text);
}

/* Whoever asks for one mistake gets the first. */
static void one_is_the_first(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_config *config;
    static const char text[] = "split: {scheme: group_kfold}\nseed: x\n";
    test_file_write(text, strlen(text));
    assert_int_equal(gr_config_load(path, NULL, 0, &config, &err), GR_INVALID);
    assert_non_null(strstr(err.text, ":1: split.scheme: group_kfold needs data.group"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_all_in_order),    cmocka_unit_test(overrides_come_behind),
        cmocka_unit_test(tells_no_consequences), cmocka_unit_test(stops_at_a_hundred),
        cmocka_unit_test(one_is_the_first),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
