#include "learners/boosted_check.h"

#include <math.h>
#include <string.h>

#include "grimace/descriptors.h"
#include "learners/boosting.h"

gr_boost_kind gr_boosted_kind(const gr_cohort *e)
{
    if (strcmp(e->recipe.task, "scores") == 0)
        return GR_BOOST_SCORES;
    if (e->manifest.class_count == 2) /* ordinal or not: one question */
        return strcmp(e->recipe.task, "ordinal") == 0 ? GR_BOOST_ORDINAL : GR_BOOST_BINARY;
    return strcmp(e->recipe.task, "ordinal") == 0 ? GR_BOOST_ORDINAL : GR_BOOST_CLASSES;
}

bool gr_boosted_weight(const char *text, double *weight)
{
    *weight = 0.0;
    return strcmp(text, "auto") == 0 || (gr_parse_double(text, weight) && *weight > 0.0 && isfinite(*weight));
}

static gr_status check_weight(const gr_cohort *e, gr_error *err)
{
    const char *text = e->recipe.model.boosted.scale_pos_weight, *key = "model.boosted.scale_pos_weight";
    double weight;
    if (!gr_boosted_weight(text, &weight))
        return gr_recipe_fail(&e->recipe, key, err, "is \"%.40s\", expected a number above 0, or auto", text);
    if (weight != 1.0 && gr_boosted_kind(e) != GR_BOOST_BINARY)
        return gr_recipe_fail(&e->recipe, key, err,
                              "weighs the second of two classes, and there are no two; 1 would be right");
    return GR_OK;
}

static gr_status check_parts(const gr_cohort *e, gr_error *err)
{
    const gr_recipe *recipe = &e->recipe;
    for (int f = 0; recipe->model.boosted.early_stopping > 0 && f < e->split.fold_count; f++)
        if (gr_split_rows(&e->split, f, GR_PART_VAL, NULL) == 0)
            return gr_recipe_fail(
                recipe, "model.boosted.early_stopping", err,
                "needs a validation part, which fold %s has not; split.validation above 0, or early_stopping 0, "
                "would be right",
                e->split.folds[f].name);
    return GR_OK;
}

/* The numbers come from one place. */
static gr_status check_source(const gr_recipe *recipe, gr_error *err)
{
    const char *keys[] = {"data.features.columns", "data.features.describe", "data.features.backbone"};
    const bool set[] = {recipe->data.features.columns.count > 0, recipe->data.features.set != NULL,
                        recipe->data.features.backbone != NULL};
    const char *first = NULL;
    for (int i = 0; i < 3; i++) {
        if (set[i] && first != NULL)
            return gr_recipe_fail(recipe, keys[i], err, "is set, and %s too; one of them is right", first);
        first = set[i] ? keys[i] : first;
    }
    return first != NULL ? GR_OK
                         : gr_recipe_fail(recipe, keys[0], err,
                                          "is not set: the columns of numbers that model.classic boosted reads, such as "
                                          "[age, weight], data.features.describe or data.features.backbone would be right");
}

gr_status gr_boosted_check(const gr_cohort *e, gr_error *err)
{
    const gr_recipe *recipe = &e->recipe;
    gr_boost_metric metric;
    if (recipe->data.labels.count > 0)
        return gr_recipe_fail(
            recipe, "data.labels", err,
            "names several columns, and model.classic boosted learns one: data.label; experiment.labels makes a "
            "model for each");
    gr_status status = check_source(recipe, err);
    if (status != GR_OK)
        return status;
    if (recipe->data.features.set != NULL && recipe->data.features.set->count == 0)
        return gr_recipe_fail(recipe, "data.features.without", err,
                              "leaves no descriptor; fewer action units would be right");
    if (!gr_boost_metric_of(recipe->tune.metric, gr_boosted_kind(e), &metric))
        return gr_recipe_fail(recipe, "tune.metric", err, "is %s, which %s do not have; %s would be right",
                              recipe->tune.metric, recipe->task,
                              gr_boosted_kind(e) == GR_BOOST_SCORES ? "mse" : "accuracy or log_loss");
    status = check_weight(e, err);
    if (status == GR_OK)
        status = check_parts(e, err);
    return status;
}
