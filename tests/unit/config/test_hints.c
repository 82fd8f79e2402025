/* What would be right: names, and the key that was meant; and that the table of keys is sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "config/keys.h"

static const gr_key *key_of(const char *path)
{
    assert_true(gr_key_find(path) >= 0);
    return &gr_keys[gr_key_find(path)];
}

static void names_are_listed(void **state)
{
    (void)state;
    static const struct {
        const char *path, *names;
    } cases[] = {
        {"task", "classes, ordinal, scores, landmarks or boxes"},
        {"loss.name", "cross_entropy, cumulative, mse, mae, huber, wing or focal"},
        {"model.classic", "none, lbp_svm, boosted, cascade or hog_svm"},
        {"model.head", "linear, painseeker, mlp, landmarks or boxes"},
        {"model.lbp.method", "uniform, default or ror"},
        {"model.variant", "torchvision or keras"},
        {"model.mlp.pool", "avg, max or flatten"},
        {"model.landmarks.block", "none, symmetric, asymmetric or hybrid"},
        {"optimizer.name", "sgd, adam, adamw, nadam, adamax, adagrad or rmsprop"},
        {"schedule.name", "constant, step, cosine, plateau, cosine_restarts, exponential, inverse_time, polynomial or piecewise"},
        {"data.balance", "none, undersample, undersample_once, oversample or class_weight"},
        {"train.precision", "f32 or bf16"},
        {"train.keep", "last, best or best_if_stopped"},
        {"split.scheme", "leave_one_group_out, group_kfold, stratified_group_kfold, stratified_kfold, holdout, column, last_rows, "
         "first_rows, first_of_each_class or last_of_list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_text list = {0};
        assert_null(gr_key_names(key_of(cases[i].path), NULL, NULL, &list));
        assert_string_equal(list.data, cases[i].names);
        gr_text_free(&list);
    }
}

static void words_are_listed(void **state)
{
    (void)state;
    static const char *const words[] = {"a", "b", "c"};
    static const char *const expected[] = {"", "a", "a and b", "a, b and c"};
    for (size_t count = 0; count < 4; count++) {
        gr_text list = {0};
        gr_text_list(&list, words, count, "and");
        assert_string_equal(list.data != NULL ? list.data : "", expected[count]);
        gr_text_free(&list);
    }
}

static void the_nearest_is_found(void **state)
{
    (void)state;
    char room[GR_KEY_NAME_ROOM];
    gr_text list = {0};
    assert_string_equal(gr_key_names(key_of("train.keep_metric"), "val_kapa", room, &list), "val_kappa");
    assert_string_equal(gr_key_names(key_of("train.keep_metric"), "val_maee", room, &list), "val_mae");
    assert_null(gr_key_names(key_of("optimizer.name"), "xyzzyxyzzy", room, &list));
    gr_text_free(&list);
}

static void keys_are_meant(void **state)
{
    (void)state;
    static const struct {
        const char *path, *meant;
    } cases[] = {{"sed", "seed"},        {"data.groop", "data.group"}, {"optimiser", "optimizer"},
                 {"lr", "optimizer.lr"}, {"train.lr", "optimizer.lr"}, {"loss.lambda", "loss.prsc.lambda"}};
    char meant[GR_KEY_PATH_ROOM];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(gr_key_meant(cases[i].path, meant));
        assert_string_equal(meant, cases[i].meant);
    }
    assert_false(gr_key_meant("xyzzyxyzzy", meant));
}

/* The texts within a record end within it, no key comes twice, and every default has a name of its key where that has names.
 */
static void the_table_is_sound(void **state)
{
    (void)state;
    for (int i = 0; i < gr_key_count; i++) {
        const gr_key *key = &gr_keys[i];
        char room[GR_KEY_NAME_ROOM];
        assert_true(memchr(key->path, '\0', sizeof key->path) != NULL &&
                    memchr(key->standard, '\0', sizeof key->standard) != NULL);
        assert_int_equal(gr_key_find(key->path), i);
        assert_true(*key->help != '\0' && *key->standard != '\0');
        int names = 0;
        bool found = key->kind == GR_KEY_PATH || (key->nullable && strcmp(key->standard, "null") == 0);
        for (; gr_key_name(key, names, room) != NULL; names++) {
            assert_true(strlen(gr_key_name(key, names, room)) < GR_KEY_NAME_ROOM);
            found = found || strcmp(gr_key_name(key, names, room), key->standard) == 0;
        }
        assert_true(names < GR_KEY_MOST_NAMES);
        assert_true(names == 0 || found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_listed), cmocka_unit_test(words_are_listed),
                                       cmocka_unit_test(the_nearest_is_found), cmocka_unit_test(keys_are_meant),
                                       cmocka_unit_test(the_table_is_sound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
