#include "learners/boosted_trees.h"

#include <string.h>

enum { MOST_NODES = 1 << 28 };

static gr_status damaged(const char *path, gr_error *err, const char *what)
{
    return gr_fail(err, GR_INVALID, "%s: its trees are damaged: %s; a whole copy would be right", path, what);
}

/* XGBoost writes whole numbers of its parameters as texts. -1: it is none. */
static int64_t parameter(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    int64_t value;
    return text != NULL && gr_parse_int64(text, &value) && value >= 0 ? value : -1;
}

/* ---- one tree ----------------------------------------------------------------------------------------------------- */

/* Of each node: the arrays that are followed here. */
typedef struct tree {
    int64_t nodes;
    const json_t *left, *right, *columns, *kinds; /* kinds: NULL in older files */
} tree;

/* Has each node a number in all arrays? */
static bool is_even(const json_t *json, int64_t nodes)
{
    static const char *const keys[] = {"left_children",    "right_children", "parents",      "split_indices",
                                       "split_conditions", "default_left",   "base_weights", "loss_changes",
                                       "sum_hessian"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        const json_t *list = json_object_get(json, keys[k]);
        if (!json_is_array(list) || json_array_size(list) != (size_t)nodes)
            return false;
    }
    return true;
}

static bool has_categories(const json_t *json)
{
    static const char *const keys[] = {"categories", "categories_nodes", "categories_segments", "categories_sizes"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        if (json_array_size(json_object_get(json, keys[k])) > 0)
            return true;
    return false;
}

static int64_t at(const json_t *list, int64_t i)
{
    const json_t *value = json_array_get(list, (size_t)i);
    return json_is_integer(value) ? json_integer_value(value) : INT64_MIN;
}

/* Follows all ways from the root: each ends, asks columns that are there, and meets no other one. */
static const char *follow(const tree *t, int64_t columns, int32_t *stack, bool *met)
{
    int64_t waiting = 1;
    stack[0] = 0;
    met[0] = true;
    while (waiting > 0) {
        int64_t node = stack[--waiting], next[2] = {at(t->left, node), at(t->right, node)};
        if (next[0] == -1 && next[1] == -1)
            continue;
        for (int side = 0; side < 2; side++) {
            if (next[side] < 0 || next[side] >= t->nodes)
                return "a node goes on at one that is not there";
            if (met[next[side]])
                return "two nodes go on at the same";
            met[next[side]] = true;
            stack[waiting++] = (int32_t)next[side];
        }
        int64_t column = at(t->columns, node);
        if (column < 0 || column >= columns)
            return "a node asks a column that is not there";
        if (t->kinds != NULL && at(t->kinds, node) != 0)
            return "a node asks for categories, which no grimace's does";
    }
    return NULL;
}

static gr_status check_tree(const json_t *json, int64_t columns, const char *path, gr_error *err)
{
    const tree t = {.nodes = parameter(json_object_get(json, "tree_param"), "num_nodes"),
                    .left = json_object_get(json, "left_children"),
                    .right = json_object_get(json, "right_children"),
                    .columns = json_object_get(json, "split_indices"),
                    .kinds = json_object_get(json, "split_type")};
    if (t.nodes < 1 || t.nodes > MOST_NODES || !is_even(json, t.nodes))
        return damaged(path, err, "a tree has other numbers of nodes than it says");
    if (has_categories(json) || (t.kinds != NULL && json_array_size(t.kinds) != (size_t)t.nodes))
        return damaged(path, err, "a node asks for categories, which no grimace's does");
    int32_t *stack = gr_alloc((size_t)t.nodes, sizeof *stack);
    bool *met = gr_alloc((size_t)t.nodes, sizeof *met);
    bool room = stack != NULL && met != NULL;
    const char *what = room ? follow(&t, columns, stack, met) : NULL;
    gr_status status = room ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for a model of trees", path);
    if (what != NULL)
        status = damaged(path, err, what);
    gr_free(stack);
    gr_free(met);
    return status;
}

/* ---- all of them -------------------------------------------------------------------------------------------------- */

/* Where the rounds begin, which later versions write: they rise from 0 to the number of trees. */
static bool are_rounds(const json_t *list, int64_t trees)
{
    size_t count = json_array_size(list);
    bool good = list == NULL || (count >= 2 && at(list, 0) == 0 && at(list, (int64_t)count - 1) == trees);
    for (size_t i = 1; good && i < count; i++)
        good = at(list, (int64_t)i) >= at(list, (int64_t)i - 1);
    return good;
}

gr_status gr_boosted_trees_check(const gr_boost_options *o, const json_t *root, int columns, const char *path, gr_error *err)
{
    const json_t *learner = json_object_get(root, "learner"), *booster = json_object_get(learner, "gradient_booster");
    const json_t *model = json_object_get(booster, "model"), *list = json_object_get(model, "trees");
    const json_t *margins = json_object_get(model, "tree_info"), *own = json_object_get(learner, "learner_model_param");
    const char *name = json_string_value(json_object_get(booster, "name"));
    int64_t wide = columns + (o->kind == GR_BOOST_ORDINAL), classes = parameter(own, "num_class");
    int64_t trees = parameter(json_object_get(model, "gbtree_model_param"), "num_trees");
    gr_status status = GR_OK;
    if (name == NULL || strcmp(name, "gbtree") != 0 || model == NULL)
        return damaged(path, err, "they are not what XGBoost calls gbtree");
    if (trees < 1 || json_array_size(list) != (size_t)trees || json_array_size(margins) != (size_t)trees ||
        !are_rounds(json_object_get(model, "iteration_indptr"), trees))
        return damaged(path, err, "there are not as many as the file says");
    if (o->kind == GR_BOOST_CLASSES ? classes != o->classes : classes != 0 && classes != 1)
        return damaged(path, err, "they are of another number of classes than the card's");
    if (parameter(own, "num_feature") != wide)
        return gr_fail(err, GR_INVALID, "%s: its trees read %lld features, its card names %d", path,
                       (long long)parameter(own, "num_feature"), columns);
    for (int64_t i = 0; status == GR_OK && i < trees; i++) {
        int64_t margin = at(margins, i);
        const json_t *one = json_array_get(list, (size_t)i), *id = json_object_get(one, "id");
        if (margin < 0 || margin >= gr_boost_margins(o))
            return damaged(path, err, "one is of a class that is not there");
        if (!json_is_integer(id) || json_integer_value(id) != i)
            return damaged(path, err, "one has another's number");
        status = check_tree(one, wide, path, err);
    }
    return status;
}
