/* Checkpoints and model cards: what was written comes back to the bit, and no damaged byte goes unnoticed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "learners/checkpoint.h"
#include "learners/learner.h"
#include "learners/network.h"
#include "support/folder.h"

static char path[TEST_TEMP];

static int make_file(void **state)
{
    (void)state;
    return test_temp_file(path, "checkpoint", "") == NULL;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static const gr_progress progress = {
    .fingerprint = 0xfedcba9876543210u,
    .at =
        {.epoch = 3, .step = 17, .images = 1088, .correct = 600, .loss = 0.1 + 0.2, .ce = 1e-300, .prsc = 0, .seconds = 1.5},
    .optim_steps = 77,
    .schedule_epoch = 3,
    .schedule_bad_epochs = 2,
    .schedule_lr = 1.0 / 3,
    .schedule_best = INFINITY,
    .metrics = "{\"epoch\": 1}\n{\"epoch\": 2}\n",
};

static void write_one(float *values, size_t count)
{
    gr_error err = {0};
    gr_floats arrays[] = {{"parameters", values, count}, {"optimizer", NULL, 0}};
    assert_int_equal(gr_checkpoint_write(path, &progress, arrays, 2, &err), GR_OK);
}

/* Without fsync, for it is done a thousand times. */
static void put_bytes(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fwrite(bytes, 1, size, file) == size);
    assert_int_equal(fclose(file), 0);
}

static void test_round_trip(void **state)
{
    (void)state;
    float values[] = {1.5f, -0.0f, 1e-42f, 3.4e38f, 0.1f}, back[5];
    write_one(values, 5);
    gr_checkpoint c;
    gr_error err = {0};
    assert_int_equal(gr_checkpoint_read(path, &c, &err), GR_OK);
    const gr_progress *p = &c.progress;
    assert_true(p->fingerprint == progress.fingerprint && !p->finished && p->optim_steps == 77);
    assert_memory_equal(&p->at, &progress.at, sizeof p->at);
    assert_true(p->schedule_lr == progress.schedule_lr && isinf(p->schedule_best) && p->schedule_bad_epochs == 2);
    assert_string_equal(p->metrics, progress.metrics);
    gr_floats array = {"parameters", back, 5}, other = {"parameters", back, 4}, none = {"optimizer", NULL, 0};
    assert_int_equal(gr_checkpoint_take(&c, path, &array, &err), GR_OK);
    assert_memory_equal(values, back, sizeof values);
    assert_int_equal(gr_checkpoint_take(&c, path, &none, &err), GR_OK);
    assert_int_equal(gr_checkpoint_take(&c, path, &other, &err), GR_INVALID);
    gr_checkpoint_free(&c);
}

static void test_damage(void **state)
{
    (void)state;
    float values[] = {1, 2, 3, 4, 5, 6, 7, 8};
    write_one(values, 8);
    char *bytes = NULL;
    size_t size = 0;
    gr_error err = {0};
    assert_int_equal(gr_file_read(path, 1 << 20, &bytes, &size, &err), GR_OK);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 4;
        err = (gr_error){0};
        put_bytes(bytes, size);
        gr_checkpoint c;
        gr_status status = gr_checkpoint_read(path, &c, &err);
        bytes[i] ^= 4;
        if (status != GR_OK) {
            assert_int_equal(status, GR_INVALID);
            continue;
        }
        /* A name may change without harm to the numbers: then the array is missed. */
        float back[8];
        gr_floats array = {"parameters", back, 8};
        bool same = gr_checkpoint_take(&c, path, &array, &err) == GR_OK && memcmp(back, values, sizeof back) == 0;
        same = same && c.progress.fingerprint == progress.fingerprint &&
               memcmp(&c.progress.at, &progress.at, sizeof progress.at) == 0;
        if (!same)
            assert_int_equal(err.status, GR_INVALID);
        gr_checkpoint_free(&c);
    }
    for (size_t cut = 0; cut < size; cut += 7) {
        err = (gr_error){0};
        put_bytes(bytes, cut);
        gr_checkpoint c;
        assert_int_equal(gr_checkpoint_read(path, &c, &err), GR_INVALID);
    }
    gr_free(bytes);
}

static void test_card(void **state)
{
    (void)state;
    static const char *const classes[] = {"no pain", "p\"a\\in", "\xc3\xa9"};
    static const gr_transform transforms[] = {{.kind = GR_TRANSFORM_RESIZE, .a = 72},
                                              {.kind = GR_TRANSFORM_BRIGHTNESS, .a = 0.1, .b = 1.0 / 3}};
    gr_card card = {.classic = "none",
                    .task = "classes",
                    .model = {.backbone = "resnet18", .head = "painseeker", .size = 64, .channels = 3, .classes = 3},
                    .classes = classes,
                    .mean = {0.485, 0.456, 1.0 / 3},
                    .std = {0.1, 0.2, 0.3},
                    .transforms = transforms,
                    .transform_count = 2};
    gr_weights *weights = gr_weights_create();
    gr_error err = {0};
    gr_card back;
    assert_int_equal(gr_card_write(&card, weights, &err), GR_OK);
    assert_int_equal(gr_card_read(weights, "x", &back, &err), GR_OK);
    assert_string_equal(back.model.backbone, "resnet18");
    assert_true(back.model.size == 64 && back.model.channels == 3 && back.model.classes == 3);
    for (int c = 0; c < 3; c++)
        assert_string_equal(back.classes[c], classes[c]);
    assert_memory_equal(back.mean, card.mean, sizeof card.mean);
    assert_true(back.transform_count == 2 && back.transforms[1].kind == GR_TRANSFORM_BRIGHTNESS &&
                back.transforms[1].b == 1.0 / 3);
    gr_card_free(&back);
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"format\": 2}",
        "{\"format\":1,\"backbone\":\"a\",\"head\":\"b\",\"size\":-1,\"channels\":3,\"mean\":[0,0,0],\"std\":[1,1,1],"
        "\"transforms\":[],\"classes\":[\"a\"]}",
        "{\"format\":1,\"backbone\":\"a\",\"head\":\"b\",\"size\":8,\"channels\":3,\"mean\":[0,0],\"std\":[1,1,1],"
        "\"transforms\":[],\"classes\":[\"a\"]}",
        "{\"format\":1,\"backbone\":\"a\",\"head\":\"b\",\"size\":8,\"channels\":3,\"mean\":[0,0,0],\"std\":[1,1,1],"
        "\"transforms\":[{\"name\":\"melt\",\"a\":1,\"b\":1}],\"classes\":[\"a\"]}",
        "{\"format\":1,\"backbone\":\"a\",\"head\":\"b\",\"size\":8,\"channels\":3,\"mean\":[0,0,0],\"std\":[1,1,1],"
        "\"transforms\":[],\"classes\":[]}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err = (gr_error){0};
        assert_int_equal(gr_weights_set_note(weights, "grimace", bad[i], &err), GR_OK);
        if (gr_card_read(weights, "x", &back, &err) != GR_INVALID)
            fail_msg("card %zu was accepted", i);
    }
    gr_weights_destroy(weights);
}

static void test_classic_card(void **state)
{
    (void)state;
    static const char *const classes[] = {"0", "1"};
    const gr_lbp lbp = {.radius = 1.5, .points = 12, .grid = 7, .method = GR_LBP_ROR};
    gr_card card = {.classic = "lbp_svm",
                    .lbp = &lbp,
                    .model = {.size = 64, .channels = 1, .classes = 2},
                    .classes = classes,
                    .std = {1}};
    gr_weights *weights = gr_weights_create();
    gr_error err = {0};
    gr_card back;
    assert_int_equal(gr_card_write(&card, weights, &err), GR_OK);
    assert_int_equal(gr_card_read(weights, "x", &back, &err), GR_OK);
    assert_non_null(back.lbp);
    assert_true(back.lbp->radius == 1.5 && back.lbp->points == 12 && back.lbp->grid == 7 && back.lbp->method == GR_LBP_ROR);
    assert_true(back.model.size == 64 && back.model.channels == 1 && back.model.classes == 2);
    const gr_learner *learner = NULL;
    char *name = (char[]){"x"};
    gr_model_files files = {.card = back, .count = 1, .paths = &name};
    assert_int_equal(gr_learner_of(&files, &learner, &err), GR_OK);
    assert_string_equal(learner->name, "lbp_svm");
    files.card.classic = "lbp_tree";
    assert_int_equal(gr_learner_of(&files, &learner, &err), GR_INVALID);
    assert_string_equal(err.text, "x: was made with model.classic lbp_tree, which another version knows");
    gr_card_free(&back);
    const struct {
        const char *from, *to;
    } lies[] = {{"\"ror\"", "\"rot\""},
                {"classic", "modern"},
                {"\"points\": 12", "\"points\": 17"},
                {"\"grid\": 7", "\"grid\": 0"},
                {"\"radius\": 1.5", "\"radius\": -1"},
                {"\"channels\": 1", "\"channels\": 3"},
                {"\"0\", \"1\"", "\"0\""},
                {"\"grid\": 7", "\"grid\": 64"}}; /* the last: too long a vector */
    char text[1024];
    const char *note = gr_weights_note(weights, "grimace");
    snprintf(text, sizeof text, "%s", note);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        char lie[1100];
        const char *at = strstr(text, lies[i].from);
        if (at == NULL)
            fail_msg("%s is not in %s", lies[i].from, text);
        snprintf(lie, sizeof lie, "%.*s%s%s", (int)(at - text), text, lies[i].to, at + strlen(lies[i].from));
        err = (gr_error){0};
        assert_int_equal(gr_weights_set_note(weights, "grimace", lie, &err), GR_OK);
        if (gr_card_read(weights, "x", &back, &err) != GR_INVALID)
            fail_msg("accepted: %s", lie);
    }
    gr_weights_destroy(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_card),
        cmocka_unit_test(test_classic_card),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
