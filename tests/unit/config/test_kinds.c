/* What is wrong with a config: a long list of texts, each with the sentence that it gives; hostile files. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/keys.h"
#include "grimace/eval.h"
#include "support/configs.h"
#include "support/temp_file.h"

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
    {"train: {optimizer: {name: adam}}\n", "train.optimizer: there is no such key, did you mean optimizer?"},
    {"model: {optimizer: {name: adam}}\n", ":1: model.optimizer: there is no such key, did you mean optimizer?"},
    {"train: {prsc: {margin: 1}}\n", "train.prsc: there is no such key, did you mean loss.prsc?"},
    {"loss: {prsc: {lamda: 1}}\n", "loss.prsc.lamda: there is no such key, did you mean loss.prsc.lambda?"},
    {"loss: {prsc: {qqqqqqqqqq: 1}}\n", "known in loss.prsc are lambda, margin and top_k"},
    {"qqqqqqqqqq: 1\n",
     "known here are name, seed, threads, task, semantics, data, split, model, loss, optimizer, schedule, train, "
     "tune, select, evaluate, experiment, sweep and reported"},
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
    {"model: {head: landmarks}\nloss: {name: wing}\ndata: {train_transforms: [{resize: 224}, {keras_layers: {flip: vertical}}]}\n",
     "data.landmark_flip: names no pairs, but data.train_transforms mirrors images"},
    {"loss: {name: focal}\n", "loss.name: is focal, but the head is linear; cross_entropy would be right"},
    {"loss: {name: fokal}\n", "loss.name: is \"fokal\", did you mean focal?"},
    {"loss: {prsc: {lambda: -0.1}}\n", "loss.prsc.lambda: is -0.1, expected a number from 0"},
    {"seed: 1\nloss: {prsc: {lambda: 0.1}}\n", ":2: loss.prsc.lambda: is above 0, but PRSC needs model.head painseeker"},
    {"loss: {prsc: {margin: -1}}\n", "loss.prsc.margin: is -1, expected a number from 0"},
    {"loss: {prsc: {top_k: 0}}\n", "loss.prsc.top_k: is 0, expected a whole number from 1"},
    {"optimizer: {name: lion}\n", "optimizer.name: is lion, expected sgd, adam, adamw, nadam, adamax, adagrad or rmsprop"},
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
    {"schedule: {name: linear}\n", 
     "schedule.name: is linear, expected constant, step, cosine, plateau, cosine_restarts, exponential, "
     "inverse_time, polynomial or piecewise"},
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
        gr_status status = test_config_load(bad[i].text, NULL, 0, &config, &err);
        if (status == GR_INVALID && !config && gr_starts_with(err.text, test_config_path()) && strstr(err.text, bad[i].part))
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
        assert_int_equal(test_config_load("seed: 1\n", &cases[i].override, 1, &config, &err), GR_INVALID);
        if (!gr_starts_with(err.text, cases[i].sentence))
            fail_msg("%s gave: %s", cases[i].override, err.text);
    }
}

static void expect_refusal(const char *part)
{
    gr_error err = {0};
    gr_config *config;
    assert_int_equal(gr_config_load(test_config_path(), NULL, 0, &config, &err), GR_INVALID);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_with_the_place),
        cmocka_unit_test(refuses_overrides),
        cmocka_unit_test(refuses_hostile_files),
    };
    return cmocka_run_group_tests(tests, test_config_place, test_file_remove);
}
