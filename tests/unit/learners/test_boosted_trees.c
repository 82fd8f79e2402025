/* Trees that would lead XGBoost beyond its arrays are refused before it sees them. */
#include <string.h>

#include "learners/boosted_trees.h"
#include "support/support.h"

/* Two trees on three columns: the first asks column 2, then on the right column 0; node 5 is what pruning left behind. */
static const char whole[] =
    "{\"learner\": {\"learner_model_param\": {\"num_class\": \"0\", \"num_feature\": \"3\"}, \"gradient_booster\": "
    "{\"name\": \"gbtree\", \"model\": {\"gbtree_model_param\": {\"num_trees\": \"2\"}, \"tree_info\": [0, 0], "
    "\"iteration_indptr\": [0, 1, 2], \"trees\": [{\"id\": 0, \"tree_param\": {\"num_nodes\": \"6\"}, "
    "\"left_children\": [1, -1, 3, -1, -1, 9], \"right_children\": [2, -1, 4, -1, -1, 9], "
    "\"parents\": [2147483647, 0, 0, 2, 2, 5], \"split_indices\": [2, 0, 0, 0, 0, 2147483647], "
    "\"split_conditions\": [0, 0, 0, 0, 0, 0], \"default_left\": [0, 0, 0, 0, 0, 0], \"base_weights\": [0, 0, 0, 0, 0, 0], "
    "\"loss_changes\": [0, 0, 0, 0, 0, 0], \"sum_hessian\": [0, 0, 0, 0, 0, 0], \"split_type\": [0, 0, 0, 0, 0, 0], "
    "\"categories\": []}, {\"id\": 1, \"tree_param\": {\"num_nodes\": \"1\"}, \"left_children\": [-1], "
    "\"right_children\": [-1], \"parents\": [2147483647], \"split_indices\": [0], \"split_conditions\": [0], "
    "\"default_left\": [0], "
    "\"base_weights\": [0], \"loss_changes\": [0], \"sum_hessian\": [0]}]}}}}";

/* Checks `whole` with `old` replaced by `new` at its first place. */
static gr_status check(gr_boost_kind kind, int classes, const char *old, const char *new, gr_error *err)
{
    const gr_boost_options o = {.kind = kind, .classes = classes};
    const char *at = strstr(whole, old);
    gr_text text = {0};
    assert_non_null(at);
    gr_text_add(&text, whole, (size_t)(at - whole));
    gr_text_printf(&text, "%s%s", new, at + strlen(old));
    json_t *root = json_loads(text.data, 0, NULL);
    assert_non_null(root);
    *err = (gr_error){0};
    gr_status status = gr_boosted_trees_check(&o, root, 3, "m.json", err);
    json_decref(root);
    gr_text_free(&text);
    return status;
}

static void whole_trees_pass(void **state)
{
    (void)state;
    gr_error err;
    assert_int_equal(check(GR_BOOST_BINARY, 2, "gbtree", "gbtree", &err), GR_OK);
    assert_int_equal(check(GR_BOOST_SCORES, 0, "\"iteration_indptr\": [0, 1, 2], ", "", &err), GR_OK); /* as 1.7 writes it */
    assert_int_equal(check(GR_BOOST_BINARY, 2, ", \"split_type\": [0, 0, 0, 0, 0, 0]", "", &err), GR_OK);
    assert_int_equal(check(GR_BOOST_ORDINAL, 3, "\"3\"", "\"4\"", &err), GR_OK); /* the question is a column */
    assert_int_equal(check(GR_BOOST_CLASSES, 3, "\"0\"", "\"3\"", &err), GR_OK);
}

static void damaged_ones_do_not(void **state)
{
    (void)state;
    static const char *const changes[][3] = {
        {"gbtree\"", "dart\"", "gbtree"},
        {"\"model\":", "\"mode\":", "gbtree"},
        {"\"num_trees\": \"2\"", "\"num_trees\": \"3\"", "as many as the file says"},
        {"\"num_trees\": \"2\"", "\"num_trees\": \"-2\"", "as many as the file says"},
        {"\"num_trees\": \"2\"", "\"num_trees\": 2", "as many as the file says"},
        {"[0, 0], ", "[0], ", "as many as the file says"},
        {"[0, 0], ", "[0, 1], ", "class that is not there"},
        {"[0, 1, 2], \"trees", "[0, 3, 2], \"trees", "as many as the file says"},
        {"[0, 1, 2], \"trees", "[], \"trees", "as many as the file says"},
        {"\"num_class\": \"0\"", "\"num_class\": \"5\"", "number of classes"},
        {"\"num_feature\": \"3\"", "\"num_feature\": \"9\"", "read 9 features, its card names 3"},
        {"\"id\": 1", "\"id\": 2", "another's number"},
        {"\"id\": 1", "\"id\": 0", "another's number"},
        {"\"id\": 1, ", "", "another's number"},
        {"\"num_nodes\": \"6\"", "\"num_nodes\": \"7\"", "numbers of nodes"},
        {"\"num_nodes\": \"6\"", "\"num_nodes\": \"0\"", "numbers of nodes"},
        {"\"default_left\": [0, ", "\"default_left\": [", "numbers of nodes"},
        {"\"base_weights\"", "\"weights\"", "numbers of nodes"},
        {"[1, -1, 3, -1", "[1, -1, 77, -1", "goes on at one that is not there"},
        {"[1, -1, 3, -1", "[1, -1, -5, -1", "goes on at one that is not there"},
        {"[1, -1, 3, -1", "[1, -1, \"3\", -1", "goes on at one that is not there"},
        {"[2, -1, 4", "[-1, -1, 4", "goes on at one that is not there"},
        {"[1, -1, 3, -1", "[1, -1, 0, -1", "two nodes go on"},
        {"[1, -1, 3, -1", "[2, -1, 3, -1", "two nodes go on"},
        {"\"split_indices\": [2, 0, 0", "\"split_indices\": [2, 0, 3", "asks a column"},
        {"\"split_indices\": [2, 0, 0", "\"split_indices\": [-1, 0, 0", "asks a column"},
        {"\"split_type\": [0", "\"split_type\": [1", "categories"},
        {"\"split_type\": [0, ", "\"split_type\": [", "categories"},
        {"\"categories\": []", "\"categories\": [1]", "categories"},
    };
    gr_error err;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_int_equal(check(GR_BOOST_BINARY, 2, changes[i][0], changes[i][1], &err), GR_INVALID);
        if (strstr(err.text, changes[i][2]) == NULL)
            fail_msg("%s -> %s: %s", changes[i][0], changes[i][1], err.text);
        assert_int_equal(strncmp(err.text, "m.json: its trees ", 18), 0);
    }
    assert_int_equal(check(GR_BOOST_CLASSES, 3, "gbtree", "gbtree", &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_trees_pass), cmocka_unit_test(damaged_ones_do_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
