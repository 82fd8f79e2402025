/* Runs on a tiny data set: they learn, they go on after any stop to the same bytes, with any number of threads and processes;
 * what is wrong is refused before anything is written. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/train.h"
#include "support/folder.h"

enum { GROUPS = 4, PER_GROUP = 6, SIDE = 16 };

static char folder[TEST_TEMP];

static char *at(const char *name)
{
    static char text[4][400];
    static int turn;
    char *out = text[turn++ % 4];
    snprintf(out, sizeof text[0], "%s/%s", folder, name);
    return out;
}

static void put(const char *name, const char *text)
{
    gr_error err = {0};
    assert_int_equal(gr_file_write(at(name), text, strlen(text), &err), GR_OK);
}

/* Class 1 is brighter on the left; both are noisy. */
static void write_image(const char *name, int label, int index)
{
    gr_image image = {0};
    gr_error err = {0};
    assert_int_equal(gr_image_make(SIDE + 4, SIDE + 4, &image, &err), GR_OK);
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 0, (uint64_t)index);
    for (int y = 0; y < image.height; y++)
        for (int x = 0; x < image.width; x++)
            for (int c = 0; c < 3; c++)
                image.pixels[(y * image.width + x) * 3 + c] =
                    (uint8_t)(60 + (label == 1 && x < image.width / 2 ? 90 : 0) + (int)gr_rng_below(&rng, 60));
    assert_int_equal(gr_png_write(at(name), &image, &err), GR_OK);
    gr_image_free(&image);
}

static const char config_text[] = "name: tiny\n"
                                  "seed: 5\n"
                                  "threads: 1\n"
                                  "data:\n"
                                  "  manifest: manifest.csv\n"
                                  "  label: pain\n"
                                  "  group: animal\n"
                                  "  image: {size: 16}\n"
                                  "  train_transforms: [{random_crop: 16}, {hflip: 0.1}]\n"
                                  "split: {scheme: leave_one_group_out, validation: 0.34}\n"
                                  "model: {backbone: blackmice_cnn, head: linear}\n"
                                  "optimizer: {name: adam, lr: 0.001}\n"
                                  "schedule: {name: plateau, patience: 0, factor: 0.9}\n"
                                  "train: {epochs: 4, batch_size: 5}\n";

static int make_data(void **state)
{
    (void)state;
    if (test_temp_folder(folder, "train") == NULL)
        return -1;
    gr_text manifest = {0};
    gr_text_printf(&manifest, "image,animal,pain\n");
    for (int i = 0; i < GROUPS * PER_GROUP; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.png", i);
        write_image(name, i % 2, i);
        gr_text_printf(&manifest, "%s,rat%d,%d\n", name, i / PER_GROUP, i % 2);
    }
    put("manifest.csv", manifest.data);
    put("config.yaml", config_text);
    gr_text_free(&manifest);
    return 0;
}

static int remove_data(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- runs -------------------------------------------------------------------------------------------------------------------- */

/* Asks for a stop when this many events of steps or tests have been heard. */
typedef struct listener {
    volatile sig_atomic_t stop;
    int stop_at, heard;
    int features; /* computed */
    double first_loss, last_loss;
} listener;

static void listen_to(void *ctx, const gr_event *event)
{
    listener *l = ctx;
    if (event->kind == GR_EVENT_EPOCH) {
        if (l->first_loss == 0)
            l->first_loss = event->numbers.loss;
        l->last_loss = event->numbers.loss;
    }
    if (event->kind == GR_EVENT_FEATURES && event->step == event->steps)
        l->features += (int)event->steps;
    if ((event->kind == GR_EVENT_STEP || event->kind == GR_EVENT_TESTING) && ++l->heard == l->stop_at)
        l->stop = 1;
}

static gr_status run(const char *name, const char *const *overrides, int count, gr_run_options options, listener *l,
                     gr_error *err)
{
    gr_config *config = NULL;
    gr_results results;
    options.folder = at(name);
    options.hooks.event = listen_to;
    options.hooks.ctx = l;
    options.hooks.stop = &l->stop;
    gr_status status = gr_config_load(at("config.yaml"), overrides, count, &config, err);
    if (status == GR_OK)
        status = gr_run(config, &options, &results, err);
    if (status == GR_OK)
        gr_results_free(&results);
    gr_config_destroy(config);
    return status;
}

static void run_well(const char *name, const char *override, gr_run_options options, listener *l)
{
    gr_error err = {0};
    if (run(name, &override, override != NULL ? 1 : 0, options, l, &err) != GR_OK)
        fail_msg("%s", err.text);
}

static void assert_same(const char *a, const char *b, const char *file)
{
    char first[128], second[128];
    snprintf(first, sizeof first, "%s/%s", a, file);
    snprintf(second, sizeof second, "%s/%s", b, file);
    char *x = NULL, *y = NULL;
    size_t n = 0, m = 0;
    gr_error err = {0};
    assert_int_equal(gr_file_read(at(first), 1u << 28, &x, &n, &err), GR_OK);
    assert_int_equal(gr_file_read(at(second), 1u << 28, &y, &m, &err), GR_OK);
    if (n != m || memcmp(x, y, n) != 0)
        fail_msg("%s differs between %s and %s", file, a, b);
    gr_free(x);
    gr_free(y);
}

static void assert_same_runs(const char *a, const char *b, bool first_fold)
{
    assert_same(a, b, "predictions.csv");
    assert_same(a, b, "results.json");
    assert_same(a, b, "splits.csv");
    if (first_fold) {
        assert_same(a, b, "fold-0/model.safetensors");
        return;
    }
    assert_same(a, b, "fold-rat0/model.safetensors");
    assert_same(a, b, "fold-rat3/model.safetensors");
}

/* metrics.jsonl without its last two numbers, which are times. */
static void read_metrics(const char *run_name, gr_text *out)
{
    char name[64];
    snprintf(name, sizeof name, "%s/fold-0/metrics.jsonl", run_name);
    char *text = NULL;
    size_t size = 0;
    gr_error err = {0};
    assert_int_equal(gr_file_read(at(name), 1 << 20, &text, &size, &err), GR_OK);
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n'), *seconds = strstr(line, ", \"seconds\"");
        assert_true(end != NULL && seconds != NULL && seconds < end);
        gr_text_add(out, line, (size_t)(seconds - line));
        gr_text_add(out, "\n", 1);
        line = end + 1;
    }
    gr_free(text);
}

static void test_learns(void **state)
{
    (void)state;
    listener l = {0};
    run_well("learn", "train.epochs=12", (gr_run_options){.first_fold = true}, &l);
    assert_true(l.last_loss < 0.5 * l.first_loss);
    assert_false(gr_path_exists(at("learn/fold-1")));
}

static void test_threads_and_jobs(void **state)
{
    (void)state;
    listener l = {0};
    run_well("plain", NULL, (gr_run_options){0}, &l);
    run_well("jobs", NULL, (gr_run_options){.jobs = 3}, &l);
    assert_same_runs("plain", "jobs", false);
    run_well("threads", "threads=2", (gr_run_options){0}, &l);
    assert_same_runs("plain", "threads", false);
}

/* Stops after 1, 2, ... events; each time goes on, stops again much later, and goes on to the end. */
static void test_resume(void **state)
{
    (void)state;
    listener whole = {0};
    run_well("whole", NULL, (gr_run_options){.first_fold = true}, &whole);
    gr_text right = {0};
    read_metrics("whole", &right);
    for (int stop = 1; stop < whole.heard; stop += 3) {
        char name[32];
        snprintf(name, sizeof name, "stop%d", stop);
        int tries = 0;
        for (gr_status status = GR_INTERRUPTED; status != GR_OK; tries++) {
            listener l = {.stop_at = tries == 0 ? stop : 4};
            gr_error err = {0};
            gr_run_options options = {.first_fold = true, .resume = true, .hooks = {.checkpoint_seconds = 1e-9}};
            status = run(name, NULL, 0, options, &l, &err);
            if (status != GR_OK && status != GR_INTERRUPTED)
                fail_msg("%s", err.text);
            assert_true(tries < 30);
        }
        assert_true(tries > 1);
        assert_same_runs("whole", name, true);
        gr_text got = {0};
        read_metrics(name, &got);
        assert_string_equal(got.data, right.data);
        gr_text_free(&got);
    }
    gr_text_free(&right);
}

static void expect_invalid(const char *run_name, const char *override, gr_run_options options, const char *part)
{
    listener l = {0};
    gr_error err = {0};
    gr_status status = run(run_name, &override, override != NULL ? 1 : 0, options, &l, &err);
    if (status != GR_INVALID || strstr(err.text, part) == NULL)
        fail_msg("%s: status %s, \"%s\", expected \"%s\"", override, gr_status_name(status), err.text, part);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *override, *part;
    } cases[] = {{"model.backbone=resnet81", "resnet18"},
                 {"model.freeze=[nothing]", "model.freeze"},
                 {"model.pretrained=absent.safetensors", "model.pretrained"},
                 {"data.positive=2", "data.positive"},
                 {"data.label=hurts", "hurts"},
                 {"data.train_transforms=[{random_crop: 21}, {resize: 16}]", "0.png"},
                 {"data.eval_transforms=[]", "0.png"},
                 {"train.drop_last=true", "train.drop_last"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        listener l = {0};
        gr_error err = {0};
        const char *overrides[] = {cases[i].override, "train.batch_size=64"};
        gr_status status = run("refused/deep", overrides, 2, (gr_run_options){0}, &l, &err);
        if (status != GR_INVALID || strstr(err.text, cases[i].part) == NULL)
            fail_msg("%s: status %s, \"%s\", expected \"%s\"", cases[i].override, gr_status_name(status), err.text,
                     cases[i].part);
        assert_false(gr_path_exists(at("refused")));
    }
}

static void test_held_folders(void **state)
{
    (void)state;
    listener l = {0};
    run_well("held", NULL, (gr_run_options){.first_fold = true}, &l);
    expect_invalid("held", NULL, (gr_run_options){.first_fold = true}, "--resume");
    expect_invalid("held", "train.epochs=5", (gr_run_options){.first_fold = true, .resume = true}, "train.epochs");
    expect_invalid("held", NULL, (gr_run_options){.resume = true}, "splits.csv");
    run_well("held", "threads=2", (gr_run_options){.first_fold = true, .resume = true}, &l);
    put("held/fold-0/checkpoint", "nonsense");
    expect_invalid("held", NULL, (gr_run_options){.first_fold = true, .resume = true}, "checkpoint");
    assert_int_equal(mkdir(at("kept"), 0777), 0);
    put("kept/notes.txt", "mine");
    run_well("kept", NULL, (gr_run_options){.first_fold = true, .resume = true}, &l);
    assert_true(gr_path_exists(at("kept/notes.txt")));
}

static void test_late_failure_leaves_nothing(void **state)
{
    (void)state;
    listener l = {0};
    gr_error err = {0};
    const char *overrides[] = {"optimizer.name=sgd", "optimizer.lr=1e6"};
    gr_status status = run("diverged", overrides, 2, (gr_run_options){0}, &l, &err);
    assert_int_equal(status, GR_FAILED);
    assert_non_null(strstr(err.text, "epoch 1"));
    assert_false(gr_path_exists(at("diverged")));
}

static void test_predict(void **state)
{
    (void)state;
    listener l = {0};
    run_well("model", NULL, (gr_run_options){.first_fold = true}, &l);
    gr_predictor *one = NULL, *same = NULL;
    gr_error err = {0};
    assert_int_equal(gr_predictor_open(at("model"), &one, &err), GR_OK);
    assert_int_equal(gr_predictor_open(at("model/fold-0/model.safetensors"), &same, &err), GR_OK);
    int classes = 0;
    assert_string_equal(gr_predictor_classes(one, &classes)[1], "1");
    assert_int_equal(classes, 2);
    gr_sample samples[PER_GROUP];
    char paths[PER_GROUP][256];
    float a[PER_GROUP * 2], b[PER_GROUP * 2];
    for (int i = 0; i < PER_GROUP; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%d.png", folder, i);
        samples[i] = (gr_sample){.path = paths[i]};
    }
    assert_int_equal(gr_predictor_run(one, samples, PER_GROUP, a, NULL, &err), GR_OK);
    assert_int_equal(gr_predictor_run(same, samples, PER_GROUP, b, NULL, &err), GR_OK);
    assert_memory_equal(a, b, sizeof a);
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(gr_file_read(at("model/predictions.csv"), 1 << 20, &text, &size, &err), GR_OK);
    char *row = strstr(text, "\n0.png,rat0,0,0,"); /* image, animal, fold, label */
    assert_non_null(row);
    double p = strtod(strchr(row + strlen("\n0.png,rat0,0,0,"), ',') + 1, NULL);
    assert_true(p - (double)a[0] < 1e-5 && (double)a[0] - p < 1e-5);
    gr_free(text);
    put("bad.png", "no picture");
    samples[2].path = at("bad.png");
    assert_int_equal(gr_predictor_run(one, samples, PER_GROUP, a, NULL, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "bad.png"));
    gr_predictor_close(one);
    gr_predictor_close(same);
}

static void test_initial_weights(void **state)
{
    (void)state;
    gr_config *config = NULL;
    gr_weights *weights = NULL;
    gr_error err = {0};
    assert_int_equal(gr_config_load(at("config.yaml"), NULL, 0, &config, &err), GR_OK);
    assert_int_equal(gr_initial_weights(config, NULL, NULL, &weights, &err), GR_OK);
    assert_int_equal(gr_weights_write(at("w.safetensors"), weights, &err), GR_OK);
    gr_config_destroy(config);
    /* Another seed, but the same start by file: the same run. */
    listener l = {0};
    const char *overrides[] = {"model.pretrained=w.safetensors", "model.freeze=[backbone]", "train.epochs=1"};
    assert_int_equal(run("frozen", overrides, 3, (gr_run_options){.first_fold = true}, &l, &err), GR_OK);
    gr_weights *after = NULL;
    assert_int_equal(gr_weights_read(at("frozen/fold-0/model.safetensors"), &after, &err), GR_OK);
    int moved = 0;
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const gr_tensor *was = gr_weights_at(weights, i), *is = gr_weights_find(after, gr_weights_name(weights, i));
        assert_non_null(is);
        size_t bytes = (size_t)gr_shape_elements(&was->shape) * sizeof(float);
        bool same = memcmp(was->data, is->data, bytes) == 0;
        moved += !same;
        if (!same && gr_starts_with(gr_weights_name(weights, i), "backbone."))
            fail_msg("%s is frozen and has moved", gr_weights_name(weights, i));
    }
    assert_true(moved > 0);
    gr_weights_destroy(weights);
    gr_weights_destroy(after);
}

/* A frozen backbone's features may come from the cache, cold, warm or damaged, from an earlier fold's run, or from the backbone
 * itself in every step: the results are the same bytes. */
static void test_features_of_a_frozen_backbone(void **state)
{
    (void)state;
    enum { ALL = GROUPS * PER_GROUP };
    const struct {
        const char *name, *cache;
        gr_run_options options;
        int most, least; /* features computed before training */
    } runs[] = {{"never", "train.feature_cache=off", {0}, 0, 0},
                {"first", "train.feature_cache=cache", {.first_fold = true}, ALL, ALL},
                {"warm", "train.feature_cache=cache", {0}, 0, 0},
                {"cold", "train.feature_cache=elsewhere/deep", {.jobs = 2}, ALL, ALL},
                {"unwritable", "train.feature_cache=0.png/x", {0}, ALL, ALL},
                {"damaged", "train.feature_cache=cache", {0}, 2, 2},
                {"healed", "train.feature_cache=cache", {0}, 0, 0}};
    const char *overrides[] = {"", "model.freeze=[backbone]", "data.train_transforms=[{center_crop: 16}]",
                               "data.eval_transforms=[{center_crop: 16}]", "model.backbone=efficientnet_b0",
                               "train.epochs=2", "data.balance=oversample"};
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        listener l = {0};
        gr_error err = {0};
        overrides[0] = runs[i].cache;
        if (strcmp(runs[i].name, "damaged") == 0) {
            char command[400];
            snprintf(command, sizeof command,
                     "for f in '%s'/cache/*.features; do printf xxxx | dd of=\"$f\" bs=1 seek=100 conv=notrunc 2>/dev/null; "
                     "truncate -s -7 \"$f\"; done",
                     folder);
            assert_int_equal(system(command), 0);
        }
        if (run(runs[i].name, overrides, 7, runs[i].options, &l, &err) != GR_OK)
            fail_msg("%s: %s", runs[i].name, err.text);
        assert_true(l.features >= runs[i].least && l.features <= runs[i].most);
        if (!runs[i].options.first_fold)
            assert_same_runs("never", runs[i].name, false);
    }
    assert_true(gr_is_folder(at("cache")));
    assert_false(gr_path_exists(at("0.png/x")));
}

/* The head follows the backbone as it would in one network: what the run predicted is what its model predicts. */
static void test_head_on_features_is_the_model(void **state)
{
    (void)state;
    const char *overrides[] = {"train.feature_cache=other", "model.freeze=[backbone]", "data.eval_transforms=[{center_crop: 16}]",
                               "model.backbone=resnet18", "model.head=painseeker", "loss.prsc.top_k=1", "data.image.size=64",
                               "data.train_transforms=[{resize: 64}]", "data.eval_transforms=[{resize: 70}, {center_crop: 64}]",
                               "train.epochs=2"};
    listener l = {0};
    gr_error err = {0};
    if (run("headed", overrides, 10, (gr_run_options){.first_fold = true}, &l, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(l.features, GROUPS * PER_GROUP); /* each image as training or as evaluation prepares it */
    gr_predictor *predictor;
    assert_int_equal(gr_predictor_open(at("headed"), &predictor, &err), GR_OK);
    char *text, *line;
    size_t size;
    assert_int_equal(gr_file_read(at("headed/predictions.csv"), 1 << 20, &text, &size, &err), GR_OK);
    int lines = 0;
    for (line = strchr(text, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(line, ","), line);
        gr_sample sample = {.path = at(name)};
        float p[2];
        assert_int_equal(gr_predictor_run(predictor, &sample, 1, p, NULL, &err), GR_OK);
        const char *written = line;
        for (int commas = 0; commas < 5; written++)
            commas += *written == ',';
        assert_true(fabs(strtod(written, NULL) - (double)p[0]) < 1e-5);
    }
    assert_int_equal(lines, PER_GROUP);
    gr_free(text);
    gr_predictor_close(predictor);
}

/* With chance in training's transforms only validation and test read kept features; the results do not show it. */
static void test_features_with_chance(void **state)
{
    (void)state;
    const char *overrides[] = {"train.feature_cache=off", "model.freeze=[backbone]", "model.backbone=resnet18",
                               "data.eval_transforms=[{center_crop: 16}]", "train.epochs=2"};
    gr_error err = {0};
    listener l = {0};
    if (run("drawn", overrides, 5, (gr_run_options){.first_fold = true}, &l, &err) != GR_OK)
        fail_msg("%s", err.text);
    overrides[0] = "train.feature_cache=drawn-features";
    if (run("drawn-kept", overrides, 5, (gr_run_options){.first_fold = true}, &l, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(l.features > 0 && l.features < GROUPS * PER_GROUP);
    assert_same_runs("drawn", "drawn-kept", true);
}

static void test_oversampled_images_differ(void **state)
{
    (void)state;
    gr_text manifest = {0};
    gr_text_printf(&manifest, "image,animal,pain\n");
    for (int i = 0; i < GROUPS * PER_GROUP; i++)
        if (i % 2 == 0 || i % 3 == 0)
            gr_text_printf(&manifest, "%d.png,rat%d,%d\n", i, i / PER_GROUP, i % 2);
    put("skewed.csv", manifest.data);
    gr_text_free(&manifest);
    listener l = {0};
    gr_error err = {0};
    static const char *const balances[] = {"data.balance=oversample", "data.balance=undersample", "data.balance=class_weight"};
    for (int i = 0; i < 3; i++) {
        const char *overrides[] = {"data.manifest=skewed.csv", balances[i], "train.epochs=1"};
        if (run(balances[i] + 5, overrides, 3, (gr_run_options){.first_fold = true}, &l, &err) != GR_OK)
            fail_msg("%s: %s", balances[i], err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_jobs), /* first: its processes are forked before any team of threads is made */
        cmocka_unit_test(test_features_of_a_frozen_backbone), /* and here too */
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_held_folders),
        cmocka_unit_test(test_late_failure_leaves_nothing),
        cmocka_unit_test(test_predict),
        cmocka_unit_test(test_initial_weights),
        cmocka_unit_test(test_head_on_features_is_the_model),
        cmocka_unit_test(test_features_with_chance),
        cmocka_unit_test(test_oversampled_images_differ),
    };
    return cmocka_run_group_tests(tests, make_data, remove_data);
}
