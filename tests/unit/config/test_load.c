/* The config: defaults, every key, overrides, round trips, settings of a sweep, and that damage does no harm. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/value.h"
#include "config/keys.h"
#include "grimace/eval.h"
#include "support/configs.h"
#include "support/folder.h"
#include "support/temp_file.h"

static void has_the_documented_defaults(void **state)
{
    (void)state;
    gr_config *c = test_config_good("seed: 0\n", NULL);
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
    c = test_config_good("data: {group: rat, image: {size: 96, channels: 1}}\n", NULL);
    assert_string_equal(c->split.scheme, "leave_one_group_out");
    assert_true(c->data.train_transforms.items[0].a == 96);
    assert_true(c->data.image.mean[0] == 0.449 && isnan(c->data.image.mean[1]));
    gr_config_destroy(c);
    gr_config_destroy(NULL);
}

/* Every key, each with another value than its default. */
static const char everything[] =
    "name: \"rats: 2\"\nseed: 9223372036854775807\nthreads: 3\nsemantics: keras2\n"
    "data:\n"
    "  manifest: sub/m.csv\n  label: pain\n  classes: [0, '1', \"it's\", caf\xc3\xa9, yes]\n  positive: 1\n  group: animal\n"
    "  weight: w\n"
    "  extra_manifests: [x.csv]\n  only: [a=b]\n  at_most: 9\n"
    "  image: {size: 96, channels: 1, mean: [0.5], std: [0.25]}\n  jpeg_dct: fast\n"
    "  train_transforms: [{resize: 128}, {random_crop: 96}, {hflip: .5}, {rotate: 15}, {brightness: [0.8, 1.25]},\n"
    "                     grayscale, bgr]\n"
    "  eval_transforms:\n    - resize: 100\n    - center_crop: 96\n"
    "  balance: oversample\n  cache_mb: 10\n  workers: 2\n"
    "  boxes: [ear=ear]\n  landmarks: [9, 2, 3, 4, 5, 6, 7]\n  landmark_flip: [[1, 2], [7, 5]]\n  landmark_distance: [3, 4]\n"
    "  landmark_units: fgs35\n"
    "  crop: f.xml\n  crop_margin: 0.5\n  crop_square: true\n"
    "  align_size: 50\n  align_margin: 0.2\n"
    "split: {scheme: group_kfold, folds: 3, repeats: 2, stratify: treatment, validation: 0.1, test: 0.3, train_share: 0.5,\n"
    "  shuffle: True, write: compact}\n"
    "model: {classic: none, lbp: {radius: 3, points: 12, grid: 16, method: ror}, svm: {c: 0.5},\n"
    "  boosted: {trees: 7, rate: 0.5, depth: 3, alpha: 1, lambda: 2, gamma: 1, min_child_weight: 2, subsample: 0.5,\n"
    "    colsample: 0.5, scale_pos_weight: auto, early_stopping: 3},\n"
    "  cascade: {features: lbp, haar: all, boost: discrete, width: 24, height: 30, stages: 5, trees: 9, hit_rate: 0.9,\n"
    "    false_alarm: 0.4, negatives: 100, overlap: 0.1, scale: 1.2, copies: 2, mirror: false},\n"
    "  hog: {width: 32, height: 48, c: 1, negatives: 100, overlap: 0.1, scale: 1.2, copies: 2, mirror: false},"
    "  backbone: resnet34, head: painseeker, width: 0.5, variant: torchvision, "
    "init: he_normal, penalty: [{layers: [head, backbone.conv1], l1: 0.5, l2: 0.25}], penalty_frozen: true, "
    "batch_norm: {momentum: 0.99, eps: 0.001, variance: images}, "
    "pretrained: /w/a b.safetensors, freeze: [backbone.conv1, "
    "\"x\\u0085y\"],\n"
    "  aux: true, mlp: {pool: flatten, hidden: [2048, 1024], dropout: 0.25}, landmarks: {block: hybrid, filters: 32},\n"
    "  boxes: {stride: 4, filters: 32, score: 0.5}}\n"
    "loss: {name: cross_entropy, class_weight: {0: 0.5, \"it's\": 2}, class_weight_mean: batch, class_weight_val: false, "
    "wing: {w: 5, epsilon: 0.5}, huber: {delta: 2}, prsc: {lambda: 0.1, margin: 0.3, top_k: "
    "3}}\n"
    "optimizer: {name: sgd, form: keras, decoupled: true, rho: 0.5, initial_accumulator: 1, momentum_decay: 2,\n"
    "            clip: {norm: 3}, lr: 1E-4, momentum: 0.9, dampening: 0.0, nesterov: true, weight_decay: 1e-4, l1: 1.0e-5,\n"
    "            betas: [0.8, 0.99], eps: 3.3333333333333335e-09}\n"
    "schedule: {name: plateau, per: step, decay_steps: 5, decay_rate: 0.5, power: 2, t_mul: 3, m_mul: 0.5, warmup_from: 0.1,\n"
    "  rule: keras, min_delta: 0.01, cooldown: 3, step_size: 4, gamma: 0.5, min_lr: 1e-6, factor: 0.2, patience: 0}\n"
    "train: {epochs: 2, batch_size: 7, blocks: 2, precision: bf16, memory: low, feature_cache: /f,\n"
    "  shuffle: false, drop_last: true,\n"
    "  bn_recalibrate: true,\n"
    "  repeats: 2, repetition: 3,\n"
    "  early_stopping: {metric: train_loss, mode: max, patience: 4, min_delta: 0.01},\n"
    "  keep: best, keep_metric: val_accuracy, keep_mode: min, keep_min_delta: 0.2}\n"
    "evaluate: {confidence: 0.9, average_over: session, calibrate: platt, tta: [hflip],\n"
    "  bootstrap: {count: 100, level: 0.95, by: group}, permutation: {count: 9, by: group}}\n"
    "sweep:\n- {key: loss.prsc.lambda, values: [0.05, 1]}\n- key: data.train_transforms\n"
    "  values: [[{resize: 96}], [{random_crop: 96}, bgr]]\n- {key: model.pretrained, values: [null, w.safetensors]}\n"
    "- {key: optimizer.name, values: [sgd, adam]}\n- {key: schedule.name, values: [plateau, step]}\n"
    "experiment: {labels: [au_ear, au_eye], classes: [0, '2'], threshold: 3}\n"
    "reported: {source: \"Table 3, row: a\", f1: 0.7731, mcc: -0.5, accuracy: {mean: 0.885, sd: 0.022},\n"
    "  auroc: {value: 0.64, low: 0.56, high: 0.69}, precision: {mean: 1},\n"
    "  averaged: {f1: 0.25, accuracy: {mean: 0.5, sd: 0.125}},\n"
    "  folds: {\"Rat#1\": {f1: 0.5}, b: {}}, classes: {0: {f1: {mean: 0.25, sd: 0}}}}\n";

static void reads_every_key(void **state)
{
    (void)state;
    char expected[200];
    gr_config *c = test_config_good(everything, NULL);
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
    assert_int_equal(c->sweep.count, 5);
    assert_string_equal(c->sweep.axes[0].key, "loss.prsc.lambda");
    assert_string_equal(c->sweep.axes[0].values.items[0], "0.05");
    assert_string_equal(c->sweep.axes[1].values.items[1], "[{random_crop: 96}, bgr]");
    snprintf(expected, sizeof expected, "%s/w.safetensors", test_file_folder());
    assert_string_equal(c->sweep.axes[2].values.items[1], expected);
    int line = 1;
    for (const char *at = everything; at < strstr(everything, "- key: data.train_transforms"); at++)
        line += *at == '\n';
    snprintf(expected, sizeof expected, "%s:%d", test_config_path(), line);
    assert_string_equal(c->sweep.axes[1].place, expected);
    gr_config_destroy(c);
}

/* Every key of the table must differ from its default in `everything`, so that the round trip below misses none. */
static void mentions_every_key(void **state)
{
    (void)state;
    gr_config *all = test_config_good(everything, NULL), *none = test_config_good("seed: 0\n", NULL);
    for (int i = 0; i < gr_key_count; i++) {
        gr_text a = {0}, b = {0};
        const char *key = gr_keys[i].path;
        gr_value_put(&gr_keys[i], all, &a);
        gr_value_put(&gr_keys[i], none, &b);
        bool alone = strcmp(key, "experiment.cross") == 0 || strcmp(key, "experiment.equal") == 0 ||
                     strcmp(key, "loss.name") == 0 || strcmp(key, "task") == 0 || strcmp(key, "data.labels") == 0 ||
                     strcmp(key, "data.range") == 0 || strcmp(key, "model.layers") == 0 || strcmp(key, "model.classic") == 0 ||
                     strcmp(key, "optimizer.dampening") == 0; /* one value beside the others; or nesterov allows no other */
        static const char *const of_others[] = {"optimizer.amsgrad",   "optimizer.centered",  "optimizer.clip.value",
                                                "optimizer.clip.global_norm", "schedule.staircase",  "schedule.boundaries",
                                                "schedule.values",     "schedule.cycle",      "schedule.warmup",
                                                "data.align", "data.align_to", "data.landmarks_from"}; /* not beside data.crop */
        static const char *const of_trees[] = {"data.features.", "tune.", "select."}; /* other classics read none of these */
        for (size_t k = 0; k < sizeof of_others / sizeof of_others[0]; k++)
            alone = alone || strcmp(key, of_others[k]) == 0; /* of other rules and schedules; test_dialects.c has them */
        for (size_t k = 0; k < sizeof of_trees / sizeof of_trees[0]; k++)
            alone = alone || strncmp(key, of_trees[k], strlen(of_trees[k])) == 0;
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
    const char *const texts[] = {everything, "seed: 0\n", "data: {align: fgs37, landmarks_from: r}\n", "data: {align_to: t.csv}\n",
                                 "data: {classes: [\"null\", \"~\", \"1e5\", \"a\\nb\", \" \"]}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gr_error err = {0};
        gr_text first = {0}, second = {0};
        gr_config *config = test_config_good(texts[i], NULL), *again;
        gr_config_yaml(config, &first);
        assert_int_equal(gr_config_save(config, test_config_path(), &err), GR_OK);
        if (gr_config_load(test_config_path(), NULL, 0, &again, &err) != GR_OK)
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

/* In another folder: what was given relative is written from there on, what was absolute stays, and all means the same. */
static void paths_stay_relative(void **state)
{
    (void)state;
    char folder[TEST_TEMP], path[300], *text, wanted[1000];
    size_t size;
    gr_error err = {0};
    gr_config *again, *config = test_config_good("data: {manifest: a.csv, extra_manifests: [x.csv, /else/where/y.csv]}\n"
                                                 "model: {pretrained: /else/where/w.pth}\n", NULL);
    assert_non_null(test_temp_folder(folder, "saved"));
    snprintf(path, sizeof path, "%s/config.yaml", folder);
    assert_int_equal(gr_config_save(config, path, &err), GR_OK);
    assert_int_equal(gr_file_read(path, 100000, &text, &size, &err), GR_OK);
    snprintf(wanted, sizeof wanted, "\n  manifest: \"..%s\"\n", config->data.manifest + (strrchr(folder, '/') - folder));
    assert_non_null(strstr(text, wanted));
    snprintf(wanted, sizeof wanted, "\n  extra_manifests: [%s, %s]\n", config->data.extra_manifests.items[0],
             config->data.extra_manifests.items[1]); /* one is absolute, so both are */
    assert_non_null(strstr(text, wanted));
    assert_non_null(strstr(text, "\n  pretrained: /else/where/w.pth\n"));
    assert_int_equal(gr_config_load(path, NULL, 0, &again, &err), GR_OK);
    assert_string_equal(again->data.manifest, config->data.manifest);
    assert_true(gr_config_stamp(again) == gr_config_stamp(config));
    gr_config_destroy(again);
    gr_free(text);
    unlink(path);
    rmdir(folder);
    gr_config_destroy(config);
}

/* A path that is no more is that of a file of the same name elsewhere. */
static void moved_files_are_the_same(void **state)
{
    (void)state;
    const char *const texts[] = {"data: {manifest: /gone/a.csv}\n", "data: {manifest: /new/a.csv}\n",
                                 "data: {manifest: /new/b.csv}\n", "data: {manifest: /bin/sh}\n",
                                 "data: {manifest: /gone/sh}\n"};
    gr_config *c[5];
    gr_text a = {0}, b = {0};
    for (int i = 0; i < 5; i++)
        c[i] = test_config_good(texts[i], NULL);
    assert_null(gr_config_differs(c[1], c[0], false, &a, &b));
    assert_string_equal(gr_config_differs(c[2], c[0], false, &a, &b), "data.manifest");
    assert_null(gr_config_differs(c[3], c[4], false, &a, &b));
    assert_string_equal(gr_config_differs(c[4], c[3], false, &a, &b), "data.manifest"); /* /bin/sh is there */
    assert_true(gr_config_moved_stamp(c[0]) == gr_config_moved_stamp(c[1]) && gr_config_stamp(c[0]) != gr_config_stamp(c[1]));
    assert_true(gr_config_moved_stamp(c[1]) != gr_config_moved_stamp(c[2]));
    for (int i = 0; i < 5; i++)
        gr_config_destroy(c[i]);
    gr_text_free(&a);
    gr_text_free(&b);
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
    if (test_config_load("optimizer: {lr: 2, eps: 1e-3}\ndata: {group: g, classes: [a, b]}\nsplit: {scheme: holdout}\n",
                         overrides, 8, &c, &err) != GR_OK)
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
    gr_config *c = test_config_good("seed: 1\ndata:\n  label: x\n  image:\n    size: 64\n", NULL);
    static const struct {
        const char *key;
        int line;
    } places[] = {{"seed", 1},       {"data.label", 3}, {"data.image.size", 5}, {"data.image.mean", 4},
                  {"data.group", 2}, {"threads", 1},    {"train.epochs", 1}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(expected, sizeof expected, "%s:%d", test_config_path(), places[i].line);
        assert_string_equal(gr_config_where(c, places[i].key), expected);
    }
    gr_error err = {0};
    assert_int_equal(gr_config_fail(c, "data.label", &err, "no column %d", 7), GR_INVALID);
    snprintf(expected, sizeof expected, "%s:3: data.label: no column 7", test_config_path());
    assert_string_equal(err.text, expected);
    gr_config_destroy(c);
}

static void derives_settings_of_a_sweep(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_config *base =
        test_config_good("model: {head: painseeker}\nsweep:\n- {key: loss.prsc.lambda, values: [1, 2]}\n", "optimizer.lr=5");
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
        {"model: {head: xyzzy}\n", ":1: model.head: is \"xyzzy\", expected linear, painseeker, mlp, landmarks or boxes"},
        {"model: {head: [linear]}\n", ":1: model.head: is a list, expected a text"},
        {"sweep:\n- key: model.backbone\n  values: [resnet18, vgg]\n", ":2: model.backbone: is \"vgg\", expected resnet18,"},
        {"sweep: {mode: list, settings: [\n {name: a, set: {model.head: mpl}}]}\n",
         ":2: model.head: is \"mpl\", did you mean mlp?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gr_error err = {0};
        gr_config *c;
        assert_int_equal(test_config_load(cases[i].text, NULL, 0, &c, &err), GR_INVALID);
        if (!gr_starts_with(err.text, test_config_path()) ||
            !gr_starts_with(err.text + strlen(test_config_path()), cases[i].sentence))
            fail_msg("%s gave: %s", cases[i].text, err.text);
    }
    gr_config_destroy(
        test_config_good("model: {backbone: resnet34}\nsweep: [{key: model.backbone, values: [resnet18]}]\n", NULL));
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
        gr_status status = gr_config_load(test_config_path(), NULL, 0, &config, &err);
        assert_true((status == GR_OK) == (config != NULL) && (status == GR_OK || status == GR_INVALID));
        gr_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_documented_defaults),
        cmocka_unit_test(reads_every_key),
        cmocka_unit_test(mentions_every_key),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(paths_stay_relative),
        cmocka_unit_test(moved_files_are_the_same),
        cmocka_unit_test(overrides_win),
        cmocka_unit_test(says_where),
        cmocka_unit_test(derives_settings_of_a_sweep),
        cmocka_unit_test(knows_the_names_of_others),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, test_config_place, test_file_remove);
}
