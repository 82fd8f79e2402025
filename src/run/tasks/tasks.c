#include <math.h>
#include <string.h>

#include "config/config.h"
#include "learners/learner.h"
#include "learners/views.h"
#include "run/tasks/task.h"

#define TASK(task) &task,
static const gr_task *const tasks[] = {GR_TASKS(TASK)};
#undef TASK

const gr_task *gr_task_find(const char *name, bool several)
{
    const gr_task *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof tasks / sizeof tasks[0]; i++)
        if (strcmp(tasks[i]->target.task, name) == 0 && (several ? tasks[i]->several : tasks[i]->one))
            found = tasks[i];
    return found;
}

/* A task that does not learn several columns stands for itself: gr_task_check refuses it. */
const gr_task *gr_task_of(const gr_config *config)
{
    const gr_task *task = gr_task_find(config->task, config->data.labels.count > 0);
    return task != NULL ? task : gr_task_find(config->task, false);
}

static bool among(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

/* "mse or wing" in list[size]. */
static const char *list_of(const char *const *words, char *list, size_t size)
{
    int written = 0;
    for (int i = 0; words[i] != NULL && (size_t)written < size; i++)
        written += snprintf(list + written, size - (size_t)written, "%s%s",
                            i == 0                 ? ""
                            : words[i + 1] != NULL ? ", "
                                                   : " or ",
                            words[i]);
    return list;
}

/* "the head is linear", or for tasks that the head does not tell "the task is scores". */
static const char *subject(const gr_config *config, const char *before, char *text, size_t size)
{
    bool head = gr_task_of(config)->by_head;
    snprintf(text, size, "the %s%s%.40s", head ? "head " : "task ", before, head ? config->model.head : config->task);
    return text;
}

/* A number that epochs are judged by must be one of the task's. */
static gr_status check_watched(const gr_config *config, const char *key, const char *metric, gr_error *err)
{
    const gr_target *target = &gr_task_of(config)->target;
    const char *name = strchr(metric, '_') + 1;
    char text[80];
    bool has = strcmp(name, "loss") == 0 || (strcmp(name, "prsc") == 0 && !target->placed);
    if (target->correct != NULL)
        has = has || strcmp(name, "ce") == 0 || strcmp(name, "accuracy") == 0;
    for (int i = 0; !has && gr_starts_with(metric, "val_") && i < target->numbers; i++)
        has = strcmp(target->number(i), name) == 0;
    if (has)
        return GR_OK;
    return gr_config_fail(config, key, err, "is %s, which %s does not have; val_%s would be right", metric,
                          subject(config, "", text, sizeof text), target->correct != NULL ? "accuracy" : target->number(0));
}

static gr_status check_learner(const gr_config *config, gr_error *err)
{
    const gr_learner *learner = gr_learner_find(config->model.classic);
    char list[128];
    if (!gr_learner_takes(learner, config->task))
        return gr_config_fail(config, "task", err, "is %s, which model.classic %s cannot learn; %s would be right",
                              config->task, learner->name, list_of(learner->tasks, list, sizeof list));
    if (config->experiment.cross != NULL && learner->imageless != NULL)
        return gr_config_fail(config, "experiment.cross", err, "tests networks, and model.classic %s is none; null would be right",
                              learner->name);
    return GR_OK;
}

/* A key of tune.axes that has values; NULL: none has. */
static const char *tuned_axis(const gr_recipe_tune *tune)
{
    return tune->axes.trees.count > 0          ? "tune.axes.trees"
           : tune->axes.depth.count > 0        ? "tune.axes.depth"
           : !isnan(tune->axes.alpha[0])       ? "tune.axes.alpha"
           : !isnan(tune->axes.colsample[0])   ? "tune.axes.colsample"
           : !isnan(tune->axes.rate[0])        ? "tune.axes.rate"
           : !isnan(tune->axes.subsample[0])   ? "tune.axes.subsample"
                                               : NULL;
}

/* What would be passed over without a word. */
static gr_status check_used(const gr_config *config, gr_error *err)
{
    const gr_recipe_tune *tune = &config->tune;
    const char *axis = tuned_axis(tune);
    bool searched = strcmp(tune->search, "none") != 0;
    if (config->data.crop != NULL && config->data.features.backbone == NULL)
        return gr_config_fail(config, "data.crop", err, "cuts faces out of pictures, and model.classic %s reads none; null "
                              "would be right", config->model.classic);
    if (config->data.features.without.count > 0 && config->data.features.describe == NULL)
        return gr_config_fail(config, "data.features.without", err,
                              "leaves action units out of a set of descriptors, and data.features.describe names none; [] "
                              "would be right");
    if (!searched && axis != NULL)
        return gr_config_fail(config, axis, err,
                              "lists values to try, and tune.search is none: none would be tried; grid or random would be right");
    if (searched && axis == NULL)
        return gr_config_fail(config, "tune.search", err,
                              "is %s, but tune.axes has no values to try; such as {trees: [50, 100]}, or none, would be right",
                              tune->search);
    return GR_OK;
}

/* What only learners of numbers read. */
static gr_status check_numbers(const gr_config *config, gr_error *err)
{
    const char *key = config->data.features.columns.count > 0      ? "data.features.columns"
                      : config->data.features.describe != NULL     ? "data.features.describe"
                      : config->data.features.backbone != NULL     ? "data.features.backbone"
                      : config->data.features.without.count > 0    ? "data.features.without"
                      : strcmp(config->tune.search, "none") != 0   ? "tune.search"
                      : tuned_axis(&config->tune) != NULL          ? tuned_axis(&config->tune)
                      : strcmp(config->select.method, "none") != 0 ? "select.method"
                                                                   : NULL;
    if (gr_learner_find(config->model.classic)->imageless != NULL)
        return check_used(config, err);
    if (key == NULL)
        return GR_OK;
    return gr_config_fail(config, key, err, "is set, but model.classic %s reads images, not numbers; boosted would be right",
                          config->model.classic);
}

/* Landmarks that turn faces upright or are described, and a run that finds them. */
static gr_status check_chain(const gr_config *config, gr_error *err)
{
    const gr_recipe_data *d = &config->data;
    const char *key = d->align != NULL ? "data.align" : d->align_to != NULL ? "data.align_to" : NULL;
    if (d->align != NULL && d->align_to != NULL)
        return gr_config_fail(config, "data.align_to", err, "is set, and data.align too; one of them is right");
    if (key != NULL && d->crop != NULL)
        return gr_config_fail(config, key, err,
                              "cuts faces by their landmarks, and data.crop by a detector; one of them is right, and data.crop in "
                              "the config of data.landmarks_from cuts what that run sees");
    if (key != NULL && gr_learner_find(config->model.classic)->imageless != NULL)
        return gr_config_fail(config, key, err, "turns faces upright for networks and lbp_svm, and model.classic is %s; null would "
                              "be right", config->model.classic);
    if (d->landmarks_from != NULL && key == NULL && d->features.describe == NULL)
        return gr_config_fail(config, "data.landmarks_from", err,
                              "finds landmarks for data.align or data.features.describe, and neither is set; null would be right");
    if (config->experiment.cross != NULL && (key != NULL || d->landmarks_from != NULL))
        return gr_config_fail(config, "experiment.cross", err, "tests each model on the others' images as they are, and %s is set; "
                              "null would be right", key != NULL ? key : "data.landmarks_from");
    return GR_OK;
}

static gr_status check_pretrained(const gr_config *config, gr_error *err)
{
    if (!gr_learner_find(config->model.classic)->network && config->data.features.backbone == NULL &&
        config->model.pretrained != NULL)
        return gr_config_fail(config, "model.pretrained", err, "names weights, but model.classic %s has none to begin with",
                              config->model.classic);
    return GR_OK;
}

static gr_status check_head(const gr_config *config, gr_error *err)
{
    const char *heads[GR_HEADS_MAX + 1];
    char list[128];
    if (gr_learner_find(config->model.classic)->network && !gr_heads_of(config->task, config->model.head, heads))
        return gr_config_fail(config, "model.head", err, "is %.40s, but the task is %s; %s would be right",
                              config->model.head, config->task, list_of(heads, list, sizeof list));
    return GR_OK;
}

static gr_status check_loss(const gr_config *config, gr_error *err)
{
    const char *const *losses = gr_task_losses(config->task);
    char list[128], text[80];
    if (!among(config->loss.name, losses))
        return gr_config_fail(config, "loss.name", err, "is %s, but %s; %s would be right", config->loss.name,
                              subject(config, "is ", text, sizeof text), list_of(losses, list, sizeof list));
    return GR_OK;
}

static gr_status check_labels(const gr_config *config, gr_error *err)
{
    const gr_strings *labels = &config->data.labels;
    if (labels->count > 0 && !gr_task_of(config)->several)
        return gr_config_fail(config, "data.labels", err,
                              "names columns to be learnt at once, and the task is %s; classes or scores "
                              "would be right, or [] with data.label",
                              config->task);
    for (int i = 0; i < labels->count; i++) {
        if (strcmp(labels->items[i], "total") == 0)
            return gr_config_fail(config, "data.labels", err,
                                  "names a column \"total\", which is what their sum is called; another "
                                  "name for the column would be right");
        for (int j = 0; j < i; j++)
            if (strcmp(labels->items[i], labels->items[j]) == 0)
                return gr_config_fail(config, "data.labels", err, "has \"%.80s\" twice", labels->items[i]);
    }
    if (labels->count > 0 && config->experiment.labels.count > 0)
        return gr_config_fail(config, "data.labels", err,
                              "is there beside experiment.labels, which trains a network for each column; "
                              "one of them would be right");
    return GR_OK;
}

static gr_status check_range(const gr_config *config, gr_error *err)
{
    const double *range = config->data.range;
    if (!isnan(range[0]) && !gr_task_of(config)->ranged)
        return gr_config_fail(config, "data.range", err,
                              "is the scale of scores, and the task is %s; null would be right, or task "
                              "scores",
                              config->task);
    if (!isnan(range[0]) && !(range[0] < range[1]))
        return gr_config_fail(config, "data.range", err, "does not rise, [lo, hi] with lo below hi would be right");
    return GR_OK;
}

static gr_status check_listed(const gr_config *config, gr_error *err)
{
    if (gr_task_of(config)->ranged && config->data.classes.count > 0 && config->experiment.labels.count == 0)
        return gr_config_fail(config, "data.classes", err,
                              "lists classes, and the task is scores; [] would be right, or task classes "
                              "or ordinal");
    return GR_OK;
}

static gr_status check_study(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    bool labels = config->experiment.labels.count > 0;
    char text[80];
    if ((labels && !task->labels) || (config->experiment.cross != NULL && !task->cross))
        return gr_config_fail(config, labels ? "experiment.labels" : "experiment.cross", err,
                              "needs a network of classes, %s", subject(config, "is ", text, sizeof text));
    if (labels && task->choose == NULL && config->experiment.classes.count > 0)
        return gr_config_fail(config, "experiment.classes", err, "lists classes, and the task is %s; [] would be right",
                              config->task);
    return GR_OK;
}

static gr_status check_stopping(const gr_config *config, gr_error *err)
{
    const char *metric = config->train.early_stopping.metric;
    return metric != NULL ? check_watched(config, "train.early_stopping.metric", metric, err) : GR_OK;
}

static gr_status check_keeping(const gr_config *config, gr_error *err)
{
    return strcmp(config->train.keep, "best") == 0
               ? check_watched(config, "train.keep_metric", config->train.keep_metric, err)
               : GR_OK;
}

static gr_status check_own(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    return task->check != NULL ? task->check(config, err) : GR_OK;
}

/* ---- what not every task has ----------------------------------------------------------------------------------------------- */

/* "the task is scores", or that there are several columns of classes. */
static const char *what_it_is(const gr_config *config, char *text, size_t size)
{
    const gr_task *task = gr_task_of(config);
    if (config->data.labels.count > 0 && task->choose == NULL && !task->ranged)
        return "data.labels names several columns";
    return subject(config, "is ", text, size);
}

static gr_status check_balance(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    if (task->choose != NULL || strcmp(config->data.balance, "none") == 0)
        return GR_OK;
    if (config->data.labels.count > 0 && !task->ranged)
        return gr_config_fail(config, "data.balance", err,
                              "is %s, but data.labels names several columns of labels; none would be right",
                              config->data.balance);
    return gr_config_fail(config, "data.balance", err, "is %s, but %s have no classes; none would be right",
                          config->data.balance, config->task);
}

/* `key` asks for something that the task does not have (`has`), in the words `what`; `off` would be right. */
static gr_status check_has(const gr_config *config, bool has, const char *key, const char *what, const char *off,
                           gr_error *err)
{
    char text[80];
    return has ? GR_OK
               : gr_config_fail(config, key, err, "%s, and %s; %s would be right", what,
                                what_it_is(config, text, sizeof text), off);
}

static gr_status check_bootstrap(const gr_config *config, gr_error *err)
{
    return check_has(config, config->evaluate.bootstrap.count == 0 || gr_task_of(config)->drawn, "evaluate.bootstrap.count",
                     "is of classes", "0", err);
}

static gr_status check_permutation(const gr_config *config, gr_error *err)
{
    return check_has(config, config->evaluate.permutation.count == 0 || gr_task_of(config)->drawn,
                     "evaluate.permutation.count", "is of classes", "0", err);
}

static gr_status check_average(const gr_config *config, gr_error *err)
{
    return check_has(config, config->evaluate.average_over == NULL || gr_task_of(config)->averaged, "evaluate.average_over",
                     "averages probabilities", "null", err);
}

static gr_status check_calibrate(const gr_config *config, gr_error *err)
{
    return check_has(config, strcmp(config->evaluate.calibrate, "none") == 0 || gr_task_of(config)->choose != NULL,
                     "evaluate.calibrate", "maps probabilities of one column of classes", "none", err);
}

static gr_status check_aux(const gr_config *config, gr_error *err)
{
    return check_has(config, !config->model.aux || gr_task_of(config)->choose != NULL, "model.aux",
                     "is an auxiliary classifier", "false", err);
}

/* ---- all of them ----------------------------------------------------------------------------------------------------------- */

/* What lies in an image would have to be turned back; what is no network reads other pixels. */
static gr_status check_tta(const gr_config *config, gr_error *err)
{
    const gr_strings *tta = &config->evaluate.tta;
    gr_text names = {0};
    for (int i = 0; gr_view_name(i, NULL) != NULL; i++)
        gr_text_printf(&names, "%s%s", i > 0 ? ", " : "", gr_view_name(i, NULL));
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < tta->count; i++) {
        if (gr_view_find(tta->items[i]) < 0)
            status = gr_config_fail(config, "evaluate.tta", err, "knows no view \"%.40s\", some of %s would be right",
                                    tta->items[i], names.data != NULL ? names.data : "");
        for (int k = 0; status == GR_OK && k < i; k++)
            if (strcmp(tta->items[i], tta->items[k]) == 0)
                status = gr_config_fail(config, "evaluate.tta", err, "names %s twice, once would be right", tta->items[i]);
    }
    gr_text_free(&names);
    if (status != GR_OK || tta->count == 0)
        return status;
    status = check_has(config, !gr_task_of(config)->target.placed, "evaluate.tta", "averages classes or scores", "[]", err);
    if (status == GR_OK && strcmp(config->model.classic, "none") != 0)
        status = gr_config_fail(config, "evaluate.tta", err,
                                "is for networks, and model.classic is %s; [] or another learner would be right",
                                config->model.classic);
    return status;
}

/* The task of a config follows from the first two keys, its learner from the third. */
#define TASK "task model.head model.classic"

static const gr_config_rule rules[] = {
    {check_study, TASK " experiment.labels experiment.classes experiment.cross"},
    {check_labels, TASK " data.labels experiment.labels"},
    {check_range, TASK " data.range"},
    {check_listed, TASK " data.classes experiment.labels"},
    {check_learner, TASK " experiment.cross"},
    {check_numbers, "data.features.columns data.features.describe data.features.backbone data.features.without "
                    "tune.search tune.axes.trees "
                    "tune.axes.depth tune.axes.alpha tune.axes.colsample tune.axes.rate tune.axes.subsample select.method "
                    "model.classic data.crop"},
    {check_chain, "data.align data.align_to data.landmarks_from data.crop data.features.describe model.classic experiment.cross"},
    {check_pretrained, "model.pretrained model.classic data.features.backbone"},
    {check_head, TASK},
    {check_loss, TASK " loss.name"},
    {check_stopping, TASK " train.early_stopping.metric"},
    {check_keeping, TASK " train.keep train.keep_metric"},
    {check_own, TASK " data.train_transforms data.eval_transforms data.landmark_flip data.landmark_distance data.landmark_units "
                     "data.boxes data.crop data.align data.align_to data.classes experiment.classes"},
    {check_balance, TASK " data.balance data.labels"},
    {check_bootstrap, TASK " evaluate.bootstrap.count data.labels"},
    {check_permutation, TASK " evaluate.permutation.count data.labels"},
    {check_average, TASK " evaluate.average_over data.labels"},
    {check_calibrate, TASK " evaluate.calibrate data.labels"},
    {check_tta, TASK " evaluate.tta"},
    {check_aux, TASK " model.aux data.labels"},
};
enum { RULES = sizeof rules / sizeof rules[0] };

gr_status gr_task_check(const gr_config *config, gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < RULES; i++)
        status = rules[i].check(config, err);
    return status;
}

gr_status gr_task_load(const char *path, const char *const *overrides, int count,
                       void (*report)(void *ctx, const char *sentence), void *ctx, gr_config **config, gr_error *err)
{
    return gr_config_load_checked(path, overrides, count, rules, RULES, report, ctx, config, err);
}
