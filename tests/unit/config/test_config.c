/* The config: defaults, overrides, round trips, and a long list of what can be wrong with the sentence that each gives. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/value.h"
#include "grimace/eval.h"
#include "grimace/ordinal.h"
#include "grimace/scores.h"
#include "run/tasks/task.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("rats.yaml");
    return path == NULL;
}

static gr_status load(const char *text, const char *const *overrides, int count, gr_config **config, gr_error *err)
{
    test_file_write(text, strlen(text));
    gr_status status = gr_config_load(path, overrides, count, config, err);
    if (status == GR_OK && (status = gr_task_check(*config, err)) != GR_OK) {
        gr_config_destroy(*config);
        *config = NULL;
    }
    return status;
}

/* The config of `text` with at most one override; the test fails with the sentence when there is none. */
static gr_config *good(const char *text, const char *override)
{
    gr_error err = {0};
    gr_config *config;
    if (load(text, &override, override != NULL, &config, &err) != GR_OK)
        fail_msg("%s", err.text);
    return config;
}

static void has_the_documented_defaults(void **state)
{
    (void)state;
    gr_config *c = good("seed: 0\n", NULL);
    assert_string_equal(c->name, "rats");
    assert_int_equal(c->seed, 0);
    assert_int_equal(c->threads, 0);
    assert_null(c->data.manifest);
    assert_int_equal(c->data.classes.count, 0);
    assert_null(c->data.positive);
    assert_null(c->data.group);
    assert_int_equal(c->data.image.size, 224);
    assert_int_equal(c->data.image.channels, 3);
    assert_true(c->data.image.mean[0] == 0.485 && c->data.image.mean[1] == 0.456 && c->data.image.mean[2] == 0.406);
    assert_true(c->data.image.std[0] == 0.229 && c->data.image.std[1] == 0.224 && c->data.image.std[2] == 0.225);
    assert_int_equal(c->data.train_transforms.count, 1);
    assert_int_equal(c->data.train_transforms.items[0].kind, GR_TRANSFORM_RESIZE);
    assert_true(c->data.train_transforms.items[0].a == 224);
    assert_int_equal(c->data.eval_transforms.count, 1);
    assert_string_equal(c->data.balance, "none");
    assert_string_equal(c->split.scheme, "stratified_kfold");
    assert_false(c->split.shuffle);
    assert_string_equal(c->model.backbone, "resnet18");
    assert_null(c->model.pretrained);
    assert_int_equal(c->model.freeze.count, 0);
    assert_string_equal(c->loss.name, "cross_entropy");
    assert_true(c->loss.prsc.lambda == 0);
    assert_string_equal(c->optimizer.name, "adam");
    assert_true(c->optimizer.lr == 1e-3 && c->optimizer.momentum == 0 && c->optimizer.weight_decay == 0);
    assert_true(c->optimizer.betas[0] == 0.9 && c->optimizer.betas[1] == 0.999 && c->optimizer.eps == 1e-8);
    assert_string_equal(c->schedule.name, "constant");
    assert_int_equal(c->train.precision, GR_F32);
    assert_true(c->train.shuffle && !c->train.drop_last);
    assert_int_equal(c->sweep.count, 0);
    gr_config_destroy(c);
    c = good("data: {group: rat, image: {size: 96, channels: 1}}\n", NULL);
    assert_string_equal(c->split.scheme, "leave_one_group_out");
    assert_true(c->data.train_transforms.items[0].a == 96);
    assert_true(c->data.image.mean[0] == 0.449 && isnan(c->data.image.mean[1]));
    gr_config_destroy(c);
    gr_config_destroy(NULL);
}

/* Every key, each with another value than its default. */
static const char everything[] =
    "name: \"rats: 2\"\nseed: 9223372036854775807\nthreads: 3\n"
    "data:\n"
    "  manifest: sub/m.csv\n  label: pain\n  classes: [0, '1', \"it's\", caf\xc3\xa9, yes]\n  positive: 1\n  group: animal\n"
    "  extra_manifests: [x.csv]\n  only: [a=b]\n  at_most: 9\n"
    "  image: {size: 96, channels: 1, mean: [0.5], std: [0.25]}\n"
    "  train_transforms: [{resize: 128}, {random_crop: 96}, {hflip: .5}, {rotate: 15}, {brightness: [0.8, 1.25]},\n"
    "                     grayscale, bgr]\n"
    "  eval_transforms:\n    - resize: 100\n    - center_crop: 96\n"
    "  balance: oversample\n  cache_mb: 10\n  workers: 2\n"
    "  landmark_flip: [[1, 2], [7, 5]]\n  landmark_distance: [3, 4]\n"
    "split: {scheme: group_kfold, folds: 3, repeats: 2, stratify: treatment, validation: 0.1, test: 0.3, shuffle: True}\n"
    "model: {classic: none, lbp: {radius: 3, points: 12, grid: 16, method: ror}, svm: {c: 0.5},"
    "  backbone: resnet34, head: painseeker, width: 0.5, variant: torchvision, "
    "pretrained: /w/a b.safetensors, freeze: [backbone.conv1, "
    "\"x\\u0085y\"],\n"
    "  aux: true, mlp: {pool: flatten, hidden: [2048, 1024], dropout: 0.25}, landmarks: {block: hybrid, filters: 32}}\n"
    "loss: {name: cross_entropy, wing: {w: 5, epsilon: 0.5}, huber: {delta: 2}, prsc: {lambda: 0.1, margin: 0.3, top_k: 3}}\n"
    "optimizer: {name: sgd, lr: 1E-4, momentum: 0.9, dampening: 0.0, nesterov: true, weight_decay: 1e-4, l1: 1.0e-5,\n"
    "            betas: [0.8, 0.99], eps: 3.3333333333333335e-09}\n"
    "schedule: {name: plateau, step_size: 4, gamma: 0.5, min_lr: 1e-6, factor: 0.2, patience: 0}\n"
    "train: {epochs: 2, batch_size: 7, precision: bf16, feature_cache: /f, shuffle: false, drop_last: true,\n"
    "  early_stopping: {metric: train_loss, mode: max, patience: 4, min_delta: 0.01},\n"
    "  keep: best, keep_metric: val_accuracy, keep_mode: min}\n"
    "evaluate: {confidence: 0.9, average_over: session,\n"
    "  bootstrap: {count: 100, level: 0.95, by: group}, permutation: {count: 9, by: group}}\n"
    "sweep:\n- {key: loss.prsc.lambda, values: [0.05, 1]}\n- key: data.train_transforms\n"
    "  values: [[{resize: 96}], [{random_crop: 96}, bgr]]\n- {key: model.pretrained, values: [null, w.safetensors]}\n"
    "experiment: {labels: [au_ear, au_eye], classes: [0, '2'], threshold: 3}\n"
    "reported: {source: \"Table 3, row: a\", f1: 0.7731, mcc: -0.5, accuracy: {mean: 0.885, sd: 0.022},\n"
    "  auroc: {value: 0.64, low: 0.56, high: 0.69}, precision: {mean: 1},\n"
    "  averaged: {f1: 0.25, accuracy: {mean: 0.5, sd: 0.125}},\n"
    "  folds: {\"Rat#1\": {f1: 0.5}, b: {}}, classes: {0: {f1: {mean: 0.25, sd: 0}}}}\n";

static void reads_every_key(void **state)
{
    (void)state;
    char expected[200];
    gr_config *c = good(everything, NULL);
    assert_string_equal(c->name, "rats: 2");
    assert_true(c->seed == INT64_MAX);
    snprintf(expected, sizeof expected, "%s/sub/m.csv", test_file_folder());
    assert_string_equal(c->data.manifest, expected);
    snprintf(expected, sizeof expected, "%s/x.csv", test_file_folder());
    assert_string_equal(c->data.extra_manifests.items[0], expected);
    assert_int_equal(c->data.classes.count, 5);
    assert_string_equal(c->data.classes.items[0], "0");
    assert_string_equal(c->data.classes.items[2], "it's");
    assert_string_equal(c->data.classes.items[4], "yes");
    assert_string_equal(c->data.positive, "1");
    assert_int_equal(c->data.train_transforms.count, 7);
    assert_int_equal(c->data.train_transforms.items[4].kind, GR_TRANSFORM_BRIGHTNESS);
    assert_true(c->data.train_transforms.items[4].a == 0.8 && c->data.train_transforms.items[4].b == 1.25);
    assert_int_equal(c->data.train_transforms.items[6].kind, GR_TRANSFORM_BGR);
    assert_string_equal(c->model.variant, "torchvision");
    assert_string_equal(c->model.pretrained, "/w/a b.safetensors");
    assert_true(c->optimizer.lr == 1e-4 && c->optimizer.nesterov && c->optimizer.l1 == 1e-5);
    assert_true(c->split.shuffle && c->train.drop_last);
    assert_int_equal(c->model.mlp.hidden.count, 2);
    assert_int_equal(c->model.mlp.hidden.items[1], 1024);
    assert_int_equal(c->data.landmark_flip.count, 4);
    assert_int_equal(c->data.landmark_flip.items[3], 5);
    assert_int_equal(c->sweep.count, 3);
    assert_string_equal(c->sweep.axes[0].key, "loss.prsc.lambda");
    assert_string_equal(c->sweep.axes[0].values.items[0], "0.05");
    assert_string_equal(c->sweep.axes[1].values.items[1], "[{random_crop: 96}, bgr]");
    snprintf(expected, sizeof expected, "%s/w.safetensors", test_file_folder());
    assert_string_equal(c->sweep.axes[2].values.items[1], expected);
    int line = 1;
    for (const char *at = everything; at < strstr(everything, "- key: data.train_transforms"); at++)
        line += *at == '\n';
    snprintf(expected, sizeof expected, "%s:%d", path, line);
    assert_string_equal(c->sweep.axes[1].place, expected);
    gr_config_destroy(c);
}

/* Every key of the table must differ from its default in `everything`, so that the round trip below misses none. */
static void mentions_every_key(void **state)
{
    (void)state;
    gr_config *all = good(everything, NULL), *none = good("seed: 0\n", NULL);
    for (int i = 0; i < gr_key_count; i++) {
        gr_text a = {0}, b = {0};
        const char *key = gr_keys[i].path;
        gr_value_put(&gr_keys[i], all, &a);
        gr_value_put(&gr_keys[i], none, &b);
        bool alone = strcmp(key, "experiment.cross") == 0 || strcmp(key, "experiment.equal") == 0 ||
                     strcmp(key, "loss.name") == 0 || strcmp(key, "task") == 0 || strcmp(key, "data.labels") == 0 ||
                     strcmp(key, "data.range") == 0 || strcmp(key, "model.classic") == 0 ||
                     strcmp(key, "optimizer.dampening") == 0; /* one value beside the others; or nesterov allows no other */
        if (!alone && strcmp(a.data, b.data) == 0)
            fail_msg("%s keeps its default", key);
        gr_text_free(&a);
        gr_text_free(&b);
    }
    gr_config_destroy(all);
    gr_config_destroy(none);
}

static void round_trips(void **state)
{
    (void)state;
    const char *const texts[] = {everything, "seed: 0\n", "data: {classes: [\"null\", \"~\", \"1e5\", \"a\\nb\", \" \"]}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gr_error err = {0};
        gr_text first = {0}, second = {0};
        gr_config *config = good(texts[i], NULL), *again;
        gr_config_yaml(config, &first);
        assert_int_equal(gr_config_save(config, path, &err), GR_OK);
        if (gr_config_load(path, NULL, 0, &again, &err) != GR_OK)
            fail_msg("%s in\n%s", err.text, first.data);
        gr_config_yaml(again, &second);
        assert_string_equal(first.data, second.data);
        assert_string_equal(config->name, again->name);
        assert_int_equal(config->data.classes.count, again->data.classes.count);
        for (int j = 0; j < config->data.classes.count; j++)
            assert_string_equal(config->data.classes.items[j], again->data.classes.items[j]);
        assert_true(config->optimizer.eps == again->optimizer.eps);
        gr_config_destroy(config);
        gr_config_destroy(again);
        gr_text_free(&first);
        gr_text_free(&second);
    }
}

static void overrides_win(void **state)
{
    (void)state;
    const char *const overrides[] = {"optimizer.lr=1",
                                     "data.classes=[a, b, c]",
                                     "data.train_transforms=[{resize: 256}, {random_crop: 224}]",
                                     "optimizer.lr=3e-4",
                                     "loss.prsc={margin: 1, top_k: 2}",
                                     "data.group=",
                                     "name=x=y",
                                     "data.positive=c"};
    gr_error err = {0};
    gr_config *c;
    if (load("optimizer: {lr: 2, eps: 1e-3}\ndata: {group: g, classes: [a, b]}\nsplit: {scheme: holdout}\n", overrides, 8,
             &c, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(c->optimizer.lr == 3e-4 && c->optimizer.eps == 1e-3);
    assert_int_equal(c->data.classes.count, 3);
    assert_int_equal(c->data.train_transforms.count, 2);
    assert_true(c->loss.prsc.margin == 1 && c->loss.prsc.top_k == 2 && c->loss.prsc.lambda == 0);
    assert_null(c->data.group);
    assert_string_equal(c->name, "x=y");
    assert_string_equal(gr_config_where(c, "optimizer.lr"), "command line");
    gr_config_destroy(c);
}

static void says_where(void **state)
{
    (void)state;
    char expected[300];
    gr_config *c = good("seed: 1\ndata:\n  label: x\n  image:\n    size: 64\n", NULL);
    static const struct {
        const char *key;
        int line;
    } places[] = {{"seed", 1},       {"data.label", 3}, {"data.image.size", 5}, {"data.image.mean", 4},
                  {"data.group", 2}, {"threads", 1},    {"train.epochs", 1}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(expected, sizeof expected, "%s:%d", path, places[i].line);
        assert_string_equal(gr_config_where(c, places[i].key), expected);
    }
    gr_error err = {0};
    assert_int_equal(gr_config_fail(c, "data.label", &err, "no column %d", 7), GR_INVALID);
    snprintf(expected, sizeof expected, "%s:3: data.label: no column 7", path);
    assert_string_equal(err.text, expected);
    gr_config_destroy(c);
}

static void derives_settings_of_a_sweep(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_config *base =
        good("model: {head: painseeker}\nsweep:\n- {key: loss.prsc.lambda, values: [1, 2]}\n", "optimizer.lr=5");
    gr_config *with;
    const char *const first[] = {"loss.prsc.lambda=2", "data.image.size=64"};
    assert_int_equal(gr_config_with(base, first, 2, &with, &err), GR_OK);
    assert_true(with->loss.prsc.lambda == 2 && with->optimizer.lr == 5 && base->loss.prsc.lambda == 0);
    assert_true(with->data.train_transforms.items[0].a == 64); /* a default follows the key that it depends on */
    assert_non_null(strstr(gr_config_where(with, "loss.prsc.lambda"), "rats.yaml:3"));
    gr_config *again;
    assert_int_equal(gr_config_with(with, NULL, 0, &again, &err), GR_OK);
    gr_config_destroy(with);
    assert_true(again->loss.prsc.lambda == 2);
    const char *const bad[] = {"model.head=linear", "loss.prsc.lambda=1"};
    assert_int_equal(gr_config_with(base, bad, 2, &with, &err), GR_INVALID);
    assert_null(with);
    assert_non_null(strstr(err.text, "rats.yaml:3: loss.prsc.lambda: is above 0"));
    gr_config_destroy(again);
    gr_config_destroy(base);
}

static void knows_the_names_of_others(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"seed: 1\nmodel: {backbone: resnet81}\n",
         ":2: model.backbone: is \"resnet81\", did you mean resnet18? expected resnet18, resnet34, resnet50,"},
        {"model: {head: xyzzy}\n", ":1: model.head: is \"xyzzy\", expected linear, painseeker, mlp or landmarks"},
        {"model: {head: [linear]}\n", ":1: model.head: is a list, expected a text"},
        {"sweep:\n- key: model.backbone\n  values: [resnet18, vgg]\n", ":2: model.backbone: is \"vgg\", expected resnet18,"},
        {"sweep: {mode: list, settings: [\n {name: a, set: {model.head: mpl}}]}\n", ":2: model.head: is \"mpl\", did you mean mlp?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gr_error err = {0};
        gr_config *c;
        assert_int_equal(load(cases[i].text, NULL, 0, &c, &err), GR_INVALID);
        if (!gr_starts_with(err.text, path) || !gr_starts_with(err.text + strlen(path), cases[i].sentence))
            fail_msg("%s gave: %s", cases[i].text, err.text);
    }
    gr_config_destroy(good("model: {backbone: resnet34}\nsweep: [{key: model.backbone, values: [resnet18]}]\n", NULL));
}

/* ---- what is wrong --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *text, *part;
} bad[] = {
    /* not a config at all */
    {"", ":1: the config is empty"},
    {"# nothing\n\n", ":1: the config is empty"},
    {"---\n...\n", ":1: the config is empty"},
    {"~\n", ":1: the config is empty"},
    {"[a, b]\n", ":1: the config is a list"},
    {"\njust text\n", ":2: the config is a single text"},
    {"seed: 1\n---\nseed: 2\n", ":2: a second document begins here"},
    {"seed: 1\n...\nseed: 2\n", ":3: "},
    {"seed: [1\n", ": is not valid YAML"},
    {"seed: 1\n  x: 2\n", ":2: is not valid YAML"},
    {"data:\n\tlabel: x\n", ":2: is indented with a tab"},
    {"data: {label: \"x}\n", "is not valid YAML"},
    {"seed: 1\nname: \xff\n", ":2: is not valid UTF-8"},
    {"seed: 1\nname: \x01\n", ":2: is not valid YAML: control characters"},
    {"name: \"a\\0b\"\n", ":1: holds the character \\0"},
    {"name: !!python/object:os.system x\n", ":1: the tag tag:yaml.org,2002:python/object:os.system has no meaning"},
    {"data: !!omap {label: x}\n", ":1: the tag"},
    {"train: &a {epochs: 1}\n<<: *a\n", ":2: merge keys (<<) are not read"},
    {"data: {<<: {label: x}}\n", ":1: merge keys"},
    {"name: *gone\n", ":1: the alias *gone has no anchor"},
    {"data: &d {label: *d}\n", ":1: the alias *d stands within"},
    {"? [a]\n: b\n", ":1: a key must be a word"},
    {"\"\": 1\n", ":1: config: holds an empty key"},
    /* unknown keys */
    {"seeds: 1\n", ":1: seeds: there is no such key, did you mean seed?"},
    {"seed: 1\ntrain:\n  epoch: 3\n", ":3: train.epoch: there is no such key, did you mean train.epochs?"},
    {"train: {batchsize: 3}\n", "train.batchsize: there is no such key, did you mean train.batch_size?"},
    {"optimiser: {lr: 1}\n", "optimiser: there is no such key, did you mean optimizer?"},
    {"lr: 1\n", "lr: there is no such key, did you mean optimizer.lr?"},
    {"data: {size: 64}\n", "data.size: there is no such key, did you mean data.image.size?"},
    {"loss: {prsc: {lamda: 1}}\n", "loss.prsc.lamda: there is no such key, did you mean loss.prsc.lambda?"},
    {"loss: {prsc: {qqqqqqqqqq: 1}}\n", "known in loss.prsc are lambda, margin and top_k"},
    {"qqqqqqqqqq: 1\n",
     "known here are name, seed, threads, task, data, split, model, loss, optimizer, schedule, train, evaluate, experiment, sweep "
     "and reported"},
    {"optimizer.lr: 1\n", ":1: optimizer.lr: a dotted key is for the command line"},
    {"seed: 1\nseed: 2\n", ":2: seed: is there twice, on line 1 already"},
    {"train: {epochs: 1}\nseed: 1\ntrain: {epochs: 2}\n", ":3: train: is there twice, on line 1"},
    {"data: {image: {size: 1, size: 2}}\n", "data.image.size: is there twice"},
    {"data: 5\n", "data: is a single value, expected a section with manifest, label"},
    {"loss: {prsc: [1]}\n", "loss.prsc: is a list, expected a section with lambda, margin and top_k"},
    /* mistyped and out of range */
    {"seed: -1\n", "seed: is -1, expected a whole number from 0"},
    {"seed: 1.5\n", "seed: is 1.5, expected a whole number"},
    {"seed: 9223372036854775808\n", "seed: is 9223372036854775808, expected"},
    {"threads: many\n", "threads: is many, expected a whole number from 0 to 1024"},
    {"threads: 99999999999999999999\n", "threads: is 99999999999999999999"},
    {"name: [a]\n", "name: is a list, expected a text"},
    {"name: {a: b}\n", "name: is a section, expected a text"},
    {"name: \"\"\n", "name: is the text \"\", expected a text"},
    {"data: {label: }\n", "data.label: has no value, expected a text"},
    {"data: {manifest: [a]}\n", "data.manifest: is a list, expected a path"},
    {"data: {classes: pain}\n", "data.classes: is pain, expected a list of texts"},
    {"data: {classes: [a, [b]]}\n", "data.classes: item 2 is empty, not a text, or longer than 2000 bytes"},
    {"data: {classes: [a, \"\"]}\n", "data.classes: item 2 is empty"},
    {"data: {classes: [a]}\n", "data.classes: has one class"},
    {"data: {classes: [a, b, a]}\n", "data.classes: has \"a\" twice"},
    {"data: {classes: [a, b], positive: c}\n", "data.positive: is \"c\", expected one of data.classes"},
    {"data: {balance: undersampling}\n", "data.balance: is \"undersampling\", did you mean undersample?"},
    {"data: {image: {size: 0}}\n", "data.image.size: is 0, expected a whole number from 1"},
    {"data: {image: {size: \"224\"}}\n", "data.image.size: is the text \"224\", expected a whole number"},
    {"data: {image: {size: 1e9}}\n", "data.image.size: is 1e9, expected"},
    {"data: {image: {channels: 2}}\n", "data.image.channels: is 2, expected 3 (RGB) or 1 (grey)"},
    {"data: {image: {channels: 4}}\n", "data.image.channels: is 4, expected"},
    {"data: {image: {mean: [0.5, 0.5]}}\n", "data.image.mean: has 2 numbers, data.image.channels is 3"},
    {"data: {image: {channels: 1, std: [1, 1, 1]}}\n", "data.image.std: has 3 numbers, data.image.channels is 1"},
    {"data: {image: {mean: 0.5}}\n", "data.image.mean: is 0.5, expected a list of 1 to 3 numbers"},
    {"data: {image: {mean: [a, b, c]}}\n", "data.image.mean: is a, expected a list"},
    {"data: {image: {std: [0.1, 0, 0.1]}}\n", "data.image.std: is 0, expected a list of 1 to 3 numbers above 0"},
    {"data: {image: {std: []}}\n", "data.image.std: is a list, expected a list of 1 to 3"},
    {"split: {scheme: kfold}\n", "split.scheme: is kfold, expected leave_one_group_out, group_kfold"},
    {"split: {scheme: group_kfold}\n", "split.scheme: group_kfold needs data.group"},
    {"split: {scheme: leave_one_group_out}\n", "split.scheme: leave_one_group_out needs data.group"},
    {"evaluate: {bootstrap: {by: group}}\n", "evaluate.bootstrap.by: is group, but data.group names no column"},
    {"split: {folds: 1}\n", "split.folds: is 1, expected a whole number from 2"},
    {"split: {validation: 1}\n", "split.validation: is 1, expected a number from 0 up to but without 1"},
    {"split: {validation: -0.1}\n", "split.validation: is -0.1"},
    {"split: {test: 0}\n", "split.test: is 0, expected a number above 0 and below 1"},
    {"split: {shuffle: 1}\n", "split.shuffle: is 1, expected true or false"},
    {"split: {shuffle: \"true\"}\n", "split.shuffle: is the text \"true\", expected true or false"},
    {"model: {freeze: backbone}\n", "model.freeze: is backbone, expected a list of texts or a whole number"},
    {"model: {mlp: {hidden: [16, 0]}}\n", "model.mlp.hidden: is 0, expected a list of 0 to 8 whole numbers from 1 to 65536"},
    {"model: {mlp: {hidden: 16}}\n", "model.mlp.hidden: is 16, expected a list of 0 to 8 whole numbers"},
    {"data: {landmark_flip: [1, 2]}\n", "data.landmark_flip: is 1, expected a list of pairs such as"},
    {"data: {landmark_flip: [[1, 2], [2, 3]]}\n", "data.landmark_flip: names 2 twice"},
    {"data: {landmark_distance: [1]}\n", "data.landmark_distance: names one landmark, two or none would be right"},
    {"data: {landmark_distance: [4, 4]}\n", "data.landmark_distance: names landmark 4 twice, two different ones"},
    {"model: {head: landmarks}\nloss: {name: wing}\nevaluate: {average_over: session}\n",
     "evaluate.average_over: averages probabilities, and the head is landmarks; null would be right"},
    {"model: {head: landmarks}\nloss: {name: cross_entropy}\n",
     "loss.name: is cross_entropy, but the head is landmarks; mse or wing would be right"},
    {"loss: {name: wing}\n", "loss.name: is wing, but the head is linear; cross_entropy would be right"},
    {"model: {head: landmarks}\nloss: {name: wing}\ndata: {train_transforms: [{resize: 224}, {hflip: 0.5}]}\n",
     "data.landmark_flip: names no pairs, but data.train_transforms mirrors images"},
    {"loss: {name: focal}\n", "loss.name: is focal, expected cross_entropy"},
    {"loss: {prsc: {lambda: -0.1}}\n", "loss.prsc.lambda: is -0.1, expected a number from 0"},
    {"seed: 1\nloss: {prsc: {lambda: 0.1}}\n", ":2: loss.prsc.lambda: is above 0, but PRSC needs model.head painseeker"},
    {"loss: {prsc: {margin: -1}}\n", "loss.prsc.margin: is -1, expected a number from 0"},
    {"loss: {prsc: {top_k: 0}}\n", "loss.prsc.top_k: is 0, expected a whole number from 1"},
    {"optimizer: {name: rmsprop}\n", "optimizer.name: is rmsprop, expected sgd, adam or adamw"},
    {"optimizer: {name: adma}\n", "optimizer.name: is \"adma\", did you mean adam?"},
    {"optimizer: {lr: 0}\n", "optimizer.lr: is 0, expected a number above 0"},
    {"optimizer: {lr: -1e-3}\n", "optimizer.lr: is -1e-3"},
    {"optimizer: {lr: .nan}\n", "optimizer.lr: is .nan, expected a number above 0"},
    {"optimizer: {lr: nan}\n", "optimizer.lr: is nan"},
    {"optimizer: {lr: .inf}\n", "optimizer.lr: is .inf"},
    {"optimizer: {lr: 1e400}\n", "optimizer.lr: is 1e400"},
    {"optimizer: {lr: 1,5}\n", "optimizer.5: there is no such key"},
    {"optimizer: {lr: \"0.1\"}\n", "optimizer.lr: is the text \"0.1\""},
    {"optimizer: {lr: [0.1]}\n", "optimizer.lr: is a list"},
    {"optimizer: {momentum: 1}\n", "optimizer.momentum: is 1, expected"},
    {"optimizer: {weight_decay: -1}\n", "optimizer.weight_decay: is -1"},
    {"optimizer: {betas: [0.9, 1]}\n", "optimizer.betas: is 1, expected a list of 2 numbers from 0 up to but without 1"},
    {"optimizer: {betas: [0.9]}\n", "optimizer.betas: is a list, expected a list of 2 numbers"},
    {"optimizer: {eps: 0}\n", "optimizer.eps: is 0"},
    {"optimizer: {name: sgd, nesterov: true}\n", "optimizer.nesterov: needs optimizer.momentum above 0"},
    {"schedule: {name: linear}\n", "schedule.name: is linear, expected constant, step, cosine or plateau"},
    {"schedule: {name: cosine, min_lr: 1}\n", "schedule.min_lr: is above optimizer.lr"},
    {"schedule: {step_size: 0}\n", "schedule.step_size: is 0"},
    {"schedule: {factor: 1}\n", "schedule.factor: is 1"},
    {"train: {epochs: 0}\n", "train.epochs: is 0, expected a whole number from 1"},
    {"train: {epochs: three}\n", "train.epochs: is three"},
    {"train:\n  batch_size: 0\n", ":2: train.batch_size: is 0, expected a whole number from 1 to 65536"},
    {"train: {batch_size: 8.0}\n", "train.batch_size: is 8.0, expected a whole number"},
    {"train: {precision: f16}\n", "train.precision: is \"f16\", did you mean bf16? Expected f32 or bf16"},
    /* transforms */
    {"data: {train_transforms: {resize: 1}}\n", "data.train_transforms: is a section, expected a list of transforms"},
    {"data: {train_transforms: [{resize: 256}]}\n",
     "data.train_transforms: ends in images of 256 x 256, data.image.size is 224"},
    {"data: {eval_transforms: [{resize: 100}, {center_crop: 224}]}\n",
     "item 2 cuts 224 x 224 pixels out of an image of 100 x 100"},
    {"data:\n  eval_transforms:\n  - resize: 224\n  - hflop: 1\n",
     ":4: data.eval_transforms: there is no transform \"hflop\", did you mean hflip?"},
    {"data: {eval_transforms: [{xyzzy: 1}]}\n", "there is no transform \"xyzzy\", known are resize"},
    {"data: {eval_transforms: [{resize: 0}]}\n", "resize is 0, expected a whole number of pixels from 1 to 16384"},
    {"data: {eval_transforms: [{resize: [224, 224]}]}\n", "resize is a list, expected a whole number"},
    {"data: {eval_transforms: [resize]}\n", "resize has no value, expected a whole number"},
    {"data: {eval_transforms: [{hflip: 1.5}]}\n", "hflip is 1.5, expected a probability from 0 to 1"},
    {"data: {eval_transforms: [{rotate: -5}]}\n", "rotate is -5, expected degrees"},
    {"data: {eval_transforms: [{brightness: [1.2, 0.8]}]}\n", "brightness is a list, expected [lo, hi]"},
    {"data: {eval_transforms: [{brightness: 0.2}]}\n", "brightness is 0.2, expected [lo, hi]"},
    {"data: {eval_transforms: [{grayscale: true}]}\n", "grayscale is true, expected the word alone"},
    {"data: {eval_transforms: [{resize: 224, hflip: 1}]}\n", "has no name or several"},
    {"data: {eval_transforms: [[resize, 224]]}\n", "this one is a list"},
    /* sweep */
    {"sweep: "
     "[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,"
     "3,4,5,6,7,8,9,1,2]\n",
     "sweep: has 65 axes, at most 64"},
    {"sweep: {key: a}\n", "sweep: \"key\" is not known, the section has mode, axes or settings"},
    {"sweep: 3\n", "sweep: is a single value, expected a list"},
    {"sweep: {axes: []}\n", "sweep: mode grid needs a list of axes"},
    {"sweep: {mode: [a], axes: [{key: optimizer.lr, values: [1]}]}\n", "sweep: mode must be grid"},
    {"sweep: {mode: random, count: 0, axes: [{key: optimizer.lr, values: [1]}]}\n", "sweep: mode random needs a count"},
    {"sweep: {mode: random, count: 1, axes: [{key: optimizer.lr, range: [[1], {a: b}]}]}\n", "must be [lo, hi]"},
    {"sweep: {mode: random, count: 1, axes: [{key: optimizer.lr, range: [0, 1]}]}\n", "optimizer.lr: is 0, expected"},
    {"sweep: {mode: random, count: 1, axes: [{key: loss.prsc.margin, range: [0, 1], scale: log}]}\n", "must begin above 0"},
    {"sweep: {mode: random, count: 1, axes: [{key: model.head, range: [0, 1]}]}\n", "model.head is no number"},
    {"sweep: {mode: list, settings: [{name: a, set: {optimizer.lr: x}}]}\n", "optimizer.lr: is x, expected"},
    {"sweep: {mode: list, settings: [{name: a, set: {}}, {name: a, set: {}}]}\n", "two settings are named \"a\""},
    {"sweep: {mode: list, settings: [{name: a}]}\n", "sweep: a setting needs a name"},
    {"sweep: {mode: list, settings: [{name: a, set: {sweep: []}}]}\n", "\"sweep\" is not a key that can be swept"},
    {"sweep: [optimizer.lr]\n", "sweep: each axis needs a key and a list of values"},
    {"sweep: [{key: optimizer.lr}]\n", "sweep: each axis needs"},
    {"sweep: [{key: optimizer.lr, values: []}]\n", "sweep: each axis needs"},
    {"sweep: [{key: optimizer.lr, values: 1}]\n", "sweep: each axis needs"},
    {"sweep: [{key: optimizer.lr, value: [1]}]\n", "sweep: \"value\" is not known"},
    {"sweep: [{key: optimizer.lr, key: x}]\n", "sweep: \"key\" is there twice"},
    {"sweep: [{key: optimizer.rl, values: [1]}]\n",
     "\"optimizer.rl\" is not a key that can be swept, did you mean optimizer.lr?"},
    {"sweep: [{key: optimizer, values: [1]}]\n", "\"optimizer\" is a section, name one of its keys"},
    {"sweep: [{key: sweep, values: [1]}]\n", "\"sweep\" is not a key that can be swept"},
    {"sweep:\n- {key: optimizer.lr,\n   values: [1,\n   0]}\n", ":4: optimizer.lr: is 0, expected a number above 0"},
    {"sweep: [{key: seed, values: [1]}, {key: seed, values: [2]}]\n", "sweep: seed has two axes"},
};

static void refuses_with_the_place(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gr_error err = {0};
        gr_config *config;
        gr_status status = load(bad[i].text, NULL, 0, &config, &err);
        if (status == GR_INVALID && !config && gr_starts_with(err.text, path) && strstr(err.text, bad[i].part))
            continue;
        print_error("%s  expected: %s\n  gave: %s\n", bad[i].text, bad[i].part, err.text);
        gr_config_destroy(config);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void refuses_overrides(void **state)
{
    (void)state;
    static const struct {
        const char *override, *sentence;
    } cases[] = {
        {"optimizer.lr", "command line: optimizer.lr: is not key=value, such as optimizer.lr=0.001"},
        {"=5", "command line: =5: is not key=value, such as optimizer.lr=0.001"},
        {"optimizer.rl=5", "command line: optimizer.rl: there is no such key, did you mean optimizer.lr?"},
        {"nothing.rl=5", "command line: nothing.rl: there is no such key"},
        {"..=5", "command line: ..: there is no such key"},
        {"train.epochs=0", "command line: train.epochs: is 0, expected a whole number from 1 to 1000000"},
        {"train.epochs=", "command line: train.epochs: has no value, expected a whole number from 1 to 1000000"},
        {"data.classes=[a, b", "command line: data.classes: is not valid YAML: did not find expected ',' or ']'"},
        {"train=5", "command line: train: is a single value, expected a section with epochs"},
        {"train={epochs: 0}", "command line: train.epochs: is 0"},
        {"name=a: b: c", "command line: name: is not valid YAML"},
        {"name=\xff", "command line: name: is not valid UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gr_error err = {0};
        gr_config *config;
        assert_int_equal(load("seed: 1\n", &cases[i].override, 1, &config, &err), GR_INVALID);
        if (!gr_starts_with(err.text, cases[i].sentence))
            fail_msg("%s gave: %s", cases[i].override, err.text);
    }
}

/* ---- hostile files --------------------------------------------------------------------------------------------------- */

static void expect_refusal(const char *part)
{
    gr_error err = {0};
    gr_config *config;
    assert_int_equal(gr_config_load(path, NULL, 0, &config, &err), GR_INVALID);
    if (!strstr(err.text, part))
        fail_msg("%s", err.text);
}

static void refuses_hostile_files(void **state)
{
    (void)state;
    gr_text text = {0};
    test_file_write("seed: 1\nname: a\0b\n", 18);
    expect_refusal(":2: holds a NUL byte");
    test_file_write("\xff\xfes\0e\0e\0d\0", 10);
    expect_refusal(":1: ");

    gr_text_printf(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++)
        gr_text_printf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1,
                         i - 1, i - 1, i - 1, i - 1, i - 1);
    test_file_write(text.data, text.size);
    expect_refusal("stands for more than 20000 values");

    text.size = 0;
    for (int i = 0; i < 100000; i++)
        gr_text_add(&text, "[", 1);
    test_file_write(text.data, text.size);
    expect_refusal("nested more than");
    for (int i = 0; i < 100000; i++)
        memcpy(text.data + i, i % 2 ? "\n" : "-", 1);
    test_file_write(text.data, text.size);
    expect_refusal(": ");

    text.size = 0;
    for (int i = 0; i < 30000; i++)
        gr_text_printf(&text, "k%d: &k%d 1\n", i, i);
    test_file_write(text.data, text.size);
    expect_refusal("more than 200 anchors");

    text.size = 0;
    gr_text_printf(&text, "name: %05000d\n", 0);
    test_file_write(text.data, text.size);
    expect_refusal(":1: name: is longer than 2000 bytes");

    text.size = 0;
    while (text.size <= 1 << 20)
        gr_text_printf(&text, "# a comment that goes on and on\n");
    test_file_write(text.data, text.size);
    expect_refusal("at most 1048576");
    gr_text_free(&text);

    gr_error err = {0};
    gr_config *config;
    assert_int_equal(gr_config_load(test_file_folder(), NULL, 0, &config, &err), GR_INVALID);
    err = (gr_error){0};
    assert_int_equal(gr_config_load("/nowhere/x.yaml", NULL, 0, &config, &err), GR_INVALID);
}

/* No cut and no flipped byte may do worse than be refused: the sanitizers watch. */
static void survives_damage(void **state)
{
    (void)state;
    size_t size = sizeof everything - 1;
    char copy[sizeof everything];
    for (size_t i = 0; i < 2 * size; i++) {
        gr_error err = {0};
        gr_config *config;
        memcpy(copy, everything, size);
        if (i >= size)
            copy[i - size] = (char)(copy[i - size] ^ (i % 2 ? 0x04 : 0x91));
        test_file_write(copy, i < size ? i : size);
        gr_status status = gr_config_load(path, NULL, 0, &config, &err);
        assert_true((status == GR_OK) == (config != NULL) && (status == GR_OK || status == GR_INVALID));
        gr_config_destroy(config);
    }
}

static bool may_be_watched(const char *number)
{
    const gr_key *key = &gr_keys[gr_key_find("train.keep_metric")];
    char name[64], room[GR_KEY_NAME_ROOM];
    snprintf(name, sizeof name, "val_%s", number);
    int found = 0;
    for (int i = 0; gr_key_name(key, i, room) != NULL; i++)
        found += strcmp(gr_key_name(key, i, room), name) == 0;
    assert_true(found <= 1);
    return found == 1;
}

/* The metrics that may be watched are those that a validation part is judged by, each of them, where one value is better than
 * another. */
static void every_metric_can_be_watched(void **state)
{
    (void)state;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        assert_true(may_be_watched(gr_metric_name((gr_metric)i)));
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        assert_int_equal(may_be_watched(gr_score_metric_name((gr_score_metric)i)), gr_score_metric_ranks((gr_score_metric)i));
    for (int i = 0; i < GR_ORDINAL_METRIC_COUNT; i++)
        assert_true(may_be_watched(gr_ordinal_metric_name((gr_ordinal_metric)i)));
    assert_true(may_be_watched("nrmse") && may_be_watched("loss") && !may_be_watched("pixels"));
}

/* ---- the reference page ---------------------------------------------------------------------------------------------- */

static void reference_page_is_up_to_date(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_text made = {0};
    char *committed;
    size_t size;
    gr_config_reference(&made);
    assert_int_equal(gr_file_read("docs/config.md", 1 << 20, &committed, &size, &err), GR_OK);
    if (size != made.size || memcmp(committed, made.data, size) != 0)
        fail_msg("docs/config.md differs from grimace config --reference: write that there");
    gr_free(committed);
    gr_text_free(&made);
}

/* Each kind of transform has the name that the image room gives it. */
static void transforms_have_their_names(void **state)
{
    (void)state;
    gr_config *c =
        good("data: {train_transforms: [{resize: 224}, {random_crop: 224}, {center_crop: 224}, {hflip: 0}, {rotate: 0},\n"
             "  {brightness: [1, 1]}, grayscale, bgr]}\n",
             NULL);
    gr_text text = {0};
    gr_value_put(&gr_keys[gr_key_find("data.train_transforms")], c, &text);
    assert_int_equal(c->data.train_transforms.count, GR_TRANSFORM_KINDS);
    const char *at = text.data;
    for (int i = 0; i < GR_TRANSFORM_KINDS; i++) {
        assert_int_equal(c->data.train_transforms.items[i].kind, i);
        at = strstr(at, gr_transform_name((gr_transform_kind)i));
        assert_non_null(at);
    }
    gr_text_free(&text);
    gr_config_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_documented_defaults),
        cmocka_unit_test(reads_every_key),
        cmocka_unit_test(mentions_every_key),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(overrides_win),
        cmocka_unit_test(says_where),
        cmocka_unit_test(derives_settings_of_a_sweep),
        cmocka_unit_test(knows_the_names_of_others),
        cmocka_unit_test(refuses_with_the_place),
        cmocka_unit_test(refuses_overrides),
        cmocka_unit_test(refuses_hostile_files),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(every_metric_can_be_watched),
        cmocka_unit_test(reference_page_is_up_to_date),
        cmocka_unit_test(transforms_have_their_names),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
