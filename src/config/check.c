#include "config/check.h"

#include <math.h>
#include <string.h>

#include "config/check_training.h"
#include "config/source.h"

/* ---- images ---------------------------------------------------------------------------------------------------------------- */

static gr_status check_channels(const gr_config *config, gr_error *err)
{
    return config->data.image.channels != 2
               ? GR_OK
               : gr_config_fail(config, "data.image.channels", err, "is 2, expected 3 (RGB) or 1 (grey)");
}

static gr_status check_numbers(const gr_config *config, const char *key, const double values[3], gr_error *err)
{
    int channels = config->data.image.channels, count = 0;
    while (count < 3 && !isnan(values[count]))
        count++;
    return count == channels
               ? GR_OK
               : gr_config_fail(config, key, err, "has %d numbers, data.image.channels is %d: one for each channel", count,
                                channels);
}

/* Pixels are shares of 255 by then: numbers above 1 were meant for pixels from 0 to 255. */
static gr_status check_shares(const gr_config *config, const char *key, const double values[3], const char *why, gr_error *err)
{
    gr_status status = check_numbers(config, key, values, err);
    for (int c = 0; status == GR_OK && c < config->data.image.channels; c++)
        if (values[c] > 1)
            status = gr_config_fail(config, key, err, "has %g, but pixels are divided by 255 before and lie in 0..1, so that %s; "
                                    "%g / 255 = %.4g would be right", values[c], why, values[c], values[c] / 255);
    return status;
}

static gr_status check_mean(const gr_config *config, gr_error *err)
{
    return check_shares(config, "data.image.mean", config->data.image.mean, "no mean is above 1", err);
}

static gr_status check_std(const gr_config *config, gr_error *err)
{
    return check_shares(config, "data.image.std", config->data.image.std, "no standard deviation is above 0.5", err);
}

/* Follows the size of the image through the list as far as it is known. */
static gr_status check_transforms(const gr_config *config, const char *key, const gr_transforms *list, gr_error *err)
{
    int size = 0;
    for (int i = 0; i < list->count; i++) {
        const gr_transform *t = &list->items[i];
        bool crop = t->kind == GR_TRANSFORM_RANDOM_CROP || t->kind == GR_TRANSFORM_CENTER_CROP;
        if (crop && size && size < t->a)
            return gr_config_fail(config, key, err, "item %d cuts %.0f x %.0f pixels out of an image of %d x %d", i + 1,
                                  t->a, t->a, size, size);
        if (crop || t->kind == GR_TRANSFORM_RESIZE)
            size = (int)t->a;
    }
    if (size && size != config->data.image.size)
        return gr_config_fail(config, key, err, "ends in images of %d x %d, data.image.size is %d: they must be the same",
                              size, size, config->data.image.size);
    return GR_OK;
}

static gr_status check_train_transforms(const gr_config *config, gr_error *err)
{
    return check_transforms(config, "data.train_transforms", &config->data.train_transforms, err);
}

static gr_status check_eval_transforms(const gr_config *config, gr_error *err)
{
    return check_transforms(config, "data.eval_transforms", &config->data.eval_transforms, err);
}

/* ---- classes --------------------------------------------------------------------------------------------------------------- */

static gr_status check_classes(const gr_config *config, gr_error *err)
{
    const gr_strings *classes = &config->data.classes;
    if (classes->count == 1)
        return gr_config_fail(config, "data.classes", err,
                              "has one class, expected at least two (or none: all of the column)");
    for (int i = 0; i < classes->count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(classes->items[i], classes->items[j]) == 0)
                return gr_config_fail(config, "data.classes", err, "has \"%.80s\" twice", classes->items[i]);
    return GR_OK;
}

static gr_status check_positive(const gr_config *config, gr_error *err)
{
    const gr_strings *classes = &config->data.classes;
    bool known = classes->count == 0 || !config->data.positive;
    for (int i = 0; !known && i < classes->count; i++)
        known = strcmp(classes->items[i], config->data.positive) == 0;
    return known ? GR_OK
                 : gr_config_fail(config, "data.positive", err, "is \"%.80s\", expected one of data.classes",
                                  config->data.positive);
}

/* ---- experiments ----------------------------------------------------------------------------------------------------------- */

static gr_status check_one_experiment(const gr_config *config, gr_error *err)
{
    return config->experiment.labels.count == 0 || !config->experiment.cross
               ? GR_OK
               : gr_config_fail(config, "experiment.cross", err,
                                "is there beside experiment.labels; one of them would be right");
}

static gr_status check_experiment_classes(const gr_config *config, gr_error *err)
{
    return config->experiment.labels.count > 0 || config->experiment.classes.count == 0
               ? GR_OK
               : gr_config_fail(config, "experiment.classes", err, "needs experiment.labels, the columns that have them");
}

static gr_status check_threshold(const gr_config *config, gr_error *err)
{
    return config->experiment.labels.count > 0 || config->experiment.threshold <= 0
               ? GR_OK
               : gr_config_fail(config, "experiment.threshold", err, "needs experiment.labels, whose total it is for");
}

static gr_status check_equal(const gr_config *config, gr_error *err)
{
    return !config->experiment.equal || config->experiment.cross
               ? GR_OK
               : gr_config_fail(config, "experiment.equal", err, "needs experiment.cross");
}

static gr_status check_cross(const gr_config *config, gr_error *err)
{
    return !config->experiment.cross || config->data.group
               ? GR_OK
               : gr_config_fail(config, "experiment.cross", err,
                                "needs data.group, the column of the animals, none of which may train and test");
}

/* ---- training and evaluation ----------------------------------------------------------------------------------------------- */

static gr_status check_scheme(const gr_config *config, gr_error *err)
{
    return strstr(config->split.scheme, "group") == NULL || config->data.group
               ? GR_OK
               : gr_config_fail(config, "split.scheme", err,
                                "%s needs data.group, name the manifest's column that must never be split",
                                config->split.scheme);
}

/* A run's tables have columns of their own beside the one that the key names; a table with two of one name cannot be read. */
static gr_status check_column(const gr_config *config, const char *key, const char *column, const char *table,
                              const char *const *taken, gr_error *err)
{
    for (; column != NULL && *taken != NULL; taken++)
        if (strcmp(column, *taken) == 0)
            return gr_config_fail(config, key, err,
                                  "is %s, and so is a column of its own in a run's %s; another name for the manifest's "
                                  "column would be right",
                                  column, table);
    return GR_OK;
}

static gr_status check_group(const gr_config *config, gr_error *err)
{
    static const char *const taken[] = {"image", "fold", "label", "predicted", "part", NULL};
    return check_column(config, "data.group", config->data.group, "predictions.csv or splits.csv", taken, err);
}

static gr_status check_average_over(const gr_config *config, gr_error *err)
{
    static const char *const taken[] = {"image", "fold", "label", "predicted", "images", NULL};
    return check_column(config, "evaluate.average_over", config->evaluate.average_over, "predictions_averaged.csv", taken, err);
}

static gr_status check_drawn(const gr_config *config, const char *key, const char *by, gr_error *err)
{
    return strcmp(by, "group") != 0 || config->data.group
               ? GR_OK
               : gr_config_fail(config, key, err,
                                "is group, but data.group names no column; name it, or image would be right");
}

static gr_status check_bootstrap(const gr_config *config, gr_error *err)
{
    return check_drawn(config, "evaluate.bootstrap.by", config->evaluate.bootstrap.by, err);
}

static gr_status check_permutation(const gr_config *config, gr_error *err)
{
    return check_drawn(config, "evaluate.permutation.by", config->evaluate.permutation.by, err);
}

static gr_status check_prsc(const gr_config *config, gr_error *err)
{
    if (config->loss.prsc.lambda > 0 && strcmp(config->model.head, "painseeker") != 0)
        return gr_config_fail(config, "loss.prsc.lambda", err,
                              "is above 0, but PRSC needs model.head painseeker and the head is %.40s; set one or the other",
                              config->model.head);
    return GR_OK;
}

static gr_status check_layers(const gr_config *config, gr_error *err)
{
    bool named = strcmp(config->model.backbone, "layers") == 0;
    if (config->model.layers && !named)
        return gr_config_fail(config, "model.layers", err,
                              "is a network of its own, but model.backbone is %.40s; leave one of them out (or model.backbone "
                              "layers)", config->model.backbone);
    if (named && !config->model.layers)
        return gr_config_fail(config, "model.backbone", err, "is layers, but there is no model.layers, the list of them");
    return GR_OK;
}

static gr_status check_nesterov(const gr_config *config, gr_error *err)
{
    if (strcmp(config->optimizer.name, "sgd") == 0 && config->optimizer.nesterov &&
        (config->optimizer.momentum == 0 || config->optimizer.dampening != 0))
        return gr_config_fail(config, "optimizer.nesterov", err,
                              "needs optimizer.momentum above 0 and optimizer.dampening 0");
    return GR_OK;
}

static gr_status check_floor(const gr_config *config, gr_error *err)
{
    bool floor = strcmp(config->schedule.name, "cosine") == 0 || strcmp(config->schedule.name, "plateau") == 0;
    if (floor && config->schedule.min_lr > config->optimizer.lr)
        return gr_config_fail(config, "schedule.min_lr", err, "is above optimizer.lr, expected at most that");
    return GR_OK;
}

static gr_status check_distance(const gr_config *config, gr_error *err)
{
    const gr_ints *distance = &config->data.landmark_distance;
    if (distance->count == 1)
        return gr_config_fail(config, "data.landmark_distance", err, "names one landmark, two or none would be right");
    if (distance->count == 2 && distance->items[0] == distance->items[1])
        return gr_config_fail(config, "data.landmark_distance", err,
                              "names landmark %d twice, two different ones would be right", distance->items[0]);
    return GR_OK;
}

/* ---- all of them ----------------------------------------------------------------------------------------------------------- */

static const gr_config_rule own[] = {
    {check_channels, "data.image.channels"},
    {check_mean, "data.image.mean data.image.channels"},
    {check_std, "data.image.std data.image.channels"},
    {check_train_transforms, "data.train_transforms data.image.size"},
    {check_eval_transforms, "data.eval_transforms data.image.size"},
    {check_classes, "data.classes"},
    {check_positive, "data.positive data.classes"},
    {check_one_experiment, "experiment.cross experiment.labels"},
    {check_experiment_classes, "experiment.classes experiment.labels"},
    {check_threshold, "experiment.threshold experiment.labels"},
    {check_equal, "experiment.equal experiment.cross"},
    {check_cross, "experiment.cross data.group"},
    {check_group, "data.group"},
    {check_average_over, "evaluate.average_over"},
    {check_scheme, "split.scheme data.group"},
    {check_bootstrap, "evaluate.bootstrap.by data.group"},
    {check_permutation, "evaluate.permutation.by data.group"},
    {check_prsc, "loss.prsc.lambda model.head"},
    {check_layers, "model.layers model.backbone"},
    {check_nesterov, "optimizer.nesterov optimizer.name optimizer.momentum optimizer.dampening"},
    {check_floor, "schedule.min_lr schedule.name optimizer.lr"},
    {check_distance, "data.landmark_distance"},
};

static bool doubtful(const gr_config *config, const gr_config_rule *rule)
{
    for (const char *at = rule->keys; *at != '\0'; at += strspn(at, " ")) {
        char path[GR_KEY_PATH_ROOM];
        size_t length = strcspn(at, " ");
        snprintf(path, sizeof path, "%.*s", (int)length, at);
        int index = gr_key_find(path);
        if (index >= 0 && config->source->origins[index].doubtful)
            return true;
        at += length;
    }
    return false;
}

/* The origin of the key in "PLACE: KEY: ..."; NULL: it is about none. */
static gr_config_origin *origin_of(const struct gr_config_source *source, const char *text)
{
    const char *key = strstr(text, ": ");
    char path[GR_KEY_PATH_ROOM];
    snprintf(path, sizeof path, "%.*s", key != NULL ? (int)strcspn(key + 2, ":") : 0, key != NULL ? key + 2 : "");
    int index = gr_key_find(path);
    return index >= 0 ? &source->origins[index] : NULL;
}

/* Takes note of what a rule says, and that its key is not what the user meant: rules behind it would only say it again. */
static bool note(const struct gr_config_source *source, gr_config_errors *errors, const char *text)
{
    gr_config_origin *origin = origin_of(source, text);
    if (origin != NULL)
        origin->doubtful = true;
    return gr_config_errors_add(errors, source->arena, source->file, origin != NULL ? origin->layer : 0, text);
}

static gr_status check_all(const gr_config *config, const gr_config_rule *rules, int count, gr_config_errors *errors,
                           gr_error *err)
{
    const struct gr_config_source *source = config->source;
    for (int i = 0; i < count && !gr_config_errors_full(errors); i++) {
        gr_error one = {0};
        if (errors->count > 0 && doubtful(config, &rules[i]))
            continue;
        gr_status status = rules[i].check(config, &one);
        if (status != GR_OK && status != GR_INVALID)
            return gr_fail(err, status, "%s", one.text);
        if (status == GR_INVALID && !note(source, errors, one.text))
            return gr_config_no_memory(config, err);
    }
    return GR_OK;
}

gr_status gr_config_check(const gr_config *config, const gr_config_rule *rules, int count, gr_config_errors *errors,
                          gr_error *err)
{
    gr_status status = check_all(config, own, (int)(sizeof own / sizeof own[0]), errors, err);
    if (status == GR_OK)
        status = check_all(config, gr_training_rules, gr_training_rule_count, errors, err);
    return status == GR_OK ? check_all(config, rules, count, errors, err) : status;
}
